using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ieum.Record.Blocks;

/// <summary>Numbers of a few bits each, one after the other, low bits first.</summary>
internal static class BitRun
{
    public static int Bytes(long bits) => (int)((bits + 7) / 8);

    /// <summary>Writes the low <paramref name="width"/> bits (1 to 64) of each word; nothing may stand above them.</summary>
    public static void Pack(ReadOnlySpan<ulong> words, int width, Span<byte> to)
    {
        var bits = new BitWriter(to);
        foreach (var word in words) bits.Write(word, width);
        bits.Flush();
    }

    /// <summary>Reads words of <paramref name="width"/> bits (1 to 64); <paramref name="from"/> holds them all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(ReadOnlySpan<byte> from, int width, Span<ulong> words)
    {
        var mask = ulong.MaxValue >> (64 - width);
        var i = 0;
        if (width <= 57)
        {
            // A word and the bits before it fit into one load, as long as eight bytes are left.
            var last = (from.Length - 8L) * 8;
            for (long at = 0; i < words.Length && at <= last; i++, at += width)
                words[i] = BinaryPrimitives.ReadUInt64LittleEndian(from[(int)(at >> 3)..]) >> (int)(at & 7) & mask;
        }
        for (; i < words.Length; i++) words[i] = Slow(from, (long)i * width, width) & mask;
    }

    private static ulong Slow(ReadOnlySpan<byte> from, long at, int width)
    {
        var word = 0UL;
        for (var bit = 0; bit < width;)
        {
            var shift = (int)((at + bit) & 7);
            word |= (ulong)(from[(int)((at + bit) >> 3)] >> shift) << bit;
            bit += 8 - shift;
        }
        return word;
    }
}

/// <summary>Writes bits into a span that is large enough.</summary>
internal ref struct BitWriter(Span<byte> to)
{
    private readonly Span<byte> _to = to;
    private ulong _held;
    private int _bits, _at;

    /// <param name="width">0 to 64; nothing of <paramref name="word"/> may stand above it.</param>
    public void Write(ulong word, int width)
    {
        _held |= word << _bits;
        _bits += width;
        if (_bits < 64) return;
        BinaryPrimitives.WriteUInt64LittleEndian(_to[_at..], _held);
        _at += 8;
        _bits -= 64;
        _held = _bits == 0 ? 0 : word >> (width - _bits);
    }

    public void Flush()
    {
        for (; _bits > 0; _bits -= 8, _held >>= 8) _to[_at++] = (byte)_held;
    }
}

/// <summary>Reads what <see cref="BitWriter"/> wrote; past the end it yields zeros.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> from)
{
    private readonly ReadOnlySpan<byte> _from = from;
    private ulong _held;
    private int _bits, _at;

    /// <param name="width">0 to 64.</param>
    public ulong Read(int width)
    {
        if (width > 32) return Read(32) | Read(width - 32) << 32;
        if (_bits < width)
        {
            // At least 33 bits are free: 32 more fit.
            if (_at + 4 <= _from.Length)
            {
                _held |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(_from[_at..]) << _bits;
                _at += 4;
                _bits += 32;
            }
            else
            {
                for (; _bits < width; _bits += 8) _held |= (ulong)(_at < _from.Length ? _from[_at++] : 0) << _bits;
            }
        }
        var word = _held & ((1UL << width) - 1);
        _held >>= width;
        _bits -= width;
        return word;
    }
}
