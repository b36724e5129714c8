using CsCheck;
using Ieum.Model;
using Ieum.Record.Blocks;

namespace Ieum.Tests.Record;

public sealed class BlockCodecTests
{
    private static readonly SignalNumber One = new(1);

    private static SampleColumns Columns(IEnumerable<Sample> samples)
    {
        var columns = new SampleColumns();
        foreach (var s in samples) columns.Add(s);
        return columns;
    }

    private static Sample[] RoundTrip(Sample[] samples, BlockCodec codec)
    {
        var bytes = codec.Encode(Columns(samples), 0, samples.Length).ToArray();
        var back = new SampleColumns();
        Assert.True(codec.TryDecode(bytes, back, out var reason), reason);
        return [.. Enumerable.Range(0, back.Count).Select(i => back.At(One, i))];
    }

    private static Sample At(long ms, SampleValue value, Quality quality = Quality.Good) =>
        new(One, 639_000_000_000_000_000 + ms * 10_000, 639_000_000_000_000_000 + ms * 10_000 + 1234, value, quality);

    private static Gen<T> Const<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<double> Reals = Gen.OneOf(
        Gen.Double, Gen.Const(-0.0), Gen.Const(double.NaN), Gen.Const(double.NegativeInfinity), Gen.Const(double.Epsilon),
        Gen.Const(BitConverter.Int64BitsToDouble(0x7FF0_0000_0000_0001)), Gen.Const(BitConverter.Int64BitsToDouble(-1)),
        Gen.Int[-5000, 5000].Select(i => i / 10.0), Gen.Int[-5000, 5000].Select(i => i * 0.1), Gen.Int[-5000, 5000].Select(i => (double)(i / 100f)));

    private static readonly Gen<SampleValue> Values = Gen.OneOf(
        Gen.Const(SampleValue.None), Reals.Select(SampleValue.Of), Gen.Long.Select(SampleValue.Of), Gen.Bool.Select(SampleValue.Of),
        Gen.String.Select(SampleValue.Of), Const("ACTIVE", "READY", "", "가공 중", "加工中", "\ud800 alone", "\0").Select(SampleValue.Of));

    private static readonly Gen<Sample> Samples =
        from source in Gen.OneOf(Gen.Long[639_000_000_000_000_000, 639_000_000_900_000_000], Gen.Long)
        from receive in Gen.OneOf(Gen.Long[639_000_000_000_000_000, 639_000_000_900_000_000], Gen.Long)
        from value in Values
        from quality in Gen.Enum<Quality>()
        select new Sample(One, source, receive, value, quality);

    [Fact]
    public void Any_mix_of_values_times_and_qualities_comes_back_to_the_bit()
    {
        using var codec = new BlockCodec();
        Samples.Array[1, 300].Sample(samples => RoundTrip(samples, codec).SequenceEqual(samples), iter: 1000, threads: 1);
    }

    [Fact]
    public void Columns_of_one_kind_come_back_to_the_bit_whatever_way_the_codec_takes()
    {
        using var codec = new BlockCodec();
        var walk = Gen.Int[-3, 3].Array[1, 1200].Select(steps => { var at = 0; return steps.Select(s => SampleValue.Of((at += s) / 10.0)).ToArray(); });
        var scaled = Gen.Int[-3, 3].Array[1, 1200].Select(steps => { var at = 0; return steps.Select(s => SampleValue.Of((at += s) * 0.01)).ToArray(); });
        var singles = Gen.Int[0, 9000].Array[1, 1200].Select(a => a.Select(i => SampleValue.Of((double)(i / 100f))).ToArray());
        var counter = Gen.Int[0, 1].Array[1, 1200].Select(steps => { var at = long.MaxValue - 600; return steps.Select(s => SampleValue.Of(at += s)).ToArray(); });
        var extremes = Const(long.MinValue, long.MaxValue, 0L, (1L << 53) + 1).Array[1, 200].Select(a => a.Select(SampleValue.Of).ToArray());
        var runs = Gen.Int[0, 99].Array[1, 1200].Select(a => { var on = false; return a.Select(x => SampleValue.Of(on ^= x == 0)).ToArray(); });
        var words = Gen.Int[0, 49].Array[1, 1200].Select(a => { var w = 0; return a.Select(x => SampleValue.Of("W" + (char)(65 + (w = x < 6 ? x : w)))).ToArray(); });
        var rarelyOdd = Gen.Int[0, 999].Array[1, 1200].Select(a => a.Select(x => SampleValue.Of(x == 0 ? double.NaN : x == 1 ? -0.0 : x / 10.0)).ToArray());
        var noise = Gen.Double.Array[1, 1200].Select(a => a.Select(SampleValue.Of).ToArray());
        Gen.OneOf(walk, scaled, singles, counter, extremes, runs, words, rarelyOdd, noise).Select(Gen.Int[-5, 5].Array[1200])
            .Sample((values, jitter) =>
            {
                Sample[] samples = [.. values.Select((v, i) => At(i * 1000 + jitter[i], v))];
                return RoundTrip(samples, codec).SequenceEqual(samples);
            }, iter: 500, threads: 1);
    }

    [Fact]
    public void A_rare_minus_zero_or_nan_does_not_cost_the_whole_column_its_scale()
    {
        using var codec = new BlockCodec();
        // 900 samples with tenths, one of them -0.0 and one a NaN with a payload.
        var samples = Enumerable.Range(0, 900).Select(i => At(i * 1000, SampleValue.Of((i % 50) / 10.0))).ToArray();
        samples[100] = samples[100] with { Value = SampleValue.Of(-0.0) };
        samples[500] = samples[500] with { Value = SampleValue.FromBits(ValueKind.Real, 0x7FF8_0000_DEAD_BEEF) };
        Assert.Equal(samples, RoundTrip(samples, codec));
        Assert.InRange(codec.Encode(Columns(samples), 0, 900).Length, 1, 400);   // as doubles the values alone would be 7200
    }

    [Fact]
    public void A_quarter_of_an_hour_of_a_tenths_walk_with_jitter_fits_in_less_than_a_byte_a_sample()
    {
        using var codec = new BlockCodec();
        var random = new Random(20261123);
        var at = 200;
        var samples = Enumerable.Range(0, 900).Select(i => At(i * 1000 + random.Next(-5, 6), SampleValue.Of((at += random.Next(-1, 2)) / 10.0))).ToArray();
        // Entropy: log2(11) = 3.46 bits of jitter + log2(3) = 1.58 bits of walk = 0.63 bytes.
        Assert.InRange(codec.Encode(Columns(samples), 0, 900).Length / 900.0, 0.63, 0.74);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tail_row_keeps_the_signal_of_each_sample(bool fast)
    {
        using var codec = new BlockCodec(fast);
        Gen.Select(Samples, Gen.Int[1, 2000]).Select((s, n) => s with { Signal = new(n) }).Array[1, 300].Sample(samples =>
        {
            var columns = Columns(samples);
            columns.Signal = [.. samples.Select(s => s.Signal.Value)];
            var back = new SampleColumns();
            Assert.True(codec.TryDecode(codec.Encode(columns, 0, samples.Length).ToArray(), back, out var reason), reason);
            for (var i = 0; i < samples.Length; i++) Assert.Equal(samples[i], back.At(new(back.Signal![i]), i));
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Any_flipped_byte_is_noticed_and_nothing_is_thrown()
    {
        using var codec = new BlockCodec();
        var bytes = codec.Encode(Columns(Enumerable.Range(0, 200).Select(i => At(i * 1000, i % 7 == 0 ? SampleValue.Of("가") : SampleValue.Of(i / 10.0)))), 0, 200).ToArray();
        var into = new SampleColumns();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x41;
            Assert.False(codec.TryDecode(bytes, into, out var reason));
            Assert.NotEmpty(reason);
            Assert.Equal(0, into.Count);
            bytes[i] ^= 0x41;
        }
        Assert.True(codec.TryDecode(bytes, into, out _));
    }

    [Fact]
    public void Foreign_bytes_with_a_right_checksum_are_refused_without_throwing()
    {
        using var codec = new BlockCodec();
        var valid = codec.Encode(Columns(Enumerable.Range(0, 100).Select(i => At(i, i % 3 == 0 ? SampleValue.Of($"t{i}") : SampleValue.Of(i * 0.3)))), 0, 100).ToArray();
        var into = new SampleColumns();
        Gen.Select(Gen.Int[0, valid.Length - 5], Gen.Byte, Gen.Int[0, valid.Length - 5], Gen.Byte).Sample((i, a, j, b) =>
        {
            var broken = valid.ToArray();
            broken[i] = a;
            broken[j] = b;
            BitConverter.TryWriteBytes(broken.AsSpan(broken.Length - 4), BlockCodec.Checksum(broken.AsSpan(0, broken.Length - 4)));
            codec.TryDecode(broken, into, out _);   // true or false, but it comes back
        }, iter: 5000, threads: 1);
        Gen.Byte.Array[0, 200].Sample(foreign =>
        {
            byte[] sealedUp = [.. foreign, .. BitConverter.GetBytes(BlockCodec.Checksum(foreign))];
            codec.TryDecode(sealedUp, into, out _);
        }, iter: 5000, threads: 1);
    }

    [Fact]
    public void Bytes_of_any_frequency_come_back_from_the_frequency_coder()
    {
        var coder = new AnsCoder();
        Gen.Select(Gen.Int[2, 9000], Gen.Int[1, 255], Gen.Int[0, 3], Gen.Int).Sample((length, spread, skew, seed) =>
        {
            var random = new Random(seed);
            var plane = new byte[length];
            for (var i = 0; i < length; i++) plane[i] = (byte)(Math.Pow(random.NextDouble(), 1 << (2 * skew)) * (spread + 1));
            (plane[0], plane[^1]) = (0, (byte)spread);   // at least two different bytes
            var writer = new ByteWriter();
            var foretold = coder.Prepare(plane);
            coder.Write(writer, plane);
            var from = new ByteReader(writer.Written);
            var back = new byte[length];
            coder.Read(ref from, back);
            return !from.Failed && from.Left == 0 && back.AsSpan().SequenceEqual(plane) && Math.Abs(writer.Length - foretold) <= 16 + length / 100;
        }, iter: 2000, threads: 1);
    }

    [Fact]
    public void The_checksum_is_crc_32c()
    {
        // Check value of CRC-32C (Castagnoli) in RFC 3720, B.4 tables and the catalogue of CRC parameters: "123456789" gives e3069283.
        Assert.Equal(0xE3069283u, BlockCodec.Checksum("123456789"u8));
    }
}
