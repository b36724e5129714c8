using System.Text;
using Ieum.Connect;
using Ieum.Connect.Sparkplug.Edge;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>The edge node's session as a pure machine: what it says, in which order, and what it takes from commands.</summary>
public sealed class EdgeNodeTests
{
    private static readonly long Eight = new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero).UtcTicks;
    private readonly InMemorySignals _signals = new();
    private readonly Dictionary<SignalNumber, Sample> _last = [];
    private readonly EdgeNode _node;

    public EdgeNodeTests() => _node = new("plant", "edge", _signals, n => _last.TryGetValue(n, out var s) ? s : null);

    private SignalNumber Register(string name, ValueKind kind = ValueKind.Real, string machine = "MC1") => _signals.Register(new(new(new(machine), name), Unit.Percent, kind));
    private static SparkplugEdgeMachine Machine(string id = "MC1", LinkState link = LinkState.Connected) => new(new(id), link);
    private static Sample At(SignalNumber signal, double seconds, SampleValue value, Quality quality = Quality.Good) =>
        new(signal, Eight + (long)(seconds * TimeSpan.TicksPerSecond), Eight, value, quality);

    private static (string Topic, SparkplugPayload Payload) Read(EdgeMessage m) => (m.Topic, PayloadDecoder.TryDecode(m.Payload, out var p, out var why) ? p : throw new InvalidOperationException(why));

    [Fact]
    public void Births_come_first_and_one_number_counts_node_and_devices_through_255_to_0()
    {
        var load = Register("load");
        _last[load] = At(load, 0, SampleValue.Of(12.5));
        _node.Begin(7);
        var births = _node.Births([Machine()], 1).Select(Read).ToList();
        Assert.Equal(["spBv1.0/plant/NBIRTH/edge", "spBv1.0/plant/DBIRTH/edge/MC1"], births.Select(b => b.Topic));
        Assert.Equal((7UL, 0UL), (births[0].Payload.Metrics[0].Value.Bits, births[0].Payload.Seq!.Value));
        var metric = births[1].Payload.Metrics.Single();
        Assert.Equal(("load", (ulong)load.Value, SparkplugDataType.Double, 12.5, "%"), (metric.Name, metric.Alias!.Value, metric.DataType!.Value, metric.Value.Double, metric.Properties!.Find("engUnit")!.Value.Text));
        Assert.Equal((7UL, (ulong?)null), (Read(_node.Death(2)).Payload.Metrics.Single().Value.Bits, Read(_node.Death(2)).Payload.Seq));
        for (var i = 2; i < 260; i++)
        {
            var data = Read(Assert.Single(_node.Data([At(load, i, SampleValue.Of((double)i))], false, 3, [], out _)));
            Assert.Equal((ulong)(i % 256), data.Payload.Seq);
            var told = data.Payload.Metrics.Single();
            Assert.Equal((null, (ulong?)load.Value, null, (bool?)null), (told.Name, told.Alias, told.DataType, told.IsHistorical));
        }
    }

    [Fact]
    public void A_rebirth_tells_everything_again_with_the_same_session_number()
    {
        Register("load");
        Register("temperature", machine: "MC2");
        _node.Begin(3);
        _node.Births([Machine(), Machine("MC2")], 1);
        var command = PayloadEncoder.Encode(new(1, [new() { Name = "Node Control/Rebirth", DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(true) }], null));
        Assert.IsType<EdgeCommand.Rebirth>(Assert.Single(_node.Read(new(MessageKind.NCommand, "plant", "edge", null), command)));
        var again = _node.Births([Machine(), Machine("MC2")], 2).Select(Read).ToList();
        Assert.Equal([0UL, 1, 2], again.Select(m => m.Payload.Seq!.Value));
        Assert.Equal(3UL, again[0].Payload.Metrics[0].Value.Bits);
    }

    [Fact]
    public void A_machine_that_goes_dies_and_its_values_wait()
    {
        var load = Register("load");
        _node.Begin(0);
        _node.Births([Machine()], 1);
        Assert.Equal("spBv1.0/plant/DDEATH/edge/MC1", Assert.Single(_node.Follow([Machine(link: LinkState.Disconnected)], 2)).Topic);
        var untold = new List<Sample>();
        Assert.Empty(_node.Data([At(load, 1, SampleValue.Of(1.0))], false, 3, untold, out var told));
        Assert.Equal((1, 0), (untold.Count, told));
        Assert.Equal("spBv1.0/plant/DBIRTH/edge/MC1", Assert.Single(_node.Follow([Machine()], 4)).Topic);
        Assert.Empty(_node.Follow([Machine()], 5));
    }

    [Fact]
    public void A_new_signal_or_a_value_of_another_kind_is_announced_before_it_is_told()
    {
        var count = Register("count", ValueKind.Integer);
        _node.Begin(0);
        _node.Births([Machine()], 1);
        Assert.Single(_node.Data([At(count, 1, SampleValue.Of(1L))], false, 2, [], out _));
        var wider = _node.Data([At(count, 2, SampleValue.Of(1.5))], false, 3, [], out _).Select(Read).ToList();
        Assert.Equal(["DBIRTH", "DDATA"], wider.Select(m => m.Topic.Split('/')[2]));
        Assert.Equal(SparkplugDataType.Double, wider[0].Payload.Metrics.Single().DataType);
        var program = Register("program", ValueKind.Text);
        var grown = _node.Data([At(program, 3, SampleValue.Of("O1000 가공"))], false, 4, [], out var told).Select(Read).ToList();
        Assert.Equal((2, 1), (grown.Count, told));
        Assert.Equal(["count", "program"], grown[0].Payload.Metrics.Select(m => m.Name));
        Assert.Equal("O1000 가공", grown[1].Payload.Metrics.Single().Value.Text);
    }

    [Fact]
    public void Values_that_come_late_are_history_and_bad_ones_say_so()
    {
        var load = Register("load");
        _node.Begin(0);
        _node.Births([Machine()], 1);
        var sent = _node.Data([At(load, 10, SampleValue.Of(1.0)), At(load, 5, SampleValue.Of(2.0), Quality.Bad), At(load, 11, SampleValue.None, Quality.Unavailable)], false, 2, [], out _);
        var metrics = Read(Assert.Single(sent)).Payload.Metrics;
        Assert.Equal([EdgeValues.Milliseconds(At(load, 5, default).SourceTicks), EdgeValues.Milliseconds(At(load, 10, default).SourceTicks)], metrics.Take(2).Select(m => m.Timestamp!.Value));
        Assert.Equal(0UL, metrics[0].Properties!.Find("Quality")!.Value.Bits);
        Assert.True(metrics[2].IsNull);
        var late = Read(Assert.Single(_node.Data([At(load, 6, SampleValue.Of(3.0))], false, 3, [], out _)));
        Assert.True(late.Payload.Metrics.Single().IsHistorical);
        Assert.True(Read(Assert.Single(_node.Data([At(load, 20, SampleValue.Of(3.0))], true, 4, [], out _))).Payload.Metrics.Single().IsHistorical);
    }

    [Fact]
    public void Commands_are_read_by_alias_or_name_and_everything_else_is_refused_with_a_reason()
    {
        var speed = Register("speed");
        _node.Begin(0);
        _node.Births([Machine()], 1);
        List<EdgeCommand> Told(MessageKind kind, string? device, params Metric[] metrics) => _node.Read(new(kind, "plant", "edge", device), PayloadEncoder.Encode(new(1, metrics, null)));
        Assert.Equal(new EdgeCommand.Write(new(new("MC1"), "speed"), SampleValue.Of(5.0)), Told(MessageKind.DCommand, "MC1", new Metric { Alias = (ulong)speed.Value, Value = SparkplugValue.Of(5.0) })[0]);
        Assert.Equal(new EdgeCommand.Write(new(new("MC1"), "speed"), SampleValue.Of(-5.0)), Told(MessageKind.DCommand, "MC1", new Metric { Name = "speed", DataType = SparkplugDataType.Int32, Value = SparkplugValue.Of(-5) })[0]);
        Assert.IsType<EdgeCommand.Refused>(Told(MessageKind.DCommand, "MC9", new Metric { Name = "speed", Value = SparkplugValue.Of(1.0) })[0]);
        Assert.IsType<EdgeCommand.Refused>(Told(MessageKind.DCommand, "MC1", new Metric { Name = "torque", Value = SparkplugValue.Of(1.0) })[0]);
        Assert.IsType<EdgeCommand.Refused>(Told(MessageKind.NCommand, null, new Metric { Name = "Node Control/Reboot", Value = SparkplugValue.Of(true) })[0]);
        Assert.IsType<EdgeCommand.Refused>(_node.Read(new(MessageKind.DCommand, "plant", "edge", "MC1"), [0xFF])[0]);
    }

    [Fact]
    public void What_is_published_under_which_name_changes_within_the_session()
    {
        var (load, program) = (Register("load"), Register("program", ValueKind.Text));
        Register("load", machine: "MC2");
        _node.Begin(0);
        _node.Births([Machine(), Machine("MC2")], 1);
        _node.Use(new(new() { Devices = [new("MC1", "lathe", false, [new("load", "Axes/Load")])] }));
        var changed = _node.Follow([Machine(), Machine("MC2")], 2).Select(Read).ToList();
        // The aliases of MC1 pass to another device, so hosts are made to forget first.
        Assert.Equal(["spBv1.0/plant/DDEATH/edge/MC1", "spBv1.0/plant/NBIRTH/edge", "spBv1.0/plant/DBIRTH/edge/lathe", "spBv1.0/plant/DBIRTH/edge/MC2"], changed.Select(m => m.Topic));
        Assert.Equal(["Axes/Load"], changed[2].Payload.Metrics.Select(m => m.Name));
        Assert.Empty(_node.Follow([Machine(), Machine("MC2")], 3));
        List<Sample> untold = [];
        var data = _node.Data([At(load, 1, SampleValue.Of(1.0)), At(program, 1, SampleValue.Of("O1"))], false, 4, untold, out _);
        Assert.Equal(("spBv1.0/plant/DDATA/edge/lathe", 0), (Assert.Single(data).Topic, untold.Count));
        Assert.Equal([(ulong)load.Value], Read(data[0]).Payload.Metrics.Select(m => m.Alias!.Value));
        var write = _node.Read(new(MessageKind.DCommand, "plant", "edge", "lathe"), PayloadEncoder.Encode(new(1, [new() { Name = "Axes/Load", Value = SparkplugValue.Of(5.0) }], null)));
        Assert.Equal(new EdgeCommand.Write(new(new("MC1"), "load"), SampleValue.Of(5.0)), write[0]);
        foreach (var hidden in (ulong[])[(ulong)program.Value, 99])
            Assert.IsType<EdgeCommand.Refused>(_node.Read(new(MessageKind.DCommand, "plant", "edge", "lathe"), PayloadEncoder.Encode(new(1, [new() { Alias = hidden, Value = SparkplugValue.Of("x") }], null)))[0]);

        _node.Use(new(new() { Devices = [new("MC1", "lathe", true, [new("load", "Load")])] }));
        Assert.Equal("spBv1.0/plant/DBIRTH/edge/lathe", Assert.Single(_node.Follow([Machine(), Machine("MC2")], 5)).Topic);   // other names alone: the device is born anew, MC2 goes on
        _node.Use(new(new() { EveryMachine = false, Devices = [new("MC2")] }));
        Assert.Equal("spBv1.0/plant/DDEATH/edge/lathe", Assert.Single(_node.Follow([Machine(), Machine("MC2")], 5)).Topic);
        Assert.Empty(_node.Data([At(load, 2, SampleValue.Of(2.0))], false, 6, untold, out _));
        Assert.Empty(untold);   // owed to nobody
    }

    [Fact]
    public void A_later_signal_that_is_called_as_another_one_was_named_stands_beside_it()
    {
        var names = new EdgeNames(new() { Devices = [new("MC1", "", true, [new("load", "power")])] });
        Assert.Equal(("power", "power-7", "speed"), (names.MetricOf(new(new("MC1"), "load"), new(1)), names.MetricOf(new(new("MC1"), "power"), new(7)), names.MetricOf(new(new("MC1"), "speed"), new(2))));
    }

    [Fact]
    public void An_older_state_of_the_primary_host_counts_for_nothing()
    {
        var host = new PrimaryHost("scada");
        Assert.False(host.IsOnline);
        Assert.Null(host.Hear("{\"online\":true,\"timestamp\":100}"u8));
        Assert.True(host.IsOnline);
        Assert.Null(host.Hear("{\"online\":false,\"timestamp\":99}"u8));
        Assert.True(host.IsOnline);
        Assert.Null(host.Hear("{\"online\":false,\"timestamp\":100}"u8));
        Assert.False(host.IsOnline);
        foreach (var wrong in (string[])["", "OFFLINE", "[]", "{\"online\":1,\"timestamp\":1}", "{\"online\":true}", "{\"online\":true,\"timestamp\":1.5}"])
            Assert.NotNull(host.Hear(Encoding.UTF8.GetBytes(wrong)));
        Assert.True(new PrimaryHost(null).IsOnline);
    }

    [Fact]
    public void What_cannot_be_told_now_is_remembered_as_a_stretch_and_the_last_seconds_before_a_cut_too()
    {
        var wire = new FakeTimeProvider();
        var backlog = new EdgeBacklog(wire);
        var load = new SignalNumber(1);
        backlog.Add([At(load, 3, SampleValue.Of(1.0)), At(load, 1, SampleValue.Of(1.0))]);
        Assert.Equal((At(load, 1, default).SourceTicks, At(load, 3, default).SourceTicks), (backlog.Stretches()[0].Stretch.From, backlog.Stretches()[0].Stretch.To));
        var stretch = backlog.Stretches()[0].Stretch;
        Assert.True(backlog.Advance(load, stretch, At(load, 2, default).SourceTicks));
        Assert.Equal(At(load, 2, default).SourceTicks + 1, backlog.Stretches()[0].Stretch.From);
        Assert.True(backlog.Advance(load, backlog.Stretches()[0].Stretch, stretch.To));
        Assert.Empty(backlog.Stretches());

        backlog.Open();
        backlog.Add([At(load, 10, SampleValue.Of(1.0))]);
        backlog.Told(backlog.TakeFresh(10));
        wire.Advance(EdgeBacklog.Doubt + 1.Seconds);
        backlog.Add([At(load, 40, SampleValue.Of(1.0))]);
        backlog.Told(backlog.TakeFresh(10));
        backlog.Add([At(load, 41, SampleValue.Of(1.0))]);
        backlog.Close(orderly: false);
        Assert.Equal((At(load, 40, default).SourceTicks, At(load, 41, default).SourceTicks), (backlog.Stretches()[0].Stretch.From, backlog.Stretches()[0].Stretch.To));
        wire.Advance(2.Minutes);
        Assert.False(backlog.Advance(load, backlog.Stretches()[0].Stretch, null));   // the recorder refused it: given up, and told
    }

    [Theory]
    [InlineData(SparkplugDataType.Int8, -128, true)]
    [InlineData(SparkplugDataType.Int8, 128, false)]
    [InlineData(SparkplugDataType.UInt16, 65_535, true)]
    [InlineData(SparkplugDataType.UInt16, -1, false)]
    [InlineData(SparkplugDataType.Int64, 1.5, false)]
    [InlineData(SparkplugDataType.Boolean, 1, true)]
    [InlineData(SparkplugDataType.Boolean, 2, false)]
    [InlineData(SparkplugDataType.String, 1, false)]
    [InlineData(SparkplugDataType.DataSet, 1, false)]
    public void A_command_carries_a_value_only_where_it_fits_its_type(object type, double value, bool fits) =>
        Assert.Equal(fits, CommandValues.TryWire((SparkplugDataType)type, SampleValue.Of(value), out _));

    [Fact]
    public void A_zlib_body_with_a_preset_dictionary_is_refused_and_does_not_throw()
    {
        Assert.False(PayloadInflater.TryInflate(Convert.FromHexString("083C01120B0A056253657120045800"), 1000, out _, out var reason));
        Assert.NotNull(reason);
    }
}
