using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Node.Loop;

/// <summary>Learns from measured parts and their windows of machine data. Nothing is kept: the same data give the same forecast.</summary>
internal sealed class QualityForecaster(IRecorder recorder, IAnalyst analyst, Clocks clocks)
{
    public const string Model = "quality-logistic";
    public const int Version = 1;
    private const int MostParts = 400, MostSignals = 8, MostNew = 10;

    public async Task<QualityForecast> ForecastAsync(string characteristic, ImmutableArray<GaugeValue> values, MachineId machine, CancellationToken cancel)
    {
        List<GaugeValue> timed = [.. values.Where(v => v.At is not null && (v.Lower is not null || v.Upper is not null)).OrderBy(v => v.At).TakeLast(MostParts)];
        var nothing = new QualityForecast(characteristic, machine, 0, 0, null, [], [], null);
        if (timed.Count == 0) return nothing;
        var now = clocks.Factory.GetUtcNow();
        var range = new TimeRange(timed[0].At!.Value - PartLinks.LongestWay, now > timed[^1].At!.Value ? now : timed[^1].At!.Value);
        var windows = await analyst.PartWindowsAsync(machine, range, cancel);
        var links = PartLinks.Of(timed, windows);
        if (links.Length == 0) return nothing;
        var signals = recorder.Of(machine).Where(s => s.Signal.Kind is ValueKind.Real or ValueKind.Integer && AnomalyWatch.Watches(s.Signal) && recorder.Last(s.Number) is not null).Take(MostSignals).ToList();
        var rows = new List<double[]>();
        foreach (var link in links) rows.Add(await RowAsync(signals, link.Window.Range, cancel));
        // A signal that was silent for a part says nothing about it; one that was silent for many is left out altogether.
        var used = Enumerable.Range(0, rows[0].Length).Where(j => rows.Count(r => double.IsFinite(r[j])) >= rows.Count * 0.8).ToArray();
        var whole = Enumerable.Range(0, rows.Count).Where(i => used.All(j => double.IsFinite(rows[i][j]))).ToArray();
        var bad = whole.Select(i => !links[i].Value.IsGood).ToArray();
        nothing = nothing with { Linked = whole.Length, Bad = bad.Count(b => b) };
        if (used.Length == 0 || QualityModel.Learn([.. used.Select(j => Name(signals, j))], [.. whole.Select(i => Cut(rows[i], used))], bad) is not { } model) return nothing;
        var newest = new List<ForecastPart>();
        foreach (var w in windows.Where(w => w.Range.From >= links[^1].Window.Range.To).TakeLast(MostNew).Reverse())
            if (Cut(await RowAsync(signals, w.Range, cancel), used) is var row && row.All(double.IsFinite)) newest.Add(new(w.Range.To, model.Risk(row)));
        var confidence = Math.Clamp(2 * model.Check.RankingQuality - 1, 0, 1) * (1 - Math.Exp(-model.Check.Bad / 20.0));
        return nothing with
        {
            Ranking = model.Check.RankingQuality, Influences = [.. model.Influences.Select(i => new ForecastInfluence(i.Feature.Split('\t')[0], i.Feature.Split('\t')[1], i.OddsPerDeviation, i.Share))],
            Newest = [.. newest], Basis = new(Model, Version, new(links[0].Window.Range.From, links[^1].Window.Range.To), whole.Length, confidence),
        };
    }

    /// <summary>How long the part took, then mean and highest value of each signal while it was made; not a number where nothing is known.</summary>
    private async Task<double[]> RowAsync(List<(SignalNumber Number, Signal Signal)> signals, TimeRange window, CancellationToken cancel)
    {
        var row = new double[1 + 2 * signals.Count];
        Array.Fill(row, double.NaN);
        row[0] = window.Duration.TotalSeconds;
        if (window.IsEmpty) return row;
        for (var s = 0; s < signals.Count; s++)
        {
            if (await recorder.DownsampleAsync(signals[s].Number, window, window.Duration, cancel) is [{ Count: > 0 } b, ..]) (row[1 + 2 * s], row[2 + 2 * s]) = (b.Average, b.Max);
            // Of a signal that reports changes only, what held before holds on.
            else if (await recorder.BeforeAsync(signals[s].Number, window.From, cancel) is { Quality: <= Quality.Uncertain } held) row[1 + 2 * s] = row[2 + 2 * s] = held.Value.Number;
        }
        return row;
    }

    private static string Name(List<(SignalNumber Number, Signal Signal)> signals, int feature) =>
        feature == 0 ? "\tduration" : $"{signals[(feature - 1) / 2].Signal.Id.Name.Replace('\t', ' ')}\t{(feature % 2 == 1 ? "mean" : "highest")}";

    private static double[] Cut(double[] row, int[] used) => [.. used.Select(j => row[j])];
}
