using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;
using Ieum.Record.Store;

namespace Ieum.Record.Query;

/// <summary>
/// All samples of a signal in a time span, by source time, samples of one time in order of arrival. Reads a block
/// at a time; only blocks that overlap each other in time are held together, so memory stays small over years.
/// </summary>
internal sealed class RangeReader(RecordState state, BlockShelf shelf, SignalNumber signal, long from, long to)
{
    /// <summary>Runs of sorted samples, in order; each is valid until the next is asked for.</summary>
    public IEnumerable<SampleColumns> Runs()
    {
        var session = shelf.Lend();
        try
        {
            foreach (var run in Merged(session)) yield return run;
        }
        finally
        {
            shelf.Return(session);
        }
    }

    private IEnumerable<SampleColumns> Merged(ReadSession session)
    {
        var (places, open) = state.Find(session, signal, from, to);
        var held = new Held(new(), []);       // not yet given out: later blocks may begin before its end
        var ready = new SampleColumns();
        using var sources = Sources(session, places, open).GetEnumerator();
        var more = sources.MoveNext();
        while (more)
        {
            var (start, arrival, read) = sources.Current;
            // Everything before the start of the next source is final.
            var final = held.Samples.FirstAtOrAfter(start);
            if (final > 0)
            {
                ready.Clear();
                ready.AddRange(held.Samples, 0, final);
                yield return ready;
            }
            var samples = read(ready) ?? new();
            more = sources.MoveNext();
            if (final == held.Samples.Count && samples.Count > 0 && (!more || samples.Source[samples.Count - 1] < sources.Current.Start))
            {
                // The usual case: nothing is held, and the next source begins later. Nothing needs to be copied.
                held = new(new(), []);
                yield return samples;
                continue;
            }
            held = Merge(held, final, samples, arrival);
            if (ReferenceEquals(held.Samples, ready)) ready = new();
        }
        if (held.Samples.Count > 0) yield return held.Samples;
    }

    /// <summary>Sorted samples, and for each the arrival of the block it came from.</summary>
    private readonly record struct Held(SampleColumns Samples, long[] Arrivals);

    /// <summary>Blocks and open samples by their first source time; blocks are read only when their turn comes.</summary>
    private IEnumerable<(long Start, long Arrival, Func<SampleColumns, SampleColumns?> Read)> Sources(ReadSession session, List<BlockPlace> places, SampleColumns? open)
    {
        var openStart = open is null ? long.MaxValue : Math.Max(open.Source[0], from);
        foreach (var place in places)
        {
            if (open is not null && openStart < place.Start)
            {
                var first = open;
                open = null;
                yield return (openStart, long.MaxValue, _ => Cut(first));
            }
            yield return (place.Start, place.Id, into => shelf.TryRead(session, signal, place, into) ? Cut(into) : null);
        }
        if (open is not null) yield return (openStart, long.MaxValue, _ => Cut(open));
    }

    /// <summary>Takes away what lies outside the span, in place: blocks are read into columns of this reader, and open samples are a copy.</summary>
    private SampleColumns Cut(SampleColumns samples)
    {
        var first = samples.FirstAtOrAfter(from);
        var count = samples.FirstAtOrAfter(to) - first;
        if (first > 0 && count > 0) samples.CopyOver(samples, first, 0, count);
        samples.Count = count;
        return samples;
    }

    private static Held Merge(Held left, int start, SampleColumns right, long arrival)
    {
        var (samples, arrivals) = left;
        var merged = right;
        var mergedArrivals = new long[samples.Count - start + right.Count];
        if (start == samples.Count)
        {
            mergedArrivals.AsSpan().Fill(arrival);
            return new(merged, mergedArrivals);
        }
        merged = new SampleColumns();
        merged.EnsureCapacity(mergedArrivals.Length);
        int l = start, r = 0;
        while (l < samples.Count || r < right.Count)
        {
            var fromLeft = r == right.Count || (l < samples.Count
                && (samples.Source[l] < right.Source[r] || (samples.Source[l] == right.Source[r] && arrivals[l] <= arrival)));
            mergedArrivals[merged.Count] = fromLeft ? arrivals[l] : arrival;
            if (fromLeft) merged.Add(samples, l++); else merged.Add(right, r++);
        }
        return new(merged, mergedArrivals);
    }
}
