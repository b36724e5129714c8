using System.Runtime.CompilerServices;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;

namespace Ieum.Record.Query;

/// <summary>Answers questions about the past.</summary>
internal sealed class History(RecordState state, BlockShelf shelf, Clocks clocks) : IMeasurementHistory
{
    public Sample? Last(SignalNumber signal) => state.Last.Of(signal);

    public IReadOnlyList<LastValue> LastOf(MachineId machine)
    {
        List<LastValue> values = [];
        foreach (var (number, signal) in state.Signals.Of(machine))
            if (state.Last.Of(number) is { } sample) values.Add(new(signal, number, sample));
        return values;
    }

    public async IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The first block is read away from the caller's thread; a page must not wait for a disk.
        using var runs = new RangeReader(state, shelf, signal, range.From.UtcTicks, range.To.UtcTicks).Runs().GetEnumerator();
        while (await Task.Run(runs.MoveNext, cancel).ConfigureAwait(false))
        {
            var run = runs.Current;
            for (var i = 0; i < run.Count; i++) yield return run.At(signal, i);
            cancel.ThrowIfCancellationRequested();
        }
    }

    public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) =>
        Task.Run(() => Before(signal, instant.UtcTicks), cancel);

    public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, TimeSpan.Zero);
        return Task.Run(() =>
        {
            var (from, to) = (range.From.UtcTicks, range.To.UtcTicks);
            var sums = new Downsampler(from, to, Math.Min(step.Ticks, Math.Max(1, to - from)));
            ForEachBlock(signal, from, to, sums.Add, cancel);
            return sums.Buckets();
        }, cancel);
    }

    public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => Task.Run(() =>
    {
        var from = range.From.UtcTicks;
        // A state does not reach into the future: it holds until now, or until the newest sample where clocks disagree.
        var now = Math.Max(clocks.Factory.GetUtcNow().UtcTicks, state.Last.Of(signal)?.SourceTicks ?? 0);
        var to = Math.Min(range.To.UtcTicks, Math.Max(now, from));
        var words = new StateClock(from, to);
        if (Before(signal, from) is { } held) words.Begin(held.Value, held.Quality);
        foreach (var run in new RangeReader(state, shelf, signal, from, to).Runs())
        {
            cancel.ThrowIfCancellationRequested();
            words.Add(run);
        }
        return words.End();
    }, cancel);

    public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) => Task.Run<IReadOnlyList<Gap>>(() =>
    {
        var session = shelf.Lend();
        try
        {
            return session.Gaps(source, range.From.UtcTicks, range.To.UtcTicks);
        }
        finally
        {
            shelf.Return(session);
        }
    }, cancel);

    private Sample? Before(SignalNumber signal, long instant)
    {
        // Nothing newer than the instant: the answer is in memory, which is the usual question.
        if (state.Last.Of(signal) is not { } last) return null;
        if (last.SourceTicks < instant) return last;
        var session = shelf.Lend();
        try
        {
            Sample? best = null;
            var block = new SampleColumns();
            var (places, open) = state.FindBefore(session, signal, instant);
            while (true)
            {
                // In order of arrival, so that of two samples of one time the later one counts.
                foreach (var place in places.OrderBy(p => p.Id))
                {
                    if (best is { } found && place.End < found.SourceTicks) continue;
                    if (shelf.TryRead(session, signal, place, block)) best = Newer(best, block, signal, instant);
                }
                if (open is not null) best = Newer(best, open, signal, instant);
                if (best is not null || places.Count == 0) return best;
                // All of them damaged: what stands before them is still an answer.
                places = session.PlacesBefore(signal, places.Min(p => p.Start));
            }
        }
        finally
        {
            shelf.Return(session);
        }
    }

    private static Sample? Newer(Sample? best, SampleColumns samples, SignalNumber signal, long instant)
    {
        var end = samples.FirstAtOrAfter(instant);
        return end > 0 && (best is null || samples.Source[end - 1] >= best.Value.SourceTicks) ? samples.At(signal, end - 1) : best;
    }

    private void ForEachBlock(SignalNumber signal, long from, long to, Action<SampleColumns> use, CancellationToken cancel)
    {
        var session = shelf.Lend();
        try
        {
            var (places, open) = state.Find(session, signal, from, to);
            var block = new SampleColumns();
            foreach (var place in places)
            {
                cancel.ThrowIfCancellationRequested();
                if (shelf.TryRead(session, signal, place, block)) use(block);
            }
            if (open is not null) use(open);
        }
        finally
        {
            shelf.Return(session);
        }
    }
}
