namespace Ieum.Model;

/// <summary>A factory clock that starts at a chosen instant and runs at a chosen speed over another clock.</summary>
/// <remarks>
/// Every process of a town is given the same start, speed and origin, so all of them read the same scenario time
/// without exchanging a message. Timers are scaled: a 60 s timer at speed 120 fires after half a real second.
/// </remarks>
public sealed class ScenarioClock : TimeProvider
{
    private readonly TimeProvider _real;

    /// <param name="start">Scenario time at <paramref name="origin"/>.</param>
    /// <param name="speed">Scenario seconds per real second; greater than 0, at most 100,000.</param>
    /// <param name="origin">The real instant at which the scenario began; may lie in the past or in the near future.</param>
    /// <param name="real">The clock underneath.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="speed"/> lies outside its range.</exception>
    public ScenarioClock(DateTimeOffset start, double speed, DateTimeOffset origin, TimeProvider real)
    {
        ArgumentNullException.ThrowIfNull(real);
        if (!(speed > 0 && speed <= 100_000))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "The scenario speed lies above 0 and at most at 100,000.");
        (Start, Speed, Origin, _real) = (start, speed, origin, real);
    }

    public DateTimeOffset Start { get; }
    public double Speed { get; }
    public DateTimeOffset Origin { get; }

    /// <summary>The zone of the scenario's start, so that "local" means the town's time (UTC+9 in both countries).</summary>
    public override TimeZoneInfo LocalTimeZone => Start.Offset == TimeSpan.Zero
        ? TimeZoneInfo.Utc
        : TimeZoneInfo.CreateCustomTimeZone($"UTC{Start.Offset}", Start.Offset, null, null);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (GetUtcNow() - Start).Ticks;

    public override DateTimeOffset GetUtcNow() =>
        (Start + (_real.GetUtcNow() - Origin) * Speed).ToUniversalTime();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(_real.CreateTimer(callback, state, Scale(dueTime), Scale(period)), Scale);

    /// <summary>How long a stretch of scenario time takes in real time.</summary>
    public TimeSpan Scale(TimeSpan scenario)
    {
        if (scenario == Timeout.InfiniteTimeSpan || scenario == TimeSpan.Zero) return scenario;
        var real = scenario / Speed;
        // A timer that rounds to zero would fire in a tight loop.
        return real < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : real;
    }

    private sealed class ScaledTimer(ITimer inner, Func<TimeSpan, TimeSpan> scale) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(scale(dueTime), scale(period));
        public void Dispose() => inner.Dispose();
        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
