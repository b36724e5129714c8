namespace Ieum.Connect.Sparkplug.Monitor;

internal enum ObservedKind { Connect, Subscribe, Publish, Disconnect, Lost }

/// <summary>One thing a client did, as seen on the wire.</summary>
/// <param name="Client">Its client id; empty where only the messages are seen.</param>
/// <param name="At">When it was seen, milliseconds since 1970.</param>
/// <param name="Topic">Of a message; of the will at CONNECT, empty without one; the filter at SUBSCRIBE.</param>
internal sealed record Observed(ObservedKind Kind, string Client, long At, string Topic = "", byte[]? Payload = null, int Qos = 0, bool Retain = false)
{
    public byte[] Bytes => Payload ?? [];

    /// <summary>Clean session (3.1.1), or clean start without session expiry (5.0); of CONNECT.</summary>
    public bool IsClean { get; init; }

    /// <summary>4 is MQTT 3.1.1, 5 is 5.0; of CONNECT.</summary>
    public int Version { get; init; } = 4;
}
