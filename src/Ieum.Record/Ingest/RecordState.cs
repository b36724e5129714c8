using System.Collections.Concurrent;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Store;
using Ieum.Record.Tend;

namespace Ieum.Record.Ingest;

/// <summary>
/// What writer and readers share. One lock makes a swap of tail for blocks happen at once in memory and in the
/// file: a reader lists blocks and copies open samples under it, so it sees each sample exactly once.
/// </summary>
internal sealed class RecordState(Engine engine, SignalDirectory signals, Gatekeeper gate, OpenBlocks open, LastValues last, Marks marks, RollupBook book)
{
    private readonly Lock _swap = new();
    private readonly ConcurrentDictionary<int, long> _newestEnd = [];

    public Engine Engine => engine;
    public SignalDirectory Signals => signals;
    public Gatekeeper Gate => gate;
    public OpenBlocks Open => open;
    public LastValues Last => last;
    public Marks Marks => marks;

    /// <summary>End of the signal's newest block in ticks; 0 when it has none.</summary>
    public long NewestEnd(int signal) => _newestEnd.GetValueOrDefault(signal);

    public void SetNewestEnd(int signal, long end) => _newestEnd.AddOrUpdate(signal, end, (_, before) => Math.Max(before, end));

    /// <summary>Durable samples of many signals become visible; their last values are offered by the caller.</summary>
    public void Show(SampleColumns samples)
    {
        ReadOnlySpan<int> signals = samples.Signal.AsSpan(0, samples.Count);
        lock (_swap)
            for (int at = 0, run; at < signals.Length; at += run)
            {
                run = signals[at..].IndexOfAnyExcept(signals[at]);
                if (run < 0) run = signals.Length - at;
                open.Add(signals[at], samples, at, run);
                book.Touch(signals[at], samples.Source.AsSpan(at, run));
            }
    }

    /// <summary>Forgets what is open and what is known about sums, to read both anew from the database.</summary>
    public void Reload(IReadOnlyList<Tier> kept, ReadSession session)
    {
        lock (_swap)
        {
            open.Clear();
            book.Load(kept, session.Rolled(), session.Stale());
        }
        marks.Reload(session.Marks());
    }

    public List<(int Signal, SampleColumns Columns)> View()
    {
        lock (_swap) return open.View();
    }

    public void Swap(SealedTail seal, Action commit)
    {
        lock (_swap)
        {
            commit();
            foreach (var left in seal.Left) open.Replace(left);
            book.Saved();
        }
        foreach (var block in seal.Blocks) SetNewestEnd(block.Signal, block.End);
    }

    /// <summary>Blocks that may touch the time span, and a sorted copy of the signal's open samples; together each sample once.</summary>
    public (List<BlockPlace> Blocks, SampleColumns? Open) Find(ReadSession session, SignalNumber signal, long from, long to)
    {
        lock (_swap)
        {
            session.BeginSnapshot();
            return (session.Places(signal, from, to), open.CopyOf(signal));
        }
    }

    /// <summary>The same for the newest sample before an instant.</summary>
    public (List<BlockPlace> Blocks, SampleColumns? Open) FindBefore(ReadSession session, SignalNumber signal, long instant)
    {
        lock (_swap)
        {
            session.BeginSnapshot();
            return (session.PlacesBefore(signal, instant), open.CopyOf(signal));
        }
    }

    /// <summary>The same with what is known about the signal's sums at that moment.</summary>
    public SumsView FindSums(ReadSession session, SignalNumber signal, long from, long to)
    {
        lock (_swap)
        {
            session.BeginSnapshot();
            session.Places(signal, from, from);   // the first question fixes what the transaction sees
            return new(open.CopyOf(signal), book.Through(signal.Value), book.RawFrom(signal.Value), book.StaleIn(signal.Value, from, to));
        }
    }

    public List<(int Signal, long Hour)> UnsavedStale()
    {
        lock (_swap) return [.. book.Unsaved];
    }

    /// <summary>Begins to make a signal's sums up to its newest full hour; null when they stand.</summary>
    public (long Through, long Target, List<long> Stale)? BeginRollup(int signal)
    {
        if (last.Of(new(signal)) is not { } newest) return null;
        lock (_swap)
        {
            var through = book.Through(signal);
            var target = Math.Max(through, newest.SourceTicks / Tiers.Hour * Tiers.Hour);
            if (target <= through && !book.IsStale(signal)) return null;
            return (through, target, book.Begin(signal, target));
        }
    }

    /// <summary>The stored sums of a day are damaged: make those anew whose samples are there.</summary>
    public void RenewDay(int signal, long day)
    {
        lock (_swap)
            for (var hour = 0; hour < 24; hour++) book.MarkStale(signal, RollupBook.HourOf(day) + hour);
    }

    public long MergedThrough(int signal)
    {
        lock (_swap) return book.Merged(signal);
    }

    public void SetMerged(int signal, long merged)
    {
        lock (_swap) book.SetMerged(signal, merged);
    }

    /// <summary>Whether everything of the signal before the instant stands in good sums.</summary>
    public bool MayDrop(int signal, long before)
    {
        lock (_swap) return book.Through(signal) >= before && !book.IsStaleBefore(signal, before);
    }

    public List<(int Signal, long Hour)> Settled(TendedWork work)
    {
        lock (_swap) return [.. work.Rolled.SelectMany(r => book.Settled(r.Signal).Select(h => (r.Signal, h)))];
    }

    public void Tended(TendedWork work, Action commit)
    {
        lock (_swap)
        {
            commit();
            foreach (var (signal, through) in work.Rolled) book.End(signal, through);
            foreach (var (signal, through) in work.Merged) book.SetMerged(signal, through);
            foreach (var (signal, _, rawFrom) in work.Dropped) book.SetRawFrom(signal, rawFrom);
        }
    }

    public void GiveUpRollups()
    {
        lock (_swap) book.GiveUp();
    }

    public void Deleted(DeletedWork work, Action commit)
    {
        lock (_swap)
        {
            commit();
            foreach (var left in work.Tail?.Left ?? []) open.Replace(left);
            foreach (var hour in work.Stale) book.MarkStale(work.Signal, hour);
        }
    }
}

/// <summary>What is known about a signal's sums.</summary>
/// <param name="Open">Sorted copy of the open samples.</param>
/// <param name="Through">Hours that end by then stand in sums, but for the stale ones.</param>
/// <param name="RawFrom">Before it only sums are left.</param>
internal sealed record SumsView(SampleColumns? Open, long Through, long RawFrom, HashSet<long> Stale);
