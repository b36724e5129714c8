using System.Collections.Immutable;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.PlainMqtt;
using Ieum.Model;

namespace Ieum.Tests.Connect.PlainMqtt;

public class MqttPayloadTests
{
    private static readonly ConnectionSettings Connection = new(new("m.mqtt"), new("m"), "mqtt", "node", ImmutableDictionary<string, string>.Empty);

    private static MqttPoint Point(string address = "t", string type = "", string unit = "", SignalRole role = SignalRole.None, params (string, string)[] words) =>
        MqttPoint.Read(Connection, new("p", address) { Type = type, Unit = unit, Role = role, Words = words.ToImmutableSortedDictionary(w => w.Item1, w => w.Item2) });

    private static PayloadReading Read(string payload, MqttPoint point, bool comma = false, string? time = null)
    {
        IReadOnlyList<object>? path = null;
        if (time is not null) MqttAddress.TryPath(time, out path);
        return MqttPayload.Read(Encoding.UTF8.GetBytes(payload), point, path, comma);
    }

    [Theory]
    [InlineData("12.345", "12.345", ValueKind.Real)]
    [InlineData(" -7 \r\n", "-7", ValueKind.Integer)]
    [InlineData("+012.345 mm", "12.345", ValueKind.Real)]
    [InlineData("1.5e3", "1500", ValueKind.Real)]
    [InlineData("true", "true", ValueKind.Boolean)]
    [InlineData("OFF", "false", ValueKind.Boolean)]
    [InlineData("가공 중", "가공 중", ValueKind.Text)]
    [InlineData("\"42\"", "42", ValueKind.Integer)]
    [InlineData("2026-03-02", "2026-03-02", ValueKind.Text)]
    [InlineData("10:15:00", "10:15:00", ValueKind.Text)]
    public void An_automatic_point_takes_a_payload_for_what_it_looks_like(string payload, string value, ValueKind kind)
    {
        var read = Read(payload, Point());
        Assert.Null(read.Rule);
        Assert.Equal((value, kind), (read.Value.ToString(), read.Value.Kind));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("on", true)]
    [InlineData("False", false)]
    public void A_lamp_is_a_truth_value(string payload, bool lit) => Assert.Equal(SampleValue.Of(lit), Read(payload, Point(role: SignalRole.LampGreen)).Value);

    [Theory]
    [InlineData("abc", "number", "", MqttRules.Unreadable)]
    [InlineData("2", "bool", "", MqttRules.Unreadable)]
    [InlineData("12.3 in", "number", "MMT", MqttRules.UnitDiffers)]
    [InlineData("12.3 furlong", "number", "", MqttRules.Unreadable)]
    [InlineData("{\"a\":1}", "", "", MqttRules.Unreadable)]
    [InlineData("{\"a\":", "", "", MqttRules.Unreadable)]
    public void What_a_point_does_not_expect_is_refused_with_its_rule(string payload, string type, string unit, string rule)
    {
        Assert.Equal(rule, Read(payload, Point(type: type, unit: unit)).Rule);
        Assert.Contains(rule, MqttRules.All.Keys);
    }

    [Fact]
    public void Json_is_walked_by_names_and_indices_and_null_is_no_value_now()
    {
        Assert.Equal(3.5, Read("""{"r":[{"v":1},{"v":3.5}]}""", Point("t#r[1].v")).Value.Number);
        Assert.Equal(Quality.Unavailable, Read("""{"v":null}""", Point("t#v")).Quality);
        Assert.Equal(MqttRules.KeyMissing, Read("""{"w":1}""", Point("t#v")).Rule);
        Assert.Equal(MqttRules.Unreadable, Read("""{"v":{"x":1}}""", Point("t#v")).Rule);
        Assert.Equal(MqttRules.Unreadable, Read("""{"v":"\ud800"}""", Point("t#v")).Rule);
        Assert.Equal("""{"v":[1]}""", Read("""{"v":[1]}""", Point(type: "text")).Value.Text);
    }

    [Theory]
    [InlineData("\"2026-03-02T08:00:00.5Z\"")]
    [InlineData("\"2026-03-02T17:00:00.5+09:00\"")]
    [InlineData("1772438400500")]
    [InlineData("1772438400.5")]
    public void A_time_is_iso_or_counted_from_1970(string time) =>
        Assert.Equal(new DateTime(2026, 3, 2, 8, 0, 0, 500, DateTimeKind.Utc).Ticks, Read($$"""{"v":1,"ts":{{time}}}""", Point("t#v"), time: "ts").Time);

    [Fact]
    public void A_time_that_is_none_leaves_the_value()
    {
        var read = Read("""{"v":1,"ts":"yesterday"}""", Point("t#v"), time: "ts");
        Assert.Equal((1.0, true, null), (read.Value.Number, read.TimeIsWrong, read.Rule));
    }

    [Fact]
    public void Words_scale_and_a_decimal_comma_are_put_in()
    {
        Assert.Equal("ACTIVE", Read("1", Point(words: ("1", "ACTIVE"))).Value.Text);
        Assert.Equal("ACTIVE", Read("true", Point(role: SignalRole.InCycle, words: ("1", "ACTIVE"))).Value.Text);
        Assert.Equal(Quality.Unavailable, Read("ERR", Point(words: ("ERR", "UNAVAILABLE"))).Quality);
        Assert.Equal(12.5, Read("12,5 mm", Point(unit: "MMT"), comma: true).Value.Number);
        Assert.Equal(12.3, Read("123", MqttPoint.Read(Connection, new("p", "t") { Scale = 0.1 })).Value.Number);
    }

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/+", "/finish", true)]
    [InlineData("a/b", "a", false)]
    public void Filters_match_as_the_standard_says(string filter, string topic, bool matches) => Assert.Equal(matches, TopicFilter.Matches(filter, topic));

    [Theory]
    [InlineData("gauge/+", "shop/+/g", "gauge/line1")]
    [InlineData("gauge", "shop/+/g", "gauge/line1")]
    [InlineData("gauge", "shop/line1/g", "gauge")]
    public void A_wildcard_names_its_signals(string name, string address, string signal)
    {
        var point = MqttPoint.Read(Connection, new(name, address));
        var taken = new List<string>();
        Assert.True(TopicFilter.Matches(point.Address.Filter, "shop/line1/g", taken));
        Assert.Equal(signal, point.NameFor(taken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b+")]
    [InlineData("a#x..y")]
    [InlineData("a#x[1")]
    [InlineData("a#[-1]")]
    public void An_address_that_is_none_is_refused(string address) =>
        Assert.Equal(ConnectRules.PointWrong, Assert.Throws<ConnectionSettingsException>(() => Point(address)).Rule);

    [Fact]
    public void Foreign_bytes_are_answered_never_thrown()
    {
        var seeds = new[] { "{\"v\":1,\"ts\":\"2026-03-02T08:00:00Z\"}", "+012.345 mm\r\n", "true", "[1,2,{\"v\":\"x\"}]", "NaN", "\"\\ud83d\\ude00\"" };
        MqttPoint[] points = [Point(), Point("t#v"), Point("t#[2].v"), Point(type: "number", unit: "MMT"), Point(type: "bool"), Point(type: "text")];
        MqttAddress.TryPath("ts", out var time);
        for (var seed = 0; seed < 200_000; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var n = random.Next(1, 5); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var length = random.Next(bytes.Length + 1);
            foreach (var point in points)
            {
                var read = MqttPayload.Read(bytes.AsMemory(0, length), point, time, decimalComma: seed % 2 == 0);
                if (read.Rule is { } rule) Assert.True(MqttRules.All.ContainsKey(rule) && read.Why.Length > 0, $"seed {seed}");
                else if (read.Value.Text is { } text) Assert.True(text.Length <= length, $"seed {seed}");
            }
        }
    }
}
