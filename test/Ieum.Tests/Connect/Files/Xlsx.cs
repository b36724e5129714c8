using System.IO.Compression;
using System.Text;

namespace Ieum.Tests.Connect.Files;

/// <summary>Makes workbooks as spreadsheet programs write them, part by part.</summary>
internal static class Xlsx
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", Rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>Formats by number: 0 general, 1 date and time of its own, 2 built-in date 14, 3 built-in Korean and Japanese date 31, 4 time, 5 percent, 6 three decimals with a unit, 7 a length of time.</summary>
    private const string Styles = $"""
        <styleSheet xmlns="{Main}"><numFmts count="4"><numFmt numFmtId="164" formatCode="yyyy/mm/dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="0.000&quot; mm ysd&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm:ss"/><numFmt numFmtId="167" formatCode="[$-412]AM/PM h:mm"/></numFmts>
        <cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs count="8"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="31"/><xf numFmtId="167"/><xf numFmtId="10"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>
        """;

    /// <param name="rows">The inside of <c>sheetData</c> of the sheet that is looked for.</param>
    /// <param name="strings">Shared strings, as the inside of <c>si</c>.</param>
    public static byte[] Of(string rows, string merged = "", string[]? strings = null, string name = "측정", bool from1904 = false)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""");
            Add("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Rel}"><workbookPr{(from1904 ? " date1904=\"1\"" : "")}/><sheets><sheet name="hidden" sheetId="1" state="hidden" r:id="rId1"/><sheet name="{name}" sheetId="2" r:id="rId2"/><sheet name="other" sheetId="3" r:id="rId3"/></sheets></workbook>""");
            Add("xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{Rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{Rel}/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId3" Type="{Rel}/worksheet" Target="worksheets/sheet3.xml"/><Relationship Id="rId4" Type="{Rel}/styles" Target="styles.xml"/></Relationships>""");
            Add("xl/styles.xml", Styles);
            Add("xl/sharedStrings.xml", $"""<sst xmlns="{Main}">{string.Concat((strings ?? []).Select(s => $"<si>{s}</si>"))}</sst>""");
            Add("xl/worksheets/sheet1.xml", $"""<worksheet xmlns="{Main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>""");
            Add("xl/worksheets/sheet2.xml", $"""<worksheet xmlns="{Main}"><sheetData>{rows}</sheetData>{(merged.Length > 0 ? $"<mergeCells>{merged}</mergeCells>" : "")}</worksheet>""");
            Add("xl/worksheets/sheet3.xml", $"""<worksheet xmlns="{Main}"><sheetData><row><c t="inlineStr"><is><t>측정시각</t></is></c><c t="inlineStr"><is><t>내경(mm)</t></is></c><c t="inlineStr"><is><t>판정</t></is></c></row></sheetData></worksheet>""");

            void Add(string part, string xml)
            {
                using var stream = zip.CreateEntry(part).Open();
                stream.Write(Encoding.UTF8.GetBytes(xml));
            }
        }
        return bytes.ToArray();
    }

    /// <summary>The three columns of the tests, in the row given.</summary>
    public static string Header(int row = 1) => $"""<row r="{row}">{Text("A", row, "측정시각")}{Text("B", row, "내경(mm)")}{Text("C", row, "판정")}</row>""";
    public static string Row(int row, params string[] cells) => $"""<row r="{row}">{string.Concat(cells)}</row>""";
    public static string Text(string column, int row, string text) => $"""<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>""";
    public static string Number(string column, int row, string value, int style = 0) => $"""<c r="{column}{row}" s="{style}"><v>{value}</v></c>""";
}
