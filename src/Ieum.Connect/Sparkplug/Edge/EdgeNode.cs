using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>What a command to this node wants.</summary>
internal abstract record EdgeCommand
{
    private EdgeCommand() { }
    public sealed record Rebirth : EdgeCommand;
    public sealed record Write(SignalId Signal, SampleValue Value) : EdgeCommand;
    public sealed record Refused(string What, string Why) : EdgeCommand;
}

/// <summary>The session of an edge node, one step at a time: births, data, deaths and what commands mean. No clock, no socket.</summary>
/// <remarks>
/// One sequence number for the node and all its devices (Sparkplug B 3.0, 6.4.6). The alias of a metric is the number of its signal,
/// which is unique in the node for the life of the data directory.
/// </remarks>
internal sealed class EdgeNode(string group, string node, ISignalDirectory signals, Func<SignalNumber, Sample?> last)
{
    /// <summary>Metrics in one message: far below the 256 KiB that brokers usually allow.</summary>
    public const int MostMetrics = 500;

    private sealed class Device(MachineId machine)
    {
        public MachineId Machine { get; } = machine;
        public bool IsBorn { get; set; }
        public Dictionary<SignalNumber, Announced> Metrics { get; } = [];
    }

    private sealed class Announced(string name, SparkplugDataType type)
    {
        public string Name { get; } = name;
        public SparkplugDataType Type { get; set; } = type;
        /// <summary>Newest time told; older values are history.</summary>
        public long NewestTicks { get; set; } = long.MinValue;
        /// <summary>What the latest birth told; the same sample is not told again.</summary>
        public Sample? Born { get; set; }
    }

    private readonly Dictionary<string, Device> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<SignalNumber, Device> _owners = [];
    private byte _seq, _bdSeq;

    public bool IsBorn { get; private set; }
    public int BornDevices => _devices.Values.Count(d => d.IsBorn);

    /// <summary>A new connection: everything is to be born again.</summary>
    public void Begin(byte bdSeq)
    {
        (_bdSeq, IsBorn) = (bdSeq, false);
        foreach (var device in _devices.Values) device.IsBorn = false;
    }

    public EdgeMessage Death(ulong now) => EdgeMessages.Of(MessageKind.NDeath, group, node, null, EdgeMessages.Death(_bdSeq, now));

    /// <summary>NBIRTH and one DBIRTH per machine that is there; the answer to a rebirth request is the same, with the same bdSeq.</summary>
    public List<EdgeMessage> Births(IEnumerable<SparkplugEdgeMachine> machines, ulong now)
    {
        _seq = 0;
        var messages = new List<EdgeMessage> { EdgeMessages.Of(MessageKind.NBirth, group, node, null, EdgeMessages.NodeBirth(_bdSeq, _seq++, now)) };
        IsBorn = true;
        foreach (var device in _devices.Values) device.IsBorn = false;
        messages.AddRange(Follow(machines, now));
        return messages;
    }

    /// <summary>Brings the devices up to date: DBIRTH for machines that came, DDEATH for those that went.</summary>
    public List<EdgeMessage> Follow(IEnumerable<SparkplugEdgeMachine> machines, ulong now)
    {
        var messages = new List<EdgeMessage>();
        if (!IsBorn) return messages;
        var there = machines.Where(m => IsDeviceId(m.Machine.Value) && m.Link is not (LinkState.Disconnected or LinkState.Refused)).Select(m => m.Machine).ToHashSet();
        foreach (var (id, device) in _devices)
            if (device.IsBorn && !there.Contains(device.Machine)) messages.Add(Gone(id, device, now));
        foreach (var machine in there)
        {
            if (_devices.TryGetValue(machine.Value, out var known) && known.IsBorn) continue;
            if (Birth(machine, now) is { } birth) messages.Add(birth);
        }
        return messages;
    }

    /// <summary>A device id may hold anything but the letters that topics reserve (chapter 4).</summary>
    public static bool IsDeviceId(string id) => id.Length > 0 && id.AsSpan().IndexOfAny("/+#") < 0;

    /// <summary>The messages that tell these values, each value in the order it came; devices with new metrics are born anew before.</summary>
    /// <param name="historical">They are told late, after newer ones.</param>
    /// <param name="untold">Values of machines that are not born: for later.</param>
    public List<EdgeMessage> Data(IEnumerable<Sample> samples, bool historical, ulong now, List<Sample> untold, out int told)
    {
        told = 0;
        var byDevice = new Dictionary<Device, List<Sample>>();
        foreach (var sample in samples)
        {
            if (!IsBorn || (DeviceOf(sample.Signal) is not { IsBorn: true } device)) untold.Add(sample);
            else (byDevice.TryGetValue(device, out var list) ? list : byDevice[device] = []).Add(sample);
        }
        var messages = new List<EdgeMessage>();
        foreach (var (device, list) in byDevice)
        {
            if (list.Any(s => !Fits(device, s)) && Birth(device.Machine, now, list) is { } birth) messages.Add(birth);
            // In order of time within a message (…-data-publish-dbirth-order); a stable sort keeps equal times as they came.
            foreach (var page in list.OrderBy(s => s.SourceTicks).Chunk(MostMetrics))
            {
                var metrics = page.Where(s => device.Metrics.TryGetValue(s.Signal, out var m) && !(m.Born is { } b && b.SourceTicks == s.SourceTicks && b.Value == s.Value && b.Quality == s.Quality)).Select(s => DataOf(s, device.Metrics[s.Signal], historical)).ToList();
                told += page.Length;
                if (metrics.Count == 0) continue;
                messages.Add(EdgeMessages.Of(MessageKind.DData, group, node, device.Machine.Value, PayloadEncoder.Encode(new(now, metrics, _seq++))));
            }
        }
        return messages;
    }

    /// <summary>What a message to this node wants; bytes that are no command are refused.</summary>
    public List<EdgeCommand> Read(SparkplugTopic topic, ReadOnlySpan<byte> bytes)
    {
        var what = $"{topic.Kind} {topic.Device}".TrimEnd();
        if (!PayloadDecoder.TryDecode(bytes, out var payload, out var reason)) return [new EdgeCommand.Refused(what, $"it is no Sparkplug payload: {reason}")];
        var commands = new List<EdgeCommand>();
        foreach (var m in payload.Metrics)
        {
            if (topic.Kind == MessageKind.NCommand && EdgeMessages.IsRebirth(m)) commands.Add(new EdgeCommand.Rebirth());
            else if (topic.Kind == MessageKind.NCommand) commands.Add(new EdgeCommand.Refused($"{what} {m.Name}", "the node takes no other command than Node Control/Rebirth"));
            else commands.Add(WriteOf(what, topic.Device!, m));
        }
        return commands;
    }

    private EdgeCommand WriteOf(string what, string deviceId, Metric m)
    {
        if (!_devices.TryGetValue(deviceId, out var device)) return new EdgeCommand.Refused(what, "there is no such device");
        var found = m.Alias is { } alias && alias <= int.MaxValue && device.Metrics.TryGetValue(new((int)alias), out var byAlias) ? byAlias
            : m.Name is { } name ? device.Metrics.Values.FirstOrDefault(a => a.Name == name) : null;
        if (found is null) return new EdgeCommand.Refused($"{what} {m.Name ?? m.Alias?.ToString(System.Globalization.CultureInfo.InvariantCulture)}", "the device announced no such metric");
        return EdgeValues.ToHouse(m.Value, found.Type) is { } value ? new EdgeCommand.Write(new(device.Machine, found.Name), value)
            : new EdgeCommand.Refused($"{what} {found.Name}", "a number, a truth value or a text is expected");
    }

    private Device? DeviceOf(SignalNumber number)
    {
        if (_owners.TryGetValue(number, out var known)) return known;
        return signals.Find(number) is { } signal && _devices.TryGetValue(signal.Id.Machine.Value, out var device) ? _owners[number] = device : null;
    }

    private static bool Fits(Device device, in Sample s) =>
        device.Metrics.TryGetValue(s.Signal, out var m) && EdgeValues.Widened(m.Type, s.Value) == m.Type;

    /// <param name="coming">Values that will follow: their kinds decide about the types.</param>
    private EdgeMessage? Birth(MachineId machine, ulong now, IReadOnlyList<Sample>? coming = null)
    {
        var all = signals.Of(machine);
        // A machine without a single metric has nothing to be born with yet.
        if (all.Count == 0) return null;
        if (!_devices.TryGetValue(machine.Value, out var device)) device = _devices[machine.Value] = new(machine);
        var metrics = new List<Metric>(all.Count);
        foreach (var (number, signal) in all)
        {
            if (!device.Metrics.TryGetValue(number, out var m)) m = device.Metrics[number] = new(signal.Id.Name, EdgeValues.TypeOf(signal.Kind));
            var newest = last(number);
            m.Born = newest;
            if (newest is { } n) m.Type = EdgeValues.Widened(m.Type, n.Value);
            foreach (var c in coming ?? []) if (c.Signal == number) m.Type = EdgeValues.Widened(m.Type, c.Value);
            metrics.Add(BirthOf(number, signal, m, newest, now));
        }
        device.IsBorn = true;
        return EdgeMessages.Of(MessageKind.DBirth, group, node, machine.Value, PayloadEncoder.Encode(new(now, metrics, _seq++)));
    }

    private static Metric BirthOf(SignalNumber number, Signal signal, Announced m, Sample? newest, ulong now)
    {
        var properties = new List<KeyValuePair<string, PropertyValue>>();
        if (signal.Unit != Unit.One) properties.Add(new("engUnit", new(SparkplugDataType.String, SparkplugValue.Of(signal.Unit.Symbol))));
        if (signal.Description.Length > 0) properties.Add(new("description", new(SparkplugDataType.String, SparkplugValue.Of(signal.Description))));
        if (newest is { } s && EdgeValues.QualityOf(s.Quality) is { } quality) properties.AddRange(quality.Items);
        SparkplugValue value = default;
        if (newest is { } n) EdgeValues.TryValue(m.Type, n.Value, out value);
        if (newest is { } told) m.NewestTicks = Math.Max(m.NewestTicks, told.SourceTicks);
        return new()
        {
            Name = m.Name,
            Alias = (ulong)number.Value,
            Timestamp = newest is { } at ? EdgeValues.Milliseconds(at.SourceTicks) : now,
            DataType = m.Type,
            IsNull = value.Kind == WireValue.None ? true : null,
            Value = value,
            Properties = properties.Count > 0 ? new(properties) : null,
        };
    }

    private static Metric DataOf(in Sample s, Announced m, bool historical)
    {
        EdgeValues.TryValue(m.Type, s.Value, out var value);
        var late = historical || s.SourceTicks < m.NewestTicks;
        if (!late) m.NewestTicks = s.SourceTicks;
        return new()
        {
            Alias = (ulong)s.Signal.Value,
            Timestamp = EdgeValues.Milliseconds(s.SourceTicks),
            IsHistorical = late ? true : null,
            IsNull = value.Kind == WireValue.None ? true : null,
            Value = value,
            Properties = EdgeValues.QualityOf(s.Quality),
        };
    }

    private EdgeMessage Gone(string id, Device device, ulong now)
    {
        device.IsBorn = false;
        return EdgeMessages.Of(MessageKind.DDeath, group, node, id, PayloadEncoder.Encode(new(now, [], _seq++)));
    }
}
