using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Queue;

/// <summary>
/// What waits of one source on the disk: append at the end, read at the begin, forget what is durable in the store.
/// </summary>
/// <remarks>
/// One thread appends, reads and acknowledges; <see cref="Flush"/> and <see cref="DropOldest"/> may come from others. Nothing is
/// kept about how far the store is: the store itself says so (<see cref="IMeasurementWriter.MarkOf"/>), so the two can never disagree.
/// </remarks>
internal sealed class DiskQueue : IDisposable
{
    private readonly SourceId _source;
    private readonly string _folder;
    private readonly QueueBudget _budget;
    private readonly ISignalDirectory _signals;
    private readonly ILogger _log;
    private readonly QueueReader _reader;
    private readonly Lock _gate = new();
    private readonly List<QueueSegment> _segments = [];
    private readonly ByteWriter _writer = new();
    private QueueSegment? _open;      // the file that is appended to
    private long _sum, _acknowledgedSum, _lastThrough, _oldestAt, _handedOut, _durable, _missing, _found;
    private long _forced;
    private bool _begun, _hasUnforced;

    /// <param name="folder">The source's own; made with the first batch.</param>
    public DiskQueue(SourceId source, string folder, QueueBudget budget, ISignalDirectory signals, ILogger log)
    {
        (_source, _folder, _budget, _signals, _log) = (source, folder, budget, signals, log);
        _reader = new(source, signals, log);
        if (Directory.Exists(folder)) Open();
    }

    /// <summary>Number of the newest batch; 0 when there is none.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Number of the newest batch that was forced to the disk since the queue was opened; 0 when none was.</summary>
    public long Forced => Interlocked.Read(ref _forced);

    /// <summary>The newest place and receive time; null when nothing waits.</summary>
    public (string? Place, DateTimeOffset Through)? Newest => IsEmpty ? null : (LastPlace, new(_lastThrough, TimeSpan.Zero));
    private string? LastPlace { get; set; }

    public bool IsEmpty { get { lock (_gate) return _segments.Count == 0; } }
    public long Bytes { get { lock (_gate) return _segments.Sum(s => s.Length); } }

    /// <summary>Samples that wait, those on their way to the store included.</summary>
    public long WaitingSamples => Math.Max(0, Interlocked.Read(ref _sum) - Interlocked.Read(ref _acknowledgedSum));

    /// <summary>Samples that were let go or could not be read, as far as the store has been told of them.</summary>
    public long Missing => Interlocked.Read(ref _missing);

    /// <summary>Samples an earlier run left here that the store did not have.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>When the oldest waiting batch was received; null when nothing waits.</summary>
    public DateTimeOffset? OldestAt => IsEmpty || Interlocked.Read(ref _oldestAt) is 0 ? null : new(Interlocked.Read(ref _oldestAt), TimeSpan.Zero);

    /// <summary>Whether there is a batch that was not handed out yet.</summary>
    public bool HasUnread { get { lock (_gate) return _segments.Count > 0 && _handedOut < LastNumber; } }

    /// <summary>Writes a batch to the end.</summary>
    /// <returns>False when it would take more bytes than there may be; nothing was written then.</returns>
    /// <exception cref="IOException">The disk did not take it; nothing counts as written.</exception>
    public bool TryAppend(long number, long throughTicks, SampleBatch batch)
    {
        lock (_gate)
        {
            _writer.Clear();
            var segment = _open is { } open && open.Length < _budget.SegmentBytes ? open : null;
            var fresh = segment is null;
            if (fresh)
            {
                segment = new(_folder, number) { SumBefore = _sum, ThroughBefore = _segments.Count == 0 ? BeginOf(batch, throughTicks) : _lastThrough };
                QueueCodec.Write(_writer, new QueueRecord.Header(_source.Value, number, _sum, segment.ThroughBefore, LastPlace ?? ""));
            }
            var known = Describe(segment!, batch, _writer);
            QueueCodec.Write(_writer, new QueueRecord.Batch(number, _sum + batch.Samples.Length, throughTicks, batch));
            foreach (var n in known) QueueCodec.Write(_writer, new QueueRecord.Known(n, _signals.Find(new SignalNumber(n))!));
            if (!_budget.TryTake(_writer.Length)) return false;
            try
            {
                if (fresh) Directory.CreateDirectory(_folder);
                segment!.Append(_writer.Written);
            }
            catch
            {
                _budget.Give(_writer.Length);
                throw;
            }
            segment.Described.UnionWith(known);
            if (fresh)
            {
                Seal();
                _segments.Add(_open = segment);
            }
            if (_oldestAt == 0) _oldestAt = segment.ThroughBefore;
            (LastNumber, LastPlace, _lastThrough) = (number, batch.Place ?? LastPlace, throughTicks);
            Interlocked.Add(ref _sum, batch.Samples.Length);
            return true;
        }
    }

    /// <summary>Everything up to <paramref name="number"/> is durable in the store; asked once, before the first read.</summary>
    public void Begin(long number)
    {
        lock (_gate)
        {
            _durable = _handedOut = number;
            if (_segments.Count == 0 || LastNumber > number) return;
            (_acknowledgedSum, _found) = (_sum, 0);
            Clear();
        }
    }

    /// <summary>The next batch for the store; null when all are handed out.</summary>
    public QueuedBatch? Read()
    {
        lock (_gate)
        {
            if (_segments.Count == 0 || _handedOut >= LastNumber) return null;
            var next = _reader.Next(_segments, _durable) ?? Unreadable();
            _handedOut = next?.Number ?? LastNumber;
            if (next is not null && !_begun)
            {
                _begun = true;
                var before = next.Sum - next.Content.Samples.Length - (next.Content.Gaps.Count > 0 && next.Content.Gaps[0] is { Cause: GapCause.QueueFull or GapCause.QueueDamaged, Lost: { } lost } ? lost : 0);
                if (_found > 0) Interlocked.Add(ref _found, _acknowledgedSum - before);   // the store had some of them already
                Interlocked.Exchange(ref _acknowledgedSum, before);
            }
            return next;
        }
    }

    /// <summary>Everything behind the last readable batch is damaged, and nothing follows that could carry the gap.</summary>
    private QueuedBatch? Unreadable()
    {
        var position = _reader.Position;
        var number = position.Number;
        if (number >= LastNumber) return null;
        var (from, to) = (Math.Min(position.ThroughTicks, _lastThrough), Math.Max(position.ThroughTicks, _lastThrough));
        long? lost = position.Sum >= 0 ? _sum - position.Sum : null;
        var gap = new Gap(_source, new(new(from, TimeSpan.Zero), new(to, TimeSpan.Zero)), GapCause.QueueDamaged, lost, $"Batches {number + 1} to {LastNumber} of the queue could not be read from the disk.");
        QueueLog.Gap(_log, _source, gap.Cause, gap.Range.From, gap.Range.To, lost, gap.Detail);
        return new(LastNumber, _sum, _lastThrough, new(_source, new(_source.Value), default, [gap]), position, position with { Number = LastNumber, Sum = _sum });
    }

    /// <summary>Reads again from the first batch that was handed out and not acknowledged.</summary>
    public void Rewind(QueuedBatch first)
    {
        lock (_gate)
        {
            // A file that went meanwhile is not needed: it was acknowledged to its end.
            _reader.Rewind(_segments.Contains(first.Before.Segment!) ? first.Before : first.Before with { Segment = null, Offset = 0 });
            _handedOut = first.Before.Number >= 0 ? first.Before.Number : first.Number - 1;
        }
    }

    /// <summary>The batch is durable in the store. Files of which nothing is left to store are removed.</summary>
    public void Acknowledge(QueuedBatch batch)
    {
        lock (_gate) Forget(batch);
    }

    private void Forget(QueuedBatch batch)
    {
        Interlocked.Add(ref _missing, Math.Max(0, batch.Sum - _acknowledgedSum - batch.Content.Samples.Length));
        Interlocked.Exchange(ref _acknowledgedSum, batch.Sum);
        Interlocked.Exchange(ref _oldestAt, batch.ThroughTicks);
        if (batch.Number >= LastNumber)
        {
            Clear();
            return;
        }
        while (_segments.Count > 1 && _segments[1].First <= batch.Number + 1) Remove(_segments[0]);
    }

    private void Clear()
    {
        _open = null;
        while (_segments.Count > 0) Remove(_segments[0]);
        _reader.Reset();
        (_oldestAt, _handedOut, _hasUnforced) = (0, LastNumber, false);
    }

    /// <summary>Lets the oldest file go that is not on its way to the store; what it held becomes a gap in its place.</summary>
    /// <returns>False when there is none.</returns>
    public bool DropOldest()
    {
        lock (_gate)
        {
            var at = _segments.FindIndex(s => !s.IsDropped && s != _open && s.First > _handedOut);
            // Only the file that is being written is left: it ends here, the next batch begins another.
            if (at < 0 && _open is { } open && open.First > _handedOut && open.Length > _budget.SegmentBytes / 4)
            {
                Seal();
                at = _segments.IndexOf(open);
            }
            if (at < 0) return false;
            var (gone, next) = (_segments[at], at + 1 < _segments.Count ? _segments[at + 1] : null);
            var (last, sum, through) = next is null ? (LastNumber, _sum, _lastThrough) : (next.First - 1, next.SumBefore, next.ThroughBefore);
            var lost = sum - gone.SumBefore;
            _writer.Clear();
            QueueCodec.Write(_writer, new QueueRecord.Dropped(_source.Value, gone.First, last, sum, lost, Math.Min(gone.ThroughBefore, through), through, LastPlace ?? ""));
            var freed = gone.Length - _writer.Length;
            gone.Replace(_writer.Written);
            _budget.Give(freed);
            QueueLog.Dropped(_log, _source, lost, new(gone.ThroughBefore, TimeSpan.Zero), new(through, TimeSpan.Zero));
            return true;
        }
    }

    /// <summary>The oldest receive time that could be let go; null when nothing can.</summary>
    public long? Droppable
    {
        get
        {
            lock (_gate)
                return _segments.Find(s => !s.IsDropped && s.First > _handedOut && (s != _open || s.Length > _budget.SegmentBytes / 4))?.ThroughBefore;
        }
    }

    /// <summary>Forces what was written to the disk. A failure is told; the batches stay in the files.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            try
            {
                _open?.Flush();
                // Files that were ended before were forced when they were closed; where that failed, only the store can say that it has them.
                if (!_hasUnforced) Interlocked.Exchange(ref _forced, LastNumber);
            }
            catch (IOException e)
            {
                QueueLog.FlushFailed(_log, e, _source, e.Message);
            }
        }
    }

    public void Dispose()
    {
        Flush();
        lock (_gate)
        {
            foreach (var s in _segments) s.Close();
            _budget.Give(_segments.Sum(s => s.Length));
            _segments.Clear();
        }
    }

    private List<int> Describe(QueueSegment segment, SampleBatch batch, ByteWriter to)
    {
        List<int> known = [];
        foreach (ref readonly var s in batch.Samples.Span)
        {
            var number = s.Signal.Value;
            if (segment.Described.Contains(number) || known.Contains(number) || _signals.Find(s.Signal) is not { } signal) continue;
            known.Add(number);
            QueueCodec.Write(to, new QueueRecord.Known(number, signal));
        }
        return known;
    }

    private static long BeginOf(SampleBatch batch, long throughTicks) => batch.Samples.IsEmpty ? throughTicks
        : Math.Min(throughTicks, Math.Min(batch.Samples.Span[0].SourceTicks, batch.Samples.Span[0].ReceiveTicks));

    private void Seal()
    {
        if (_open is null) return;
        try
        {
            _open.Close();
        }
        catch (IOException e)
        {
            _hasUnforced = true;
            QueueLog.FlushFailed(_log, e, _source, e.Message);
        }
        _open = null;
    }

    private void Remove(QueueSegment segment)
    {
        _segments.Remove(segment);
        _budget.Give(segment.Length);
        try
        {
            segment.Delete();
        }
        catch (IOException e)
        {
            // It is stored already, and the store will say so again; the file only takes room.
            QueueLog.WriteFailed(_log, e, _source, e.Message);
        }
    }

    /// <summary>Finds what an earlier run left. Only the newest file is read to its end; the others say at their begin how they follow each other.</summary>
    private void Open()
    {
        _segments.AddRange(QueueSegment.In(_folder));
        while (_segments.Count > 0 && !TryReadNewest(_segments[^1]))
        {
            // Nothing of the newest file is readable, so the one before is the newest.
            var broken = _segments[^1];
            broken.IsDamaged = broken.Length > 0;
            _segments.Remove(broken);
            broken.Delete();
        }
        if (_segments.Count == 0) return;
        foreach (var segment in _segments) ReadBegin(segment);
        _budget.TakeAnyway(_segments.Sum(s => s.Length));
        (_acknowledgedSum, _oldestAt) = (_segments[0].SumBefore, _segments[0].ThroughBefore);
        _found = WaitingSamples;
        QueueLog.Found(_log, _source, WaitingSamples, Bytes);
    }

    private bool TryReadNewest(QueueSegment segment)
    {
        var bytes = segment.Read(0);
        var (whole, holds) = (0, false);
        foreach (var (record, end) in QueueCodec.All(bytes))
        {
            whole = end;
            if (record is QueueRecord.Header h) LastPlace = h.PlaceBefore.Length > 0 ? h.PlaceBefore : LastPlace;
            if (record is QueueRecord.Dropped d) (LastNumber, _sum, _lastThrough, LastPlace, holds) = (d.Last, d.Sum, d.ToTicks, d.Place.Length > 0 ? d.Place : LastPlace, true);
            if (record is QueueRecord.Batch b) (LastNumber, _sum, _lastThrough, LastPlace, holds) = (b.Number, b.Sum, b.ThroughTicks, b.Content.Place ?? LastPlace, true);
        }
        if (whole < bytes.Length) QueueLog.Torn(_log, _source, segment.Path, bytes.Length - whole);
        segment.Length = whole;
        return holds;
    }

    private static void ReadBegin(QueueSegment segment)
    {
        foreach (var (record, _) in QueueCodec.All(segment.Read(0)))
        {
            if (record is QueueRecord.Header h) (segment.SumBefore, segment.ThroughBefore) = (h.SumBefore, h.ThroughBefore);
            else if (record is QueueRecord.Dropped d) (segment.SumBefore, segment.ThroughBefore, segment.IsDropped) = (d.Sum - d.Lost, d.FromTicks, true);
            else if (record is QueueRecord.Batch b) (segment.SumBefore, segment.ThroughBefore) = (b.Sum - b.Content.Samples.Length, b.ThroughTicks);   // the header is damaged
            else continue;
            return;
        }
    }

    /// <summary>Whose queue a folder holds; null when it holds none that can be read.</summary>
    public static SourceId? SourceOf(string folder)
    {
        foreach (var segment in QueueSegment.In(folder))
            foreach (var (record, _) in QueueCodec.All(segment.Read(0)))
                switch (record)
                {
                    case QueueRecord.Header h: return new(h.Source);
                    case QueueRecord.Dropped d: return new(d.Source);
                    case QueueRecord.Batch b: return b.Content.Source;
                }
        return null;
    }
}
