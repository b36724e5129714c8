namespace Ieum.Connect.OpcUa;

/// <summary>A structure that is written with the OPC UA binary encoding.</summary>
internal interface IEncodable
{
    /// <summary>Number of its default binary encoding in namespace 0.</summary>
    uint BinaryId { get; }

    void Encode(OpcWriter w);
}

/// <summary>A structure that can be read as well.</summary>
internal interface IEncodable<TSelf> : IEncodable where TSelf : IEncodable<TSelf>
{
    /// <summary>Reads one; after a failure of the reader the result means nothing.</summary>
    static abstract TSelf Decode(ref OpcReader r);
}

internal interface IServiceRequest : IEncodable
{
    RequestHeader RequestHeader { get; }
}

internal interface IServiceResponse : IEncodable
{
    ResponseHeader ResponseHeader { get; }
}

/// <summary>A structure with its type beside it (OPC 10000-6, 5.2.2.15): decoded where the type is known, else its bytes or XML.</summary>
/// <param name="TypeId">Id of the encoding, not of the data type.</param>
internal readonly record struct ExtensionObject(NodeId TypeId, IEncodable? Body, ReadOnlyMemory<byte> Bytes = default, XmlElement? Xml = null)
{
    /// <summary>A structure of the standard.</summary>
    public static ExtensionObject Of(IEncodable body) => new(new(body.BinaryId), body);

    /// <summary>A structure of somebody else, already encoded.</summary>
    public static ExtensionObject Of(NodeId encoding, ReadOnlyMemory<byte> bytes) => new(encoding, null, bytes);

    public bool IsNull => Body is null && Xml is null && TypeId.IsNull;

    public bool Equals(ExtensionObject other) =>
        TypeId == other.TypeId && Equals(Body, other.Body) && Xml == other.Xml && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => HashCode.Combine(TypeId, Body, Bytes.Length, Xml);
}
