using Ieum.Connect.Files;
using System.Text.Json;

namespace Ieum.Node.Exchange;

/// <summary>Rows of a table by column keys, from a file or from JSON.</summary>
/// <param name="Ignored">Headings that mean nothing here.</param>
internal sealed record TableIn(IReadOnlyList<SourceRow> Rows, IReadOnlyList<string> Ignored)
{
    /// <summary>Rows above the headings that a letter head or a title may take.</summary>
    private const int HeadRows = 20;

    /// <returns>Null when the file as a whole cannot be read; then the problems say why.</returns>
    public static TableIn? Read(TableKind kind, ReadOnlySpan<byte> bytes, List<ExchangeProblem> problems)
    {
        var (table, fault) = TableFile.Read(bytes);
        if (table is null)
        {
            problems.Add(new(0, "", "", fault!.Rule, fault.Why));
            return null;
        }
        var head = table.Rows.Take(HeadRows).Select((r, i) => (Row: r, At: i, Found: r.Fields.Select(kind.ColumnOf).ToArray())).OrderByDescending(r => r.Found.Count(c => c is not null)).FirstOrDefault();
        if (head.Found is null || head.Found.All(c => c is null))
        {
            problems.Add(ExchangeProblem.Of(head.Found is null ? 0 : head.Row.Line, "", "", ExchangeRules.HeaderMissing, $"No row holds the headings. Download the template, and keep its first row."));
            return null;
        }
        foreach (var c in kind.Columns.Where(c => c.Needed && !head.Found.Contains(c)))
            problems.Add(ExchangeProblem.Of(head.Row.Line, c.Key, "", ExchangeRules.ColumnMissing, $"The column '{kind.Heading(c, "en")}' is missing. Add it, or begin from the template."));
        foreach (var twice in head.Found.OfType<TableColumn>().GroupBy(c => c).Where(g => g.Count() > 1))
            problems.Add(ExchangeProblem.Of(head.Row.Line, twice.Key.Key, "", ExchangeRules.Twice, $"The column '{kind.Heading(twice.Key, "en")}' stands twice. Remove one."));
        foreach (var (column, merged) in head.Row.Cells)
            problems.Add(new(head.Row.Line, column < head.Found.Length ? head.Found[column]?.Key ?? "" : "", "", merged.Rule, merged.Why));
        if (problems.Count > 0) return null;
        var rows = new List<SourceRow>();
        foreach (var r in table.Rows.Skip(head.At + 1))
        {
            var (values, faults) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, TableFault>(StringComparer.Ordinal));
            for (var i = 0; i < head.Found.Length; i++)
            {
                if (head.Found[i] is not { } column) continue;
                values[column.Key] = i < r.Fields.Count ? r.Fields[i] : "";
                if (r.Cells.TryGetValue(i, out var broken)) faults[column.Key] = broken;
            }
            if (values.Values.All(v => v.Length == 0) && faults.Count == 0 && r.Fault is null) continue;
            rows.Add(new(r.Line, values, faults, r.Fault));
        }
        return new(rows, [.. head.Row.Fields.Where((f, i) => f.Length > 0 && head.Found[i] is null)]);
    }

    /// <summary>A JSON array of objects with the columns' keys; numbers, texts, true and false.</summary>
    public static TableIn? Read(TableKind kind, JsonElement json, List<ExchangeProblem> problems)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            problems.Add(ExchangeProblem.Of(0, "", "", ExchangeRules.NotJson, $"An array of objects is expected here, one for each row."));
            return null;
        }
        var (rows, ignored, line) = (new List<SourceRow>(), new SortedSet<string>(StringComparer.Ordinal), 0);
        foreach (var e in json.EnumerateArray())
        {
            line++;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            if (e.ValueKind != JsonValueKind.Object)
            {
                problems.Add(ExchangeProblem.Of(line, "", "", ExchangeRules.NotJson, $"An object is expected here."));
                continue;
            }
            foreach (var p in e.EnumerateObject())
                if (kind.Columns.FirstOrDefault(c => c.Key == p.Name) is { } column)
                    values[column.Key] = p.Value.ValueKind is JsonValueKind.String ? p.Value.GetString()! : p.Value.ValueKind is JsonValueKind.Null ? "" : p.Value.GetRawText();
                else ignored.Add(p.Name);
            rows.Add(new(line, values, new Dictionary<string, TableFault>()));
        }
        return new(rows, [.. ignored]);
    }
}
