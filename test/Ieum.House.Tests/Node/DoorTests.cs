using System.Globalization;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>The node's OPC UA door, seen by a client by others.</summary>
public sealed class DoorTests
{
    private const string Config = """
        {
          "company": { "id": "W", "name": "Workshop", "country": "KR", "sites": [ { "id": "ansan", "areas": [ { "id": "hall", "name": "Hall",
            "lines": [ { "id": "milling", "machines": [ { "id": "MC1", "name": "Mill", "kind": "milling" } ] } ] } ] } ] },
          "OpcUaDoor": { "Enabled": true, "Port": 0 }
        }
        """;

    private static readonly DateTimeOffset Eight = new(TimeProvider.System.GetUtcNow().Date.AddDays(-1).AddHours(8), TimeSpan.Zero);

    [Fact]
    public async Task Scada_finds_the_machine_reads_watches_and_asks_for_the_past()
    {
        await using var node = await RunningNode.StartAsync(Config);
        var (door, load) = await FillAsync(node);
        var steps = new object[]
        {
            new { @do = "translate", start = "RootFolder", path = "/Objects/2:W/2:ansan/2:hall/2:milling/2:MC1/2:Signals/2:Sload" },
            new { @do = "namespaces" },
            new { @do = "read", nodes = (string[])["ns=2;s=MC1/Sload", "ns=2;s=MC1/ StateText"] },
            new { @do = "history", node = "ns=2;s=MC1/Sload", from = Eight.AddSeconds(10).ToString("O", CultureInfo.InvariantCulture), to = Eight.AddSeconds(20).ToString("O", CultureInfo.InvariantCulture) },
            new { @do = "watch", node = "ns=2;s=MC1/Sload", count = 4 },
            new { @do = "write", node = "ns=2;s=MC1/Sload", type = "Double", value = 1 },
        };
        var s = await OpcUaCounterpart.RunAsync(door.Endpoint, "None", "None", steps, told: line =>
        {
            if (line.TryGetProperty("watching", out _))
                for (var v = 100; v < 103; v++) door.Tell([At(load, v, v)]);
        });
        Assert.True(s.Count == steps.Length, string.Join('\n', s));
        Assert.Equal("ns=2;s=MC1/Sload", s[0].List("ids").Single().GetString());
        Assert.Equal("urn:ieum:machines", s[1].List("namespaces")[2].GetString());
        Assert.Equal(29, s[2].List("values")[0].GetProperty("value").GetDouble());
        Assert.Equal("Unknown", s[2].List("values")[1].Text("value"));
        Assert.Equal(Enumerable.Range(10, 10).Select(v => (double)v), s[3].List("values").Select(v => v.GetProperty("value").GetDouble()));
        Assert.Equal([29, 100, 101, 102], s[4].List("values").Select(v => v.GetProperty("value").GetDouble()));
        Assert.Equal("BadNotWritable", s[5].Text("status"));
    }

    [Fact]
    public async Task An_account_of_the_node_opens_the_door_and_writes_under_guard_and_a_wrong_password_does_not()
    {
        await using var machine = new ModbusMachine { [0] = 45, [1] = 10 };
        await using var node = await RunningNode.StartAsync($$"""
            {
              "company": { "id": "W", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1", "kind": "milling" }] }] }] }] },
              "connections": [{ "machine": "MC1", "protocol": "modbus", "endpoint": "127.0.0.1:{{machine.Port}}", "options": { "period": "0.05" },
                "points": [{ "name": "temp", "address": "holding:0", "type": "uint16" }, { "name": "flow", "address": "holding:1", "type": "uint16" }] }],
              "writes": [{ "machine": "MC1", "signal": "flow", "min": 0, "max": 20, "hours": "always", "role": "planner", "states": ["unknown", "idle", "running"], "secondPerson": false }],
              "OpcUaDoor": { "Enabled": true, "Port": 0 }
            }
            """);
        await node.SignInAsOwnerAsync();
        var (door, _) = await FillAsync(node);
        var recorder = node.Services.GetRequiredService<IRecorder>();
        using (var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
            while (recorder.Find(new SignalId(new("MC1"), "flow")) is not { } flow || recorder.Last(flow) is null) await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        object Write(string signal, int value) => new { @do = "write", node = $"ns=2;s=MC1/{signal}", type = "Int64", value };
        var steps = new[] { new { @do = "read", nodes = (string[])["ns=2;s=MC1/flow"] }, Write("flow", 14), Write("flow", 21), Write("temp", 1) };

        // Nobody without a name writes, and a name is worth its password.
        Assert.NotEqual("Good", (await OpcUaCounterpart.RunAsync(door.Endpoint, "None", "None", [Write("flow", 12)]))[0].Text("status"));
        Assert.Contains("BadUserAccessDenied", (await OpcUaCounterpart.RunAsync(door.Endpoint, "None", "None", steps, "owner", "guessed"))[0].Text("error"), StringComparison.Ordinal);
        Assert.Empty(machine.Written);

        var good = await OpcUaCounterpart.RunAsync(door.Endpoint, "None", "None", steps, "owner", "a long password");
        Assert.Equal("Good", good[0].List("values")[0].Text("status"));
        Assert.Equal(["Good", "BadUserAccessDenied", "BadNotWritable"], good.Skip(1).Select(a => a.Text("status")));
        Assert.Equal([(1, (ushort)14)], machine.Written);
        var audit = await (await node.GetAsync("/api/v1/writes/audit.csv")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("owner", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_certificate_stays_outside_until_somebody_trusts_it()
    {
        await using var node = await RunningNode.StartAsync(Config);
        var (door, _) = await FillAsync(node);
        var steps = new object[] { new { @do = "read", nodes = (string[])["ns=2;s=MC1/Sload"] } };
        Assert.Contains("error", (await OpcUaCounterpart.RunAsync(door.Endpoint, "Basic256Sha256", "SignAndEncrypt", steps))[0].ToString(), StringComparison.Ordinal);
        var pki = Path.Combine(node.Folder, "pki");
        var rejected = Assert.Single(Directory.GetFiles(Path.Combine(pki, "rejected"), "*", SearchOption.AllDirectories));
        Directory.CreateDirectory(Path.Combine(pki, "trusted", "certs"));
        File.Move(rejected, Path.Combine(pki, "trusted", "certs", Path.GetFileName(rejected)));
        var trusted = await OpcUaCounterpart.RunAsync(door.Endpoint, "Basic256Sha256", "SignAndEncrypt", steps);
        Assert.Equal("Good", trusted[0].List("values")[0].Text("status"));
    }

    [Fact]
    public async Task Left_alone_the_door_stays_shut()
    {
        await using var node = await RunningNode.StartAsync();
        Assert.Equal("", node.Services.GetRequiredService<IOpcUaDoor>().Endpoint);
    }

    private static Sample At(SignalNumber signal, double value, double second) =>
        new(signal, Eight.AddSeconds(second).UtcTicks, Eight.AddSeconds(second).UtcTicks, SampleValue.Of(value), Quality.Good);

    private static async Task<(IOpcUaDoor Door, SignalNumber Load)> FillAsync(RunningNode node)
    {
        var cancel = TestContext.Current.CancellationToken;
        var recorder = node.Services.GetRequiredService<IRecorder>();
        var load = recorder.Register(new(new(new("MC1"), "Sload"), Unit.Percent, ValueKind.Real));
        var samples = Enumerable.Range(0, 30).Select(v => At(load, v, v)).ToArray();
        await recorder.AppendAsync(new(new("MC1.test"), new("MC1"), samples), cancel);
        var door = node.Services.GetRequiredService<IOpcUaDoor>();
        // As the intake does after each batch: the door may have shown the signal between its registration and its first value.
        door.Tell(samples);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (door.Endpoint.Length == 0) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        return (door, load);
    }
}
