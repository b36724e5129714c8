using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Files;

/// <summary>Something wrong with a file, a row or a field.</summary>
/// <param name="Line">Line in the file; 0: the file as a whole.</param>
/// <param name="IsWhole">The whole file is refused.</param>
internal sealed record FileFault(string Rule, int Line, string Why, bool IsWhole);

/// <summary>One value of one row.</summary>
/// <param name="Row">Digest of the row's fields with the names of their columns, and how often the same row came before in this file.</param>
/// <param name="Column">Number of the point in the settings.</param>
internal readonly record struct FileValue(ulong Row, int Column, long Ticks, SampleValue Value, Quality Quality);

/// <summary>Turns the text of one file into values: finds the columns, reads each row, tells what is wrong with which line. No I/O.</summary>
internal sealed class FileRows(ConnectionSettings settings, FilesOptions options)
{
    private const string SheetTime = "yyyy-MM-dd HH:mm:ss.FFF", SheetDay = "yyyy-MM-dd";
    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>Rows of a sheet or text above the one with the names of the columns: titles, dates, the name of the part.</summary>
    private const int MostAboveHeader = 50;

    /// <summary>The values of a text in the order of the file. Its header is the first row that has every column, with the likeliest separator that gives one; titles may stand above it.</summary>
    /// <param name="written">When the file was last written; the time of rows without one.</param>
    /// <param name="known">Rows that were counted already; they give no values and no faults.</param>
    public List<FileValue> Read(string text, DateTimeOffset written, DateTimeOffset now, Func<ulong, bool> known, List<FileFault> faults, List<ulong> rows) =>
        Read(HeaderOf(text) is var (line, separator) ? CsvReader.Read(text, separator).Where(r => r.Line >= line)
            : CsvReader.Read(text, options.Separator ?? CsvReader.SeparatorOf(text)), written, now, known, faults, rows);

    /// <summary>Where the names of the columns stand; null when no row near the top has them all. A title above them may have no separator, or another one.</summary>
    private (int Line, char Separator)? HeaderOf(string text)
    {
        var likeliest = options.Separator ?? CsvReader.SeparatorOf(text);
        foreach (var separator in options.Separator is null ? [likeliest, .. CsvReader.Separators.Where(s => s != likeliest)] : new[] { likeliest })
            foreach (var row in CsvReader.Read(text, separator).Take(MostAboveHeader))
                if (row.Fault is null && TryHeader(row, [], out _, out _)) return (row.Line, separator);
        return null;
    }

    /// <summary>The values of a workbook. Its header is the first row that has every column; titles may stand above it.</summary>
    /// <exception cref="WorkbookException">The sheet is damaged; nothing of it may be kept.</exception>
    public List<FileValue> Read(Workbook book, DateTimeOffset written, DateTimeOffset now, Func<ulong, bool> known, List<FileFault> faults, List<ulong> rows)
    {
        var header = 0;
        foreach (var row in book.Rows(options.DecimalComma).Take(MostAboveHeader))
            if (TryHeader(row, [], out _, out _))
            {
                header = row.Line;
                break;
            }
        return Read(book.Rows(options.DecimalComma).Where(r => r.Line >= header), written, now, known, faults, rows, isSheet: true);
    }

    private List<FileValue> Read(IEnumerable<CsvRow> table, DateTimeOffset written, DateTimeOffset now, Func<ulong, bool> known, List<FileFault> faults, List<ulong> rows, bool isSheet = false)
    {
        var values = new List<FileValue>();
        int[]? columns = null, times = null;
        var width = 0;
        var again = new Dictionary<ulong, int>();
        foreach (var row in table)
        {
            if (columns is null)
            {
                if (!TryHeader(row, faults, out columns, out times)) return values;
                width = row.Fields.Count;
                continue;
            }
            // Notes and sums below a table of a sheet name nothing that is asked for.
            if (isSheet && row.Cells is null && columns.Concat(times!).All(c => row.Fields[c].Length == 0)) continue;
            // The same row twice in one file is two measurements; the same file twice is not.
            var plain = DigestOf(row, columns, times!, written, 0);
            again[plain] = again.GetValueOrDefault(plain) + 1;
            var digest = again[plain] == 1 ? plain : DigestOf(row, columns, times!, written, again[plain]);
            if (known(digest)) continue;
            rows.Add(digest);
            if (row.Fault is not null || row.Fields.Count != width)
            {
                faults.Add(new(FilesRules.RowWrong, row.Line, row.Fault ?? $"it has {row.Fields.Count} fields, the header {width}", false));
                continue;
            }
            if (times!.Select(t => Wrong(row, t)).FirstOrDefault(f => f is not null) is { } noTime)
            {
                faults.Add(new(noTime.Rule, row.Line, $"column of the time: {noTime.Why}", false));
                continue;
            }
            if (!TryTime(row, times!, written, now, out var ticks, out var why))
            {
                faults.Add(new(FilesRules.TimeWrong, row.Line, why, false));
                continue;
            }
            for (var i = 0; i < columns.Length; i++)
                if (Wrong(row, columns[i]) is { } cell) faults.Add(new(cell.Rule, row.Line, $"column '{settings.Points[i].Address}': {cell.Why}", false));
                else if (TryValue(row.Fields[columns[i]], settings.Points[i], out var value, out var quality, out why)) values.Add(new(digest, i, ticks, value, quality));
                else faults.Add(new(FilesRules.ValueWrong, row.Line, $"column '{settings.Points[i].Address}': {why}", false));
        }
        return values;
    }

    private bool TryHeader(in CsvRow row, List<FileFault> faults, out int[]? columns, out int[]? times)
    {
        var header = row.Fields;
        int Find(string name)
        {
            for (var i = 0; i < header.Count; i++)
                if (string.Equals(Plain(header[i]), Plain(name), StringComparison.OrdinalIgnoreCase)) return i;
            return -1;
        }
        columns = [.. settings.Points.Select(p => Find(p.Address))];
        times = [.. options.TimeColumns.Select(Find)];
        var missing = settings.Points.Select(p => p.Address).Concat(options.TimeColumns).Where(n => Find(n) < 0).ToList();
        if (missing.Count == 0) return true;
        faults.Add(new(FilesRules.ColumnMissing, row.Line, $"no column {string.Join(", ", missing.Select(m => $"'{m}'"))}; there are {string.Join(", ", header.Take(30).Select(h => $"'{h}'"))}", true));
        return false;
    }

    private static CellFault? Wrong(in CsvRow row, int column) => row.Cells is { } cells && cells.TryGetValue(column, out var fault) ? fault : null;

    private static string Plain(string name) => name.Trim().Normalize(NormalizationForm.FormKC);

    private bool TryTime(in CsvRow row, int[] times, DateTimeOffset written, DateTimeOffset now, out long ticks, out string why)
    {
        (ticks, why) = (written.UtcTicks, "");
        if (times.Length == 0) return true;
        var fields = row.Fields;
        var text = string.Join(' ', times.Select(t => fields[t]));
        // Cells that are dates come in one form, whatever form the texts of the file have.
        if (!RowTime.TryParse(text, options.TimeFormat, options.Offset, out ticks)
            && !(options.TimeFormat is not null && (RowTime.TryParse(text, SheetTime, options.Offset, out ticks) || RowTime.TryParse(text, SheetDay, options.Offset, out ticks)))) why = $"'{Short(text)}' is no time that is known; set time-format";
        else if (ticks < Earliest || ticks > now.UtcTicks + TimeSpan.TicksPerDay) why = $"'{Short(text)}' lies before 1990 or more than a day ahead";
        return why.Length == 0;
    }

    private bool TryValue(string text, PointSettings point, out SampleValue value, out Quality quality, out string why)
    {
        (value, quality, why) = (SampleValue.None, Quality.Good, "");
        if (text.Length == 0)
        {
            quality = Quality.Unavailable;
            return true;
        }
        if (point.Words.TryGetValue(text, out var word))
        {
            if (word == "UNAVAILABLE") quality = Quality.Unavailable;
            value = SampleValue.Of(word);
            return true;
        }
        if (point.Type == "text")
        {
            value = SampleValue.Of(text);
            return true;
        }
        var figure = text.Normalize(NormalizationForm.FormKC);
        // A unit behind the figure is not passed over: it is the point's own, or converted, or told.
        var own = Unit.TryFind(point.Unit, out var said) ? said : Unit.One;
        var behind = point.Unit.Length > 0 || figure.EndsWith('%') ? UnitBehind(ref figure) : null;
        var isGrouped = WrittenNumber.TryPlain(figure, options.DecimalComma, out var plain);
        if (double.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            if (!isGrouped)
            {
                why = $"'{Short(text)}' can be read in two ways; set decimal-comma to {(options.DecimalComma ? "false" : "true")}, or write groups of three digits";
                return false;
            }
            if (behind == Unit.Percent && own == Unit.One) number /= 100;
            else if (behind is not null && behind != own && !UnitConversion.TryConvert(number, behind, own, out number))
            {
                why = $"'{Short(text)}' is in {behind}, the point in {(own == Unit.One ? "no unit" : own.ToString())}";
                return false;
            }
            value = SampleValue.Of(number * point.Scale + point.Offset);
            return true;
        }
        if (point.Type.Length == 0 && point.Unit.Length == 0 && point.Role == SignalRole.None)
        {
            value = SampleValue.Of(text);
            return true;
        }
        why = $"'{Short(text)}' is not a number";
        return false;
    }

    /// <summary>Takes a known unit's symbol off the end of a figure; null when there is none.</summary>
    private static Unit? UnitBehind(ref string figure)
    {
        var end = figure.Length;
        while (end > 0 && !char.IsAsciiDigit(figure[end - 1]) && figure[end - 1] != '.') end--;
        if (end == 0 || end == figure.Length) return null;
        var symbol = figure[end..].Trim();
        var found = Units.GetValueOrDefault(symbol);
        if (found is not null) figure = figure[..end].TrimEnd();
        return found;
    }

    // The micro sign and the Greek letter are one after normalising; so are ℃ and °C.
    private static readonly Dictionary<string, Unit> Units = Unit.All.Where(u => u.Symbol.Length > 0).GroupBy(u => u.Symbol.Normalize(NormalizationForm.FormKC), StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    /// <summary>Identity of a row: what the points and the time columns say. A file that grew or was renamed gives the same.</summary>
    private ulong DigestOf(in CsvRow row, int[] columns, int[] times, DateTimeOffset written, int again)
    {
        var text = new StringBuilder();
        // Without a time of its own a row is only the same in the same state of the file.
        if (times.Length == 0) text.Append(written.UtcTicks).Append('\u001e');
        if (row.Fault is not null) foreach (var field in row.Fields) text.Append(field).Append('\u001f');
        else
            foreach (var at in times.Concat(columns))
                text.Append(at < row.Fields.Count ? row.Fields[at] : "").Append('\u001f');
        if (again > 0) text.Append('\u001e').Append(again);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return BitConverter.ToUInt64(hash);
    }

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
