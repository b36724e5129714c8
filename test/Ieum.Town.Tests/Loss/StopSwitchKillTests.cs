using System.Text.Json.Nodes;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>The stop switch of a real node, set over the API, outlives SIGKILL; so does the chain of the audit.</summary>
public sealed class StopSwitchKillTests : IDisposable
{
    private const string Config = """
        { "company": { "id": "stop", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "M1", "kind": "milling" } ] } ] } ] } ] },
          "writes": [ { "machine": "M1", "signal": "oven", "unit": "CEL", "min": 0, "max": 200, "hours": "always", "secondPerson": false } ],
          "Security": { "DemoOwner": true } }
        """;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"stop-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_write_is_still_refused_after_kill_9_and_the_audit_still_verifies()
    {
        using var node = new DoomedNode(_folder, Config);
        await node.StartAsync();
        // Refused, but not by the switch: no connection of the machine can write.
        Assert.NotEqual("write-stopped", Rule(await node.PostAsync("/api/v1/writes", Write())));
        var stopped = await node.PostAsync("/api/v1/writes/stop", new JsonObject { ["reason"] = "손이 기계 안에" });
        Assert.True((int)stopped.Status is >= 200 and < 300, $"{stopped.Status} {stopped.Body}");
        node.Kill();

        await node.StartAsync();
        var refused = await node.PostAsync("/api/v1/writes", Write());
        Assert.Equal((409, "write-stopped"), ((int)refused.Status, Rule(refused)));
        var audit = await node.GetAsync("/api/v1/writes/audit/verify");
        Assert.True(audit["intact"]!.GetValue<bool>(), audit.ToJsonString());
    }

    private static JsonObject Write() => new() { ["machine"] = "M1", ["signal"] = "oven", ["value"] = 20 };

    private static string? Rule((System.Net.HttpStatusCode Status, string Body) answer) => JsonNode.Parse(answer.Body)?["rule"]?.GetValue<string>();
}
