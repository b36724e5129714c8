using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>What a feature does to the risk of a bad part.</summary>
/// <param name="OddsPerDeviation">By what the odds of a bad part change when the feature rises by one standard deviation; above 1: more of it is worse.</param>
/// <param name="Share">Its share of the whole influence, 0 to 1; all shares make 1.</param>
public readonly record struct FeatureInfluence(string Feature, double OddsPerDeviation, double Share);

/// <summary>How well the prediction did on parts that it had not seen.</summary>
/// <param name="RankingQuality">Probability that a bad part gets a higher risk than a good one (area under the ROC curve); 0.5 is guessing.</param>
public sealed record QualityCheck(int Parts, int Bad, double RankingQuality);

/// <summary>
/// Risk of a bad part from what the machine did while it was made: logistic regression with a ridge, because a small shop has
/// few bad parts and has to see which feature speaks. Same data, same bytes.
/// </summary>
public sealed class QualityModel
{
    /// <summary>Fewest parts of each kind to learn from; below, every feature explains them by chance.</summary>
    public const int FewestOfEach = 8;
    private const double Ridge = 1.0;
    private const int Folds = 5;

    private readonly double[] _mean, _spread, _weights;

    private QualityModel(ImmutableArray<string> features, double[] mean, double[] spread, double[] weights, QualityCheck check) =>
        (Features, _mean, _spread, _weights, Check) = (features, mean, spread, weights, check);

    public ImmutableArray<string> Features { get; }

    /// <summary>By five folds over the parts in their order.</summary>
    public QualityCheck Check { get; }

    /// <summary>Strongest first.</summary>
    public ImmutableArray<FeatureInfluence> Influences
    {
        get
        {
            var sum = _weights.Skip(1).Sum(Math.Abs);
            return [.. Features.Select((f, i) => new FeatureInfluence(f, Math.Exp(_weights[i + 1]), sum > 0 ? Math.Abs(_weights[i + 1]) / sum : 0))
                .OrderByDescending(f => f.Share).ThenBy(f => f.Feature, StringComparer.Ordinal)];
        }
    }

    /// <param name="rows">One per part, in the order they were made; every row as long as <paramref name="features"/>, all finite.</param>
    /// <param name="bad">Whether that part was bad.</param>
    /// <returns>Null when there are fewer than eight good or eight bad parts.</returns>
    /// <exception cref="ArgumentException">Rows of another length, or values that are no numbers.</exception>
    public static QualityModel? Learn(ImmutableArray<string> features, IReadOnlyList<double[]> rows, IReadOnlyList<bool> bad)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(bad);
        if (rows.Count != bad.Count || rows.Any(r => r.Length != features.Length || !r.All(double.IsFinite)))
            throw new ArgumentException("Every part needs one finite value per feature and its verdict.", nameof(rows));
        var count = bad.Count(b => b);
        if (count < FewestOfEach || bad.Count - count < FewestOfEach) return null;
        var (mean, spread, weights) = Fit(rows, bad);

        // Folds keep the share of bad parts, by counting through each kind: no random numbers, so the same figure every time.
        var (scores, seen) = (new double[rows.Count], new int[2]);
        var fold = bad.Select(b => seen[b ? 1 : 0]++ % Folds).ToArray();
        for (var k = 0; k < Folds; k++)
        {
            var train = Enumerable.Range(0, rows.Count).Where(i => fold[i] != k).ToArray();
            var (m, s, w) = Fit([.. train.Select(i => rows[i])], [.. train.Select(i => bad[i])]);
            for (var i = 0; i < rows.Count; i++) if (fold[i] == k) scores[i] = Score(rows[i], m, s, w);
        }
        return new(features, mean, spread, weights, new(rows.Count, count, Ranking(scores, bad)));
    }

    /// <summary>Risk of a bad part, 0 to 1.</summary>
    public double Risk(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return 1 / (1 + Math.Exp(-Score(row, _mean, _spread, _weights)));
    }

    private static double Score(double[] row, double[] mean, double[] spread, double[] w)
    {
        var score = w[0];
        for (var j = 0; j < row.Length; j++) score += w[j + 1] * (row[j] - mean[j]) / spread[j];
        return score;
    }

    /// <summary>Newton's method on the penalised likelihood; it is concave, so there is one answer.</summary>
    private static (double[] Mean, double[] Spread, double[] Weights) Fit(IReadOnlyList<double[]> rows, IReadOnlyList<bool> bad)
    {
        var d = rows[0].Length;
        var (mean, spread) = (new double[d], new double[d]);
        for (var j = 0; j < d; j++)
        {
            var column = rows.Select(r => r[j]).ToArray();
            mean[j] = column.Average();
            spread[j] = Statistics.Deviation(column) is > 0 and var s ? s : 1;
        }
        var w = new double[d + 1];
        for (var turn = 0; turn < 50; turn++)
        {
            var (gradient, hessian) = (new double[d + 1], new double[d + 1, d + 1]);
            for (var i = 0; i < rows.Count; i++)
            {
                var x = new double[d + 1];
                x[0] = 1;
                for (var j = 0; j < d; j++) x[j + 1] = (rows[i][j] - mean[j]) / spread[j];
                var z = 0.0;
                for (var j = 0; j <= d; j++) z += w[j] * x[j];
                var p = 1 / (1 + Math.Exp(-z));
                for (var j = 0; j <= d; j++)
                {
                    gradient[j] += ((bad[i] ? 1 : 0) - p) * x[j];
                    for (var k = 0; k <= d; k++) hessian[j, k] += Math.Max(1e-9, p * (1 - p)) * x[j] * x[k];
                }
            }
            for (var j = 1; j <= d; j++) (gradient[j], hessian[j, j]) = (gradient[j] - Ridge * w[j], hessian[j, j] + Ridge);
            var step = Solve(hessian, gradient);
            var largest = 0.0;
            for (var j = 0; j <= d; j++)
            {
                var move = Math.Clamp(step[j], -2, 2);
                w[j] += move;
                largest = Math.Max(largest, Math.Abs(move));
            }
            if (largest < 1e-10) break;
        }
        return (mean, spread, w);
    }

    /// <summary>Gauss with pivots; the ridge keeps the matrix regular.</summary>
    private static double[] Solve(double[,] a, double[] b)
    {
        var n = b.Length;
        for (var c = 0; c < n; c++)
        {
            var pivot = c;
            for (var r = c + 1; r < n; r++) if (Math.Abs(a[r, c]) > Math.Abs(a[pivot, c])) pivot = r;
            for (var k = 0; k < n; k++) (a[c, k], a[pivot, k]) = (a[pivot, k], a[c, k]);
            (b[c], b[pivot]) = (b[pivot], b[c]);
            for (var r = c + 1; r < n; r++)
            {
                var f = a[r, c] / a[c, c];
                for (var k = c; k < n; k++) a[r, k] -= f * a[c, k];
                b[r] -= f * b[c];
            }
        }
        for (var r = n - 1; r >= 0; r--)
        {
            for (var k = r + 1; k < n; k++) b[r] -= a[r, k] * b[k];
            b[r] /= a[r, r];
        }
        return b;
    }

    private static double Ranking(double[] scores, IReadOnlyList<bool> bad)
    {
        double right = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (!bad[i]) continue;
            for (var j = 0; j < scores.Length; j++)
            {
                if (bad[j]) continue;
                pairs++;
                right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        return right / pairs;
    }
}
