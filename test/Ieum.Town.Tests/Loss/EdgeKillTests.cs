using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>
/// A whole node as Sparkplug edge node behind its inside broker, killed while it tells and while it catches up; npm mqtt and
/// sparkplug-payload are the primary host. What the node stored, its host hears: at once, or later as history.
/// </summary>
public sealed class EdgeKillTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"edge-kill-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_killed_edge_node_tells_its_primary_host_every_stored_value_sooner_or_later()
    {
        Needs.Npm("mqtt");
        Needs.Npm("sparkplug-payload");
        var (port, broker) = (Doomed.FreePort(), Doomed.FreePort());
        var (ledger, heard) = (Path.Combine(_folder, "counter.ledger"), Path.Combine(_folder, "heard"));
        using var adapter = new Doomed(Needs.Node("counting-adapter.cjs", port.ToString(CultureInfo.InvariantCulture), ledger));
        Assert.Equal("listening", await adapter.FirstLineAsync());
        var config = JsonNode.Parse(KillTests.Config(("count", "shdr", $"127.0.0.1:{port}", null)))!;
        config["Broker"]!["Port"] = broker;
        config["SparkplugEdge"] = new JsonObject { ["Enabled"] = true, ["PrimaryHost"] = "scada" };
        using var node = new DoomedNode(_folder, config.ToJsonString());
        await node.StartAsync();
        using var host = new Doomed(Needs.Node("sparkplug-host.cjs", $"mqtt://127.0.0.1:{broker}", "scada", heard));
        await node.UntilEdgeAsync(s => Count(s, "sent") > 500);

        // The host goes; what is measured meanwhile waits in the recorder, and the node is killed in the middle of telling it.
        await AwayAsync(2_000);
        host.Say("on");
        await node.UntilEdgeAsync(s => Count(s, "sent") > 0 && Count(s, "historical") > 0);
        node.Kill();
        await node.StartAsync();
        await node.UntilEdgeAsync(s => State(s) == "online" && Count(s, "behind") == 0 && Count(s, "sent") > 500);

        // Killed while the host is away, and again before it is back: two runs that told nothing owe everything.
        await AwayAsync(1_000);
        node.Kill();
        await node.StartAsync();
        await node.UntilEdgeAsync(s => State(s) == "waitingForHost");
        await node.UntilAsync("count.shdr", s => Count(s, "stored") > 500);
        node.Kill();
        await node.StartAsync();
        host.Say("on");
        await node.UntilEdgeAsync(s => State(s) == "online" && Count(s, "behind") == 0 && Count(s, "sent") > 500);
        var mark = Ledger.Made(ledger)[^1].Number;
        await node.UntilEdgeAsync(s => Count(s, "behind") == 0 && Heard().Any(h => h.Number > mark));
        await node.StopAsync();

        var stored = await Ledger.ReadAsync(node.Data, "count", "count.shdr", "counter");
        Ledger.Settle([.. Ledger.Made(ledger).Where(m => m.Number <= mark)], stored);   // the adapter goes on after the node was stopped
        var told = Heard();
        var numbers = told.Select(h => h.Number).ToHashSet();
        var owed = stored.Samples.Where(s => double.IsFinite(s.Value.Number)).Select(s => (long)s.Value.Number).Where(n => n <= mark).Distinct().ToList();
        Assert.True(owed.Count > 3_000);
        Assert.Empty(owed.Where(n => !numbers.Contains(n)).Order().Take(10));
        Assert.Contains(told, h => h.IsHistorical);
        TestContext.Current.SendDiagnosticMessage($"edge node killed three times: {owed.Count} stored, all told; {told.Count - numbers.Count} of {told.Count} told again, {told.Count(h => h.IsHistorical)} as history");

        async Task AwayAsync(int values)
        {
            host.Say("off");
            await node.UntilEdgeAsync(s => State(s) == "waitingForHost");
            long? from = null;
            await node.UntilAsync("count.shdr", s => Count(s, "stored") >= (from ??= Count(s, "stored")) + values);
        }

        List<(long Number, bool IsHistorical)> Heard() => [.. File.ReadLines(heard).Select(l => l.Split(' ')).Where(p => p.Length == 3).Select(p => (long.Parse(p[0], CultureInfo.InvariantCulture), p[2] == "h"))];
    }

    private static string State(JsonNode edge) => edge["state"]!.ToString();
    private static long Count(JsonNode node, string counter) => node[counter]!.GetValue<long>();
}
