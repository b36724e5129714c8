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
        var lines = text.Split('\n');
        var head = lines[0].TrimEnd('\r');
        var mark = Separators.MaxBy(c => head.Count(h => h == c));
        var columns = Cells(head, mark).Select(c => Heads.GetValueOrDefault(c.Trim(), "")).ToList();
        foreach (var needed in Needed)
            if (!columns.Contains(needed))
                problems.Add(new(1, needed, GaugeRules.NoColumn, $"No column '{needed}' in the first line. Found: {string.Join(", ", Cells(head, mark))}."));
        if (problems.Count > 0) return new([], problems.ToImmutable());

        for (var i = 1; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0) continue;
            var cells = Cells(line, mark);
            if (Number("value", i) is not { } value)
            {
                problems.Add(new(i + 1, "value", GaugeRules.NoNumber, $"Line {i + 1}: '{Cell("value")}' is no finite number. Write 18.003, with a point."));
                continue;
            }
            var (lower, upper) = (Limit("lower", i), Limit("upper", i));
            if (lower > upper)
            {
                problems.Add(new(i + 1, "lower", GaugeRules.LimitsCrossed, $"Line {i + 1}: lower limit {Cell("lower")} lies above upper limit {Cell("upper")}."));
                (lower, upper) = (null, null);
            }
            DateTimeOffset? at = null;
            if (Cell("time") is { Length: > 0 } stamp)
            {
                if (DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)) at = parsed;
                else problems.Add(new(i + 1, "time", GaugeRules.NoTime, $"Line {i + 1}: '{stamp}' is no time. Write 2026-11-02T08:00:00+09:00."));
            }
            values.Add(new(Cell("part"), Cell("characteristic"), at, value, lower, upper, Cell("unit")));

            string Cell(string column) => columns.IndexOf(column) is var c && c >= 0 && c < cells.Count ? cells[c].Trim() : "";
            double? Number(string column, int row) =>
                double.TryParse(Cell(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;
            double? Limit(string column, int row)
            {
                if (Cell(column).Length == 0) return null;
                var n = Number(column, row);
                if (n is null) problems.Add(new(row + 1, column, GaugeRules.NoNumber, $"Line {row + 1}: '{Cell(column)}' is no finite number; the limit was left out."));
                return n;
            }
        }
        return new(values.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>RFC 4180 cells of one line; a quoted cell ends with the line.</summary>
    private static List<string> Cells(string line, char mark)
    {
        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (quoted && line[i] == '"' && i + 1 < line.Length && line[i + 1] == '"') cell.Append(line[++i]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == mark && !quoted) { cells.Add(cell.ToString()); cell.Clear(); }
            else cell.Append(line[i]);
        }
        cells.Add(cell.ToString());
        return cells;
    }
}
