using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>
/// Finds the cycles of a machine that repeats itself (a press, a moulding machine, a pallet changer) in one analogue signal, where
/// neither counter nor program tells them: the period by autocorrelation, its begins by a level that is crossed once per period.
/// </summary>
internal static class PeriodFinder
{
    /// <summary>Points the period is estimated from; the newest ones.</summary>
    private const int Window = 4096;
    /// <summary>Least likeness of one cycle to the next, as correlation 0 to 1. White noise of this length stays under 0.1.</summary>
    private const double LeastLikeness = 0.4;
    private const int FewestPoints = 64, FewestCycles = 4;
    private static readonly double[] Shares = [0.2, 0.35, 0.5, 0.65, 0.8];

    /// <param name="At">UTC ticks.</param>
    internal readonly record struct Point(long At, double Value);

    /// <param name="points">By time.</param>
    /// <returns>Begin and end of each cycle, in order; empty where the signal does not repeat.</returns>
    public static ImmutableArray<(long From, long To)> Find(IReadOnlyList<Point> points)
    {
        if (points.Count < FewestPoints) return [];
        var steps = new List<long>(points.Count);
        for (var i = 1; i < points.Count; i++)
            if (points[i].At > points[i - 1].At) steps.Add(points[i].At - points[i - 1].At);
        if (steps.Count < FewestPoints / 2) return [];
        steps.Sort();
        var step = steps[steps.Count / 2];
        if (PeriodOf(Even(points, step)) is not { } lag) return [];
        return Cycles(points, lag * step);
    }

    /// <summary>The newest stretch at even steps; a value stands until the next, as sources that report on change mean it.</summary>
    private static double[] Even(IReadOnlyList<Point> points, long step)
    {
        var from = Math.Max(points[0].At, points[^1].At - step * Window);
        var even = new double[(int)((points[^1].At - from) / step) + 1];
        var at = 0;
        for (var i = 0; i < even.Length; i++)
        {
            while (at + 1 < points.Count && points[at + 1].At <= from + i * step) at++;
            even[i] = points[at].Value;
        }
        return even;
    }

    /// <summary>The period in steps; null where nothing repeats.</summary>
    private static double? PeriodOf(double[] x)
    {
        var n = x.Length;
        var mean = x.Average();
        var energy = 0.0;
        for (var i = 0; i < n; i++) energy += (x[i] -= mean) * x[i];
        if (n < FewestPoints || energy <= 1e-12 * n) return null;
        var most = n / 3;
        var likeness = new double[most + 1];
        for (var lag = 1; lag <= most; lag++)
        {
            var sum = 0.0;
            for (var i = lag; i < n; i++) sum += x[i] * x[i - lag];
            likeness[lag] = sum / energy * n / (n - lag);
        }
        // The first hill belongs to the signal itself; the period lies behind the first valley.
        var k = 1;
        while (k < most && likeness[k] > 0.2 && likeness[k] >= likeness[Math.Min(most, k + 1)]) k++;
        while (k < most && likeness[k + 1] < likeness[k]) k++;
        var highest = 0.0;
        for (var lag = k; lag < most; lag++) highest = Math.Max(highest, likeness[lag]);
        if (highest < LeastLikeness) return null;
        // Multiples of the period are as like as the period itself; the shortest one is meant.
        for (var lag = Math.Max(2, k); lag < most; lag++)
            if (likeness[lag] >= 0.85 * highest && likeness[lag] >= likeness[lag - 1] && likeness[lag] >= likeness[lag + 1]) return lag;
        return null;
    }

    private static ImmutableArray<(long From, long To)> Cycles(IReadOnlyList<Point> points, double period)
    {
        var sorted = points.Select(p => p.Value).Order().ToArray();
        var reach = RobustStatistics.Quantile(sorted, 0.95) - RobustStatistics.Quantile(sorted, 0.05);
        var (best, bestSpread) = (ImmutableArray<(long, long)>.Empty, double.PositiveInfinity);
        var expected = (points[^1].At - points[0].At) / period;
        var low = RobustStatistics.Quantile(sorted, 0.05);
        foreach (var share in Shares)
        {
            var found = Between(Rises(points, low + share * reach, reach * 0.08, period), period);
            if (found.Length < Math.Max(FewestCycles, 0.6 * expected)) continue;
            var lengths = found.Select(c => (double)(c.To - c.From)).Order().ToArray();
            var spread = RobustStatistics.Mad(lengths) / RobustStatistics.Median(lengths);
            if (spread < bestSpread) (best, bestSpread) = (found, spread);
        }
        return best;
    }

    /// <summary>Instants at which the level is crossed upwards, at most one per half period.</summary>
    private static List<long> Rises(IReadOnlyList<Point> points, double level, double band, double period)
    {
        var rises = new List<long>();
        var above = points[0].Value > level;
        for (var i = 1; i < points.Count; i++)
        {
            if (!above && points[i].Value > level + band)
            {
                above = true;
                if (rises.Count == 0 || points[i].At - rises[^1] >= period / 2) rises.Add(points[i].At);
            }
            else if (above && points[i].Value < level - band) above = false;
        }
        return rises;
    }

    /// <summary>From one rise to the next, where that is one period and not a stop in between.</summary>
    private static ImmutableArray<(long From, long To)> Between(List<long> rises, double period)
    {
        var cycles = ImmutableArray.CreateBuilder<(long, long)>();
        for (var i = 1; i < rises.Count; i++)
            if (rises[i] - rises[i - 1] is var length && length > 0.6 * period && length < 1.5 * period) cycles.Add((rises[i - 1], rises[i]));
        return cycles.ToImmutable();
    }
}
