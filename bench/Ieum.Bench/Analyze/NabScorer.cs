using System.Globalization;
using System.Text.Json;

namespace Ieum.Bench.Analyze;

/// <summary>One labelled series of the Numenta Anomaly Benchmark.</summary>
/// <param name="Name">Path below the data folder.</param>
/// <param name="Windows">First and last row of each window in which a detection counts as right.</param>
internal sealed record NabSeries(string Name, string File, int Rows, IReadOnlyList<(int First, int Last)> Windows)
{
    /// <summary>Reads names and windows of every series that is there, ordered by name.</summary>
    public static List<NabSeries> Load(string nab)
    {
        var series = new List<NabSeries>();
        using var labels = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(nab, "labels", "combined_windows.json")));
        foreach (var label in labels.RootElement.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            var file = Path.Combine(nab, "data", label.Name.Replace('/', Path.DirectorySeparatorChar));
            if (!System.IO.File.Exists(file)) continue;
            var times = System.IO.File.ReadLines(file).Skip(1).Where(l => l.Length > 0).Select(l => At(l[..l.IndexOf(',', StringComparison.Ordinal)])).ToList();
            series.Add(new(label.Name, file, times.Count,
                [.. label.Value.EnumerateArray().Select(w => (times.IndexOf(At(w[0].GetString()!)), times.IndexOf(At(w[1].GetString()!))))]));
        }
        return series;

        static DateTime At(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);
    }
}

/// <summary>Weights of a scoring profile: a true positive weighs 1, the others as given.</summary>
internal sealed record NabProfile(string Name, double FalsePositive, double FalseNegative)
{
    public static NabProfile Standard { get; } = new("standard", 0.11, 1);
    public static NabProfile LowFalsePositives { get; } = new("reward low FP", 0.22, 1);
    public static NabProfile LowFalseNegatives { get; } = new("reward low FN", 0.11, 2);
}

/// <summary>
/// The scoring of the Numenta Anomaly Benchmark, written anew from its published rules: a detection counts by its place in or
/// behind a window, the earliest of a window counts once, the first 15 % of a series (at most 750 rows) count nothing, and
/// 0 is a detector that never speaks, 100 one that is always right at once.
/// </summary>
internal sealed class NabScorer
{
    private readonly record struct Point(double Score, int Window, double Worth);
    private readonly List<Point> _points = [];
    private int _windows;

    /// <summary>Adds a series with its scores, one per row.</summary>
    public void Add(NabSeries series, IReadOnlyList<double> scores)
    {
        if (scores.Count != series.Rows) throw new ArgumentException($"'{series.Name}' has {series.Rows} rows and {scores.Count} scores.", nameof(scores));
        var probation = (int)Math.Min(Math.Floor(0.15 * series.Rows), 0.15 * 5000);
        var (next, inside, behind) = (0, -1, -1);
        for (var i = 0; i < series.Rows; i++)
        {
            if (inside < 0 && next < series.Windows.Count && i == series.Windows[next].First) inside = next++;
            double worth;
            if (inside >= 0)
            {
                var (first, last) = series.Windows[inside];
                worth = Sigmoid(-(last - i + 1.0) / (last - first + 1)) / Sigmoid(-1);
            }
            else worth = behind < 0 ? -1 : Sigmoid((i - series.Windows[behind].Last) / (double)(series.Windows[behind].Last - series.Windows[behind].First));
            if (i >= probation) _points.Add(new(scores[i], inside < 0 ? -1 : _windows + inside, worth));
            if (inside >= 0 && i == series.Windows[inside].Last) (behind, inside) = (inside, -1);
        }
        _windows += series.Windows.Count;
    }

    /// <summary>The score at a fixed threshold, about -100 to 100.</summary>
    public double At(double threshold, NabProfile profile)
    {
        var (best, sum) = (new double?[_windows], 0.0);
        foreach (var p in _points)
            if (p.Score < threshold) continue;
            else if (p.Window < 0) sum += profile.FalsePositive * p.Worth;
            else if (!(best[p.Window] >= p.Worth)) best[p.Window] = p.Worth;
        return Normal(sum + best.Sum(b => b ?? -profile.FalseNegative), profile);
    }

    /// <summary>The best score of any one threshold for all series, as the benchmark publishes it, and that threshold.</summary>
    public (double Score, double Threshold) Optimum(NabProfile profile)
    {
        var best = new double?[_windows];
        var sum = -profile.FalseNegative * _windows;
        var (top, threshold) = (sum, 1.1);
        foreach (var same in _points.GroupBy(p => p.Score).OrderByDescending(g => g.Key))
        {
            foreach (var p in same)
            {
                if (p.Window < 0) sum += profile.FalsePositive * p.Worth;
                else if (!(best[p.Window] >= p.Worth))
                {
                    sum += p.Worth - (best[p.Window] ?? -profile.FalseNegative);
                    best[p.Window] = p.Worth;
                }
            }
            if (sum > top) (top, threshold) = (sum, same.Key);
        }
        return (Normal(top, profile), threshold);
    }

    private double Normal(double sum, NabProfile profile) => 100 * (sum + profile.FalseNegative * _windows) / (_windows * (1 + profile.FalseNegative));

    /// <summary>1 far before the end of a window, 0 at its end, -1 far behind.</summary>
    internal static double Sigmoid(double place) => place > 3 ? -1 : 2 / (1 + Math.Exp(5 * place)) - 1;
}
