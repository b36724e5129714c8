using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>
/// The usual shape of a cyclic signal, fitted overnight: windows of one period are told by their mean and a few principal
/// components (Sub-PCA); a window that the components cannot rebuild has an unusual shape, even where no value is out of range.
/// </summary>
public sealed class ShapeModel
{
    public const string Model = "shape-pca", Version = "1";

    private const int Components = 3, Rounds = 60, LeastPeriod = 8, LeastPeriods = 10, MostWindows = 2000;
    private const double LeastCorrelation = 0.4, Beyond = 1.5, Quantile = 0.99;
    private readonly double[] _mean;
    private readonly double[][] _components;
    private readonly double _limit;

    private ShapeModel(int period, double[] mean, double[][] components, double limit, int windows) =>
        (Period, _mean, _components, _limit, Windows) = (period, mean, components, limit, windows);

    /// <summary>Length of a window in values.</summary>
    public int Period { get; }

    /// <summary>Windows learned from.</summary>
    public int Windows { get; }

    /// <summary>0 to 1; grows with the periods seen.</summary>
    public double Confidence => 1 - Math.Exp(-Windows / (double)(LeastPeriods * 10));

    /// <summary>Learns from evenly spaced values. The same values give the same model.</summary>
    /// <returns>Null when the signal is not cyclic, or fewer than ten periods were seen: then there is no shape to speak of.</returns>
    public static ShapeModel? Fit(ReadOnlySpan<double> values)
    {
        if (PeriodOf(values) is not { } period || values.Length < LeastPeriods * period) return null;
        var step = Math.Max(1, (values.Length - period) / MostWindows);
        var windows = new List<double[]>();
        for (var at = 0; at + period <= values.Length; at += step)
            if (AllFinite(values.Slice(at, period))) windows.Add(values.Slice(at, period).ToArray());
        if (windows.Count < LeastPeriods) return null;
        var mean = new double[period];
        foreach (var w in windows) for (var i = 0; i < period; i++) mean[i] += w[i] / windows.Count;
        var rests = windows.Select(w => w.Select((v, i) => v - mean[i]).ToArray()).ToList();
        var components = new List<double[]>();
        for (var c = 0; c < Math.Min(Components, period - 1); c++)
        {
            var direction = Strongest(rests, period);
            components.Add(direction);
            foreach (var r in rests) TakeOut(r, direction);
        }
        var errors = rests.Select(Length).Order().ToArray();
        return new(period, mean, [.. components], errors[(int)((errors.Length - 1) * Quantile)], windows.Count);
    }

    /// <summary>How much of a window cannot be rebuilt, 0 to 1; 0.5 at one and a half times what 99 % of the learned ones had.</summary>
    /// <exception cref="ArgumentException">The window is not one <see cref="Period"/> long.</exception>
    public double Score(ReadOnlySpan<double> window)
    {
        if (window.Length != Period) throw new ArgumentException($"A window has {Period} values, not {window.Length}.", nameof(window));
        if (!AllFinite(window)) return 0;
        var rest = new double[Period];
        for (var i = 0; i < Period; i++) rest[i] = window[i] - _mean[i];
        foreach (var c in _components) TakeOut(rest, c);
        var beyond = Length(rest) / (Beyond * _limit + 1e-12);
        return double.IsFinite(beyond) ? beyond / (1 + beyond) : 1;
    }

    /// <summary>Windows of a stretch that score an alarm, each at its strongest; overlapping ones are one.</summary>
    /// <param name="least">From which score on it is an alarm, 0 to 1.</param>
    public ImmutableArray<(int From, double Score)> Unusual(ReadOnlySpan<double> values, double least = 0.5)
    {
        var found = ImmutableArray.CreateBuilder<(int, double)>();
        var (best, until) = ((From: -1, Score: 0.0), 0);
        for (var at = 0; at + Period <= values.Length; at++)
        {
            if (best.From >= 0 && at > until)
            {
                found.Add(best);
                best = (-1, 0);
            }
            if (Score(values.Slice(at, Period)) is var score && score < least) continue;
            if (score > best.Score) best = (at, score);
            until = at + Period;
        }
        if (best.From >= 0) found.Add(best);
        return found.ToImmutable();
    }

    /// <summary>The first strong peak of the autocorrelation.</summary>
    internal static int? PeriodOf(ReadOnlySpan<double> values)
    {
        var n = Math.Min(values.Length, 4096);
        var newest = values[^n..].ToArray();
        for (var i = 0; i < n; i++) if (!double.IsFinite(newest[i])) newest[i] = i > 0 ? newest[i - 1] : 0;
        if (n < LeastPeriod * LeastPeriods) return null;
        var mean = newest.Average();
        var variance = newest.Sum(v => (v - mean) * (v - mean));
        if (variance <= 1e-12 * n * (1 + mean * mean)) return null;
        var correlation = new double[n / 4];
        for (var lag = 1; lag < correlation.Length; lag++)
        {
            var sum = 0.0;
            for (var i = 0; i + lag < n; i++) sum += (newest[i] - mean) * (newest[i + lag] - mean);
            correlation[lag] = sum / variance * n / (n - lag);
        }
        // Behind the first fall below zero, so that mere smoothness is no period; near the highest peak the shortest lag counts.
        var begin = Array.FindIndex(correlation, 1, c => c < 0);
        if (begin < 0) return null;
        var top = correlation.Skip(begin).DefaultIfEmpty(0).Max();
        if (top < LeastCorrelation) return null;
        for (var lag = Math.Max(begin, LeastPeriod); lag + 1 < correlation.Length; lag++)
            if (correlation[lag] >= 0.9 * top && correlation[lag] >= correlation[lag - 1] && correlation[lag] >= correlation[lag + 1]) return lag;
        return null;
    }

    /// <summary>Power iteration from a fixed start: the same rows give the same direction.</summary>
    private static double[] Strongest(List<double[]> rows, int width)
    {
        var direction = Enumerable.Range(0, width).Select(i => 1.0 + 0.1 * ((i * 7) % 5)).ToArray();
        Normalise(direction);
        for (var round = 0; round < Rounds; round++)
        {
            var next = new double[width];
            foreach (var row in rows)
            {
                var dot = Dot(row, direction);
                for (var i = 0; i < width; i++) next[i] += dot * row[i];
            }
            if (Length(next) < 1e-300) break;
            Normalise(next);
            direction = next;
        }
        return direction;
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        foreach (var v in values) if (!double.IsFinite(v)) return false;
        return true;
    }

    private static void TakeOut(double[] row, double[] direction)
    {
        var dot = Dot(row, direction);
        for (var i = 0; i < row.Length; i++) row[i] -= dot * direction[i];
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double Length(double[] v) => Math.Sqrt(Dot(v, v));

    private static void Normalise(double[] v)
    {
        var length = Length(v);
        for (var i = 0; i < v.Length; i++) v[i] /= length;
    }
}
