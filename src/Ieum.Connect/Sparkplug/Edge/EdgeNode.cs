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
/// <param name="names">What is published, and how it is called; everything under its own name when left out.</param>
internal sealed class EdgeNode(string group, string node, ISignalDirectory signals, Func<SignalNumber, Sample?> last, EdgeNames? names = null)
{
    /// <summary>Metrics in one message: far below the 256 KiB that brokers usually allow.</summary>
    public const int MostMetrics = 500;

    private sealed class Device(MachineId machine, string id)
    {
        public MachineId Machine { get; } = machine;
        public string Id { get; } = id;
        public bool IsBorn { get; set; }

        /// <summary>What it announced is not what it is to tell now: it is born anew.</summary>
        public bool IsStale { get; set; }
        public Dictionary<SignalNumber, Announced> Metrics { get; } = [];
    }

    private sealed class Announced(SignalId signal, string name, SparkplugDataType type)
    {
        public SignalId Signal { get; } = signal;
        public string Name { get; } = name;
        public SparkplugDataType Type { get; set; } = type;
        /// <summary>Newest time told; older values are history.</summary>
        public long NewestTicks { get; set; } = long.MinValue;
        /// <summary>What the latest birth told; the same sample is not told again.</summary>
        public Sample? Born { get; set; }
    }

    private readonly Dictionary<MachineId, Device> _devices = [];
    private readonly Dictionary<SignalNumber, (MachineId Machine, string? Name)> _owners = [];
    private byte _seq, _bdSeq;
    private bool _anew;

    public EdgeNames Names { get; private set; } = names ?? EdgeNames.Everything;
    public bool IsBorn { get; private set; }
    public int BornDevices => _devices.Values.Count(d => d.IsBorn);

    /// <summary>A new connection: everything is to be born again.</summary>
    public void Begin(byte bdSeq)
    {
        (_bdSeq, IsBorn) = (bdSeq, false);
        foreach (var device in _devices.Values) device.IsBorn = false;
    }

    /// <summary>Publishes other things, or the same under other names; devices of which that is true are born anew by the next <see cref="Follow"/>.</summary>
    public void Use(EdgeNames names)
    {
        foreach (var device in _devices.Values)
        {
            device.IsStale |= !names.SameFor(device.Machine, Names);
            // Its aliases pass to another device: hosts must forget the old ones first, which NBIRTH makes them do (…-alias-uniqueness).
            _anew |= device.IsBorn && names.DeviceOf(device.Machine) is { } id && id != device.Id;
        }
        _owners.Clear();
        Names = names;
    }

    public EdgeMessage Death(ulong now) => EdgeMessages.Of(MessageKind.NDeath, group, node, null, EdgeMessages.Death(_bdSeq, now));

    /// <summary>NBIRTH and one DBIRTH per machine that is there; the answer to a rebirth request is the same, with the same bdSeq.</summary>
    public List<EdgeMessage> Births(IEnumerable<SparkplugEdgeMachine> machines, ulong now)
    {
        (_seq, _anew) = (0, false);
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
        var there = machines.Where(m => m.Link is not (LinkState.Disconnected or LinkState.Refused) && IdOf(m.Machine) is not null && Published(m.Machine).Any()).Select(m => m.Machine).ToHashSet();
        foreach (var device in _devices.Values)
            if (device.IsBorn && (!there.Contains(device.Machine) || IdOf(device.Machine) != device.Id)) messages.Add(Gone(device, now));
        if (_anew) return [.. messages, .. Births(machines, now)];
        foreach (var machine in there)
        {
            if (_devices.TryGetValue(machine, out var known) && known is { IsBorn: true, IsStale: false }) continue;
            if (Birth(machine, now) is { } birth) messages.Add(birth);
        }
        return messages;
    }

    private string? IdOf(MachineId machine) => Names.DeviceOf(machine) is { } id && IsDeviceId(id) ? id : null;

    private IEnumerable<(SignalNumber Number, Signal Signal, string Name)> Published(MachineId machine)
    {
        foreach (var (number, signal) in signals.Of(machine))
            if (Names.MetricOf(signal.Id, number) is { } name) yield return (number, signal, name);
    }

    /// <summary>A device id may hold anything but the letters that topics reserve (chapter 4).</summary>
    public static bool IsDeviceId(string id) => id.Length > 0 && id.AsSpan().IndexOfAny("/+#") < 0;

    /// <summary>The messages that tell these values, each value in the order it came; devices with new metrics are born anew before.</summary>
    /// <param name="historical">They are told late, after newer ones.</param>
    /// <param name="untold">Values of machines that are not born: for later. What is not published is owed to nobody, and is passed over.</param>
    public List<EdgeMessage> Data(IEnumerable<Sample> samples, bool historical, ulong now, List<Sample> untold, out int told)
    {
        told = 0;
        var byDevice = new Dictionary<Device, List<Sample>>();
        foreach (var sample in samples)
        {
            if (OwnerOf(sample.Signal) is not { Name: not null } owner) continue;
            if (!IsBorn || !_devices.TryGetValue(owner.Machine, out var device) || !device.IsBorn) untold.Add(sample);
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
                messages.Add(EdgeMessages.Of(MessageKind.DData, group, node, device.Id, PayloadEncoder.Encode(new(now, metrics, _seq++))));
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
        if (_devices.Values.FirstOrDefault(d => d.Id == deviceId) is not { } device) return new EdgeCommand.Refused(what, "there is no such device");
        var found = m.Alias is { } alias && alias <= int.MaxValue && device.Metrics.TryGetValue(new((int)alias), out var byAlias) ? byAlias
            : m.Name is { } name ? device.Metrics.Values.FirstOrDefault(a => a.Name == name) : null;
        if (found is null) return new EdgeCommand.Refused($"{what} {m.Name ?? m.Alias?.ToString(System.Globalization.CultureInfo.InvariantCulture)}", "the device announced no such metric");
        return EdgeValues.ToHouse(m.Value, found.Type) is { } value ? new EdgeCommand.Write(found.Signal, value)
            : new EdgeCommand.Refused($"{what} {found.Name}", "a number, a truth value or a text is expected");
    }

    /// <summary>Whether anything of the signal is told at all.</summary>
    public bool IsPublished(SignalNumber number) => OwnerOf(number).Name is not null;

    /// <summary>A signal that is not in the directory yet belongs to nobody, and is looked up again the next time.</summary>
    private (MachineId Machine, string? Name) OwnerOf(SignalNumber number)
    {
        if (_owners.TryGetValue(number, out var known)) return known;
        return signals.Find(number) is { } signal ? _owners[number] = (signal.Id.Machine, IdOf(signal.Id.Machine) is null ? null : Names.MetricOf(signal.Id, number)) : default;
    }

    private static bool Fits(Device device, in Sample s) =>
        device.Metrics.TryGetValue(s.Signal, out var m) && EdgeValues.Widened(m.Type, s.Value) == m.Type;

    /// <param name="coming">Values that will follow: their kinds decide about the types.</param>
    private EdgeMessage? Birth(MachineId machine, ulong now, IReadOnlyList<Sample>? coming = null)
    {
        var all = Published(machine).ToList();
        // A machine without a single metric has nothing to be born with yet.
        if (all.Count == 0 || IdOf(machine) is not { } id) return null;
        if (!_devices.TryGetValue(machine, out var device) || device.Id != id) device = _devices[machine] = new(machine, id);
        var metrics = new List<Metric>(all.Count);
        foreach (var gone in device.Metrics.Keys.Except(all.Select(a => a.Number)).ToList()) device.Metrics.Remove(gone);
        foreach (var (number, signal, name) in all)
        {
            if (!device.Metrics.TryGetValue(number, out var m) || m.Name != name) m = device.Metrics[number] = new(signal.Id, name, m?.Type ?? EdgeValues.TypeOf(signal.Kind));
            var newest = last(number);
            m.Born = newest;
            if (newest is { } n) m.Type = EdgeValues.Widened(m.Type, n.Value);
            foreach (var c in coming ?? []) if (c.Signal == number) m.Type = EdgeValues.Widened(m.Type, c.Value);
            metrics.Add(BirthOf(number, signal, m, newest, now));
        }
        device.IsStale = false;
        device.IsBorn = true;
        return EdgeMessages.Of(MessageKind.DBirth, group, node, id, PayloadEncoder.Encode(new(now, metrics, _seq++)));
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

    private EdgeMessage Gone(Device device, ulong now)
    {
        device.IsBorn = false;
        return EdgeMessages.Of(MessageKind.DDeath, group, node, device.Id, PayloadEncoder.Encode(new(now, [], _seq++)));
    }
}
