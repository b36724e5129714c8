using System.Threading.Channels;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Ieum.Record.Tend;
using Microsoft.Extensions.Logging;

namespace Ieum.Record.Ingest;

/// <summary>
/// The only writer. Collects batches into groups, makes each group durable in one transaction, then shows it to
/// readers and answers those who wait. Between groups it swaps tail rows for blocks that were made beside it.
/// </summary>
internal sealed partial class WriteLoop : IDisposable
{
    private static readonly TimeSpan SealRetry = TimeSpan.FromSeconds(1);
    /// <summary>Samples in one transaction, unless a single batch has more.</summary>
    private const int GroupSamples = 65_536;
    private const int SharedRows = 4;

    private readonly RecordState _state;
    private readonly RecordOptions _options;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private WriteSession _session;
    private readonly BlockCodec _tailCodec = new(fast: true), _otherCodec = new(fast: true), _carryCodec = new(fast: true), _mergeCodec = new(), _blockCodec;
    private readonly Sealer _sealer;
    private readonly Tender _tender;
    private readonly BlockShelf _shelf;
    private readonly SampleColumns _group = new() { Signal = [] };
    private readonly GroupSorter _sorter = new();
    // One slot: it only says "look again".
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task<bool>? _woken;
    private Task<SealedTail>? _sealing;
    private TaskCompletionSource? _sealAll;   // asked for
    private TaskCompletionSource? _sealedAll;  // under way
    private long _lastTail, _tailRows, _damagedRows, _stored, _lastCommit, _sealFailed;
    private volatile bool _closing;

    public WriteLoop(RecordState state, BlockShelf shelf, RecordOptions options, Clocks clocks, ILogger log, WriteSession session, Restoring restored)
    {
        (_state, _shelf, _options, _clocks, _log, _session, _lastTail, _tailRows, _damagedRows) = (state, shelf, options, clocks, log, session, restored.LastTail, restored.TailRows, restored.DamagedRows);
        _tender = new(state, shelf, options, clocks, _mergeCodec);
        _tender.Opened(Enumerable.Range(1, state.Signals.Count));
        _tended = clocks.Wire.GetTimestamp();
        // A block that is merged soon need not be small.
        _blockCodec = new(fast: options.MergedSamples >= 2 * options.BlockSamples);
        _sealer = new(options.BlockSamples, _blockCodec, _carryCodec);
        Queue = new(options.PendingLimit, Wake);
    }

    public CommitQueue Queue { get; }
    public long Stored => Interlocked.Read(ref _stored);
    public long DamagedRows => Interlocked.Read(ref _damagedRows);
    public long TailRows => Interlocked.Read(ref _tailRows);

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>The longest wait of a batch for which a sender stands still: fifty writes a second at most, and only while it does.</summary>
    private static readonly TimeSpan AwaitedInterval = TimeSpan.FromMilliseconds(20);

    public void Close()
    {
        _closing = true;
        Queue.Close();
    }

    /// <summary>Seals everything that is open, full or not; for tests, exports and measuring.</summary>
    public Task SealAllAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var standing = Interlocked.CompareExchange(ref _sealAll, asked, null) ?? asked;
        Wake();
        return standing.Task;
    }

    public async Task RunAsync()
    {
        while (true)
        {
            await HoldAsync().ConfigureAwait(false);
            if (!_session.IsOpen) await RecoverAsync().ConfigureAwait(false);
            if (_sealing is { IsCompleted: true }) FinishSeal();
            var written = HasWork && Commit();
            StartSealWhenDue();
            TendWhenDue();
            // A writer that outruns the sealing waits for it here; that bounds the memory.
            if (_sealing is not null && _state.Open.Count > 2L * _options.TailLimit) await ((Task)_sealing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_closing || !Queue.IsEmpty) continue;
            // A signal registered during the last commit must not be lost with the loop; a disk that refuses must not keep it.
            if (written && HasWork) continue;
            if (_sealing is null)
            {
                if (_tending is not null) await ((Task)_tending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                EndTend();
                return;
            }
            await ((Task)_sealing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until there is work worth a write: enough samples, or the interval has passed, or a seal is ready.</summary>
    private async Task HoldAsync()
    {
        while (!_closing)
        {
            if (_sealing is { IsCompleted: true } || (_sealing is null && Volatile.Read(ref _sealAll) is not null)) return;
            if (TendReady || Queue.Samples >= _options.CommitSamples) return;
            var left = TendIn;
            if (left <= TimeSpan.Zero && _tending is null) return;
            if (left <= TimeSpan.Zero) left = TendPace.Every;
            if (HasWork)
            {
                var interval = Queue.HasAwaited && _options.CommitInterval > AwaitedInterval ? AwaitedInterval : _options.CommitInterval;
                var commit = interval - (_lastCommit == 0 ? TimeSpan.MaxValue / 2 : _clocks.Wire.GetElapsedTime(_lastCommit));
                if (commit <= TimeSpan.Zero) return;
                if (commit < left) left = commit;
            }
            await SleepAsync(left).ConfigureAwait(false);
        }
    }

    private bool HasWork => !Queue.IsEmpty || _state.Signals.Unwritten().Count > 0;

    private async Task SleepAsync(TimeSpan limit)
    {
        // One that waits, not one more for every sleep that ends by time: the channel would keep them all.
        var woken = _woken ??= _wake.Reader.WaitToReadAsync().AsTask();
        using (var stop = new CancellationTokenSource())
        {
            var delay = Task.Delay(limit, _clocks.Wire, stop.Token);
            await Task.WhenAny(woken, delay).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
        }
        if (woken.IsCompleted) _woken = null;
        _wake.Reader.TryRead(out _);
    }

    /// <returns>False when nothing of it could be written.</returns>
    private bool Commit()
    {
        var group = _state.Marks.Sort(Queue.Take(GroupSamples));
        var batches = group.Fresh;
        var signals = _state.Signals.Unwritten();
        _lastCommit = _clocks.Wire.GetTimestamp();
        try
        {
            var rows = EncodeRows(batches);
            _session.Append(signals, _lastTail + 1, rows, group);
            _lastTail += rows.Length;
            Interlocked.Add(ref _tailRows, rows.Length);
        }
        catch (Exception e)
        {
            Fail(group, e);
            return false;
        }
        _state.Signals.Written(signals);
        _state.Marks.Show(group);
        _state.Show(_group);
        foreach (var batch in batches) _state.Last.Offer(batch.Accepted.Span);
        Interlocked.Add(ref _stored, _group.Count);
        foreach (var batch in batches)
        {
            _state.Gate.Tell(batch);
            batch.Succeed();
        }
        foreach (var batch in group.Known) batch.Succeed();
        Refuse(group);
        return true;
    }

    private (int Count, byte[] Bytes)[] EncodeRows(List<PendingBatch> batches)
    {
        _sorter.Fill(_group, batches);
        var rows = new (int, byte[])[(_group.Count + Sealer.RowSamples - 1) / Sealer.RowSamples];
        // A large group is packed on two cores: whoever waits for the disk next need not wait for both halves.
        var half = rows.Length < SharedRows ? 0 : rows.Length / 2;
        var other = half == 0 ? Task.CompletedTask : Task.Run(() => EncodeRows(_otherCodec, rows, 0, half));
        EncodeRows(_tailCodec, rows, half, rows.Length);
        other.GetAwaiter().GetResult();
        return rows;
    }

    private void EncodeRows(BlockCodec codec, (int Count, byte[] Bytes)[] rows, int from, int to)
    {
        for (var r = from; r < to; r++)
        {
            var count = Math.Min(Sealer.RowSamples, _group.Count - r * Sealer.RowSamples);
            rows[r] = (count, codec.Encode(_group, r * Sealer.RowSamples, count).ToArray());
        }
    }

    private static void Refuse(Marks.Group group)
    {
        foreach (var (batch, newest) in group.Early)
            batch.Fail(new RecordException(RecordRules.OutOfOrder,
                $"Batch {batch.Delivery!.Number} of {batch.Source} follows {batch.Delivery.Follows}, but the newest durable one is {newest}. Hand over what lies between first."));
    }

    private void Fail(Marks.Group group, Exception e)
    {
        var batches = group.Fresh.Concat(group.Known).ToList();   // a known one may be known from this very group
        var samples = batches.Sum(b => b.Accepted.Length);
        _state.Engine.NoteDamage(e);
        var full = _state.Engine.IsFull(e);
        var error = new RecordException(full ? RecordRules.DiskFull : RecordRules.WriteFailed, full
            ? $"The disk of '{_state.Engine.Place}' is full; {samples} samples were not stored and not acknowledged. Free space; the batch can then be handed over again."
            : $"{samples} samples could not be written to '{_state.Engine.Place}' and were not acknowledged: {e.Message}", e);
        Log.WriteFailed(_log, e, samples, error.Rule, e.Message);
        foreach (var batch in batches) batch.Fail(error);
        Refuse(group);
    }

    private void StartSealWhenDue()
    {
        if (_sealing is not null || !_deletions.IsEmpty) return;
        _sealedAll = Interlocked.Exchange(ref _sealAll, null);
        var everything = _sealedAll is not null;
        if (!everything)
        {
            if (_sealFailed != 0 && _clocks.Wire.GetElapsedTime(_sealFailed) < SealRetry) return;
            // Carried samples are written again, so sealing waits until at least half of what is open goes into blocks.
            var due = _state.Open.Full >= Math.Max(GroupSamples, _state.Open.Count / 2)
                || _state.Open.Count > _options.TailLimit || TailRows > _options.TailRows + _state.Open.Count / Sealer.RowSamples;
            if (!due) return;
        }
        var least = everything ? 1 : _options.BlockSamples;
        var view = _state.View();
        if (!everything && _state.Open.Count > _options.TailLimit)
            while (least > 1 && view.Where(v => v.Columns.Count >= least).Sum(v => (long)v.Columns.Count) < _state.Open.Count / 2) least /= 2;
        var upTo = _lastTail;
        _sealing = Task.Run(() => _sealer.Seal(upTo, view, least, _state.NewestEnd));
        _ = _sealing.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void FinishSeal()
    {
        var started = _clocks.Wire.GetTimestamp();
        var sealing = _sealing!;
        _sealing = null;
        try
        {
            var seal = sealing.GetAwaiter().GetResult();
            var late = new Dictionary<int, long>();
            foreach (var b in seal.Blocks)
                if (b.Start < _state.MergedThrough(b.Signal)) late[b.Signal] = Math.Min(b.Start, late.GetValueOrDefault(b.Signal, long.MaxValue));
            _session.Seal(seal, _state.UnsavedStale(), late, commit => _state.Swap(seal, commit));
            foreach (var (signal, start) in late) _state.SetMerged(signal, start);
            _tender.Sealed(seal.Blocks.Select(b => (b.Signal, b.Start)));
            Interlocked.Exchange(ref _tailRows, _lastTail - seal.UpTo + seal.Carried.Count);
            _sealFailed = 0;
            _sealedAll?.TrySetResult();
            Log.Sealed(_log, seal.Blocks.Sum(b => (long)b.Count), seal.Blocks.Count, seal.Carried.Sum(c => (long)c.Count),
                _clocks.Wire.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e)
        {
            _sealFailed = _clocks.Wire.GetTimestamp();
            _state.Engine.NoteDamage(e);
            Log.SealFailed(_log, e, e.Message);
            _sealedAll?.TrySetException(e);
        }
    }

    /// <summary>Gives free pages back; only between writes, so for the owner of a loop that has ended.</summary>
    public void Shrink() => _session.Shrink();

    internal WriteSession Session => _session;
    internal Tender Tender => _tender;

    public void Dispose()
    {
        _session.Dispose();
        _tailCodec.Dispose();
        _otherCodec.Dispose();
        _carryCodec.Dispose();
        _blockCodec.Dispose();
        _mergeCodec.Dispose();
    }
}
