using System.Globalization;
using System.Net;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;

namespace Ieum.House.Tests.Node;

/// <summary>Indicators, reasons and calls for help through the whole node.</summary>
public sealed class LossTests
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));

    private const string Shop = """
        { "company": { "id": "shop", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "MC1" }, { "id": "MC2" } ] } ] } ] } ] },
          "Andon": { "PlannerAfter": "5 min", "OwnerAfter": "15 min" } }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_catalogue_and_a_machine_without_data_are_answered_with_reasons_and_as_a_table()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await node.SignInAsOwnerAsync();
        Assert.Equal(34, (await node.JsonAsync("/api/v1/kpis")).GetArrayLength());
        var answer = (await node.JsonAsync("/api/v1/machines/MC1/kpis"))[0];
        Assert.Equal(34, answer.GetProperty("values").GetArrayLength());
        Assert.All(answer.GetProperty("values").EnumerateArray(), v =>
        {
            Assert.Equal(JsonValueKind.Null, v.GetProperty("value").ValueKind);
            Assert.Equal("inputMissing", v.GetProperty("reason").GetString());
        });
        Assert.Equal("iso-22400-2", answer.GetProperty("basis").GetProperty("model").GetString());

        var lines = (await (await node.GetAsync("/api/v1/machines/MC1/kpis?from=2026-11-02T00:00:00Z&to=2026-11-04T00:00:00Z&per=shift&format=csv")).Content.ReadAsStringAsync(Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("machine,from,to,number,id,value,unit,missing", lines[0].TrimStart('\uFEFF'));
        Assert.Equal(0, (lines.Length - 1) % 34);
        Assert.True(lines.Length > 34 * 3, $"{lines.Length} lines for two days with two shifts each");
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync("/api/v1/machines/MC1/kpis?per=month")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/machines/NONE/kpis")).StatusCode);
        Assert.Equal(0, (await node.JsonAsync("/api/v1/machines/MC1/stops")).GetArrayLength());
        Assert.Equal(JsonValueKind.Null, (await node.JsonAsync("/api/v1/bottleneck")).GetProperty("worst").ValueKind);
        Assert.Equal(0, (await node.JsonAsync("/api/v1/machines/MC1/energy")).GetProperty("kilowattHours").GetDouble());
    }

    [Fact]
    public async Task The_bottleneck_of_one_line_looks_at_its_machines_alone()
    {
        var shop = Shop.Replace("""{ "id": "MC1" }, { "id": "MC2" } ] }""", """{ "id": "MC1" } ] }, { "id": "k", "machines": [ { "id": "MC2" } ] }""", StringComparison.Ordinal);
        await using var node = await RunningNode.StartAsync(shop);
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        foreach (var (machine, minutes) in new[] { ("MC1", 20), ("MC2", 90) })
        {
            var execution = recorder.Register(new(new(new(machine), "execution"), Unit.One, ValueKind.Text, SignalRole.Execution));
            Sample Says(double minute, string word) => new(execution, Morning.AddMinutes(minute).UtcTicks, Morning.AddMinutes(minute).UtcTicks, SampleValue.Of(word), Quality.Good);
            await recorder.AppendAsync(new(new("src"), new(machine), new[] { Says(0, "READY"), Says(5, "ACTIVE"), Says(5 + minutes, "READY") }), Cancel);
        }
        static string Iso(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);
        async Task<string?> Worst(string query) => (await node.JsonAsync($"/api/v1/bottleneck?from={Uri.EscapeDataString(Iso(Morning))}&to={Uri.EscapeDataString(Iso(Morning.AddHours(2)))}{query}")).GetProperty("worst").GetString();
        Assert.Equal("MC2", await Worst(""));
        Assert.Equal("MC1", await Worst("&line=l"));
        Assert.Equal("MC2", await Worst("&line=k"));
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/bottleneck?line=x")).StatusCode);
    }

    [Fact]
    public async Task A_reason_is_kept_once_and_must_stand_on_the_list_of_the_company()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await node.SignInAsOwnerAsync();
        var said = new { id = Guid.NewGuid(), at = Morning, reason = "tool" };
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/machines/MC1/stops/reasons", said)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/machines/MC1/stops/reasons", said)).StatusCode);
        Assert.Single((await node.Services.GetRequiredService<DocumentStore>().FindAsync<Ieum.Analyze.StopReason[]>("stops/MC1/2026-11", Cancel))!);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/machines/MC1/stops/reasons", said with { id = Guid.NewGuid(), reason = "moon" })).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/stop-reasons", new[] { new { key = "moon", name = new { ko = "달", ja = "月", en = "Moon" } } })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/machines/MC1/stops/reasons", said with { id = Guid.NewGuid(), reason = "moon" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PutAsync("/api/v1/stop-reasons", Array.Empty<object>())).StatusCode);
    }

    [Fact]
    public async Task A_call_climbs_until_somebody_comes_and_survives_a_restart()
    {
        var folder = Path.Combine(Needs.Scratch, $"node-{Guid.NewGuid():N}");
        var clock = new FakeTimeProvider(Morning);
        var id = Guid.NewGuid();
        await using (var node = await RunningNode.StartAsync(Shop, folder, new(clock, TimeProvider.System)))
        {
            await node.SignInAsOwnerAsync();
            Assert.Equal(HttpStatusCode.OK, (await node.PostAsync("/api/v1/andon", new { id, machine = "MC1", kind = "material" })).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await node.PostAsync("/api/v1/andon", new { id = Guid.NewGuid(), machine = "MC1", kind = "material" })).StatusCode);   // pressed twice
            Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/andon", new { id = Guid.NewGuid(), machine = "MC1", kind = "lunch" })).StatusCode);
            Assert.Equal("operator", Assert.Single((await node.JsonAsync("/api/v1/andon")).EnumerateArray()).GetProperty("for").GetString());
        }
        clock.Advance(5.Minutes);
        await using (var node = await RunningNode.StartAsync(Shop, folder, new(clock, TimeProvider.System)))
        {
            var desk = node.Services.GetRequiredService<AndonDesk>();
            await desk.LookAsync(Cancel);
            Assert.Equal(1, Assert.Single(desk.Open).Told);
            clock.Advance(10.Minutes);
            await desk.LookAsync(Cancel);
            Assert.Equal(2, Assert.Single(desk.Open).Told);
            Assert.True(await desk.AcknowledgeAsync(id, "kim", Cancel));
            Assert.Equal("kim", Assert.Single(desk.Open).AcknowledgedBy);
            Assert.True(await desk.CloseAsync(id, "kim", Cancel));
            Assert.Empty(desk.Open);
            Assert.False(await desk.CloseAsync(id, "kim", Cancel));
            Assert.Single((await node.Services.GetRequiredService<DocumentStore>().FindAsync<AndonCall[]>("andon/2026-11", Cancel))!);
        }
    }

    [Fact]
    public void An_acknowledged_call_climbs_no_further()
    {
        var call = new AndonCall(Guid.NewGuid(), new("MC1"), "help", "op", Morning);
        var options = new AndonOptions();
        Assert.Equal([0, 0, 1, 1, 2], new[] { 0, 299, 300, 899, 900 }.Select(s => AndonDesk.LevelAt(call, Morning.AddSeconds(s), options)));
        Assert.Equal(0, AndonDesk.LevelAt(call with { Acknowledged = Morning, AcknowledgedBy = "kim" }, Morning.AddHours(9), options));
    }

    [Fact]
    public async Task Calls_are_published_retained_and_cleared_when_they_are_over()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var heard = new Heard();
        using var desk = new AndonDesk(node.Services.GetRequiredService<DocumentStore>(), heard, Options.Create(new AndonOptions { Mqtt = true }), Clocks.Real, NullLogger<AndonDesk>.Instance);
        var call = await desk.CallAsync(Guid.NewGuid(), new("MC1"), "quality", "op", Cancel);
        await desk.CloseAsync(call.Id, "kim", Cancel);
        Assert.Equal(["ieum/andon/MC1/quality", "ieum/andon/MC1/quality"], heard.Messages.Select(m => m.Topic));
        var told = JsonDocument.Parse(heard.Messages[0].Payload).RootElement;
        Assert.Equal(("MC1", "quality", "operator"), (told.GetProperty("machine").GetString(), told.GetProperty("kind").GetString(), told.GetProperty("for").GetString()));
        Assert.Empty(heard.Messages[1].Payload);
    }

    [Fact]
    public async Task A_call_is_answered_over_the_broker_by_name_or_by_its_id_and_by_nothing_else()
    {
        var port = FreePort();
        await using var node = await RunningNode.StartAsync(Shop.Replace("\"Andon\": {", $"\"Broker\": {{ \"Port\": {port} }}, \"Andon\": {{ \"Mqtt\": true,", StringComparison.Ordinal));
        var desk = node.Services.GetRequiredService<AndonDesk>();
        var call = await desk.CallAsync(Guid.NewGuid(), new("MC1"), "material", "op", Cancel);
        var ack = AndonDesk.TopicOf(call) + "/ack";
        foreach (var wrong in (string[])["", "{", "\u0001", new('x', 61), $$"""{"id":"{{Guid.NewGuid()}}","by":"kim"}""", $$"""{"id":7,"by":"kim"}""", """{"by":5}"""])
            Assert.False(await desk.HearAsync(ack, System.Text.Encoding.UTF8.GetBytes(wrong), Cancel), wrong);
        Assert.False(await desk.HearAsync(ack, [0xff, 0xfe], Cancel));
        Assert.False(await desk.HearAsync("ieum/andon/MC2/material/ack", "kim"u8.ToArray(), Cancel));

        using var client = new MqttClientFactory().CreateMqttClient();
        // The broker opens behind the node's start; a phone tries again too.
        while (!client.IsConnected)
            try { await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build(), Cancel); }
            catch (MQTTnet.Exceptions.MqttCommunicationException) { await Task.Yield(); }
        await client.PublishStringAsync(ack, $$"""{"id":"{{call.Id}}","by":"김"}""", cancellationToken: Cancel);
        var answered = await LoopTests.UntilAsync(h => desk.Changed += h, h => desk.Changed -= h, () => Task.FromResult(desk.Open.FirstOrDefault(c => c.Acknowledged is not null)));
        Assert.Equal("김 (MQTT)", answered.AcknowledgedBy);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Fact]
    public async Task A_gauge_file_becomes_a_chart_and_counts_once()
    {
        var folder = Path.Combine(Needs.Scratch, $"node-{Guid.NewGuid():N}");
        var csv = "part,characteristic,value,lower,upper\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"S-{i},bore,{(i == 20 ? "18.020" : i % 2 == 0 ? "18.003" : "18.005")},18.000,18.008\n"));
        await using (var node = await RunningNode.StartAsync(Shop, folder))
        {
            await node.SignInAsOwnerAsync();
            for (var i = 0; i < 2; i++)
            {
                using var content = new StringContent(csv);
                var answer = await node.Http.PostAsync("/api/v1/quality/files", content, Cancel);
                Assert.Equal(30, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("values").GetInt32());
            }
        }
        await using var again = await RunningNode.StartAsync(Shop, folder);
        var desk = again.Services.GetRequiredService<IQualityDesk>();
        Assert.Equal([("bore", 30)], desk.Characteristics);
        var chart = QualityChart.Of(desk.Values("bore"), "i-mr", 5)!;
        Assert.Equal([19], chart.Signals.Where(s => s.Rule == "nelson-1").Select(s => s.Index));
        Assert.True(chart.Capability!.Cpk.Low < chart.Capability.Cpk.Value);
        // Part by part: one of thirty values is out of its limits, and 1 > 1/30 + 3·√(1/30) = 0.58.
        var parts = QualityChart.Of(desk, "bore", QualityChart.PerPart, 5)!;
        Assert.Equal((30, 1 / 30.0, 1.0), (parts.Chart.Points.Length, parts.Chart.Points[0].Centre, parts.Chart.Points[19].Value));
        Assert.Equal([19], parts.Signals.Where(s => s.Rule == "nelson-1").Select(s => s.Index));
        Assert.Equal(10, QualityChart.Of(desk, "bore", QualityChart.PerPart, 5, most: 10)!.Chart.Points.Length);
    }

    private sealed class Heard : INodePublisher
    {
        public List<(string Topic, byte[] Payload)> Messages { get; } = [];
        public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;
        public void Listen(string prefix, Action<string, byte[]> heard) { }

        public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel)
        {
            Messages.Add((topic, payload.ToArray()));
            return Task.CompletedTask;
        }
    }
}
