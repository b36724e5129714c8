using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Finds the nodes of points and what the server says about them: type, rights, history, unit, range, names of states.</summary>
internal sealed class PointResolver(IOpcUaServices services)
{
    private const int AttributesPerPoint = 3;

    /// <summary>Part 3, 8.57: readable history; current value writable.</summary>
    private const byte CurrentWrite = 2, HistoryRead = 4;

    /// <summary>Looks at the points that have no node yet.</summary>
    /// <returns>The points that were not found, with the reason.</returns>
    public async Task<IReadOnlyList<(OpcPoint Point, StatusCode Why)>> ResolveAsync(IReadOnlyList<OpcPoint> points, CancellationToken cancel)
    {
        var refused = await FindAsync(points, cancel).ConfigureAwait(false);
        var found = points.Where(p => p.Node is not null && p.State == PointState.Waiting).ToList();
        await DescribeAsync(found, refused, cancel).ConfigureAwait(false);
        return refused;
    }

    /// <summary>Finds the nodes alone.</summary>
    public async Task<List<(OpcPoint Point, StatusCode Why)>> FindAsync(IReadOnlyList<OpcPoint> points, CancellationToken cancel)
    {
        var refused = new List<(OpcPoint, StatusCode)>();
        var open = points.Where(p => p.Node is null).ToList();
        await FollowPathsAsync(open.FindAll(p => p.Address.Kind == NodeAddressKind.Path), refused, cancel).ConfigureAwait(false);
        foreach (var p in open)
        {
            if (p.Address.Kind == NodeAddressKind.Path) continue;
            if (services.Facts.Namespaces.NodeOf(p.Address) is { } node) p.Node = node;
            else refused.Add((p, StatusCodes.BadNodeIdUnknown));
        }
        return refused;
    }

    /// <summary>Reads what the server says about points that have a node.</summary>
    /// <param name="ranges">Also ask for EURange where no deadband needs it.</param>
    public async Task DescribeAsync(List<OpcPoint> points, List<(OpcPoint Point, StatusCode Why)> refused, CancellationToken cancel, bool ranges = false)
    {
        await AttributesAsync(points, refused, cancel).ConfigureAwait(false);
        var described = points.FindAll(p => p.Node is not null);
        await PropertiesAsync(described, ranges, cancel).ConfigureAwait(false);
        await StateNamesAsync(described, cancel).ConfigureAwait(false);
    }

    private async Task FollowPathsAsync(List<OpcPoint> points, List<(OpcPoint, StatusCode)> refused, CancellationToken cancel)
    {
        if (points.Count == 0) return;
        var namespaces = services.Facts.Namespaces;
        var results = await services.TranslateAsync([.. points.Select(p => PathOf(NodeIds.RootFolder,
            p.Address.Path.Select(s => new QualifiedName(namespaces.Translate(s.Namespace) ?? s.Namespace, s.Name))))], cancel).ConfigureAwait(false);
        for (var i = 0; i < points.Count; i++)
        {
            if (!results[i].StatusCode.IsBad && results[i].Targets is [var first, ..] && first.RemainingPathIndex == uint.MaxValue && first.TargetId.IsLocal) points[i].Node = first.TargetId.Node;
            else refused.Add((points[i], results[i].StatusCode.IsBad ? results[i].StatusCode : StatusCodes.BadNoMatch));
        }
    }

    private async Task AttributesAsync(List<OpcPoint> points, List<(OpcPoint Point, StatusCode Why)> refused, CancellationToken cancel)
    {
        if (points.Count == 0) return;
        var values = await services.ReadAsync([.. points.SelectMany(p => new[] { AttributeIds.DataType, AttributeIds.UserAccessLevel, AttributeIds.Historizing }
            .Select(a => new ReadValueId { NodeId = p.Node!.Value, AttributeId = a }))], TimestampsToReturn.Neither, cancel).ConfigureAwait(false);
        for (var i = 0; i < points.Count; i++)
        {
            var (point, type, access) = (points[i], values[i * AttributesPerPoint], values[i * AttributesPerPoint + 1]);
            if (type.StatusCode.IsBad && type.StatusCode != StatusCodes.BadUserAccessDenied)
            {
                // No data type: the node is none, or no variable.
                point.Node = null;
                refused.Add((point, type.StatusCode));
                continue;
            }
            point.DataType = type.Value.Value is NodeId id ? id : default;
            var level = access.Value.Value is byte b ? b : (byte)0;
            (point.HasHistory, point.IsWritable) = ((level & HistoryRead) != 0, (level & CurrentWrite) != 0);
            if (point.HasHistory) point.Delivered ??= new();
        }
    }

    /// <summary>Unit and range stand in properties (Part 8, 5.3.2); a server without them answers "no match".</summary>
    private async Task PropertiesAsync(List<OpcPoint> points, bool ranges, CancellationToken cancel)
    {
        foreach (var p in points) p.Unit = Unit.TryFind(p.Settings.Unit, out var set) ? set : Unit.One;
        var wanted = new List<(OpcPoint Point, string Property)>();
        foreach (var p in points)
        {
            if (p.Settings.Unit.Length == 0) wanted.Add((p, "EngineeringUnits"));
            if (ranges || p.Percent > 0) wanted.Add((p, "EURange"));
        }
        var values = await ReadPropertiesAsync(wanted.ConvertAll(w => (w.Point.Node!.Value, w.Property)), cancel).ConfigureAwait(false);
        for (var i = 0; i < wanted.Count; i++)
        {
            if (values[i].Value.Value is not ExtensionObject { Body: { } body }) continue;
            if (body is EUInformation unit) wanted[i].Point.Unit = CompanionModels.UnitOf(unit.NamespaceUri, unit.UnitId) ?? CompanionModels.UnitWritten(unit.DisplayName.Text) ?? Unit.One;
            else if (body is Range range && range.High > range.Low) (wanted[i].Point.Range, wanted[i].Point.Limits) = (range.High - range.Low, new(range.Low, range.High));
        }
    }

    /// <summary>Enumerations: the names stand at the data type (1.04 and later), or in properties of the variable before that.</summary>
    private async Task StateNamesAsync(List<OpcPoint> points, CancellationToken cancel)
    {
        var own = points.FindAll(p => p.Settings.Type != "number" && !IsBuiltIn(p.DataType));
        var types = own.Select(p => p.DataType).Distinct().ToList();
        var definitions = await services.ReadAsync(types, AttributeIds.DataTypeDefinition, cancel).ConfigureAwait(false);
        for (var i = 0; i < types.Count; i++)
        {
            if (definitions[i].Value.Value is not ExtensionObject { Body: EnumDefinition definition }) continue;
            var names = new Dictionary<long, string>();
            foreach (var field in definition.Fields)
                if (field.Name is { Length: > 0 } name) names[field.Value] = name;
            foreach (var p in own)
                if (p.DataType == types[i]) p.Names = names;
        }
    }

    /// <returns>One value per property; a bad status where there is none.</returns>
    public async Task<DataValue[]> ReadPropertiesAsync(IReadOnlyList<(NodeId Node, string Property)> wanted, CancellationToken cancel)
    {
        var values = new DataValue[wanted.Count];
        Array.Fill(values, new DataValue(StatusCodes.BadNoMatch));
        if (wanted.Count == 0) return values;
        var found = await services.TranslateAsync([.. wanted.Select(w => PathOf(w.Node, [new QualifiedName(0, w.Property)]))], cancel).ConfigureAwait(false);
        var at = new List<int>();
        var nodes = new List<NodeId>();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (found[i].StatusCode.IsBad || found[i].Targets is not [var first, ..] || !first.TargetId.IsLocal) continue;
            at.Add(i);
            nodes.Add(first.TargetId.Node);
        }
        var read = await services.ReadAsync(nodes, AttributeIds.Value, cancel).ConfigureAwait(false);
        for (var i = 0; i < read.Length; i++) values[at[i]] = read[i];
        return values;
    }

    /// <summary>Types whose values are numbers, texts and times by themselves; Number, Integer and UInteger are their abstract parents.</summary>
    private static bool IsBuiltIn(NodeId type) => type.Namespace == 0 && type.Kind == NodeIdKind.Numeric && type.Number <= 28;

    private static BrowsePath PathOf(NodeId start, IEnumerable<QualifiedName> steps) => new()
    {
        StartingNode = start,
        RelativePath = new() { Elements = [.. steps.Select(s => new RelativePathElement { ReferenceTypeId = NodeIds.HierarchicalReferences, IncludeSubtypes = true, TargetName = s })] },
    };
}
