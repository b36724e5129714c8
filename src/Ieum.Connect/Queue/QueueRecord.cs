using Ieum.Model;

namespace Ieum.Connect.Queue;

/// <summary>What stands in a file of the queue.</summary>
internal abstract record QueueRecord
{
    private QueueRecord() { }

    /// <summary>The first record of a file: whose it is, and what came before it.</summary>
    /// <param name="First">Number of the first batch in the file.</param>
    /// <param name="SumBefore">Samples of all batches before, counted as <see cref="Batch.Sum"/> counts.</param>
    /// <param name="PlaceBefore">The newest place of the source; empty when there is none.</param>
    public sealed record Header(string Source, long First, long SumBefore, long ThroughBefore, string PlaceBefore) : QueueRecord;

    /// <summary>A signal that later batches of the same file name by number: the queue must be readable without the store.</summary>
    public sealed record Known(int Number, Signal Signal) : QueueRecord;

    /// <param name="Sum">Samples of this and all earlier batches, so that what is missing between two of them is known to the sample.</param>
    public sealed record Batch(long Number, long Sum, long ThroughTicks, SampleBatch Content) : QueueRecord;

    /// <summary>Stands in the place of a file that was let go.</summary>
    public sealed record Dropped(string Source, long First, long Last, long Sum, long Lost, long FromTicks, long ToTicks, string Place) : QueueRecord;
}

/// <summary>Records to bytes and back.</summary>
internal static class QueueCodec
{
    private const byte HeaderKind = 1, KnownKind = 2, BatchKind = 3, DroppedKind = 4;

    public static bool IsDescription(ReadOnlySpan<byte> payload) => payload is [KnownKind, ..];

    public static void Write(ByteWriter to, QueueRecord record)
    {
        var begin = to.Length;
        for (var i = 0; i < QueueFrame.Head; i++) to.Byte(0);
        switch (record)
        {
            case QueueRecord.Header h:
                to.Byte(HeaderKind);
                to.Text(h.Source);
                to.Whole(h.First);
                to.Whole(h.SumBefore);
                to.Whole(h.ThroughBefore);
                to.Text(h.PlaceBefore);
                break;
            case QueueRecord.Known k:
                to.Byte(KnownKind);
                to.Whole((long)k.Number);
                foreach (var text in (ReadOnlySpan<string>)[k.Signal.Id.Machine.Value, k.Signal.Id.Name, k.Signal.Unit.Code, k.Signal.Unit.Symbol, k.Signal.Unit.Quantity, k.Signal.Description]) to.Text(text);
                to.Byte((byte)k.Signal.Kind);
                to.Byte((byte)k.Signal.Role);
                break;
            case QueueRecord.Dropped d:
                to.Byte(DroppedKind);
                to.Text(d.Source);
                foreach (var number in (ReadOnlySpan<long>)[d.First, d.Last, d.Sum, d.Lost, d.FromTicks, d.ToTicks]) to.Whole(number);
                to.Text(d.Place);
                break;
            case QueueRecord.Batch b:
                to.Byte(BatchKind);
                to.Whole(b.Number);
                to.Whole(b.Sum);
                to.Whole(b.ThroughTicks);
                Write(to, b.Content);
                break;
        }
        QueueFrame.Close(to.Written[begin..]);
    }

    private static void Write(ByteWriter to, SampleBatch batch)
    {
        to.Text(batch.Source.Value);
        to.Text(batch.Machine.Value);
        to.Byte((byte)(batch.Place is null ? 0 : 1));
        if (batch.Place is { } place) to.Text(place);
        to.Whole((long)batch.Gaps.Count);
        foreach (var gap in batch.Gaps)
        {
            to.Text(gap.Source.Value);
            to.Whole(gap.Range.From.UtcTicks);
            to.Whole(gap.Range.To.UtcTicks);
            to.Byte((byte)gap.Cause);
            to.Signed(gap.Lost ?? -1);
            to.Text(gap.Detail);
        }
        to.Whole((long)batch.Samples.Length);
        long source = 0, delay = 0;
        foreach (ref readonly var s in batch.Samples.Span)
        {
            to.Signed(s.Signal.Value);
            to.Signed(unchecked(s.SourceTicks - source));
            to.Signed(unchecked(s.ReceiveTicks - s.SourceTicks - delay));
            (source, delay) = (s.SourceTicks, unchecked(s.ReceiveTicks - s.SourceTicks));
            to.Byte((byte)((int)s.Value.Kind | (int)s.Quality << 4));
            if (s.Value.Kind == ValueKind.Real) to.Fixed(s.Value.Bits);
            else if (s.Value.Kind == ValueKind.Integer) to.Signed(s.Value.Bits);
            else if (s.Value.Kind == ValueKind.Boolean) to.Byte((byte)s.Value.Bits);
            else if (s.Value.Kind == ValueKind.Text) to.Text(s.Value.Text!);
        }
    }

    /// <summary>False when the payload is none of ours; it never throws.</summary>
    /// <param name="signals">The numbers of this file as this node has them now; <see cref="QueueRecord.Known"/> records are the caller's to enter.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, Func<int, SignalNumber> signals, out QueueRecord record)
    {
        record = null!;
        var from = new ByteReader(payload);
        try
        {
            record = from.Byte() switch
            {
                HeaderKind => new QueueRecord.Header(from.Text(), from.Whole(), from.Whole(), from.Whole(), from.Text()),
                KnownKind => ReadSignal(ref from),
                BatchKind => ReadBatch(ref from, signals),
                DroppedKind => new QueueRecord.Dropped(from.Text(), from.Whole(), from.Whole(), from.Whole(), from.Whole(), from.Whole(), from.Whole(), from.Text()),
                _ => null!,
            };
        }
        catch (ArgumentException)
        {
            return false;   // a name or an instant that cannot be one
        }
        return record is not null && from.IsAtEnd;
    }

    /// <summary>Every readable record and where it ends; numbers of signals as they stand in the file.</summary>
    public static IEnumerable<(QueueRecord Record, int End)> All(byte[] bytes)
    {
        for (var (begin, end) = QueueFrame.Find(bytes, 0); begin >= 0; (begin, end) = QueueFrame.Find(bytes, end))
            if (TryRead(bytes.AsSpan(begin + QueueFrame.Head, end - begin - QueueFrame.Head), static n => new(n), out var record)) yield return (record, end);
    }

    private static QueueRecord.Known ReadSignal(ref ByteReader from)
    {
        var number = (int)from.Whole();
        var (machine, name, code, symbol, quantity, text) = (from.Text(), from.Text(), from.Text(), from.Text(), from.Text(), from.Text());
        var unit = Unit.TryFind(code, out var known) && known.Symbol == symbol && known.Quantity == quantity ? known : new Unit(code, symbol, quantity);
        return new(number, new(new(new(machine), name), unit, (ValueKind)from.Byte(), (SignalRole)from.Byte(), text));
    }

    private static QueueRecord.Batch ReadBatch(ref ByteReader from, Func<int, SignalNumber> signals)
    {
        var (number, sum, through) = (from.Whole(), from.Whole(), from.Whole());
        var (source, machine) = (new SourceId(from.Text()), new MachineId(from.Text()));
        var place = from.Byte() == 1 ? from.Text() : null;
        var gaps = new Gap[from.Count()];
        for (var i = 0; i < gaps.Length; i++)
        {
            var (whose, begin, end, cause, lost) = (new SourceId(from.Text()), from.Whole(), from.Whole(), (GapCause)from.Byte(), from.Signed());
            gaps[i] = new(whose, new(new(begin, TimeSpan.Zero), new(end, TimeSpan.Zero)), cause, lost < 0 ? null : lost, from.Text());
        }
        var samples = new Sample[from.Count()];
        long ticks = 0, delay = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var signal = signals((int)from.Signed());
            ticks = unchecked(ticks + from.Signed());
            delay = unchecked(delay + from.Signed());
            var both = from.Byte();
            var kind = (ValueKind)(both & 15);
            var value = kind switch
            {
                ValueKind.Real => SampleValue.FromBits(kind, from.Fixed()),
                ValueKind.Integer => SampleValue.FromBits(kind, from.Signed()),
                ValueKind.Boolean => SampleValue.FromBits(kind, from.Byte()),
                ValueKind.Text => SampleValue.Of(from.Text()),
                _ => SampleValue.None,
            };
            samples[i] = new(signal, ticks, unchecked(ticks + delay), value, (Quality)(both >> 4));
        }
        return new(number, sum, through, new(source, machine, samples, gaps) { Place = place });
    }
}
