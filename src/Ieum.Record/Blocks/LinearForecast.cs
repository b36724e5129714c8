using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ieum.Record.Blocks;

/// <summary>
/// Foretells a number as a weighted sum of those before it, as lossless sound coders do: temperatures that swing, currents that repeat
/// with the cycle, anything with inertia under noise. Weights are whole numbers over 2^16, so that every machine computes the same.
/// </summary>
internal sealed class LinearForecast
{
    public const int MostTaps = 32;
    private const int FractionBits = 16;
    // Up to here every partial sum is a whole number that a double holds exactly, in whatever order processors add.
    private const double LargestSum = 1L << 52;
    private const int SmallestColumn = 256;

    private readonly double[] _correlation = new double[MostTaps + 1];
    private readonly double[] _weights = new double[MostTaps], _best = new double[MostTaps], _before = new double[MostTaps];
    private double[] _centred = [];

    /// <summary>Weights of the number just before, the one before that, and so on; over 2^16.</summary>
    public int[] Taps { get; private set; } = [];

    /// <summary>Number that is taken away from all before they are weighted.</summary>
    public long Mean { get; private set; }

    /// <summary>Looks for weights that foretell better than <paramref name="limit"/> bits a number; false when there are none.</summary>
    public bool TryFit(ReadOnlySpan<long> numbers, double limit)
    {
        if (numbers.Length < SmallestColumn) return false;
        double sum = 0, most = 0;
        foreach (var n in numbers)
        {
            sum += n;
            most = Math.Max(most, Math.Abs((double)n));
        }
        if (most >= 1L << 40) return false;
        Mean = (long)(sum / numbers.Length);
        Correlate(numbers);
        if (_correlation[0] <= 0) return false;
        var taps = Solve(numbers.Length, limit);
        if (taps == 0) return false;
        Taps = new int[taps];
        double weight = 0;
        for (var k = 0; k < taps; k++)
        {
            var scaled = Math.Round(_best[k] * (1 << FractionBits));
            if (!(Math.Abs(scaled) < 1 << 22)) return false;
            Taps[k] = (int)scaled;
            weight += Math.Abs(scaled);
        }
        return (most + Math.Abs((double)Mean)) * weight < LargestSum;
    }

    /// <summary>What the weights leave of <paramref name="numbers"/>; the first ones are foretold by the one before.</summary>
    public void Rests(ReadOnlySpan<long> numbers, Span<ulong> rests)
    {
        var taps = Taps.Length;
        var reversed = Reversed(Taps);
        if (_centred.Length < numbers.Length) _centred = new double[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            _centred[i] = numbers[i] - Mean;
            var foretold = i < taps ? i == 0 ? 0 : numbers[i - 1] : Mean + Weigh(_centred.AsSpan(i - taps, taps), reversed);
            rests[i] = ZigZag.Encode(numbers[i] - foretold);
        }
    }

    public static void Write(ByteWriter to, LinearForecast forecast)
    {
        to.Signed(forecast.Mean);
        to.Byte((byte)forecast.Taps.Length);
        foreach (var tap in forecast.Taps) to.Signed(tap);
    }

    public bool Read(ref ByteReader from)
    {
        Mean = from.Signed();
        int taps = from.Byte();
        if (taps is 0 or > MostTaps || Mean is < -(1L << 41) or > 1L << 41)
        {
            from.Fail();
            return false;
        }
        if (Taps.Length != taps) Taps = new int[taps];
        for (var k = 0; k < taps; k++) Taps[k] = (int)from.Signed();
        return !from.Failed;
    }

    /// <summary>Puts the numbers together again; the inverse of <see cref="Rests"/>.</summary>
    public void Restore(ReadOnlySpan<ulong> rests, Span<long> numbers)
    {
        var taps = Taps.Length;
        var reversed = Reversed(Taps);
        if (_centred.Length < numbers.Length) _centred = new double[numbers.Length];
        var begun = Math.Min(numbers.Length, (taps + 3) & ~3);
        for (var i = 0; i < begun; i++) RestoreOne(rests, numbers, i, reversed);
        var rest = RestoreFours(rests, numbers, begun);
        for (var i = rest; i < numbers.Length; i++) RestoreOne(rests, numbers, i, reversed);
    }

    private void RestoreOne(ReadOnlySpan<ulong> rests, Span<long> numbers, int i, double[] reversed)
    {
        var taps = reversed.Length;
        var foretold = i < taps ? i == 0 ? 0 : numbers[i - 1] : Mean + Weigh(_centred.AsSpan(i - taps, taps), reversed);
        numbers[i] = foretold + ZigZag.Decode(rests[i]);
        _centred[i] = numbers[i] - Mean;
    }

    /// <summary>
    /// Four numbers at a time: what those before the four weigh in each of them is added up side by side, and only what the four weigh in
    /// each other is waited for. The sums are exact, so the order of adding changes nothing.
    /// </summary>
    /// <returns>The first number that does not stand yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int RestoreFours(ReadOnlySpan<ulong> rests, Span<long> numbers, int i)
    {
        var window = (Taps.Length + 3) & ~3;
        // Row j: weights of the window's numbers in the j-th of the four; a weight that would reach into the four is 0 here.
        Span<double> rows = stackalloc double[4 * MostTaps];
        rows.Clear();
        for (var j = 0; j < 4; j++)
            for (var m = 0; m < window; m++)
                if (window - 1 + j - m < Taps.Length) rows[j * MostTaps + m] = Taps[window - 1 + j - m];
        double near = Taps[0], far = Taps.Length > 1 ? Taps[1] : 0, farthest = Taps.Length > 2 ? Taps[2] : 0;
        for (; i + 4 <= numbers.Length; i += 4)
        {
            var before = _centred.AsSpan(i - window, window);
            Vector256<double> a = default, b = default, c = default, d = default;
            for (var m = 0; m < window; m += 4)
            {
                var x = Vector256.Create<double>(before[m..]);
                a += x * Vector256.Create<double>(rows[m..]);
                b += x * Vector256.Create<double>(rows[(MostTaps + m)..]);
                c += x * Vector256.Create<double>(rows[(2 * MostTaps + m)..]);
                d += x * Vector256.Create<double>(rows[(3 * MostTaps + m)..]);
            }
            var first = Restored(rests, numbers, i, Vector256.Sum(a));
            var second = Restored(rests, numbers, i + 1, Vector256.Sum(b) + first * near);
            var third = Restored(rests, numbers, i + 2, Vector256.Sum(c) + first * far + second * near);
            Restored(rests, numbers, i + 3, Vector256.Sum(d) + first * farthest + second * far + third * near);
        }
        return i;
    }

    private double Restored(ReadOnlySpan<ulong> rests, Span<long> numbers, int i, double weighed)
    {
        numbers[i] = Mean + ((long)weighed >> FractionBits) + ZigZag.Decode(rests[i]);
        return _centred[i] = numbers[i] - Mean;
    }

    private static double[] Reversed(int[] taps)
    {
        var reversed = new double[taps.Length];
        for (var k = 0; k < taps.Length; k++) reversed[k] = taps[taps.Length - 1 - k];
        return reversed;
    }

    // All whole numbers below 2^52, so the sum is exact and the same on every processor, however many lanes it has.
    private static long Weigh(ReadOnlySpan<double> numbers, double[] weights)
    {
        var width = Vector<double>.Count;
        var i = 0;
        double sum = 0;
        if (weights.Length >= width)
        {
            var sums = Vector<double>.Zero;
            for (; i <= weights.Length - width; i += width) sums += new Vector<double>(numbers[i..]) * new Vector<double>(weights, i);
            sum = Vector.Sum(sums);
        }
        for (; i < weights.Length; i++) sum += numbers[i] * weights[i];
        return (long)sum >> FractionBits;
    }

    private void Correlate(ReadOnlySpan<long> numbers)
    {
        var count = numbers.Length;
        if (_centred.Length < count) _centred = new double[count];
        // A window that fades at both ends keeps the weights stable.
        for (var i = 0; i < count; i++)
        {
            var place = (2.0 * i + 1 - count) / count;
            _centred[i] = (numbers[i] - Mean) * (1 - place * place);
        }
        for (var lag = 0; lag <= MostTaps; lag++) _correlation[lag] = Dot(_centred.AsSpan(lag, count - lag), _centred.AsSpan(0, count - lag));
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var width = Vector<double>.Count;
        var (even, odd) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i <= a.Length - 2 * width; i += 2 * width)
        {
            even += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
            odd += new Vector<double>(a[(i + width)..]) * new Vector<double>(b[(i + width)..]);
        }
        var sum = Vector.Sum(even + odd);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Levinson and Durbin's recursion; keeps the weights of the length that costs least, bits of the weights included.</summary>
    private int Solve(int count, double limit)
    {
        // White noise of a hundred-millionth keeps a pure tone from making the equations singular.
        var error = _correlation[0] * (1 + 1e-9);
        var scale = 1 / (count * (8.0 / 15));   // the mean square of the window
        var (best, taps) = (limit * count, 0);
        Array.Clear(_weights);
        for (var k = 0; k < MostTaps; k++)
        {
            var reflection = _correlation[k + 1];
            for (var j = 0; j < k; j++) reflection -= _weights[j] * _correlation[k - j];
            reflection /= error;
            if (!(Math.Abs(reflection) < 1)) break;
            Array.Copy(_weights, _before, k);
            for (var j = 0; j < k; j++) _weights[j] = _before[j] - reflection * _before[k - 1 - j];
            _weights[k] = reflection;
            error *= 1 - reflection * reflection;
            // Entropy of a normal distribution of this variance, plus one of rounding, and three bytes a weight.
            var bits = count * 0.5 * Math.Log2(2 * Math.PI * Math.E * (error * scale + 1.0 / 12)) + 24 * (k + 1) + 48;
            if (bits >= best) continue;
            (best, taps) = (bits, k + 1);
            Array.Copy(_weights, _best, k + 1);
        }
        return taps;
    }
}
