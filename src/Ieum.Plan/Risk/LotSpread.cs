using Ieum.Model;

namespace Ieum.Plan;

/// <summary>How much longer than planned lots take: drawn from lots that were, by machine, else by the shop, else by the stated guess.</summary>
internal sealed class LotSpread
{
    private readonly Dictionary<MachineId, double[]> _own;
    private readonly double[] _shop;

    public LotSpread(IReadOnlyList<LotTime> lots)
    {
        _own = lots.GroupBy(l => l.Machine).Where(g => g.Count() >= PlanRisk.EnoughLots).ToDictionary(g => g.Key, g => g.Select(l => l.Factor).Order().ToArray());
        _shop = lots.Count >= PlanRisk.EnoughLots ? [.. lots.Select(l => l.Factor).Order()] : [];
    }

    public RiskSource SourceOf(MachineId machine) => _own.ContainsKey(machine) ? RiskSource.Machine : _shop.Length > 0 ? RiskSource.Shop : RiskSource.Guess;

    /// <summary>The factors an operation on a machine is drawn from; empty for the guess.</summary>
    public double[] FactorsOf(MachineId machine) => _own.GetValueOrDefault(machine, _shop);

    /// <summary>One draw: between two lots that were, evenly; so that ten lots do not give ten answers only.</summary>
    public static double Draw(double[] factors, Luck luck)
    {
        var u = luck.Next(1 << 24) / (double)(1 << 24);
        if (factors.Length == 0) return Triangle(u);
        var at = u * (factors.Length - 1);
        var i = (int)at;
        return i + 1 < factors.Length ? factors[i] + (factors[i + 1] - factors[i]) * (at - i) : factors[i];
    }

    private static double Triangle(double u)
    {
        const double width = PlanRisk.GuessHigh - PlanRisk.GuessLow, rise = PlanRisk.GuessMode - PlanRisk.GuessLow, fall = PlanRisk.GuessHigh - PlanRisk.GuessMode;
        return u < rise / width ? PlanRisk.GuessLow + Math.Sqrt(u * width * rise) : PlanRisk.GuessHigh - Math.Sqrt((1 - u) * width * fall);
    }
}
