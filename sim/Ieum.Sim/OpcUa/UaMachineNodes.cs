using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.OpcUa;

/// <summary>
/// The machine as OPC 40001-1 (Machinery) and OPC 40501-1 (MachineTool) lay it out, as far as its items go:
/// Identification, Monitoring, Production, Notification, and every item by its own name below Monitoring.
/// </summary>
internal sealed class UaMachineNodes
{
    private readonly VariableNode _operationMode, _channelState, _program, _parts, _feedOverride;

    public UaMachineNodes(AddressSpace space, string machine, DeviceDescription device, IReadOnlyList<UaItem> items)
    {
        var tree = new UaTree(space, machine);
        var (mt, machinery, di) = (UaTree.MachineTool, UaTree.Machinery, UaTree.Di);
        var machines = new NodeId(space.Namespace(machinery), 1001);
        space.Add(new ObjectNode(machines, new(space.Namespace(machinery), "Machines"), new("en", "Machines")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType);
        Machine = space.Add(new ObjectNode(new(1, machine), new(1, machine), new("en", machine)) { Description = new("en", device.Title) },
            machines, NodeIds.Organizes, tree.Type(mt, 13, "MachineToolType")).Id;

        var identification = tree.Object(Machine, "Identification", di, "Identification", tree.Type(mt, 11, "MachineToolIdentificationType"), addIn: true).Id;
        tree.Property(identification, "Identification/Manufacturer", di, "Manufacturer", NodeIds.LocalizedText, Variant.Of(new LocalizedText("en", "Ieum")));
        tree.Property(identification, "Identification/Model", di, "Model", NodeIds.LocalizedText, Variant.Of(new LocalizedText("en", device.Title)));
        tree.Property(identification, "Identification/SerialNumber", di, "SerialNumber", NodeIds.String, Variant.Of(machine));
        tree.Property(identification, "Identification/ProductInstanceUri", di, "ProductInstanceUri", NodeIds.String, Variant.Of($"urn:ieum:sim:{machine}"));
        tree.Property(identification, "Identification/DeviceClass", di, "DeviceClass", NodeIds.String, Variant.Of(device.Type));

        var monitoring = tree.Object(Machine, "Monitoring", mt, "Monitoring", tree.Type(mt, 14, "MonitoringType")).Id;
        var operation = tree.Object(monitoring, "Monitoring/MachineTool", mt, "MachineTool", tree.Type(mt, 26, "MachineOperationMonitoringType")).Id;
        _operationMode = tree.Variable(operation, "Monitoring/MachineTool/OperationMode", mt, "OperationMode",
            tree.Enumeration(mt, 65, "MachineOperationMode", "Manual", "Automatic", "Setup", "AutoWithManualIntervention", "Service", "Other"));
        _feedOverride = tree.Variable(operation, "Monitoring/MachineTool/FeedOverride", mt, "FeedOverride", NodeIds.Double);
        var channel = tree.Object(monitoring, "Monitoring/Channel1", mt, "Channel1", tree.Type(mt, 16, "ChannelMonitoringType")).Id;
        tree.Property(channel, "Monitoring/Channel1/Name", mt, "Name", NodeIds.String, Variant.Of("Channel1"));
        _channelState = tree.Variable(channel, "Monitoring/Channel1/ChannelState", mt, "ChannelState", tree.Enumeration(mt, 64, "ChannelState", "Active", "Interrupted", "Reset"));
        var list = space.Add(new ObjectNode(new(1, $"{machine}/Monitoring/Items"), new(1, "Items"), new("en", "Items")), monitoring, NodeIds.HasComponent, NodeIds.FolderType).Id;
        foreach (var item in items)
        {
            space.Add(item.Node, list, NodeIds.HasComponent, item.TypeDefinition);
            if (item.Unit is { } unit) tree.Property(item.Node.Id, $"Monitoring/Items/{item.Item.Name}/EngineeringUnits", "", "EngineeringUnits", NodeIds.EUInformation, Variant.Of(unit));
            if (item.Range is { } range) tree.Property(item.Node.Id, $"Monitoring/Items/{item.Item.Name}/EURange", "", "EURange", NodeIds.Range, Variant.Of(range));
        }

        var production = tree.Object(Machine, "Production", mt, "Production", tree.Type(mt, 21, "ProductionType")).Id;
        var active = tree.Object(production, "Production/ActiveProgram", mt, "ActiveProgram", tree.Type(mt, 32, "ProductionActiveProgramType")).Id;
        _program = tree.Variable(active, "Production/ActiveProgram/Name", mt, "Name", NodeIds.String);
        var statistics = tree.Object(production, "Production/Statistics", mt, "Statistics", tree.Type(mt, 20, "ProductionStatisticsType")).Id;
        _parts = tree.Variable(statistics, "Production/Statistics/PartsProducedInLifetime", mt, "PartsProducedInLifetime", NodeIds.UInt32);
        var notification = tree.Object(Machine, "Notification", mt, "Notification", tree.Type(mt, 7, "NotificationType")).Id;
        tree.Object(notification, "Notification/Messages", mt, "Messages", tree.Type(mt, 38, "MessagesType"));
        tree.Object(Machine, "Equipment", mt, "Equipment", tree.Type(mt, 12, "EquipmentType"));
    }

    public NodeId Machine { get; }

    /// <summary>What an item's new value means to the variables of the companion model.</summary>
    public void Follow(DataItem item, string text, in DataValue value)
    {
        if (item.Type == "CONTROLLER_MODE") Set(_operationMode, text switch
        {
            "MANUAL" => Variant.Of(0),
            "AUTOMATIC" => Variant.Of(1),
            "MANUAL_DATA_INPUT" or "EDIT" => Variant.Of(2),
            "SEMI_AUTOMATIC" => Variant.Of(3),
            _ => default,
        }, value);
        else if (ItemRoles.IsExecution(item.Name)) Set(_channelState, text switch
        {
            "ACTIVE" => Variant.Of(0),
            "INTERRUPTED" or "FEED_HOLD" or "WAIT" or "OPTIONAL_STOP" or "PROGRAM_STOPPED" => Variant.Of(1),
            "READY" or "STOPPED" or "PROGRAM_COMPLETED" => Variant.Of(2),
            _ => default,
        }, value);
        else if (item.Type == "PROGRAM") Set(_program, text == FeedLine.Unavailable ? default : Variant.Of(text), value);
        else if (ItemRoles.IsPartCount(item.Name)) Set(_parts, value.StatusCode.IsGood && value.Value.Whole >= 0 ? Variant.Of((uint)value.Value.Whole) : default, value);
        else if (item.Type is "PATH_FEEDRATE_OVERRIDE" or "FEEDRATE_OVERRIDE") Set(_feedOverride, value.Value.IsNumber ? Variant.Of(value.Value.Number) : default, value);
    }

    private static void Set(VariableNode node, Variant derived, in DataValue cause) =>
        node.Set(cause with { Value = derived, StatusCode = derived.IsNull ? StatusCodes.BadNoData : StatusCodes.Good });
}
