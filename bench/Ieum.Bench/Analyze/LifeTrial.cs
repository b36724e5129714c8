using Ieum.Analyze;

namespace Ieum.Bench.Analyze;

/// <summary>
/// How good the model is on units it never saw: five folds over the units; each left-out unit is cut off like the units of a
/// C-MAPSS test set (7 to 145 cycles left, at least 30 known) and predicted once per cut.
/// </summary>
internal static class LifeTrial
{
    /// <summary>The cap of truth in most papers on C-MAPSS.</summary>
    public const double PaperCap = 125;

    private const int LeastLeft = 7, MostLeft = 145, LeastKnown = 30, Seeds = 2, Trees = 300;

    /// <param name="Unit">Number of the unit.</param>
    public readonly record struct Case(int Unit, double Truth, double Boosted, double Ridge);

    /// <param name="cuts">Cuts per unit, from 1 on.</param>
    /// <param name="folds">How many of the five folds are run.</param>
    public static List<Case> Run(IReadOnlyList<LifeUnit> units, int cuts, int seed, int folds = LifeModel.Folds)
    {
        var random = new Random(seed);
        var cases = new List<Case>();
        for (var fold = 0; fold < folds; fold++)
        {
            var (features, boosted, ridge, _) = LifeModel.Fit([.. units.Where((_, i) => i % LifeModel.Folds != fold)], Seeds, Trees);
            foreach (var unit in units.Where((_, i) => i % LifeModel.Folds == fold))
            {
                var all = features.Of(unit);
                var predicted = boosted.Predict(all);
                for (var c = 0; c < cuts; c++)
                {
                    var left = random.Next(LeastLeft, Math.Min(MostLeft, all.Length - LeastKnown) + 1);
                    var row = all.Length - 1 - left;
                    cases.Add(new(unit.Number, LifeModel.Remaining(unit, row), Clamp(predicted[row]), Clamp(ridge.Predict(all[row]))));
                }
            }
        }
        return cases;

        static double Clamp(double v) => Math.Clamp(v, 0, LifeModel.Cap);
    }

    /// <summary>Root mean square error.</summary>
    /// <param name="cap">Truth above it counts as it; infinity for raw truth.</param>
    public static double Rmse(IEnumerable<Case> cases, Func<Case, double> model, double cap) =>
        Math.Sqrt(cases.Average(c => Math.Pow(model(c) - Math.Min(cap, c.Truth), 2)));

    /// <summary>95 % interval by drawing whole units with replacement, 2,000 times.</summary>
    public static (double Low, double High) Bootstrap(IReadOnlyList<Case> cases, Func<Case, double> model, double cap, int seed)
    {
        var units = cases.GroupBy(c => c.Unit).Select(g => g.ToArray()).ToArray();
        var random = new Random(seed);
        var drawn = Enumerable.Range(0, 2000).Select(_ => Rmse(Enumerable.Range(0, units.Length).SelectMany(_ => units[random.Next(units.Length)]), model, cap)).Order().ToArray();
        return (drawn[49], drawn[1949]);
    }
}
