namespace Ieum.Connect.OpcUa.Server;

/// <summary>Reads attributes of nodes (OPC 10000-3, chapter 5; OPC 10000-4, 5.11.2).</summary>
internal sealed class AttributeReader(AddressSpace space, TimeProvider clock)
{
    public DataValue Read(ReadValueId wanted, TimestampsToReturn stamps, UaUser user)
    {
        if (space.Find(wanted.NodeId) is not { } node) return Bad(StatusCodes.BadNodeIdUnknown);
        if (!NumericRange.TryParse(wanted.IndexRange, out var range)) return Bad(StatusCodes.BadIndexRangeInvalid);
        if (wanted.DataEncoding.Name is { Length: > 0 } encoding)
        {
            if (wanted.AttributeId != AttributeIds.Value) return Bad(StatusCodes.BadDataEncodingInvalid);
            if (encoding != "Default Binary") return Bad(StatusCodes.BadDataEncodingUnsupported);
        }
        if (wanted.AttributeId == AttributeIds.Value && node is VariableNode variable) return range.Of(variable.Tell()).Stamped(stamps, clock);
        if (Attribute(node, wanted.AttributeId, user) is not { } value) return Bad(StatusCodes.BadAttributeIdInvalid);
        return range.Of(new DataValue(value, StatusCodes.Good)).Stamped(stamps, clock);
    }

    /// <returns>Null when the node has no such attribute.</returns>
    public static Variant? Attribute(Node node, uint attribute, UaUser user) => attribute switch
    {
        AttributeIds.NodeId => Variant.Of(node.Id),
        AttributeIds.NodeClass => Variant.Of((int)node.Class),
        AttributeIds.BrowseName => Variant.Of(node.BrowseName),
        AttributeIds.DisplayName => Variant.Of(node.DisplayName),
        AttributeIds.Description => Variant.Of(node.Description),
        AttributeIds.WriteMask or AttributeIds.UserWriteMask => Variant.Of(0u),
        _ => node switch
        {
            VariableNode v => OfVariable(v, attribute, user),
            TypeNode t => OfType(t, attribute),
            ObjectNode => attribute == AttributeIds.EventNotifier ? Variant.Of((byte)0) : null,
            MethodNode => attribute switch
            {
                AttributeIds.Executable => Variant.Of(true),
                AttributeIds.UserExecutable => Variant.Of(true),
                _ => null,
            },
            _ => null,
        },
    };

    private static Variant? OfVariable(VariableNode v, uint attribute, UaUser user) => attribute switch
    {
        AttributeIds.DataType => Variant.Of(v.DataType),
        AttributeIds.ValueRank => Variant.Of(v.ValueRank),
        AttributeIds.ArrayDimensions => v.ArrayDimensions.Length > 0 ? Variant.OfArray(v.ArrayDimensions) : default,
        AttributeIds.AccessLevel => Variant.Of(v.AccessLevel),
        AttributeIds.UserAccessLevel => Variant.Of(user.CanWrite ? v.AccessLevel : (byte)(v.AccessLevel & ~2)),
        AttributeIds.AccessLevelEx => Variant.Of((uint)v.AccessLevel),
        AttributeIds.MinimumSamplingInterval => Variant.Of(v.MinimumSamplingInterval),
        AttributeIds.Historizing => Variant.Of(v.History is not null),
        _ => null,
    };

    private static Variant? OfType(TypeNode t, uint attribute) => (attribute, t.Class) switch
    {
        (AttributeIds.IsAbstract, _) => Variant.Of(t.IsAbstract),
        (AttributeIds.Symmetric, NodeClass.ReferenceType) => Variant.Of(t.Symmetric),
        (AttributeIds.InverseName, NodeClass.ReferenceType) => t.InverseName is { } name ? Variant.Of(new LocalizedText(name)) : null,
        (AttributeIds.DataType, NodeClass.VariableType) => Variant.Of(t.DataType),
        (AttributeIds.ValueRank, NodeClass.VariableType) => Variant.Of(t.ValueRank),
        (AttributeIds.DataTypeDefinition, NodeClass.DataType) => t.Definition is { } definition ? Variant.Of(ExtensionObject.Of(definition)) : null,
        _ => null,
    };

    private static DataValue Bad(StatusCode status) => new(default, status);
}
