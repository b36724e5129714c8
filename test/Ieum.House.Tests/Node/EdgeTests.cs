using System.Net;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;

namespace Ieum.House.Tests.Node;

/// <summary>The Sparkplug edge side of a whole node, switched on and changed while it runs; a client by others listens at the broker inside it.</summary>
public sealed class EdgeTests
{
    private const string Config = """
        {
          "company": { "id": "W", "name": "Workshop", "country": "KR", "sites": [ { "id": "ansan", "areas": [ { "id": "hall", "name": "Hall",
            "lines": [ { "id": "milling", "machines": [ { "id": "MC1", "name": "Mill", "kind": "milling" }, { "id": "MC2", "name": "Mill 2", "kind": "milling" } ] } ] } ] } ] },
          "connections": [ { "machine": "MC2", "source": "paper", "protocol": "manual", "endpoint": "phone", "points": [ { "name": "count", "address": "count", "type": "int64" } ] },
            { "machine": "MC1", "protocol": "sparkplug", "endpoint": "plant/press/MC1" } ],
          "Broker": { "Port": 0 }
        }
        """;

    [Fact]
    public async Task Switched_on_changed_and_off_without_a_restart_everything_stands_in_the_audit_and_no_other_connection_notices()
    {
        await using var node = await RunningNode.StartAsync(Config);
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        recorder.Register(new(new(new("MC2"), "count"), Unit.One, ValueKind.Integer));
        var desk = node.Services.GetRequiredService<ISettingsDesk>();
        var before = desk.HealthOf(new("MC1.sparkplug"))!;
        Assert.Equal("off", (await node.JsonAsync("/api/v1/sparkplug-edge")).GetProperty("state").GetString());
        Assert.True((await node.JsonAsync("/api/v1/sparkplug-edge/settings")).GetProperty("fromFile").GetBoolean());

        // What cannot be published is refused by its rule, and nothing changes.
        var wrong = await node.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = true, node = "a/b" });
        Assert.Equal((HttpStatusCode.BadRequest, "sparkplug-edge-id"), (wrong.StatusCode, await RuleOf(wrong)));
        Assert.Equal("sparkplug-edge-taken", await RuleOf(await node.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = true, group = "plant", node = "Press" })));
        Assert.Equal("sparkplug-edge-account", await RuleOf(await node.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = true, writeAs = "nobody" })));
        Assert.Equal("off", (await node.JsonAsync("/api/v1/sparkplug-edge")).GetProperty("state").GetString());

        Assert.Equal(HttpStatusCode.OK, (await node.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = true, user = "edge", password = "geheim", group = "plant" })).StatusCode);
        await UntilAsync(e => e.GetProperty("state").GetString() == "online" && e.GetProperty("devices").GetInt32() == 1);

        using var host = new MqttClientFactory().CreateMqttClient();
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        host.ApplicationMessageReceivedAsync += m => { heard.Enqueue(m.ApplicationMessage.Topic); return Task.CompletedTask; };
        var lost = 0;
        host.DisconnectedAsync += _ => { lost++; return Task.CompletedTask; };
        await host.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", node.Services.GetRequiredService<EmbeddedBroker>().Port).WithClientId("scada").Build(), TestContext.Current.CancellationToken);
        await host.SubscribeAsync("spBv1.0/#", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await node.PutAsync("/api/v1/sparkplug-edge/settings", new { node = "second", everyMachine = false, devices = (object[])[new { machine = "MC2", device = "desk" }] })).StatusCode);
        await TrueAsync(() => Task.FromResult(heard.Contains("spBv1.0/plant/NDEATH/ieum") && heard.Contains("spBv1.0/plant/NBIRTH/second") && heard.Contains("spBv1.0/plant/DBIRTH/second/desk")));
        Assert.Equal(0, lost);   // the broker inside the node stayed open for the host

        var kept = await node.JsonAsync("/api/v1/sparkplug-edge/settings");
        Assert.Equal((JsonValueKind.Null, true, false), (kept.GetProperty("password").ValueKind, kept.GetProperty("passwordSet").GetBoolean(), kept.GetProperty("fromFile").GetBoolean()));
        var audit = await (await node.GetAsync("/api/v1/writes/audit")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("sparkplug-edge", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", audit, StringComparison.Ordinal);
        Assert.True((await node.JsonAsync("/api/v1/writes/audit/verify")).GetProperty("intact").GetBoolean());
        var changes = await node.JsonAsync("/api/v1/sparkplug-edge/changes");
        Assert.Equal(["devices", "everyMachine", "node"], changes[0].GetProperty("what").EnumerateArray().Select(l => l.GetProperty("key").GetString()).Order());
        Assert.Equal("owner", changes[0].GetProperty("by").GetString());

        Assert.Equal(HttpStatusCode.OK, (await node.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = false })).StatusCode);
        await UntilAsync(e => e.GetProperty("state").GetString() == "off");
        var after = desk.HealthOf(new("MC1.sparkplug"))!;
        Assert.Equal((before.Link, before.Since, before.Reconnects), (after.Link, after.Since, after.Reconnects));

        async Task UntilAsync(Func<JsonElement, bool> fits) => await TrueAsync(async () => fits(await node.JsonAsync("/api/v1/sparkplug-edge")));
    }

    [Fact]
    public async Task After_a_restart_the_saved_settings_hold_and_what_waited_for_the_host_is_counted_and_told()
    {
        string folder;
        await using (var first = await RunningNode.StartAsync(Config))
        {
            folder = first.Folder;
            await first.SignInAsOwnerAsync();
            Assert.Equal(HttpStatusCode.OK, (await first.PutAsync("/api/v1/sparkplug-edge/settings", new { enabled = true, group = "plant", primaryHost = "scada" })).StatusCode);
            await TrueAsync(async () => (await first.JsonAsync("/api/v1/sparkplug-edge")).GetProperty("state").GetString() == "waitingForHost");
            var recorder = first.Services.GetRequiredService<IRecorder>();
            var count = recorder.Register(new(new(new("MC2"), "count"), Unit.One, ValueKind.Integer));
            var now = TimeProvider.System.GetUtcNow().UtcTicks;
            Sample[] three = [.. Enumerable.Range(0, 3).Select(i => new Sample(count, now + i, now, SampleValue.Of((long)i), Quality.Good))];
            await recorder.AppendAsync(new(new("paper"), new("MC2"), three), TestContext.Current.CancellationToken);
            first.Services.GetRequiredService<ISparkplugEdge>().Tell(three);
            var status = await first.JsonAsync("/api/v1/sparkplug-edge");
            Assert.Equal((3, 1), (status.GetProperty("waiting").GetInt32(), status.GetProperty("behind").GetInt32()));
            Assert.Matches("""(?m)^ieum_edge_waiting\{[^}]*node="plant/ieum"[^}]*\} 1\b""", await (await first.GetAsync("/metrics")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        await using var node = await RunningNode.StartAsync(Config, folder);
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/session", new { user = "owner", password = "a long password" })).StatusCode);
        Assert.False((await node.JsonAsync("/api/v1/sparkplug-edge/settings")).GetProperty("fromFile").GetBoolean());
        // Nobody pressed anything: it waits for its host again, and still knows what it owes.
        await TrueAsync(async () => await node.JsonAsync("/api/v1/sparkplug-edge") is var s && s.GetProperty("state").GetString() == "waitingForHost" && s.GetProperty("waiting").GetInt32() == 3);

        using var host = new MqttClientFactory().CreateMqttClient();
        var births = 0;
        host.ApplicationMessageReceivedAsync += m => { if (m.ApplicationMessage.Topic == "spBv1.0/plant/DBIRTH/ieum/MC2") births++; return Task.CompletedTask; };
        await host.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", node.Services.GetRequiredService<EmbeddedBroker>().Port).WithClientId("scada").Build(), TestContext.Current.CancellationToken);
        await host.SubscribeAsync("spBv1.0/#", cancellationToken: TestContext.Current.CancellationToken);
        await host.PublishStringAsync("spBv1.0/STATE/scada", """{"online":true,"timestamp":1000}""", retain: true, cancellationToken: TestContext.Current.CancellationToken);
        await TrueAsync(async () => await node.JsonAsync("/api/v1/sparkplug-edge") is var s && s.GetProperty("waiting").GetInt32() == 0 && s.GetProperty("historical").GetInt32() == 3);
        await TrueAsync(() => Task.FromResult(births == 1));
    }

    private static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(50.Milliseconds, TimeProvider.System);
        while (!await condition()) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string?> RuleOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("rule").GetString();
}
