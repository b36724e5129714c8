using System.Buffers.Binary;

namespace Ieum.Connect.Fins;

/// <summary>The envelope of FINS over TCP: <c>FINS</c>, length, command, error, content (Ethernet units operation manual, "FINS/TCP").</summary>
internal static class FinsTcp
{
    public const int Head = 16;

    public static byte[] Wrap(FinsTcpCommand command, ReadOnlySpan<byte> content, uint error = 0)
    {
        var b = new byte[Head + content.Length];
        "FINS"u8.CopyTo(b);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(4), (uint)(8 + content.Length));
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(8), (uint)command);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(12), error);
        content.CopyTo(b.AsSpan(Head));
        return b;
    }

    /// <summary>Length of the first envelope in what has been received: 0 more bytes are needed, -1 this is none.</summary>
    public static int Measure(ReadOnlySpan<byte> received)
    {
        var seen = Math.Min(4, received.Length);
        if (!received[..seen].SequenceEqual("FINS"u8[..seen])) return -1;
        if (received.Length < 8) return 0;
        var length = BinaryPrimitives.ReadUInt32BigEndian(received[4..]);
        if (length is < 8 or > 8 + FinsCodec.MostFrame) return -1;
        return received.Length < 8 + (int)length ? 0 : 8 + (int)length;
    }

    /// <summary>Command, error and content of one whole envelope.</summary>
    public static bool TryUnwrap(ReadOnlyMemory<byte> envelope, out FinsTcpCommand command, out uint error, out ReadOnlyMemory<byte> content)
    {
        (command, error, content) = (default, 0, default);
        if (envelope.Length < Head || Measure(envelope.Span) != envelope.Length) return false;
        command = (FinsTcpCommand)BinaryPrimitives.ReadUInt32BigEndian(envelope.Span[8..]);
        error = BinaryPrimitives.ReadUInt32BigEndian(envelope.Span[12..]);
        content = envelope[Head..];
        return true;
    }

    /// <summary>The first thing a client says: which node it wants to be; 0 lets the controller choose.</summary>
    public static byte[] AskNode(byte own) => Wrap(FinsTcpCommand.ClientNode, [0, 0, 0, own]);

    /// <summary>The controller's answer: the client's node and its own.</summary>
    public static bool TryNodes(ReadOnlyMemory<byte> envelope, out byte own, out byte controller, out uint error)
    {
        (own, controller) = (0, 0);
        if (!TryUnwrap(envelope, out var command, out error, out var content)) return false;
        if (error != 0) return command is FinsTcpCommand.ServerNode or FinsTcpCommand.Error;
        if (command != FinsTcpCommand.ServerNode || content.Length < 8) return false;
        (own, controller) = (content.Span[3], content.Span[7]);
        return true;
    }

    /// <summary>What an error of the envelope means.</summary>
    public static string ErrorText(uint error) => error switch
    {
        0x01 => "the envelope does not begin with FINS",
        0x02 => "the data are too long",
        0x03 => "the command is not supported",
        0x20 => "all connections are in use. Close another client, or give the controller more FINS/TCP connections",
        0x21 => "the node is connected already. Choose another own-node",
        0x22 => "the node is protected against this address. Allow it in the controller's FINS/TCP settings",
        0x23 => "the client's node address is out of range (1 to 254)",
        0x24 => "client and controller have the same node address. Choose another own-node",
        0x25 => "no node address is left to hand out",
        _ => $"error {error:X8}h",
    };
}
