using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

public class MetricValuesTests
{
    private static (bool Ok, SampleValue Value, string? Rule) Read(SparkplugDataType type, SparkplugValue value)
    {
        var bytes = PayloadEncoder.Encode(new(null, [new() { DataType = type, Value = value }], null));
        Assert.True(PayloadView.TryRead(bytes, out var payload, out _));
        var walk = payload.Metrics;
        Assert.True(walk.TryNext(out var metric));
        Assert.True(MetricView.TryRead(metric, out var view, out _));
        var ok = MetricValues.TryRead(type, view, 1000, out var sample, out var rule, out _);
        return (ok, sample, rule);
    }

    [Theory]
    [InlineData(1u, -128, 4294967168UL)]      // Int8: 2^32 − 128
    [InlineData(2u, -32768, 4294934528UL)]    // Int16: 2^32 − 32768
    [InlineData(3u, int.MinValue, 2147483648UL)]
    [InlineData(1u, 127, 127UL)]
    public void Negative_integers_travel_as_32_bit_twos_complement(uint type, int expected, ulong onTheWire)
    {
        Assert.Equal(onTheWire, SparkplugValue.Of(expected).Bits);
        Assert.Equal(SampleValue.Of((long)expected), Read((SparkplugDataType)type, SparkplugValue.Of(expected)).Value);
    }

    [Fact]
    public void Eight_bit_twos_complement_of_other_writers_is_understood()
    {
        Assert.Equal(SampleValue.Of(-1L), Read(SparkplugDataType.Int8, SparkplugValue.Of(255u)).Value);
        Assert.Equal(SampleValue.Of(-2L), Read(SparkplugDataType.Int16, SparkplugValue.Of(65534u)).Value);
    }

    [Theory]
    [InlineData(1u, 256u)]       // Int8
    [InlineData(5u, 256u)]       // UInt8
    [InlineData(6u, 65536u)]     // UInt16
    [InlineData(2u, 0xFFFF0000u)]
    public void A_number_that_does_not_fit_its_type_is_refused(uint type, uint value) =>
        Assert.Equal((false, SparkplugRules.ValueWrong), (Read((SparkplugDataType)type, SparkplugValue.Of(value)).Ok, Read((SparkplugDataType)type, SparkplugValue.Of(value)).Rule));

    [Fact]
    public void The_extremes_of_64_bits_survive()
    {
        Assert.Equal(SampleValue.Of(long.MinValue), Read(SparkplugDataType.Int64, SparkplugValue.Of(long.MinValue)).Value);
        Assert.Equal(SampleValue.Of(long.MaxValue), Read(SparkplugDataType.UInt64, SparkplugValue.Of((ulong)long.MaxValue)).Value);
        // 2^63 is a double exactly; 2^64 − 1 is not and says so.
        Assert.Equal((true, SampleValue.Of(9223372036854775808.0), null), Read(SparkplugDataType.UInt64, SparkplugValue.Of(9223372036854775808UL)));
        var (ok, value, rule) = Read(SparkplugDataType.UInt64, SparkplugValue.Of(ulong.MaxValue));
        Assert.True(ok);
        Assert.Equal((18446744073709551616.0, SparkplugRules.NumberRounded), (value.Number, rule));
    }

    [Fact]
    public void Tables_templates_arrays_and_files_become_text()
    {
        var table = new DataSet(["이름", "値"], [SparkplugDataType.String, SparkplugDataType.Int8],
            [[SparkplugValue.Of("가"), SparkplugValue.Of(-5)], [SparkplugValue.Of("\""), SparkplugValue.Of(7)]]);
        Assert.Equal("""{"columns":["이름","値"],"rows":[["가",-5],["\"",7]]}""", Read(SparkplugDataType.DataSet, SparkplugValue.Of(table)).Value.Text);
        var template = new Template("1", [new() { Name = "x", DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(double.NaN) }],
            [new("p", SparkplugDataType.Boolean, SparkplugValue.Of(true))], "t", false);
        Assert.Equal("""{"p":true,"x":"NaN"}""", Read(SparkplugDataType.Template, SparkplugValue.Of(template)).Value.Text);
        Assert.Equal("[-1,2]", Read(SparkplugDataType.Int16Array, SparkplugValue.Of(SparkplugArrays.Pack<short>([-1, 2]))).Value.Text);
        Assert.Equal("AQID", Read(SparkplugDataType.File, SparkplugValue.Of([1, 2, 3])).Value.Text);
    }

    [Fact]
    public void A_text_beyond_the_limit_is_refused_and_one_at_the_limit_is_not()
    {
        Assert.True(Read(SparkplugDataType.String, SparkplugValue.Of(new string('a', 1000))).Ok);
        Assert.Equal(SparkplugRules.ValueTooLong, Read(SparkplugDataType.String, SparkplugValue.Of(new string('a', 1001))).Rule);
    }

    [Fact]
    public void A_type_that_does_not_exist_is_refused() =>
        Assert.Equal(SparkplugRules.TypeUnknown, Read((SparkplugDataType)99, SparkplugValue.Of(1)).Rule);
}
