using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>Where one machine of the town is reached, as its simulated machine reported it.</summary>
/// <param name="Points">What to read, in the keys of <c>connections[].points</c>; null where the machine tells by itself.</param>
internal sealed record TownConnection(string Machine, string Protocol, string Endpoint, IReadOnlyDictionary<string, string> Options, JsonArray? Points);

/// <summary>Writes the <c>ieum.json</c> of one company of the town: the same file a real company would write by hand.</summary>
internal static class TownNodeConfig
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(TownScenario scenario, string company, IReadOnlyList<TownConnection> connections, int brokerPort)
    {
        var orders = TownLegs.OrdersOf(scenario, company);
        return new JsonObject
        {
            ["company"] = CompanyOf(TownLegs.CompanyOf(scenario, company)),
            ["calendar"] = CalendarOf(scenario.CalendarOf(company)),
            ["connections"] = Array(connections.Select(ConnectionOf)),
            ["products"] = Array(orders.DistinctBy(o => o.Item).Select(ProductOf)),
            ["orders"] = Array(orders.Select(OrderOf)),
            ["planning"] = new JsonObject { ["machines"] = Array(TownLegs.FurnacesOf(scenario, company).Select(f => new JsonObject { ["machine"] = f.Machine, ["batchCapacity"] = f.Lots })) },
            ["Broker"] = new JsonObject { ["Port"] = brokerPort },
            // The factory clock runs fast: a second of thinking is minutes of the factory's day.
            ["Plan"] = new JsonObject { ["SolveLimit"] = "2 s" },
            // Nobody sits at the planner's desk of a headless town, so its loops act by themselves and report.
            // A machine that breaks down is asked about all the same. What came of it is measured before the day ends.
            ["Act"] = new JsonObject { ["ReplanLevel"] = "ActAndReport", ["LearnedTimeLevel"] = "ActAndReport", ["BreakdownLevel"] = "Ask", ["EffectAfter"] = "330 min" },
            // The builder's service desk comes within two days.
            ["Loop"] = new JsonObject { ["BreakdownAllowance"] = "48 h" },
            // Honoured on loopback only; the node refuses it on any other address.
            ["Security"] = new JsonObject { ["DemoOwner"] = true },
        }.ToJsonString(Indented);
    }

    private static JsonObject ConnectionOf(TownConnection c)
    {
        var o = new JsonObject { ["machine"] = c.Machine, ["protocol"] = c.Protocol, ["endpoint"] = c.Endpoint };
        if (c.Options.Count > 0) o["options"] = new JsonObject([.. c.Options.Select(p => new KeyValuePair<string, JsonNode?>(p.Key, p.Value))]);
        if (c.Points is { } points) o["points"] = points.DeepClone();
        return o;
    }

    private static JsonObject CompanyOf(Company c) => new()
    {
        ["id"] = c.Id.Value,
        ["name"] = NameOf(c.Name),
        ["country"] = c.Country,
        ["sites"] = Array(c.Sites.Select(s => new JsonObject
        {
            ["id"] = s.Id,
            ["name"] = NameOf(s.Name),
            ["areas"] = Array(s.Areas.Select(a => new JsonObject
            {
                ["id"] = a.Id,
                ["name"] = NameOf(a.Name),
                ["lines"] = Array(a.Lines.Select(l => new JsonObject
                {
                    ["id"] = l.Id,
                    ["name"] = NameOf(l.Name),
                    ["machines"] = Array(l.Machines.Select(m => new JsonObject { ["id"] = m.Id.Value, ["name"] = NameOf(m.Name), ["kind"] = m.Kind })),
                })),
            })),
        })),
    };

    private static JsonObject CalendarOf(WorkCalendar calendar)
    {
        // Days of one ordinary week without a holiday: the scenario gives the same hours every week.
        var monday = new DateOnly(2026, 10, 5);
        var week = new JsonObject();
        for (var d = 0; d < 7; d++)
        {
            var day = monday.AddDays(d);
            var shifts = calendar.ShiftsOn(day);
            if (shifts.Length > 0)
                week[day.DayOfWeek.ToString().ToLowerInvariant()] = new JsonArray([.. shifts.Select(s => JsonValue.Create(s.ToString()))]);
        }
        return new JsonObject
        {
            ["offset"] = string.Create(CultureInfo.InvariantCulture, $"{(calendar.Offset < TimeSpan.Zero ? '-' : '+')}{calendar.Offset:hh\\:mm}"),
            ["week"] = week,
            ["holidays"] = new JsonArray([.. calendar.Holidays.Select(h => JsonValue.Create(h.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))]),
        };
    }

    private static JsonObject ProductOf(Order order) => new()
    {
        ["item"] = order.Item.Value,
        ["steps"] = Array(order.Routing.Steps.Select(s => s switch
        {
            RoutingStep.Work w => StepOf(w),
            RoutingStep.Wait w => new JsonObject { ["step"] = w.Number, ["name"] = w.Name, ["wait"] = Duration(w.Duration) },
            RoutingStep.Transport t => new JsonObject { ["step"] = t.Number, ["name"] = t.Name, ["transport"] = t.Service },
            _ => throw new InvalidOperationException($"Unknown kind of step {s.Number}."),
        })),
    };

    private static JsonObject StepOf(RoutingStep.Work w)
    {
        var step = new JsonObject
        {
            ["step"] = w.Number,
            ["name"] = w.Name,
            ["machines"] = Array(w.Options.Select(o => new JsonObject
            {
                ["machine"] = o.Machine.Value,
                ["setUp"] = Duration(o.SetUp),
                ["perPiece"] = Duration(o.PerPiece),
                ["unbroken"] = o.Unbroken,
            })),
        };
        if (w.Batch is { } b) step["batch"] = new JsonObject { ["recipe"] = b.Recipe, ["load"] = b.Load };
        return step;
    }

    private static JsonObject OrderOf(Order order)
    {
        var o = new JsonObject
        {
            ["id"] = order.Id.Value,
            ["item"] = order.Item.Value,
            ["quantity"] = order.Quantity,
            ["release"] = Instant(order.Release),
            ["due"] = Instant(order.Due),
            ["weight"] = order.Weight,
            ["private"] = order.IsPrivate,
        };
        if (order.Lot is { } lot) o["lot"] = lot.Value;
        return o;
    }

    private static JsonObject NameOf(LocalName n) => new() { ["ko"] = n.Ko, ["ja"] = n.Ja, ["en"] = n.En };
    private static string Duration(TimeSpan t) => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.###} s");
    private static string Instant(DateTimeOffset t) => t.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    private static JsonArray Array(IEnumerable<JsonObject> items) => new([.. items]);
}
