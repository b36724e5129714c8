using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Queue;

/// <summary>Where a reader stands: a file and a byte in it, and what it had read before.</summary>
/// <param name="Number">Number of the last batch before; -1: the next file tells.</param>
/// <param name="Sum">Samples up to it; -1 when that is not known.</param>
internal readonly record struct QueuePosition(QueueSegment? Segment, int Offset, long Number, long Sum, long ThroughTicks);

/// <summary>A batch out of the queue.</summary>
/// <param name="Content">With the gaps for what should stand before it and does not.</param>
/// <param name="After">Where the next one begins.</param>
internal sealed record QueuedBatch(long Number, long Sum, long ThroughTicks, SampleBatch Content, QueuePosition Before, QueuePosition After);

/// <summary>Reads the files of one queue in order. What is damaged is left out, told, and becomes a gap; reading goes on behind it.</summary>
internal sealed class QueueReader(SourceId source, ISignalDirectory signals, ILogger log)
{
    private readonly Dictionary<int, SignalNumber> _numbers = [];
    private byte[] _bytes = [];
    private int _offset;
    private long _number = -1, _sum = -1, _through;

    /// <summary>The file being read; null before the first.</summary>
    public QueueSegment? Segment { get; private set; }
    public QueuePosition Position => new(Segment, _offset, _number, _sum, _through);
    public bool IsAtEndOf(QueueSegment segment) => Segment == segment && _offset >= segment.Length;

    /// <summary>Forgets where it was; the next file says where it begins.</summary>
    public void Reset()
    {
        (Segment, _bytes, _offset) = (null, [], 0);
        (_number, _sum, _through) = (-1, -1, 0);
    }

    public void Rewind(in QueuePosition to)
    {
        if (to.Segment is null) Segment = null;
        else if (to.Segment != Segment) Enter(to.Segment);
        (_offset, _number, _sum, _through) = (to.Offset, to.Number, to.Sum, to.ThroughTicks);
    }

    /// <summary>The next batch behind <paramref name="durable"/>; null when the files end.</summary>
    public QueuedBatch? Next(IReadOnlyList<QueueSegment> segments, long durable)
    {
        var before = Position;
        while (true)
        {
            if (Segment is null)
            {
                if (segments.Count == 0) return null;
                Enter(segments[0]);
            }
            Grow();
            if (_offset >= _bytes.Length)
            {
                var next = After(segments, Segment!);
                if (next is null) return null;
                Enter(next);
                continue;
            }
            if (Take() is not { } record) continue;
            switch (record)
            {
                case QueueRecord.Header h when _sum < 0 && h.First == _number + 1:
                    (_sum, _through) = (h.SumBefore, h.ThroughBefore);
                    break;
                case QueueRecord.Dropped d when d.Last > Math.Max(_number, durable):
                    return Gone(d, before);
                case QueueRecord.Batch b when b.Number <= durable:
                    (_number, _sum, _through) = (b.Number, b.Sum, b.ThroughTicks);   // the store said that it has it
                    break;
                case QueueRecord.Batch b when b.Number > _number:
                    return Found(b, before, durable);
            }
        }
    }

    private QueuedBatch Found(QueueRecord.Batch b, in QueuePosition before, long durable)
    {
        if (_number < durable) (_number, _sum) = (durable, -1);   // what could not be read up to there is stored
        var content = b.Content;
        if (b.Number > _number + 1)
        {
            var first = b.Sum - content.Samples.Length;
            long? lost = _sum >= 0 && first >= _sum ? first - _sum : null;
            var gap = GapOf(_through == 0 ? b.ThroughTicks : _through, b.ThroughTicks, GapCause.QueueDamaged, lost, $"Batches {_number + 1} to {b.Number - 1} of the queue could not be read from the disk.");
            content = content with { Gaps = [gap, .. content.Gaps] };
        }
        (_number, _sum, _through) = (b.Number, b.Sum, b.ThroughTicks);
        return new(b.Number, b.Sum, b.ThroughTicks, content, before, Position);
    }

    private QueuedBatch Gone(QueueRecord.Dropped d, in QueuePosition before)
    {
        var gap = GapOf(d.FromTicks, d.ToTicks, GapCause.QueueFull, d.Lost, $"Batches {d.First} to {d.Last} were let go because the queue was full.");
        (_number, _sum, _through) = (d.Last, d.Sum, d.ToTicks);
        return new(d.Last, d.Sum, d.ToTicks, new(source, new(source.Value), default, [gap]), before, Position);
    }

    private Gap GapOf(long from, long to, GapCause cause, long? lost, string detail)
    {
        // A clock that was set back must not turn a gap inside out.
        var gap = new Gap(source, new(new(Math.Min(from, to), TimeSpan.Zero), new(Math.Max(from, to), TimeSpan.Zero)), cause, lost, detail);
        QueueLog.Gap(log, source, cause, gap.Range.From, gap.Range.To, lost, detail);
        return gap;
    }

    /// <summary>The record at the offset; null when there was only damage up to the end, or a description.</summary>
    private QueueRecord? Take()
    {
        var (begin, end) = QueueFrame.Find(_bytes, _offset);
        if (begin != _offset)
        {
            var until = begin < 0 ? _bytes.Length : begin;
            Damaged(_offset, until - _offset);
            _offset = until;
            return null;
        }
        _offset = end;
        if (QueueCodec.TryRead(_bytes.AsSpan(begin + QueueFrame.Head, end - begin - QueueFrame.Head), NumberOf, out var record)) return record is QueueRecord.Known ? null : record;
        Damaged(begin, end - begin);
        return null;
    }

    // 0 is nobody's number: the store refuses such a sample and counts it. Better than a value under a wrong name.
    private SignalNumber NumberOf(int number) => _numbers.GetValueOrDefault(number);

    private void Damaged(int offset, int bytes)
    {
        Segment!.IsDamaged = true;
        QueueLog.Damaged(log, source, Segment.Path, offset, bytes, Path.GetFileName(Segment.Path) + ".damaged");
    }

    private void Enter(QueueSegment segment)
    {
        (Segment, _bytes, _offset) = (segment, segment.Read(0), 0);
        if (_number < 0) _number = segment.First - 1;
        _numbers.Clear();
        Learn(0);
    }

    /// <summary>Takes in what was appended since.</summary>
    private void Grow()
    {
        if (_offset < _bytes.Length || Segment!.Length <= _bytes.Length) return;
        var from = _bytes.Length;
        _bytes = [.. _bytes, .. Segment.Read(from)];
        Learn(from);
    }

    /// <summary>Descriptions are read ahead: each stands before and behind the batch that first needs it.</summary>
    private void Learn(int from)
    {
        while (QueueFrame.Find(_bytes, from) is (>= 0, var end) found)
        {
            from = end;
            if (!QueueCodec.IsDescription(_bytes.AsSpan(found.Begin + QueueFrame.Head)) || !QueueCodec.TryRead(_bytes.AsSpan(found.Begin + QueueFrame.Head, end - found.Begin - QueueFrame.Head), NumberOf, out var record)) continue;
            var known = (QueueRecord.Known)record;
            _numbers[known.Number] = signals.Find(known.Signal.Id) ?? signals.Register(known.Signal);
        }
    }

    private static QueueSegment? After(IReadOnlyList<QueueSegment> segments, QueueSegment segment)
    {
        foreach (var s in segments)
            if (s.First > segment.First) return s;
        return null;
    }
}
