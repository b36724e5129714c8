using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace Ieum.Node.Exchange;

/// <summary>A sheet to write. Cells are texts, numbers (<see cref="double"/>, <see cref="int"/>), times (<see cref="DateTimeOffset"/>, local) or null.</summary>
internal sealed record Sheet(string Name, IReadOnlyList<IReadOnlyList<object?>> Rows);

/// <summary>Writes the small part of Office Open XML (ECMA-376 part 1, SpreadsheetML) that templates and exports need: texts, numbers, dates, a bold first row that stays in place.</summary>
internal static class XlsxWriter
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships", Package = "http://schemas.openxmlformats.org/package/2006";
    // The same bytes for the same table, so that files can be compared.
    private static readonly DateTimeOffset Stamp = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Write(params Sheet[] sheets)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "[Content_Types].xml", $"<Types xmlns=\"{Package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                + Part("/xl/workbook.xml", "sheet.main") + Part("/xl/styles.xml", "styles") + string.Concat(sheets.Select((_, i) => Part($"/xl/worksheets/sheet{i + 1}.xml", "worksheet"))) + "</Types>");
            Add(zip, "_rels/.rels", $"<Relationships xmlns=\"{Package}/relationships\"><Relationship Id=\"rId1\" Type=\"{Relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
            Add(zip, "xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Relations}\"><sheets>" + string.Concat(sheets.Select((s, i) => $"<sheet name=\"{Safe(s.Name)}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>")) + "</sheets></workbook>");
            Add(zip, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{Package}/relationships\">"
                + string.Concat(sheets.Select((_, i) => $"<Relationship Id=\"rId{i + 1}\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"))
                + $"<Relationship Id=\"rId{sheets.Length + 1}\" Type=\"{Relations}/styles\" Target=\"styles.xml\"/></Relationships>");
            // Formats: 0 plain, 1 bold, 2 day, 3 day and time, 4 text, so that a number like 0012 typed into a name stays one.
            Add(zip, "xl/styles.xml", $"<styleSheet xmlns=\"{Main}\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/><numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/></numFmts>"
                + "<fonts count=\"2\"><font><sz val=\"11\"/></font><font><b/><sz val=\"11\"/></font></fonts><fills count=\"1\"><fill><patternFill patternType=\"none\"/></fill></fills><borders count=\"1\"><border/></borders>"
                + "<cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"5\"><xf/><xf fontId=\"1\" applyFont=\"1\"/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/><xf numFmtId=\"165\" applyNumberFormat=\"1\"/><xf numFmtId=\"49\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>");
            for (var i = 0; i < sheets.Length; i++) Add(zip, $"xl/worksheets/sheet{i + 1}.xml", Body(sheets[i]));
        }
        return memory.ToArray();

        static string Part(string name, string kind) => $"<Override PartName=\"{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml\"/>";
    }

    private static string Body(Sheet sheet)
    {
        var text = new StringBuilder($"<worksheet xmlns=\"{Main}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>");
        var width = sheet.Rows.Max(r => r.Count);
        for (var c = 0; c < width; c++)
            text.Append(CultureInfo.InvariantCulture, $"<col min=\"{c + 1}\" max=\"{c + 1}\" width=\"{Math.Clamp(sheet.Rows.Take(200).Max(r => c < r.Count ? WidthOf(r[c]) : 0) + 3, 10, 60)}\" customWidth=\"1\"/>");
        text.Append("</cols><sheetData>");
        for (var r = 0; r < sheet.Rows.Count; r++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<row r=\"{r + 1}\">");
            for (var c = 0; c < sheet.Rows[r].Count; c++) Cell(text, sheet.Rows[r][c], r, c);
            text.Append("</row>");
        }
        return text.Append("</sheetData></worksheet>").ToString();
    }

    private static void Cell(StringBuilder text, object? value, int row, int column)
    {
        var at = $"{(column >= 26 ? ((char)('A' + column / 26 - 1)).ToString() : "")}{(char)('A' + column % 26)}{row + 1}";
        switch (value)
        {
            case null or "": break;
            case double or int or long: text.Append(CultureInfo.InvariantCulture, $"<c r=\"{at}\"><v>{value:R}</v></c>"); break;
            case DateTimeOffset t:
                var days = (t.DateTime - new DateTime(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified)).TotalDays;
                text.Append(CultureInfo.InvariantCulture, $"<c r=\"{at}\" s=\"{(t.TimeOfDay == TimeSpan.Zero ? 2 : 3)}\"><v>{days:R}</v></c>");
                break;
            default: text.Append(CultureInfo.InvariantCulture, $"<c r=\"{at}\" t=\"inlineStr\" s=\"{(row == 0 ? 1 : 4)}\"><is><t xml:space=\"preserve\">{Safe(value.ToString()!)}</t></is></c>"); break;
        }
    }

    /// <summary>Rough width in characters; Hangul, kana and kanji take two.</summary>
    private static int WidthOf(object? value) => value is DateTimeOffset ? 16 : value?.ToString()?.Sum(c => c >= 0x1100 ? 2 : 1) ?? 0;

    private static string Safe(string text) => SecurityElement.Escape(string.Concat(text.Where(c => c is '\t' or '\n' or '\r' || !char.IsControl(c))));

    private static void Add(ZipArchive zip, string name, string xml)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = Stamp;
        using var writer = new StreamWriter(entry.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + xml);
    }
}
