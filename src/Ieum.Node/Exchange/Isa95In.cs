using System.Globalization;
using System.Text.Json;
using System.Xml;
using Ieum.Connect.Files;

namespace Ieum.Node.Exchange;

/// <summary>Reads ISA-95 documents in the JSON form of B2MML V7 names (docs/protocols/isa95-json.md) as rows of the tables, so that they pass the same checks as a file of a person.</summary>
/// <remarks>Names are read as text or as <c>{"Value": …}</c>, lists as a list or a single object: both forms are met in the field. What is not named in the protocol's table is left alone.</remarks>
internal static class Isa95In
{
    /// <returns>Rows by kind, in the order in which they must be taken: stock and routings before orders.</returns>
    public static IReadOnlyList<(TableKind Kind, TableIn Table)> Read(JsonElement document, List<ExchangeProblem> problems)
    {
        var (stock, routings, orders) = (new List<SourceRow>(), new List<SourceRow>(), new List<SourceRow>());
        if (document.ValueKind == JsonValueKind.Object)
        {
            foreach (var lot in List(document, "MaterialInformation").SelectMany(m => List(m, "MaterialLot"))) Add(stock, StockOf(lot));
            foreach (var definition in List(document, "OperationsDefinitionInformation").SelectMany(i => List(i, "OperationsDefinition")).Concat(List(document, "OperationsDefinition")))
                foreach (var row in RoutingOf(definition)) Add(routings, row);
            foreach (var request in List(document, "OperationsSchedule").SelectMany(s => List(s, "OperationsRequest"))) Add(orders, OrderOf(request));
        }
        if (stock.Count + routings.Count + orders.Count == 0)
            problems.Add(ExchangeProblem.Of(0, "", "", ExchangeRules.NotJson, $"The document holds no OperationsSchedule, OperationsDefinition or MaterialInformation. See docs/protocols/isa95-json.md."));
        return [(TableKind.Stock, new(stock, [])), (TableKind.Routings, new(routings, [])), (TableKind.Orders, new(orders, []))];

        static void Add(List<SourceRow> rows, Dictionary<string, string> values) => rows.Add(new(rows.Count + 1, values, new Dictionary<string, TableFault>()));
    }

    private static Dictionary<string, string> StockOf(JsonElement lot)
    {
        var row = Row(("item", Text(lot, "MaterialDefinitionID")), ("onHand", Quantity(lot)));
        if (Text(lot, "Description") is { } name) row["itemName"] = name;
        return row;
    }

    /// <summary>An OperationsRequest: its own times, or those of its segments; the produced material is the item.</summary>
    private static Dictionary<string, string> OrderOf(JsonElement request)
    {
        var segments = List(request, "SegmentRequirement").ToList();
        var made = segments.SelectMany(s => List(s, "MaterialRequirement")).FirstOrDefault(m => Text(m, "MaterialUse") is null or "Produced" or "Material Produced");
        var row = Row(("order", Text(request, "ID")),
            ("item", made.ValueKind == JsonValueKind.Object ? Text(made, "MaterialDefinitionID") : Text(request, "OperationsDefinitionID")),
            ("quantity", made.ValueKind == JsonValueKind.Object ? Quantity(made) : Quantity(request)),
            ("due", Text(request, "EndTime") ?? segments.Select(s => Text(s, "LatestEndTime")).Where(t => t is not null).Max(StringComparer.Ordinal)));
        if ((Text(request, "StartTime") ?? segments.Select(s => Text(s, "EarliestStartTime")).Where(t => t is not null).Min(StringComparer.Ordinal)) is { } release) row["release"] = release;
        // ISA-95 leaves the scale of priorities to the parties; here 1 is the most urgent, as in most order books, and 10 the least.
        if (Text(request, "Priority") is { } priority)
            row["weight"] = int.TryParse(priority, NumberStyles.None, CultureInfo.InvariantCulture, out var p) && p is >= 1 and <= 10 ? (11 - p).ToString(CultureInfo.InvariantCulture) : priority;
        return row;
    }

    private static IEnumerable<Dictionary<string, string>> RoutingOf(JsonElement definition)
    {
        var (item, name) = (Text(definition, "ID"), Text(definition, "Description"));
        foreach (var segment in List(definition, "OperationsSegment"))
        {
            var (step, after) = (Text(segment, "ID"), string.Join(' ', List(segment, "SegmentDependency").Where(d => Text(d, "Dependency") is null or "AfterEnd" or "NotBeforeEnd" or "StartAfterEnd")
                .SelectMany(d => List(d, "SegmentID").Select(Plain)).OfType<string>()));
            var machines = List(segment, "EquipmentSpecification").ToList();
            foreach (var machine in machines.Count > 0 ? machines : [default])
            {
                var row = Row(("item", item), ("step", step), ("machine", machine.ValueKind == JsonValueKind.Object ? Text(machine, "EquipmentID") : null));
                if (name is not null) row["itemName"] = name;
                if (Text(segment, "Description") is { } said) row["stepName"] = said;
                if (after.Length > 0) row["after"] = after;
                // Duration is the time of one piece; a machine of its own pace says so in its properties.
                var (setUp, piece) = (Property(machine, segment, "SetupTime"), Property(machine, default, "UnitTime") ?? Text(segment, "Duration"));
                if (machine.ValueKind == JsonValueKind.Object)
                {
                    if (setUp is not null) row["setUp"] = Minutes(setUp);
                    if (piece is not null) row["perPiece"] = Minutes(piece);
                }
                else if (piece is not null) row["wait"] = Minutes(piece);
                yield return row;
            }
        }
    }

    /// <summary>A parameter or property of that name, of the machine or else of the segment.</summary>
    private static string? Property(JsonElement machine, JsonElement segment, string name)
    {
        foreach (var (owner, list) in new[] { (machine, "EquipmentSpecificationProperty"), (segment, "Parameter"), (segment, "ParameterSpecification") })
            foreach (var p in List(owner, list))
                if (Text(p, "ID") == name) return List(p, "Value").Select(v => Text(v, "ValueString") ?? Plain(v)).FirstOrDefault();
        return null;
    }

    /// <summary>An ISO 8601 duration in minutes; what is none goes on as it is and is told by the reader of the row.</summary>
    private static string Minutes(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text).TotalMinutes.ToString("R", CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return text;
        }
    }

    private static string? Quantity(JsonElement of) => List(of, "Quantity").Select(q => Text(q, "QuantityString") ?? Plain(q)).FirstOrDefault(q => q is not null);

    private static Dictionary<string, string> Row(params (string Key, string? Value)[] values) => values.ToDictionary(v => v.Key, v => v.Value ?? "", StringComparer.Ordinal);

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var v) ? Plain(v) : null;

    private static string? Plain(JsonElement v) => v.ValueKind switch
    {
        JsonValueKind.String => v.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => v.GetRawText(),
        JsonValueKind.Object when v.TryGetProperty("Value", out var inner) || v.TryGetProperty("value", out inner) => inner.ValueKind is JsonValueKind.Object ? null : Plain(inner),
        JsonValueKind.Array => v.EnumerateArray().Select(Plain).FirstOrDefault(),
        _ => null,
    };

    private static IEnumerable<JsonElement> List(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out var v) || v.ValueKind == JsonValueKind.Null) yield break;
        if (v.ValueKind != JsonValueKind.Array) yield return v;
        else foreach (var one in v.EnumerateArray()) yield return one;
    }
}
