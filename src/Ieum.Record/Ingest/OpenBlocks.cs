using Ieum.Model;
using Ieum.Record.Blocks;

namespace Ieum.Record.Ingest;

/// <summary>
/// Samples that are durable in the tail but not yet in a block, per signal in order of arrival.
/// Only the writer changes it, under the recorder's state lock; readers copy under the same lock.
/// </summary>
/// <param name="room">Places that may stay reserved although they are empty; above it arrays that became mostly empty are made smaller.</param>
internal sealed class OpenBlocks(int blockSamples, long room)
{
    private const int SmallCapacity = 4096;

    private SampleColumns?[] _signals = new SampleColumns?[256];
    private int[] _untilFull = new int[256];
    private long _reserved;

    public long Count { get; private set; }
    /// <summary>Samples that would fill whole blocks.</summary>
    public long Full { get; private set; }

    public void Clear()
    {
        Array.Clear(_signals);
        Array.Clear(_untilFull);
        (Count, Full, _reserved) = (0, 0, 0);
    }

    public void Add(int signal, SampleColumns from, int start, int count)
    {
        if (signal >= _signals.Length) Grow(signal);
        var open = _signals[signal] ??= new();
        _reserved -= open.Source.Length;
        open.AddRange(from, start, count);
        _reserved += open.Source.Length;
        Count += count;
        // A countdown instead of a division; 0: not begun.
        ref var until = ref _untilFull[signal];
        if (until == 0) until = blockSamples;
        for (until -= count; until <= 0; until += blockSamples) Full += blockSamples;
    }

    /// <summary>A view of what is open now, by signal. Until <see cref="Replace"/> the arrays are only appended to, so the view stays as it is.</summary>
    public List<(int Signal, SampleColumns Columns)> View()
    {
        List<(int, SampleColumns)> view = [];
        for (var s = 0; s < _signals.Length; s++)
            if (_signals[s] is { Count: > 0 } open) view.Add((s, ViewOf(open)));
        return view;
    }

    /// <summary>A copy, sorted by source time; null when nothing is open.</summary>
    public SampleColumns? CopyOf(SignalNumber signal)
    {
        if (signal.Value < 0 || signal.Value >= _signals.Length || _signals[signal.Value] is not { Count: > 0 } open) return null;
        var copy = new SampleColumns();
        copy.AddRange(open, 0, open.Count);
        return copy.Sorted();
    }

    /// <summary>Samples went into blocks; newer ones stay. In place: nobody but the writer holds a view by now.</summary>
    public void Replace(StillOpen left)
    {
        var open = _signals[left.Signal]!;
        Full -= open.Count / blockSamples * blockSamples;
        Count -= left.Dropped;
        if (left.Sorted is { } sorted) open.CopyOver(sorted, left.Dropped, 0, left.Viewed - left.Dropped);
        var kept = left.Sorted is null ? left.Dropped : left.Viewed;
        open.CopyOver(open, kept, left.Sorted is null ? 0 : left.Viewed - left.Dropped, open.Count - kept);
        open.Count -= left.Dropped;
        _reserved -= open.Source.Length;
        if (_reserved > room) open.Shrink(SmallCapacity);
        _reserved += open.Source.Length;
        Full += open.Count / blockSamples * blockSamples;
        _untilFull[left.Signal] = blockSamples - open.Count % blockSamples;
    }

    private static SampleColumns ViewOf(SampleColumns open) => new()
    {
        Source = open.Source, Receive = open.Receive, Bits = open.Bits, Kind = open.Kind, Quality = open.Quality, Text = open.Text, Count = open.Count,
    };

    private void Grow(int signal)
    {
        var size = Math.Max(signal + 1, _signals.Length * 2);
        Array.Resize(ref _signals, size);
        Array.Resize(ref _untilFull, size);
    }
}
