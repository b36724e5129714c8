using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ieum.Record.Blocks;

/// <summary>
/// A column of doubles, kept to the bit. Sensors send decimals: as whole numbers of tenths or thousandths they are
/// small and calm; so are fractions of a power of two, which converters of 12 or 24 bits send. A scale is taken only when every number comes
/// back with the same 64 bits; the few that do not (NaN, -0.0, infinities) are written beside it. Columns without a scale are written as bits.
/// </summary>
internal sealed class RealColumn(PlaneCodec planes, IntColumn ints)
{
    private enum Way : byte
    {
        /// <summary>The bits, as byte planes; only read, from versions 1 and 2.</summary>
        Bits = 0,
        /// <summary>Exclusive or with the one before; only read, from versions 1 and 2.</summary>
        Xor = 1,
        /// <summary>Whole number divided by a power of ten: what parsing a decimal text gives.</summary>
        Divided = 2,
        /// <summary>Whole number times a negative power of ten: what scaling a register gives.</summary>
        Multiplied = 3,
        /// <summary>A single-precision decimal that was widened: Sparkplug and OPC UA floats.</summary>
        Single = 4,
        /// <summary>Whole number divided by a power of two.</summary>
        Binary = 5,
        /// <summary>Sign, exponent and fraction as one whole number, without the zeros that all end in.</summary>
        Ordered = 6,
    }

    /// <summary>Of a column of bits.</summary>
    private enum Sign : byte { Plus = 0, Minus = 1, Both = 2 }

    private const int MostDigits = 9;
    // Whole numbers stay exact in a double up to here, in a float up to 2^24.
    private const double LargestWhole = 1L << 53, LargestSingle = 1L << 24;
    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    private static readonly double[] Fractions = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

    private long[] _whole = new long[1024];
    private long[] _other = new long[1024];
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
        var zeros = Order(bits, out var sign, _whole);
        var ordered = ints.Estimate(_whole.AsSpan(0, bits.Length));
        if (FindFraction(bits) is { } fraction)
        {
            ScaleBinary(bits, fraction, _other);
            if (ints.Estimate(_other.AsSpan(0, bits.Length)) < ordered)
            {
                to.Byte((byte)Way.Binary);
                to.Varint((ulong)fraction);
                ints.Write(to, _other.AsSpan(0, bits.Length));
                return;
            }
        }
        to.Byte((byte)Way.Ordered);
        to.Byte((byte)sign);
        to.Byte((byte)zeros);
        ints.Write(to, _whole.AsSpan(0, bits.Length));
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
        if (way is Way.Binary or Way.Ordered)
        {
            if (way == Way.Binary) ReadBinary(ref from, bits); else ReadOrdered(ref from, bits);
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
                Divide(bits, power);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide(Span<long> bits, double power)
    {
        var i = 0;
        var (rounder, powers) = (Vector256.Create(Rounder), Vector256.Create(power));
        var (least, most) = (Vector256.Create(-(1L << 50)), Vector256.Create(1L << 50));
        for (; i + 4 <= bits.Length; i += 4)
        {
            var whole = Vector256.Create<long>(bits[i..]);
            // Beyond this the trick with the rounder is no longer exact; dividing one by one is.
            if (Vector256.GreaterThanAny(whole, most) || Vector256.LessThanAny(whole, least)) break;
            (((whole + rounder.AsInt64()).AsDouble() - rounder) / powers).AsInt64().CopyTo(bits[i..]);
        }
        for (; i < bits.Length; i++) bits[i] = BitConverter.DoubleToInt64Bits(bits[i] / power);
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
            var i = 0;
            for (; i < bits.Length; i++)
            {
                // Most columns have no odd ones: four at a time.
                if (way != Way.Single && i + 4 <= bits.Length && TryScaleFour(bits[i..], way, digits, _whole.AsSpan(i)))
                {
                    i += 3;
                    last = _whole[i];
                    continue;
                }
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

    // 1.5 * 2^52: added to a double below 2^51 it leaves the nearest whole number in the low bits.
    private const double Rounder = 6_755_399_441_055_744;

    private static bool TryScaleFour(ReadOnlySpan<long> bits, Way way, int digits, Span<long> whole)
    {
        var asBits = Vector256.Create(bits);
        var rounder = Vector256.Create(Rounder);
        var shifted = asBits.AsDouble() * Vector256.Create(Powers[digits]) + rounder;
        // Plus 0.0 turns -0.0 into 0.0, as going through a whole number does.
        var rounded = shifted - rounder + Vector256<double>.Zero;
        if (!Vector256.LessThanAll(Vector256.Abs(rounded), Vector256.Create((double)(1L << 50)))) return false;
        var back = way == Way.Divided ? rounded / Vector256.Create(Powers[digits]) : rounded * Vector256.Create(Fractions[digits]);
        if (!Vector256.EqualsAll(back.AsInt64(), asBits)) return false;
        (shifted.AsInt64() - rounder.AsInt64()).CopyTo(whole);
        return true;
    }

    /// <summary>Bits behind the point that all numbers of the column get along with; null when they are no such fractions, or too far apart for 62 bits.</summary>
    private static int? FindFraction(ReadOnlySpan<long> bits)
    {
        int deepest = 0, highest = -1100;
        foreach (var b in bits)
        {
            if (b == 0) continue;
            var exponent = (int)(b >> 52 & 0x7FF);
            // Subnormals, -0.0, infinities and NaN are not among them.
            if (exponent is 0 or 0x7FF) return null;
            var last = BitOperations.TrailingZeroCount(b | 1L << 52);
            deepest = Math.Max(deepest, 1075 - exponent - last);
            highest = Math.Max(highest, exponent - 1022);
        }
        return deepest + highest <= 62 && deepest <= MostFraction ? deepest : null;
    }

    // Its reciprocal is still a normal double.
    private const int MostFraction = 1022;

    private static void ScaleBinary(ReadOnlySpan<long> bits, int fraction, Span<long> whole)
    {
        for (var i = 0; i < bits.Length; i++)
        {
            var exponent = (int)(bits[i] >> 52 & 0x7FF);
            if (exponent == 0)
            {
                whole[i] = 0;
                continue;
            }
            var digits = bits[i] & (1L << 52) - 1 | 1L << 52;
            var shift = exponent - 1075 + fraction;
            digits = shift >= 0 ? digits << shift : digits >> -shift;
            whole[i] = bits[i] < 0 ? -digits : digits;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadBinary(ref ByteReader from, Span<long> bits)
    {
        var fraction = from.Count(MostFraction);
        ints.Read(ref from, bits);
        var unit = BitConverter.Int64BitsToDouble((long)(1023 - fraction) << 52);
        foreach (ref var b in bits) b = BitConverter.DoubleToInt64Bits(b * unit);
    }

    /// <summary>How many zeros all end in. Where both signs occur the sign is the lowest bit, else it stands once for all.</summary>
    private static int Order(ReadOnlySpan<long> bits, out Sign sign, Span<long> to)
    {
        long any = 0, all = -1;
        foreach (var b in bits)
        {
            any |= b;
            all &= b;
        }
        sign = any >= 0 ? Sign.Plus : all < 0 ? Sign.Minus : Sign.Both;
        var zeros = Math.Min(62, BitOperations.TrailingZeroCount(any & long.MaxValue));
        for (var i = 0; i < bits.Length; i++)
        {
            var rest = (bits[i] & long.MaxValue) >> zeros;
            to[i] = sign == Sign.Both ? rest << 1 | (long)((ulong)bits[i] >> 63) : rest;
        }
        return zeros;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadOrdered(ref ByteReader from, Span<long> bits)
    {
        var sign = (Sign)from.Byte();
        int zeros = from.Byte();
        if (sign > Sign.Both || zeros > 62)
        {
            from.Fail();
            return;
        }
        ints.Read(ref from, bits);
        if (sign == Sign.Both)
            foreach (ref var b in bits) b = (long)((ulong)b >> 1) << zeros | b << 63;
        else
            foreach (ref var b in bits) b = b << zeros | (sign == Sign.Minus ? long.MinValue : 0);
    }

    private void Reserve(int count)
    {
        if (_whole.Length >= count) return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        _whole = new long[size];
        _other = new long[size];
        _words = new ulong[size];
    }
}
