namespace Ieum.Connect.OpcUa.Secure;

/// <summary>The body of a message: the id of its encoding, then the structure (OPC 10000-6, 5.2.9).</summary>
internal static class Messages
{
    public static void Write(OpcWriter w, IEncodable message)
    {
        w.WriteNodeId(new(message.BinaryId));
        message.Encode(w);
    }

    /// <returns>Null with a reason when the bytes are no structure this product knows.</returns>
    public static IEncodable? Read(ReadOnlySpan<byte> body, out string error)
    {
        var r = new OpcReader(body);
        var id = r.ReadExpandedNodeId();
        var message = r.Failed || id.Node.Namespace != 0 ? null : OpcTypes.Decode(id.Node.Number, ref r);
        error = r.Error ?? (message is null ? $"the message type {id} is not known" : "");
        return r.Failed ? null : message;
    }
}
