using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Gathers samples of one source into batches: at most 1,000 samples, at most 100 ms old (wire time).</summary>
/// <remarks>
/// Not thread-safe: the source's loop owns it. Handing over waits for the sink, so a full queue slows the socket down.
/// An array that was handed over is never written again.
/// </remarks>
internal sealed class SampleBatcher(ConnectionSettings settings, ISampleSink sink, SourceHealthTracker health, TimeProvider wire)
{
    public const int Most = 1000;
    public static TimeSpan Oldest { get; } = TimeSpan.FromMilliseconds(100);

    private Sample[] _samples = new Sample[64];
    private List<Gap>? _gaps;
    private long _firstAt;

    public int Count { get; private set; }
    public bool HasPending => Count > 0 || _gaps is not null;

    /// <summary>How long the reader may wait before it must flush; zero when it is due.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = Oldest - wire.GetElapsedTime(_firstAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool IsDue => Count >= Most || (HasPending && Remaining == TimeSpan.Zero);

    /// <summary>Adds one sample. The caller flushes when <see cref="IsDue"/>; between two looks the batch may grow beyond 1,000 and is cut on flushing.</summary>
    public void Add(in Sample sample)
    {
        if (!HasPending) _firstAt = wire.GetTimestamp();
        if (Count == _samples.Length) Array.Resize(ref _samples, Count * 2);
        _samples[Count++] = sample;
    }

    /// <summary>Adds a gap; it travels with the samples around it and counts in the health.</summary>
    public void Add(Gap gap)
    {
        if (!HasPending) _firstAt = wire.GetTimestamp();
        (_gaps ??= []).Add(gap);
        health.Gap(gap);
    }

    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (!HasPending) return;
        var (samples, count, gaps) = (_samples, Count, _gaps);
        (_samples, Count, _gaps) = (new Sample[Math.Clamp(count, 64, Most)], 0, null);
        for (var at = 0; at < count || gaps is not null; at += Most)
        {
            var part = samples.AsMemory(at, Math.Min(Most, count - at));
            await sink.WriteAsync(new(settings.Source, settings.Machine, part, gaps ?? (IReadOnlyList<Gap>)[]), cancel).ConfigureAwait(false);
            gaps = null;
        }
    }
}
