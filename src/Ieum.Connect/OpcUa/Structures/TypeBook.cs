namespace Ieum.Connect.OpcUa.Structures;

/// <summary>What is known of a server's own data types: structures, enumerations, and what simple types derive from.</summary>
/// <remarks>Filled by the client while it looks at values (attribute DataTypeDefinition, OPC 10000-3, 8.48; older servers: <see cref="BsdDictionary"/>).</remarks>
internal sealed class TypeBook
{
    private readonly Dictionary<NodeId, StructureDefinition> _structures = [];
    private readonly Dictionary<NodeId, EnumDefinition> _enumerations = [];
    private readonly Dictionary<NodeId, BuiltInType> _simple = [];
    private readonly Dictionary<NodeId, NodeId> _encodings = [];

    public void Add(NodeId dataType, StructureDefinition definition)
    {
        _structures[dataType] = definition;
        if (!definition.DefaultEncodingId.IsNull) _encodings[definition.DefaultEncodingId] = dataType;
    }

    public void Add(NodeId dataType, EnumDefinition definition) => _enumerations[dataType] = definition;

    /// <summary>A type derived from a built-in one, such as Duration from Double.</summary>
    public void Add(NodeId dataType, BuiltInType type) => _simple[dataType] = type;

    /// <summary>Another encoding of a type that is known.</summary>
    public void AddEncoding(NodeId encoding, NodeId dataType) => _encodings[encoding] = dataType;

    public bool Knows(NodeId dataType) => _structures.ContainsKey(dataType) || _enumerations.ContainsKey(dataType) || TrySimple(dataType, out _);

    public StructureDefinition? Structure(NodeId dataType) => _structures.GetValueOrDefault(dataType);
    public EnumDefinition? Enumeration(NodeId dataType) => _enumerations.GetValueOrDefault(dataType);

    /// <summary>The data type that an encoding belongs to; null when nobody told.</summary>
    public NodeId? TypeOf(NodeId encoding) => _encodings.TryGetValue(encoding, out var type) ? type : _structures.ContainsKey(encoding) ? encoding : null;

    public bool TrySimple(NodeId dataType, out BuiltInType type)
    {
        if (_simple.TryGetValue(dataType, out type)) return true;
        if (dataType.Namespace != 0 || dataType.Kind != NodeIdKind.Numeric) return false;
        type = dataType.Number switch
        {
            >= 1 and <= 25 => (BuiltInType)dataType.Number,
            290 => BuiltInType.Double,          // Duration
            294 => BuiltInType.DateTime,        // UtcTime
            295 => BuiltInType.String,          // LocaleId
            288 or 289 or 17588 or 20998 => BuiltInType.UInt32,   // IntegerId, Counter, Index, VersionTime
            30 or 311 or 521 or 16307 => BuiltInType.ByteString,  // images, ApplicationInstanceCertificate, ContinuationPoint, AudioDataType
            11737 => BuiltInType.UInt64,        // BitFieldMaskDataType
            12877 or 12878 or 12879 or 12880 or 12881 => BuiltInType.String,   // NormalizedString and its kin
            _ => BuiltInType.Null,
        };
        return type != BuiltInType.Null;
    }
}
