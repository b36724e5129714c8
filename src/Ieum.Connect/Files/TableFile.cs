using System.Collections.Immutable;

namespace Ieum.Connect.Files;

/// <summary>A table in a file that somebody hands in: CSV in UTF-8, UTF-16, CP949 or Shift-JIS, or the first visible sheet of an .xlsx workbook; told by content.</summary>
/// <remarks>The same readers as of the watched folder (decision 0008); other rooms get tables through the node, never the readers themselves.</remarks>
public sealed record TableFile(ImmutableArray<TableRow> Rows)
{
    /// <summary>Larger files are refused: a year's orders of a small factory fit in many times over.</summary>
    public const int LargestBytes = 16 * 1024 * 1024;

    /// <summary>Rows beyond are refused.</summary>
    public const int MostRows = 200_000;

    /// <summary>Reads a table. Never throws on foreign bytes.</summary>
    /// <returns>The table, or why the file as a whole is none.</returns>
    public static (TableFile? Table, TableFault? Fault) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LargestBytes) return (null, new(FilesRules.FileTooLarge, $"the file is larger than {LargestBytes / 1_048_576} MiB; cut it into parts"));
        var raw = bytes.ToArray();
        try
        {
            // "PK": a ZIP archive, which a workbook is; D0 CF: the old kind, which is told how to save anew.
            if (raw is [(byte)'P', (byte)'K', ..] or [0xD0, 0xCF, ..])
            {
                using var book = new Workbook(raw, null, LargestBytes);
                return Of(book.Rows(decimalComma: false));
            }
        }
        catch (WorkbookException e)
        {
            return (null, new(e.Rule, e.Message));
        }
        if (!TextDecoding.TryDecode(raw, null, out var text))
            return (null, new(FilesRules.EncodingWrong, "the file is no text in UTF-8, CP949 or Shift-JIS; save it as CSV UTF-8 or as .xlsx"));
        if (text.Contains('\0', StringComparison.Ordinal)) return (null, new(FilesRules.EncodingWrong, "the file is neither CSV nor .xlsx; save the table as one of them"));
        return Of(CsvReader.Read(text, CsvReader.SeparatorOf(text)));
    }

    private static (TableFile?, TableFault?) Of(IEnumerable<CsvRow> rows)
    {
        var list = ImmutableArray.CreateBuilder<TableRow>();
        foreach (var r in rows)
        {
            if (list.Count == MostRows) return (null, new(FilesRules.FileTooLarge, $"the table has more than {MostRows:N0} rows; cut it into parts"));
            list.Add(new(r.Line, r.Fields, r.Fault is null ? null : new(FilesRules.RowWrong, r.Fault),
                r.Cells?.ToImmutableDictionary(c => c.Key, c => new TableFault(c.Value.Rule, c.Value.Why)) ?? ImmutableDictionary<int, TableFault>.Empty));
        }
        return (new([.. list]), null);
    }
}

/// <param name="Line">Line of the text or row of the sheet; from 1.</param>
/// <param name="Fault">What is wrong with the row as a whole.</param>
/// <param name="Cells">Cells that cannot be trusted (merged, an error, a formula without a value), by column from 0.</param>
public sealed record TableRow(int Line, IReadOnlyList<string> Fields, TableFault? Fault, ImmutableDictionary<int, TableFault> Cells);

/// <param name="Rule">One of <see cref="FilesRules"/>.</param>
/// <param name="Why">What stands there and what to do.</param>
public sealed record TableFault(string Rule, string Why);
