using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ieum.Node.Town;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>
/// SIGKILL for the program of the simulated machines, alone and while the node is killed too, and machines whose clocks jump. They play a recording made here, so the
/// sequence is known beforehand, number by number, also for the time in which nobody could play it.
/// </summary>
public sealed class MachineKillTests : IDisposable
{
    private const string Item = "PartCountAct";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly string[] Protocols = ["mtconnect", "shdr", "opcua"];

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"machine-kill-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Machines_killed_and_with_jumping_clocks_miss_only_what_their_gaps_say()
    {
        var file = await StoryAsync();
        var machines = await StartAsync(file);
        try
        {
            using var node = new DoomedNode(_folder, ConfigOf(machines.Ready));
            await node.StartAsync();
            await MoreAsync(node, 300);
            for (var round = 0; round < KillTests.Rounds(1); round++)
            {
                machines.Process.Kill();
                machines.Process.Dispose();
                foreach (var p in Protocols) await node.UntilAsync($"{p}.{p}", s => s["link"]!.ToString() == "disconnected");
                machines = await StartAsync(file);
                await MoreAsync(node, 300);
            }
            // Now both at once: the node is away when the machines die, and what they kept for it dies with them.
            for (var round = 0; round < KillTests.Rounds(1); round++)
            {
                node.Kill();
                machines.Process.Kill();
                machines.Process.Dispose();
                machines = await StartAsync(file);
                await node.StartAsync();
                await MoreAsync(node, 300);
            }
            // Two hours forth and two hours back: no value is lost for its stamp.
            foreach (var hours in new[] { 2, -2 })
            {
                foreach (var p in Protocols) await PostAsync(machines.Control, "/fault", new { machine = p, kind = "skew", seconds = 2, skewSeconds = hours * 3600 });
                await MoreAsync(node, 400);
            }
            await PostAsync(machines.Control, "/stop", new { });
            Dictionary<string, long> made = [];
            await UntilAsync(async () =>
            {
                var was = made;
                made = await PlayedAsync(machines.Control);
                return Protocols.All(p => was.GetValueOrDefault(p) == made[p]);
            });
            // What the last machines sent may be on its way for as long as a server collects it: two equal counts in a row are no proof, forty are.
            var (before, calm) = ("", 0);
            await node.UntilAsync(async () => await node.SourcesAsync(), all =>
            {
                JsonNode[] mine = [.. Protocols.Select(p => ((JsonArray)all).First(s => s!["source"]!.GetValue<string>() == $"{p}.{p}")!)];
                var (was, settled) = (before, mine.All(s => Count(s, "waiting") == 0 && Count(s, "received") + Count(s, "marks") == Count(s, "stored") + Count(s, "rejected")));
                before = string.Join(' ', mine.Select(s => Count(s, "stored")));
                return (calm = settled && was == before ? calm + 1 : 0) >= 40;
            });
            await node.StopAsync();
            foreach (var p in Protocols)
            {
                var stored = await Ledger.ReadAsync(node.Data, p, $"{p}.{p}", null);
                var missing = Ledger.SettleInOrder(stored, made[p]);
                Assert.InRange(stored.Gaps.Count, 2, 8 * KillTests.Rounds(1));
                Assert.Contains(stored.Samples, s => s.SourceTime - s.ReceiveTime > TimeSpan.FromHours(1));
                Assert.Contains(stored.Samples, s => s.ReceiveTime - s.SourceTime > TimeSpan.FromHours(1));
                TestContext.Current.SendDiagnosticMessage($"{p}: program killed, then with the node, clock 2 h forth and back: {made[p]} made, {missing} in {stored.Gaps.Count} gaps ({string.Join(", ", stored.Gaps.Select(g => g.Cause))}), 0 unexplained");
            }
        }
        finally
        {
            machines.Process.Dispose();
        }
    }

    private DateTimeOffset _start;

    /// <summary>A hundred numbers a second for half an hour, and the machines that play them; later starts go on where the clock is.</summary>
    private async Task<string> StoryAsync()
    {
        var recording = Directory.CreateDirectory(Path.Combine(_folder, "recording")).FullName;
        var begin = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
        await File.WriteAllLinesAsync(Path.Combine(recording, "count.txt"), Enumerable.Range(0, 180_000).Select(n =>
            string.Create(CultureInfo.InvariantCulture, $"{begin + n * Step:yyyy-MM-ddTHH:mm:ss.fffZ}|{Item}|{n}")), TestContext.Current.CancellationToken);
        // The head of a recording is number 0, so the first event is number 1.
        _start = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var file = Path.Combine(_folder, "sim.json");
        await File.WriteAllTextAsync(file, new JsonObject
        {
            ["clock"] = new JsonObject { ["start"] = _start.ToString("O", CultureInfo.InvariantCulture), ["origin"] = _start.ToString("O", CultureInfo.InvariantCulture), ["speed"] = 1 },
            ["machines"] = new JsonArray([.. Protocols.Select(p => (JsonNode)new JsonObject
            {
                ["id"] = p, ["protocol"] = p, ["port"] = Doomed.FreePort(), ["source"] = new JsonObject { ["recordings"] = recording, ["prefix"] = "count" },
            })]),
        }.ToJsonString(), TestContext.Current.CancellationToken);
        return file;
    }

    private static async Task<(Doomed Process, JsonNode Ready, string Control)> StartAsync(string file)
    {
        var process = Doomed.Start("dotnet", Programs.Sim(), "run", "--config", file, "--with-parent");
        var ready = JsonNode.Parse(await process.FirstLineAsync())!;
        return (process, ready, ready["control"]!.GetValue<string>());
    }

    private static string ConfigOf(JsonNode ready)
    {
        var told = ready["machines"]!.AsArray().ToDictionary(m => m!["machine"]!.GetValue<string>(), m => m!);
        var config = JsonNode.Parse(KillTests.Config([.. Protocols.Select(p => (p, p, told[p]["endpoint"]!.GetValue<string>(),
            p == "opcua" ? new JsonObject { ["security"] = "None", ["sampling"] = "0", ["publishing"] = "0.1", ["queue"] = "10000" } : (JsonObject?)null))]))!;
        foreach (var c in config["connections"]!.AsArray())
            if (told[c!["machine"]!.GetValue<string>()]["points"] is { } points) c["points"] = points.DeepClone();
        return config.ToJsonString();
    }

    /// <summary>Waits until so many further values of every machine are stored.</summary>
    private static async Task MoreAsync(DoomedNode node, int values)
    {
        foreach (var p in Protocols)
        {
            long? from = null;
            await node.UntilAsync($"{p}.{p}", s => Count(s, "stored") >= (from ??= Count(s, "stored")) + values && s["link"]!.ToString() == "connected");
        }
    }

    /// <summary>The newest number of every machine: each plays in a rhythm of its own and stops within it.</summary>
    private async Task<Dictionary<string, long>> PlayedAsync(string control)
    {
        using var http = Client();
        var machines = (await http.GetFromJsonAsync<JsonNode>(control + "/status", TestContext.Current.CancellationToken))!["machines"]!.AsArray();
        return machines.ToDictionary(m => m!["machine"]!.GetValue<string>(), m => (long)Math.Round((DateTimeOffset.Parse(m!["played"]!.GetValue<string>(), CultureInfo.InvariantCulture) - _start) / Step) + 1);
    }

    private static async Task PostAsync(string control, string path, object body)
    {
        using var http = Client();
        using var answer = await http.PostAsJsonAsync(control + path, body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

#pragma warning disable RS0030 // a test's own client
    private static HttpClient Client() => new();
#pragma warning restore RS0030

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var limit = new CancellationTokenSource(Doomed.Limit);
        while (!await condition()) await pulse.WaitForNextTickAsync(limit.Token);
    }

    private static long Count(JsonNode source, string counter) => source[counter]!.GetValue<long>();
}
