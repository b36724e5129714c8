using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Analyze;

/// <summary>
/// Gauge values as CSV: one value a line, first line heads, in any order: <c>characteristic</c>, <c>value</c>, and where wanted
/// <c>part</c>, <c>time</c>, <c>lower</c>, <c>upper</c>, <c>unit</c>. Separator comma, semicolon or tab, as the first line has it.
/// </summary>
internal static class GaugeCsv
{
    private static readonly Dictionary<string, string> Heads = new(StringComparer.OrdinalIgnoreCase)
    {
        ["characteristic"] = "characteristic", ["dimension"] = "characteristic", ["feature"] = "characteristic", ["name"] = "characteristic",
        ["측정항목"] = "characteristic", ["항목"] = "characteristic", ["測定項目"] = "characteristic", ["項目"] = "characteristic",
        ["value"] = "value", ["actual"] = "value", ["measured"] = "value", ["측정값"] = "value", ["값"] = "value", ["測定値"] = "value", ["値"] = "value",
        ["part"] = "part", ["serial"] = "part", ["serialnumber"] = "part", ["부품"] = "part", ["일련번호"] = "part", ["部品"] = "part", ["製造番号"] = "part",
        ["time"] = "time", ["timestamp"] = "time", ["시각"] = "time", ["時刻"] = "time", ["日時"] = "time",
        ["lower"] = "lower", ["lsl"] = "lower", ["min"] = "lower", ["하한"] = "lower", ["下限"] = "lower",
        ["upper"] = "upper", ["usl"] = "upper", ["max"] = "upper", ["상한"] = "upper", ["上限"] = "upper",
        ["unit"] = "unit", ["단위"] = "unit", ["単位"] = "unit",
    };

    private static readonly char[] Separators = ['\t', ';', ','];
    private static readonly string[] Needed = ["characteristic", "value"];

    public static GaugeFile Read(string text)
    {
        var (values, problems) = (ImmutableArray.CreateBuilder<GaugeValue>(), ImmutableArray.CreateBuilder<GaugeProblem>());
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var mark = Separators.MaxBy(c => CsvRows.Count(lines[0], c));
        var rows = Rows(lines, mark);
        var head = CsvRows.Cells(rows[0].Text, mark);
        var columns = head.Select(c => Heads.GetValueOrDefault(c.Trim(), "")).ToList();
        foreach (var needed in Needed)
            if (!columns.Contains(needed))
                problems.Add(new(1, needed, GaugeRules.NoColumn, $"No column '{needed}' in the first line. Found: {string.Join(", ", head)}."));
        if (problems.Count > 0) return new([], problems.ToImmutable());

        foreach (var (line, row) in rows.Skip(1))
        {
            if (row.Length == 0) continue;
            var cells = CsvRows.Cells(row, mark);
            if (Number("value") is not { } value)
            {
                problems.Add(new(line, "value", GaugeRules.NoNumber, $"Line {line}: '{Cell("value")}' is no finite number. Write 18.003, with a point."));
                continue;
            }
            var (lower, upper) = (Limit("lower"), Limit("upper"));
            if (lower > upper)
            {
                problems.Add(new(line, "lower", GaugeRules.LimitsCrossed, $"Line {line}: lower limit {Cell("lower")} lies above upper limit {Cell("upper")}."));
                (lower, upper) = (null, null);
            }
            DateTimeOffset? at = null;
            if (Cell("time") is { Length: > 0 } stamp)
            {
                if (DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)) at = parsed;
                else problems.Add(new(line, "time", GaugeRules.NoTime, $"Line {line}: '{stamp}' is no time. Write 2026-11-02T08:00:00+09:00."));
            }
            values.Add(new(Cell("part"), Cell("characteristic"), at, value, lower, upper, Cell("unit")));

            string Cell(string column) => columns.IndexOf(column) is var c && c >= 0 && c < cells.Count ? cells[c].Trim() : "";
            double? Number(string column) =>
                double.TryParse(Cell(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;
            double? Limit(string column)
            {
                if (Cell(column).Length == 0) return null;
                var n = Number(column);
                if (n is null) problems.Add(new(line, column, GaugeRules.NoNumber, $"Line {line}: '{Cell(column)}' is no finite number; the limit was left out."));
                return n;
            }
        }
        return new(values.ToImmutable(), problems.ToImmutable());
    }

    private static List<(int Line, string Text)> Rows(string[] lines, char mark)
    {
        List<(int Line, string Text)> rows = [];
        var join = new CsvRows { Separator = mark };
        foreach (var line in lines)
        {
            join.Add(line);
            while (join.TryNext(end: false, out var row)) rows.Add(row);
        }
        while (join.TryNext(end: true, out var row)) rows.Add(row);
        return rows;
    }
}
