using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Analyze;

/// <summary>A series from a text file: a time and a value per row, separated by comma, semicolon or tab.</summary>
internal sealed class SeriesFile
{
    private static readonly string[] TimeNames = ["timestamp", "time", "datetime", "date", "시각", "시간", "日時", "時刻"], ValueNames = ["value", "values", "data", "값", "値"];
    // What other collections put beside their values: answers and counters, never the signal.
    private static readonly string[] NoSignal = ["label", "labels", "is_anomaly", "anomaly", "changepoint", "index", "id", ""];
    private readonly Dictionary<string, (int Count, int Line)> _problems = new(StringComparer.Ordinal);
    private int _timeColumn, _valueColumn = 1;
    private char _separator = ',';

    private SeriesFile() { }

    /// <param name="Seconds">Since 1970 UTC; NaN where the time cannot be read.</param>
    public readonly record struct Row(DateTimeOffset? Time, double Seconds, double Value);

    public List<Row> Rows { get; } = [];
    public DateTimeOffset? From { get; private set; }
    public DateTimeOffset? To { get; private set; }
    public ImmutableArray<RecordingProblem> Problems =>
        [.. _problems.OrderBy(p => p.Value.Line).Select(p => new RecordingProblem(p.Key, p.Value.Count, p.Value.Line, AnalyzeRules.All[p.Key]))];

    /// <exception cref="RecordingException">The file cannot be opened or has no row.</exception>
    public static async Task<SeriesFile> ReadAsync(string file, CancellationToken cancel)
    {
        var series = new SeriesFile();
        var rows = new CsvRows();
        var (begun, first) = (false, true);
        try
        {
            await foreach (var line in File.ReadLinesAsync(file, cancel).ConfigureAwait(false))
            {
                // A comma beside semicolons is the point of a number.
                if (!begun) rows.Separator = series._separator = CsvRows.Count(line, ';') > 0 ? ';' : CsvRows.Count(line, '\t') > 0 ? '\t' : ',';
                begun |= !line.AsSpan().Trim().IsEmpty;
                rows.Add(line);
                while (rows.TryNext(end: false, out var row)) Take(row);
            }
            while (rows.TryNext(end: true, out var row)) Take(row);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw RecordingException.NotReadable(file, e);
        }
        return series.Rows.Count > 0 ? series : throw new RecordingException(AnalyzeRules.SeriesEmpty,
            $"'{file}' has no row. The first line reads timestamp,value; each further line is a time and a number: 2026-11-23 08:00:00,21.5.");

        void Take((int Line, string Text) row)
        {
            if (row.Text.AsSpan().Trim().IsEmpty) return;
            var header = first && series.IsHeader(row.Text);
            first = false;
            if (!header) series.Add(row.Text, row.Line);
        }
    }

    /// <summary>The first line is a header unless its columns hold a time or a number; it also tells the columns.</summary>
    private bool IsHeader(string line)
    {
        var fields = CsvRows.Cells(line, _separator).Select(Bare).ToArray();
        (_timeColumn, _valueColumn) = fields.Length == 1 ? (-1, 0) : (0, 1);
        if (fields[_valueColumn].Length == 0 || Number(fields[_valueColumn], out _) || (_timeColumn == 0 && TimeOf(fields[0]) is not null)) return false;
        var (time, value) = (Find(TimeNames), Find(ValueNames));
        if (value >= 0) (_timeColumn, _valueColumn) = (time, value);
        else if (Array.FindIndex(fields, f => !Of(TimeNames, f) && !Of(NoSignal, f)) is >= 0 and var named && (time >= 0 || fields.Any(f => Of(NoSignal, f)))) (_timeColumn, _valueColumn) = (time, named);
        return true;

        int Find(string[] names) => Array.FindIndex(fields, f => Of(names, f));
        static bool Of(string[] names, string field) => names.Contains(field, StringComparer.OrdinalIgnoreCase);
    }

    private void Add(string line, int number)
    {
        var rest = line.AsSpan();
        ReadOnlySpan<char> time = default, value = default;
        var found = false;
        var last = false;
        for (var column = 0; !last; column++)
        {
            var field = CsvRows.Cut(ref rest, _separator, out last);
            if (column == _timeColumn) time = Bare(field);
            if (column == _valueColumn)
            {
                value = Bare(field);
                found = true;
            }
        }
        if (!Number(value, out var figure))
        {
            figure = double.NaN;
            // A gap that says so is no mistake of the file.
            if (!found || !(value.IsEmpty || Is(value, "null") || Is(value, "na") || Is(value, "none"))) Problem(AnalyzeRules.SeriesValue, number);
        }
        else if (Math.Abs(figure) > SignalDetector.MostSize) Problem(AnalyzeRules.SeriesSize, number);
        var at = _timeColumn < 0 ? null : TimeOf(time);
        if (at is null && _timeColumn >= 0) Problem(AnalyzeRules.SeriesTime, number);
        if (at is { } t)
        {
            if (To is { } newest && t < newest) Problem(AnalyzeRules.SeriesOrder, number);
            if (!(From <= t)) From = t;
            if (!(To >= t)) To = t;
        }
        Rows.Add(new(at, at is { } u ? (u - DateTimeOffset.UnixEpoch).TotalSeconds : double.NaN, figure));
    }

    private void Problem(string rule, int line) => _problems[rule] = _problems.TryGetValue(rule, out var p) ? (p.Count + 1, p.Line) : (1, line);

    /// <summary>ISO 8601 and its kin (UTC unless the text says otherwise), or a Unix time in s, ms, µs or ns, told by its size.</summary>
    private static DateTimeOffset? TimeOf(ReadOnlySpan<char> text)
    {
        if (TryNumber(text, out var number))
        {
            var size = Math.Abs(number);
            var seconds = size switch { < 1e11 => number, < 1e14 => number / 1e3, < 1e17 => number / 1e6, _ => number / 1e9 };
            return seconds is > -62_135_596_800.0 and < 253_402_300_799.0 ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time) ? time.ToUniversalTime() : null;
    }

    /// <summary>A value of the file; where commas do not part columns, one stands for the point.</summary>
    private bool Number(ReadOnlySpan<char> text, out double number) =>
        TryNumber(text, out number) || (_separator != ',' && text.Contains(',') && !text.Contains('.') && TryNumber(text.ToString().Replace(',', '.'), out number));

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> field) => field.Trim().Trim('"').Trim();
    private static string Bare(string field) => Bare(field.AsSpan().Trim('\uFEFF')).ToString();
}
