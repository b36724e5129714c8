using Ieum.Conformance.Sim;
using Ieum.TestKit;

namespace Ieum.Conformance.OpcUa;

/// <summary>A simulated machine with an OPC UA server, read by a client by others.</summary>
public sealed class OpcUaSimTests
{
    [Fact]
    public async Task A_machine_tool_is_found_by_its_companion_model_and_tells_units_and_the_past()
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"mill","protocol":"opcua","source":{"generated":"mill","seed":3}}""", speed: 600);
        Assert.Contains(sim.Points("mill"), p => p is { Name: "execution", Address: "ns=1;s=execution", Role: Ieum.Model.SignalRole.Execution });
        var steps = new object[]
        {
            new { @do = "namespaces" },
            new { @do = "translate", start = "RootFolder", path = "/Objects/2:Machines/1:mill/3:Monitoring/3:MachineTool/3:OperationMode" },
            new { @do = "translate", start = "RootFolder", path = "/Objects/2:Machines/1:mill/3:Production/3:ActiveProgram/3:Name" },
            new { @do = "translate", start = "RootFolder", path = "/Objects/2:Machines/1:mill/4:Identification/4:SerialNumber" },
            new { @do = "browse", node = "ns=1;s=Sload" },
            new { @do = "watch", node = "ns=1;s=Sload", count = 5 },
            new { @do = "history", node = "ns=1;s=Sload", from = "2026-11-01T00:00:00Z", to = "2027-01-01T00:00:00Z", most = 5 },
        };
        var s = await OpcUaCounterpart.RunAsync(sim.Endpoint("mill"), "Aes256_Sha256_RsaPss", "SignAndEncrypt", steps);
        Assert.True(s.Count == steps.Length, string.Join('\n', s));
        Assert.Equal(["http://opcfoundation.org/UA/", "urn:ieum:sim:mill", "http://opcfoundation.org/UA/Machinery/", "http://opcfoundation.org/UA/MachineTool/", "http://opcfoundation.org/UA/DI/"],
            s[0].List("namespaces").Select(n => n.GetString()));
        Assert.All(s.Skip(1).Take(3), t => Assert.Equal("Good", t.Text("status")));
        Assert.Equal(["EngineeringUnits", "EURange"], s[4].List("names").Select(n => n.GetString()));
        Assert.Equal(5, s[5].List("values").Length);
        Assert.Equal(5, s[6].List("values").Length);
    }

    [Fact]
    public async Task Only_what_somebody_watched_counts_as_sent()
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"mill","protocol":"opcua","history":0,"waitForClient":true,"source":{"generated":"mill","seed":5}}""", speed: 600);
        var s = await OpcUaCounterpart.RunAsync(sim.Endpoint("mill"), "None", "None", [new { @do = "watch", node = "ns=1;s=Xload", count = 60 }]);
        var values = s[0].List("values");
        var status = await sim.StatusAsync("mill");
        // One item of many was watched: what the machine said elsewhere, nobody has seen.
        var (produced, sent, unseen) = (Count("produced"), Count("sent"), Count("unseen"));
        Assert.InRange(sent, values.Length, produced - unseen);
        Assert.True(unseen > 0);

        long Count(string name) => status.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task An_account_is_needed_where_nobody_is_anonymous()
    {
        await using var sim = await SimProcess.RunAsync(
            """{"id":"lathe","protocol":"opcua","anonymous":false,"user":"op","password":"secret","security":["Basic256Sha256"],"source":{"generated":"lathe"}}""");
        var steps = new object[] { new { @do = "read", nodes = (string[])["ns=1;s=avail"] } };
        Assert.Contains("error", (await OpcUaCounterpart.RunAsync(sim.Endpoint("lathe"), "Basic256Sha256", "Sign", steps))[0].ToString(), StringComparison.Ordinal);
        var good = await OpcUaCounterpart.RunAsync(sim.Endpoint("lathe"), "Basic256Sha256", "Sign", steps, "op", "secret");
        Assert.Equal("Good", good[0].List("values")[0].Text("status"));
    }
}
