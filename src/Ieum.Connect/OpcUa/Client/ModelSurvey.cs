using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Chooses points by itself where a connection lists none: the variables of companion models below Objects, else all variables.</summary>
internal static class ModelSurvey
{
    /// <summary>Nodes looked at; a machine has some thousand, an address space may have millions.</summary>
    private const int MostNodes = 100_000;
    private const int MostDepth = 20;

    private sealed record Place(NodeId Node, string[] Path, string? Model);

    /// <exception cref="ConnectionSettingsException">The server offers nothing.</exception>
    public static async Task<IReadOnlyList<PointSettings>> FindAsync(
        IOpcUaServices services, ConnectionSettings settings, OpcUaOptions options, Action<string, string> tell, CancellationToken cancel)
    {
        var hasModel = services.Facts.Namespaces.Uris.Any(u => CompanionModels.NameOf(u) is not null);
        var (points, more) = await WalkAsync(services, options, hasModel, cancel).ConfigureAwait(false);
        if (points.Count == 0 && hasModel) (points, more) = await WalkAsync(services, options, ofModels: false, cancel).ConfigureAwait(false);
        if (points.Count == 0)
            throw new ConnectionSettingsException(OpcUaRules.NothingToRead, $"Connection '{settings.Source}': '{settings.Endpoint}' offers no variables below Objects to this user. List points, or check the rights of the user.");
        if (more) tell(OpcUaRules.PointsCut, $"'{settings.Endpoint}' offers more than {options.MaxPoints} variables; the first {points.Count} are read. List the points that are wanted, or raise 'max-points'.");
        return points;
    }

    /// <summary>Breadth first, so that the machine's own values come before the parts of its parts. No recursion; memory grows with what was seen, which is bounded.</summary>
    private static async Task<(List<PointSettings> Points, bool More)> WalkAsync(IOpcUaServices services, OpcUaOptions options, bool ofModels, CancellationToken cancel)
    {
        var points = new List<PointSettings>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<NodeId> { NodeIds.ObjectsFolder, NodeIds.Server };
        var types = new ModelTypes(services);
        var level = new List<Place> { new(NodeIds.ObjectsFolder, [], null) };
        for (var depth = 0; depth < MostDepth && level.Count > 0 && seen.Count < MostNodes; depth++)
        {
            var next = new List<Place>();
            await foreach (var page in services.BrowseAsync(level.ConvertAll(l => l.Node), NodeIds.HierarchicalReferences, (uint)(NodeClass.Object | NodeClass.Variable), cancel).ConfigureAwait(false))
            {
                var above = level[page.Index];
                if (above.Model is null) await types.LearnAsync(page.References, cancel).ConfigureAwait(false);
                foreach (var reference in page.References)
                {
                    if (!reference.NodeId.IsLocal || reference.BrowseName.Name is not { Length: > 0 } name || seen.Count >= MostNodes || !seen.Add(reference.NodeId.Node)) continue;
                    if (CompanionModels.Descriptions.Contains(name)) continue;
                    // What an object is says its type; below an object of a model everything belongs to it.
                    var model = above.Model ?? types.Of(reference);
                    var place = new Place(reference.NodeId.Node, [.. above.Path, name], model);
                    next.Add(place);
                    if (reference.NodeClass != NodeClass.Variable || (ofModels && model is null)) continue;
                    if (points.Count >= options.MaxPoints) return (points, true);
                    points.Add(PointOf(services, options, place, names));
                }
            }
            level = next;
        }
        return (points, seen.Count >= MostNodes);
    }

    /// <summary>Settings of a variable, with a name that stands once.</summary>
    private static PointSettings PointOf(IOpcUaServices services, OpcUaOptions options, Place place, HashSet<string> names)
    {
        var name = string.Join('/', place.Path);
        for (var n = 2; !names.Add(name); n++) name = FormattableString.Invariant($"{string.Join('/', place.Path)}~{n}");
        return Suggest(services, place.Node, place.Path) with
        {
            Name = name,
            Role = options.Roles.TryGetValue(name, out var role) ? role : CompanionModels.Meaning(place.Path[^1], place.Path.AsSpan(0, place.Path.Length - 1)).Role,
            Unit = options.Units.TryGetValue(name, out var unit) ? unit.Code : "",
        };
    }

    /// <summary>What a variable would be as a point: name, lasting address, role and words of the models it belongs to.</summary>
    public static PointSettings Suggest(IOpcUaServices services, NodeId node, string[] path)
    {
        var meaning = CompanionModels.Meaning(path[^1], path.AsSpan(0, path.Length - 1));
        return new(string.Join('/', path), services.Facts.Namespaces.Lasting(node)) { Role = meaning.Role, Words = meaning.Words };
    }
}
