namespace Ieum.OpcUa.Generator;

/// <summary>What of the dictionary the product needs; everything a chosen structure holds comes along.</summary>
internal static class Choice
{
    private static readonly string[] Services =
    [
        "FindServers", "FindServersOnNetwork", "GetEndpoints", "OpenSecureChannel", "CloseSecureChannel", "CreateSession", "ActivateSession", "CloseSession", "Cancel",
        "Browse", "BrowseNext", "TranslateBrowsePathsToNodeIds", "RegisterNodes", "UnregisterNodes", "Read", "HistoryRead", "Write", "Call",
        "CreateMonitoredItems", "ModifyMonitoredItems", "DeleteMonitoredItems", "SetMonitoringMode", "SetTriggering",
        "CreateSubscription", "ModifySubscription", "DeleteSubscriptions", "SetPublishingMode", "Publish", "Republish", "TransferSubscriptions",
    ];

    private static readonly string[] Others =
    [
        "ServiceFault", "AnonymousIdentityToken", "UserNameIdentityToken", "X509IdentityToken", "IssuedIdentityToken", "DataChangeFilter", "EventFilter", "AggregateFilter",
        "DataChangeNotification", "EventNotificationList", "StatusChangeNotification", "ReadRawModifiedDetails", "ReadProcessedDetails", "ReadAtTimeDetails", "ReadEventDetails",
        "HistoryData", "HistoryModifiedData", "HistoryEvent", "ElementOperand", "LiteralOperand", "AttributeOperand", "SimpleAttributeOperand",
        "StructureDefinition", "EnumDefinition", "DataTypeDescription", "Argument", "EUInformation", "Range", "EnumValueType", "BuildInfo", "ServerStatusDataType",
        "TimeZoneDataType", "AxisInformation", "ModelChangeStructureDataType", "SemanticChangeStructureDataType", "RelativePath", "ContentFilter",
        "Annotation", "ComplexNumberType", "DoubleComplexNumberType", "XVType", "ProgramDiagnosticDataType", "KeyValuePair",
    ];

    /// <summary>Enumerations that stand alone: bits of attributes and the like.</summary>
    private static readonly string[] Enumerations = ["NodeClass", "AttributeWriteMask", "AccessLevelType", "EventNotifierType", "ServerState", "RedundancySupport", "DeadbandType", "StructureType"];

    /// <summary>Structures that come by the thousand in one message are values.</summary>
    public static IReadOnlySet<string> Values { get; } = new HashSet<string> { "MonitoredItemNotification" };

    public static IReadOnlySet<string> BuiltIn { get; } = new HashSet<string>
    {
        "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double", "String", "CharArray", "DateTime", "Guid", "ByteString", "XmlElement",
        "NodeId", "ExpandedNodeId", "StatusCode", "QualifiedName", "LocalizedText", "ExtensionObject", "DataValue", "Variant", "DiagnosticInfo",
    };

    public static (List<Structure> Structures, List<Enumeration> Enumerations) Of(Dictionary all)
    {
        var (structures, enumerations) = (new SortedDictionary<string, Structure>(StringComparer.Ordinal), new SortedDictionary<string, Enumeration>(StringComparer.Ordinal));
        foreach (var name in Services.SelectMany(s => new[] { s + "Request", s + "Response" }).Concat(Others).Concat(Enumerations)) Add(name);
        return ([.. structures.Values], [.. enumerations.Values]);

        void Add(string name)
        {
            if (BuiltIn.Contains(name) || structures.ContainsKey(name)) return;
            if (all.Enumerations.TryGetValue(name, out var e))
            {
                enumerations[name] = e;
                return;
            }
            if (!all.Structures.TryGetValue(name, out var s)) throw new InvalidDataException($"The dictionary has no type '{name}'.");
            if (!s.IsPlain) throw new InvalidDataException($"'{name}' has switched or bit fields, which this generator does not write.");
            structures[name] = s;
            foreach (var field in s.Fields) Add(field.Type);
        }
    }

    /// <summary>Node ids the product names: types and references, the folders, and the server object with what it can do.</summary>
    public static bool IsNodeWanted(string name, string kind) => kind switch
    {
        "DataType" or "ReferenceType" => true,
        "ObjectType" => !name.Contains("PubSub", StringComparison.Ordinal) && !name.StartsWith("Audit", StringComparison.Ordinal),
        "VariableType" => true,
        _ => name.EndsWith("Folder", StringComparison.Ordinal) && !name.Contains('_', StringComparison.Ordinal)
            || name is "Server" or "OPCUANamespaceMetadata" or "HistoryServerCapabilities" or "Locations" or "Quantities" or "Aliases" or "Resources"
            || name.StartsWith("ModellingRule_", StringComparison.Ordinal) && name.IndexOf('_', "ModellingRule_".Length) < 0
            || name.StartsWith("AggregateFunction_", StringComparison.Ordinal)
            || name.StartsWith("Server_", StringComparison.Ordinal) && !name.Contains("Diagnostics", StringComparison.Ordinal) && !name.Contains("ConfigurationType", StringComparison.Ordinal),
    };
}
