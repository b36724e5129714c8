using System.Collections.Immutable;
using CsCheck;
using Ieum.Connect;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Tests.Connect.Polling;

public sealed class PollPointTests
{
    private static readonly ImmutableSortedDictionary<string, string> States = ImmutableSortedDictionary<string, string>.Empty.Add("0", "UNAVAILABLE").Add("1", "READY").Add("2", "ACTIVE");

    private static PollPoint Point(PointSettings settings, string? order = null)
    {
        var connection = Connection(settings, order);
        return PollPoint.Read(connection, new ModbusProtocol(1, ModbusFraming.Tcp), ModbusOptions.Read(connection).Poll).Single();
    }

    private static ConnectionSettings Connection(PointSettings settings, string? order = null) => new(new("s"), new("m"), "modbus", "h",
        order is null ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add("word-order", order)) { Points = [settings] };

    private static (SampleValue Value, Quality Quality) Value(PollPoint point, string cells)
    {
        point.TryValue(Convert.FromHexString(cells), out var value, out var quality);
        return (value, quality);
    }

    [Fact]
    public void A_scaled_number_is_the_decimal_that_the_panel_shows()
    {
        var p = Point(new("t", "holding:0") { Type = "int16", Scale = 0.1 });
        Assert.Equal((SampleValue.Of(12.3), Quality.Good), Value(p, "007B"));   // 123 × 0.1 would be 12.3000…01
        Assert.Equal(ValueKind.Real, p.Kind);
        Assert.Equal((SampleValue.Of(-39.5), Quality.Good), Value(Point(new("t", "holding:0") { Type = "uint16", Scale = 0.5, Offset = -40 }), "0001"));
        Assert.Equal((SampleValue.Of(43L), Quality.Good), Value(Point(new("n", "holding:0") { Type = "uint16", Offset = 1 }), "002A"));
    }

    [Fact]
    public void A_state_has_its_word_and_one_without_a_word_stays_a_number()
    {
        var p = Point(new("execution", "holding:0") { Role = SignalRole.Execution, Words = States });
        Assert.Equal((SampleValue.Of("ACTIVE"), Quality.Good), Value(p, "0002"));
        Assert.Equal((SampleValue.Of("UNAVAILABLE"), Quality.Unavailable), Value(p, "0000"));
        Assert.Equal((SampleValue.Of(9L), Quality.Good), Value(p, "0009"));
        Assert.Equal(ValueKind.Text, p.Kind);
    }

    [Fact]
    public void A_measurement_that_is_unavailable_has_no_value()
    {
        var p = Point(new("load", "holding:0") { Type = "int16", Scale = 0.1, Words = ImmutableSortedDictionary<string, string>.Empty.Add("-32768", "UNAVAILABLE") });
        Assert.Equal((SampleValue.None, Quality.Unavailable), Value(p, "8000"));
        Assert.Equal(ValueKind.Real, p.Kind);
    }

    [Fact]
    public void NaN_is_kept_and_bad()
    {
        var (value, quality) = Value(Point(new("f", "holding:0") { Type = "float32" }), "7FC00000");
        Assert.True(double.IsNaN(value.Number));
        Assert.Equal(Quality.Bad, quality);
    }

    [Fact]
    public void A_deadband_holds_back_less_than_itself_and_passes_exactly_itself()
    {
        var p = Point(new("t", "holding:0") { Deadband = 5 });
        Assert.False(p.IsChange(SampleValue.Of(10L), SampleValue.Of(14L)));
        Assert.True(p.IsChange(SampleValue.Of(10L), SampleValue.Of(15L)));
        Assert.False(p.IsChange(SampleValue.Of(10L), SampleValue.Of(10L)));
    }

    [Theory]
    [InlineData("holding:0", "float32", "abcd", "42F6E979")]
    [InlineData("holding:0", "float32", "cdab", "E97942F6")]
    [InlineData("holding:0", "float32:dcba", "abcd", "79E9F642")]
    public void The_order_is_that_of_the_connection_unless_the_type_says_otherwise(string address, string type, string order, string cells) =>
        Assert.Equal(123.456, Value(Point(new("f", address) { Type = type }, order), cells).Value.Number, 4);

    [Fact]
    public void The_order_of_words_leaves_single_registers_alone() => Assert.Equal(1L, Value(Point(new("n", "holding:0"), "dcba"), "0001").Value.Integer);

    [Fact]
    public void What_is_written_is_what_is_read_back() =>
        Gen.Select(OneOf("int16", "uint16", "int32", "bcd16"), OneOf(1, 0.1, 0.001, 2.5), OneOf(0.0, -40, 100), Gen.Int[0, 9_999]).Sample((type, scale, offset, raw) =>
        {
            var p = Point(new("x", "holding:0") { Type = type, Scale = scale, Offset = offset });
            var cells = new byte[p.Count * 2];
            Assert.True(RegisterCodec.TryEncode(SampleValue.Of((long)raw), p.Type, p.Order, System.Text.Encoding.UTF8, cells));
            p.TryValue(cells, out var value, out _);
            var back = new byte[p.Count * 2];
            Assert.True(p.TryCells(value, back));
            Assert.Equal(cells, back);
        });

    [Fact]
    public void A_word_is_written_as_its_code_and_a_stranger_is_not()
    {
        var p = Point(new("execution", "holding:0") { Words = States });
        var cells = new byte[2];
        Assert.True(p.TryCells(SampleValue.Of("ACTIVE"), cells));
        Assert.Equal("0002", Convert.ToHexString(cells));
        Assert.False(p.TryCells(SampleValue.Of("DANCING"), cells));
    }

    [Theory]
    [InlineData("holding:0", "int15", "type 'int15' is not known")]
    [InlineData("coil:0", "int16", "single bit")]
    [InlineData("holding:0.3", "int16", "names a bit")]
    [InlineData("holding:0", "int8", "two bytes")]
    [InlineData("nowhere", "int16", "must look like")]
    public void A_point_that_cannot_be_is_refused_with_its_reason(string address, string type, string reason)
    {
        var wrong = Assert.Throws<ConnectionSettingsException>(() => Point(new("p", address) { Type = type }));
        Assert.Equal(ConnectRules.PointWrong, wrong.Rule);
        Assert.Contains(reason, wrong.Message, StringComparison.Ordinal);
        Assert.Contains("'p'", wrong.Message, StringComparison.Ordinal);
    }

    private static Gen<T> OneOf<T>(params T[] known) => Gen.Int[0, known.Length - 1].Select(i => known[i]);

    [Fact]
    public void A_connection_without_points_or_with_an_unknown_option_is_refused()
    {
        var none = new ConnectionSettings(new("s"), new("m"), "modbus", "h", ImmutableDictionary<string, string>.Empty.Add("wordorder", "abcd"));
        Assert.Equal(ConnectRules.OptionUnknown, Assert.Throws<ConnectionSettingsException>(() => ModbusOptions.Read(none)).Rule);
        Assert.Equal(ConnectRules.EndpointWrong, Assert.Throws<ConnectionSettingsException>(() => ModbusOptions.Read(none with { Endpoint = "tcp://h" })).Rule);
    }
}
