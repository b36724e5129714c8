using Ieum.Connect.OpcUa.Structures;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Asks the server how its own structures are built (attribute DataTypeDefinition, Part 3, 5.8.3), nested ones included.</summary>
internal sealed class TypeLoader(IOpcUaServices services, TypeBook book)
{
    /// <summary>A large vendor model has some hundred types; a server that makes them up has no end.</summary>
    private const int MostTypes = 2000;

    /// <summary>Loads what is not known yet. Types the server does not describe are left out; their values are told when they come.</summary>
    public async Task LoadAsync(IEnumerable<NodeId> dataTypes, CancellationToken cancel)
    {
        var seen = new HashSet<NodeId>();
        var open = dataTypes.Where(t => IsOwn(t) && seen.Add(t)).ToList();
        while (open.Count > 0 && seen.Count < MostTypes)
        {
            var definitions = await services.ReadAsync(open, AttributeIds.DataTypeDefinition, cancel).ConfigureAwait(false);
            var next = new List<NodeId>();
            var unbound = new List<NodeId>();
            var undefined = new List<NodeId>();
            for (var i = 0; i < open.Count; i++)
            {
                if (definitions[i].Value.Value is not ExtensionObject definition) undefined.Add(open[i]);
                else if (definition.Body is EnumDefinition enumeration) book.Add(open[i], enumeration);
                else if (definition.Body is StructureDefinition structure)
                {
                    book.Add(open[i], structure);
                    if (structure.DefaultEncodingId.IsNull) unbound.Add(open[i]);
                    foreach (var field in structure.Fields)
                        if (IsOwn(field.DataType) && seen.Add(field.DataType)) next.Add(field.DataType);
                }
            }
            await BindAsync(unbound, cancel).ConfigureAwait(false);
            await DeriveAsync(undefined, cancel).ConfigureAwait(false);
            open = next;
        }
    }

    /// <summary>Finds the data types of encodings that came in values of an abstract type.</summary>
    public async Task LoadEncodingsAsync(IReadOnlyList<NodeId> encodings, CancellationToken cancel)
    {
        var types = new List<NodeId>();
        await foreach (var page in services.BrowseAsync(encodings, NodeIds.HasEncoding, 0, cancel, BrowseDirection.Inverse).ConfigureAwait(false))
            foreach (var reference in page.References)
            {
                if (!reference.NodeId.IsLocal) continue;
                book.AddEncoding(encodings[page.Index], reference.NodeId.Node);
                types.Add(reference.NodeId.Node);
            }
        await LoadAsync(types, cancel).ConfigureAwait(false);
        foreach (var encoding in encodings)
            if (book.TypeOf(encoding) is not { } type || book.Structure(type) is null) await FromDictionaryAsync(encoding, cancel).ConfigureAwait(false);
    }

    /// <summary>Servers from before 1.04 describe their structures in a dictionary (Part 5, annex D): encoding → description, whose value is the name, and above it the dictionary.</summary>
    private async Task FromDictionaryAsync(NodeId encoding, CancellationToken cancel)
    {
        if (await OneAsync(encoding, NodeIds.HasDescription, BrowseDirection.Forward, cancel).ConfigureAwait(false) is not { } description) return;
        if (await OneAsync(description, NodeIds.HasComponent, BrowseDirection.Inverse, cancel).ConfigureAwait(false) is not { } dictionary) return;
        var values = await services.ReadAsync([description, dictionary], AttributeIds.Value, cancel).ConfigureAwait(false);
        if (values[0].Value.Text is not { } name || values[1].Value.Value is not byte[] xml) return;
        BsdDictionary.AddTo(book, xml, dictionary.Namespace);
        if (book.Structure(new(dictionary.Namespace, name)) is not null) book.AddEncoding(encoding, new(dictionary.Namespace, name));
    }

    private async Task<NodeId?> OneAsync(NodeId from, NodeId reference, BrowseDirection direction, CancellationToken cancel)
    {
        NodeId? found = null;
        await foreach (var page in services.BrowseAsync([from], reference, 0, cancel, direction).ConfigureAwait(false))
            if (found is null && page.References is [var first, ..] && first.NodeId.IsLocal) found = first.NodeId.Node;
        return found;
    }

    private async Task BindAsync(List<NodeId> types, CancellationToken cancel)
    {
        if (types.Count == 0) return;
        await foreach (var page in services.BrowseAsync(types, NodeIds.HasEncoding, 0, cancel).ConfigureAwait(false))
            foreach (var reference in page.References)
                if (reference.BrowseName.Name == "Default Binary" && reference.NodeId.IsLocal) book.AddEncoding(reference.NodeId.Node, types[page.Index]);
    }

    /// <summary>A type without a definition is a kind of a simple one, such as Duration of Double: its parents tell which.</summary>
    private async Task DeriveAsync(List<NodeId> types, CancellationToken cancel)
    {
        var climbing = types.ToDictionary(t => t, t => t);
        for (var step = 0; step < 20 && climbing.Count > 0; step++)
        {
            NodeId[] own = [.. climbing.Keys], at = [.. climbing.Values];
            climbing = [];
            await foreach (var page in services.BrowseAsync(at, NodeIds.HasSubtype, 0, cancel, BrowseDirection.Inverse).ConfigureAwait(false))
            {
                if (page.References is not [var parent, ..] || !parent.NodeId.IsLocal) continue;
                if (book.TrySimple(parent.NodeId.Node, out var simple)) book.Add(own[page.Index], simple);
                else climbing[own[page.Index]] = parent.NodeId.Node;
            }
        }
    }

    private bool IsOwn(NodeId type) => !type.IsNull && !book.Knows(type) && !(type is { Namespace: 0, Kind: NodeIdKind.Numeric, Number: <= 30 });
}
