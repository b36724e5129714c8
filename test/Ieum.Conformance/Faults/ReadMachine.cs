using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ieum.Conformance.Sim;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.Modbus;
using Ieum.Connect.MtConnect;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.Shdr;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.Faults;

/// <summary>A fault that was asked for, by the factory clock.</summary>
/// <param name="Begun">Before it was asked for.</param>
/// <param name="Over">When the machine is well again.</param>
internal sealed record FaultSpan(string Kind, DateTimeOffset Begun, DateTimeOffset Over);

/// <summary>One simulated machine in a process of its own, and the node's own source that reads it, both on one factory clock.</summary>
internal sealed class ReadMachine : IAsyncDisposable
{
    // Against hanging only: how soon a source is back is a figure of the bench.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly SimProcess _sim;
    private readonly EmbeddedBroker _broker;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private ReadMachine(SimProcess sim, EmbeddedBroker broker, IMachineSource source, CollectingSink sink, ISampleSink into, Clocks clocks)
    {
        (_sim, _broker, Source, Sink, Clocks) = (sim, broker, source, sink, clocks);
        _running = source.RunAsync(into, _stop.Token);
    }

    public IMachineSource Source { get; }
    public CollectingSink Sink { get; }
    public Clocks Clocks { get; }
    public SourceCounters Counters => Source.Health.Counters;

    /// <param name="speed">600 makes a mill say some hundred values a second, so that no fault falls into a quiet moment.</param>
    /// <param name="keep">Where batches go after the collecting sink has them; null for nowhere.</param>
    public static async Task<ReadMachine> StartAsync(string protocol, double speed = 600, string more = "", ISignalDirectory? signals = null, Func<Clocks, IMeasurementWriter>? keep = null,
        params (string Key, string Value)[] options)
    {
        var origin = TimeProvider.System.GetUtcNow();
        var clocks = new Clocks(new ScenarioClock(SimProcess.Start0800, speed, origin, TimeProvider.System), TimeProvider.System);
        var port = Plant.FreePort();
        var sim = await SimProcess.RunAsync(string.Create(CultureInfo.InvariantCulture,
            $$$"""{"id":"M","protocol":"{{{protocol}}}","waitForClient":true,"broker":"127.0.0.1:{{{port}}}","group":"g","node":"n","device":"d",{{{more}}}"source":{"generated":"mill","seed":3}}"""), speed, origin);
        var broker = new BrokerOptions { Port = port, HostId = "house" };
        var embedded = new EmbeddedBroker(broker, clocks.Wire, NullLogger<EmbeddedBroker>.Instance);
        var hosts = new SparkplugHosts(embedded, Options.Create(broker), clocks, NullLoggerFactory.Instance);
        var room = new ConnectRoom([new MtConnectFactory(clocks, NullLoggerFactory.Instance), new ShdrFactory(clocks, NullLoggerFactory.Instance),
            new ModbusFactory(clocks, NullLoggerFactory.Instance),
            new OpcUaFactory(clocks, NullLoggerFactory.Instance, Options.Create(new ConnectOptions { Folder = Path.Combine(Needs.Scratch, "opcua-read") })),
            new SparkplugFactory(hosts, clocks, NullLogger<SparkplugSource>.Instance)], clocks);
        var settings = new ConnectionSettings(new("m." + protocol), new("m"), protocol, sim.Endpoint("M"), options.ToImmutableDictionary(o => o.Key, o => o.Value)) { Points = sim.Points("M") };
        var sink = new CollectingSink();
        var source = room.Create(settings, signals ?? new InMemorySignals());
        return new(sim, embedded, source, sink, keep is null ? sink : new KeepingSink(sink, keep(clocks)), clocks);
    }

    public Task<JsonElement> StatusAsync() => _sim.StatusAsync("M");

    /// <summary>How many values the machine said in answers inside a range of factory time, but for the last of them.</summary>
    public async Task<long> SaidAsync(TimeRange range) => JsonDocument.Parse(await SimProcess.TextAsync(string.Create(CultureInfo.InvariantCulture,
        $"{_sim.Control}/said?machine=M&from={Uri.EscapeDataString(range.From.ToString("O", CultureInfo.InvariantCulture))}&to={Uri.EscapeDataString(range.To.ToString("O", CultureInfo.InvariantCulture))}"))).RootElement.GetProperty("values").GetInt64();

    /// <summary>Waits until so many further samples have come.</summary>
    public Task FurtherAsync(int samples = 300)
    {
        var wanted = Counters.Received + samples;
        return Sink.UntilAsync(s => Counters.Received >= wanted && s.Count >= wanted, Limit);
    }

    /// <summary>Asks for a fault and waits for its effect to be over; then for the source, which must be at it again in time.</summary>
    /// <returns>The fault, and how long after its end the first fresh sample stood in the sink, wire time.</returns>
    public async Task<(FaultSpan Fault, TimeSpan Back)> FaultAsync(string kind, double seconds, double skewSeconds = 0)
    {
        var begun = Clocks.Factory.GetUtcNow();
        var (status, _) = await _sim.PostAsync("/fault", new { machine = "M", kind, seconds, skewSeconds });
        Assert.Equal(200, status);
        var speed = ((ScenarioClock)Clocks.Factory).Speed;
        var over = Clocks.Factory.GetUtcNow().AddSeconds(seconds * speed);
        // Samples that come by themselves, not the rest of a batch from before: received after the end.
        await Sink.UntilAsync(s => Source.Health.Link == LinkState.Connected && s.Batches[^1] is { Samples.Length: > 0 } b && b.Samples.Span[^1].ReceiveTicks > over.UtcTicks, TimeSpan.FromSeconds(seconds) + Limit);
        var first = Sink.Batches.First(b => b.Samples.Length > 0 && b.Samples.Span[^1].ReceiveTicks > over.UtcTicks).Samples.ToArray().First(s => s.ReceiveTicks > over.UtcTicks);
        var back = (first.ReceiveTime - over) / speed;
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{Source.Settings.Protocol} {kind}: back {back.TotalSeconds:0.00} s after its end"));
        return (new(kind, begun, over), back);
    }

    /// <summary>Stops the machine's feed and waits until everything it sent is accounted for, or will not be any more.</summary>
    /// <returns>The machine's own counts at the end.</returns>
    public async Task<SimCounts> SettleAsync(Func<SimCounts, bool> accounted)
    {
        Assert.Equal(200, (await _sim.PostAsync("/stop", new { })).Status);
        var until = Clocks.Wire.GetUtcNow() + TimeSpan.FromSeconds(30);
        SimCounts counts;
        // What never comes to agree is left to the caller's assertions, which say what is wrong.
        // A sample counts when it is read; it stands in the sink (and on the disk) a moment later.
        while (!(accounted(counts = SimCounts.Of(await StatusAsync())) && Counters is var c && Sink.Samples.Count == c.Received - c.Rejected + c.Marks) && Clocks.Wire.GetUtcNow() < until)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Clocks.Wire, TestContext.Current.CancellationToken);
        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try { await _running; }
        catch (OperationCanceledException) { /* asked for */ }
        await Source.DisposeAsync();
        await _sim.DisposeAsync();
        await _broker.DisposeAsync();
        Sink.Dispose();
        _stop.Dispose();
    }

    /// <summary>Hands every batch to the recorder first, as the node's intake does.</summary>
    private sealed class KeepingSink(CollectingSink sink, IMeasurementWriter writer) : ISampleSink
    {
        public async ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
        {
            await writer.AppendAsync(batch, cancel);
            await sink.WriteAsync(batch, cancel);
        }
    }
}

/// <summary>What the simulated machine counted (docs/simulated-machines.md).</summary>
internal sealed record SimCounts(long Produced, long Sent, long Unseen, long Lost, long Garbage)
{
    public static SimCounts Of(JsonElement status) => new(Number("produced", status), Number("sent", status), Number("unseen", status), Number("lost", status), Number("garbage", status));
    private static long Number(string name, JsonElement status) => status.GetProperty(name).GetInt64();
}
