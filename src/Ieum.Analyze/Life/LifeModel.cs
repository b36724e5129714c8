namespace Ieum.Analyze;

/// <summary>A fitted model of remaining life: boosted trees, the ridge baseline beside them, and residuals of units that were left out.</summary>
internal sealed class LifeModel
{
    public const string Name = "boosted-trees", Version = "1";

    /// <summary>Far from the end nothing shows yet, so the trees learn min(remaining, Cap). Papers use 125; 130 is as good there and better on raw truth.</summary>
    public const double Cap = 130;

    /// <summary>Part of units whose true remaining life shall lie inside the interval.</summary>
    public const double Confidence = 0.9;

    public const int LeastUnits = 10, Folds = 5;
    // Intervals are made from units cut off with at most this much left: with more, only "at least so long" can be said.
    private const double LongestCut = 150;
    private const int ShortestHistory = 30, Trees = 300, Seeds = 2, FoldTrees = 200;
    private readonly LifeFeatures _features;
    private readonly BoostedModel _boosted;
    private readonly RidgeModel _ridge;
    private readonly (double Predicted, double Residual)[] _leftOut;

    /// <exception cref="RecordingException">Fewer than ten units.</exception>
    public LifeModel(IReadOnlyList<LifeUnit> units, string file, CancellationToken cancel)
    {
        if (units.Count < LeastUnits)
            throw new RecordingException(AnalyzeRules.LifeFewUnits, $"'{file}' holds {units.Count} units. {AnalyzeRules.All[AnalyzeRules.LifeFewUnits]}");
        _leftOut = LeftOut(units, cancel);
        (_features, _boosted, _ridge, Regimes) = Fit(units, Seeds, Trees);
        Rows = units.Sum(u => u.Rows.Length);
    }

    public int Rows { get; }
    public int Regimes { get; }

    public LifePrediction Predict(LifeUnit unit)
    {
        var newest = _features.Of(unit)[^1];
        var rul = Math.Clamp(_boosted.Predict([newest])[0], 0, Cap);
        var (low, high) = Interval(rul);
        var rows = unit.Rows;
        return new(unit.Number, Round(rul), Round(low), Round(high), Round(Math.Clamp(_ridge.Predict(newest), 0, Cap)),
            rows[^1].Cycle, rows[Math.Max(0, rows.Length - LifeFeatures.Window)].Cycle, rows.Length);
    }

    /// <summary>5 % and 95 % quantile of what the tenth of the left-out cases with the most similar predictions were off by (split conformal).</summary>
    private (double Low, double High) Interval(double rul)
    {
        var near = _leftOut.OrderBy(r => Math.Abs(r.Predicted - rul)).ThenBy(r => r.Residual).Take(Math.Max(40, _leftOut.Length / 10)).Select(r => r.Residual).Order().ToArray();
        var tail = (1 - Confidence) / 2;
        // Ranks for a case that is not among them: (n + 1)·q, outwards.
        var low = near[Math.Clamp((int)Math.Floor((near.Length + 1) * tail) - 1, 0, near.Length - 1)];
        var high = near[Math.Clamp((int)Math.Ceiling((near.Length + 1) * (1 - tail)) - 1, 0, near.Length - 1)];
        return (Math.Clamp(rul + low, 0, rul), Math.Max(rul, rul + high));
    }

    /// <summary>Every unit judged by a model that never saw it, after each of its cycles that a later unit may be cut off at.</summary>
    private static (double, double)[] LeftOut(IReadOnlyList<LifeUnit> units, CancellationToken cancel)
    {
        var residuals = new List<(double, double)>();
        for (var fold = 0; fold < Folds; fold++)
        {
            cancel.ThrowIfCancellationRequested();
            var (features, boosted, _, _) = Fit([.. units.Where((_, i) => i % Folds != fold)], 1, FoldTrees);
            foreach (var unit in units.Where((_, i) => i % Folds == fold))
            {
                var predicted = boosted.Predict(features.Of(unit));
                for (var i = Math.Min(ShortestHistory, unit.Rows.Length - 1); i < predicted.Length; i++)
                    if (Remaining(unit, i) is var truth && truth <= LongestCut && Math.Clamp(predicted[i], 0, Cap) is var p) residuals.Add((p, truth - p));
            }
        }
        return [.. residuals];
    }

    internal static (LifeFeatures Features, BoostedModel Boosted, RidgeModel Ridge, int Regimes) Fit(IReadOnlyList<LifeUnit> units, int seeds, int trees)
    {
        var regimes = new LifeRegimes([.. units]);
        var features = new LifeFeatures(regimes, new(regimes, [.. units]));
        var (x, y) = (new List<float[]>(), new List<float>());
        foreach (var unit in units)
        {
            var all = features.Of(unit);
            for (var i = 0; i < all.Length; i++)
            {
                // Healthy rows are many and all say "cap"; half of them teach the same.
                if (Remaining(unit, i) > Cap && i % 2 == 1) continue;
                x.Add(all[i]);
                y.Add((float)Math.Min(Cap, Remaining(unit, i)));
            }
        }
        return (features, new(x, y, seeds, trees), new(x, y), regimes.Count);
    }

    /// <summary>Cycles from row <paramref name="row"/> to the unit's last, which is its failure.</summary>
    internal static double Remaining(LifeUnit unit, int row) => unit.Rows[^1].Cycle - unit.Rows[row].Cycle;

    private static double Round(double v) => Math.Round(v, 3);
}
