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
    private string? _place;
    private long _firstAt, _placedAt;

    /// <summary>How long a place that moved without samples may wait.</summary>
    private static readonly TimeSpan PlaceEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where the source would go on after a restart if everything added so far were durable; set it after the samples it
    /// covers, between two flushes. It travels with the last batch of the flush, alone at most every five seconds.
    /// </summary>
    public string? Place
    {
        get;
        set
        {
            if (field != value) _place = field = value;
        }
    }

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

    /// <summary>Hands over a place ahead of the samples that wait: after a restart it must be known before anything that came later is.</summary>
    public async ValueTask LeadAsync(string place, CancellationToken cancel)
    {
        Place = place;
        (_place, _placedAt) = (null, wire.GetTimestamp());
        await sink.WriteAsync(new(settings.Source, settings.Machine, default) { Place = place }, cancel).ConfigureAwait(false);
    }

    /// <summary>Hands over what waits. When it is cancelled, what was not taken waits again: a source that is stopped flushes once more, without a limit.</summary>
    /// <param name="isAwaited">A sender stands still until it is durable.</param>
    public async ValueTask FlushAsync(CancellationToken cancel, bool isAwaited = false)
    {
        var place = _place;
        if (!HasPending && (place is null || (_placedAt != 0 && wire.GetElapsedTime(_placedAt) < PlaceEvery))) return;
        if (place is not null) (_place, _placedAt) = (null, wire.GetTimestamp());
        var (samples, count, gaps) = (_samples, Count, _gaps);
        (_samples, Count, _gaps) = (new Sample[Math.Clamp(count, 64, Most)], 0, null);
        var at = 0;
        do
        {
            var part = samples.AsMemory(at, Math.Min(Most, count - at));
            var batch = new SampleBatch(settings.Source, settings.Machine, part, gaps ?? (IReadOnlyList<Gap>)[]) { IsAwaited = isAwaited };
            try
            {
                await sink.WriteAsync(at + part.Length == count && place is not null ? batch with { Place = place } : batch, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                (_samples, Count, _gaps, _place) = (samples[at..count], count - at, gaps, _place ?? place);
                if (_samples.Length == 0) _samples = new Sample[64];
                throw;
            }
            at += part.Length;
            gaps = null;
        } while (at < count);
    }
}
