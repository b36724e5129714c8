namespace Ieum.Connect.OpcUa.Client;

/// <summary>
/// Which companion model a node belongs to, by its type. A vendor derives types of its own from those of a model and
/// keeps its instances in a namespace of its own; then only the chain of super-types leads to the model (Part 3, 6.3).
/// </summary>
internal sealed class ModelTypes(IOpcUaServices services)
{
    /// <summary>Super-types followed; the longest chain of the published models has six.</summary>
    private const int MostSteps = 16;

    private readonly Dictionary<NodeId, string?> _models = [];
    private readonly bool _hasModels = services.Facts.Namespaces.Uris.Any(u => CompanionModels.NameOf(u) is not null);

    /// <summary>Follows the types of <paramref name="references"/> that were not met before; one request per step for all of them.</summary>
    public async Task LearnAsync(IEnumerable<ReferenceDescription> references, CancellationToken cancel)
    {
        if (!_hasModels) return;
        var open = references.Where(r => r.TypeDefinition.IsLocal).Select(r => r.TypeDefinition.Node)
            .Where(t => t.Namespace > 0 && !_models.ContainsKey(t)).Distinct().ToDictionary(t => t, t => t);
        for (var step = 0; step < MostSteps && open.Count > 0; step++)
        {
            foreach (var (type, at) in open.ToList())
                if (at.Namespace == 0 || Direct(at) is not null || (at != type && _models.ContainsKey(at)))
                {
                    _models[type] = Direct(at) ?? _models.GetValueOrDefault(at);
                    open.Remove(type);
                }
            var (types, above) = (open.Keys.ToList(), new Dictionary<NodeId, NodeId>());
            if (types.Count == 0) return;
            await foreach (var page in services.BrowseAsync(types.ConvertAll(t => open[t]), NodeIds.HasSubtype, 0, cancel, BrowseDirection.Inverse).ConfigureAwait(false))
                if (page.References is [var super, ..] && super.NodeId.IsLocal) above.TryAdd(types[page.Index], super.NodeId.Node);
            open = above;
            foreach (var type in types)
                if (!above.ContainsKey(type)) _models[type] = null;
        }
        foreach (var type in open.Keys) _models[type] = null;
    }

    /// <summary>The model whose type the node has; what it is called does not count.</summary>
    public string? OfType(ReferenceDescription reference) =>
        reference.TypeDefinition.IsLocal ? Direct(reference.TypeDefinition.Node) ?? _models.GetValueOrDefault(reference.TypeDefinition.Node)
        : CompanionModels.NameOf(reference.TypeDefinition.NamespaceUri);

    /// <summary>The model of the node's type, else the one that gave it its browse name.</summary>
    public string? Of(ReferenceDescription reference) =>
        OfType(reference) ?? CompanionModels.NameOf(services.Facts.Namespaces.UriOf(reference.BrowseName.Namespace));

    private string? Direct(NodeId type) => CompanionModels.NameOf(services.Facts.Namespaces.UriOf(type.Namespace));
}
