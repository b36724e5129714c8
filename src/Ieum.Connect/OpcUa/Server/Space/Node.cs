namespace Ieum.Connect.OpcUa.Server;

/// <summary>A link between two nodes, seen from its source.</summary>
internal readonly record struct Reference(NodeId Type, bool Forward, NodeId Target);

/// <summary>One node of the address space. Its references change only through <see cref="AddressSpace"/>.</summary>
internal abstract class Node(NodeId id, NodeClass nodeClass, QualifiedName browseName, LocalizedText displayName)
{
    public NodeId Id { get; } = id;
    public NodeClass Class { get; } = nodeClass;
    public QualifiedName BrowseName { get; } = browseName;
    public LocalizedText DisplayName { get; init; } = displayName;
    public LocalizedText Description { get; init; }

    /// <summary>Guarded by the lock of the address space.</summary>
    internal List<Reference> References { get; } = new(2);

    public override string ToString() => $"{Id} {BrowseName.Name}";
}

internal sealed class ObjectNode(NodeId id, QualifiedName browseName, LocalizedText displayName)
    : Node(id, NodeClass.Object, browseName, displayName);

/// <summary>A type of objects, variables, data or references.</summary>
internal sealed class TypeNode(NodeId id, NodeClass nodeClass, QualifiedName browseName, LocalizedText displayName)
    : Node(id, nodeClass, browseName, displayName)
{
    public bool IsAbstract { get; init; }

    /// <summary>Reference types only; null when the reference reads the same both ways.</summary>
    public string? InverseName { get; init; }
    public bool Symmetric { get; init; }

    /// <summary>Variable types only.</summary>
    public NodeId DataType { get; init; }
    public int ValueRank { get; init; } = -2;

    /// <summary>Data types only: a <c>StructureDefinition</c> or <c>EnumDefinition</c>.</summary>
    public IEncodable? Definition { get; init; }
}

/// <summary>What a method is given.</summary>
/// <param name="Object">The object it was called on.</param>
internal sealed record MethodCall(NodeId Object, Variant[] Inputs, ServerSession Session);

/// <summary>What a method answers.</summary>
internal sealed record MethodAnswer(StatusCode Status, params Variant[] Outputs);

internal sealed class MethodNode(NodeId id, QualifiedName browseName, LocalizedText displayName)
    : Node(id, NodeClass.Method, browseName, displayName)
{
    public Argument[] Inputs { get; set; } = [];
    public Argument[] Outputs { get; set; } = [];

    public Func<MethodCall, CancellationToken, ValueTask<MethodAnswer>> Run { get; set; } = static (_, _) => new(new MethodAnswer(StatusCodes.BadNotImplemented));
}
