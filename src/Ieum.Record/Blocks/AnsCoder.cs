using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ieum.Record.Blocks;

/// <summary>
/// Packs bytes by how often each occurs (range variant of asymmetric numeral systems, two interleaved states), down to
/// the entropy of the plane plus a table. Planes of 900 bytes are too short for the tables of general packers.
/// </summary>
internal sealed class AnsCoder
{
    // States live in [Floor, Floor * 256); a byte goes out or comes in at a time.
    private const uint Floor = 1u << 23;
    private const int ShortBits = 10, LongBits = 12, LongFrom = 4096;

    private readonly int[] _counts = new int[256], _shares = new int[256], _starts = new int[256];
    private readonly uint[] _slots = new uint[(1 << LongBits) + Vector256<uint>.Count];
    // Eight bytes are read at once, also where fewer are left.
    private const int Padding = 8;
    private byte[] _reversed = new byte[4096], _padded = new byte[4096];
    private int _low, _high;

    /// <summary>Looks at a plane with at least two different bytes; returns the size it will have, in bytes.</summary>
    public int Prepare(ReadOnlySpan<byte> plane)
    {
        Array.Clear(_counts);
        foreach (var b in plane) _counts[b]++;
        _low = Array.FindIndex(_counts, c => c > 0);
        _high = Array.FindLastIndex(_counts, c => c > 0);
        var bits = BitsFor(plane.Length);
        Share(plane.Length, 1 << bits);
        double cost = 0;
        var table = 0;
        for (var s = _low; s <= _high; s++)
        {
            table += GammaBits(_shares[s] + 1);
            if (_counts[s] > 0) cost += _counts[s] * (bits - Math.Log2(_shares[s]));
        }
        return (int)((cost + table + 7) / 8) + 2 + 8 + 3;
    }

    /// <summary>Writes the plane that <see cref="Prepare"/> looked at last.</summary>
    public void Write(ByteWriter to, ReadOnlySpan<byte> plane)
    {
        var bits = BitsFor(plane.Length);
        WriteTable(to);
        // Worst case: bits per byte rounded up, and the two states.
        var room = plane.Length * 2 + 16;
        if (_reversed.Length < room) _reversed = new byte[BitOperations.RoundUpToPowerOf2((uint)room)];
        var at = _reversed.Length;
        uint even = Floor, odd = Floor;
        for (var i = plane.Length - 1; i >= 0; i--)
        {
            var share = (uint)_shares[plane[i]];
            var x = (i & 1) == 0 ? even : odd;
            var most = (ulong)((Floor >> bits) << 8) * share;
            for (; x >= most; x >>= 8) _reversed[--at] = (byte)x;
            x = (x / share << bits) + x % share + (uint)_starts[plane[i]];
            if ((i & 1) == 0) even = x; else odd = x;
        }
        foreach (var state in stackalloc[] { odd, even })
            for (var shift = 0; shift < 32; shift += 8) _reversed[--at] = (byte)(state >> shift);
        to.Varint((ulong)(_reversed.Length - at));
        to.Bytes(_reversed.AsSpan(at));
    }

    public void Read(ref ByteReader from, Span<byte> plane)
    {
        var bits = BitsFor(plane.Length);
        if (!ReadTable(ref from, 1 << bits)) return;
        var packed = from.Bytes(from.Count(from.Left));
        if (from.Failed || packed.Length < 8)
        {
            from.Fail();
            return;
        }
        var even = State(packed);
        var odd = State(packed[4..]);
        if (_padded.Length < packed.Length + Padding) _padded = new byte[BitOperations.RoundUpToPowerOf2((uint)(packed.Length + Padding))];
        packed.CopyTo(_padded);
        _padded.AsSpan(packed.Length, Padding).Clear();
        var (i, at) = ReadInPairs(_padded.AsSpan(0, packed.Length + Padding), plane, bits, ref even, ref odd);
        var mask = (1u << bits) - 1;
        for (; i < plane.Length; i++)
        {
            var x = even;
            var slot = _slots[x & mask];
            plane[i] = (byte)slot;
            x = Before(x, slot, bits);
            while (x < Floor && at < packed.Length) x = x << 8 | packed[at++];
            even = odd;
            odd = x;
        }
        // Whoever reads the same bytes with the same table ends where the writer began.
        if (even != Floor || odd != Floor || at != packed.Length) from.Fail();
    }

    /// <summary>
    /// Both states at once, and without a branch, since nobody can foretell how many bytes a state takes; up to the padding.
    /// </summary>
    /// <returns>How many bytes of the plane stand, an even number, and how many of the packed ones were read.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int Done, int At) ReadInPairs(ReadOnlySpan<byte> packed, Span<byte> plane, int bits, ref uint even, ref uint odd)
    {
        int i = 0, at = 8;
        var mask = (1u << bits) - 1;
        var (x, y) = (even, odd);
        ReadOnlySpan<uint> slots = _slots;
        for (; i + 1 < plane.Length && at <= packed.Length - Padding; i += 2)
        {
            var first = slots[(int)(x & mask)];
            var second = slots[(int)(y & mask)];
            plane[i] = (byte)first;
            plane[i + 1] = (byte)second;
            x = Before(x, first, bits);
            y = Before(y, second, bits);
            // Damaged tables can leave a state of 0; it takes four bytes then and the end tells.
            var next = BinaryPrimitives.ReadUInt64BigEndian(packed[at..]);
            var most = BitOperations.LeadingZeroCount(x) - 1 & 0x38;
            x = (uint)((ulong)x << most | next >> 1 >> (63 - most));
            next <<= most;
            at += most >> 3;
            most = BitOperations.LeadingZeroCount(y) - 1 & 0x38;
            y = (uint)((ulong)y << most | next >> 1 >> (63 - most));
            at += most >> 3;
        }
        (even, odd) = (x, y);
        return (i, at);
    }

    // A slot holds the byte, how far the slot lies in its share (12 bits), and the share less one (12 bits).
    private static uint Before(uint x, uint slot, int bits) => ((slot >> 20) + 1) * (x >> bits) + ((slot >> 8) & 0xFFF);

    private static uint State(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]);

    private static int BitsFor(int length) => length < LongFrom ? ShortBits : LongBits;

    /// <summary>Shares out the slots by count; each byte that occurs gets at least one.</summary>
    private void Share(int length, int slots)
    {
        int given = 0, largest = _low;
        for (var s = 0; s < 256; s++)
        {
            _shares[s] = _counts[s] == 0 ? 0 : Math.Max(1, (int)((long)_counts[s] * slots / length));
            given += _shares[s];
            if (_shares[s] > _shares[largest]) largest = s;
        }
        // What rounding left over or took too much, the largest bear: there it costs least.
        while (given != slots)
        {
            var correction = Math.Max(slots - given, 1 - _shares[largest]);
            _shares[largest] += correction;
            given += correction;
            for (var s = 0; s < 256; s++)
                if (_shares[s] > _shares[largest]) largest = s;
        }
        for (int s = 0, start = 0; s < 256; start += _shares[s++]) _starts[s] = start;
    }

    // First and last byte, then the shares between them plus one, in Elias gamma: small shares take few bits.
    private void WriteTable(ByteWriter to)
    {
        to.Byte((byte)_low);
        to.Byte((byte)_high);
        ulong held = 0;
        var count = 0;
        for (var s = _low; s <= _high; s++)
        {
            var value = (uint)_shares[s] + 1;
            var extra = BitOperations.Log2(value);
            held |= (1UL << extra | (value & ((1UL << extra) - 1)) << (extra + 1)) << count;
            count += 2 * extra + 1;
            for (; count >= 8; count -= 8, held >>= 8) to.Byte((byte)held);
        }
        if (count > 0) to.Byte((byte)held);
    }

    private bool ReadTable(ref ByteReader from, int slots)
    {
        int low = from.Byte(), high = from.Byte();
        ulong held = 0;
        int count = 0, start = 0;
        for (var s = low; s <= high; s++)
        {
            for (; count <= 32 && from.Left > 0 && NeedsMore(held, count); count += 8) held |= (ulong)from.Byte() << count;
            var extra = BitOperations.TrailingZeroCount(held);
            if (extra > LongBits || 2 * extra + 1 > count)
            {
                from.Fail();
                return false;
            }
            var value = (uint)(1UL << extra | (held >> (extra + 1) & ((1UL << extra) - 1)));
            held >>= 2 * extra + 1;
            count -= 2 * extra + 1;
            var share = (int)value - 1;
            if (start + share > slots)
            {
                from.Fail();
                return false;
            }
            if (share > 0) FillSlots(start, share, (uint)s | (uint)(share - 1) << 20);
            start += share;
        }
        if (start == slots && !from.Failed) return true;
        from.Fail();
        return false;
    }

    private void FillSlots(int start, int share, uint first)
    {
        var slots = _slots.AsSpan(start);
        var step = Vector256.Create(8u << 8);
        var next = Vector256.Create(first) + (Vector256<uint>.Indices << 8);
        // Up to seven slots too many: the next share writes over them.
        for (var i = 0; i < share; i += 8, next += step) next.CopyTo(slots[i..]);
    }

    // A byte is fetched only when the next share needs it, so that reading stops where writing stopped.
    private static bool NeedsMore(ulong held, int count) => held == 0 || 2 * BitOperations.TrailingZeroCount(held) + 1 > count;

    private static int GammaBits(int value) => 2 * BitOperations.Log2((uint)value) + 1;
}
