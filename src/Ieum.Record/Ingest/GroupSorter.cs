using System.Runtime.CompilerServices;
using Ieum.Record.Blocks;

namespace Ieum.Record.Ingest;

/// <summary>
/// Puts the samples of a group side by side by signal; those of one signal stay in order of arrival, and that is all that counts later.
/// Then columns of the tail hardly change from sample to sample, and open samples are copied by stretches. Counts and places: no comparison.
/// </summary>
internal sealed class GroupSorter
{
    private int[] _places = new int[1024];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(SampleColumns group, List<PendingBatch> batches)
    {
        int total = 0, highest = 0;
        foreach (var batch in batches)
        {
            total += batch.Accepted.Length;
            foreach (ref readonly var sample in batch.Accepted.Span) highest = Math.Max(highest, sample.Signal.Value);
        }
        if (_places.Length <= highest) _places = new int[Math.Max(highest + 1, _places.Length * 2)];
        var places = _places.AsSpan(0, highest + 1);
        places.Clear();
        foreach (var batch in batches)
            foreach (ref readonly var sample in batch.Accepted.Span) places[sample.Signal.Value]++;
        var at = 0;
        group.EnsureCapacity(total);
        var signals = group.Signal.AsSpan();
        for (var s = 0; s < places.Length; s++)
        {
            var count = places[s];
            if (count == 0) continue;
            signals.Slice(at, count).Fill(s);
            places[s] = at;
            at += count;
        }
        foreach (var batch in batches)
            foreach (ref readonly var sample in batch.Accepted.Span) group.Put(places[sample.Signal.Value]++, sample);
        group.Count = total;
    }
}
