using CsCheck;
using Ieum.Model;

namespace Ieum.Tests.Model;

public sealed class SampleValueTests
{
    [Fact]
    public void Every_double_survives_to_the_bit() =>
        Gen.Long.Sample(bits =>
        {
            var value = SampleValue.FromBits(ValueKind.Real, bits);
            return value.Kind == ValueKind.Real && value.Bits == bits && BitConverter.DoubleToInt64Bits(value.Number) == bits;
        });

    [Fact]
    public void Every_kind_survives_its_own_parts() =>
        Gen.OneOf(Gen.Double.Select(SampleValue.Of), Gen.Long.Select(SampleValue.Of), Gen.Bool.Select(SampleValue.Of), Gen.String.Select(SampleValue.Of), Gen.Const(SampleValue.None))
            .Sample(v => SampleValue.FromBits(v.Kind, v.Bits, v.Text).Equals(v));

    [Fact]
    public void Zero_and_minus_zero_differ_and_the_same_nan_is_equal()
    {
        Assert.NotEqual(SampleValue.Of(0.0), SampleValue.Of(-0.0));
        Assert.Equal(SampleValue.Of(double.NaN), SampleValue.Of(double.NaN));
        Assert.NotEqual(SampleValue.Of(1L), SampleValue.Of(1.0));
        Assert.NotEqual(SampleValue.Of(true), SampleValue.Of(1L));
    }

    [Fact]
    public void Numbers_are_written_alike_under_a_culture_with_a_comma()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = new("de-DE");
            Assert.Equal("-1.5", SampleValue.Of(-1.5).ToString());
            Assert.Equal("-9223372036854775808", SampleValue.Of(long.MinValue).ToString());
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_text_is_not_a_number()
    {
        Assert.True(double.IsNaN(SampleValue.Of("가공 중").Number));
        Assert.Throws<InvalidOperationException>(() => SampleValue.Of(1.0).Integer);
    }

    [Theory]
    [InlineData("Fault|1102|||INTERFERE", ConditionLevel.Fault, "1102", "INTERFERE")]
    [InlineData("NORMAL||||", ConditionLevel.Normal, "", "")]
    [InlineData("warning|7|2|HIGH|가|나", ConditionLevel.Warning, "7", "가|나")]
    public void A_condition_reads_level_code_and_message(string text, ConditionLevel level, string code, string message)
    {
        Assert.True(ConditionReport.TryParse(text, out var report));
        Assert.Equal((level, code, message), (report.Level, report.Code, report.Message));
        Assert.True(ConditionReport.TryParse(report.ToString(), out var again));
        Assert.Equal(report, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2|x")]
    [InlineData("Broken|x")]
    public void Words_that_are_no_level_are_no_condition(string? text) => Assert.False(ConditionReport.TryParse(text, out _));

    [Fact]
    public void Only_a_finite_number_is_a_figure()
    {
        Assert.Equal((2.5, -7.0, long.MaxValue), (SampleValue.Of(2.5).Figure, SampleValue.Of(-7L).Figure, SampleValue.Of(long.MaxValue).Figure));
        Assert.All((SampleValue[])[SampleValue.None, SampleValue.Of(double.NaN), SampleValue.Of(double.PositiveInfinity), SampleValue.Of(true), SampleValue.Of("12")], v => Assert.Null(v.Figure));
    }
}
