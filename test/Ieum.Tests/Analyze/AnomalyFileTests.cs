using System.Globalization;
using System.Text.Json;
using Ieum.Analyze;
using Ieum.Bench.Analyze;
using Ieum.TestKit;

namespace Ieum.Tests.Analyze;

public sealed class AnomalyFileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Write(string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Needs.Scratch, "series", Guid.NewGuid().ToString("N"))).FullName, "계측-計測.csv");
        File.WriteAllText(path, text);
        return path;
    }

    private static string Series(int rows, Func<int, string> value) =>
        "timestamp,value\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{new DateTime(2026, 11, 1).AddMinutes(i):yyyy-MM-dd HH:mm:ss},{value(i)}\n"));

    private static string Number(double v) => v.ToString("R", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_row_gets_one_score_and_the_same_file_gives_the_same_bytes()
    {
        var file = Write(Series(1000, i => Number(Math.Sin(i / 9.0) + (i == 800 ? 30 : 0))));
        var first = (await AnomalyAnalysis.ScoreAsync([file], Cancel)).ToJson();
        Assert.Equal(first, (await AnomalyAnalysis.ScoreAsync([file], Cancel)).ToJson());
        using var json = JsonDocument.Parse(first);
        var one = json.RootElement.GetProperty("files")[0];
        Assert.Equal(file, one.GetProperty("file").GetString());
        Assert.Equal(1000, one.GetProperty("scores").GetArrayLength());
        Assert.Equal(800, one.GetProperty("alarms")[0].GetProperty("row").GetInt32());
        Assert.Equal(("signal-novelty", "1", 1000), (one.GetProperty("model").GetString(), one.GetProperty("version").GetString(), one.GetProperty("used").GetInt32()));
        Assert.Equal("2026-11-01T00:00:00Z", one.GetProperty("from").GetString());
        Assert.Equal("2026-11-01T16:39:00Z", one.GetProperty("to").GetString());
        Assert.InRange(one.GetProperty("confidence").GetDouble(), 0.99, 0.994);   // 1 − e^(−1000/200) = 0.9933
    }

    [Fact]
    public async Task Scores_of_the_first_rows_are_the_first_scores()
    {
        string Text(int rows) => Series(rows, i => i % 97 == 5 ? "" : Number(Math.Cos(i / 11.0) * (i > 1500 ? 3 : 1)));
        var whole = await AnomalyAnalysis.ScoreAsync(Write(Text(2000)), Cancel);
        foreach (var rows in (int[])[1, 60, 1501, 1999])
            Assert.Equal(whole.Scores.Take(rows), (await AnomalyAnalysis.ScoreAsync(Write(Text(rows)), Cancel)).Scores);
    }

    [Theory]
    [InlineData("timestamp,value\n2026-11-01 00:00:00,NaN\n2026-11-01 00:01:00,\n2026-11-01 00:02:00,1.5\n", 3, 1, "")]
    [InlineData("timestamp,value\nyesterday,1\n,2\n", 2, 2, "series-time-unreadable")]
    [InlineData("timestamp,value\n2026-11-01,1\n2026-11-02,zwei\n2026-11-03\n", 3, 1, "series-value-unreadable")]
    [InlineData("timestamp,value\n2026-11-02,1\n2026-11-01,2\n", 2, 2, "series-out-of-order")]
    [InlineData("2026-11-02T08:00:00+09:00;1\n\n2026-11-03;2\n", 2, 2, "")]
    [InlineData("\uFEFF\"value\",\"note\",\"Timestamp\"\r\n\"1.5\",\"a\",\"2026-11-02\"\r\n", 1, 1, "")]
    [InlineData("value\n1\n2\n", 2, 2, "")]
    [InlineData("timestamp\tvalue\n1700000000\t1\n1700000000000\t2\n", 2, 2, "")]
    [InlineData("Data,Label\n1.5,0\n2.5,1\n", 2, 2, "")]                                                       // no time at all
    [InlineData("datetime;Pressure;anomaly\r\n2026-11-02 08:00:00;1.5;0\r\n2026-11-02 08:00:01;;0\r\n", 2, 1, "")]
    [InlineData("id,시각,온도\n1,2026-11-02 08:00:00,21.5\n", 1, 1, "")]
    [InlineData("日時;温度\n2026-11-02 08:00:00;21,5\n", 1, 1, "")]
    [InlineData("\"time\",\"note\",\"value\"\r\n\"2026-11-02, 08:00\",\"a \"\"good\"\" one,\r\nover two lines\",\"1.5\"\r\n2026-11-02 08:01,5\" pipe,2.5\r\n", 2, 2, "")]   // RFC 4180
    [InlineData("value,note\n1,\"never closed\n2,b\n3,c\n", 3, 3, "")]
    [InlineData("value,note\n1,\"a\"b\n2,\"c\"\n", 2, 2, "")]
    [InlineData("value\r1\r2\r", 2, 2, "")]
    [InlineData("value\n1\n1e150\n-2e150\n1e400\n", 4, 2, "series-value-too-large")]
    public async Task Odd_files_are_read_for_what_they_hold(string text, int rows, int used, string rule)
    {
        var scores = await AnomalyAnalysis.ScoreAsync(Write(text), Cancel);
        Assert.Equal(rule, string.Join(' ', scores.Problems.Select(p => p.Rule)));
        Assert.Equal((rows, used, rows), (scores.Rows, scores.Used, scores.Scores.Length));
    }

    [Fact]
    public async Task What_is_beyond_reckoning_is_told_by_its_first_line_and_changes_no_other_score()
    {
        async Task<AnomalyScores> With(string odd) => await AnomalyAnalysis.ScoreAsync(Write(Series(500, i => i is 100 or 101 ? odd : Number(Math.Sin(i / 9.0)))), Cancel);
        var (gap, odd) = (await With(""), await With("-7e200"));
        Assert.Equal(new RecordingProblem(AnalyzeRules.SeriesSize, 2, 102, AnalyzeRules.All[AnalyzeRules.SeriesSize]), Assert.Single(odd.Problems));   // line 1 is the header
        Assert.Equal((500, 498, 0.0), (odd.Rows, odd.Used, odd.Scores[100]));
        Assert.Empty(gap.Problems);
        Assert.Equal(gap.Scores, odd.Scores);
    }

    [Theory]
    [InlineData("Data,Label\n", "{1},1\n", "value\n", "{1}\n")]
    [InlineData("id;datetime;Pressure\r\n", "7;{0};{1}\r\n", "timestamp,value\n", "{0},{1}\n")]
    public async Task A_column_is_scored_by_its_name_as_if_it_stood_alone(string head, string row, string plainHead, string plainRow)
    {
        var values = Enumerable.Range(0, 400).Select(i => Number(Math.Sin(i / 9.0) + (i == 300 ? 30 : 0))).ToArray();
        string Text(string first, string each) => first + string.Concat(values.Select((v, i) => string.Format(CultureInfo.InvariantCulture, each, $"2026-11-02 {8 + i / 60:00}:{i % 60:00}:00", v)));
        var scores = await AnomalyAnalysis.ScoreAsync(Write(Text(head, row)), Cancel);
        Assert.Equal((await AnomalyAnalysis.ScoreAsync(Write(Text(plainHead, plainRow)), Cancel)).Scores, scores.Scores);
        Assert.Equal(300, Assert.Single(scores.Alarms).Row);
    }

    [Theory]
    [InlineData("")]
    [InlineData("timestamp,value\n")]
    public async Task A_file_without_rows_is_told_and_stops_no_other(string text)
    {
        var report = await AnomalyAnalysis.ScoreAsync([Write(text), Path.Combine(Needs.Scratch, "no-such-file.csv"), Write("timestamp,value\n1,1\n")], Cancel);
        Assert.Equal([AnalyzeRules.SeriesEmpty, AnalyzeRules.NotReadable], report.Errors.Select(e => e.Rule));
        Assert.Single(report.Files);
    }

    /// <summary>The frozen design on the half of the Numenta series that it was designed on; the figure to beat is 58.</summary>
    [Fact]
    public async Task The_design_half_of_the_numenta_series_scores_at_least_58_at_the_frozen_threshold()
    {
        var series = NabSeries.Load(Needs.Shared("data/analytics/nab"));
        Assert.Equal((29, 61), (series.Count, series.Sum(s => s.Windows.Count)));
        var scorer = new NabScorer();
        foreach (var s in series) scorer.Add(s, (await AnomalyAnalysis.ScoreAsync(s.File, Cancel)).Scores);
        Assert.InRange(scorer.At(SignalDetector.Threshold, NabProfile.Standard), 68, 70);
        Assert.InRange(scorer.At(SignalDetector.Threshold, NabProfile.LowFalsePositives), 64, 67);
        Assert.InRange(scorer.At(SignalDetector.Threshold, NabProfile.LowFalseNegatives), 69, 72);
    }
}
