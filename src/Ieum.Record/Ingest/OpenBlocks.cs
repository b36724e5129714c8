using Ieum.Model;
using Ieum.Record.Blocks;

namespace Ieum.Record.Ingest;

/// <summary>
/// Samples that are durable in the tail but not yet in a block, per signal in order of arrival.
/// Only the writer changes it, under the recorder's state lock; readers copy under the same lock.
/// </summary>
internal sealed class OpenBlocks(int blockSamples)
{
    private SampleColumns?[] _signals = new SampleColumns?[256];

    public long Count { get; private set; }
    /// <summary>Samples that would fill whole blocks.</summary>
    public long Full { get; private set; }

    public void Clear()
    {
        Array.Clear(_signals);
        (Count, Full) = (0, 0);
    }

    public void Add(in Sample sample)
    {
        var open = Of(sample.Signal.Value);
        open.Add(sample);
        Count++;
        if (open.Count % blockSamples == 0) Full += blockSamples;
    }

    public void Add(int signal, SampleColumns from, int i)
    {
        var open = Of(signal);
        open.Add(from, i);
        Count++;
        if (open.Count % blockSamples == 0) Full += blockSamples;
    }

    /// <summary>A view of what is open now, by signal. The arrays are only ever appended to, so the view stays as it is.</summary>
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

    /// <summary>The first <paramref name="viewed"/> samples went into blocks except <paramref name="left"/>; newer ones stay.</summary>
    public void Replace(int signal, int viewed, SampleColumns left)
    {
        var open = _signals[signal]!;
        Full -= open.Count / blockSamples * blockSamples;
        Count -= viewed - left.Count;
        var fresh = new SampleColumns();
        fresh.AddRange(left, 0, left.Count);
        fresh.AddRange(open, viewed, open.Count - viewed);
        Full += fresh.Count / blockSamples * blockSamples;
        _signals[signal] = fresh;
    }

    private static SampleColumns ViewOf(SampleColumns open) => new()
    {
        Source = open.Source, Receive = open.Receive, Bits = open.Bits, Kind = open.Kind, Quality = open.Quality, Text = open.Text, Count = open.Count,
    };

    private SampleColumns Of(int signal)
    {
        if (signal >= _signals.Length) Array.Resize(ref _signals, Math.Max(signal + 1, _signals.Length * 2));
        return _signals[signal] ??= new();
    }
}
