using System.Collections.Immutable;

namespace Ieum.Analyze;

public enum ChartKind : byte { XbarR = 0, XbarS = 1, IndividualsMovingRange = 2, P = 3, U = 4 }

/// <summary>One point with the limits that hold for it; they differ from point to point where samples differ in size.</summary>
/// <param name="Sigma">Standard deviation of the point; a third of the way from the centre to the upper limit.</param>
public readonly record struct ChartPoint(double Value, double Centre, double Low, double High, double Sigma);

/// <summary>A control chart after ISO 7870-2 (Shewhart).</summary>
/// <param name="Points">Location: means, single values, shares.</param>
/// <param name="Spread">Range, standard deviation or moving range; empty for p and u. Its first point is null where nothing came before it.</param>
/// <param name="Sigma">Standard deviation within samples, estimated from <paramref name="Spread"/>; null for p and u.</param>
public sealed record ControlChart(ChartKind Kind, ImmutableArray<ChartPoint> Points, ImmutableArray<ChartPoint?> Spread, double? Sigma)
{
    /// <summary>X̄ and range.</summary>
    /// <param name="samples">At least two samples of one size, 2 to 25 values each.</param>
    /// <exception cref="ArgumentException">Samples of different sizes, or too few.</exception>
    public static ControlChart XbarR(IReadOnlyList<IReadOnlyList<double>> samples)
    {
        var n = SizeOf(samples, 25);
        var (d2, d3) = (SpcConstants.D2(n), SpcConstants.Spread(n));
        var ranges = samples.Select(s => s.Max() - s.Min()).ToArray();
        var sigma = ranges.Average() / d2;
        return Of(ChartKind.XbarR, samples, n, sigma, ranges, d2 * sigma, d3 * sigma);
    }

    /// <summary>X̄ and standard deviation; better than ranges from about ten values on.</summary>
    /// <inheritdoc cref="XbarR"/>
    public static ControlChart XbarS(IReadOnlyList<IReadOnlyList<double>> samples)
    {
        var n = SizeOf(samples, SpcConstants.LargestSample);
        var c4 = SpcConstants.C4(n);
        var spreads = samples.Select(Statistics.Deviation).ToArray();
        var sigma = spreads.Average() / c4;
        return Of(ChartKind.XbarS, samples, n, sigma, spreads, c4 * sigma, sigma * Math.Sqrt(1 - c4 * c4));
    }

    /// <summary>Single values and their moving ranges.</summary>
    /// <param name="values">At least two.</param>
    public static ControlChart Individuals(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Count, 2);
        var moves = values.Skip(1).Zip(values, (b, a) => Math.Abs(b - a)).ToArray();
        var (d2, d3) = (SpcConstants.D2(2), SpcConstants.Spread(2));
        var sigma = moves.Average() / d2;
        var centre = values.Average();
        return new(ChartKind.IndividualsMovingRange,
            [.. values.Select(v => new ChartPoint(v, centre, centre - 3 * sigma, centre + 3 * sigma, sigma))],
            [null, .. moves.Select(m => (ChartPoint?)Wide(m, d2 * sigma, d3 * sigma))], sigma);
    }

    /// <summary>Share of nonconforming items.</summary>
    /// <param name="counts">Nonconforming and inspected; inspected at least 1.</param>
    public static ControlChart P(IReadOnlyList<(int Nonconforming, int Inspected)> counts) => Attribute(ChartKind.P, counts, (p, n) => Math.Sqrt(p * (1 - p) / n), 1);

    /// <summary>Nonconformities per unit.</summary>
    /// <param name="counts">Nonconformities and inspected units; units at least 1.</param>
    public static ControlChart U(IReadOnlyList<(int Nonconforming, int Inspected)> counts) => Attribute(ChartKind.U, counts, (u, n) => Math.Sqrt(u / n), double.PositiveInfinity);

    private static ControlChart Attribute(ChartKind kind, IReadOnlyList<(int Nonconforming, int Inspected)> counts, Func<double, int, double> sigmaOf, double most)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count < 2 || counts.Any(c => c.Inspected < 1 || c.Nonconforming < 0 || (kind == ChartKind.P && c.Nonconforming > c.Inspected)))
            throw new ArgumentException("At least two samples, each with one inspected unit or more and no more nonconforming items than inspected.", nameof(counts));
        var centre = counts.Sum(c => (double)c.Nonconforming) / counts.Sum(c => (double)c.Inspected);
        return new(kind, [.. counts.Select(c =>
        {
            var sigma = sigmaOf(centre, c.Inspected);
            return new ChartPoint((double)c.Nonconforming / c.Inspected, centre, Math.Max(0, centre - 3 * sigma), Math.Min(most, centre + 3 * sigma), sigma);
        })], [], null);
    }

    private static ControlChart Of(ChartKind kind, IReadOnlyList<IReadOnlyList<double>> samples, int n, double sigma, double[] spreads, double centreSpread, double sigmaSpread)
    {
        var centre = samples.Average(s => s.Average());
        var wide = sigma / Math.Sqrt(n);
        return new(kind, [.. samples.Select(s => new ChartPoint(s.Average(), centre, centre - 3 * wide, centre + 3 * wide, wide))],
            [.. spreads.Select(r => (ChartPoint?)Wide(r, centreSpread, sigmaSpread))], sigma);
    }

    private static ChartPoint Wide(double value, double centre, double sigma) => new(value, centre, Math.Max(0, centre - 3 * sigma), centre + 3 * sigma, sigma);

    private static int SizeOf(IReadOnlyList<IReadOnlyList<double>> samples, int most)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count < 2 || samples.Any(s => s.Count != samples[0].Count) || samples[0].Count < 2 || samples[0].Count > most)
            throw new ArgumentException($"At least two samples, all of one size from 2 to {most}.", nameof(samples));
        return samples[0].Count;
    }
}

internal static class Statistics
{
    /// <summary>Sample standard deviation (n − 1); 0 for one value.</summary>
    public static double Deviation(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return 0;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }
}
