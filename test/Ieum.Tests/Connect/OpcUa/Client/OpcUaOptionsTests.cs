using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public class OpcUaOptionsTests
{
    [Theory]
    [InlineData("opc.tcp://10.0.0.5:4840/UA/Server", "opc.tcp://10.0.0.5:4840/UA/Server")]
    [InlineData("opc.tcp://machine", "opc.tcp://machine:4840/")]
    [InlineData("10.0.0.5:48010", "opc.tcp://10.0.0.5:48010/")]
    [InlineData("opc.tcp://[fe80::1]:4840", "opc.tcp://[fe80::1]:4840/")]
    public void An_endpoint_may_leave_out_what_is_usual(string text, string expected) =>
        Assert.Equal(expected, Read(text).Endpoint.AbsoluteUri.Replace("/UA/Server/", "/UA/Server", StringComparison.Ordinal));

    [Theory]
    [InlineData("http://10.0.0.5")]
    [InlineData("opc.tcp://user:word@host")]
    [InlineData("opc.tcp://")]
    public void What_is_no_opc_address_is_refused(string text) =>
        Assert.Equal(ConnectRules.EndpointWrong, Assert.Throws<ConnectionSettingsException>(() => Read(text)).Rule);

    [Fact]
    public void The_defaults_are_those_of_a_small_factory()
    {
        var o = Read("opc.tcp://m");
        Assert.Equal((WantedSecurity.Best, WantedMode.Best, false, TimeChoice.Source), (o.Security, o.Mode, o.Legacy, o.Time));
        Assert.Equal(TimeSpan.FromSeconds(0.5), o.Sampling);
        Assert.Equal(TimeSpan.FromSeconds(4), o.AnswerLimit);
        Assert.True(o.History);
    }

    [Fact]
    public void Sampling_follows_publishing_unless_it_is_set()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), Read("m", ("publishing", "2")).Sampling);
        Assert.Equal(TimeSpan.FromSeconds(0.1), Read("m", ("publishing", "2"), ("sampling", "0.1")).Sampling);
    }

    [Theory]
    [InlineData("basic256")]
    [InlineData("basic128rsa15")]
    public void A_broken_policy_needs_the_explicit_switch(string policy)
    {
        var refused = Assert.Throws<ConnectionSettingsException>(() => Read("m", ("security", policy)));
        Assert.Contains("legacy=true", refused.Message, StringComparison.Ordinal);
        Assert.True(Read("m", ("security", policy), ("legacy", "true")).Legacy);
    }

    [Theory]
    [InlineData("publsihing", "1", ConnectRules.OptionUnknown)]
    [InlineData("publishing", "0", ConnectRules.OptionWrong)]
    [InlineData("trust", "AB:CD", ConnectRules.OptionWrong)]
    [InlineData("percent.Load", "0", ConnectRules.OptionWrong)]
    [InlineData("mode", "2", ConnectRules.OptionWrong)]
    public void A_wrong_option_is_told_by_name(string key, string value, string rule)
    {
        var refused = Assert.Throws<ConnectionSettingsException>(() => Read("m", (key, value)));
        Assert.Equal(rule, refused.Rule);
        Assert.Contains($"'{key}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_and_certificate_together_are_refused() =>
        Assert.Throws<ConnectionSettingsException>(() => Read("m", ("user", "op"), ("user-certificate", "op.pfx")));

    [Fact]
    public void A_thumbprint_may_be_written_with_colons() =>
        Assert.Equal(string.Concat(Enumerable.Repeat("AB", 20)), Read("m", ("trust", string.Join(':', Enumerable.Repeat("ab", 20)))).Trust);

    private static OpcUaOptions Read(string endpoint, params (string Key, string Value)[] options) => OpcUaOptions.Read(
        new(new("m.opcua"), new("m"), "opcua", endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value)));
}
