namespace Ieum.Connect.OpcUa.Server;

/// <summary>Node ids of the OPC UA namespace that the engine itself works with.</summary>
internal static class Ids
{
    public static NodeId Aggregates { get; } = new(44);
    public static NodeId BaseDataType { get; } = new(24);
    public static NodeId Enumeration { get; } = new(29);
    public static NodeId HierarchicalReferences { get; } = new(33);
    public static NodeId Organizes { get; } = new(35);
    public static NodeId HasTypeDefinition { get; } = new(40);
    public static NodeId HasSubtype { get; } = new(45);
    public static NodeId HasProperty { get; } = new(46);
    public static NodeId HasComponent { get; } = new(47);
    public static NodeId BaseObjectType { get; } = new(58);
    public static NodeId FolderType { get; } = new(61);
    public static NodeId BaseDataVariableType { get; } = new(63);
    public static NodeId PropertyType { get; } = new(68);
    public static NodeId ObjectsFolder { get; } = new(85);
    public static NodeId ObjectTypesFolder { get; } = new(88);
    public static NodeId Server { get; } = new(2253);
    public static NodeId AnalogItemType { get; } = new(2368);
    public static NodeId AnalogUnitType { get; } = new(17497);
    public static NodeId Structure { get; } = new(22);
    public static NodeId Argument { get; } = new(296);
    public static NodeId Range { get; } = new(884);
    public static NodeId EUInformation { get; } = new(887);
}
