namespace Ieum.Analyze;

/// <summary>An estimate with its interval.</summary>
/// <param name="Low">Lower end of the interval at the asked confidence.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Estimate(double Value, double Low, double High);

/// <summary>Capability of a process against its limits, after ISO 22514-2.</summary>
/// <param name="Cp">Null with one limit only.</param>
/// <param name="Cpk">From the spread within samples.</param>
/// <param name="Pp">From the spread of everything; null with one limit only.</param>
/// <param name="SigmaWithin">Spread within samples.</param>
/// <param name="SigmaOverall">Sample standard deviation of all values.</param>
public sealed record Capability(int Count, double Mean, double SigmaWithin, double SigmaOverall, Estimate? Cp, Estimate Cpk, Estimate? Pp, Estimate Ppk)
{
    /// <param name="values">At least two, not all equal.</param>
    /// <param name="sigmaWithin">From a control chart; null takes moving ranges of the values.</param>
    /// <param name="freedomWithin">Degrees of freedom of that estimate; null: 0.62 · (n − 1), what moving ranges are worth beside a standard deviation (Nelson 1982).</param>
    /// <param name="confidence">Of the intervals, 0.5 to 0.999.</param>
    /// <returns>Null where nothing can be said: no limit, fewer than two values, or no spread at all.</returns>
    public static Capability? Of(IReadOnlyList<double> values, double? lower, double? upper, double? sigmaWithin = null, double? freedomWithin = null, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(confidence, 0.5);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(confidence, 0.999);
        if (values.Count < 2 || (lower is null && upper is null) || lower >= upper) return null;
        var n = values.Count;
        var (mean, overall) = (values.Average(), Statistics.Deviation(values));
        var within = sigmaWithin ?? values.Skip(1).Zip(values, (b, a) => Math.Abs(b - a)).Average() / SpcConstants.D2(2);
        if (!(overall > 0) || !(within > 0)) return null;
        var free = freedomWithin ?? Math.Max(1, 0.62 * (n - 1));
        return new(n, mean, within, overall, Both(within, free), Worse(within, free), Both(overall, n - 1), Worse(overall, n - 1));

        // The variance is chi-square: exact for normal values.
        Estimate? Both(double sigma, double freedom)
        {
            if (lower is not { } l || upper is not { } u) return null;
            var value = (u - l) / (6 * sigma);
            return new(value, value * Math.Sqrt(Normal.ChiSquareQuantile((1 - confidence) / 2, freedom) / freedom),
                value * Math.Sqrt(Normal.ChiSquareQuantile((1 + confidence) / 2, freedom) / freedom));
        }

        // Bissell (Applied Statistics 39, 1990): normal approximation, good from about 20 values on.
        Estimate Worse(double sigma, double freedom)
        {
            var value = Math.Min((upper - mean) / (3 * sigma) ?? double.PositiveInfinity, (mean - lower) / (3 * sigma) ?? double.PositiveInfinity);
            var half = Normal.Quantile((1 + confidence) / 2) * Math.Sqrt(1 / (9.0 * n) + value * value / (2 * freedom));
            return new(value, value - half, value + half);
        }
    }
}
