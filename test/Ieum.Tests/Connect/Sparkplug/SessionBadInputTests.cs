using System.IO.Compression;
using CsCheck;
using Ieum.Connect;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>Each kind of bad input costs itself and nothing else.</summary>
public class SessionBadInputTests
{
    private readonly SessionBench _bench = new();

    [Theory]
    [InlineData(0UL)]                       // a clock that was never set: 1970
    [InlineData(631_151_999_999UL)]         // one millisecond before 1990
    [InlineData(ulong.MaxValue)]
    public void A_date_out_of_range_is_refused_alone(ulong milliseconds)
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.NData(1, _bench.Data(1, 1) with { Timestamp = milliseconds }, _bench.Data(1, 8));
        Assert.Equal([(ConnectRules.TimeOutOfRange, 1L)], _bench.Rejected);
        Assert.Equal(8.0, _bench.Live.Last().Sample.Value.Number);
    }

    [Fact]
    public void A_time_a_day_ahead_is_taken_and_a_millisecond_more_is_not()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.NData(1, _bench.Data(1, 1, _bench.Now + 1.Days), _bench.Data(1, 2, _bench.Now + 1.Days + 1.Milliseconds));
        Assert.Single(_bench.Rejected);
        Assert.Equal(1.0, _bench.Live.Last().Sample.Value.Number);
    }

    [Fact]
    public void A_metric_broken_inside_is_refused_alone()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        var good = PayloadEncoder.Encode(new(null, [_bench.Data(1, 8)], null));
        byte[] bytes = [.. good, 0x12, 0x02, 0x0A, 0x7F, 0x18, 0x01];   // then a metric whose name runs past its end, then seq 1
        _bench.TakeBytes(MessageKind.NData, bytes);
        Assert.Equal([(SparkplugRules.MetricUnreadable, 1L)], _bench.Rejected);
        Assert.Equal(8.0, _bench.Live.Last().Sample.Value.Number);
    }

    [Fact]
    public void Garbage_is_told_with_a_gap_and_the_next_message_is_no_second_loss()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.TakeBytes(MessageKind.NData, [0xFF, 0xFF]);    // was number 1
        _bench.NData(2, _bench.Data(1, 8));
        _bench.Wait(5.Seconds);
        Assert.Equal([SparkplugRules.PayloadUnreadable], _bench.Told);
        Assert.Equal([GapCause.Garbage], _bench.Gaps.Select(g => g.Cause));
        Assert.Equal(8.0, _bench.Live.Last().Sample.Value.Number);
    }

    [Fact]
    public void Garbage_that_used_up_no_number_costs_no_message_either()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.TakeBytes(MessageKind.NData, [0xFF, 0xFF]);
        _bench.NData(1, _bench.Data(1, 8));
        _bench.NData(2, _bench.Data(1, 9));
        Assert.Equal([7.0, 8, 9], _bench.Live.Select(s => s.Sample.Value.Number));
        Assert.Single(_bench.Gaps);
    }

    [Fact]
    public void A_metric_that_never_had_a_value_is_announced_and_not_counted()
    {
        _bench.NBirth(0, 0, new Metric { Name = "n", Alias = 1, DataType = SparkplugDataType.Double, IsNull = true });
        Assert.Empty(_bench.Samples);
        _bench.NData(1, _bench.Data(1, 8));
        Assert.Equal(8.0, _bench.Live.Single().Sample.Value.Number);
        // Now it had one: null in a birth means that it is gone.
        _bench.NBirth(0, 0, new Metric { Name = "n", Alias = 1, DataType = SparkplugDataType.Double, IsNull = true });
        Assert.Equal(Quality.Unavailable, _bench.Live.Last().Sample.Quality);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_compressed_payload_is_read_like_a_plain_one(bool gzip)
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        var plain = PayloadEncoder.Encode(new(SessionBench.Ms(_bench.Now), [_bench.Data(1, 8)], 1));
        using var packed = new MemoryStream();
        using (Stream pack = gzip ? new GZipStream(packed, CompressionMode.Compress, true) : new ZLibStream(packed, CompressionMode.Compress, true)) pack.Write(plain);
        _bench.Take(MessageKind.NData, new(null, [], null, "SPBV1.0_COMPRESSED", packed.ToArray()));
        Assert.Equal(8.0, _bench.Live.Last().Sample.Value.Number);
        Assert.Empty(_bench.Told);
    }

    [Fact]
    public void A_compressed_payload_that_unfolds_without_end_or_is_broken_is_refused()
    {
        var bench = new SessionBench(new() { MostInflated = 1000 });
        bench.NBirth(0, 0, bench.Born("n", 1, 7));
        using var packed = new MemoryStream();
        using (var pack = new ZLibStream(packed, CompressionMode.Compress, true)) pack.Write(new byte[1001]);
        bench.Take(MessageKind.NData, new(null, [], null, "SPBV1.0_COMPRESSED", packed.ToArray()));
        bench.Take(MessageKind.NData, new(null, [], null, "SPBV1.0_COMPRESSED", new byte[] { 0x1F, 0x8B, 1, 2, 3 }));
        Assert.Equal([SparkplugRules.PayloadUnreadable, SparkplugRules.PayloadUnreadable], bench.Told);
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_refused_with_its_rule()
    {
        var text = new Metric { Name = "program", Alias = 9, Timestamp = SessionBench.Ms(_bench.Now), DataType = SparkplugDataType.String, Value = SparkplugValue.Of("a") };
        _bench.NBirth(0, 0, text);
        var bytes = PayloadEncoder.Encode(new(null, [text with { Name = null, Value = SparkplugValue.Of("zz") }], 1));
        bytes.AsSpan()[bytes.AsSpan().IndexOf("zz"u8)] = 0xFF;
        _bench.TakeBytes(MessageKind.NData, bytes);
        Assert.Equal([(SparkplugRules.TextNotUtf8, 1L)], _bench.Rejected);
    }

    [Fact]
    public void Another_type_than_announced_and_a_missing_value_are_refused()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.NData(1, new Metric { Alias = 1, Timestamp = SessionBench.Ms(_bench.Now), DataType = SparkplugDataType.Int32, Value = SparkplugValue.Of(1) },
            new Metric { Alias = 1, Timestamp = SessionBench.Ms(_bench.Now) });
        Assert.Equal([(SparkplugRules.TypeDiffers, 1L), (SparkplugRules.ValueMissing, 1L)], _bench.Rejected);
    }

    [Fact]
    public void Nothing_a_peer_sends_makes_the_session_throw() => Check.Sample(
        Gen.Select(Gen.Int[0, 7], Gen.Byte.Array[0, 60], Gen.Int[0, 255], Gen.Bool).Array[1, 40], steps =>
    {
        var bench = new SessionBench();
        foreach (var (kind, bytes, seq, sound) in steps)
        {
            var device = kind % 2 == 1 ? "press" : null;
            if (sound) bench.Take((MessageKind)kind, new(SessionBench.Ms(bench.Now), [bench.Born("n", (ulong)(seq % 3), seq)], (ulong)seq), device);
            else bench.TakeBytes((MessageKind)kind, bytes, device);
            bench.Wait(TimeSpan.FromMilliseconds(seq * 20));
        }
    }, iter: 300);
}
