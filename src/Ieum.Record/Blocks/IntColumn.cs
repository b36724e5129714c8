using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ieum.Record.Blocks;

/// <summary>
/// A column of 64-bit numbers, kept to the bit. Tries some ways to foretell a number from its place and its predecessors, keeps the one
/// that leaves the smallest rests, and writes the rests by <see cref="WordPacker"/>, or as byte planes where stretches repeat.
/// All arithmetic wraps round at 64 bits, so every input comes back, extremes included.
/// </summary>
/// <param name="nested">A column of runs; it has none itself.</param>
internal sealed class IntColumn(PlaneCodec planes, WordPacker packer, bool nested = false)
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
        /// <summary>Distance from a weighted sum of those before: swinging and cyclic signals under noise.</summary>
        Forecast = 6,
        /// <summary>Runs whose numbers and lengths are columns themselves.</summary>
        RunColumns = 7,
    }

    // In the head, over the way (4 bits) and the unit (3 bits): the rests are packed words. Before version 3 they always were byte planes.
    private const byte PackedWords = 0x80;
    // Clocks of machines tick in seconds, tenths, milliseconds, microseconds; in ticks of 100 ns these leave zeros that need no room.
    private static readonly long[] Units = [1, 10, 10_000, 1_000_000, 10_000_000];
    // Fraction bits of the slope of the line; with them the line is exact to a unit over a million samples.
    private const int SlopeBits = 20;
    private const int LargestJitter = 32;
    private const int FewRuns = 16;
    // Under this many bits a number a forecast has nothing left to win.
    private const double WorthForecast = 3;
    private const int SmallestToWeigh = 40;

    private readonly LinearForecast _forecast = new();
    private readonly ByteWriter _trial = new(), _other = new();
    private IntColumn? _inner;
    private long[] _numbers = new long[1024];
    private ulong[] _rests = new ulong[1024];

    private IntColumn Inner => _inner ??= new(planes, packer, nested: true);

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
        for (var i = 1; i < values.Length; i++) changes += values[i] != values[i - 1] ? 1 : 0;
        if ((changes + 1) * 12 <= values.Length)
        {
            if (packer.Dense && !nested && changes >= FewRuns) WriteRunColumns(to, values, changes + 1);
            else WriteRuns(to, values, changes + 1);
            return;
        }

        var numbers = _numbers.AsSpan(0, values.Length);
        var unit = time ? Divide(values, numbers) : 0;
        if (unit == 0)
            for (var i = 0; i < numbers.Length; i++) numbers[i] = values[i] - values[0];
        var slope = Slope(numbers);
        var rests = _rests.AsSpan(0, values.Length);
        var way = packer.Dense && values.Length >= SmallestToWeigh ? Smallest(numbers, slope, time, rests) : Cheapest(numbers, slope).Way;
        Foretell(way, numbers, slope, rests, out var least);
        var asPlanes = packer.Dense && RepeatFinder.Repeats(rests) && ArePlanesSmaller(rests);
        to.Byte((byte)((byte)way | unit << 4 | (asPlanes ? 0 : PackedWords)));
        to.Signed(values[0]);
        if (way == Way.Forecast) LinearForecast.Write(to, _forecast);
        if (way == Way.Line) to.Signed(slope);
        if (way is Way.Line or Way.Offset) to.Signed(least);
        if (asPlanes) planes.Write(to, rests); else packer.Write(to, rests);
    }

    /// <summary>About how many bits a number of this column will take.</summary>
    public double Estimate(ReadOnlySpan<long> values)
    {
        Reserve(values.Length);
        var numbers = _numbers.AsSpan(0, values.Length);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = values[i] - values[0];
        return Cheapest(numbers, 0).Bits;
    }

    /// <summary>Whether the column is one number for all, which is read then; if not, nothing is read.</summary>
    public static bool TryReadConstant(ref ByteReader from, out long value)
    {
        var begun = from;
        value = 0;
        if (from.Byte() == (byte)Way.Constant)
        {
            value = from.Signed();
            return true;
        }
        from = begun;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ref ByteReader from, Span<long> values)
    {
        var head = from.Byte();
        var way = (Way)(head & 0xF);
        if (way == Way.Runs || (way == Way.RunColumns && !nested))
        {
            if (way == Way.Runs) ReadRuns(ref from, values); else ReadRunColumns(ref from, values);
            return;
        }
        var first = from.Signed();
        if (way == Way.Constant)
        {
            values.Fill(first);
            return;
        }
        if ((head >> 4 & 7) >= Units.Length || way > Way.Forecast || (way == Way.Forecast && !_forecast.Read(ref from)))
        {
            from.Fail();
            return;
        }
        var unit = Units[head >> 4 & 7];
        var slope = way == Way.Line ? from.Signed() : 0;
        var least = way is Way.Line or Way.Offset ? from.Signed() : 0;
        Reserve(values.Length);
        var rests = _rests.AsSpan(0, values.Length);
        if ((head & PackedWords) != 0) packer.Read(ref from, rests); else planes.Read(ref from, rests);
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
            case Way.Forecast:
                _forecast.Restore(rests, values);
                for (var i = 0; i < values.Length; i++) values[i] = first + values[i] * unit;
                break;
            default:
                for (var i = 0; i < values.Length; i++) values[i] = first + ((long)rests[i] + least + ((i * slope) >> SlopeBits)) * unit;
                break;
        }
    }

    private void Foretell(Way way, ReadOnlySpan<long> numbers, long slope, Span<ulong> rests, out long least)
    {
        least = 0;
        switch (way)
        {
            case Way.Delta:
                rests[0] = 0;
                for (var i = 1; i < rests.Length; i++) rests[i] = ZigZag.Encode(numbers[i] - numbers[i - 1]);
                break;
            case Way.DeltaOfDelta:
                rests[0] = 0;
                long delta = 0;
                for (var i = 1; i < rests.Length; i++)
                {
                    var next = numbers[i] - numbers[i - 1];
                    rests[i] = ZigZag.Encode(next - delta);
                    delta = next;
                }
                break;
            case Way.Forecast:
                _forecast.Rests(numbers, rests);
                break;
            default:
                if (way == Way.Offset) slope = 0;
                least = long.MaxValue;
                for (var i = 0; i < numbers.Length; i++) least = Math.Min(least, numbers[i] - ((i * slope) >> SlopeBits));
                for (var i = 0; i < rests.Length; i++) rests[i] = (ulong)(numbers[i] - ((i * slope) >> SlopeBits) - least);
                break;
        }
    }

    /// <summary>The way whose rests take the least room, weighed and not only guessed by their size.</summary>
    private Way Smallest(ReadOnlySpan<long> numbers, long slope, bool time, Span<ulong> rests)
    {
        var (best, least) = (Way.Offset, double.PositiveInfinity);
        for (var way = Way.Offset; way <= Way.Line; way++)
        {
            // Times fall on a line or follow each other; other numbers rarely lie on one.
            if (way == (time ? Way.Offset : Way.Line)) continue;
            Foretell(way, numbers, slope, rests, out _);
            var bits = packer.Estimate(rests);
            if (bits < least) (best, least) = (way, bits);
        }
        if (time || least < WorthForecast * numbers.Length || !_forecast.TryFit(numbers, least / numbers.Length)) return best;
        Foretell(Way.Forecast, numbers, slope, rests, out _);
        return packer.Estimate(rests) + _forecast.Taps.Length * 24 < least ? Way.Forecast : best;
    }

    private bool ArePlanesSmaller(ReadOnlySpan<ulong> rests)
    {
        _trial.Clear();
        planes.Write(_trial, rests);
        _other.Clear();
        packer.Write(_other, rests);
        return _trial.Length < _other.Length;
    }

    private (Way Way, double Bits) Cheapest(ReadOnlySpan<long> numbers, long slope)
    {
        int delta = 0, deltas = 0, offset = 0, line = 0;
        long least = long.MaxValue, leastOnLine = long.MaxValue;
        for (var i = 0; i < numbers.Length; i++)
        {
            least = Math.Min(least, numbers[i]);
            leastOnLine = Math.Min(leastOnLine, numbers[i] - ((i * slope) >> SlopeBits));
        }
        // Every third number is enough to tell the ways apart; every seventh where time counts.
        var step = packer.Dense ? 3 : 7;
        var looked = 0;
        for (var i = 2; i < numbers.Length; i += step, looked++)
        {
            var d = numbers[i] - numbers[i - 1];
            delta += Bits(ZigZag.Encode(d));
            deltas += Bits(ZigZag.Encode(d - (numbers[i - 1] - numbers[i - 2])));
            offset += Bits((ulong)(numbers[i] - least));
            line += Bits((ulong)(numbers[i] - ((i * slope) >> SlopeBits) - leastOnLine));
        }
        var best = Math.Min(Math.Min(delta, deltas), Math.Min(offset, line));
        return (best == offset ? Way.Offset : best == delta ? Way.Delta : best == line ? Way.Line : Way.DeltaOfDelta, best / (double)Math.Max(1, looked));
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
    private static int Divide(ReadOnlySpan<long> values, Span<long> to) =>
        Divides<Second>(values, to) ? 4 : Divides<Tenth>(values, to) ? 3 : Divides<Milli>(values, to) ? 2 : Divides<Micro>(values, to) ? 1 : 0;

    // The unit as a type: then the compiler divides by multiplying.
    private interface IUnit { static abstract long Ticks { get; } }
    private readonly struct Second : IUnit { public static long Ticks => 10_000_000; }
    private readonly struct Tenth : IUnit { public static long Ticks => 1_000_000; }
    private readonly struct Milli : IUnit { public static long Ticks => 10_000; }
    private readonly struct Micro : IUnit { public static long Ticks => 10; }

    private static bool Divides<TUnit>(ReadOnlySpan<long> values, Span<long> to) where TUnit : struct, IUnit
    {
        for (var i = 0; i < values.Length; i++)
        {
            var distance = values[i] - values[0];
            var whole = distance / TUnit.Ticks;
            if (whole * TUnit.Ticks != distance) return false;
            to[i] = whole;
        }
        return true;
    }

    private void WriteRunColumns(ByteWriter to, ReadOnlySpan<long> values, int runs)
    {
        var (numbers, lengths) = (new long[runs], new long[runs]);
        for (int i = 0, r = 0; i < values.Length; r++)
        {
            var length = values[i..].IndexOfAnyExcept(values[i]);
            if (length < 0) length = values.Length - i;
            (numbers[r], lengths[r]) = (values[i], length);
            i += length;
        }
        to.Byte((byte)Way.RunColumns);
        to.Varint((ulong)runs);
        Inner.Write(to, numbers);
        Inner.Write(to, lengths);
    }

    private void ReadRunColumns(ref ByteReader from, Span<long> values)
    {
        var runs = from.Count(values.Length);
        if (runs == 0)
        {
            from.Fail();
            return;
        }
        var (numbers, lengths) = (new long[runs], new long[runs]);
        Inner.Read(ref from, numbers);
        if (!from.Failed) Inner.Read(ref from, lengths);
        var at = 0;
        for (var r = 0; r < runs && !from.Failed; r++)
        {
            if (lengths[r] < 1 || lengths[r] > values.Length - at)
            {
                from.Fail();
                return;
            }
            values.Slice(at, (int)lengths[r]).Fill(numbers[r]);
            at += (int)lengths[r];
        }
        if (at != values.Length) from.Fail();
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
