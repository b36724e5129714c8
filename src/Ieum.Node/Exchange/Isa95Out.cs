using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Exchange;

/// <summary>The plan in force and what was done, as ISA-95 documents in JSON (docs/protocols/isa95-json.md).</summary>
internal static class Isa95Out
{
    /// <summary>OperationsSchedule: every open order with its planned operations.</summary>
    public static JsonObject Schedule(PlanVersion plan, IEnumerable<Order> orders)
    {
        var (promises, operations) = (plan.Promises.ToDictionary(p => p.Order), plan.Operations.ToLookup(o => o.Order));
        return new()
        {
            ["OperationsSchedule"] = new JsonObject
            {
                ["ID"] = $"plan-{plan.Number}", ["PublishedDate"] = At(plan.Made),
                ["OperationsRequest"] = new JsonArray([.. orders.Where(o => operations.Contains(o.Id)).Select(o => new JsonObject
                {
                    ["ID"] = o.Id.Value, ["OperationsType"] = "Production", ["OperationsDefinitionID"] = o.Item.Value, ["StartTime"] = At(o.Release), ["EndTime"] = At(o.Due),
                    ["Promised"] = promises.TryGetValue(o.Id, out var p) ? At(p.Finish) : null,
                    ["SegmentRequirement"] = new JsonArray([.. operations[o.Id].OrderBy(x => x.Step).Select(x => (JsonNode)SegmentOf(x, o))]),
                })]),
            },
        };
    }

    /// <summary>OperationsPerformance: what people reported, by order.</summary>
    public static JsonObject Performance(IEnumerable<OperationActual> actuals, IEnumerable<Order> orders, DateTimeOffset now)
    {
        var byId = actuals.ToDictionary(a => a.Operation);
        return new()
        {
            ["OperationsPerformance"] = new JsonObject
            {
                ["PublishedDate"] = At(now),
                ["OperationsResponse"] = new JsonArray([.. orders.Select(o => (Order: o, Done: o.Routing.WorkSteps.Select(s => (s.Number, Actual: byId.GetValueOrDefault(OperationId.Of(o.Id, s.Number)))).Where(s => s.Actual?.Started is not null).ToList()))
                    .Where(o => o.Done.Count > 0).Select(o => (JsonNode)new JsonObject
                    {
                        ["OperationsRequestID"] = o.Order.Id.Value,
                        ["SegmentResponse"] = new JsonArray([.. o.Done.Select(s => (JsonNode)new JsonObject
                        {
                            ["OperationsSegmentID"] = s.Number.ToString(CultureInfo.InvariantCulture), ["SegmentState"] = s.Actual!.Status switch { OperationStatus.Finished => "Completed", OperationStatus.Paused => "Held", _ => "Running" },
                            ["ActualStartTime"] = At(s.Actual.Started!.Value), ["ActualEndTime"] = s.Actual.Finished is { } end ? At(end) : null,
                            ["EquipmentActual"] = new JsonArray(new JsonObject { ["EquipmentID"] = s.Actual.Machine?.Value }),
                            ["MaterialActual"] = new JsonArray([.. Counted(s.Actual).SelectMany(l => new JsonNode[] { Material(o.Order.Item, "Produced", l.Good, l.Lot ?? o.Order.OwnLot), Material(o.Order.Item, "Scrapped", l.Scrap, l.Lot ?? o.Order.OwnLot) })]),
                        })]),
                    })]),
            },
        };
    }

    private static JsonObject SegmentOf(PlannedOperation x, Order o) => new()
    {
        ["OperationsSegmentID"] = x.Step.ToString(CultureInfo.InvariantCulture), ["EarliestStartTime"] = At(x.Start), ["LatestEndTime"] = At(x.End), ["Duration"] = System.Xml.XmlConvert.ToString(x.Work),
        ["EquipmentRequirement"] = new JsonArray(new JsonObject { ["EquipmentID"] = x.Machine.Value }),
        ["MaterialRequirement"] = new JsonArray(Material(o.Item, "Produced", x.Quantity)),
    };

    private static IEnumerable<(LotId? Lot, int Good, int Scrap)> Counted(OperationActual a) =>
        a.Lots is { Count: > 0 } lots ? lots.GroupBy(l => l.Lot, (lot, l) => (lot, l.Sum(x => x.Good), l.Sum(x => x.Scrap))) : [(a.Lot, a.Good, a.Scrap)];

    private static JsonObject Material(ItemId item, string use, int pieces, LotId? lot = null)
    {
        var material = new JsonObject
        {
            ["MaterialDefinitionID"] = item.Value, ["MaterialUse"] = use,
            ["Quantity"] = new JsonArray(new JsonObject { ["QuantityString"] = pieces.ToString(CultureInfo.InvariantCulture), ["DataType"] = "integer", ["UnitOfMeasure"] = "C62" }),
        };
        if (lot is { } named) material["MaterialLotID"] = named.Value;
        return material;
    }

    private static string At(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
