using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using static Ieum.Connect.OpcUa.Variant;

namespace Ieum.Connect.OpcUa.Door;

/// <summary>The company as nodes: folders of ISA-95, machines below them, signals below those.</summary>
internal sealed class DoorTree
{
    private readonly AddressSpace _space;
    private readonly ushort _own;
    private readonly DoorHouse _house;
    private readonly NodeId _machineType, _stateType;
    private readonly Dictionary<MachineId, DoorMachineNodes> _machines = [];
    /// <summary>Variables by signal number; replaced when it grows, so that readers need no lock.</summary>
    private volatile (VariableNode Node, BuiltInType Type)?[] _signals = [];

    public DoorTree(AddressSpace space, DoorHouse house)
    {
        (_space, _house) = (space, house);
        _own = space.Namespace("urn:ieum:machines");
        _machineType = space.Add(new TypeNode(new(_own, "MachineType"), NodeClass.ObjectType, new(_own, "MachineType"), new("en", "MachineType")), NodeIds.BaseObjectType, NodeIds.HasSubtype).Id;
        _stateType = space.Add(new TypeNode(new(_own, "MachineState"), NodeClass.DataType, new(_own, "MachineState"), new("en", "MachineState"))
        {
            Definition = new EnumDefinition
            {
                Fields = [.. Enum.GetValues<MachineState>().Select(s => new EnumField { Value = (long)s, Name = s.ToString(), DisplayName = new("en", s.ToString()) })],
            },
        }, NodeIds.Enumeration, NodeIds.HasSubtype).Id;
    }

    public void Show(IReadOnlyList<DoorMachine> machines, OpcTime now)
    {
        foreach (var gone in _machines.Keys.Except(machines.Select(m => m.Machine.Id)).ToList())
        {
            _space.Remove(_machines[gone].Id);
            _machines.Remove(gone);
        }
        foreach (var m in machines)
        {
            if (!_machines.TryGetValue(m.Machine.Id, out var nodes))
            {
                nodes = new(_space, _own, Folder(m.Path), m.Machine, _machineType, _stateType);
                _machines[m.Machine.Id] = nodes;
            }
            nodes.Follow(m, now);
            foreach (var (number, signal) in _house.Signals.Of(m.Machine.Id))
            {
                var node = nodes.Find(number) ?? Add(nodes, number, signal);
                // A first value told before its node stood and stored after the node was made would otherwise wait for a second one.
                if (node.Value.StatusCode == StatusCodes.BadWaitingForInitialData) CatchUp(node, number, signal);
                Allow(node, signal.Id);
            }
        }
    }

    public void Tell(ReadOnlySpan<Sample> samples)
    {
        var signals = _signals;
        foreach (ref readonly var s in samples)
            if ((uint)s.Signal.Value < (uint)signals.Length && signals[s.Signal.Value] is var (node, type)) node.Set(DoorValues.Of(s, type));
    }

    private VariableNode Add(DoorMachineNodes machine, SignalNumber number, Signal signal)
    {
        var type = DoorValues.TypeOf(signal.Kind);
        var node = new VariableNode(new(_own, signal.Id.ToString()), new(_own, signal.Id.Name), new("en", signal.Id.Name), new NodeId((uint)type))
        {
            Description = new("en", signal.Description),
            History = new RecordedHistory(number, type, _house.History),
        };
        machine.Add(number, node, signal.Unit);
        CatchUp(node, number, signal);
        var signals = _signals;
        if (number.Value >= signals.Length) Array.Resize(ref signals, Math.Max(number.Value + 1, signals.Length * 2));
        else signals = [.. signals];
        signals[number.Value] = (node, type);
        _signals = signals;
        // What came between reading the last value and going on show.
        CatchUp(node, number, signal);
        return node;
    }

    private void CatchUp(VariableNode node, SignalNumber number, Signal signal)
    {
        if (_house.History.Last(number) is { } newer && newer.SourceTicks > node.Value.SourceTimestamp.UtcTicks)
            node.Set(DoorValues.Of(newer, DoorValues.TypeOf(signal.Kind)));
    }

    /// <summary>Shows a signal as writable exactly while the house says it is.</summary>
    private void Allow(VariableNode node, SignalId signal)
    {
        var writable = _house.Writes?.IsWritable(signal) == true;
        if (writable == node.OnWrite is not null) return;
        node.OnWrite = writable ? (call, cancel) => WriteAsync(_house.Writes!, signal, call, cancel) : null;
    }

    private static async ValueTask<WriteVerdict> WriteAsync(IWriteDoor writes, SignalId signal, WriteCall call, CancellationToken cancel)
    {
        if (DoorValues.ToHouse(call.Value.Value) is not { } value) return new(StatusCodes.BadTypeMismatch, "A number, a truth value or a text is expected.");
        var outcome = await writes.RequestAsync(new(signal, value, call.User.Name, "opcua"), cancel).ConfigureAwait(false);
        if (outcome.Done) return new(StatusCodes.Good, outcome.Message);
        return outcome.State == WriteState.Waiting ? new(StatusCodes.GoodCompletesAsynchronously, outcome.Message)
            : new(StatusCodes.BadUserAccessDenied, $"{outcome.Message} [{outcome.Rule}]");
    }

    private NodeId Folder(IReadOnlyList<string> path)
    {
        var at = NodeIds.ObjectsFolder;
        for (var depth = 1; depth <= path.Count; depth++)
        {
            var id = new NodeId(_own, string.Join('/', path.Take(depth)) + "/");
            if (_space.Find(id) is null) _space.Add(new ObjectNode(id, new(_own, path[depth - 1]), new("en", path[depth - 1])), at, NodeIds.Organizes, NodeIds.FolderType);
            at = id;
        }
        return at;
    }
}

/// <summary>One machine: its state and work as variables, its signals in a folder.</summary>
internal sealed class DoorMachineNodes
{
    private readonly AddressSpace _space;
    private readonly ushort _own;
    private readonly NodeId _signals;
    private readonly Dictionary<SignalNumber, VariableNode> _shown = [];
    private readonly VariableNode _state, _stateText, _fault, _warning, _setUp, _since, _link, _oee, _program, _parts, _order, _operation;

    public DoorMachineNodes(AddressSpace space, ushort own, NodeId folder, Machine machine, NodeId machineType, NodeId stateType)
    {
        (_space, _own) = (space, own);
        Id = space.Add(new ObjectNode(new(own, machine.Id.Value), new(own, machine.Id.Value), new("en", machine.Name.En)) { Description = new("en", machine.Kind) },
            folder, NodeIds.Organizes, machineType).Id;
        _state = Add("State", stateType);
        _stateText = Add("StateText", NodeIds.String);
        _fault = Add("Fault", NodeIds.Boolean);
        _warning = Add("Warning", NodeIds.Boolean);
        _setUp = Add("SetUp", NodeIds.Boolean);
        _since = Add("StateSince", NodeIds.DateTime);
        _link = Add("Link", NodeIds.String);
        _oee = Add("OeeToday", NodeIds.Double);
        _program = Add("Program", NodeIds.String);
        _parts = Add("PartCount", NodeIds.Int64);
        _order = Add("Order", NodeIds.String);
        _operation = Add("Operation", NodeIds.String);
        _signals = space.Add(new ObjectNode(new(own, $"{machine.Id}/ Signals"), new(own, "Signals"), new("en", "Signals")), Id, NodeIds.HasComponent, NodeIds.FolderType).Id;

        // A blank before the name: signals may hold any name, but none begins with one.
        VariableNode Add(string name, NodeId type) => space.Add(
            new VariableNode(new(own, $"{machine.Id}/ {name}"), new(own, name), new("en", name), type), Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
    }

    public NodeId Id { get; }

    public VariableNode? Find(SignalNumber signal) => _shown.GetValueOrDefault(signal);

    public void Add(SignalNumber number, VariableNode node, Unit unit)
    {
        _shown[number] = node;
        var measured = unit != Unit.One;
        _space.Add(node, _signals, NodeIds.HasComponent, measured ? NodeIds.AnalogUnitType : NodeIds.BaseDataVariableType);
        if (!measured) return;
        var property = new VariableNode(new(_own, $"{node.Id.Text}/ EngineeringUnits"), new("EngineeringUnits"), new("en", "EngineeringUnits"), NodeIds.EUInformation);
        property.Set(new(Of(DoorValues.UnitOf(unit)), StatusCodes.Good));
        _space.Add(property, node.Id, NodeIds.HasProperty, NodeIds.PropertyType);
    }

    public void Follow(DoorMachine m, OpcTime now)
    {
        Put(_state, Of((int)m.State));
        Put(_stateText, Of(m.State.ToString()));
        Put(_fault, Of((m.Overlay & MachineOverlay.Fault) != 0));
        Put(_warning, Of((m.Overlay & MachineOverlay.Warning) != 0));
        Put(_setUp, Of((m.Overlay & MachineOverlay.SetUp) != 0));
        Put(_since, Of(OpcTime.Of(m.Since)));
        Put(_link, Of(m.Link.ToString()));
        Put(_oee, m.Oee is { } oee ? Of(oee) : default);
        Put(_program, Of(m.Program));
        Put(_parts, m.PartCount is { } parts ? Of(parts) : default);
        Put(_order, Of(m.Order ?? ""));
        Put(_operation, Of(m.Operation ?? ""));

        void Put(VariableNode node, Variant value)
        {
            var before = node.Value;
            if (before.Value != value || before.SourceTimestamp.IsNone) node.Set(new(value, value.IsNull ? StatusCodes.BadDataUnavailable : StatusCodes.Good, now, now));
        }
    }
}
