namespace Ieum.Analyze;

/// <summary>
/// How the signals of one machine usually go together, fitted overnight: medians and spreads per signal, then the Mahalanobis
/// distance of a row from the learned ones. A spindle that draws much while nothing is fed is unusual, though each value alone is not.
/// </summary>
public sealed class TogetherModel
{
    public const string Model = "machine-mahalanobis", Version = "1";

    // Pulls the correlations towards independence, so that two signals that say the same do not make every rounding an alarm.
    private const double Shrink = 0.01, Clip = 8, Beyond = 1.5, Quantile = 0.999;
    private const int LeastRows = 500;
    private readonly double[] _median, _scale;
    private readonly double[][] _factor;
    private readonly double _limit;

    private TogetherModel(double[] median, double[] scale, double[][] factor, double limit, int rows) =>
        (_median, _scale, _factor, _limit, Rows) = (median, scale, factor, limit, rows);

    /// <summary>Rows learned from.</summary>
    public int Rows { get; }

    public double Confidence => 1 - Math.Exp(-Rows / 1000.0);

    /// <param name="rows">One array per moment, the signals always in the same order. Rows with a value that is no number are left out.</param>
    /// <returns>Null with fewer than 500 usable rows or fewer than two signals that move.</returns>
    public static TogetherModel? Fit(IReadOnlyList<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var usable = rows.Where(r => r.All(double.IsFinite)).ToList();
        if (usable.Count < LeastRows || usable[0].Length < 2) return null;
        var width = usable[0].Length;
        var (median, scale) = (new double[width], new double[width]);
        for (var j = 0; j < width; j++)
        {
            var column = usable.Select(r => r[j]).Order().ToArray();
            median[j] = column[column.Length / 2];
            // Half of many signals is standing still, where the middle spread is 0: then the plain deviation.
            var middle = column.Select(v => Math.Abs(v - median[j])).Order().ElementAt(column.Length / 2) * 1.4826;
            var mean = column.Average();
            var plain = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
            scale[j] = middle > 0.1 * plain ? middle : plain;
        }
        if (scale.Count(s => s > 0) < 2) return null;
        var scaled = usable.Select(r => Scaled(r, median, scale)).ToList();
        var factor = new double[width][];
        for (var i = 0; i < width; i++)
        {
            factor[i] = new double[width];
            for (var j = 0; j <= i; j++)
            {
                var covariance = scaled.Sum(z => z[i] * z[j]) / scaled.Count;
                factor[i][j] = i == j ? covariance + Shrink : covariance * (1 - Shrink);
            }
        }
        Cholesky(factor);
        var distances = scaled.Select(z => Distance(z, factor)).Order().ToArray();
        return new(median, scale, factor, distances[(int)((distances.Length - 1) * Quantile)], usable.Count);
    }

    /// <summary>0 to 1; 0.5 at one and a half times the distance that 999 of 1,000 learned rows stayed within. A row with a value that is no number scores 0.</summary>
    /// <exception cref="ArgumentException">Another number of signals than learned.</exception>
    public double Score(ReadOnlySpan<double> row)
    {
        if (row.Length != _median.Length) throw new ArgumentException($"A row has {_median.Length} signals, not {row.Length}.", nameof(row));
        foreach (var v in row) if (!double.IsFinite(v)) return 0;
        var beyond = Distance(Scaled(row.ToArray(), _median, _scale), _factor) / (Beyond * _limit + 1e-12);
        return beyond / (1 + beyond);
    }

    private static double[] Scaled(double[] row, double[] median, double[] scale)
    {
        var z = new double[row.Length];
        for (var j = 0; j < z.Length; j++)
            z[j] = scale[j] > 0 ? Math.Clamp((row[j] - median[j]) / scale[j], -Clip, Clip) : row[j] == median[j] ? 0 : Clip;
        return z;
    }

    /// <summary>In place, lower triangle; the shrinkage keeps it positive definite.</summary>
    private static void Cholesky(double[][] a)
    {
        for (var i = 0; i < a.Length; i++)
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i][j];
                for (var k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
                a[i][j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-9)) : sum / a[j][j];
            }
    }

    /// <summary>√(zᵀ Σ⁻¹ z) by forward substitution.</summary>
    private static double Distance(double[] z, double[][] factor)
    {
        var (y, sum) = (new double[z.Length], 0.0);
        for (var i = 0; i < z.Length; i++)
        {
            var rest = z[i];
            for (var k = 0; k < i; k++) rest -= factor[i][k] * y[k];
            y[i] = rest / factor[i][i];
            sum += y[i] * y[i];
        }
        return Math.Sqrt(sum);
    }
}
