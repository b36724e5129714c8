using CsCheck;
using Ieum.Connect.Queue;
using Ieum.Model;

namespace Ieum.Tests.Connect.Queue;

public class QueueCodecTests
{
    private static readonly Gen<SampleValue> Values = Gen.OneOf(
        Gen.Double.Select(SampleValue.Of), Gen.Long.Select(SampleValue.Of), Gen.Bool.Select(SampleValue.Of),
        Gen.Char.Array[0, 12].Select(c => SampleValue.Of(new string(c))), Gen.Const(SampleValue.None), Gen.Const(SampleValue.Of("\ud800한🙂")), Gen.Const(SampleValue.Of(-0.0)));

    private static readonly Gen<Sample> Samples = Gen.Select(Gen.Int, Gen.Long, Gen.Long, Values, Gen.Int[0, 4])
        .Select((signal, source, receive, value, quality) => new Sample(new(signal), source, receive, value, (Quality)quality));

    [Fact]
    public void Every_batch_comes_back_to_the_bit() =>
        Gen.Select(Samples.Array[0, 50], Gen.String.Array[0, 1], Gen.Long[0, long.MaxValue], Gen.Long[-1, 1000].Array[0, 3]).Sample((samples, place, number, losses) =>
        {
            var gaps = losses.Select((l, i) => new Gap(new("s"), new(Counted.Start, Counted.Start.AddSeconds(i)), (GapCause)(i % 9), l < 0 ? null : l, "왜 · なぜ")).ToArray();
            var writer = new ByteWriter();
            QueueCodec.Write(writer, new QueueRecord.Batch(number, number / 2, number / 3, new(new("쏘스"), new("m"), samples, gaps) { Place = place.FirstOrDefault() }));
            Assert.True(QueueFrame.IsWhole(writer.Written));
            Assert.True(QueueCodec.TryRead(writer.Written[QueueFrame.Head..], n => new(n), out var record));
            var back = Assert.IsType<QueueRecord.Batch>(record);
            Assert.Equal((number, number / 2, number / 3), (back.Number, back.Sum, back.ThroughTicks));
            Assert.Equal(samples, back.Content.Samples.ToArray());
            Assert.Equal(gaps, back.Content.Gaps);
            Assert.Equal(place.FirstOrDefault(), back.Content.Place);
        }, iter: 2000, threads: 1);

    /// <summary>Ten million inputs in the nightly run (IEUM_NIGHTLY=1); the count is the point, not the time.</summary>
    [Fact]
    public void Foreign_and_broken_bytes_never_throw_and_never_ask_for_more_memory_than_they_are()
    {
        var writer = new ByteWriter();
        QueueCodec.Write(writer, new QueueRecord.Batch(7, 8, 9, Counted.Batch(new(1), 0, 8, "place")));
        QueueCodec.Write(writer, new QueueRecord.Known(1, new(new(new("m"), "n"), Unit.Piece, ValueKind.Integer)));
        QueueCodec.Write(writer, new QueueRecord.Header("s", 1, 2, 3, "p"));
        QueueCodec.Write(writer, new QueueRecord.Dropped("s", 1, 2, 3, 4, 5, 6, "p"));
        var good = writer.Written.ToArray();
        var random = new Random(20261124);
        var rounds = Environment.GetEnvironmentVariable("IEUM_NIGHTLY") == "1" ? 10_000_000 : 100_000;
        for (var i = 0; i < rounds; i++)
        {
            var bytes = good.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var from = random.Next(bytes.Length);
            QueueCodec.TryRead(bytes.AsSpan(from, random.Next(bytes.Length - from)), n => new(n), out _);
            for (var (begin, end) = QueueFrame.Find(bytes, 0); begin >= 0; (begin, end) = QueueFrame.Find(bytes, end)) Assert.InRange(end, begin + QueueFrame.Head + 1, bytes.Length);
        }
    }
}
