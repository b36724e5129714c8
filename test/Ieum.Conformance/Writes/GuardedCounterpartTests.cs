using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Ieum.Conformance.Modbus;
using Ieum.Conformance.OpcUa;
using Ieum.Conformance.Sim;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.Slmp;
using Ieum.Connect.Sparkplug;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.Writes;

/// <summary>Writes that go through the guard to machines by others: taken, read back, and looked at from the other side.</summary>
public sealed class GuardedCounterpartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sparkplug_device_applies_a_guarded_command_and_its_next_value_is_the_receipt()
    {
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press"));
        await Plant.UntilAsync(() => plant.Broker.Port != 0);
        using var device = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any() && plant.Of(sink, "program").Any(), Plant.Limit);
        using var guard = await GuardRig.StartAsync(() => source.Writer, plant.Signals, ("load", "load", "KWT"), ("Node Control/Reboot", "", "C62"), ("RemoteStop", "", "C62"), ("Cycle Start", "", "C62"));
        await guard.ProveAsync("load", SampleValue.Of(4.5), "Node Control/Reboot", "RemoteStop", "Cycle Start");
        Assert.Equal("dcmd load 4.5", await device.UntilAsync(l => l.StartsWith("dcmd", StringComparison.Ordinal)));
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 4.5), Plant.Limit);
        // What the device held before stands in the audit, because report by exception makes its last value the present one.
        Assert.Equal(1.5, guard.Desk.Recent(10).First(r => r.State == WriteState.Confirmed).Old!.Value.Number);
    }

    [Fact]
    public async Task The_sparkplug_writer_itself_refuses_what_does_not_fit_is_not_there_or_is_a_command()
    {
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press"));
        await Plant.UntilAsync(() => plant.Broker.Port != 0);
        var load = new SignalId(new("m"), "load");
        Assert.Equal(SparkplugRules.WriteUnknown, (await source.Writer!.WriteAsync(load, SampleValue.Of(1.0), Stop)).Rule);
        using (var device = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press"))
        {
            await sink.UntilAsync(_ => plant.Of(sink, "load").Any(), Plant.Limit);
            Assert.Equal(SparkplugRules.WriteDoesNotFit, (await source.Writer.WriteAsync(load, SampleValue.Of("fast"), Stop)).Rule);
            var again = await source.Writer.WriteAsync(load, SampleValue.Of(1.5), Stop);
            Assert.True(again.Done, again.Message);
            Assert.Equal(1.5, (await source.Writer.ReadBackAsync(load, Stop))!.Value.Value.Number);
        }
        // It died: nothing can be written to it, and nothing it said is taken for what it holds.
        await Plant.UntilAsync(() => source.Health.Link == LinkState.Disconnected);
        Assert.Equal(SparkplugRules.WriteNotBorn, (await source.Writer.WriteAsync(load, SampleValue.Of(1.0), Stop)).Rule);
        Assert.Null(await source.Writer.ReadBackAsync(load, Stop));
    }

    [Fact]
    public async Task A_modbus_register_takes_a_guarded_value()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        rig.Read([new("setpoint", "holding:10") { Type = "int16", Unit = "CEL", Scale = 0.1 }, new("RemoteStop", "coil:1") { Type = "bool" }]);
        await rig.ValueAsync("setpoint", "0");
        using var guard = await GuardRig.StartAsync(() => rig.Source.Writer, rig.Signals, ("setpoint", "holding:10", "CEL"), ("RemoteStop", "coil:1", "C62"));
        await guard.ProveAsync("setpoint", SampleValue.Of(85.5), "RemoteStop");
        Assert.Equal("855", await rig.Server.AskAsync("get holding 10 1"));
        Assert.Equal("0", await rig.Server.AskAsync("get coil 1 1"));
    }

    [Fact]
    public async Task An_opc_ua_variable_takes_a_guarded_value()
    {
        using var server = await NodeOpcUa.StartAsync();
        var signals = new InMemorySignals();
        var settings = server.Settings([NodeOpcUa.Point("setpoint"), NodeOpcUa.Point("temperature")], ("publishing", "0.1"));
        var source = new OpcUaSource(settings, OpcUaOptions.Read(settings), server.Dialer, signals, Clocks.Real, NullLogger.Instance);
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        var running = source.RunAsync(sink, stop.Token);
        await sink.UntilAsync(s => signals.Find(new SignalId(new("m"), "setpoint")) is { } n && s.Samples.Any(x => x.Signal == n), TimeSpan.FromMinutes(2));
        using (var guard = await GuardRig.StartAsync(() => source.Writer, signals, ("setpoint", "nsu=urn:ieum:counterpart;s=setpoint", UnitOf(signals, "setpoint")), ("ResetAlarm", "nsu=urn:ieum:counterpart;s=ResetAlarm", "C62")))
            await guard.ProveAsync("setpoint", SampleValue.Of(77.0), "ResetAlarm");
        var held = signals.Find(new SignalId(new("m"), "setpoint"))!.Value;
        await sink.UntilAsync(s => s.Samples.Any(x => x.Signal == held && x.Value.Number == 77), TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_controller_on_slmp_takes_a_guarded_value_and_another_client_reads_it()
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"H","protocol":"slmp","source":{"generated":"hone","seed":3}}""", speed: 600);
        var endpoint = IPEndPoint.Parse(sim.Endpoint("H"));
        Assert.Equal(200, (await sim.PostAsync("/stop", new { })).Status);
        var signals = new InMemorySignals();
        var room = new ConnectRoom([new SlmpFactory(Clocks.Real, NullLoggerFactory.Instance)], Clocks.Real);
        var settings = new ConnectionSettings(new("m.slmp"), new("m"), "slmp", sim.Endpoint("H"), ImmutableDictionary<string, string>.Empty.Add("period", "0.05"))
        {
            Points = [new("setpoint", "D1001") { Type = "int16" }, new("ProgramStart", "M100") { Type = "bool" }],
        };
        var source = room.Create(settings, signals);
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        var running = source.RunAsync(sink, stop.Token);
        await sink.UntilAsync(s => s.Samples.Count > 0, TimeSpan.FromMinutes(2));
        using (var guard = await GuardRig.StartAsync(() => source.Writer, signals, ("setpoint", "D1001", "C62"), ("ProgramStart", "M100", "C62")))
            await guard.ProveAsync("setpoint", SampleValue.Of(-2L), "ProgramStart");
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        using var other = Counterpart.Script("mcprotocol", "mcprotocol-read.cjs", "127.0.0.1", endpoint.Port.ToString(CultureInfo.InvariantCulture), "3E", "binary", "hex");
        await other.UntilAsync(l => l == "connected");
        other.Say("read D1001");
        var values = JsonDocument.Parse((await other.UntilAsync(l => l.StartsWith("values", StringComparison.Ordinal)))[7..]).RootElement.GetProperty("values");
        Assert.Equal(-2, values.GetProperty("D1001").GetInt32());
    }

    private static string UnitOf(InMemorySignals signals, string name) => signals.Find(signals.Find(new SignalId(new("m"), name))!.Value)!.Unit.Code;
}
