using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ieum.Connect;
using Ieum.Connect.Sparkplug;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>Settings of the edge node are judged by the words of the standard before anything is published.</summary>
public sealed class EdgeCheckTests
{
    private static readonly MachineId[] Machines = [new("MC1"), new("MC2")];
    private static readonly SparkplugEdgeSettings Good = new() { Enabled = true, Group = "공장 1", Node = "ieum", Broker = "mqtts://broker.local:8883", User = "edge", Password = "x", PrimaryHost = "SCADA" };

    public static TheoryData<string, string?> Cases => new()
    {
        { "good", null }, { "all left out", null }, { "renamed", null }, { "two machines swap names", null },
        { "group a/b", SparkplugRules.EdgeId }, { "group STATE", SparkplugRules.EdgeId }, { "node empty", SparkplugRules.EdgeId }, { "node with +", SparkplugRules.EdgeId },
        { "host with #", SparkplugRules.EdgeId }, { "node with a line break", SparkplugRules.EdgeId }, { "node of 129", SparkplugRules.EdgeId }, { "lone surrogate", SparkplugRules.EdgeId },
        { "http broker", SparkplugRules.EdgeBroker }, { "password alone", SparkplugRules.EdgeBroker }, { "ca is no file", SparkplugRules.EdgeCa }, { "ca without tls", SparkplugRules.EdgeCa },
        { "no machine", SparkplugRules.EdgeNothing }, { "no signal", SparkplugRules.EdgeNothing }, { "unknown machine", SparkplugRules.EdgeMachine }, { "device a/b", SparkplugRules.EdgeId },
        { "one device id", SparkplugRules.EdgeTwice }, { "id of another by case", SparkplugRules.EdgeTwice }, { "one metric name", SparkplugRules.EdgeTwice }, { "metric by case", SparkplugRules.EdgeTwice },
        { "metric bdSeq", SparkplugRules.EdgeMetric }, { "metric Node Control", SparkplugRules.EdgeMetric }, { "gather an hour", SparkplugRules.EdgeRange },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_mistake_is_told_by_its_rule(string mistake, string? rule)
    {
        SparkplugEdgeSettings settings = mistake switch
        {
            "good" => Good,
            "all left out" => new(),
            "renamed" => Good with { Devices = [new("MC1", "선반-1", true, [new("load", "Axes/X/Load")])] },
            "two machines swap names" => Good with { Devices = [new("MC1", "MC2"), new("MC2", "MC1")] },
            "group a/b" => Good with { Group = "a/b" },
            "group STATE" => Good with { Group = "STATE" },
            "node empty" => Good with { Node = "" },
            "node with +" => Good with { Node = "a+b" },
            "host with #" => Good with { PrimaryHost = "#" },
            "node with a line break" => Good with { Node = "a\nb" },
            "node of 129" => Good with { Node = new('n', 129) },
            "lone surrogate" => Good with { Group = "\ud800" },
            "http broker" => Good with { Broker = "http://broker:1883" },
            "password alone" => Good with { User = "" },
            "ca is no file" => Good with { Ca = "/no/such/file.pem" },
            "ca without tls" => Good with { Ca = Pem(), Broker = "mqtt://broker" },
            "no machine" => Good with { EveryMachine = false },
            "no signal" => Good with { Devices = [new("MC1", EverySignal: false)] },
            "unknown machine" => Good with { Devices = [new("MC9")] },
            "device a/b" => Good with { Devices = [new("MC1", "a/b")] },
            "one device id" => Good with { Devices = [new("MC1", "x"), new("MC2", "x")] },
            "id of another by case" => Good with { Devices = [new("MC1", "mc2")] },
            "one metric name" => Good with { Devices = [new("MC1", Metrics: [new("load", "x"), new("speed", "x")])] },
            "metric by case" => Good with { Devices = [new("MC1", EverySignal: false, Metrics: [new("Load"), new("load")])] },
            "metric bdSeq" => Good with { Devices = [new("MC1", Metrics: [new("load", "bdSeq")])] },
            "metric Node Control" => Good with { Devices = [new("MC1", Metrics: [new("load", "Node Control/Rebirth")])] },
            "gather an hour" => Good with { Gather = TimeSpan.FromHours(1) },
            _ => throw new ArgumentOutOfRangeException(nameof(mistake)),
        };
        var faults = SparkplugEdgeCheck.Wrong(settings, Machines);
        if (rule is null) Assert.Empty(faults);
        else Assert.Equal(rule, Assert.Single(faults).Rule);
    }

    [Fact]
    public void An_authority_may_be_given_as_text() => Assert.Empty(SparkplugEdgeCheck.Wrong(Good with { Ca = Pem() }, Machines));

    [Fact]
    public void Settings_with_the_same_content_are_the_same()
    {
        Assert.Equal(Good with { Devices = [new("MC1", "", true, [new("a", "b")])] }, Good with { Devices = [new("MC1", "MC1", true, [new("a", "b")])] });
        Assert.NotEqual(Good with { Devices = [new("MC1", "", true, [new("a", "b")])] }, Good with { Devices = [new("MC1", "", true, [new("a", "c")])] });
    }

    private static string Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=factory", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(80));
        return certificate.ExportCertificatePem();
    }
}
