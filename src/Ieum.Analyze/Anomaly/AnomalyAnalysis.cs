using System.Collections.Immutable;
using System.Text.Json;

namespace Ieum.Analyze;

/// <summary>Scores series in files: what <c>ieum analyze anomaly FILE…</c> prints.</summary>
public static class AnomalyAnalysis
{
    /// <summary>Scores files one after the other. A file that cannot be read stands in the errors and stops no other.</summary>
    public static async Task<AnomalyReport> ScoreAsync(IEnumerable<string> files, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(files);
        var done = ImmutableArray.CreateBuilder<AnomalyScores>();
        var errors = ImmutableArray.CreateBuilder<RecordingError>();
        foreach (var file in files)
        {
            try
            {
                done.Add(await ScoreAsync(file, cancel).ConfigureAwait(false));
            }
            catch (RecordingException e)
            {
                errors.Add(new(file, e.Rule, e.Message));
            }
        }
        return new(done.ToImmutable(), errors.ToImmutable());
    }

    /// <summary>Scores one file with one fresh detector, row after row.</summary>
    /// <exception cref="RecordingException">The file cannot be opened or has no row.</exception>
    public static async Task<AnomalyScores> ScoreAsync(string file, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        var series = await SeriesFile.ReadAsync(file, cancel).ConfigureAwait(false);
        var detector = new SignalDetector();
        var scores = ImmutableArray.CreateBuilder<double>(series.Rows.Count);
        var alarms = ImmutableArray.CreateBuilder<AnomalyAlarm>();
        foreach (var row in series.Rows)
        {
            var verdict = detector.Step(row.Seconds, row.Value);
            // Cut, not rounded: a score just below the threshold must not become an alarm by being printed.
            var score = Math.Floor(verdict.Score * 1e6) / 1e6;
            if (verdict.Raised) alarms.Add(new(scores.Count, row.Time, verdict.Kind.ToString(), score));
            scores.Add(score);
        }
        return new(file, SignalDetector.Model, SignalDetector.Version, SignalDetector.Threshold, series.Rows.Count, detector.Count,
            series.From, series.To, Math.Round(detector.Confidence, 6), PerWeek(alarms.Count, series), alarms.ToImmutable(), series.Problems, scores.ToImmutable());
    }

    private static double? PerWeek(int alarms, SeriesFile series) =>
        series.From is { } from && series.To is { } to && to > from ? Math.Round(alarms / ((to - from) / TimeSpan.FromDays(7)), 3) : null;
}

/// <param name="Errors">Files that could not be used.</param>
public sealed record AnomalyReport(ImmutableArray<AnomalyScores> Files, ImmutableArray<RecordingError> Errors)
{
    /// <summary>One JSON document, the same bytes for the same files.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AnalyzeJson.Context.AnomalyReport);
}

/// <summary>The scores of one file.</summary>
/// <param name="Threshold">Scores from here on are alarms.</param>
/// <param name="Rows">Data rows, and so scores.</param>
/// <param name="Used">Rows with a usable number; the others score 0.</param>
/// <param name="From">Earliest readable time of a row; null when there is none.</param>
/// <param name="To">Latest readable time of a row.</param>
/// <param name="Confidence">How far the detector could be believed at the end, 0 to 1; grows with the values seen.</param>
/// <param name="AlarmsPerWeek">Alarms divided by the weeks from first to last row: an upper bound of the false alarms a week.</param>
/// <param name="Scores">One number 0 to 1 per row, in the order of the file; each from that row and earlier ones only.</param>
public sealed record AnomalyScores(string File, string Model, string Version, double Threshold, int Rows, long Used, DateTimeOffset? From, DateTimeOffset? To,
    double Confidence, double? AlarmsPerWeek, ImmutableArray<AnomalyAlarm> Alarms, ImmutableArray<RecordingProblem> Problems, ImmutableArray<double> Scores);

/// <param name="Row">Place in the scores, from 0.</param>
/// <param name="Kind">Name of an <see cref="AnomalyKind"/>.</param>
public sealed record AnomalyAlarm(int Row, DateTimeOffset? At, string Kind, double Score);
