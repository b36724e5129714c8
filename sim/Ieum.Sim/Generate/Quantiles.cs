namespace Ieum.Sim.Generate;

/// <summary>Quantile tables: making them from values, drawing from them.</summary>
internal static class Quantiles
{
    /// <param name="values">Any order; sorted in place.</param>
    /// <param name="steps">The table has one entry more; 20 gives steps of 5 %.</param>
    /// <param name="trim">Share cut off at either end, so that a single wild value does not become a habit.</param>
    public static double[] Of(List<double> values, int steps, double trim = 0)
    {
        if (values.Count == 0) return [];
        values.Sort();
        return [.. Enumerable.Range(0, steps + 1).Select(i => Significant(At(values, Math.Clamp((double)i / steps, trim, 1 - trim))))];
    }

    /// <summary>The value at share <paramref name="u"/> of a table, 0 to 1, straight lines between entries.</summary>
    public static double At(IReadOnlyList<double> table, double u)
    {
        var place = Math.Clamp(u, 0, 1) * (table.Count - 1);
        var below = (int)place;
        return below + 1 >= table.Count ? table[^1] : table[below] + (place - below) * (table[below + 1] - table[below]);
    }

    /// <summary>Six digits: enough for a model, and the file stays readable.</summary>
    public static double Significant(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return 0;
        var scale = Math.Pow(10, 5 - (int)Math.Floor(Math.Log10(Math.Abs(value))));
        return scale > 1e12 ? 0 : Math.Round(value * scale) / scale;
    }
}
