namespace Ieum.Analyze;

/// <summary>How long a current stood at which level, with the past fading: what the threshold of a clamp is read from.</summary>
/// <remarks>
/// Bins are equal ratios (an eighth of an octave, 9 %), because what a machine draws spreads in proportion: standby is a narrow
/// line, cutting a broad hill, and on a linear axis the hill would pull every threshold into itself. Everything under 1 % of the
/// upper level counts as nothing, so the noise of an open clamp is one line too.
/// </remarks>
internal sealed class LevelHistogram(TimeSpan halfLife)
{
    private const int PerOctave = 8, Lowest = -20 * PerOctave, Highest = 20 * PerOctave;   // a millionth to a million
    private const double Nothing = 0.01;

    private readonly double[] _weights = new double[Highest - Lowest + 1];
    private readonly double _halfLifeSeconds = halfLife.TotalSeconds;
    private double _scale = 1;

    /// <summary>Seconds seen, the faded ones counted less.</summary>
    public double Total { get; private set; }

    /// <param name="magnitude">Absolute value; finite.</param>
    /// <param name="seconds">How long it stood; zero or more.</param>
    public void Add(double magnitude, double seconds)
    {
        if (!(seconds > 0)) return;
        // The past fades by weighing the present more, which touches one bin instead of all.
        _scale *= Math.Pow(2, seconds / _halfLifeSeconds);
        _weights[BinOf(magnitude)] += seconds * _scale;
        Total = Total * Math.Pow(2, -seconds / _halfLifeSeconds) + seconds;
        if (_scale < 1e9) return;
        for (var i = 0; i < _weights.Length; i++) _weights[i] /= _scale;
        _scale = 1;
    }

    /// <summary>
    /// The levels the current keeps to; null while only one can be told.
    /// </summary>
    /// <param name="leastSeconds">How long each level must have stood.</param>
    public Levels? Find(double leastSeconds)
    {
        var (x, w) = Lines();
        if (x.Count < 2) return null;
        return new Sums(x, w, _scale).Find(leastSeconds);
    }

    /// <summary>Occupied bins as (log2 of the level, weight), everything near nothing joined into one line.</summary>
    private (List<double> X, List<double> W) Lines()
    {
        var upper = Upper();
        var floor = BinOf(upper * Nothing);
        var (x, w) = (new List<double>(), new List<double>());
        var none = 0.0;
        for (var i = 0; i < _weights.Length; i++)
        {
            if (i <= floor) none += _weights[i];
            if (i == floor && none > 0) { x.Add(LogOf(i)); w.Add(none); }
            if (i > floor && _weights[i] > 0) { x.Add(LogOf(i)); w.Add(_weights[i]); }
        }
        return (x, w);
    }

    /// <summary>The level under which 99 % of the time lies: one start-up peak must not set the scale.</summary>
    private double Upper()
    {
        var all = _weights.Sum();
        var above = 0.0;
        for (var i = _weights.Length - 1; i >= 0; i--)
            if ((above += _weights[i]) > 0.01 * all) return Math.Pow(2, LogOf(i));
        return 0;
    }

    private static int BinOf(double magnitude) => magnitude <= 0 || double.IsNaN(magnitude) ? 0
        : Math.Clamp((int)Math.Round(Math.Log2(magnitude) * PerOctave), Lowest, Highest) - Lowest;

    private static double LogOf(int bin) => (bin + Lowest) / (double)PerOctave;

    /// <summary>Running sums over the lines, so that a class costs three subtractions.</summary>
    private sealed class Sums
    {
        /// <summary>Levels nearer than a quarter are one level that wanders.</summary>
        private const double LeastRatioLog = 0.32;
        /// <summary>Distance of two levels in widths (standard deviations) of both; an even hill cut in two has 1.73, wherever it is cut.</summary>
        private const double LeastDistance = 2;
        /// <summary>A line that lies in one bin is half a bin wide.</summary>
        private const double LeastWidth = 0.5 / PerOctave;
        /// <summary>Share of the time below which a level is taken for accidents.</summary>
        private const double LeastShare = 0.005;
        /// <summary>A third level must hold this share of the time; start-up peaks beyond the work do not.</summary>
        private const double LeastNestedShare = 0.02;
        /// <summary>A machine that is switched off draws less than a thirtieth of what it draws at work.</summary>
        private const double OffLog = 4.9;
        /// <summary>Three levels have next to nothing between them; one that spreads has no such valley.</summary>
        private const double DeepestValley = 0.1;

        private readonly double[] _w, _wx, _wxx;
        private readonly List<double> _x;
        private readonly double _unit;

        public Sums(List<double> x, List<double> w, double unit)
        {
            (_x, _unit) = (x, unit);
            (_w, _wx, _wxx) = (new double[x.Count + 1], new double[x.Count + 1], new double[x.Count + 1]);
            for (var i = 0; i < x.Count; i++)
                (_w[i + 1], _wx[i + 1], _wxx[i + 1]) = (_w[i] + w[i], _wx[i] + w[i] * x[i], _wxx[i] + w[i] * x[i] * x[i]);
        }

        /// <summary>Two levels, and the third where one of them is off.</summary>
        public Levels? Find(double leastSeconds)
        {
            if (Split(0, _x.Count, leastSeconds) is not { } at) return null;
            var (low, high) = (Mean(0, at), Mean(at, _x.Count));
            // Only a lowest level that is next to nothing makes the next one standby; else the levels are kinds of work.
            if (high - low >= OffLog && Split(at, _x.Count, leastSeconds) is { } upper && Common(at, upper) && Common(upper, _x.Count) && HasValley(at, upper, _x.Count))
                return Of(at, upper);
            if (Split(0, at, leastSeconds) is { } lower && high - Mean(0, lower) >= OffLog && HasValley(0, lower, at))
                return Of(lower, at);
            return new(null, Value(low), Value(high), Value(Between(at, low, high)), 0);
        }

        private Levels Of(int offEnd, int standbyEnd)
        {
            var (off, low, high) = (Mean(0, offEnd), Mean(offEnd, standbyEnd), Mean(standbyEnd, _x.Count));
            return new(Value(off), Value(low), Value(high), Value(Between(standbyEnd, low, high)), Value(Between(offEnd, off, low)));
        }

        /// <summary>
        /// Where to part a stretch into two levels: least error for two normal classes of unequal width (Kittler and Illingworth,
        /// Pattern Recognition 19, 1986). Null when they are too near, too rare, or one hill cut in two.
        /// </summary>
        private int? Split(int from, int to, double leastSeconds)
        {
            var (best, at) = (double.PositiveInfinity, 0);
            var all = _w[to] - _w[from];
            for (var i = from + 1; i < to; i++)
            {
                if (!Enough(from, i, leastSeconds) || !Enough(i, to, leastSeconds)) continue;
                var (p, q) = ((_w[i] - _w[from]) / all, (_w[to] - _w[i]) / all);
                var error = p * Math.Log(Width(from, i) / p) + q * Math.Log(Width(i, to) / q);
                if (error < best) (best, at) = (error, i);
            }
            if (at == 0) return null;
            var distance = Mean(at, to) - Mean(from, at);
            return distance >= LeastRatioLog && distance >= LeastDistance * (Width(from, at) + Width(at, to)) ? at : null;
        }

        private bool HasValley(int from, int at, int to)
        {
            var (left, right) = (Peak(from, at), Peak(at, to));
            var valley = double.PositiveInfinity;
            for (var i = left; i < right; i++)
            {
                // Lines further apart than a bin have an empty one between them.
                if (_x[i + 1] - _x[i] > 1.5 / PerOctave) return true;
                if (i > left) valley = Math.Min(valley, (Weight(i - 1) + Weight(i) + Weight(i + 1)) / 3);
            }
            return valley <= DeepestValley * Math.Min(Weight(left), Weight(right));
        }

        private bool Common(int from, int to) => _w[to] - _w[from] >= LeastNestedShare * _w[^1];

        private double Weight(int line) => _w[line + 1] - _w[line];

        private int Peak(int from, int to)
        {
            var peak = from;
            for (var i = from; i < to; i++) if (Weight(i) > Weight(peak)) peak = i;
            return peak;
        }

        // Middle of the empty stretch between two classes where there is one: hysteresis then has room on both sides.
        private double Between(int at, double low, double high) => Math.Clamp((_x[at - 1] + _x[at]) / 2, low, high);

        private bool Enough(int from, int to, double leastSeconds) =>
            _w[to] - _w[from] is var w && w / _unit >= leastSeconds && w >= LeastShare * _w[^1];

        private double Width(int from, int to) => Math.Max(LeastWidth, Math.Sqrt(Inside(from, to) / (_w[to] - _w[from])));

        private double Mean(int from, int to) => (_wx[to] - _wx[from]) / (_w[to] - _w[from]);

        /// <summary>Weighted sum of squares inside a class.</summary>
        private double Inside(int from, int to)
        {
            var w = _w[to] - _w[from];
            return w <= 0 ? 0 : Math.Max(0, _wxx[to] - _wxx[from] - (_wx[to] - _wx[from]) * (_wx[to] - _wx[from]) / w);
        }

        private static double Value(double log) => Math.Pow(2, log);
    }
}

/// <summary>The levels of a clamp's current, in its unit.</summary>
/// <param name="Off">Drawn while switched off; null where that level was never seen, or cannot be told from standby.</param>
/// <param name="Border">Between standby and work.</param>
/// <param name="OffBorder">Between off and standby; 0 where there is no off.</param>
internal sealed record Levels(double? Off, double Standby, double Work, double Border, double OffBorder);
