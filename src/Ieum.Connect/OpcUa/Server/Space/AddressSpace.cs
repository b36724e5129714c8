using System.Collections.Concurrent;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>The nodes of one server and the links between them.</summary>
/// <remarks>Safe for several threads. References keep their order, so that a browse continues where it stopped.</remarks>
internal sealed class AddressSpace
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NodeId, Node> _nodes = [];
    private readonly List<string> _namespaces = ["http://opcfoundation.org/UA/"];

    /// <param name="applicationUri">Namespace 1 of every server is its own (OPC 10000-3, 8.2.2).</param>
    public AddressSpace(string applicationUri)
    {
        _namespaces.Add(applicationUri);
        CoreNodes.AddTo(this);
    }

    public IReadOnlyList<string> Namespaces { get { lock (_gate) return [.. _namespaces]; } }

    public int Count => _nodes.Count;

    /// <summary>Index of a namespace; taken up when it is new.</summary>
    public ushort Namespace(string uri)
    {
        lock (_gate)
        {
            var at = _namespaces.IndexOf(uri);
            if (at >= 0) return (ushort)at;
            _namespaces.Add(uri);
            return (ushort)(_namespaces.Count - 1);
        }
    }

    public Node? Find(NodeId id) => _nodes.GetValueOrDefault(id);

    /// <summary>Adds a node below a parent.</summary>
    /// <param name="type">Type definition of objects and variables; null for others.</param>
    /// <exception cref="InvalidOperationException">The id is taken, or the parent is not there: a fault of the builder of the space.</exception>
    public T Add<T>(T node, NodeId parent, NodeId reference, NodeId? type = null) where T : Node
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(parent, out var above)) throw new InvalidOperationException($"Node {node} has no parent {parent}.");
            if (!_nodes.TryAdd(node.Id, node)) throw new InvalidOperationException($"Node id {node.Id} is given twice.");
            Link(above, reference, node);
            if (type is { } definition)
            {
                // Types know their instances only on paper: a list of 100,000 analogue items below their type helps nobody.
                node.References.Add(new(Ids.HasTypeDefinition, true, definition));
            }
        }
        return node;
    }

    internal void AddRoot(Node node) => _nodes[node.Id] = node;

    public void AddReference(NodeId from, NodeId reference, NodeId to)
    {
        lock (_gate)
            if (_nodes.TryGetValue(from, out var source))
            {
                if (_nodes.TryGetValue(to, out var target)) Link(source, reference, target);
                else source.References.Add(new(reference, true, to));
            }
    }

    /// <summary>Takes a node and everything below it out. Clients that watch it get a last value with <c>BadNodeIdUnknown</c>.</summary>
    public void Remove(NodeId id)
    {
        lock (_gate)
        {
            if (!_nodes.TryRemove(id, out var node)) return;
            foreach (var reference in node.References.ToArray())
            {
                if (reference.Forward && IsSubtype(reference.Type, Ids.Aggregates) && _nodes.ContainsKey(reference.Target)) Remove(reference.Target);
                else if (_nodes.TryGetValue(reference.Target, out var other)) other.References.RemoveAll(r => r.Target == id);
            }
            if (node is VariableNode variable) variable.Set(new(default, StatusCodes.BadNodeIdUnknown));
        }
    }

    /// <summary>References of a node from a place on, at most so many.</summary>
    /// <param name="next">Where to go on; -1 when the end was reached.</param>
    public List<Reference> References(Node node, int from, int most, Func<Reference, bool> wanted, out int next)
    {
        lock (_gate)
        {
            var found = new List<Reference>(Math.Min(most, 64));
            for (var i = from; i < node.References.Count; i++)
            {
                if (!wanted(node.References[i])) continue;
                if (found.Count == most)
                {
                    next = i;
                    return found;
                }
                found.Add(node.References[i]);
            }
            next = -1;
            return found;
        }
    }

    public NodeId TypeOf(Node node)
    {
        lock (_gate)
        {
            foreach (var r in node.References)
                if (r.Forward && r.Type == Ids.HasTypeDefinition) return r.Target;
            return default;
        }
    }

    /// <summary>Whether a type is the other one or stands below it.</summary>
    public bool IsSubtype(NodeId type, NodeId of)
    {
        lock (_gate)
        {
            // Deeper than any type tree of the standard; guards against a circle made by mistake.
            for (var depth = 0; depth < 32; depth++)
            {
                if (type == of) return true;
                if (!_nodes.TryGetValue(type, out var node)) return false;
                var above = node.References.Find(r => !r.Forward && r.Type == Ids.HasSubtype);
                if (above.Target == default) return false;
                type = above.Target;
            }
            return false;
        }
    }

    /// <summary>The built-in type values of a data type are written in (1-25); 0 when anything goes.</summary>
    public BuiltInType BuiltInOf(NodeId dataType)
    {
        for (var depth = 0; depth < 32; depth++)
        {
            if (dataType.Namespace == 0 && dataType.Number is > 0 and <= 25 and not 24 and var id) return id == 22 ? BuiltInType.ExtensionObject : (BuiltInType)id;
            if (dataType == Ids.Enumeration) return BuiltInType.Int32;
            Reference above;
            lock (_gate)
            {
                if (Find(dataType) is not { } node) return 0;
                above = node.References.Find(r => !r.Forward && r.Type == Ids.HasSubtype);
            }
            if (above.Target == default) return 0;
            dataType = above.Target;
        }
        return 0;
    }

    private static void Link(Node from, NodeId reference, Node to)
    {
        from.References.Add(new(reference, true, to.Id));
        to.References.Add(new(reference, false, from.Id));
    }
}
