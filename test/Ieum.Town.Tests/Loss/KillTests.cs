using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ieum.Model;
using Ieum.Node.Town;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>Real processes, counted sequences, SIGKILL: at the end every number is stored once or stands in a gap.</summary>
/// <remarks>With IEUM_NIGHTLY=1 each fault comes ten times as often.</remarks>
public sealed class KillTests : IDisposable
{
    internal static int Rounds(int usual) => Environment.GetEnvironmentVariable("IEUM_NIGHTLY") == "1" ? usual * 10 : usual;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"kill-{Guid.NewGuid():N}")).FullName;
    private readonly int _port = Doomed.FreePort();
    private string LedgerFile => Path.Combine(_folder, "counter.ledger");

    /// <summary>A Wednesday morning of the last days: a generated machine stands still at night and on a Sunday, whenever the test is run.</summary>
    private static DateTimeOffset WorkingMorning
    {
        get
        {
            var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
            return new DateTimeOffset(yesterday.Date.AddDays(-(((int)yesterday.DayOfWeek - (int)DayOfWeek.Wednesday + 7) % 7)), TimeSpan.Zero).AddHours(9);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<Doomed> AdapterAsync()
    {
        var adapter = new Doomed(Needs.Node("counting-adapter.cjs", _port.ToString(CultureInfo.InvariantCulture), LedgerFile));
        Assert.Equal("listening", await adapter.FirstLineAsync());
        return adapter;
    }

    internal static string Config(params (string Machine, string Protocol, string Endpoint, JsonObject? Options)[] connections) => new JsonObject
    {
        ["company"] = JsonNode.Parse($$"""{"id":"loss","sites":[{"id":"s","areas":[{"id":"a","lines":[{"id":"l","machines":[{{string.Join(",", connections.Select(c => $$"""{"id":"{{c.Machine}}","kind":"milling"}"""))}}]}]}]}]}"""),
        ["connections"] = new JsonArray([.. connections.Select(c => (JsonNode)new JsonObject { ["machine"] = c.Machine, ["protocol"] = c.Protocol, ["endpoint"] = c.Endpoint, ["options"] = c.Options ?? [] })]),
        ["Security"] = new JsonObject { ["DemoOwner"] = true },
        ["Broker"] = new JsonObject { ["Port"] = 0 },
    }.ToJsonString();

    private static readonly string[] Boxes = ["outside", "own"];

    private sealed class Gone(List<Doomed> doomed) : IDisposable
    {
        public void Dispose() => doomed.ForEach(d => d.Dispose());
    }

    private static long Count(JsonNode source, string counter) => source[counter]!.GetValue<long>();

    [Fact]
    public async Task A_node_killed_again_and_again_misses_only_what_its_gaps_say_and_of_a_source_with_a_buffer_nothing()
    {
        using var adapter = await AdapterAsync();
        var simConfig = Path.Combine(_folder, "sim.json");
        await File.WriteAllTextAsync(simConfig, $$$"""{"clock":{"speed":30,"start":"{{{WorkingMorning:o}}}"},"machines":[{"id":"M","protocol":"mtconnect","port":0,"waitForClient":true,"source":{"generated":"mill","seed":4}}]}""", TestContext.Current.CancellationToken);
        using var sim = Doomed.Start("dotnet", Programs.Sim(), "run", "--config", simConfig, "--with-parent");
        var ready = JsonNode.Parse(await sim.FirstLineAsync())!;
        var control = ready["control"]!.GetValue<string>();
        // Two boxes that count on plain MQTT: one through an outside broker, one through the node's own.
        Needs.Npm("mqtt");
        var ports = Boxes.ToDictionary(b => b, _ => Doomed.FreePort());
        var brokerConfig = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(brokerConfig, $"listener {ports["outside"]} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n", TestContext.Current.CancellationToken);
        using var broker = Doomed.Start(Needs.Program("mosquitto", "apt-get install mosquitto"), "-c", brokerConfig);
        var options = new JsonObject { ["time"] = "t", ["status"] = "box/status" };
        var config = JsonNode.Parse(Config(("count", "shdr", $"127.0.0.1:{_port}", null), ("agent", "mtconnect", ready["machines"]![0]!["endpoint"]!.GetValue<string>(), null),
            ("outside", "mqtt", $"mqtt://127.0.0.1:{ports["outside"]}", options), ("own", "mqtt", "node", (JsonObject)options.DeepClone())))!;
        foreach (var c in config["connections"]!.AsArray().Skip(2)) c!["points"] = new JsonArray(new JsonObject { ["name"] = "counter", ["address"] = "box/counter#v", ["type"] = "number" });
        config["Broker"]!["Port"] = ports["own"];
        using var node = new DoomedNode(_folder, config.ToJsonString());
        var boxes = new List<Doomed>();
        using var gone = new Gone(boxes);
        var rounds = Rounds(3);
        for (var round = 0; round < rounds; round++)
        {
            await node.StartAsync();
            if (boxes.Count == 0) boxes.AddRange(Boxes.Select(b => new Doomed(Needs.Node("counting-machine.cjs", "mqtt", ports[b].ToString(CultureInfo.InvariantCulture), Path.Combine(_folder, $"{b}.ledger")))));
            await node.UntilAsync("count.shdr", s => Count(s, "stored") > 500);
            await node.UntilAsync("agent.mtconnect", s => Count(s, "stored") > 0);
            foreach (var b in Boxes) await node.UntilAsync($"{b}.mqtt", s => Count(s, "stored") > 50);
            node.Kill();
        }
        await node.StartAsync();
        foreach (var b in Boxes) await node.UntilAsync($"{b}.mqtt", s => Count(s, "stored") > 50);
        // They leave when their broker has everything; that they are away is the last they say.
        await Task.WhenAll(boxes.Select(b => b.StopAsync()));
        foreach (var b in Boxes) await node.UntilAsync($"{b}.mqtt", s => s["link"]!.ToString() == "silent" && Count(s, "waiting") == 0 && Count(s, "received") + Count(s, "marks") == Count(s, "stored") + Count(s, "rejected"));
        await node.UntilAsync("count.shdr", s => Count(s, "stored") > 500);
#pragma warning disable RS0030 // a test's own client
        using var http = new HttpClient();
#pragma warning restore RS0030
        await http.PostAsJsonAsync(control + "/stop", new { }, TestContext.Current.CancellationToken);
        async Task<long> SentAsync() => (await http.GetFromJsonAsync<JsonNode>(control + "/status", TestContext.Current.CancellationToken))!["machines"]![0]!["sent"]!.GetValue<long>();
        var sent = await SentAsync();
        var before = -1L;
        // What the agent still had goes over; then nothing more comes.
        await node.UntilAsync("agent.mtconnect", s => Count(s, "waiting") == 0 && Count(s, "stored") > 0 && before == (before = Count(s, "stored")) && Count(s, "received") + Count(s, "marks") == Count(s, "stored") + Count(s, "rejected"));
        adapter.Kill();
        await node.UntilAsync("count.shdr", s => s["link"]!.ToString() is "disconnected" && Count(s, "waiting") == 0);
        await node.StopAsync();

        var counter = await Ledger.ReadAsync(node.Data, "count", "count.shdr", "counter");
        var made = Ledger.Made(LedgerFile);
        var missing = Ledger.Settle(made, counter);
        Assert.InRange(missing, 1, made.Count - 500);
        Assert.Equal(rounds, counter.Gaps.Count(g => g.Cause == GapCause.NodeDown));
        var agent = await Ledger.ReadAsync(node.Data, "agent", "agent.mtconnect", null);
        Assert.Equal(sent, await SentAsync());
        Assert.Equal(sent, agent.Samples.Count);                       // each once: as many as the agent numbered
        Assert.All(agent.Gaps, g => Assert.Equal(0, g.Lost));
        Assert.Equal(rounds, agent.Gaps.Count);
        foreach (var b in Boxes)
        {
            var said = Ledger.Made(Path.Combine(_folder, $"{b}.ledger"));
            Assert.InRange(said.Count, 50 * (rounds + 1), int.MaxValue);
            Assert.Equal(0, Ledger.Settle(said, await Ledger.ReadAsync(node.Data, b, $"{b}.mqtt", "counter"), everything: true));
            TestContext.Current.SendDiagnosticMessage($"{b} broker: {said.Count} said by a box on plain MQTT, all stored once");
        }
        TestContext.Current.SendDiagnosticMessage($"{rounds} kills: {made.Count} counted values made, {made.Count - missing} stored once, {missing} in {counter.Gaps.Count} gaps, 0 unexplained; agent {sent} sent, {agent.Samples.Count} stored");
    }

    [Fact]
    public async Task A_machine_and_a_broker_killed_again_and_again_leave_gaps_that_hold_every_missing_number()
    {
        var mosquitto = Needs.Program("mosquitto", "apt-get install mosquitto");
        Needs.Npm("sparkplug-client");
        var brokerPort = Doomed.FreePort();
        var brokerConfig = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(brokerConfig, $"listener {brokerPort} 127.0.0.1\nallow_anonymous true\npersistence false\n", TestContext.Current.CancellationToken);
        var broker = Doomed.Start(mosquitto, "-c", brokerConfig);
        var adapter = await AdapterAsync();
        using var node = new DoomedNode(_folder, Config(("count", "shdr", $"127.0.0.1:{_port}", null),
            ("edge", "sparkplug", "g/e/d", new() { ["broker"] = $"mqtt://127.0.0.1:{brokerPort}" })));
        await node.StartAsync();
        await node.UntilAsync("edge.sparkplug", s => s["link"]!.ToString() is not "refused");
        using var edge = new Doomed(Needs.Node("sparkplug-edge.cjs", $"mqtt://127.0.0.1:{brokerPort}", "g", "e", "d"));
        await node.UntilAsync("edge.sparkplug", s => s["link"]!.ToString() == "connected" && Count(s, "stored") > 0);
        List<(long Number, DateTimeOffset At)> said = [];
        try
        {
            for (var round = 0; round < Rounds(2); round++)
            {
                await TellAsync();
                broker.Dispose();
                adapter.Dispose();
                await node.UntilAsync("edge.sparkplug", s => s["link"]!.ToString() == "disconnected");
                await TellAsync();
                broker = Doomed.Start(mosquitto, "-c", brokerConfig);
                adapter = await AdapterAsync();
                await node.UntilAsync("edge.sparkplug", s => s["link"]!.ToString() == "connected");
                var heard = Count(await node.UntilAsync("count.shdr", s => s["link"]!.ToString() == "connected"), "stored");
                await node.UntilAsync("count.shdr", s => Count(s, "stored") > heard + 500);
            }
            await TellAsync();
            var before = -1L;
            await node.UntilAsync("edge.sparkplug", s => Count(s, "waiting") == 0 && before == (before = Count(s, "stored")));
            adapter.Kill();
            await node.UntilAsync("count.shdr", s => s["link"]!.ToString() is "disconnected" && Count(s, "waiting") == 0);
        }
        finally
        {
            broker.Dispose();
            adapter.Dispose();
        }
        await node.StopAsync();
        var made = Ledger.Made(LedgerFile);
        var missing = Ledger.Settle(made, await Ledger.ReadAsync(node.Data, "count", "count.shdr", "counter"));
        var lost = Ledger.Settle(said, await Ledger.ReadAsync(node.Data, "edge", "edge.sparkplug", "d/load") is { Samples.Count: > 0 } s ? s : await Ledger.ReadAsync(node.Data, "edge", "edge.sparkplug", "load"));
        Assert.InRange(lost, 0, said.Count - 20);
        TestContext.Current.SendDiagnosticMessage($"adapter killed: {made.Count} made, {missing} in gaps; broker killed: {said.Count} said, {lost} in gaps; 0 unexplained");

        async Task TellAsync()
        {
            using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var i = 0; i < 50 && await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken); i++)
            {
                said.Add((1000 + said.Count, TimeProvider.System.GetUtcNow()));
                edge.Say(string.Create(CultureInfo.InvariantCulture, $"data {said[^1].Number}"));
            }
        }
    }

    [Fact]
    public async Task A_full_disk_and_a_kill_in_the_middle_of_it_cost_nothing_that_was_queued()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file size limits are set with prlimit");
        var prlimit = Needs.Program("prlimit", "apt-get install util-linux");
        using var adapter = await AdapterAsync();
        using var node = new DoomedNode(_folder, Config(("count", "shdr", $"127.0.0.1:{_port}", null)));
        await node.StartAsync();
        // The write-ahead log has to be longer than a file of the queue becomes; then a limit between the two stops the one and not the other.
        var log = Path.Combine(node.Data, "measurements.db-wal");
        await node.UntilAsync("count.shdr", _ => new FileInfo(log) is { Exists: true, Length: > 2 << 20 });
        await LimitAsync(1536 << 10);
        var full = await node.UntilAsync("count.shdr", s => s["queue"]!["samples"]!.GetValue<long>() > 500);
        Assert.NotNull(full["queue"]!["trouble"]);
        await LimitAsync(null);
        await node.UntilAsync("count.shdr", s => s["queue"]!["samples"]!.GetValue<long>() == 0 && s["queue"]!["trouble"] is null);
        await LimitAsync(1536 << 10);
        await node.UntilAsync("count.shdr", s => s["queue"]!["samples"]!.GetValue<long>() > 500);
        node.Kill();
        await node.StartAsync();
        var restored = await node.UntilAsync("count.shdr", s => s["queue"]!["samples"]!.GetValue<long>() == 0 && Count(s, "received") > 500);
        Assert.True(Count(restored, "restored") > 500, restored.ToJsonString());
        adapter.Kill();
        await node.UntilAsync("count.shdr", s => s["link"]!.ToString() is "disconnected" && Count(s, "waiting") == 0);
        await node.StopAsync();
        var stored = await Ledger.ReadAsync(node.Data, "count", "count.shdr", "counter");
        var made = Ledger.Made(LedgerFile);
        var missing = Ledger.Settle(made, stored);
        Assert.Equal(GapCause.NodeDown, Assert.Single(stored.Gaps, g => g.Cause != GapCause.Disconnected).Cause);
        TestContext.Current.SendDiagnosticMessage($"full disk twice and a kill: {made.Count} made, {missing} while no node ran, 0 unexplained");

        async Task LimitAsync(long? bytes)
        {
            using var set = Process.Start(prlimit, ["--pid", node.ProcessId.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--fsize={bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}:unlimited")]);
            await set.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, set.ExitCode);
        }
    }
}
