using CsCheck;
using Ieum.Connect.Sparkplug.Payload;

namespace Ieum.Tests.Connect.Sparkplug;

public class PayloadTests
{
    private static Metric One(SparkplugDataType type, SparkplugValue value) =>
        new() { Name = "축 X/온도", Alias = 7, Timestamp = 1_700_000_000_000, DataType = type, Value = value };

    [Fact]
    public void A_small_message_has_exactly_the_bytes_of_the_wire_format()
    {
        var bytes = PayloadEncoder.Encode(new(300, [new() { Alias = 1, DataType = SparkplugDataType.Int8, Value = SparkplugValue.Of(-1) }], 255));
        // 08 = field 1 varint, AC02 = 300; 12 = field 2 bytes, 0A = ten bytes: 10 01 alias, 20 01 type,
        // 50 = field 10 varint, FFFFFFFF0F = 4294967295; 18 = field 3 varint, FF01 = 255.
        Assert.Equal("08AC02120A1001200150FFFFFFFF0F18FF01", Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_metric_longer_than_127_bytes_gets_a_two_byte_length()
    {
        var bytes = PayloadEncoder.Encode(new(null, [new() { Name = new string('a', 200) }], null));
        // Name: 0A C8 01 and 200 letters = 203 bytes = CB 01 in front.
        Assert.Equal("12CB010AC801", Convert.ToHexString(bytes.AsSpan(0, 6)));
        Assert.True(PayloadDecoder.TryDecode(bytes, out var back, out _));
        Assert.Equal(200, back.Metrics[0].Name!.Length);
    }

    [Fact]
    public void Not_a_number_and_minus_zero_keep_their_bits()
    {
        var odd = BitConverter.UInt64BitsToDouble(0x7FF8_0000_DEAD_BEEF);
        var bytes = PayloadEncoder.Encode(new(1, [
            One(SparkplugDataType.Double, SparkplugValue.Of(odd)), One(SparkplugDataType.Double, SparkplugValue.Of(-0.0)),
            One(SparkplugDataType.Float, SparkplugValue.Of(float.NegativeInfinity))], 0));
        Assert.True(PayloadDecoder.TryDecode(bytes, out var back, out _));
        Assert.Equal(0x7FF8_0000_DEAD_BEEFUL, back.Metrics[0].Value.Bits);
        Assert.Equal(0x8000_0000_0000_0000UL, back.Metrics[1].Value.Bits);
        Assert.Equal(float.NegativeInfinity, back.Metrics[2].Value.Float);
    }

    private static readonly Gen<SparkplugValue> Scalar = Gen.OneOf(
        Gen.Int.Select(SparkplugValue.Of), Gen.ULong.Select(SparkplugValue.Of), Gen.Float.Select(SparkplugValue.Of),
        Gen.Double.Select(SparkplugValue.Of), Gen.Bool.Select(SparkplugValue.Of), Gen.String[Gen.Char['가', '힣'], 0, 200].Select(SparkplugValue.Of));

    private static readonly Gen<DataSet> Tables =
        from width in Gen.Int[0, 4]
        from rows in Scalar.Array[width].Array[0, 4]
        select new DataSet([.. Enumerable.Range(0, width).Select(i => $"列{i}")], [.. Enumerable.Repeat(SparkplugDataType.Double, width)], rows);

    private static readonly Gen<PropertySet> Properties =
        from items in Gen.Select(Gen.String.AlphaNumeric, Scalar).Array[0, 5]
        from nested in Gen.Bool
        let flat = new PropertySet([.. items.Select(i => KeyValuePair.Create(i.Item1, new PropertyValue(SparkplugDataType.String, i.Item2)))])
        select nested ? new PropertySet([
            KeyValuePair.Create("inner", new PropertyValue(SparkplugDataType.PropertySet, SparkplugValue.Of(flat))),
            KeyValuePair.Create("list", new PropertyValue(SparkplugDataType.PropertySetList, SparkplugValue.Of([flat, flat])))]) : flat;

    private static readonly Gen<SparkplugValue> AnyValue = Gen.OneOf(
        Scalar, Tables.Select(SparkplugValue.Of), Gen.Byte.Array[0, 300].Select(SparkplugValue.Of),
        Scalar.Select(v => SparkplugValue.Of(new Template("1.0", [One(SparkplugDataType.Double, v)], [new("p", SparkplugDataType.Int32, v)], "ref", false))));

    private static readonly Gen<SparkplugPayload> Payloads =
        from metrics in Gen.Select(AnyValue, Properties, Gen.ULong, Gen.Bool, Gen.Nullable(Gen.Bool)).Select(t => new Metric
        {
            Name = t.Item4 ? "主軸/負荷" : null, Alias = t.Item3, Timestamp = t.Item3, DataType = SparkplugDataType.File, Properties = t.Item2,
            IsHistorical = t.Item5, Value = t.Item1, MetaData = t.Item4 ? new() { FileName = "도면.stp", Size = t.Item3, IsMultiPart = t.Item5 } : null,
        }).Array[0, 6]
        from seq in Gen.ULong[0, 255]
        from at in Gen.ULong
        select new SparkplugPayload(at, metrics, seq, "uuid", new byte[] { 1, 2 });

    [Fact]
    public void Whatever_is_written_reads_back_to_the_same_bytes() => Payloads.Sample(payload =>
    {
        var bytes = PayloadEncoder.Encode(payload);
        Assert.True(PayloadDecoder.TryDecode(bytes, out var back, out var reason), reason);
        // False flags are read as absent, so compare what a second trip makes of the first.
        var again = PayloadEncoder.Encode(back);
        Assert.True(PayloadDecoder.TryDecode(again, out var twice, out _));
        Assert.Equal(Convert.ToHexString(again), Convert.ToHexString(PayloadEncoder.Encode(twice)));
        Assert.Equal(payload.Metrics.Count, back.Metrics.Count);
        for (var i = 0; i < payload.Metrics.Count; i++)
        {
            Assert.Equal(payload.Metrics[i].Name, back.Metrics[i].Name);
            Assert.Equal(payload.Metrics[i].Value.Kind, back.Metrics[i].Value.Kind);
            Assert.Equal(payload.Metrics[i].Value.Bits, back.Metrics[i].Value.Bits);
            Assert.Equal(payload.Metrics[i].Value.Text, back.Metrics[i].Value.Text);
            Assert.Equal(payload.Metrics[i].Properties!.Items.Select(p => p.Key), back.Metrics[i].Properties!.Items.Select(p => p.Key));
        }
    }, iter: 500);

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 400].Sample(Decode, iter: 20_000);

    [Fact]
    public void Damaged_messages_never_throw() => Gen.Select(Payloads, Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000]).Sample(t =>
    {
        var bytes = PayloadEncoder.Encode(t.Item1);
        if (bytes.Length > 0) bytes[t.Item2 % bytes.Length] = t.Item3;
        Decode(bytes);
        Decode(bytes[..(t.Item4 % (bytes.Length + 1))]);
    }, iter: 3_000);

    private static void Decode(byte[] bytes)
    {
        var ok = PayloadDecoder.TryDecode(bytes, out _, out var reason);
        Assert.Equal(ok, reason is null);
        if (!PayloadView.TryRead(bytes, out var view, out _)) return;
        var walk = view.Metrics;
        var count = 0;
        for (; walk.TryNext(out var metric); count++)
            if (!MetricView.TryRead(metric, out _, out var why)) Assert.NotNull(why);
        Assert.Equal(view.MetricCount, count);
    }

    [Theory]
    [InlineData("12", "the bytes end inside a number")]                         // a metric without its length
    [InlineData("0A00", "payload field 1 has the wrong wire type")]
    [InlineData("08FFFFFFFFFFFFFFFFFF7F", "a number is longer than 64 bits")]     // tenth byte above 1
    [InlineData("1205AA", "a length runs past the end of the bytes")]
    [InlineData("0B", "a field has a wire type that Sparkplug does not use")]     // group
    [InlineData("00", "a field number lies outside 1 to 536870911")]
    [InlineData("12030A01FF", "a text is not valid UTF-8")]
    public void Broken_bytes_are_refused_with_the_reason(string hex, string expected)
    {
        Assert.False(PayloadDecoder.TryDecode(Convert.FromHexString(hex), out _, out var reason));
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Endless_nesting_is_refused_instead_of_overflowing_the_stack()
    {
        var inner = One(SparkplugDataType.Int32, SparkplugValue.Of(1));
        for (var i = 0; i < 200; i++) inner = One(SparkplugDataType.Template, SparkplugValue.Of(new Template(null, [inner], [], null, null)));
        Assert.False(PayloadDecoder.TryDecode(PayloadEncoder.Encode(new(1, [inner], 0)), out _, out var reason));
        Assert.Contains("nested deeper", reason);
    }

    [Fact]
    public void Arrays_pack_as_the_standard_shows()
    {
        // Int8Array [-23, 123] is E9 7B (256 - 23 = 233; the EF in the text of the standard is -17); BooleanArray with 12 flags has count 0C000000 and bits from the top;
        // StringArray ["ABC", "hello"] is zero-terminated.
        Assert.Equal("E97B", Convert.ToHexString(SparkplugArrays.Pack<sbyte>([-23, 123])));
        Assert.Equal("0C00000034D0", Convert.ToHexString(SparkplugArrays.Pack([false, false, true, true, false, true, false, false, true, true, false, true])));
        Assert.Equal("41424300" + "68656C6C6F00", Convert.ToHexString(SparkplugArrays.Pack(["ABC", "hello"])));
        Assert.True(SparkplugArrays.TryUnpack(SparkplugDataType.Int8Array, [0xE9, 0x7B], out var small, out _));
        Assert.Equal([(sbyte)-23, (sbyte)123], small);
        Assert.True(SparkplugArrays.TryUnpack(SparkplugDataType.BooleanArray, Convert.FromHexString("0C00000034D0"), out var flags, out _));
        Assert.Equal(12, flags.Count);
        Assert.Equal(true, flags[11]);
        Assert.True(SparkplugArrays.TryUnpack(SparkplugDataType.StringArray, SparkplugArrays.Pack(["가", ""]), out var texts, out _));
        Assert.Equal(["가", ""], texts);
        Assert.False(SparkplugArrays.TryUnpack(SparkplugDataType.Int32Array, [1, 2, 3], out _, out _));
        Assert.False(SparkplugArrays.TryUnpack(SparkplugDataType.BooleanArray, [255, 255, 255, 255, 1], out _, out _));
    }
}
