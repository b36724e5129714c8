namespace Ieum.Connect.OpcUa.Client;

/// <summary>Where a reader who browses stands: what the suggested names begin with, and the model that everything here belongs to.</summary>
/// <param name="Names">The names of the node and of the one above it, so that a point is called <c>Spindle/Load</c> rather than <c>Load</c>.</param>
/// <param name="Model">Of the nearest object, the node itself or above, whose type a companion model defines; null when there is none.</param>
internal sealed record BrowsePlace(string[] Names, string? Model)
{
    private const int NamesKept = 2;

    /// <summary>A machine of a companion model is some levels deep; a loop of references ends here.</summary>
    private const int MostSteps = 12;

    /// <summary>Walks from <paramref name="node"/> up to Objects.</summary>
    public static async Task<BrowsePlace> FindAsync(IOpcUaServices services, ModelTypes types, NodeId node, CancellationToken cancel)
    {
        var names = new List<string>();
        string? model = null;
        var here = await SelfAsync(services, node, cancel).ConfigureAwait(false);
        for (var step = 0; step < MostSteps && here is not null && (names.Count < NamesKept || model is null); step++)
        {
            if (here.NodeId.Node == NodeIds.ObjectsFolder || here.NodeId.Node == NodeIds.RootFolder || here.BrowseName.Name is not { } name) break;
            if (names.Count < NamesKept) names.Insert(0, name);
            if (model is null)
            {
                await types.LearnAsync([here], cancel).ConfigureAwait(false);
                model = types.OfType(here);
            }
            here = await FirstAsync(services, here.NodeId.Node, NodeIds.HierarchicalReferences, BrowseDirection.Inverse, cancel).ConfigureAwait(false);
        }
        return new([.. names], model);
    }

    private static async Task<ReferenceDescription?> SelfAsync(IOpcUaServices services, NodeId node, CancellationToken cancel)
    {
        if ((await services.ReadAsync([node], AttributeIds.BrowseName, cancel).ConfigureAwait(false))[0].Value.Value is not QualifiedName name) return null;
        var type = await FirstAsync(services, node, NodeIds.HasTypeDefinition, BrowseDirection.Forward, cancel).ConfigureAwait(false);
        return new() { NodeId = new(node), BrowseName = name, TypeDefinition = type?.NodeId ?? default };
    }

    private static async Task<ReferenceDescription?> FirstAsync(IOpcUaServices services, NodeId node, NodeId along, BrowseDirection direction, CancellationToken cancel)
    {
        ReferenceDescription? first = null;
        await foreach (var page in services.BrowseAsync([node], along, 0, cancel, direction).ConfigureAwait(false))
            if (page.References is [var reference, ..] && reference.NodeId.IsLocal) first ??= reference;
        return first;
    }
}
