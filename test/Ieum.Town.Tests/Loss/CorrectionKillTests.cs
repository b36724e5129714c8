using System.Text.Json.Nodes;
using Ieum.Act;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>SIGKILL for a real node between a person's yes and the write, and between the write and its receipt: never written twice, and what nobody can know is said.</summary>
public sealed class CorrectionKillTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"correction-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Config(int port) => $$"""
        {
          "company": { "id": "kill", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "M1", "kind": "milling" }] }] }] }] },
          "connections": [{ "machine": "M1", "protocol": "modbus", "endpoint": "127.0.0.1:{{port}}", "options": { "period": "0.1", "timeout": "10" },
            "points": [{ "name": "temp", "address": "holding:0", "type": "uint16" }, { "name": "flow", "address": "holding:1", "type": "uint16" }, { "name": "feed", "address": "holding:2", "type": "uint16" }] }],
          "writes": [{ "machine": "M1", "signal": "flow", "min": 0, "max": 20, "hours": "always", "secondPerson": false, "states": ["unknown", "idle", "running"] },
                     { "machine": "M1", "signal": "feed", "min": 0, "max": 100, "hours": "always", "secondPerson": false, "states": ["unknown", "idle", "running"] }],
          "corrections": [{ "id": "cooling", "machine": "M1", "watch": "temp", "when": "above", "limit": 60, "for": "0 s", "set": "flow", "to": 14, "target": 45 },
                          { "id": "slower", "machine": "M1", "watch": "temp", "when": "above", "limit": 60, "for": "0 s", "set": "feed", "to": 80, "target": 45 }],
          "Loop": { "WatchEvery": "10 s" }, "WriteBack": { "AnswerLimit": "2 min" }, "Security": { "DemoOwner": true }, "Broker": { "Port": 0 }
        }
        """;

    [Fact]
    public async Task A_node_killed_around_its_write_never_writes_twice_and_says_what_nobody_knows()
    {
        await using var machine = new ModbusMachine { [0] = 70, [1] = 10, [2] = 100 };
        using var node = new DoomedNode(_folder, Config(machine.Port));
        await node.StartAsync();
        var (cooling, slower) = (await UntilAsync(node, "cooling", e => e["decision"] is null), await UntilAsync(node, "slower", e => e["decision"] is null));

        // Yes, and the node still asks the machine for what it holds: killed there, nothing has left it. The question for the flow alone
        // is the guard's, the polls read all three; it kills at once, because the node waits no longer than ten seconds for an answer.
        var never = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        machine.Answering = (function, address) =>
        {
            if ((function, address) != (3, 1)) return Task.CompletedTask;
            asked.TrySetResult();
            return never.Task;
        };
        _ = SayYesAsync(node, cooling);
        await asked.Task.WaitAsync(Doomed.Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        node.Kill();
        machine.Answering = (_, _) => Task.CompletedTask;
        await node.StartAsync();
        var lost = await UntilAsync(node, "cooling", e => e["receipt"] is not null);
        Assert.Equal((false, LoopTexts.ReceiptInterrupted), (lost["receipt"]!["done"]!.GetValue<bool>(), lost["receipt"]!["what"]!.GetValue<string>()));
        Assert.Empty(machine.Written);

        // Yes, and the machine has taken the value but not answered yet: killed there, nobody in the node can know.
        await ConnectedAsync(node);
        var taken = new TaskCompletionSource();
        machine.Answering = (function, _) =>
        {
            if (function == 3) return Task.CompletedTask;
            taken.TrySetResult();
            return never.Task;
        };
        _ = SayYesAsync(node, slower);
        await taken.Task.WaitAsync(Doomed.Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        node.Kill();
        machine.Answering = (_, _) => Task.CompletedTask;
        await node.StartAsync();
        var unknown = await UntilAsync(node, "slower", e => e["receipt"] is not null);
        Assert.False(unknown["receipt"]!["done"]!.GetValue<bool>());
        Assert.StartsWith(LoopTexts.ReceiptUnknown, unknown["receipt"]!["what"]!.GetValue<string>(), StringComparison.Ordinal);
        await ConnectedAsync(node);
        Assert.Equal([(2, (ushort)80)], machine.Written);
        Assert.Null((await node.GetAsync("/api/v1/loops/verdict"))["brokenAt"]);
        Assert.True((await node.GetAsync("/api/v1/writes/audit/verify"))["intact"]!.GetValue<bool>());
        await node.StopAsync();
        Assert.Single(machine.Written);
    }

    private static async Task SayYesAsync(DoomedNode node, JsonNode advice)
    {
        try { await node.PostAsync($"/api/v1/loops/{advice["number"]!.GetValue<long>()}/decision", new JsonObject { ["accepted"] = true }); }
        catch (HttpRequestException) { /* the node was killed before it could answer */ }
    }

    private static Task<JsonNode> ConnectedAsync(DoomedNode node) => node.UntilAsync("M1.modbus", s => s["link"]!.ToString() == "connected" && s["received"]!.GetValue<long>() > 0);

    /// <summary>Waits until the newest entry of a correction fits.</summary>
    private static Task<JsonNode> UntilAsync(DoomedNode node, string correction, Func<JsonNode, bool> fits) =>
        node.UntilAsync(async () => ((JsonArray)await node.GetAsync("/api/v1/loops")).FirstOrDefault(e => e!["subject"]?.GetValue<string>() == correction), fits);
}
