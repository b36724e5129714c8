using System.Numerics;

namespace Ieum.Record.Blocks;

/// <summary>
/// A column of doubles, kept to the bit. Sensors send decimals: as whole numbers of tenths or thousandths they are
/// small and calm. A scale is taken only when every number comes back with the same 64 bits; the few that do not
/// (NaN, -0.0, infinities) are written beside it. Columns without a scale are written as they are.
/// </summary>
internal sealed class RealColumn(PlaneCodec planes, IntColumn ints)
{
    private enum Way : byte
    {
        /// <summary>The bits, as byte planes.</summary>
        Bits = 0,
        /// <summary>Exclusive or with the one before: readings that often repeat.</summary>
        Xor = 1,
        /// <summary>Whole number divided by a power of ten: what parsing a decimal text gives.</summary>
        Divided = 2,
        /// <summary>Whole number times a negative power of ten: what scaling a register gives.</summary>
        Multiplied = 3,
        /// <summary>A single-precision decimal that was widened: Sparkplug and OPC UA floats.</summary>
        Single = 4,
    }

    private const int MostDigits = 9;
    // Whole numbers stay exact in a double up to here, in a float up to 2^24.
    private const double LargestWhole = 1L << 53, LargestSingle = 1L << 24;
    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    private static readonly double[] Fractions = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

    private long[] _whole = new long[1024];
    private ulong[] _words = new ulong[1024];
    private readonly List<int> _odd = [];

    public void Write(ByteWriter to, ReadOnlySpan<long> bits)
    {
        Reserve(bits.Length);
        for (var way = Way.Divided; way <= Way.Single; way++)
        {
            if (FindDigits(bits, way) is not { } digits || !Scale(bits, way, digits)) continue;
            to.Byte((byte)way);
            to.Byte((byte)digits);
            WriteOdd(to, bits);
            ints.Write(to, _whole.AsSpan(0, bits.Length));
            return;
        }
        var same = 0;
        for (var i = 1; i < bits.Length; i++)
            if (bits[i] == bits[i - 1]) same++;
        var xor = same * 2 > bits.Length;
        to.Byte((byte)(xor ? Way.Xor : Way.Bits));
        var words = _words.AsSpan(0, bits.Length);
        long before = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            words[i] = (ulong)(bits[i] ^ before);
            if (xor) before = bits[i];
        }
        planes.Write(to, words);
    }

    public void Read(ref ByteReader from, Span<long> bits)
    {
        var way = (Way)from.Byte();
        Reserve(bits.Length);
        if (way is Way.Bits or Way.Xor)
        {
            var words = _words.AsSpan(0, bits.Length);
            planes.Read(ref from, words);
            var before = 0L;
            for (var i = 0; i < bits.Length; i++)
            {
                bits[i] = (long)words[i] ^ before;
                if (way == Way.Xor) before = bits[i];
            }
            return;
        }
        int digits = from.Byte();
        if (way > Way.Single || digits > MostDigits)
        {
            from.Fail();
            return;
        }
        var oddCount = from.Count(bits.Length);
        var odd = from;   // read again once the regular ones stand
        for (var i = 0; i < oddCount; i++)
        {
            from.Varint();
            from.Fixed64();
        }
        ints.Read(ref from, bits);
        switch (way)
        {
            case Way.Divided:
                var power = Powers[digits];
                foreach (ref var b in bits) b = BitConverter.DoubleToInt64Bits(b / power);
                break;
            case Way.Multiplied:
                var fraction = Fractions[digits];
                foreach (ref var b in bits) b = BitConverter.DoubleToInt64Bits(b * fraction);
                break;
            default:
                foreach (ref var b in bits) b = BitConverter.DoubleToInt64Bits((float)(b / Powers[digits]));
                break;
        }
        for (int i = 0, at = -1; i < oddCount; i++)
        {
            at += 1 + odd.Count(bits.Length);
            if (at >= bits.Length)
            {
                from.Fail();
                return;
            }
            bits[at] = odd.Fixed64();
        }
    }

    private void WriteOdd(ByteWriter to, ReadOnlySpan<long> bits)
    {
        to.Varint((ulong)_odd.Count);
        var before = -1;
        foreach (var i in _odd)
        {
            to.Varint((ulong)(i - before - 1));
            to.Fixed64(bits[i]);
            before = i;
        }
    }

    /// <summary>The fewest digits with which a handful of samples, spread over the column, come back; null when none do.</summary>
    private static int? FindDigits(ReadOnlySpan<long> bits, Way way)
    {
        var digits = 0;
        int failed = 0, tried = 0;
        var step = Math.Max(1, bits.Length / 16);
        for (var i = 0; i < bits.Length; i += step, tried++)
        {
            var d = digits;
            while (d <= MostDigits && !TryScale(bits[i], way, d, out _)) d++;
            if (d > MostDigits) failed++; else digits = d;
        }
        return failed * 4 > tried ? null : digits;
    }

    private bool Scale(ReadOnlySpan<long> bits, Way way, int digits)
    {
        while (true)
        {
            _odd.Clear();
            var most = bits.Length / 16;
            var deeper = digits;
            long last = 0;
            for (var i = 0; i < bits.Length; i++)
            {
                if (TryScale(bits[i], way, digits, out var whole))
                {
                    _whole[i] = last = whole;
                    continue;
                }
                _whole[i] = last;
                _odd.Add(i);
                var d = digits + 1;
                while (d <= MostDigits && !TryScale(bits[i], way, d, out _)) d++;
                if (d <= MostDigits) deeper = Math.Max(deeper, d);
                if (_odd.Count > most) break;
            }
            if (_odd.Count <= most) return true;
            if (deeper == digits) return false;
            digits = deeper;
        }
    }

    private static bool TryScale(long bits, Way way, int digits, out long whole)
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        var scaled = Math.Round(value * Powers[digits]);
        // Written so that NaN fails too.
        if (!(Math.Abs(scaled) <= (way == Way.Single ? LargestSingle : LargestWhole)))
        {
            whole = 0;
            return false;
        }
        whole = (long)scaled;
        var back = way switch
        {
            Way.Divided => whole / Powers[digits],
            Way.Multiplied => whole * Fractions[digits],
            _ => (float)(whole / Powers[digits]),
        };
        return BitConverter.DoubleToInt64Bits(back) == bits;
    }

    private void Reserve(int count)
    {
        if (_whole.Length >= count) return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        _whole = new long[size];
        _words = new ulong[size];
    }
}
