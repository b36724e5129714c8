namespace Ieum.Analyze;

/// <summary>
/// One figure for how worn a unit is: its sensors along the direction in which units that ran to failure moved from their
/// first cycles to their last, and how long its trend would take to the level at which they failed.
/// </summary>
internal sealed class WearIndex
{
    public const int Features = 12;
    private const int Ends = 10, Farthest = 300;
    private const double Smooth = 0.07, LeastSlope = 1e-4;
    private readonly LifeRegimes _regimes;
    private readonly double[] _direction;
    private readonly double _failure;

    public WearIndex(LifeRegimes regimes, IReadOnlyCollection<LifeUnit> units)
    {
        _regimes = regimes;
        _direction = new double[regimes.Sensors.Length];
        foreach (var unit in units)
        {
            var few = Few(unit);
            for (var s = 0; s < _direction.Length; s++)
                _direction[s] += unit.Rows.TakeLast(few).Average(r => regimes.Of(r, regimes.Sensors[s])) - unit.Rows.Take(few).Average(r => regimes.Of(r, regimes.Sensors[s]));
        }
        var length = Math.Sqrt(_direction.Sum(d => d * d));
        for (var s = 0; s < _direction.Length; s++) _direction[s] /= length > 0 ? length : 1;
        _failure = units.Average(u => u.Rows.TakeLast(Few(u)).Average(Of));
    }

    /// <summary>Writes the features of every row of a unit from column <paramref name="at"/> on; row i uses rows up to i only.</summary>
    public void Write(LifeUnit unit, float[][] into, int at)
    {
        var wear = unit.Rows.Select(Of).ToArray();
        var (smooth, first, most) = (wear[0], 0.0, double.NegativeInfinity);
        for (var i = 0; i < wear.Length; i++)
        {
            smooth += (wear[i] - smooth) * Math.Max(Smooth, 1.0 / (i + 1));
            if (i < Ends) first += (wear[i] - first) / (i + 1);
            var level = LifeFeatures.Mean(wear, i, 10);
            var trend = LifeFeatures.Slope(wear, i, 80);
            most = Math.Max(most, level);
            ReadOnlySpan<double> row =
            [
                LifeFeatures.Mean(wear, i, 5), level, LifeFeatures.Mean(wear, i, 20), LifeFeatures.Mean(wear, i, 40),
                LifeFeatures.Slope(wear, i, 20), LifeFeatures.Slope(wear, i, 40), trend, smooth, smooth - first,
                LifeFeatures.Mean(wear, i, 20) - LifeFeatures.Mean(wear, Math.Max(0, i - 20), 20), most,
                trend > LeastSlope ? Math.Clamp((_failure - level) / trend, -Farthest, Farthest) : Farthest,
            ];
            for (var j = 0; j < Features; j++) into[i][at + j] = (float)row[j];
        }
    }

    private double Of(LifeRow row)
    {
        var sum = 0.0;
        for (var s = 0; s < _direction.Length; s++) sum += _direction[s] * _regimes.Of(row, _regimes.Sensors[s]);
        return sum;
    }

    private static int Few(LifeUnit unit) => Math.Clamp(unit.Rows.Length / 4, 1, Ends);
}
