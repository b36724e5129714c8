using System.Numerics;

namespace Ieum.Record.Blocks;

/// <summary>
/// A column of 64-bit numbers, kept to the bit. Tries five ways to foretell a number from its place and its
/// predecessors, keeps the one that leaves the smallest rests, and writes the rests as byte planes.
/// All arithmetic wraps round at 64 bits, so every input comes back, extremes included.
/// </summary>
internal sealed class IntColumn(PlaneCodec planes)
{
    private enum Way : byte
    {
        /// <summary>One number for all.</summary>
        Constant = 0,
        /// <summary>Few changes: numbers and how often each is repeated.</summary>
        Runs = 1,
        /// <summary>Distance from the smallest.</summary>
        Offset = 2,
        /// <summary>Difference from the one before: counters, walks.</summary>
        Delta = 3,
        /// <summary>Difference of differences: a steady but drifting beat.</summary>
        DeltaOfDelta = 4,
        /// <summary>Distance from a straight line between first and last: a beat with jitter.</summary>
        Line = 5,
    }

    // Clocks of machines tick in seconds, tenths, milliseconds, microseconds; in ticks of 100 ns these leave zeros that need no room.
    private static readonly long[] Units = [1, 10, 10_000, 1_000_000, 10_000_000];
    // Fraction bits of the slope of the line; with them the line is exact to a unit over a million samples.
    private const int SlopeBits = 20;
    private const int LargestJitter = 32;

    private long[] _numbers = new long[1024];
    private ulong[] _rests = new ulong[1024];

    /// <param name="time">The numbers are times in ticks: look for the unit of the clock first.</param>
    public void Write(ByteWriter to, ReadOnlySpan<long> values, bool time = false)
    {
        if (values.IndexOfAnyExcept(values[0]) < 0)
        {
            to.Byte((byte)Way.Constant);
            to.Signed(values[0]);
            return;
        }
        Reserve(values.Length);
        var changes = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] != values[i - 1]) changes++;
        if ((changes + 1) * 12 <= values.Length)
        {
            WriteRuns(to, values, changes + 1);
            return;
        }

        var numbers = _numbers.AsSpan(0, values.Length);
        var unit = time ? Divide(values, numbers) : 0;
        if (unit == 0)
            for (var i = 0; i < numbers.Length; i++) numbers[i] = values[i] - values[0];
        var slope = Slope(numbers);
        var way = Cheapest(numbers, slope);
        to.Byte((byte)((byte)way | unit << 4));
        to.Signed(values[0]);
        var rests = _rests.AsSpan(0, values.Length);
        switch (way)
        {
            case Way.Delta:
                rests[0] = 0;
                for (var i = 1; i < rests.Length; i++) rests[i] = ZigZag.Encode(numbers[i] - numbers[i - 1]);
                break;
            case Way.DeltaOfDelta:
                rests[0] = 0;
                for (long i = 1, delta = 0; i < rests.Length; i++)
                {
                    var next = numbers[(int)i] - numbers[(int)i - 1];
                    rests[(int)i] = ZigZag.Encode(next - delta);
                    delta = next;
                }
                break;
            case Way.Line:
                to.Signed(slope);
                for (var i = 0; i < numbers.Length; i++) numbers[i] -= (i * slope) >> SlopeBits;
                WriteOffsets(to, numbers, rests);
                break;
            default:
                WriteOffsets(to, numbers, rests);
                break;
        }
        planes.Write(to, rests);
    }

    public void Read(ref ByteReader from, Span<long> values)
    {
        var head = from.Byte();
        var way = (Way)(head & 0xF);
        if (way == Way.Runs)
        {
            ReadRuns(ref from, values);
            return;
        }
        var first = from.Signed();
        if (way == Way.Constant)
        {
            values.Fill(first);
            return;
        }
        if (head >> 4 >= Units.Length || way > Way.Line)
        {
            from.Fail();
            return;
        }
        var unit = Units[head >> 4];
        var slope = way == Way.Line ? from.Signed() : 0;
        var least = way is Way.Line or Way.Offset ? from.Signed() : 0;
        Reserve(values.Length);
        var rests = _rests.AsSpan(0, values.Length);
        planes.Read(ref from, rests);
        switch (way)
        {
            case Way.Delta:
                for (int i = 0; i < values.Length; i++)
                {
                    first += ZigZag.Decode(rests[i]) * unit;
                    values[i] = first;
                }
                break;
            case Way.DeltaOfDelta:
                long delta = 0;
                for (int i = 0; i < values.Length; i++)
                {
                    delta += ZigZag.Decode(rests[i]) * unit;
                    first += delta;
                    values[i] = first;
                }
                break;
            default:
                for (var i = 0; i < values.Length; i++) values[i] = first + ((long)rests[i] + least + ((i * slope) >> SlopeBits)) * unit;
                break;
        }
    }

    private static void WriteOffsets(ByteWriter to, ReadOnlySpan<long> numbers, Span<ulong> rests)
    {
        var least = long.MaxValue;
        foreach (var n in numbers) least = Math.Min(least, n);
        to.Signed(least);
        for (var i = 0; i < rests.Length; i++) rests[i] = (ulong)(numbers[i] - least);
    }

    private static Way Cheapest(ReadOnlySpan<long> numbers, long slope)
    {
        int delta = 0, deltas = 0, offset = 0, line = 0;
        long least = long.MaxValue, leastOnLine = long.MaxValue;
        for (var i = 0; i < numbers.Length; i++)
        {
            least = Math.Min(least, numbers[i]);
            leastOnLine = Math.Min(leastOnLine, numbers[i] - ((i * slope) >> SlopeBits));
        }
        // Every third number is enough to tell the ways apart.
        for (var i = 2; i < numbers.Length; i += 3)
        {
            var d = numbers[i] - numbers[i - 1];
            delta += Bits(ZigZag.Encode(d));
            deltas += Bits(ZigZag.Encode(d - (numbers[i - 1] - numbers[i - 2])));
            offset += Bits((ulong)(numbers[i] - least));
            line += Bits((ulong)(numbers[i] - ((i * slope) >> SlopeBits) - leastOnLine));
        }
        var best = Math.Min(Math.Min(delta, deltas), Math.Min(offset, line));
        return best == offset ? Way.Offset : best == delta ? Way.Delta : best == line ? Way.Line : Way.DeltaOfDelta;
    }

    private static int Bits(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    private static long Slope(ReadOnlySpan<long> numbers)
    {
        var rise = numbers[^1];
        // Beyond this the product i * slope no longer fits; a slope of 0 is always right, only less good.
        if (Math.Abs(rise >> 1) >= 1L << (61 - SlopeBits)) return 0;
        var slope = (rise << SlopeBits) / (numbers.Length - 1);
        // A beat is mostly a whole number of units, and the ends jitter as all others do: take the whole one when the ends allow it.
        var whole = (slope + (1L << (SlopeBits - 1))) >> SlopeBits;
        return Math.Abs(rise - whole * (numbers.Length - 1)) <= LargestJitter ? whole << SlopeBits : slope;
    }

    /// <summary>Divides the distances from the first number by the largest unit that leaves no rest; 0 when only 1 does.</summary>
    private static int Divide(ReadOnlySpan<long> values, Span<long> to)
    {
        for (var u = Units.Length - 1; u > 0; u--)
            if (Divides(values, to, u)) return u;
        return 0;
    }

    private static bool Divides(ReadOnlySpan<long> values, Span<long> to, int u)
    {
        var unit = Units[u];
        for (var i = 0; i < values.Length; i++)
        {
            var distance = values[i] - values[0];
            var whole = distance / unit;
            if (whole * unit != distance) return false;
            to[i] = whole;
        }
        return true;
    }

    private static void WriteRuns(ByteWriter to, ReadOnlySpan<long> values, int runs)
    {
        to.Byte((byte)Way.Runs);
        to.Varint((ulong)runs);
        for (var i = 0; i < values.Length;)
        {
            var length = values[i..].IndexOfAnyExcept(values[i]);
            if (length < 0) length = values.Length - i;
            to.Signed(values[i]);
            to.Varint((ulong)length);
            i += length;
        }
    }

    private static void ReadRuns(ref ByteReader from, Span<long> values)
    {
        var runs = from.Count(values.Length);
        var at = 0;
        for (var r = 0; r < runs && !from.Failed; r++)
        {
            var value = from.Signed();
            var length = from.Count(values.Length - at);
            values.Slice(at, length).Fill(value);
            at += length;
        }
        if (at != values.Length) from.Fail();
    }

    private void Reserve(int count)
    {
        if (_numbers.Length >= count) return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        _numbers = new long[size];
        _rests = new ulong[size];
    }
}
