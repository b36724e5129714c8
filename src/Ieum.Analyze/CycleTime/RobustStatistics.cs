namespace Ieum.Analyze;

/// <summary>Centre and spread that one forgotten door or one lunch break cannot move.</summary>
internal static class RobustStatistics
{
    /// <summary>A quantile by linear interpolation between order statistics (Hyndman and Fan, type 7).</summary>
    /// <param name="sorted">Ascending; at least one value.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        var place = (sorted.Count - 1) * share;
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }

    public static double Median(IReadOnlyList<double> sorted) => Quantile(sorted, 0.5);

    /// <summary>Median absolute deviation from the median; not scaled to a normal distribution.</summary>
    public static double Mad(IReadOnlyList<double> sorted)
    {
        var centre = Median(sorted);
        var apart = sorted.Select(v => Math.Abs(v - centre)).ToArray();
        Array.Sort(apart);
        return Median(apart);
    }

    /// <summary>
    /// The 95 % interval of the median from order statistics: no assumption about the distribution. Below 6 values no
    /// pair of them reaches 95 %, so the smallest and the largest are given.
    /// </summary>
    public static (double Low, double High) MedianInterval(IReadOnlyList<double> sorted)
    {
        var rank = Math.Max(1, LowerRank(sorted.Count));
        return (sorted[rank - 1], sorted[^rank]);
    }

    /// <summary>The largest rank k with P(Binomial(n, ½) &lt; k) ≤ 2.5 %; 0 when there is none.</summary>
    public static int LowerRank(int n)
    {
        // ½ to the power n leaves the range of a double above 1,074; the normal approximation is exact to a rank long before.
        if (n > 1_000) return (int)Math.Floor((n + 1) / 2.0 - 1.959963985 * Math.Sqrt(n) / 2);
        var term = Math.Pow(0.5, n);
        var sum = 0.0;
        for (var k = 0; k < n; k++)
        {
            sum += term;
            if (sum > 0.025) return k;
            term *= (double)(n - k) / (k + 1);
        }
        return 0;
    }
}
