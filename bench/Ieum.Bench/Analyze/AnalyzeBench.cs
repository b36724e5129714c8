using System.Diagnostics;
using Ieum.Analyze;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Analyze;

/// <summary>
/// Anomaly scores on the Numenta series and remaining life on C-MAPSS FD001, both from the reference data (variable IEUM_SHARED).
/// IEUM_BENCH_ONLY=anomaly|life takes one half. Budgets: NAB standard ≥ 58 at the frozen threshold, ≥ 1 M values a second on one core, FD001 RMSE ≤ 11.5 capped and ≤ 12.6 raw.
/// </summary>
internal static class AnalyzeBench
{
    private const int Values = 5_000_000, Cuts = 10, Seed = 20261123;

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var data = Path.Combine(Environment.GetEnvironmentVariable("IEUM_SHARED") ?? Path.Combine("..", "shared"), "data", "analytics");
        var only = Environment.GetEnvironmentVariable("IEUM_BENCH_ONLY");
        if (only is null or "anomaly")
        {
            sheet.Add("anomalyPointsPerSecond", PointsPerSecond());
            await NabAsync(sheet, Path.Combine(data, "nab"), cancel);
        }
        if (only is null or "life") await LifeAsync(sheet, Path.Combine(data, "cmapss", "train_FD001.txt"), cancel);
    }

    /// <summary>One detector, one thread, a cyclic signal with noise; the fastest of three runs, by the time of the processor, as the machine may be busy.</summary>
    private static double PointsPerSecond()
    {
        var random = new Random(Seed);
        var values = Enumerable.Range(0, 100_000).Select(i => Math.Sin(i / 20.0) + 0.1 * random.NextDouble()).ToArray();
        var best = double.PositiveInfinity;
        for (var run = 0; run < 3; run++)
        {
            var detector = new SignalDetector();
            var (begun, sum) = (Environment.CpuUsage.TotalTime, 0.0);
            for (var i = 0; i < Values; i++) sum += detector.Step(1.7e9 + i, values[i % values.Length]).Score;
            if (double.IsNaN(sum)) throw new InvalidOperationException("A score is no number.");
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - begun).TotalSeconds);
        }
        return Values / best;
    }

    /// <summary>Series in even places (by name) are the half the weights were chosen on first; see docs/decisions/0012.</summary>
    private static async Task NabAsync(FigureSheet sheet, string folder, CancellationToken cancel)
    {
        var (all, even, odd) = (new NabScorer(), new NabScorer(), new NabScorer());
        var place = 0;
        foreach (var series in NabSeries.Load(folder))
        {
            var scores = (await AnomalyAnalysis.ScoreAsync(series.File, cancel)).Scores;
            all.Add(series, scores);
            (place++ % 2 == 0 ? even : odd).Add(series, scores);
        }
        foreach (var (profile, name) in (ReadOnlySpan<(NabProfile, string)>)[(NabProfile.Standard, "Standard"), (NabProfile.LowFalsePositives, "LowFp"), (NabProfile.LowFalseNegatives, "LowFn")])
        {
            sheet.Add($"nab{name}", all.At(SignalDetector.Threshold, profile));
            sheet.Add($"nab{name}BestThreshold", all.Optimum(profile).Score);
        }
        sheet.Add("nabBestThreshold", all.Optimum(NabProfile.Standard).Threshold);
        sheet.Add("nabStandardEvenSeries", even.At(SignalDetector.Threshold, NabProfile.Standard));
        sheet.Add("nabStandardOddSeries", odd.At(SignalDetector.Threshold, NabProfile.Standard));
    }

    private static async Task LifeAsync(FigureSheet sheet, string train, CancellationToken cancel)
    {
        var units = await LifeFile.ReadAsync(train, cancel);
        var clock = Stopwatch.StartNew();
        var cases = LifeTrial.Run(units, Cuts, Seed);
        sheet.Add("fd001CrossValidationSeconds", clock.Elapsed.TotalSeconds);
        foreach (var (cap, name) in (ReadOnlySpan<(double, string)>)[(LifeTrial.PaperCap, "Capped"), (double.PositiveInfinity, "Raw")])
        {
            sheet.Add($"fd001Rmse{name}", LifeTrial.Rmse(cases, c => c.Boosted, cap));
            var (low, high) = LifeTrial.Bootstrap(cases, c => c.Boosted, cap, Seed);
            sheet.Add($"fd001Rmse{name}Low95", low);
            sheet.Add($"fd001Rmse{name}High95", high);
            sheet.Add($"fd001Ridge{name}", LifeTrial.Rmse(cases, c => c.Ridge, cap));
        }
    }
}
