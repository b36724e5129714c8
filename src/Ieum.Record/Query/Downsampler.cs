using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Tend;

namespace Ieum.Record.Query;

/// <summary>Sums samples up by step. Blocks may come in any order: only "last" depends on order, and compares time and, between samples of one time, arrival.</summary>
internal sealed class Downsampler(long from, long to, long step)
{
    private struct Tally
    {
        public long Count, Bad, LastTicks, LastArrival;
        public double Sum, Min, Max, Last;

        public void Heard(long ticks, long arrival, double number)
        {
            if (ticks < LastTicks || (ticks == LastTicks && arrival < LastArrival)) return;
            (LastTicks, LastArrival, Last) = (ticks, arrival, number);
        }
    }

    private readonly Dictionary<long, int> _places = [];
    private Tally[] _tallies = new Tally[64];
    private double[] _numbers = new double[1024];

    /// <summary>Sorted samples, of which those from <paramref name="first"/> up to but not including <paramref name="until"/> count.</summary>
    /// <param name="arrival">Rank of the block: of two samples of one time, that of the later block is the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(SampleColumns samples, long first, long until, long arrival)
    {
        var i = samples.FirstAtOrAfter(Math.Max(first, from));
        var end = samples.FirstAtOrAfter(Math.Min(until, to));
        while (i < end)
        {
            var bucket = (samples.Source[i] - from) / step;
            var next = from + (bucket + 1) * step;
            var run = i + 1;
            while (run < end && samples.Source[run] < next) run++;
            Add(ref Of(bucket), samples, i, run, arrival);
            i = run;
        }
    }

    /// <summary>A step that was added up before; it counts where it begins.</summary>
    public void Add(RollupBucket sums)
    {
        if (sums.Start < from || sums.Start >= to) return;
        ref var tally = ref Of((sums.Start - from) / step);
        tally.Count += sums.Count;
        tally.Bad += sums.Bad;
        tally.Sum += sums.Sum;
        tally.Min = Math.Min(tally.Min, sums.Min);
        tally.Max = Math.Max(tally.Max, sums.Max);
        if (sums.Count > 0) tally.Heard(sums.LastTicks, long.MinValue, sums.Last);
    }

    public IReadOnlyList<Bucket> Buckets()
    {
        var buckets = new List<Bucket>(_places.Count);
        foreach (var (bucket, place) in _places.OrderBy(p => p.Key))
        {
            ref var t = ref _tallies[place];
            var start = from + bucket * step;
            var range = new TimeRange(new(start, TimeSpan.Zero), new(Math.Min(start + step, to), TimeSpan.Zero));
            buckets.Add(t.Count == 0
                ? new(range, 0, double.NaN, double.NaN, double.NaN, double.NaN, t.Bad)
                : new(range, t.Count, t.Sum / t.Count, t.Min, t.Max, t.Last, t.Bad));
        }
        return buckets;
    }

    private ref Tally Of(long bucket)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, bucket, out var known);
        if (!known)
        {
            place = _places.Count - 1;
            if (place == _tallies.Length) Array.Resize(ref _tallies, place * 2);
            _tallies[place] = new Tally { Min = double.PositiveInfinity, Max = double.NegativeInfinity, LastTicks = long.MinValue, LastArrival = long.MinValue };
        }
        return ref _tallies[place];
    }

    private void Add(ref Tally tally, SampleColumns samples, int start, int end, long arrival)
    {
        var count = end - start;
        var kinds = samples.Kind.AsSpan(start, count);
        var plain = kinds.IndexOfAnyExcept(kinds[0]) < 0 && (ValueKind)kinds[0] is ValueKind.Real or ValueKind.Integer or ValueKind.Boolean
            && samples.Quality.AsSpan(start, count).IndexOfAnyExcept((byte)Quality.Good, (byte)Quality.Uncertain) < 0;
        if (!plain)
        {
            for (var i = start; i < end; i++) AddOne(ref tally, samples, i, arrival);
            return;
        }
        ReadOnlySpan<double> numbers;
        if ((ValueKind)kinds[0] == ValueKind.Real)
        {
            numbers = MemoryMarshal.Cast<long, double>(samples.Bits.AsSpan(start, count));
        }
        else
        {
            if (_numbers.Length < count) _numbers = new double[count];
            for (var i = 0; i < count; i++) _numbers[i] = samples.Bits[start + i];
            numbers = _numbers.AsSpan(0, count);
        }
        var (sum, min, max) = Summary(numbers);
        if (double.IsNaN(sum))   // a NaN among them, or infinities of both signs
        {
            for (var i = start; i < end; i++) AddOne(ref tally, samples, i, arrival);
            return;
        }
        tally.Count += count;
        tally.Sum += sum;
        tally.Min = Math.Min(tally.Min, min);
        tally.Max = Math.Max(tally.Max, max);
        tally.Heard(samples.Source[end - 1], arrival, numbers[^1]);
    }

    private static void AddOne(ref Tally tally, SampleColumns samples, int i, long arrival)
    {
        var number = (Quality)samples.Quality[i] is Quality.Good or Quality.Uncertain ? samples.Value(i).Number : double.NaN;
        if (double.IsNaN(number))
        {
            tally.Bad++;
            return;
        }
        tally.Count++;
        tally.Sum += number;
        tally.Min = Math.Min(tally.Min, number);
        tally.Max = Math.Max(tally.Max, number);
        tally.Heard(samples.Source[i], arrival, number);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Min, double Max) Summary(ReadOnlySpan<double> numbers)
    {
        var width = Vector<double>.Count;
        double sum = 0, min = double.PositiveInfinity, max = double.NegativeInfinity;
        var i = 0;
        if (numbers.Length >= width * 2)
        {
            var sums = Vector<double>.Zero;
            var mins = new Vector<double>(min);
            var maxs = new Vector<double>(max);
            for (; i <= numbers.Length - width; i += width)
            {
                var v = new Vector<double>(numbers[i..]);
                sums += v;
                mins = Vector.Min(mins, v);
                maxs = Vector.Max(maxs, v);
            }
            sum = Vector.Sum(sums);
            for (var lane = 0; lane < width; lane++)
            {
                min = Math.Min(min, mins[lane]);
                max = Math.Max(max, maxs[lane]);
            }
        }
        for (; i < numbers.Length; i++)
        {
            sum += numbers[i];
            min = Math.Min(min, numbers[i]);
            max = Math.Max(max, numbers[i]);
        }
        return (sum, min, max);
    }
}
