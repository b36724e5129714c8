using Ieum.Record.Blocks;
using Ieum.Record.Ingest;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Ieum.Model;

namespace Ieum.Record.Tend;

/// <summary>
/// Upkeep beside the writer, in pieces of bounded size: makes sums of finished hours, merges small and overlapping blocks into large
/// ones, drops what is older than it is kept. One piece at a time; the writer commits it. Sums and merging take turns, and so do the
/// signals of each: during an import something is always due, and nothing may wait for the end of it.
/// </summary>
internal sealed class Tender(RecordState state, BlockShelf shelf, RecordOptions options, Clocks clocks, BlockCodec codec)
{
    /// <summary>Samples that one piece looks at, about; a block more at most.</summary>
    private const int PieceSamples = 1_000_000;
    private const int PieceSignals = 256, GroupBlocks = 64, DropBlocks = 512, Growth = 4;

    private readonly IReadOnlyList<Tier> _kept = Tiers.Kept(options);
    private readonly HashSet<int> _unmerged = [];
    private readonly Dictionary<int, long> _meanwhile = [];
    private readonly Lock _gate = new();
    // Of one merge after the other: a megabyte or two that need not be asked for anew each time.
    private SampleColumns _all = new(), _block = new();
    private long _forgotten;
    private int _next, _lastMerged;
    private bool _mergeFirst;

    public IReadOnlyList<Tier> Kept => _kept;

    /// <summary>These signals may have blocks to merge.</summary>
    public void Opened(IEnumerable<int> signals)
    {
        lock (_gate) _unmerged.UnionWith(signals);
    }

    /// <summary>Blocks of these signals are new or late; in ticks from when on.</summary>
    public void Sealed(IEnumerable<(int Signal, long Start)> blocks)
    {
        lock (_gate)
            foreach (var (signal, start) in blocks)
            {
                _unmerged.Add(signal);
                _meanwhile[signal] = Math.Min(start, _meanwhile.GetValueOrDefault(signal, long.MaxValue));
            }
    }

    /// <summary>A piece is going to be made: from now on it is kept what it cannot have seen.</summary>
    public void Begin()
    {
        lock (_gate) _meanwhile.Clear();
    }

    /// <summary>Blocks that were sealed while the piece was made are merged by a later one, also where they are late.</summary>
    public void Finish(TendedWork work)
    {
        lock (_gate)
            for (var i = 0; i < work.Merged.Count; i++)
                if (_meanwhile.TryGetValue(work.Merged[i].Signal, out var start) && start < work.Merged[i].Through) work.Merged[i] = (work.Merged[i].Signal, start);
    }

    /// <summary>The next piece; empty when everything is in order.</summary>
    public TendedWork Next()
    {
        var work = new TendedWork();
        var session = shelf.Lend();
        try
        {
            if (_mergeFirst) Merge(session, work);
            if (work.IsEmpty) RollUp(session, work);
            if (work.IsEmpty && !_mergeFirst) Merge(session, work);
            _mergeFirst = work.Rolled.Count > 0;
            if (work.IsEmpty && options.KeepSamples > TimeSpan.Zero) Drop(session, work);
            if (work.IsEmpty) Forget(work);
            if (work.IsEmpty) (_all, _block) = (new(), new());
        }
        finally
        {
            shelf.Return(session);
        }
        return work;
    }

    private void RollUp(ReadSession session, TendedWork work)
    {
        var signals = state.Signals.Count;
        var budget = PieceSamples;
        for (var looked = 0; looked < signals && budget > 0 && work.Rolled.Count < PieceSignals; looked++)
        {
            _next = _next >= signals ? 1 : _next + 1;
            var signal = _next;
            if (state.BeginRollup(signal) is not { } due) continue;
            var builder = new RollupBuilder(session, signal, _kept, day => state.RenewDay(signal, day));
            var reached = due.Target;
            foreach (var hour in due.Stale)
            {
                builder.Renew(hour);
                budget -= Feed(builder, signal, hour * Tiers.Hour, (hour + 1) * Tiers.Hour, long.MaxValue, out _);
            }
            if (due.Target > due.Through) budget -= Feed(builder, signal, due.Through, due.Target, Math.Max(budget, 1), out reached);
            work.Rollups.AddRange(builder.Rows());
            work.Rolled.Add((signal, reached));
        }
    }

    /// <param name="most">After so many samples it ends at the next full hour.</param>
    private int Feed(RollupBuilder builder, int signal, long from, long to, long most, out long reached)
    {
        var fed = 0;
        var hour = long.MinValue;
        reached = to;
        foreach (var run in new RangeReader(state, shelf, new(signal), from, to).Runs())
            for (var i = 0; i < run.Count; i++)
            {
                if (RollupBook.HourOf(run.Source[i]) != hour)
                {
                    hour = RollupBook.HourOf(run.Source[i]);
                    if (fed >= most)
                    {
                        reached = hour * Tiers.Hour;
                        return fed;
                    }
                }
                builder.Add(run, i);
                fed++;
            }
        return fed;
    }

    private void Merge(ReadSession session, TendedWork work)
    {
        int[] signals;
        lock (_gate) signals = [.. _unmerged];
        Array.Sort(signals);
        var next = Array.BinarySearch(signals, _lastMerged + 1);
        if (next < 0) next = ~next;
        var budget = PieceSamples;
        foreach (var signal in signals[next..].Concat(signals[..next]))
        {
            // Signals with nothing to merge cost a look and no piece; an empty piece would mean that all is in order.
            if (budget <= 0 || work.Merged.Count >= PieceSignals) return;
            _lastMerged = signal;
            // Before looking: what is sealed from now on brings it back.
            lock (_gate) _unmerged.Remove(signal);
            var from = state.MergedThrough(signal);
            var blocks = session.Shelf(signal, from, long.MaxValue, DropBlocks);
            var (at, open, merged) = (0, from, false);
            while (budget > 0 && at < blocks.Count)
            {
                var (first, count, start) = NextGroup(blocks, at);
                open = start;
                if (count < 2) break;
                var group = blocks.GetRange(first, count);
                at = first + count;
                if (Merged(session, signal, group) is { } replacement)
                {
                    work.Replaced.Add(replacement);
                    budget -= group.Sum(g => g.Count);
                    merged = true;
                }
                else
                {
                    open = group[^1].Place.End;   // one of them is damaged: leave them alone
                }
                // Parts of more late samples follow: they are looked at when these are one.
                if (count == GroupBlocks) break;
            }
            if (open > from) work.Merged.Add((signal, open));
            if (merged || blocks.Count >= DropBlocks) lock (_gate) _unmerged.Add(signal);
        }
    }

    /// <summary>The first blocks worth merging from a place on (fewer than two: none), and where to look next time: the start of what may still grow.</summary>
    private (int First, int Count, long Open) NextGroup(List<(BlockPlace Place, int Count)> blocks, int at)
    {
        long end = long.MinValue, start = 0, newest = 0;
        int samples = 0, largest = 0, first = at, count = 0;
        var overlap = false;
        for (; at < blocks.Count; at++)
        {
            var block = blocks[at];
            if (count > 0 && (block.Place.Start < end || (block.Place.Start == end && block.Place.Id < newest)))
            {
                // Late samples: the parts are merged whatever their size. Parts that share an instant too, when the later part came first:
                // a new block takes the newest number of its parts, and must not seem to have come after a neighbour that it did not.
                if (count == GroupBlocks) break;
                overlap = true;
            }
            else if (overlap || (count > 0 && (samples + block.Count > options.MergedSamples || IsOtherDay(start, block.Place.End))))
            {
                if (overlap || count > 1) break;
                (samples, largest, count, newest) = (0, 0, 0, 0);
            }
            if (count == 0) (first, start) = (at, block.Place.Start);
            count++;
            samples += block.Count;
            largest = Math.Max(largest, block.Count);
            (end, newest) = (Math.Max(end, block.Place.End), Math.Max(newest, block.Place.Id));
        }
        // What does not fill a large block yet waits until it has grown fourfold, so that a sample is not merged again and again; overlaps do not wait.
        var due = samples > options.MergedSamples - options.BlockSamples / 2 || samples >= Growth * largest;
        return overlap || (count > 1 && (due || first + count < blocks.Count)) ? (first, count, start) : (first, 0, start);
    }

    // Blocks are dropped whole: one that reaches over weeks of a slow signal would hold back what is to go.
    private bool IsOtherDay(long start, long end) => options.KeepSamples > TimeSpan.Zero && end / TimeSpan.TicksPerDay != start / TimeSpan.TicksPerDay;

    private Replacement? Merged(ReadSession session, int signal, List<(BlockPlace Place, int Count)> group)
    {
        var (all, block) = (_all, _block);
        all.Clear();
        // In order of arrival: sorting keeps it among samples of one time.
        foreach (var (place, _) in group.OrderBy(g => g.Place.Id))
        {
            if (!shelf.TryRead(session, new(signal), place, block)) return null;
            all.AddRange(block, 0, block.Count);
        }
        var sorted = all.Sorted();
        List<SealedBlock> fresh = [];
        // Equal parts: a small rest would only be merged again.
        var parts = Math.Min(group.Count, (sorted.Count + options.MergedSamples - 1) / options.MergedSamples);
        for (int p = 0, at = 0; p < parts; p++)
        {
            var count = (sorted.Count - at + parts - p - 1) / (parts - p);
            fresh.Add(new(signal, sorted.Source[at], sorted.Source[at + count - 1], count, codec.Encode(sorted, at, count).ToArray()));
            at += count;
        }
        return new(signal, [.. group.Select(g => g.Place.Id).Order()], fresh);
    }

    private void Drop(ReadSession session, TendedWork work)
    {
        var horizon = (clocks.Factory.GetUtcNow() - options.KeepSamples).UtcTicks / Tiers.Hour * Tiers.Hour;
        foreach (var (signal, _, _) in session.Newest().ToList())
        {
            if (work.Dropped.Count >= PieceSignals) return;
            if (!state.MayDrop(signal, horizon)) continue;
            var blocks = session.Shelf(signal, 0, horizon, DropBlocks);
            if (blocks.Count > 0) work.Dropped.Add((signal, [.. blocks.Select(b => b.Place.Id)], blocks.Count < DropBlocks ? horizon
                : Math.Min(horizon, (blocks.Max(b => b.Place.End) / Tiers.Hour + 1) * Tiers.Hour)));
        }
    }

    private void Forget(TendedWork work)
    {
        var now = clocks.Factory.GetUtcNow();
        if (_forgotten != 0 && now.UtcTicks - _forgotten < Tiers.Hour) return;
        _forgotten = now.UtcTicks;
        foreach (var (tier, keep) in new[] { (Tier.Second, options.KeepSeconds), (Tier.Minute, options.KeepMinutes), (Tier.Hour, options.KeepHours) })
            if (keep > TimeSpan.Zero) work.Forgotten.Add((tier, Tiers.ChunkOf(tier, (now - keep).UtcTicks)));
    }
}
