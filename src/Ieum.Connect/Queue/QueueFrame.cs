using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Ieum.Connect.Queue;

/// <summary>One record in a file: marker, length, CRC-32C, payload. The marker lets a reader find the next record behind a damaged one.</summary>
internal static class QueueFrame
{
    public const int Head = 12;

    /// <summary>A batch of 8,192 samples with the longest texts would be larger than any sane length; nothing above this is believed.</summary>
    public const int Longest = 1 << 30;

    private static ReadOnlySpan<byte> Marker => "IeQ\u0001"u8;

    /// <summary>Fills in the head of a record whose payload was written behind <paramref name="record"/>'s first twelve bytes.</summary>
    public static void Close(Span<byte> record)
    {
        Marker.CopyTo(record);
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], record.Length - Head);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], Crc(record[Head..]));
    }

    /// <summary>Length of the payload a head announces; -1 when it is no head.</summary>
    public static int LengthOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < Head || !head.StartsWith(Marker)) return -1;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        return length is >= 1 and <= Longest ? length : -1;
    }

    public static bool IsWhole(ReadOnlySpan<byte> record) =>
        LengthOf(record) == record.Length - Head && BinaryPrimitives.ReadUInt32LittleEndian(record[8..]) == Crc(record[Head..]);

    /// <summary>The first whole record at or behind <paramref name="from"/>.</summary>
    /// <returns>Where it begins and ends; -1 when there is none.</returns>
    public static (int Begin, int End) Find(ReadOnlySpan<byte> bytes, int from)
    {
        while (from <= bytes.Length - Head)
        {
            var next = bytes[from..].IndexOf(Marker);
            if (next < 0) break;
            from += next;
            var length = LengthOf(bytes[from..]);
            if (length > 0 && length <= bytes.Length - from - Head && IsWhole(bytes.Slice(from, Head + length))) return (from, from + Head + length);
            from++;
        }
        return (-1, -1);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var b in bytes[(words.Length * 8)..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
