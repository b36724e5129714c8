using System.Text;

namespace Ieum.Connect.Files;

/// <param name="Line">Line on which the row begins, or row of the sheet; from 1.</param>
/// <param name="Fault">What is wrong with it; null when it is sound.</param>
internal readonly record struct CsvRow(int Line, IReadOnlyList<string> Fields, string? Fault)
{
    /// <summary>Cells of a sheet that cannot be trusted, by column; null when there are none.</summary>
    public IReadOnlyDictionary<int, CellFault>? Cells { get; init; }
}

/// <param name="Why">With the address of the cell and what to do.</param>
internal readonly record struct CellFault(string Rule, string Why);

/// <summary>Reads comma, semicolon or tab separated values (RFC 4180), with quotes, line ends of every kind, and a bounded field size. Never throws.</summary>
internal static class CsvReader
{
    public static IReadOnlyList<char> Separators { get; } = [',', ';', '\t'];

    private const int MostFields = 1000, MostOfField = 32 * 1024;

    /// <summary>The separator that stands most often in the first line, outside quotes.</summary>
    public static char SeparatorOf(string text)
    {
        int comma = 0, semicolon = 0, tab = 0;
        var quoted = false;
        foreach (var c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (quoted) continue;
            else if (c is '\n' or '\r') break;
            else if (c == ',') comma++;
            else if (c == ';') semicolon++;
            else if (c == '\t') tab++;
        }
        return tab > comma && tab > semicolon ? '\t' : semicolon > comma ? ';' : ',';
    }

    public static IEnumerable<CsvRow> Read(string text, char separator)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        int line = 1, begin = 1, at = 0;
        while (at < text.Length)
        {
            string? fault = null;
            (fields, begin) = (new List<string>(fields.Count), line);
            for (var ends = false; !ends;)
            {
                field.Clear();
                if (at < text.Length && text[at] == '"') fault = Quoted(text, ref at, ref line, field) ?? fault;
                while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
                {
                    if (field.Length < MostOfField) field.Append(text[at]);
                    else fault ??= "a field is longer than 32 KiB";
                    at++;
                }
                if (fields.Count < MostFields) fields.Add(field.ToString().Trim());
                else fault ??= "it has more than 1,000 fields";
                ends = at >= text.Length || text[at] != separator;
                if (!ends) at++;
            }
            if (at < text.Length && text[at] == '\r') at++;
            if (at < text.Length && text[at] == '\n') at++;
            line++;
            if (fields.Count > 1 || fields[0].Length > 0 || fault is not null) yield return new(begin, fields, fault);
        }
    }

    /// <summary>A quoted field; of a quote that never closes only its own line is broken, it cannot swallow the rest of the file.</summary>
    private static string? Quoted(string text, ref int at, ref int line, StringBuilder field)
    {
        var lines = 0;
        for (var i = at + 1; i < text.Length && field.Length < MostOfField; i++)
        {
            if (text[i] == '"')
            {
                if (i + 1 >= text.Length || text[i + 1] != '"')
                {
                    (at, line) = (i + 1, line + lines);
                    return null;
                }
                i++;
            }
            else if (text[i] == '\n') lines++;
            field.Append(text[i]);
        }
        field.Clear();
        return "a quote is opened and never closed";
    }
}
