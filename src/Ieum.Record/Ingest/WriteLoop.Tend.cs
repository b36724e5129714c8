using System.Collections.Concurrent;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Ieum.Record.Tend;

namespace Ieum.Record.Ingest;

/// <summary>Upkeep and deletions: made beside the writing, made durable between two groups.</summary>
internal sealed partial class WriteLoop
{
    private static readonly TimeSpan PurgeRetry = TimeSpan.FromMilliseconds(200);

    private sealed record Request(SignalNumber Signal, TimeRange Range, string Reason, TaskCompletionSource<Deletion> Done);

    private readonly ConcurrentQueue<Request> _deletions = [];
    private readonly List<(Request Request, Deletion Deletion)> _unpurged = [];
    private Task<TendedWork>? _tending;
    private TaskCompletionSource? _tendAll;
    private TimeSpan _tendRest = TendPace.Every;
    private long _tendBegan, _tended, _purgeTried;

    /// <summary>Does all upkeep that is due; for tests, exports and measuring.</summary>
    public Task TendAllAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var standing = Interlocked.CompareExchange(ref _tendAll, asked, null) ?? asked;
        Wake();
        return standing.Task;
    }

    public Task<Deletion> DeleteAsync(SignalNumber signal, TimeRange range, string reason)
    {
        var request = new Request(signal, range, reason, new(TaskCreationOptions.RunContinuationsAsynchronously));
        _deletions.Enqueue(request);
        Wake();
        return request.Done.Task;
    }

    private bool TendReady => _tending is { IsCompleted: true } || (_tending is null && Volatile.Read(ref _tendAll) is not null)
        || (!_deletions.IsEmpty && _sealing is null && _tending is null);

    /// <summary>Until the next look at what is due.</summary>
    private TimeSpan TendIn => _unpurged.Count > 0 ? PurgeRetry - _clocks.Wire.GetElapsedTime(_purgeTried) : _tendRest - _clocks.Wire.GetElapsedTime(_tended);

    private void TendWhenDue()
    {
        if (_tending is { IsCompleted: true }) FinishTend();
        if (_sealing is null && _tending is null)
            while (_deletions.TryDequeue(out var request)) Delete(request);
        if (_unpurged.Count > 0) Purge();
        if (_tending is not null || _closing || !_deletions.IsEmpty) return;
        if (_clocks.Wire.GetElapsedTime(_tended) < _tendRest && Volatile.Read(ref _tendAll) is null) return;
        _tendBegan = _clocks.Wire.GetTimestamp();
        _tender.Begin();
        _tending = Task.Run(_tender.Next);
        _ = _tending.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void FinishTend()
    {
        var tending = _tending!;
        _tending = null;
        try
        {
            var work = tending.GetAwaiter().GetResult();
            // Late samples may have come for what was to go; only this thread shows samples, so none comes between here and the commit.
            work.Dropped.RemoveAll(d => !_state.MayDrop(d.Signal, d.RawFrom));
            _tender.Finish(work);
            if (work.IsEmpty)
            {
                RestFromTending(more: false);
                Interlocked.Exchange(ref _tendAll, null)?.TrySetResult();
                return;
            }
            var started = _clocks.Wire.GetTimestamp();
            _session.Tend(work, _tender.Kept, _state.Settled(work), commit => _state.Tended(work, commit));
            Log.Tended(_log, work.Rolled.Count, work.Replaced.Sum(r => r.Old.Length), work.Replaced.Sum(r => r.Fresh.Count),
                work.Dropped.Sum(d => d.Blocks.Length), _clocks.Wire.GetElapsedTime(started).TotalMilliseconds);
            RestFromTending(more: true);
        }
        catch (Exception e)
        {
            _state.GiveUpRollups();
            _state.Engine.NoteDamage(e);
            _tender.Opened(Enumerable.Range(1, _state.Signals.Count));   // of how many it had looked at nobody knows
            RestFromTending(more: false);
            Log.TendFailed(_log, e, e.Message);
            Interlocked.Exchange(ref _tendAll, null)?.TrySetException(e);
        }
    }

    private void RestFromTending(bool more)
    {
        _tended = _clocks.Wire.GetTimestamp();
        _tendRest = TendPace.Rest(_clocks.Wire.GetElapsedTime(_tendBegan, _tended), more, _sealing is not null || Queue.Samples >= _options.CommitSamples, _shelf.Lent > 0);
    }

    private void Delete(Request request)
    {
        try
        {
            var at = _clocks.Factory.GetUtcNow();
            var work = Plan(request.Signal.Value, request.Range.From.UtcTicks, request.Range.To.UtcTicks);
            _session.Delete(work, at.UtcTicks, request.Reason, commit => _state.Deleted(work, commit));
            if (work.Tail is { } tail) Interlocked.Exchange(ref _tailRows, tail.Carried.Count);
            _state.Last.Set(request.Signal, new History(_state, _shelf, _options, _clocks).BeforeStored(request.Signal, long.MaxValue));
            Log.Deleted(_log, request.Signal.Value, work.Samples, request.Reason);
            _unpurged.Add((request, new(at, request.Signal, request.Range, work.Samples, request.Reason)));
        }
        catch (Exception e)
        {
            Log.TendFailed(_log, e, e.Message);
            request.Done.TrySetException(new RecordException(RecordRules.WriteFailed, $"Nothing was deleted in '{_state.Engine.Place}': {e.Message}", e));
        }
    }

    private DeletedWork Plan(int signal, long from, long to)
    {
        var work = new DeletedWork(signal, from, to, null, [], [], [], 0);
        long samples = 0;
        var view = _state.View();
        if (view.Find(v => v.Signal == signal).Columns is { } open && Without(open, from, to) is { } kept)
        {
            samples += open.Count - kept.Count;
            var tail = _sealer.Carry(_lastTail, view.Select(v => v.Signal == signal ? (signal, kept) : v).Where(v => v.Item2.Count > 0));
            tail.Left.Add(new(signal, open.Count, open.Count - kept.Count, After(open.Count - kept.Count, kept)));
            work = work with { Tail = tail };
        }
        var session = _shelf.Lend();
        try
        {
            var block = new SampleColumns();
            foreach (var place in session.Places(new(signal), from, to))
            {
                // What cannot be read cannot be sorted out either; it goes whole.
                var readable = _shelf.TryRead(session, new(signal), place, block);
                if (readable && Without(block, from, to) is not { } rest) continue;
                rest = readable ? Without(block, from, to)! : new();
                samples += readable ? block.Count - rest.Count : 0;
                work.Replaced.Add(new(signal, [place.Id], rest.Count == 0 ? []
                    : [new(signal, rest.Source[0], rest.Source[rest.Count - 1], rest.Count, _mergeCodec.Encode(rest, 0, rest.Count).ToArray())]));
            }
            foreach (var tier in Enum.GetValues<Tier>())
                foreach (var chunk in session.Rollups(signal, tier, Tiers.ChunkOf(tier, from), to).GroupBy(b => Tiers.ChunkOf(tier, b.Start)))
                {
                    // The chunk may reach beyond the range.
                    var all = session.Rollups(signal, tier, chunk.Key, chunk.Key + Tiers.Chunk(tier));
                    var rest = all.Where(b => b.End <= from || b.Start >= to).ToList();
                    if (rest.Count == all.Count) continue;
                    work.Rollups.Add(new(signal, tier, chunk.Key, rest.Count == 0 ? null : session.Encode(rest, tier, chunk.Key)));
                    if (tier == Tier.Hour) work.Stale.AddRange(all.Where(b => b.End > from && b.Start < to).Select(b => RollupBook.HourOf(b.Start)));
                }
        }
        finally
        {
            _shelf.Return(session);
        }
        return work with { Samples = samples };
    }

    /// <summary>The samples kept, behind as many as go: in the shape of what sealing leaves.</summary>
    private static SampleColumns After(int dropped, SampleColumns kept)
    {
        var whole = new SampleColumns();
        whole.EnsureCapacity(dropped + kept.Count);
        whole.Count = dropped;
        whole.AddRange(kept, 0, kept.Count);
        return whole;
    }

    /// <summary>The samples outside the range, in their order; null when none is inside.</summary>
    private static SampleColumns? Without(SampleColumns samples, long from, long to)
    {
        var kept = new SampleColumns();
        for (var i = 0; i < samples.Count; i++)
            if (samples.Source[i] < from || samples.Source[i] >= to) kept.Add(samples, i);
        return kept.Count == samples.Count ? null : kept;
    }

    private void Purge()
    {
        _purgeTried = _clocks.Wire.GetTimestamp();
        try
        {
            if (!_session.Purge()) return;
            foreach (var (request, deletion) in _unpurged) request.Done.TrySetResult(deletion);
        }
        catch (Exception e)
        {
            Log.TendFailed(_log, e, e.Message);
            foreach (var (request, _) in _unpurged)
                request.Done.TrySetException(new RecordException(RecordRules.WriteFailed, $"The samples are deleted, but their old bytes could not be cleared from '{_state.Engine.Place}': {e.Message}", e));
        }
        _unpurged.Clear();
    }

    /// <summary>
    /// The server was lost, perhaps in the middle of a commit: nobody knows whether it stood. So everything the memory holds of the
    /// database is read anew; batches that did stand are known by their source's mark when they are handed over again.
    /// </summary>
    private async Task RecoverAsync()
    {
        foreach (var task in new Task?[] { _sealing, _tending })
            if (task is not null) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_sealing is not null) _sealedAll?.TrySetException(new RecordException(RecordRules.WriteFailed, $"{_state.Engine.Place} was lost while blocks were sealed; they are sealed later."));
        (_sealing, _tending) = (null, null);
        try
        {
            _state.Engine.Regain();
            _shelf.Clear();
            var fresh = new WriteSession(_state.Engine);
            var session = _shelf.Lend();
            try
            {
                var restored = Restoring.Run(_state, _shelf, _tender.Kept, session, fresh, _clocks, _log);
                (_lastTail, _sealFailed) = (restored.LastTail, 0);
                Interlocked.Exchange(ref _tailRows, restored.TailRows);
                Interlocked.Add(ref _damagedRows, restored.DamagedRows);
            }
            finally
            {
                _shelf.Return(session);
            }
            _session.Dispose();
            _session = fresh;
            Log.Reconnected(_log, _state.Engine.Place, _state.Open.Count);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException or TimeoutException or RecordException)
        {
            Log.Unreachable(_log, _state.Engine.Place, e.Message);
        }
    }

    private void EndTend()
    {
        var closed = new RecordException(RecordRules.Closed, "The recorder was closed before it was done.");
        while (_deletions.TryDequeue(out var request)) request.Done.TrySetException(closed);
        Purge();
        foreach (var (request, _) in _unpurged) request.Done.TrySetException(closed);
        Interlocked.Exchange(ref _tendAll, null)?.TrySetException(closed);
    }
}
