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
    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>The values in the order of the file.</summary>
    /// <param name="written">When the file was last written; the time of rows without one.</param>
    /// <param name="known">Rows that were counted already; they give no values and no faults.</param>
    public List<FileValue> Read(string text, DateTimeOffset written, DateTimeOffset now, Func<ulong, bool> known, List<FileFault> faults, List<ulong> rows)
    {
        var values = new List<FileValue>();
        int[]? columns = null, times = null;
        var width = 0;
        var again = new Dictionary<ulong, int>();
        foreach (var row in CsvReader.Read(text, options.Separator ?? CsvReader.SeparatorOf(text)))
        {
            if (columns is null)
            {
                if (!TryHeader(row, faults, out columns, out times)) return values;
                width = row.Fields.Count;
                continue;
            }
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
            if (!TryTime(row, times!, written, now, out var ticks, out var why))
            {
                faults.Add(new(FilesRules.TimeWrong, row.Line, why, false));
                continue;
            }
            for (var i = 0; i < columns.Length; i++)
                if (TryValue(row.Fields[columns[i]], settings.Points[i], out var value, out var quality, out why)) values.Add(new(digest, i, ticks, value, quality));
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

    private static string Plain(string name) => name.Trim().Normalize(NormalizationForm.FormKC);

    private bool TryTime(in CsvRow row, int[] times, DateTimeOffset written, DateTimeOffset now, out long ticks, out string why)
    {
        (ticks, why) = (written.UtcTicks, "");
        if (times.Length == 0) return true;
        var fields = row.Fields;
        var text = string.Join(' ', times.Select(t => fields[t]));
        if (!RowTime.TryParse(text, options.TimeFormat, options.Offset, out ticks)) why = $"'{Short(text)}' is no time that is known; set time-format";
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
        if (options.DecimalComma) figure = figure.Replace(".", "", StringComparison.Ordinal).Replace(',', '.');
        if (double.TryParse(figure, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | (options.DecimalComma ? 0 : NumberStyles.AllowThousands),
            CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
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
