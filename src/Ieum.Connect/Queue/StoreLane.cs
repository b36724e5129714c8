using System.Collections.Concurrent;
using System.Threading.Channels;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Queue;

/// <summary>
/// One loop per source. Batches wait in memory; those on their way to the store stay there until it has them. When it refuses
/// one or does not answer in time, everything that waits goes to the disk in order, and what comes later goes behind it
/// until the disk is empty again. A hand-over that was given up may still succeed: the store knows each batch by its number.
/// </summary>
internal sealed class StoreLane : IStoreLane
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1), RoomAfter = TimeSpan.FromMilliseconds(200), BeatEvery = TimeSpan.FromSeconds(5);

    /// <summary>What a machine stamped may be older than what was received before it by the way it took.</summary>
    private static readonly TimeSpan UnderWayMargin = TimeSpan.FromSeconds(1);

    private sealed record Waiting(long Number, long ThroughTicks, SampleBatch Batch) { public bool IsHandedOver { get; set; } }
    /// <summary>Up to which batch a number of writes of the source reaches.</summary>
    private readonly record struct Unkept(long Number, long Writes);

    private sealed record Handed(long Number, Task<StoreReceipt> Task, long At, QueuedBatch? FromDisk);

    private readonly LaneSettings _settings;
    private readonly DiskQueue _disk;
    private readonly QueueRoom _room;
    private readonly IMeasurementWriter _store;
    private readonly QueueOptions _options;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly Channel<SampleBatch> _input;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Queue<Waiting> _memory = [];
    private readonly Queue<Handed> _underWay = [];
    private readonly Queue<Unkept> _unkept = [];
    private readonly ConcurrentQueue<(long Writes, TaskCompletionSource Kept)> _waiters = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _working;
    private Task<bool>? _woken;
    private readonly long _foundNumber;
    private long _written, _taken, _kept;
    private long _number, _handed, _acknowledged, _stored, _refused, _gaps, _retryAt, _roomAt, _beatAt, _stopAt, _toldAt;
    private DateTimeOffset? _awaySince;
    private volatile string? _trouble;
    private volatile SourceMark? _newest;
    private volatile bool _closing;

    public StoreLane(LaneSettings settings, DiskQueue disk, QueueRoom room, IMeasurementWriter store, QueueOptions options, Clocks clocks, ILogger log)
    {
        (_settings, _disk, _room, _store, _options, _clocks, _log) = (settings, disk, room, store, options, clocks, log);
        _input = Channel.CreateBounded<SampleBatch>(new BoundedChannelOptions(settings.MemoryBatches) { SingleReader = true });
        var mark = store.MarkOf(settings.Source);
        _handed = _acknowledged = mark?.Number ?? 0;
        disk.Begin(_handed);
        _number = Math.Max(_handed, disk.LastNumber);
        var queued = disk.Newest;
        _newest = queued is { } q ? new(_number, q.Through, q.Place ?? mark?.Place) : mark;
        _foundNumber = queued is null ? 0 : _number;
        if (!settings.Resumes && _newest is { } left) _awaySince = left.Through - UnderWayMargin;
        if (disk.IsEmpty) _drained.TrySetResult();
        _beatAt = In(BeatEvery);
        _working = Task.Run(WorkAsync);
    }

    public SourceMark? Newest => _newest;
    public Task Drained => _drained.Task;

    public LaneCounters Counters => new(Interlocked.Read(ref _stored), Interlocked.Read(ref _refused), _disk.Missing,
        _disk.Found, _input.Reader.Count + _memory.Count, _disk.WaitingSamples, _disk.Bytes, _disk.OldestAt, Interlocked.Read(ref _gaps), _trouble);

    public async ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
    {
        await _input.Writer.WriteAsync(batch, cancel).ConfigureAwait(false);
        Interlocked.Increment(ref _written);
        if (batch.Place is { } place) _newest = new(0, batch.Samples.IsEmpty ? _clocks.Factory.GetUtcNow() : batch.Samples.Span[^1].ReceiveTime, place);
        _wake.Writer.TryWrite(true);
    }

    public Task KeptAsync()
    {
        var writes = Interlocked.Read(ref _written);
        if (Interlocked.Read(ref _kept) >= writes) return Task.CompletedTask;
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue((writes, kept));
        _wake.Writer.TryWrite(true);   // it may have become safe while it was put there
        return kept.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _stopAt = In(_settings.DrainLimit);
        _closing = true;
        _input.Writer.TryComplete();
        _wake.Writer.TryWrite(true);
        await _working.ConfigureAwait(false);
        while (_waiters.TryDequeue(out var waiter)) waiter.Kept.TrySetCanceled();
        _room.Closed(_settings.Source);
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            try
            {
                await TakeInAsync().ConfigureAwait(false);
                Settle();
                MoveToDisk();
                HandOver();
                TellKept();
                if (_closing && IsOver()) return;
                await SleepAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                QueueLog.Unexpected(_log, e, _settings.Source);
                Abandon();
                if (_closing && Passed(_stopAt)) return;
                await Task.Delay(RetryAfter, _clocks.Wire).ConfigureAwait(false);
            }
        }
    }

    private bool HasRoom => _memory.Count < _settings.WritesUnderWay;

    private async Task TakeInAsync()
    {
        while (HasRoom && Take() is { } batch)
        {
            if (_awaySince is not null) batch = batch with { Gaps = [BackAt(batch.Samples.IsEmpty ? _clocks.Factory.GetUtcNow() : batch.Samples.Span[0].ReceiveTime), .. batch.Gaps] };
            try
            {
                await _settings.Seen(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                QueueLog.SeenFailed(_log, e, _settings.Source);   // the picture may be old; what was measured is kept all the same
            }
            Number(batch);
        }
        if (_closing || !HasRoom || !(Passed(_beatAt) || _awaySince is not null) || !_settings.IsListening()) return;
        // Nothing came, but the machine was heard: after a kill the gap begins here and not with the last value.
        if (_awaySince is not null) Number(new(_settings.Source, _settings.Machine, default, [BackAt(_clocks.Factory.GetUtcNow())]));
        else if (_memory.Count == 0 && _disk.IsEmpty) Number(new(_settings.Source, _settings.Machine, default));
        _beatAt = In(BeatEvery);
    }

    private void Number(SampleBatch batch)
    {
        _beatAt = In(BeatEvery);
        var through = batch.Samples.IsEmpty ? _clocks.Factory.GetUtcNow().UtcTicks : batch.Samples.Span[^1].ReceiveTicks;
        _memory.Enqueue(new(++_number, through, batch));
        _unkept.Enqueue(new(_number, _taken));
    }

    /// <summary>Tells who waits what the store has, or the disk was forced to take. Both take batches in their order, and what is on the disk is older than what is in memory.</summary>
    private void TellKept()
    {
        var through = Math.Max(_acknowledged, _disk.Forced);
        while (_unkept.TryPeek(out var next) && next.Number <= through) Interlocked.Exchange(ref _kept, _unkept.Dequeue().Writes);
        while (_waiters.TryPeek(out var waiter) && waiter.Writes <= _kept && _waiters.TryDequeue(out waiter)) waiter.Kept.TrySetResult();
    }

    /// <summary>The gap of a node that was away, for a source that cannot read afterwards.</summary>
    private Gap BackAt(DateTimeOffset now)
    {
        var since = _awaySince!.Value;
        _awaySince = null;
        Interlocked.Increment(ref _gaps);
        var gap = since <= now
            ? new Gap(_settings.Source, new(since, now), GapCause.NodeDown, null, "The node was not listening; this machine keeps nothing that could be read afterwards.")
            : new Gap(_settings.Source, new(now, since), GapCause.NodeDown, null, "The node was not listening, and its clock was set back meanwhile; this machine keeps nothing that could be read afterwards.");
        QueueLog.Gap(_log, _settings.Source, gap.Cause, gap.Range.From, gap.Range.To, null, gap.Detail);
        return gap;
    }

    /// <summary>Everything that waits, joined up to the batch limit: a chatty source must not cost one write per line.</summary>
    private SampleBatch? Take()
    {
        if (!_input.Reader.TryRead(out var first)) return null;
        _taken++;
        if (first.Samples.Length >= _settings.BatchSamples || !Fits(first.Samples.Length)) return first;
        // Joined at once: a list that grows would be copied twice, and at this size each copy is a large object.
        List<SampleBatch> parts = [first];
        var total = first.Samples.Length;
        while (Fits(total) && _input.Reader.TryRead(out var next))
        {
            parts.Add(next);
            _taken++;
            total += next.Samples.Length;
        }
        var samples = new Sample[total];
        var at = 0;
        foreach (var part in parts)
        {
            part.Samples.CopyTo(samples.AsMemory(at));
            at += part.Samples.Length;
        }
        return new(first.Source, first.Machine, samples, [.. parts.SelectMany(p => p.Gaps)]) { Place = parts.FindLast(p => p.Place is not null)?.Place, IsAwaited = parts.Exists(p => p.IsAwaited) };

        bool Fits(int have) => _input.Reader.TryPeek(out var next) && next.Machine == first.Machine && have + next.Samples.Length <= _settings.BatchSamples;
    }

    private void Settle()
    {
        while (_underWay.TryPeek(out var handed) && handed.Task.IsCompleted)
        {
            if (!handed.Task.IsCompletedSuccessfully)
            {
                Refused(handed.Task.Exception?.GetBaseException() ?? new OperationCanceledException("The store gave the batch up."));
                return;
            }
            _underWay.Dequeue();
            var receipt = handed.Task.Result;
            Interlocked.Add(ref _stored, receipt.Stored);
            Interlocked.Add(ref _refused, receipt.Rejected);
            _settings.Kept(receipt);
            (_acknowledged, _trouble) = (handed.Number, null);
            if (handed.FromDisk is not { } queued) _memory.Dequeue();
            else
            {
                _disk.Acknowledge(queued);
                foreach (var gap in queued.Content.Gaps) if (gap.Cause is GapCause.QueueFull or GapCause.QueueDamaged) Interlocked.Increment(ref _gaps);
                if (_disk.IsEmpty) QueueLog.Drained(_log, _settings.Source);
            }
            if (handed.Number >= _foundNumber) _drained.TrySetResult();
        }
    }

    private void Refused(Exception error)
    {
        _trouble = error.Message;
        if (IsWorthTelling()) QueueLog.StoreRefuses(_log, error, _settings.Source, _underWay.Count);
        Abandon();
        _retryAt = In(RetryAfter);
    }

    /// <summary>Gives up what is under way, to be handed over again. Some of it may still become durable; its number then tells the store that it has it.</summary>
    private void Abandon()
    {
        QueuedBatch? first = null;
        foreach (var handed in _underWay)
        {
            first ??= handed.FromDisk;
            _ = handed.Task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        if (first is not null) _disk.Rewind(first);
        _underWay.Clear();
        foreach (var waiting in _memory) waiting.IsHandedOver = false;
        _handed = _store.MarkOf(_settings.Source)?.Number ?? _acknowledged;
    }

    /// <summary>Memory goes to the disk when the store refuses or does not answer, and behind what is there already.</summary>
    private void MoveToDisk()
    {
        if (_memory.Count == 0 || (_roomAt != 0 && !Passed(_roomAt) && !_closing)) return;
        var stalled = _underWay.TryPeek(out var oldest) && _clocks.Wire.GetElapsedTime(oldest.At) >= _options.SpillAfter;
        if (_trouble is null && !stalled && !_disk.HasUnread && !(_closing && Passed(_stopAt))) return;
        _roomAt = 0;
        if (stalled && _trouble is null)
        {
            _trouble = "The store does not answer.";
            if (IsWorthTelling()) QueueLog.StoreStalls(_log, _settings.Source, _options.SpillAfter.TotalSeconds, _memory.Count);
        }
        while (_memory.TryPeek(out var waiting) && TryMove(waiting))
        {
            if (waiting.IsHandedOver) Abandon();
            _memory.Dequeue();
        }
    }

    private bool TryMove(Waiting waiting)
    {
        try
        {
            do
            {
                if (_disk.TryAppend(waiting.Number, waiting.ThroughTicks, waiting.Batch)) return true;
            } while (_room.MakeRoom());
            if (IsWorthTelling()) QueueLog.Full(_log, _settings.Source, _room.Bytes);
            _roomAt = In(RoomAfter);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (IsWorthTelling()) QueueLog.WriteFailed(_log, e, _settings.Source, e.Message);
            _roomAt = In(RetryAfter);
        }
        return false;
    }

    private void HandOver()
    {
        if (_retryAt != 0 && !Passed(_retryAt)) return;
        _retryAt = 0;
        // A store in trouble is asked with one batch at a time, the oldest.
        var most = _trouble is null ? _settings.WritesUnderWay : 1;
        try
        {
            while (_underWay.Count < most && _disk.Read() is { } queued) Hand(queued.Number, queued.ThroughTicks, queued.Content, queued);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (IsWorthTelling()) QueueLog.WriteFailed(_log, e, _settings.Source, e.Message);
            _retryAt = In(RetryAfter);
            return;
        }
        if (_disk.HasUnread) return;
        foreach (var waiting in _memory)
        {
            if (_underWay.Count >= most) return;
            if (waiting.IsHandedOver) continue;
            waiting.IsHandedOver = true;
            Hand(waiting.Number, waiting.ThroughTicks, waiting.Batch, null);
        }
    }

    private void Hand(long number, long through, SampleBatch batch, QueuedBatch? fromDisk)
    {
        batch = batch with { Delivery = new(Math.Min(_handed, number - 1), number, through) };
        _handed = Math.Max(_handed, number);
        Task<StoreReceipt> task;
        try
        {
            task = _store.AppendAsync(batch, CancellationToken.None);
        }
        catch (Exception e)
        {
            task = Task.FromException<StoreReceipt>(e);
        }
        _underWay.Enqueue(new(number, task, _clocks.Wire.GetTimestamp(), fromDisk));
        if (!task.IsCompleted) _ = task.ContinueWith(_ => _wake.Writer.TryWrite(true), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        else _wake.Writer.TryWrite(true);
    }

    private bool IsOver()
    {
        if (!_input.Reader.Completion.IsCompleted) return false;
        if (_memory.Count == 0) return true;   // what is on the disk waits there for the next start
        if (!Passed(_stopAt)) return false;
        MoveToDisk();
        if (_memory.Count > 0) QueueLog.NotKept(_log, _settings.Source, _memory.Sum(w => w.Batch.Samples.Length), _trouble ?? "the queue could not be written");
        return true;
    }

    private async Task SleepAsync()
    {
        if (HasRoom && _input.Reader.TryPeek(out _)) return;
        var until = _awaySince is null ? _beatAt : Math.Min(_beatAt, In(RetryAfter));
        if (_memory.Count > 0)
        {
            if (_roomAt != 0) until = Math.Min(until, _roomAt);
            else if (_underWay.TryPeek(out var oldest)) until = Math.Min(until, oldest.At + Length(_options.SpillAfter));
            if (_closing) until = Math.Min(until, _stopAt);
        }
        if (_retryAt != 0) until = Math.Min(until, _retryAt);
        // The disk is forced by somebody else, who wakes nobody.
        if (!_waiters.IsEmpty && !_disk.IsEmpty) until = Math.Min(until, In(_options.FlushEvery));
        var wait = Math.Max(1, (until - _clocks.Wire.GetTimestamp()) * 1000.0 / _clocks.Wire.TimestampFrequency);
        // One that waits, not one more for every sleep that ends by time: the channel would keep them all.
        var woken = _woken ??= _wake.Reader.WaitToReadAsync().AsTask();
        if (!woken.IsCompleted)
        {
            using var stop = new CancellationTokenSource();
            await Task.WhenAny(woken, Task.Delay(TimeSpan.FromMilliseconds(wait), _clocks.Wire, stop.Token)).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
        }
        if (woken.IsCompleted) _woken = null;
        _wake.Reader.TryRead(out _);
    }

    private long Length(TimeSpan span) => (long)(span.TotalSeconds * _clocks.Wire.TimestampFrequency);
    private long In(TimeSpan span) => _clocks.Wire.GetTimestamp() + Length(span);
    private bool Passed(long at) => _clocks.Wire.GetTimestamp() >= at;

    /// <summary>At most a line in ten seconds: an outage of a night must not fill the disk with its log.</summary>
    private bool IsWorthTelling()
    {
        if (_toldAt != 0 && !Passed(_toldAt)) return false;
        _toldAt = In(BeatEvery * 2);
        return true;
    }
}
