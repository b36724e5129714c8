using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Tells how far a counterpart's clock is off, from the times on fresh samples.</summary>
/// <remarks>
/// A sample is received after it happened, never before, so <c>source − receive</c> is the skew minus a delay that is
/// never negative. The largest of the last observations therefore lies nearest to the truth; the third largest of 32 is
/// taken, so that two single wrong stamps cannot move it. Feed the newest sample of each delivery of fresh data, never snapshots.
/// </remarks>
internal sealed class SkewEstimator(TimeProvider factory)
{
    private const int Window = 32, Needed = 5, Outliers = 2;
    private readonly long[] _seen = new long[Window];
    private int _count;

    /// <summary>Beyond this the skew is told. 2 s; more in a scenario that runs fast, where half a wire second of delay is minutes.</summary>
    public TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(Math.Max(2, factory is ScenarioClock s ? 0.5 * s.Speed : 0));

    /// <summary>Beyond this the times are useless for ordering across machines: samples become <see cref="Quality.Uncertain"/>.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Source clock minus node clock; null until <c>5</c> observations.</summary>
    public TimeSpan? Skew { get; private set; }

    public bool IsTolerable => Skew is not { } skew || skew.Duration() <= Tolerance;
    public bool IsUncertain => Skew is { } skew && skew.Duration() > Limit;

    public void Observe(long sourceTicks, long receiveTicks)
    {
        _seen[_count++ % Window] = sourceTicks - receiveTicks;
        if (_count < Needed) return;
        Span<long> sorted = stackalloc long[Window];
        var n = Math.Min(_count, Window);
        _seen.AsSpan(0, n).CopyTo(sorted);
        sorted[..n].Sort();
        Skew = TimeSpan.FromTicks(sorted[n - 1 - Outliers]);
    }

    /// <summary>The peer may be another one now; what was seen does not count any more.</summary>
    public void Reset() => (_count, Skew) = (0, null);
}
