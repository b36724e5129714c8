using System.Globalization;
using System.Text;
using System.Xml;

namespace Ieum.Connect.Files;

/// <summary>Which cell formats of a workbook show dates, times and percentages (ECMA-376 part 1, 18.8.30 and 18.8.31).</summary>
internal sealed class SheetStyles
{
    private enum Shown : byte { Number, Date, Percent }

    private readonly List<Shown> _formats = [];

    /// <param name="xml">The part <c>styles.xml</c>; null where a workbook has none.</param>
    public SheetStyles(XmlReader? xml)
    {
        if (xml is null) return;
        var codes = new Dictionary<int, string>();
        var inCells = false;
        while (xml.Read())
        {
            if (xml.LocalName == "cellXfs") inCells = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "numFmt" && Id(xml) is { } id) codes[id] = xml.GetAttribute("formatCode") ?? "";
            else if (xml.LocalName == "xf" && inCells) _formats.Add(Id(xml) is { } format ? Of(format, codes.GetValueOrDefault(format)) : Shown.Number);
        }

        static int? Id(XmlReader x) => int.TryParse(x.GetAttribute("numFmtId"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
    }

    public bool IsDate(int format) => format >= 0 && format < _formats.Count && _formats[format] == Shown.Date;
    public bool IsPercent(int format) => format >= 0 && format < _formats.Count && _formats[format] == Shown.Percent;

    // 27 to 36 and 50 to 58 are the dates of Korean, Japanese and Chinese spreadsheets; workbooks name them without their code.
    private static Shown Of(int format, string? code) => code is not null ? OfCode(code) : format switch
    {
        >= 14 and <= 22 or >= 27 and <= 36 or 45 or 47 or >= 50 and <= 58 => Shown.Date,
        9 or 10 => Shown.Percent,
        _ => Shown.Number,
    };

    /// <summary>Letters of dates outside quotes and brackets. A time that counts on beyond 24 h, <c>[h]:mm</c>, is a length of time and stays a number of days.</summary>
    private static Shown OfCode(string code)
    {
        var bare = new StringBuilder();
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
            switch (code[i])
            {
                case '"': i = Past(code, i, '"'); break;
                case '[':
                    var end = Past(code, i, ']');
                    if (end - i is 2 or 3 && code[i + 1] is 'h' or 'H' or 'm' or 'M' or 's' or 'S') return Shown.Number;
                    i = end;
                    break;
                case '\\' or '_' or '*': i++; break;
                default: bare.Append(char.ToLowerInvariant(code[i])); break;
            }
        var text = bare.ToString();
        return text.Contains('%', StringComparison.Ordinal) ? Shown.Percent
            : text != "general" && text.AsSpan().IndexOfAny("ymdhs") >= 0 ? Shown.Date : Shown.Number;
    }

    private static int Past(string code, int from, char end) => code.IndexOf(end, from + 1) is >= 0 and var at ? at : code.Length;
}
