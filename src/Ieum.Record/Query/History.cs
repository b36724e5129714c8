using System.Runtime.CompilerServices;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;

namespace Ieum.Record.Query;

/// <summary>Answers questions about the past.</summary>
internal sealed class History(RecordState state, BlockShelf shelf, RecordOptions options, Clocks clocks) : IMeasurementHistory
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
        // Blocks are read away from the caller's thread; a page must not wait for a disk.
        await foreach (var batch in RangeBatchesAsync(signal, range, cancel).ConfigureAwait(false))
            for (var i = 0; i < batch.Length; i++) yield return batch.Span[i];
    }

    public async IAsyncEnumerable<ReadOnlyMemory<Sample>> RangeBatchesAsync(SignalNumber signal, TimeRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var runs = new RangeReader(state, shelf, signal, range.From.UtcTicks, range.To.UtcTicks).Runs().GetEnumerator();
        while (await Task.Run(() => runs.MoveNext() ? Samples(signal, runs.Current) : null, cancel).ConfigureAwait(false) is { } samples)
        {
            yield return samples;
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static Sample[] Samples(SignalNumber signal, SampleColumns run)
    {
        var samples = new Sample[run.Count];
        for (var i = 0; i < samples.Length; i++) samples[i] = run.At(signal, i);
        return samples;
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
            AddUp(signal, from, to, Math.Min(step.Ticks, Math.Max(1, to - from)), sums, cancel);
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
        else if (HeldInSums(signal, from) is { } word) words.Begin(word);
        foreach (var part in Parts(signal, from, to))
        {
            foreach (var hour in part.Sums ?? []) words.Add(hour);
            if (part.Sums is not null) continue;
            foreach (var run in new RangeReader(state, shelf, signal, part.From, part.To).Runs())
            {
                cancel.ThrowIfCancellationRequested();
                words.Add(run);
            }
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
        return last.SourceTicks < instant ? last : BeforeStored(signal, instant);
    }

    /// <summary>The same from the database and the open samples, without asking what the newest is.</summary>
    internal Sample? BeforeStored(SignalNumber signal, long instant)
    {
        var session = shelf.Lend();
        try
        {
            Sample? best = null;
            var block = session.Block;
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

    /// <summary>Sums where they are exact, samples elsewhere; all of one moment.</summary>
    private void AddUp(SignalNumber signal, long from, long to, long step, Downsampler sums, CancellationToken cancel)
    {
        var session = shelf.Lend();
        try
        {
            var view = state.FindSums(session, signal, from, to);
            var block = session.Block;
            foreach (var part in SumsReader.Split(session, signal.Value, view, from, to, step, statesOnly: false, RecordOptionsTiers.Of(options)))
            {
                foreach (var bucket in part.Sums ?? []) sums.Add(bucket);
                if (part.Sums is not null) continue;
                foreach (var place in session.Places(signal, part.From, part.To))
                {
                    cancel.ThrowIfCancellationRequested();
                    if (shelf.TryRead(session, signal, place, block)) sums.Add(block, part.From, part.To, place.Id);
                }
                if (view.Open is not null) sums.Add(view.Open, part.From, part.To, long.MaxValue);
            }
        }
        finally
        {
            shelf.Return(session);
        }
    }

    private List<SumsReader.Part> Parts(SignalNumber signal, long from, long to)
    {
        var session = shelf.Lend();
        try
        {
            var view = state.FindSums(session, signal, from, to);
            return SumsReader.Split(session, signal.Value, view, from, to, null, statesOnly: true, RecordOptionsTiers.Of(options));
        }
        finally
        {
            shelf.Return(session);
        }
    }

    /// <summary>The word that held before an instant from which on the samples before are dropped.</summary>
    private string? HeldInSums(SignalNumber signal, long instant)
    {
        var session = shelf.Lend();
        try
        {
            return session.HourBefore(signal.Value, instant) is { States: not null } hour ? hour.LastWord : null;
        }
        finally
        {
            shelf.Return(session);
        }
    }
}
