using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

public class SettingsTests
{
    private static ConnectionSettings Settings(string endpoint, params (string Key, string Value)[] options) => new(
        new("s"), new("m"), "sparkplug", endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value));

    [Theory]
    [InlineData("plant")]
    [InlineData("plant/edge/press/x")]
    [InlineData("plant//press")]
    [InlineData("plant/+")]
    [InlineData("plant/edge#")]
    public void An_endpoint_that_is_no_node_or_device_is_refused(string endpoint) => Assert.Equal(
        ConnectRules.EndpointWrong, Assert.Throws<ConnectionSettingsException>(() => SparkplugSettings.Read(Settings(endpoint))).Rule);

    [Theory]
    [InlineData("broker", "localhost:1883")]
    [InlineData("broker", "http://localhost")]
    [InlineData("broker", "mqtt://user:secret@localhost")]
    [InlineData("silence", "0.5")]
    [InlineData("silence", "1,5")]
    [InlineData("reorder", "61")]
    [InlineData("role.load", "Strength")]
    [InlineData("unit.load", "kilowatt")]
    public void An_option_with_a_wrong_value_is_refused(string key, string value) => Assert.Equal(
        ConnectRules.OptionWrong, Assert.Throws<ConnectionSettingsException>(() => SparkplugSettings.Read(Settings("a/b", (key, value)))).Rule);

    [Fact]
    public void An_unknown_option_is_refused() => Assert.Equal(
        ConnectRules.OptionUnknown, Assert.Throws<ConnectionSettingsException>(() => SparkplugSettings.Read(Settings("a/b", ("brocker", "x")))).Rule);

    [Fact]
    public void A_full_set_of_options_is_read()
    {
        var read = SparkplugSettings.Read(Settings("공장/edge 1/press", ("broker", "mqtts://mqtt.example"), ("user", "u"), ("password", "p"),
            ("silence", "12.5"), ("role.a/b", "Load"), ("unit.a/b", "KWT")));
        Assert.Equal(("공장", "edge 1", "press"), (read.Group, read.Node, read.Device));
        Assert.Equal(new BrokerAddress("mqtt.example", 8883, true, "u", "p", null), read.Broker);
        Assert.Equal(TimeSpan.FromSeconds(12.5), read.Limits.Silence);
        Assert.Equal("mqtts://mqtt.example:8883", read.Broker!.ToString());   // no secrets in logs
    }

    [Theory]
    [InlineData("Execution", SparkplugDataType.String, SignalRole.Execution)]
    [InlineData("CNC/part_count", SparkplugDataType.Int64, SignalRole.PartCount)]
    [InlineData("system_cond", SparkplugDataType.String, SignalRole.Condition)]
    [InlineData("mode", SparkplugDataType.Int32, SignalRole.None)]             // a maker's code, not a word
    [InlineData("Spindle Load", SparkplugDataType.Double, SignalRole.None)]    // named in the options below
    [InlineData("vibration", SparkplugDataType.Double, SignalRole.None)]
    internal void Well_known_names_have_their_meaning_and_options_have_the_last_word(string name, SparkplugDataType type, SignalRole expected)
    {
        var naming = new SignalNaming(new("m"), SparkplugSettings.Read(Settings("a/b/c", ("role.Spindle Load", "None"))));
        Assert.Equal(expected, naming.SignalOf(new MetricScope("c"), new MetricSlot(name, []) { DataType = type }, default).Role);
    }

    [Fact]
    public void A_connection_to_a_whole_node_puts_the_device_before_the_name()
    {
        var naming = new SignalNaming(new("m"), SparkplugSettings.Read(Settings("a/b")));
        Assert.Equal("press/load", naming.SignalOf(new MetricScope("press"), new MetricSlot("load", []), default).Id.Name);
        Assert.Equal("load", naming.SignalOf(new MetricScope(null), new MetricSlot("load", []), default).Id.Name);
    }

    [Theory]
    [InlineData("spBv1.0/g/NDATA/n", true)]
    [InlineData("spBv1.0/g/DDATA/n/d", true)]
    [InlineData("spBv1.0/g/DDATA/n", false)]       // a device message without device
    [InlineData("spBv1.0/g/NDATA/n/d", false)]     // a node message with one
    [InlineData("spBv1.0/g/XDATA/n", false)]
    [InlineData("spAv1.0/g/NDATA/n", false)]
    [InlineData("spBv1.0/STATE/host", false)]
    [InlineData("spBv1.0//NDATA/n", false)]
    [InlineData("", false)]
    public void Topics_follow_chapter_4(string topic, bool good) => Assert.Equal(good, SparkplugTopic.TryParse(topic, out _));

    [Fact]
    public void State_is_json_with_a_boolean_and_a_number()
    {
        Assert.Equal("{\"online\":true,\"timestamp\":1700000000123}"u8.ToArray(), HostState.Write(true, 1_700_000_000_123));
        Assert.True(HostState.SaysOffline(HostState.Write(false, 1)));
        Assert.False(HostState.SaysOffline(HostState.Write(true, 1)));
        Assert.True(HostState.SaysOffline("OFFLINE"u8));
        Assert.False(HostState.SaysOffline("{\"online\":\"no\"}"u8));
        Assert.False(HostState.SaysOffline([0xFF, 0x00]));
        Assert.False(HostState.SaysOffline([]));
    }

    [Fact]
    public void A_broker_that_others_can_reach_must_name_its_users()
    {
        var check = new BrokerExposureCheck();
        Assert.True(check.Validate(null, new()).Succeeded);
        Assert.True(check.Validate(null, new() { Bind = "0.0.0.0" }).Failed);
        Assert.True(check.Validate(null, new() { Bind = "everywhere" }).Failed);
        var named = new BrokerOptions { Bind = "0.0.0.0" };
        named.Users["edge"] = "secret";
        Assert.True(check.Validate(null, named).Succeeded);
    }

    [Fact]
    public void Every_rule_has_a_text()
    {
        var rules = typeof(SparkplugRules).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order();
        Assert.Equal(rules, SparkplugRules.All.Keys.Order());
    }
}
