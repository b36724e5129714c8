using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>
/// Takes the operating condition out of the sensors: rows with like settings form a regime, and each sensor is told as
/// standard deviations from its mean in the regime. Sensors that never move, or hardly in any regime, are left out.
/// </summary>
internal sealed class LifeRegimes
{
    // Settings that lie closer together than this are the same condition with noise: C-MAPSS scatters by 0.01 and steps by 0.05 and more.
    private const double LeastGap = 0.02;
    private readonly double[][] _borders;
    private readonly Dictionary<int, (double[] Mean, double[] Deviation)> _regimes;
    private readonly (int Key, double[] Middle)[] _middles;

    /// <summary>Sensors that tell something, as indices from 0.</summary>
    public ImmutableArray<int> Sensors { get; }

    public LifeRegimes(IReadOnlyCollection<LifeUnit> units)
    {
        var rows = units.SelectMany(u => u.Rows).ToArray();
        _borders = [.. Enumerable.Range(0, LifeFile.Settings).Select(s => Borders([.. rows.Select(r => r.Settings[s])]))];
        _regimes = rows.GroupBy(KeyOf).ToDictionary(g => g.Key, g => Moments([.. g]));
        _middles = [.. rows.GroupBy(KeyOf).OrderBy(g => g.Key).Select(g => (g.Key, Middle([.. g])))];
        Sensors = [.. Enumerable.Range(0, LifeFile.Sensors).Where(s => rows.Count(r => Math.Abs(Of(r, s)) > 1e-9) > rows.Length / 2)];
    }

    public int Count => _regimes.Count;

    /// <summary>A sensor of a row, in standard deviations of its regime; 0 where it never moved there.</summary>
    public double Of(LifeRow row, int sensor)
    {
        var key = KeyOf(row);
        if (!_regimes.TryGetValue(key, out var regime)) regime = _regimes[Nearest(row)];
        return regime.Deviation[sensor] > 0 ? (row.Sensors[sensor] - regime.Mean[sensor]) / regime.Deviation[sensor] : 0;
    }

    private int KeyOf(LifeRow row)
    {
        var key = 0;
        for (var s = 0; s < LifeFile.Settings; s++) key = key * 1000 + Math.Min(999, _borders[s].Count(b => row.Settings[s] > b));
        return key;
    }

    /// <summary>A condition that training never saw is judged like the most similar one.</summary>
    private int Nearest(LifeRow row) => _middles.MinBy(m => m.Middle.Zip(row.Settings, (a, b) => Math.Abs(a - b) / (1 + Math.Abs(a))).Sum()).Key;

    private static double[] Borders(double[] values)
    {
        Array.Sort(values);
        var gap = Math.Max(LeastGap, 0.01 * (values[^1] - values[0]));
        return [.. values.Zip(values.Skip(1)).Where(p => p.Second - p.First > gap).Select(p => (p.First + p.Second) / 2)];
    }

    private static (double[], double[]) Moments(LifeRow[] rows)
    {
        var (mean, deviation) = (new double[LifeFile.Sensors], new double[LifeFile.Sensors]);
        for (var s = 0; s < LifeFile.Sensors; s++)
        {
            mean[s] = rows.Average(r => r.Sensors[s]);
            var d = Math.Sqrt(rows.Average(r => (r.Sensors[s] - mean[s]) * (r.Sensors[s] - mean[s])));
            deviation[s] = d > 1e-9 * (1 + Math.Abs(mean[s])) ? d : 0;
        }
        return (mean, deviation);
    }

    private static double[] Middle(LifeRow[] rows) => [.. Enumerable.Range(0, LifeFile.Settings).Select(s => rows.Average(r => r.Settings[s]))];
}
