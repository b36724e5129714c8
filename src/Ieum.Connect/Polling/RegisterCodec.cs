using System.Buffers.Binary;
using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Bytes of registers to raw values and back. Pure; foreign bytes never throw.</summary>
/// <remarks>
/// Cells come as the protocol hands them on: words with the most significant byte first, whatever the wire does, bits as one
/// byte of 0 or 1. What is left to sort out here is the maker's order of words and bytes.
/// </remarks>
internal static class RegisterCodec
{
    /// <param name="bit">Bit of the first word or byte, 0 the least significant; −1 for the whole value.</param>
    /// <param name="encoding">Of texts; it must throw on bytes it does not know.</param>
    /// <returns>False when the bytes are no such value: a BCD digit above 9, a text in a foreign code page, too few bytes.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> cells, RegisterType type, RegisterOrder order, int bit, Encoding encoding, out SampleValue raw)
    {
        raw = default;
        if (type.Kind == RegisterKind.Bool) return TryBit(cells, order, bit, out raw);
        if (cells.Length < type.Bytes) return false;
        if (type.Kind == RegisterKind.Text) return TryText(cells, type.Bytes, order, encoding, out raw);
        Span<byte> b = stackalloc byte[8];
        b = b[..type.Bytes];
        cells[..type.Bytes].CopyTo(b);
        Arrange(b, order);
        switch (type.Kind)
        {
            case RegisterKind.Int8: raw = SampleValue.Of((long)(sbyte)b[0]); return true;
            case RegisterKind.UInt8: raw = SampleValue.Of((long)b[0]); return true;
            case RegisterKind.Int16: raw = SampleValue.Of((long)BinaryPrimitives.ReadInt16BigEndian(b)); return true;
            case RegisterKind.UInt16: raw = SampleValue.Of((long)BinaryPrimitives.ReadUInt16BigEndian(b)); return true;
            case RegisterKind.Int32: raw = SampleValue.Of((long)BinaryPrimitives.ReadInt32BigEndian(b)); return true;
            case RegisterKind.UInt32: raw = SampleValue.Of((long)BinaryPrimitives.ReadUInt32BigEndian(b)); return true;
            case RegisterKind.Int64: raw = SampleValue.Of(BinaryPrimitives.ReadInt64BigEndian(b)); return true;
            case RegisterKind.UInt64:
                var u = BinaryPrimitives.ReadUInt64BigEndian(b);
                // Above 2^63 no whole number of ours holds it; a double keeps 53 of its bits.
                raw = u <= long.MaxValue ? SampleValue.Of((long)u) : SampleValue.Of((double)u);
                return true;
            case RegisterKind.Float32: raw = SampleValue.Of((double)BinaryPrimitives.ReadSingleBigEndian(b)); return true;
            case RegisterKind.Float64: raw = SampleValue.Of(BinaryPrimitives.ReadDoubleBigEndian(b)); return true;
            default: return TryBcd(b, out raw);
        }
    }

    /// <summary>The cells of one whole value; not for bits of a word, which are written by reading the word first.</summary>
    /// <returns>False when the value does not fit: out of range, a fraction, too long a text, another kind.</returns>
    public static bool TryEncode(in SampleValue raw, RegisterType type, RegisterOrder order, Encoding encoding, Span<byte> cells)
    {
        cells.Clear();
        if (type.Kind == RegisterKind.Bool)
        {
            if (raw.Kind is not (ValueKind.Boolean or ValueKind.Integer or ValueKind.Real) || raw.Number is not (0 or 1)) return false;
            cells[^1] = (byte)raw.Number;
            return true;
        }
        if (cells.Length < type.Bytes) return false;
        if (type.Kind == RegisterKind.Text) return TryEncodeText(raw, type.Bytes, order, encoding, cells);
        var b = cells[..type.Bytes];
        if (type.Kind == RegisterKind.Float64) BinaryPrimitives.WriteDoubleBigEndian(b, raw.Number);
        else if (type.Kind == RegisterKind.Float32)
        {
            if (!float.IsFinite((float)raw.Number)) return false;
            BinaryPrimitives.WriteSingleBigEndian(b, (float)raw.Number);
        }
        else if (!TryWhole(raw, out var n) || !TryEncodeWhole(n, type.Kind, b)) return false;
        if (double.IsNaN(raw.Number)) return false;
        Arrange(b, order);
        return true;
    }

    /// <summary>The word with one of its bits set or cleared.</summary>
    public static void SetBit(Span<byte> cell, RegisterOrder order, int bit, bool on)
    {
        var at = BitByte(cell.Length, order, bit);
        var mask = (byte)(1 << (bit & 7));
        cell[at] = on ? (byte)(cell[at] | mask) : (byte)(cell[at] & ~mask);
    }

    private static bool TryBit(ReadOnlySpan<byte> cells, RegisterOrder order, int bit, out SampleValue raw)
    {
        raw = default;
        if (cells.IsEmpty || bit >= cells.Length * 8) return false;
        raw = SampleValue.Of(bit < 0 ? cells.ContainsAnyExcept((byte)0) : (cells[BitByte(cells.Length, order, bit)] >> (bit & 7) & 1) != 0);
        return true;
    }

    private static int BitByte(int length, RegisterOrder order, int bit) =>
        length == 1 ? 0 : (bit < 8) ^ order.HasFlag(RegisterOrder.Badc) ? 1 : 0;

    private static void Arrange(Span<byte> b, RegisterOrder order)
    {
        if (b.Length < 2 || order == RegisterOrder.Abcd) return;
        if (order is RegisterOrder.Cdab or RegisterOrder.Dcba) b.Reverse();
        // A full reversal turned each word's bytes as well; for Cdab they are turned back.
        if (order is RegisterOrder.Cdab or RegisterOrder.Badc) SwapPairs(b);
    }

    private static void SwapPairs(Span<byte> b)
    {
        for (var i = 0; i + 1 < b.Length; i += 2) (b[i], b[i + 1]) = (b[i + 1], b[i]);
    }

    private static bool TryText(ReadOnlySpan<byte> cells, int bytes, RegisterOrder order, Encoding encoding, out SampleValue raw)
    {
        raw = default;
        Span<byte> b = stackalloc byte[RegisterType.LongestText + 1];
        b = b[..Math.Min(cells.Length, b.Length)];
        cells[..b.Length].CopyTo(b);
        if (order.HasFlag(RegisterOrder.Badc)) SwapPairs(b);
        b = b[..bytes];
        var end = b.IndexOf((byte)0);
        if (end >= 0) b = b[..end];
        try
        {
            raw = SampleValue.Of(encoding.GetString(b).TrimEnd(' '));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryEncodeText(in SampleValue raw, int bytes, RegisterOrder order, Encoding encoding, Span<byte> cells)
    {
        var text = raw.ToString();
        try
        {
            if (encoding.GetByteCount(text) > bytes) return false;
            encoding.GetBytes(text, cells);
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
        if (order.HasFlag(RegisterOrder.Badc)) SwapPairs(cells);
        return true;
    }

    private static bool TryBcd(ReadOnlySpan<byte> b, out SampleValue raw)
    {
        long n = 0;
        raw = default;
        foreach (var two in b)
        {
            if ((two >> 4) > 9 || (two & 15) > 9) return false;
            n = n * 100 + (two >> 4) * 10 + (two & 15);
        }
        raw = SampleValue.Of(n);
        return true;
    }

    private static bool TryWhole(in SampleValue raw, out long n)
    {
        n = 0;
        switch (raw.Kind)
        {
            case ValueKind.Integer or ValueKind.Boolean: n = raw.Bits; return true;
            case ValueKind.Real when raw.Number >= long.MinValue && raw.Number < long.MaxValue && Math.Floor(raw.Number) == raw.Number: n = (long)raw.Number; return true;
            default: return false;
        }
    }

    private static bool TryEncodeWhole(long n, RegisterKind kind, Span<byte> b)
    {
        var (least, most) = Range(kind);
        if (n < least || n > most) return false;
        if (kind is RegisterKind.Bcd16 or RegisterKind.Bcd32)
        {
            for (var i = b.Length - 1; i >= 0; i--, n /= 100) b[i] = (byte)(n / 10 % 10 << 4 | n % 10);
            return true;
        }
        for (var i = b.Length - 1; i >= 0; i--, n >>= 8) b[i] = (byte)n;
        return true;
    }

    /// <summary>What a whole type can hold; for uint64 what our whole numbers can.</summary>
    public static (long Least, long Most) Range(RegisterKind kind) => kind switch
    {
        RegisterKind.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        RegisterKind.UInt8 => (0, byte.MaxValue),
        RegisterKind.Int16 => (short.MinValue, short.MaxValue),
        RegisterKind.UInt16 => (0, ushort.MaxValue),
        RegisterKind.Int32 => (int.MinValue, int.MaxValue),
        RegisterKind.UInt32 => (0, uint.MaxValue),
        RegisterKind.UInt64 => (0, long.MaxValue),
        RegisterKind.Bcd16 => (0, 9_999),
        RegisterKind.Bcd32 => (0, 99_999_999),
        _ => (long.MinValue, long.MaxValue),
    };
}
