using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;

namespace Ieum.Sim.OpcUa;

/// <summary>Builds nodes of companion models: objects and variables by path, with ids made of their path.</summary>
internal sealed class UaTree(AddressSpace space, string root)
{
    public const string Di = "http://opcfoundation.org/UA/DI/";
    public const string Machinery = "http://opcfoundation.org/UA/Machinery/";
    public const string MachineTool = "http://opcfoundation.org/UA/MachineTool/";

    private static readonly NodeId HasAddIn = new(17604);

    /// <summary>An object type of a companion model, with the id its nodeset gives it.</summary>
    public NodeId Type(string model, uint id, string name)
    {
        var index = space.Namespace(model);
        var node = new NodeId(index, id);
        if (space.Find(node) is null)
            space.Add(new TypeNode(node, NodeClass.ObjectType, new(index, name), new("en", name)), NodeIds.BaseObjectType, NodeIds.HasSubtype);
        return node;
    }

    public ObjectNode Object(NodeId parent, string path, string model, string name, NodeId type, bool addIn = false, bool organised = false) => space.Add(
        new ObjectNode(new(1, $"{root}/{path}"), new(space.Namespace(model), name), new("en", name)), parent,
        addIn ? HasAddIn : organised ? NodeIds.Organizes : NodeIds.HasComponent, type);

    public VariableNode Variable(NodeId parent, string path, string model, string name, NodeId dataType) => space.Add(
        new VariableNode(new(1, $"{root}/{path}"), new(space.Namespace(model), name), new("en", name), dataType),
        parent, NodeIds.HasComponent, NodeIds.BaseDataVariableType);

    public VariableNode Property(NodeId parent, string path, string model, string name, NodeId dataType, Variant value, int rank = -1)
    {
        var node = space.Add(new VariableNode(new(1, $"{root}/{path}"), new(model.Length == 0 ? (ushort)0 : space.Namespace(model), name), new("en", name), dataType) { ValueRank = rank },
            parent, NodeIds.HasProperty, NodeIds.PropertyType);
        node.Set(new(value, StatusCodes.Good));
        return node;
    }

    /// <summary>An enumeration of a companion model, with its words.</summary>
    public NodeId Enumeration(string model, uint id, string name, params string[] words)
    {
        var index = space.Namespace(model);
        var node = new NodeId(index, id);
        if (space.Find(node) is not null) return node;
        space.Add(new TypeNode(node, NodeClass.DataType, new(index, name), new("en", name))
        {
            Definition = new EnumDefinition { Fields = [.. words.Select((w, i) => new EnumField { Value = i, Name = w, DisplayName = new("en", w) })] },
        }, NodeIds.Enumeration, NodeIds.HasSubtype);
        return node;
    }
}
