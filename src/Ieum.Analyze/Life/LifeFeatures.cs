namespace Ieum.Analyze;

/// <summary>What is known of a unit after so many cycles, as numbers: level, trend and drift of every telling sensor, its wear, and its age.</summary>
internal sealed class LifeFeatures(LifeRegimes regimes, WearIndex wear)
{
    private const int Short = 5, Middle = 15, Long = 30, PerSensor = 6;
    private const double Smooth = 0.1;

    public int Width => regimes.Sensors.Length * PerSensor + WearIndex.Features + 1;

    /// <summary>The longest window that levels and trends are taken from, in rows, where the unit is that old.</summary>
    public static int Window => 80;

    /// <summary>Features after each row of a unit; the ones after row i use rows up to i only.</summary>
    public float[][] Of(LifeUnit unit)
    {
        var n = unit.Rows.Length;
        var all = new float[n][];
        for (var i = 0; i < n; i++) all[i] = new float[Width];
        var z = new double[n];
        for (var s = 0; s < regimes.Sensors.Length; s++)
        {
            for (var i = 0; i < n; i++) z[i] = regimes.Of(unit.Rows[i], regimes.Sensors[s]);
            var (smooth, first, at) = (z[0], 0.0, s * PerSensor);
            for (var i = 0; i < n; i++)
            {
                smooth += (z[i] - smooth) * Math.Max(Smooth, 1.0 / (i + 1));
                if (i < Short) first += (z[i] - first) / (i + 1);
                var row = all[i];
                row[at] = (float)Mean(z, i, Short);
                row[at + 1] = (float)Mean(z, i, Middle);
                row[at + 2] = (float)Mean(z, i, Long);
                row[at + 3] = (float)Slope(z, i, Long);
                row[at + 4] = (float)smooth;
                row[at + 5] = (float)(smooth - first);
            }
        }
        wear.Write(unit, all, regimes.Sensors.Length * PerSensor);
        for (var i = 0; i < n; i++) all[i][^1] = unit.Rows[i].Cycle;
        return all;
    }

    internal static double Mean(double[] z, int end, int window)
    {
        var (from, sum) = (Math.Max(0, end + 1 - window), 0.0);
        for (var i = from; i <= end; i++) sum += z[i];
        return sum / (end + 1 - from);
    }

    /// <summary>Least squares slope per row; 0 with fewer than five rows.</summary>
    internal static double Slope(double[] z, int end, int window)
    {
        var from = Math.Max(0, end + 1 - window);
        var n = end + 1 - from;
        if (n < 5) return 0;
        double middle = (n - 1) / 2.0, top = 0, bottom = 0;
        for (var i = 0; i < n; i++)
        {
            top += (i - middle) * z[from + i];
            bottom += (i - middle) * (i - middle);
        }
        return top / bottom;
    }
}
