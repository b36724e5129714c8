using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Sparkplug.Payload;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Ieum.Conformance.Sim;

/// <summary>The simulated edge node against the rules of Sparkplug B 3.0, seen by a broker.</summary>
public sealed class EdgeNodeTests : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly ConcurrentQueue<(string Topic, SparkplugPayload? Payload)> _heard = new();
    private readonly int _port = FreePort();
    private MqttServer _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(_port).Build());
        _broker.InterceptingPublishAsync += m =>
        {
            PayloadDecoder.TryDecode(m.ApplicationMessage.Payload.ToArray(), out var payload, out _);
            _heard.Enqueue((m.ApplicationMessage.Topic, payload));
            return Task.CompletedTask;
        };
        await _broker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.StopAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Births_come_first_with_every_metric_then_data_with_seq_and_known_aliases()
    {
        await using var sim = await SimProcess.RunAsync(Machine(""), speed: 600);
        await AgentSchemaTests.Until(() => Task.FromResult(Data().Sum(d => d.Metrics.Count) > 300));
        var heard = Heard();
        Assert.Equal(["spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d"], heard.Take(2).Select(h => h.Topic));
        var node = heard[0].Payload!;
        Assert.Equal(0UL, node.Seq);
        Assert.Contains(node.Metrics, m => m.Name == "bdSeq");
        Assert.Contains(node.Metrics, m => m is { Name: "Node Control/Rebirth", Alias: null });
        var aliases = heard[1].Payload!.Metrics.ToDictionary(m => m.Alias!.Value, m => m.Name);
        Assert.Equal(45, aliases.Count);   // items of the lathe
        // One counter for node and device, wrapping 255 → 0.
        Assert.All(heard.Select((h, i) => (h.Payload!.Seq, i)), p => Assert.Equal((ulong)(p.i % 256), p.Seq));
        Assert.All(Data().SelectMany(d => d.Metrics), m => Assert.True(m.Name is null && aliases.ContainsKey(m.Alias!.Value)));
        // Once it is silent, what it counts as sent is what the broker heard: the birth's known values and every metric since.
        await sim.PostAsync("/fault", new { machine = "M", kind = "silence", seconds = 600 });
        var told = heard[1].Payload!.Metrics.Count(m => m.Timestamp is not null);
        await AgentSchemaTests.Until(async () => (await sim.StatusAsync("M")).GetProperty("sent").GetInt64() == told + Data().Sum(d => d.Metrics.Count));
    }

    [Fact]
    public async Task A_restart_leaves_its_death_with_the_number_of_the_birth_and_the_next_birth_has_the_next()
    {
        await using var sim = await SimProcess.RunAsync(Machine(""), speed: 60);
        await AgentSchemaTests.Until(() => Task.FromResult(Count("DBIRTH") == 1));
        await sim.PostAsync("/fault", new { machine = "M", kind = "restart", seconds = 0.3 });
        await AgentSchemaTests.Until(() => Task.FromResult(Count("DBIRTH") == 2));
        var numbers = Heard().Where(h => h.Topic.Contains("/NBIRTH/", StringComparison.Ordinal) || h.Topic.Contains("/NDEATH/", StringComparison.Ordinal))
            .Select(h => (h.Topic.Split('/')[2], h.Payload!.Metrics.Single(m => m.Name == "bdSeq").Value.Bits));
        Assert.Equal([("NBIRTH", 0UL), ("NDEATH", 0UL), ("NBIRTH", 1UL)], numbers);
    }

    [Fact]
    public async Task A_rebirth_is_given_on_command_with_the_same_bdSeq()
    {
        await using var sim = await SimProcess.RunAsync(Machine(""), speed: 60);
        await AgentSchemaTests.Until(() => Task.FromResult(Count("DBIRTH") == 1));
        await SayAsync("spBv1.0/g/NCMD/n", PayloadEncoder.Encode(new SparkplugPayload(1, [new Metric
        {
            Name = "Node Control/Rebirth", DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(true),
        }], null)), retain: false);
        await AgentSchemaTests.Until(() => Task.FromResult(Count("DBIRTH") == 2));
        Assert.All(Heard().Where(h => h.Topic.Contains("/NBIRTH/", StringComparison.Ordinal)),
            h => Assert.Equal(0UL, h.Payload!.Metrics.Single(m => m.Name == "bdSeq").Value.Bits));
    }

    [Fact]
    public async Task With_a_primary_host_nothing_is_said_while_it_is_away_and_the_time_between_comes_as_history()
    {
        await SayAsync("spBv1.0/STATE/host", """{"online":true,"timestamp":1000}"""u8.ToArray(), retain: true);
        await using var sim = await SimProcess.RunAsync(Machine("""
            "primaryHost":"host",
            """), speed: 600);
        await AgentSchemaTests.Until(() => Task.FromResult(Count("DDATA") > 3));
        await SayAsync("spBv1.0/STATE/host", """{"online":false,"timestamp":2000}"""u8.ToArray(), retain: true);
        await AgentSchemaTests.Until(() => Task.FromResult(Count("NDEATH") == 1));
        var before = (await sim.StatusAsync("M")).GetProperty("produced").GetInt64();
        await AgentSchemaTests.Until(async () => (await sim.StatusAsync("M")).GetProperty("produced").GetInt64() > before + 200);
        Assert.Equal(1, Count("NBIRTH"));
        // An old STATE does not bring it back; a newer one does.
        await SayAsync("spBv1.0/STATE/host", """{"online":true,"timestamp":1500}"""u8.ToArray(), retain: false);
        await SayAsync("spBv1.0/STATE/host", """{"online":true,"timestamp":3000}"""u8.ToArray(), retain: true);
        await AgentSchemaTests.Until(() => Task.FromResult(Data().Any(d => d.Metrics.Any(m => m.IsHistorical == true))));
        Assert.Equal(2, Count("NBIRTH"));
        await AgentSchemaTests.Until(() => Task.FromResult(Data().SelectMany(d => d.Metrics).Count(m => m.IsHistorical == true) >= 150));
    }

    private List<(string Topic, SparkplugPayload? Payload)> Heard() => [.. _heard.Where(h => h.Topic.Contains("/g/", StringComparison.Ordinal) && !h.Topic.Contains("CMD", StringComparison.Ordinal))];
    private IEnumerable<SparkplugPayload> Data() => Heard().Where(h => h.Topic.Contains("/DDATA/", StringComparison.Ordinal)).Select(h => h.Payload!);
    private int Count(string type) => Heard().Count(h => h.Topic.Contains($"/{type}/", StringComparison.Ordinal));

    private Task SayAsync(string topic, byte[] payload, bool retain) => _broker.InjectApplicationMessage(new InjectedMqttApplicationMessage(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()) { SenderClientId = "test" }, Cancel);

    private string Machine(string more) => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"id":"M","protocol":"sparkplug","broker":"127.0.0.1:{{{_port}}}","group":"g","node":"n","device":"d",{{{more}}}"source":{"generated":"lathe","seed":3}}""");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
