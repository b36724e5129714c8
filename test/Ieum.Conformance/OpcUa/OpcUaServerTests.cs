using Ieum.TestKit;

namespace Ieum.Conformance.OpcUa;

/// <summary>Our server answers a client by others as that client expects.</summary>
public sealed class OpcUaServerTests
{
    private static readonly object[] Everything =
    [
        new { @do = "read", nodes = (string[])["ns=1;s=load", "ns=1;s=axes", "ns=1;s=nobody", "i=2258"] },
        new { @do = "browse", node = "ns=1;s=tags", most = 100 },
        new { @do = "translate", start = "RootFolder", path = "/Objects/1:Machine/1:Load" },
        new { @do = "namespaces" },
        new { @do = "write", node = "ns=1;s=setpoint", type = "Double", value = 42.5 },
        new { @do = "write", node = "ns=1;s=setpoint", type = "Double", value = 101 },
        new { @do = "write", node = "ns=1;s=setpoint", type = "String", value = "x" },
        new { @do = "write", node = "ns=1;s=load", type = "Double", value = 1 },
        new { @do = "read", nodes = (string[])["ns=1;s=setpoint"] },
        new { @do = "call", @object = "ns=1;s=machine", method = "ns=1;s=add", inputs = (object[])[new { type = "Double", value = 1.5 }, new { type = "Double", value = 2 }] },
        new { @do = "call", @object = "ns=1;s=machine", method = "ns=1;s=add", inputs = (object[])[new { type = "Double", value = 1.5 }] },
        new { @do = "history", node = "ns=1;s=load", from = "2026-11-24T08:00:10Z", to = "2026-11-24T08:00:20Z" },
        new { @do = "transfer", node = "ns=1;s=load" },
    ];

    [Theory]
    [InlineData("None", "None")]
    [InlineData("Basic256Sha256", "Sign")]
    [InlineData("Basic256Sha256", "SignAndEncrypt")]
    [InlineData("Aes128_Sha256_RsaOaep", "Sign")]
    [InlineData("Aes128_Sha256_RsaOaep", "SignAndEncrypt")]
    [InlineData("Aes256_Sha256_RsaPss", "Sign")]
    [InlineData("Aes256_Sha256_RsaPss", "SignAndEncrypt")]
    public async Task Every_service_works_under_every_policy_and_mode(string policy, string mode)
    {
        await using var machine = UaMachine.Start();
        var s = await OpcUaCounterpart.RunAsync(machine.Endpoint, policy, mode, Everything, "op", "secret");
        Assert.True(s.Count == Everything.Length, string.Join('\n', s));

        var read = s[0].List("values");
        Assert.Equal(["Good", "Good", "BadNodeIdUnknown", "Good"], read.Select(v => v.Text("status")));
        Assert.Equal(49, read[0].GetProperty("value").GetDouble());
        Assert.Equal("[1,2,3]", read[1].Text("value"));
        Assert.Equal((10, 1000), (s[1].GetProperty("pieces").GetInt32(), s[1].List("names").Select(n => n.GetString()).Distinct().Count()));
        Assert.Equal("ns=1;s=load", s[2].List("ids").Single().GetString());
        Assert.Equal("urn:ieum:test:machine", s[3].List("namespaces")[1].GetString());
        Assert.Equal(["Good", "BadOutOfRange", "BadTypeMismatch", "BadNotWritable"], s.Skip(4).Take(4).Select(w => w.Text("status")));
        Assert.Equal(42.5, s[8].List("values")[0].GetProperty("value").GetDouble());
        Assert.Equal(("Good", 3.5), (s[9].Text("status"), s[9].List("outputs")[0].GetDouble()));
        Assert.Equal("BadArgumentsMissing", s[10].Text("status"));
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (double)i), s[11].List("values").Select(v => v.GetProperty("value").GetDouble()));
        Assert.Equal(["Good", "BadSubscriptionIdInvalid"], s[12].List("moved").Select(m => m.GetString()));
        Assert.Equal(s[12].Text("sequence"), s[12].Text("repeated"));
        Assert.Equal("BadMessageNotAvailable", s[12].Text("missing"));
    }

    [Theory]
    [InlineData("None", "None", "Absolute", 2, new[] { 0.0, 5, 8 })]
    [InlineData("Basic256Sha256", "SignAndEncrypt", "Percent", 4, new[] { 0.0, 5, 10 })]   // 4 % of 0 to 100
    public async Task A_deadband_holds_back_small_changes(string policy, string mode, string type, double deadband, double[] expected)
    {
        await using var machine = UaMachine.Start();
        machine.Set(0);
        var steps = new object[] { new { @do = "watch", node = "ns=1;s=load", deadband, deadbandType = type, count = expected.Length } };
        var s = await OpcUaCounterpart.RunAsync(machine.Endpoint, policy, mode, steps, told: line =>
        {
            if (line.TryGetProperty("watching", out _))
                foreach (var v in new[] { 1.0, 2, 5, 6, 8, 9, 10 }) machine.Set(v);
        });
        Assert.Equal(expected, s[0].List("values").Select(v => v.GetProperty("value").GetDouble()));
    }

    [Fact]
    public async Task Ten_thousand_changes_arrive_in_order_and_none_is_missing()
    {
        await using var machine = UaMachine.Start();
        machine.Set(0);
        var s = await OpcUaCounterpart.RunAsync(machine.Endpoint, "None", "None", [new { @do = "watch", node = "ns=1;s=load", queue = 20_000, count = 10_001 }], told: line =>
        {
            if (line.TryGetProperty("watching", out _))
                for (var v = 1; v <= 10_000; v++) machine.Set(v);
        });
        Assert.Equal(Enumerable.Range(0, 10_001).Select(v => (double)v), s[0].List("values").Select(v => v.GetProperty("value").GetDouble()));
    }

    [Fact]
    public async Task A_wrong_password_and_a_guest_who_writes_are_refused()
    {
        await using var machine = UaMachine.Start();
        Assert.Contains("BadUserAccessDenied", (await OpcUaCounterpart.RunAsync(machine.Endpoint, "Basic256Sha256", "Sign", [], "op", "wrong"))[0].Text("error"));
        var guest = await OpcUaCounterpart.RunAsync(machine.Endpoint, "None", "None", [new { @do = "write", node = "ns=1;s=setpoint", type = "Double", value = 1 }]);
        Assert.Equal("BadUserAccessDenied", guest[0].Text("status"));
    }

    [Fact]
    public async Task The_endpoints_tell_every_policy_with_its_tokens()
    {
        await using var machine = UaMachine.Start();
        var endpoints = (await OpcUaCounterpart.RunAsync(machine.Endpoint, "None", "None", [new { @do = "endpoints" }]))[0].List("endpoints");
        Assert.Equal(7, endpoints.Length);
        Assert.All(endpoints, e => Assert.Equal(["Anonymous", "UserName"], e.List("tokens").Select(t => t.GetString())));
        Assert.Equal(["None", "Sign", "SignAndEncrypt"], endpoints.Select(e => e.Text("mode")).Distinct());
    }

    [Fact]
    public async Task More_nodes_than_the_server_reads_at_once_are_refused()
    {
        await using var machine = UaMachine.Start();
        var s = await OpcUaCounterpart.RunAsync(machine.Endpoint, "None", "None", [new { @do = "read", nodes = Enumerable.Range(10_000, 501).Select(i => $"ns=1;i={i}") }]);
        Assert.Contains("BadTooManyOperations", s[0].Text("error"));
    }
}
