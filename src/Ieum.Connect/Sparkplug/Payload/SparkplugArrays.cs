using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>The packed arrays of Sparkplug 3.0 (section 6.4.16, types 22 to 34): little-endian elements in the bytes of a metric.</summary>
internal static class SparkplugArrays
{
    /// <summary>Little-endian bytes of integers or floats of any width.</summary>
    public static byte[] Pack<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray();
        var width = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (!BitConverter.IsLittleEndian && width > 1)
            for (var i = 0; i < bytes.Length; i += width) bytes.AsSpan(i, width).Reverse();
        return bytes;
    }

    /// <summary>A 4-byte count, then the flags from the highest bit of each byte down.</summary>
    public static byte[] Pack(ReadOnlySpan<bool> flags)
    {
        var bytes = new byte[4 + (flags.Length + 7) / 8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, flags.Length);
        for (var i = 0; i < flags.Length; i++)
            if (flags[i]) bytes[4 + i / 8] |= (byte)(0x80 >> (i % 8));
        return bytes;
    }

    /// <summary>UTF-8 texts, each ended by a zero byte.</summary>
    public static byte[] Pack(IEnumerable<string> texts) => Encoding.UTF8.GetBytes(string.Concat(texts.Select(t => t + '\0')));

    /// <summary>Reads the elements as boxed numbers, booleans or texts.</summary>
    public static bool TryUnpack(SparkplugDataType type, ReadOnlySpan<byte> bytes, out List<object> elements, out string? reason)
    {
        elements = [];
        reason = null;
        switch (type)
        {
            case SparkplugDataType.Int8Array: return Numbers<sbyte>(bytes, 1, elements, out reason);
            case SparkplugDataType.Int16Array: return Numbers<short>(bytes, 2, elements, out reason);
            case SparkplugDataType.Int32Array: return Numbers<int>(bytes, 4, elements, out reason);
            case SparkplugDataType.Int64Array: return Numbers<long>(bytes, 8, elements, out reason);
            case SparkplugDataType.UInt8Array: return Numbers<byte>(bytes, 1, elements, out reason);
            case SparkplugDataType.UInt16Array: return Numbers<ushort>(bytes, 2, elements, out reason);
            case SparkplugDataType.UInt32Array: return Numbers<uint>(bytes, 4, elements, out reason);
            case SparkplugDataType.UInt64Array or SparkplugDataType.DateTimeArray: return Numbers<ulong>(bytes, 8, elements, out reason);
            case SparkplugDataType.FloatArray:
                for (; bytes.Length >= 4; bytes = bytes[4..]) elements.Add(BinaryPrimitives.ReadSingleLittleEndian(bytes));
                break;
            case SparkplugDataType.DoubleArray:
                for (; bytes.Length >= 8; bytes = bytes[8..]) elements.Add(BinaryPrimitives.ReadDoubleLittleEndian(bytes));
                break;
            case SparkplugDataType.BooleanArray:
                if (!BinaryPrimitives.TryReadUInt32LittleEndian(bytes, out var count) || (long)count > (bytes.Length - 4) * 8L)
                {
                    reason = "a boolean array is shorter than its count";
                    return false;
                }
                for (var i = 0; i < count; i++) elements.Add((bytes[4 + i / 8] & (0x80 >> (i % 8))) != 0);
                return true;
            case SparkplugDataType.StringArray:
                if (!Utf8.IsValid(bytes)) { reason = "a text array is not valid UTF-8"; return false; }
                if (bytes.Length > 0 && bytes[^1] != 0) { reason = "the last text of an array has no end"; return false; }
                if (bytes.Length > 0) elements.AddRange(Encoding.UTF8.GetString(bytes[..^1]).Split('\0'));
                return true;
            default:
                reason = $"{type} is no array type";
                return false;
        }
        if (!bytes.IsEmpty) reason = "the bytes end inside an array element";
        return bytes.IsEmpty;
    }

    private static bool Numbers<T>(ReadOnlySpan<byte> bytes, int width, List<object> elements, out string? reason)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        reason = bytes.Length % width == 0 ? null : "the bytes end inside an array element";
        if (reason is not null) return false;
        for (; !bytes.IsEmpty; bytes = bytes[width..])
            elements.Add(T.ReadLittleEndian(bytes[..width], isUnsigned: T.MinValue == T.Zero));
        return true;
    }
}
