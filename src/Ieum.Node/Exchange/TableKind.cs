using System.Collections.Immutable;
using System.Text;
using Ieum.Node.Ui;

namespace Ieum.Node.Exchange;

/// <summary>A column of a template.</summary>
/// <param name="Key">Stable name; a heading in every template language besides the translated ones.</param>
/// <param name="Example">As it may stand in a cell.</param>
internal sealed record TableColumn(string Key, bool Needed, string Example);

/// <summary>A kind of table that goes in and out. Headings are <c>exchange.&lt;kind&gt;.&lt;key&gt;</c> of the text catalogue; a file may use any language.</summary>
internal sealed record TableKind(string Name, ImmutableArray<TableColumn> Columns)
{
    public static TableKind Orders { get; } = new("orders",
    [
        new("order", true, "PO-2612-001"), new("item", true, "VLV-BODY-20A"), new("quantity", true, "120"), new("due", true, "2026-12-18"), new("release", false, "2026-12-01 08:00"),
        new("deadline", false, "2026-12-24"), new("weight", false, "5"), new("lot", false, "L-26-1201"), new("private", false, "no"),
    ]);

    public static TableKind Routings { get; } = new("routings",
    [
        new("item", true, "VLV-BODY-20A"), new("itemName", false, "Valve body 20A"), new("way", false, "1"), new("step", true, "10"), new("stepName", false, "Turning"), new("machine", false, "B-LT1"), new("setUp", false, "40"),
        new("perPiece", false, "6"), new("unbroken", false, "no"), new("wait", false, ""), new("waitMost", false, ""), new("transport", false, ""), new("after", false, ""), new("family", false, "20A"), new("transfer", false, "10"),
        new("recipe", false, ""), new("load", false, ""), new("needs", false, "turner; vice:run"), new("takes", false, "SUS304-D60:1.2"),
    ]);

    public static TableKind Stock { get; } = new("stock",
    [
        new("item", true, "SUS304-D60"), new("itemName", false, "Bar SUS304 60 mm"), new("onHand", true, "240"), new("arrival", false, "2026-12-05"), new("arrivalAmount", false, "400"), new("fromCustomer", false, "no"),
    ]);

    public static TableKind SetUps { get; } = new("setups",
    [
        new("table", true, "lathe"), new("from", true, "20A"), new("to", true, "40A"), new("minutes", true, "35"), new("machine", false, "B-LT1"),
    ]);

    public static ImmutableArray<TableKind> All { get; } = [Orders, Routings, Stock, SetUps];

    public static TableKind? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    public string Heading(TableColumn column, string language) => TextCatalogue.All[$"exchange.{Name}.{column.Key}"].In(language);

    /// <summary>The column that a heading means, in any of the languages; null when it means none.</summary>
    public TableColumn? ColumnOf(string heading)
    {
        var folded = Fold(heading);
        return folded.Length == 0 ? null : Columns.FirstOrDefault(c => Fold(c.Key) == folded || TextCatalogue.Languages.Any(l => Fold(Heading(c, l)) == folded));
    }

    /// <summary>Headings as people write them: without regard to width, case, blanks, the star of needed fields, and a unit in brackets.</summary>
    private static string Fold(string heading)
    {
        var text = heading.Normalize(NormalizationForm.FormKC);
        if (text.IndexOf('(', StringComparison.Ordinal) is > 0 and var bracket) text = text[..bracket];
        return string.Concat(text.Where(c => char.IsLetterOrDigit(c))).ToUpperInvariant();
    }
}
