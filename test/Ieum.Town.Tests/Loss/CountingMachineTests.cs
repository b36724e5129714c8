using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>SIGKILL for machines that are asked (Modbus, SLMP) and for a box that publishes plain MQTT, each counting what it says before it says it.</summary>
/// <remarks>With IEUM_NIGHTLY=1 each is killed ten times as often.</remarks>
public sealed class CountingMachineTests : IDisposable
{
    private static readonly string[] Protocols = ["modbus", "slmp", "mqtt"];

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"counting-{Guid.NewGuid():N}")).FullName;
    private readonly Dictionary<string, int> _ports = Protocols.ToDictionary(p => p, _ => Doomed.FreePort());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_a_killed_machine_said_stands_in_the_store_once_or_in_a_gap()
    {
        Needs.Npm("mqtt");
        var machines = new Dictionary<string, Doomed>();
        using var node = new DoomedNode(_folder, Config());
        await node.StartAsync();
        try
        {
            var rounds = KillTests.Rounds(2);
            foreach (var p in Protocols) machines[p] = await StartAsync(p);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var p in Protocols) await MoreAsync(node, p);
                foreach (var p in Protocols) machines[p].Kill();
                foreach (var p in Protocols) await node.UntilAsync($"{p}.{p}", s => s["link"]!.ToString() != "connected");
                foreach (var p in Protocols) machines[p] = await ReplaceAsync(machines[p], p);
            }
            foreach (var p in Protocols) await MoreAsync(node, p);
            foreach (var p in Protocols) machines[p].Kill();
            foreach (var p in Protocols) await node.UntilAsync($"{p}.{p}", s => s["link"]!.ToString() != "connected" && s["waiting"]!.GetValue<long>() == 0);
            await node.StopAsync();
            foreach (var p in Protocols)
            {
                var made = Ledger.Made(LedgerOf(p));
                var stored = await Ledger.ReadAsync(node.Data, p, $"{p}.{p}", "counter");
                var missing = Ledger.Settle(made, stored);
                // Not more than what was under way at each kill: an answer, or what a box had in its socket.
                Assert.InRange(missing, 0, made.Count / 4);
                Assert.InRange(stored.Gaps.Count, rounds, made.Count / 4);
                TestContext.Current.SendDiagnosticMessage($"{p}: killed {rounds + 1} times, {made.Count} said, {missing} in {stored.Gaps.Count} gaps ({string.Join(", ", stored.Gaps.Select(g => g.Cause).Distinct())}), 0 unexplained");
            }
        }
        finally
        {
            foreach (var m in machines.Values) m.Dispose();
        }
    }

    private string LedgerOf(string protocol) => Path.Combine(_folder, $"{protocol}.ledger");

    private async Task<Doomed> StartAsync(string protocol)
    {
        var machine = new Doomed(Needs.Node("counting-machine.cjs", protocol, _ports[protocol].ToString(CultureInfo.InvariantCulture), LedgerOf(protocol)));
        Assert.Equal("listening", await machine.FirstLineAsync());
        return machine;
    }

    private Task<Doomed> ReplaceAsync(Doomed killed, string protocol)
    {
        killed.Dispose();
        return StartAsync(protocol);
    }

    /// <summary>Waits until so many further values are stored over a connection that stands.</summary>
    private static async Task MoreAsync(DoomedNode node, string protocol)
    {
        long? from = null;
        await node.UntilAsync($"{protocol}.{protocol}", s => s["stored"]!.GetValue<long>() is var stored && stored >= (from ??= stored) + 60 && s["link"]!.ToString() == "connected");
    }

    private string Config()
    {
        JsonObject OptionsOf(string protocol) => protocol == "mqtt"
            ? new() { ["time"] = "t", ["status"] = "box/status" }
            : new() { ["period"] = "0.05", ["timeout"] = "2" };
        string AddressOf(string protocol) => protocol switch { "mqtt" => "box/counter#v", "modbus" => "holding:0", _ => "D0" };
        var config = JsonNode.Parse(KillTests.Config([.. Protocols.Select(p => (p, p, p == "mqtt" ? "node" : $"127.0.0.1:{_ports[p]}", (JsonObject?)OptionsOf(p)))]))!;
        foreach (var c in config["connections"]!.AsArray())
        {
            var protocol = c!["protocol"]!.GetValue<string>();
            c["points"] = new JsonArray(new JsonObject { ["name"] = "counter", ["address"] = AddressOf(protocol), ["type"] = protocol == "mqtt" ? "number" : "uint16" });
        }
        config["Broker"]!["Port"] = _ports["mqtt"];
        return config.ToJsonString();
    }
}
