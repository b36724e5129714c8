using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Ieum.Connect.Files;

/// <summary>A workbook that cannot be read as a whole.</summary>
/// <param name="isCut">It may still be on its way: the end of the archive is missing.</param>
internal sealed class WorkbookException(string rule, string message, bool isCut = false) : Exception(message)
{
    public string Rule { get; } = rule;
    public bool IsCut { get; } = isCut;
}

/// <summary>Reads one sheet of an Office Open XML workbook (ECMA-376 part 1, SpreadsheetML) as rows of text. Values only: nothing is computed, no link is followed.</summary>
/// <remarks>
/// A formula gives the value that was stored with it. Phonetic guides (furigana) are no part of a text. A cell that cannot be trusted, one that is
/// merged with others, holds an error or a formula without a stored value, is told with its address; the other cells of its row go on.
/// </remarks>
internal sealed class Workbook : IDisposable
{
    private const int MostColumns = 1000, MostOfField = 32 * 1024;

    private readonly ZipArchive _zip;
    private readonly long _mostCharacters;
    private readonly SheetStyles _styles;
    private readonly List<string> _strings = [];
    private readonly string _sheet;
    private readonly bool _from1904;

    /// <param name="sheet">Name of the sheet; null: the first one that is not hidden.</param>
    /// <param name="mostBytes">A part that unpacks to more than sixteen times this is refused.</param>
    /// <exception cref="WorkbookException">It is no workbook, is protected, or has no such sheet.</exception>
    public Workbook(byte[] bytes, string? sheet, long mostBytes)
    {
        _mostCharacters = mostBytes * 16;
        if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new WorkbookException(FilesRules.WorkbookWrong, "it is protected by a password or of the old kind .xls; save it as .xlsx without a password");
        try
        {
            _zip = new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read);
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw new WorkbookException(FilesRules.WorkbookWrong, $"it is no whole workbook ({fault.Message}); copy it again", isCut: true);
        }
        try
        {
            (_sheet, _from1904) = Find(sheet);
            using (var styles = Part("xl/styles.xml")) _styles = new SheetStyles(styles);
            using var strings = Part("xl/sharedStrings.xml");
            strings?.Read();
            while (strings is { EOF: false })
                if (strings is { NodeType: XmlNodeType.Element, LocalName: "si" }) _strings.Add(TextOf(strings));
                else strings.Read();
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            _zip.Dispose();
            throw Damaged(fault);
        }
        catch (WorkbookException)
        {
            _zip.Dispose();
            throw;
        }
    }

    public void Dispose() => _zip.Dispose();

    /// <summary>Rows with anything in them, top to bottom, all of one width.</summary>
    /// <param name="decimalComma">Numbers are given with a comma, as the file's texts have them.</param>
    /// <exception cref="WorkbookException">The sheet is damaged; what was read before must not be kept.</exception>
    public IEnumerable<CsvRow> Rows(bool decimalComma)
    {
        List<(int Top, int Left, int Bottom, int Right, string Name)> merged;
        int width;
        try
        {
            (merged, width) = Survey();
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
        using var xml = Part(_sheet) ?? throw new WorkbookException(FilesRules.WorkbookWrong, $"its part '{_sheet}' is missing; save it again");
        var line = 0;
        while (Next(xml, ref line) is { } row)
        {
            var fields = Enumerable.Repeat("", width).ToArray();
            Dictionary<int, CellFault>? faults = null;
            foreach (var cell in row)
            {
                if (cell.Column >= width) continue;
                fields[cell.Column] = Plain(cell, decimalComma, out var why);
                if (why is not null) (faults ??= [])[cell.Column] = new(FilesRules.CellError, $"cell {Name(cell.Column, line)}: {why}");
            }
            foreach (var m in merged)
                if (line >= m.Top && line <= m.Bottom)
                    for (var c = m.Left; c <= Math.Min(m.Right, width - 1); c++)
                        (faults ??= [])[c] = new(FilesRules.CellMerged, $"cell {Name(c, line)} is merged with others ({m.Name}); unmerge them and give each row its own value");
            if (fields.All(f => f.Length == 0) && faults is null) continue;
            yield return new(line, fields, null) { Cells = faults };
        }
    }

    private readonly record struct Cell(int Column, string Kind, int Style, string Value, bool HasFormula, bool HasValue);

    /// <summary>The cells of the next row; null at the end.</summary>
    private static List<Cell>? Next(XmlReader xml, ref int line)
    {
        try
        {
            while (xml.Read())
            {
                if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "sheetData") return null;
                if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "row") continue;
                line = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : line + 1;
                return xml.IsEmptyElement ? [] : Cells(xml);
            }
            return null;
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
    }

    private static List<Cell> Cells(XmlReader xml)
    {
        var cells = new List<Cell>();
        var column = -1;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "row"))
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c") continue;
            column = xml.GetAttribute("r") is { } at && TryAddress(at, out _, out var c) ? c : column + 1;
            var (kind, style) = (xml.GetAttribute("t") ?? "n", int.TryParse(xml.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? s : 0);
            var (value, hasFormula, hasValue) = ("", false, false);
            if (!xml.IsEmptyElement)
            {
                var depth = xml.Depth;
                xml.Read();
                while (xml.Depth > depth)
                {
                    if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "v") (value, hasValue) = (xml.ReadElementContentAsString(), true);
                    else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "is") (value, hasValue) = (TextOf(xml), true);
                    else
                    {
                        hasFormula |= xml is { NodeType: XmlNodeType.Element, LocalName: "f" };
                        xml.Skip();
                    }
                }
            }
            cells.Add(new(column, kind, style, value, hasFormula, hasValue));
        }
        return cells;
    }

    /// <summary>What a person sees in the cell, without regard to the width of its column or the digits its format hides.</summary>
    private string Plain(in Cell cell, bool decimalComma, out string? why)
    {
        why = null;
        if (!cell.HasValue || cell.Value.Length == 0 && cell.Kind == "n")
        {
            if (cell.HasFormula) why = "its formula has no stored value; open and save the workbook in a spreadsheet program";
            return "";
        }
        switch (cell.Kind)
        {
            case "s":
                if (int.TryParse(cell.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < _strings.Count) return Short(_strings[i]);
                why = "its text is missing in the workbook; save it again";
                return "";
            case "b": return cell.Value == "1" ? "TRUE" : "FALSE";
            case "e":
                why = $"it shows the error {Short(cell.Value)}; mend its formula";
                return "";
            case "n" when double.TryParse(cell.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                if (_styles.IsDate(cell.Style) && Date(number) is { } date) return date;
                var (figure, behind) = _styles.IsPercent(cell.Style) ? (Math.Round(number * 100, 10), " %") : (number, "");
                var text = figure.ToString("R", CultureInfo.InvariantCulture);
                return (decimalComma ? text.Replace('.', ',') : text) + behind;
            default: return Short(cell.Value);
        }
    }

    /// <summary>A day, a time of day, or both; null when the number is no date. Spreadsheets count days, to the millisecond at best.</summary>
    private string? Date(double days)
    {
        if (days is < 0 or >= 2_958_466) return null;
        var milliseconds = (long)Math.Round(days * 86_400_000);
        // Day 60 of the 1900 system is a 29 February that never was; after it the count is one too high.
        var day = new DateTime(_from1904 ? 1904 : 1899, _from1904 ? 1 : 12, _from1904 ? 1 : 30, 0, 0, 0, DateTimeKind.Unspecified).AddMilliseconds(milliseconds);
        return milliseconds < 86_400_000 ? day.ToString("HH:mm:ss.FFF", CultureInfo.InvariantCulture)
            : milliseconds % 86_400_000 == 0 ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : day.ToString("yyyy-MM-dd HH:mm:ss.FFF", CultureInfo.InvariantCulture);
    }

    /// <summary>Merged ranges stand behind the rows in the file, so the sheet is gone through once before it is read.</summary>
    private (List<(int Top, int Left, int Bottom, int Right, string Name)> Merged, int Width) Survey()
    {
        var (merged, width) = (new List<(int, int, int, int, string)>(), 0);
        using var xml = Part(_sheet) ?? throw new WorkbookException(FilesRules.WorkbookWrong, $"its part '{_sheet}' is missing; save it again");
        var column = -1;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "row") column = -1;
            else if (xml.LocalName == "c")
            {
                column = xml.GetAttribute("r") is { } at && TryAddress(at, out _, out var c) ? c : column + 1;
                width = Math.Min(MostColumns, Math.Max(width, column + 1));
            }
            else if (xml.LocalName == "mergeCell" && xml.GetAttribute("ref") is { } range && range.Split(':') is [var from, var to]
                && TryAddress(from, out var top, out var left) && TryAddress(to, out var bottom, out var right))
                merged.Add((top, left, bottom, right, range));
        }
        return (merged, width);
    }

    private (string Part, bool From1904) Find(string? wanted)
    {
        var (names, from1904) = (new List<(string Name, string Relation, bool Hidden)>(), false);
        using (var xml = Part("xl/workbook.xml") ?? throw new WorkbookException(FilesRules.WorkbookWrong, "it has no part xl/workbook.xml; it is no workbook of the kind .xlsx"))
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element) continue;
                if (xml.LocalName == "workbookPr") from1904 = xml.GetAttribute("date1904") is "1" or "true";
                else if (xml.LocalName == "sheet") names.Add((xml.GetAttribute("name") ?? "", Relation(xml), xml.GetAttribute("state") is "hidden" or "veryHidden"));
            }
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        using (var xml = Part("xl/_rels/workbook.xml.rels"))
            while (xml?.Read() == true)
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "Relationship" } && xml.GetAttribute("Type")?.EndsWith("/worksheet", StringComparison.Ordinal) == true)
                    targets[xml.GetAttribute("Id") ?? ""] = xml.GetAttribute("Target") ?? "";
        var sheets = names.Where(n => targets.ContainsKey(n.Relation)).ToList();
        var found = wanted is null ? sheets.Find(s => !s.Hidden) : sheets.Find(s => string.Equals(Same(s.Name), Same(wanted), StringComparison.OrdinalIgnoreCase));
        if (found.Relation is null)
            throw new WorkbookException(FilesRules.SheetMissing, wanted is null ? "it has no sheet with cells that is not hidden"
                : $"no sheet '{wanted}'; there are {string.Join(", ", sheets.Take(30).Select(s => $"'{s.Name}'"))}");
        var target = targets[found.Relation];
        return (target.StartsWith('/') ? target[1..] : "xl/" + target, from1904);

        static string Same(string name) => name.Trim().Normalize(NormalizationForm.FormKC);
        static string Relation(XmlReader x)
        {
            for (var more = x.MoveToFirstAttribute(); more; more = x.MoveToNextAttribute())
                if (x.LocalName == "id" && x.Prefix.Length > 0)
                {
                    var id = x.Value;
                    x.MoveToElement();
                    return id;
                }
            x.MoveToElement();
            return "";
        }
    }

    /// <summary>The text of a shared or inline string: its runs joined, without the phonetic guide. Leaves the reader behind the element.</summary>
    private static string TextOf(XmlReader xml)
    {
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return "";
        }
        var text = new StringBuilder();
        var depth = xml.Depth;
        xml.Read();
        while (xml.Depth > depth)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "t" }) text.Append(xml.ReadElementContentAsString());
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "r" }) xml.Read();
            else if (xml.NodeType == XmlNodeType.EndElement) xml.Read();
            else xml.Skip();
        }
        xml.Read();
        return text.ToString();
    }

    private XmlReader? Part(string name)
    {
        var entry = _zip.Entries.FirstOrDefault(e => string.Equals(e.FullName.Replace('\\', '/'), name, StringComparison.OrdinalIgnoreCase));
        if (entry is null) return null;
        if (entry.Length > _mostCharacters) throw new WorkbookException(FilesRules.FileTooLarge, $"its part '{name}' unpacks to {entry.Length / 1_048_576} MiB");
        return XmlReader.Create(entry.Open(), new XmlReaderSettings
        {
            CloseInput = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = false, IgnoreComments = true,
            // What the archive says about its size need not be true.
            MaxCharactersInDocument = _mostCharacters,
        });
    }

    /// <summary>What archive and text readers throw at bytes that are none of theirs; the bytes are in memory, so no disk is to blame.</summary>
    private static bool IsDamage(Exception fault) => fault is XmlException or InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;

    private static WorkbookException Damaged(Exception fault) => new(FilesRules.WorkbookWrong, $"it is damaged ({fault.Message}); save it again");
    private static string Short(string text) => (text.Length > MostOfField ? text[..MostOfField] : text).Trim();

    private static string Name(int column, int line)
    {
        var name = "";
        for (var c = column + 1; c > 0; c = (c - 1) / 26) name = (char)('A' + (c - 1) % 26) + name;
        return string.Create(CultureInfo.InvariantCulture, $"{name}{line}");
    }

    private static bool TryAddress(ReadOnlySpan<char> text, out int line, out int column)
    {
        (line, column) = (0, 0);
        var at = 0;
        for (; at < text.Length && char.IsAsciiLetterUpper(text[at]) && at < 3; at++) column = column * 26 + (text[at] - 'A' + 1);
        column--;
        return at > 0 && int.TryParse(text[at..], NumberStyles.None, CultureInfo.InvariantCulture, out line);
    }
}
