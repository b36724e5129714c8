using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>A rule that a chart breaks, at the point that completes the pattern.</summary>
/// <param name="Rule"><c>nelson-1</c> … <c>nelson-8</c>, <c>western-1</c> … <c>western-4</c>; key of the translated text.</param>
/// <param name="Index">Of the point, from 0.</param>
public readonly record struct ChartSignal(string Rule, int Index);

/// <summary>
/// The tests for special causes: Western Electric (Statistical Quality Control Handbook, 1956) and Nelson (Journal of Quality
/// Technology 16, 1984). A point on a line is not beyond it; one on the centre line is on no side.
/// </summary>
public static class ChartRules
{
    /// <summary>All eight of Nelson. His rules 1, 5, 6 and a run of nine include what Western Electric asks with a run of eight.</summary>
    public static ImmutableArray<ChartSignal> Nelson(ImmutableArray<ChartPoint> points)
    {
        var found = ImmutableArray.CreateBuilder<ChartSignal>();
        var z = Z(points);
        for (var i = 0; i < z.Length; i++)
        {
            if (Math.Abs(z[i]) > 3) found.Add(new("nelson-1", i));
            if (SameSide(z, i, 9)) found.Add(new("nelson-2", i));
            if (Trend(points, i)) found.Add(new("nelson-3", i));
            if (Alternates(points, i)) found.Add(new("nelson-4", i));
            if (Beyond(z, i, 2, 3, 2)) found.Add(new("nelson-5", i));
            if (Beyond(z, i, 4, 5, 1)) found.Add(new("nelson-6", i));
            if (All(z, i, 15, v => Math.Abs(v) < 1)) found.Add(new("nelson-7", i));
            if (All(z, i, 8, v => Math.Abs(v) > 1)) found.Add(new("nelson-8", i));
        }
        return found.ToImmutable();
    }

    public static ImmutableArray<ChartSignal> WesternElectric(ImmutableArray<ChartPoint> points)
    {
        var found = ImmutableArray.CreateBuilder<ChartSignal>();
        var z = Z(points);
        for (var i = 0; i < z.Length; i++)
        {
            if (Math.Abs(z[i]) > 3) found.Add(new("western-1", i));
            if (Beyond(z, i, 2, 3, 2)) found.Add(new("western-2", i));
            if (Beyond(z, i, 4, 5, 1)) found.Add(new("western-3", i));
            if (SameSide(z, i, 8)) found.Add(new("western-4", i));
        }
        return found.ToImmutable();
    }

    /// <summary>Distance from the centre in standard deviations of the point.</summary>
    private static double[] Z(ImmutableArray<ChartPoint> points) =>
        [.. points.Select(p => p.Sigma > 0 ? (p.Value - p.Centre) / p.Sigma : Math.Sign(p.Value - p.Centre) * double.PositiveInfinity)
            .Select(v => double.IsNaN(v) ? 0 : v)];

    private static bool SameSide(double[] z, int i, int run) => All(z, i, run, v => v > 0) || All(z, i, run, v => v < 0);

    private static bool All(double[] z, int i, int run, Func<double, bool> holds)
    {
        if (i + 1 < run) return false;
        for (var k = i - run + 1; k <= i; k++) if (!holds(z[k])) return false;
        return true;
    }

    /// <summary>Six points in a row, each higher (or lower) than the one before.</summary>
    private static bool Trend(ImmutableArray<ChartPoint> points, int i)
    {
        if (i < 5) return false;
        bool up = true, down = true;
        for (var k = i - 4; k <= i; k++)
        {
            up &= points[k].Value > points[k - 1].Value;
            down &= points[k].Value < points[k - 1].Value;
        }
        return up || down;
    }

    private static bool Alternates(ImmutableArray<ChartPoint> points, int i)
    {
        if (i < 13) return false;
        for (var k = i - 11; k <= i; k++)
            if ((points[k].Value - points[k - 1].Value) * (points[k - 1].Value - points[k - 2].Value) >= 0) return false;
        return true;
    }

    /// <summary>The point itself and at least <paramref name="least"/> of the last <paramref name="of"/> on one side beyond the line.</summary>
    private static bool Beyond(double[] z, int i, int least, int of, double line)
    {
        if (Math.Abs(z[i]) <= line) return false;
        var (side, count) = (Math.Sign(z[i]), 0);
        for (var k = Math.Max(0, i - of + 1); k <= i; k++) if (z[k] * side > line) count++;
        return count >= least;
    }
}
