using System.Buffers.Binary;

namespace Ieum.Connect.S7;

/// <summary>ISO transport class 0 over TCP: RFC 1006 packets around connection request, confirmation and data (ISO 8073).</summary>
internal static class IsoTransport
{
    public const int PacketHead = 4;

    /// <summary>Bytes in front of an S7 message: packet head and data head.</summary>
    public const int DataHead = 7;

    /// <summary>The longest packet taken. S7 messages have at most 960 bytes, a few CPUs 4,096.</summary>
    public const int MostPacket = 8192;

    private const byte Version = 3, ConnectRequest = 0xE0, ConnectConfirm = 0xD0, Data = 0xF0, EndOfUnit = 0x80;

    /// <summary>Length of the packet whose first four bytes are given, head included.</summary>
    public static bool TryLength(ReadOnlySpan<byte> head, out int length, out string reason)
    {
        length = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
        var right = head[0] == Version && length is >= DataHead and <= MostPacket;
        reason = right ? "" : head[0] != Version ? $"the packet begins with 0x{head[0]:X2}, not with 0x03" : $"the packet announces {length} bytes";
        return right;
    }

    /// <param name="remote">Transport service access point of the CPU: kind of connection in the high byte, rack and slot in the low one.</param>
    public static byte[] Request(ushort local, ushort remote) => Connection(ConnectRequest, 0, local, remote);

    public static byte[] Confirm(ushort local, ushort remote) => Connection(ConnectConfirm, 1, local, remote);

    public static bool IsRequest(ReadOnlySpan<byte> packet) => packet.Length > 5 && packet[5] == ConnectRequest;
    public static bool IsConfirm(ReadOnlySpan<byte> packet) => packet.Length > 5 && packet[5] == ConnectConfirm;

    /// <summary>Puts the heads in front of a message that was written from <see cref="DataHead"/> on.</summary>
    public static void WriteDataHead(Span<byte> packet)
    {
        packet[0] = Version;
        packet[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[4] = 2;
        packet[5] = Data;
        packet[6] = EndOfUnit;
    }

    /// <summary>The message inside a data packet. Messages cut over several units are not taken: S7 negotiates its length below one unit.</summary>
    public static bool TryMessage(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> message, out string reason)
    {
        message = default;
        reason = packet.Length < DataHead ? "the packet is too short" : packet[5] != Data ? $"unit 0x{packet[5]:X2} instead of data"
            : packet[4] != 2 || (packet[6] & EndOfUnit) == 0 ? "the message is cut over several units" : "";
        if (reason.Length > 0) return false;
        message = packet[DataHead..];
        return true;
    }

    private static byte[] Connection(byte kind, ushort destination, ushort local, ushort remote) =>
    [
        Version, 0, 0, 22, 17, kind, (byte)(destination >> 8), (byte)destination, 0, 1, 0,
        0xC0, 1, 10,                                              // units of up to 1,024 bytes
        0xC1, 2, (byte)(local >> 8), (byte)local,
        0xC2, 2, (byte)(remote >> 8), (byte)remote,
    ];
}
