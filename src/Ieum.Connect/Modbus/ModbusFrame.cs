using System.Buffers;
using System.Buffers.Binary;

namespace Ieum.Connect.Modbus;

/// <summary>The two ways a Modbus PDU travels. Pure; foreign bytes never throw.</summary>
/// <remarks>Modbus Messaging on TCP/IP V1.0b, clause 3; Modbus over Serial Line V1.02, clause 2.5.1.</remarks>
internal static class ModbusFrame
{
    /// <summary>Longest PDU, Modbus Application Protocol V1.1b3, clause 4.1.</summary>
    public const int LongestPdu = 253;
    public const int HeaderBytes = 7;

    public static void Write(ModbusFraming framing, ushort id, byte unit, ReadOnlySpan<byte> pdu, IBufferWriter<byte> into)
    {
        if (framing == ModbusFraming.Tcp)
        {
            var b = into.GetSpan(HeaderBytes + pdu.Length);
            BinaryPrimitives.WriteUInt16BigEndian(b, id);
            BinaryPrimitives.WriteUInt16BigEndian(b[2..], 0);
            BinaryPrimitives.WriteUInt16BigEndian(b[4..], (ushort)(pdu.Length + 1));
            b[6] = unit;
            pdu.CopyTo(b[HeaderBytes..]);
            into.Advance(HeaderBytes + pdu.Length);
        }
        else
        {
            var b = into.GetSpan(pdu.Length + 3);
            b[0] = unit;
            pdu.CopyTo(b[1..]);
            BinaryPrimitives.WriteUInt16LittleEndian(b[(pdu.Length + 1)..], Crc(b[..(pdu.Length + 1)]));
            into.Advance(pdu.Length + 3);
        }
    }

    /// <summary>Length of the first answer frame: 0 more bytes are needed, −1 it is none.</summary>
    public static int CutAnswer(ModbusFraming framing, ReadOnlySpan<byte> received) =>
        framing == ModbusFraming.Tcp ? CutTcp(received) : CutRtu(received, RtuAnswerLength(received));

    /// <summary>Length of the first request frame; for servers.</summary>
    public static int CutRequest(ModbusFraming framing, ReadOnlySpan<byte> received) =>
        framing == ModbusFraming.Tcp ? CutTcp(received) : CutRtu(received, RtuRequestLength(received));

    /// <summary>Takes a whole frame apart.</summary>
    /// <returns>False when the checksum is wrong.</returns>
    public static bool TryOpen(ModbusFraming framing, ReadOnlyMemory<byte> frame, out ushort id, out byte unit, out ReadOnlyMemory<byte> pdu)
    {
        (id, unit, pdu) = (0, 0, default);
        var b = frame.Span;
        if (framing == ModbusFraming.Tcp)
        {
            if (b.Length <= HeaderBytes) return false;
            (id, unit, pdu) = (BinaryPrimitives.ReadUInt16BigEndian(b), b[6], frame[HeaderBytes..]);
            return true;
        }
        if (b.Length < 4 || Crc(b[..^2]) != BinaryPrimitives.ReadUInt16LittleEndian(b[^2..])) return false;
        (unit, pdu) = (b[0], frame[1..^2]);
        return true;
    }

    private static int CutTcp(ReadOnlySpan<byte> b)
    {
        // The protocol number tells garbage early, before a length from it is believed.
        if (b.Length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(b[2..]) != 0) return -1;
        if (b.Length < 6) return 0;
        var length = BinaryPrimitives.ReadUInt16BigEndian(b[4..]);
        if (length is < 2 or > LongestPdu + 1) return -1;
        return b.Length >= 6 + length ? 6 + length : 0;
    }

    private static int CutRtu(ReadOnlySpan<byte> b, int length) =>
        length < 0 || length > LongestPdu + 3 ? -1 : length == 0 || b.Length < length ? 0 : length;

    private static int RtuAnswerLength(ReadOnlySpan<byte> b) => b.Length < 3 ? 0 : b[1] switch
    {
        >= 0x81 => 5,
        1 or 2 or 3 or 4 => 5 + b[2],
        5 or 6 or 15 or 16 => 8,
        _ => -1,
    };

    private static int RtuRequestLength(ReadOnlySpan<byte> b) => b.Length < 2 ? 0 : b[1] switch
    {
        >= 1 and <= 6 => 8,
        15 or 16 => b.Length < 7 ? 0 : 9 + b[6],
        _ => -1,
    };

    /// <summary>CRC-16 with polynomial 0xA001 (reflected 0x8005), start 0xFFFF.</summary>
    public static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0xFFFF;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (ushort)((crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1);
        }
        return crc;
    }
}
