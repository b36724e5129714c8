using System.Buffers.Binary;
using Ieum.Analyze;
using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.Record.Blocks;

namespace Ieum.Bench.Fuzz;

internal static partial class FuzzTargets
{
    private static IEnumerable<FuzzTarget> Stored()
    {
        yield return Queue();
        yield return Blocks();
        yield return Recordings();
    }

    private static SampleBatch Batch() => new(new("m.shdr"), new("m"), new Sample[]
    {
        new(new(1), Now.UtcTicks, Now.UtcTicks + 5, SampleValue.Of(1.5), Quality.Good), new(new(2), Now.UtcTicks, Now.UtcTicks, SampleValue.Of("온도"), Quality.Bad),
        new(new(1), Now.UtcTicks + 100, Now.UtcTicks + 105, SampleValue.Of(7L), Quality.Good), new(new(3), Now.UtcTicks, Now.UtcTicks, SampleValue.Of(true), Quality.Uncertain),
    }, [new(new("m.shdr"), new(Now, Now + TimeSpan.FromSeconds(1)), GapCause.SequenceSkip, 3, "lost")]) { Place = "p" };

    private static FuzzTarget Queue()
    {
        QueueRecord[] records =
        [
            new QueueRecord.Header("m.shdr", 1, 0, 0, ""), new QueueRecord.Batch(1, 4, Now.UtcTicks, Batch()), new QueueRecord.Dropped("m.shdr", 1, 2, 8, 8, 1, 2, "p"),
            new QueueRecord.Known(1, new(new(new("m"), "load"), Unit.One, ValueKind.Real, SignalRole.Load, "")),
        ];
        var good = records.Select(r =>
        {
            var to = new Ieum.Connect.Queue.ByteWriter();
            QueueCodec.Write(to, r);
            return to.Written[QueueFrame.Head..].ToArray();
        }).ToList();
        return new("queue", good, payload =>
        {
            // The checksum is made right, or nothing would come past it: what is behind must stand by itself.
            var record = new byte[QueueFrame.Head + payload.Length];
            payload.CopyTo(record, QueueFrame.Head);
            QueueFrame.Close(record);
            var count = 0;
            foreach (var _ in QueueCodec.All(record)) count++;
            QueueFrame.Find(payload, 0);
            return count > 0;
        });
    }

    private static FuzzTarget Blocks()
    {
        var codec = new BlockCodec();
        var columns = new SampleColumns();
        foreach (var sample in Batch().Samples.Span) columns.Add(sample);
        for (var i = 0; i < 60; i++) columns.Add(new(new(1), Now.UtcTicks + i * 1000, Now.UtcTicks + i * 1000, SampleValue.Of(Math.Sin(i)), Quality.Good));
        var whole = codec.Encode(columns, 0, columns.Count)[..^4].ToArray();
        var into = new SampleColumns();
        var turn = 0;
        return new("record-blocks", [whole], body =>
        {
            // Millions of samples in a few bytes are legal and cost what they say: one of a thousand such heads is worked through as it is,
            // the others announce some thousands, so that their columns are decoded too.
            if (Announced(body, out var end) is > MostCheap and var many && ++turn % 1_000 != 0) body = [body[0], .. Head(1 + many % MostCheap), .. body.AsSpan(end)];
            var bytes = new byte[body.Length + 4];
            body.CopyTo(bytes, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(body.Length), BlockCodec.Checksum(body));
            var read = codec.TryDecode(bytes, into, out var reason);
            Must(read || reason!.Length > 0, "A refusal needs a reason.");
            return read;
        });
    }

    private const ulong MostCheap = 4_096;

    /// <summary>How many samples the head of a block announces: a varint behind the version.</summary>
    private static ulong Announced(ReadOnlySpan<byte> body, out int end)
    {
        var count = 0UL;
        for (end = 1; end < Math.Min(body.Length, 6);)
        {
            count |= (ulong)(body[end] & 0x7F) << 7 * (end - 1);
            if (body[end++] < 0x80) break;
        }
        return count;
    }

    private static byte[] Head(ulong count) => count < 0x80 ? [(byte)count] : [(byte)(count | 0x80), (byte)(count >> 7)];

    /// <summary>One input is one line; five hundred make a file, because files are what is read.</summary>
    private static FuzzTarget Recordings()
    {
        var file = Path.Combine(Path.GetTempPath(), $"ieum-fuzz-{Environment.ProcessId}.txt");
        var lines = new MemoryStream();
        var held = 0;
        return new("recordings", [Utf8("2016-12-08T13:41:09.412Z|system_cond|Fault|1102|||INTERFERE"), Utf8("2016-12-08T13:41:10Z|execution|ACTIVE|load|12.5"), Utf8("* PONG 10"), Utf8("2016-12-08T13:41:10Z|@ASSET@|x|--multiline--AB"), Utf8("--multiline--AB")], bytes =>
        {
            lines.Write(bytes);
            lines.WriteByte((byte)'\n');
            if (++held % 500 != 0) return false;
            File.WriteAllBytes(file, lines.ToArray());
            lines.SetLength(0);
            try
            {
                return Recording.ReadAsync(file, CancellationToken.None).GetAwaiter().GetResult().Stamps.Count > 0;
            }
            catch (RecordingException)
            {
                return false;
            }
            finally
            {
                File.Delete(file);
            }
        });
    }
}
