using System.Text.Json.Nodes;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>The node is killed while an OPC UA server by others counts on: what its history holds is read afterwards, each value once.</summary>
/// <remarks>With IEUM_NIGHTLY=1 the node is killed twenty times.</remarks>
public sealed class OpcUaKillTests : IDisposable
{
    private static int Rounds => Environment.GetEnvironmentVariable("IEUM_NIGHTLY") == "1" ? 20 : 2;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"ua-kill-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task After_every_kill_history_fills_what_was_missed_and_what_nobody_kept_is_a_gap()
    {
        Needs.Npm("node-opcua");
        var ledger = Path.Combine(_folder, "counter.ledger");
        using var server = new Doomed(Needs.Node("opcua-server.cjs", $"--pki={Path.Combine(_folder, "pki")}", $"--count={ledger}"));
        var port = JsonNode.Parse(await server.FirstLineAsync())!["port"]!.GetValue<int>();
        var counterpart = $"opc.tcp://127.0.0.1:{port}/ieum";
        using var node = new DoomedNode(_folder, Config(("count", counterpart, Point("counter")), ("plain", counterpart, Point("plain"))));
        for (var round = 0; round <= Rounds; round++)
        {
            await node.StartAsync();
            foreach (var source in (string[])["count.opcua", "plain.opcua"]) await node.UntilAsync(source, s => s["stored"]!.GetValue<long>() > 15);
            if (round == Rounds) break;
            node.Kill();
            var made = Ledger.Made(ledger).Count;
            using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (Ledger.Made(ledger).Count < made + 20) await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        server.Kill();
        await node.UntilAsync("count.opcua", s => s["link"]!.ToString() != "connected" && s["waiting"]!.GetValue<long>() == 0);
        await node.UntilAsync("plain.opcua", s => s["link"]!.ToString() != "connected" && s["waiting"]!.GetValue<long>() == 0);
        await node.StopAsync();

        var all = Ledger.Made(ledger);
        var counter = await Ledger.ReadAsync(node.Data, "count", "count.opcua", "counter");
        var plain = await Ledger.ReadAsync(node.Data, "plain", "plain.opcua", "plain");
        // What was said in the last moments of the server died with it; everything before stands in the store once.
        var missing = Ledger.Settle(From(counter), counter);
        Assert.InRange(missing, 0, 10);
        Assert.DoesNotContain(counter.Gaps, g => g.Cause == GapCause.NodeDown);
        var lost = Ledger.Settle(From(plain), plain);
        Assert.Equal(Rounds, plain.Gaps.Count(g => g.Cause == GapCause.NodeDown));
        Assert.InRange(lost, 1, all.Count);
        TestContext.Current.SendDiagnosticMessage($"{Rounds} kills: {all.Count} counted; with history {missing} missing at the server's own end, without {lost} in {plain.Gaps.Count} gaps, 0 unexplained");

        List<(long Number, DateTimeOffset At)> From(Ledger.Stored stored) => [.. all.Where(m => m.Number >= stored.Samples.Where(s => s.Value.Number >= 0).Min(s => (long)s.Value.Number))];
    }

    private static JsonArray Point(string name) => [new JsonObject { ["name"] = name, ["address"] = $"nsu=urn:ieum:counterpart;s={name}" }];

    private static string Config(params (string Machine, string Endpoint, JsonArray Points)[] connections) => new JsonObject
    {
        ["company"] = JsonNode.Parse($$"""{"id":"loss","sites":[{"id":"s","areas":[{"id":"a","lines":[{"id":"l","machines":[{{string.Join(",", connections.Select(c => $$"""{"id":"{{c.Machine}}","kind":"milling"}"""))}}]}]}]}]}"""),
        ["connections"] = new JsonArray([.. connections.Select(c => (JsonNode)new JsonObject
        {
            ["machine"] = c.Machine, ["protocol"] = "opcua", ["endpoint"] = c.Endpoint, ["points"] = c.Points,
            ["options"] = new JsonObject { ["security"] = "none", ["publishing"] = "0.1", ["sampling"] = "0", ["queue"] = "1000" },
        })]),
        ["Security"] = new JsonObject { ["DemoOwner"] = true },
        ["Broker"] = new JsonObject { ["Port"] = 0 },
    }.ToJsonString();
}
