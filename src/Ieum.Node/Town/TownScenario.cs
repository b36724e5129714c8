using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>The reference network: companies, calendars, machines, routings, one order of four lots, and what only its owners know.</summary>
/// <remarks>Read from <c>town.json</c>, which ships inside the product; <c>--scenario FILE</c> replaces it with a file of the same form.</remarks>
internal sealed record TownScenario(
    string Name,
    DateTimeOffset Start,
    ImmutableDictionary<string, TownCompany> Companies,
    ImmutableDictionary<string, string> Machines,
    ImmutableDictionary<string, ImmutableArray<TownLoad>> PrivateLoad,
    TownOrder Order,
    ImmutableDictionary<string, ImmutableArray<TownStep>> Routings,
    int SpoolsStartedPerLot,
    ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> ExpectedTests)
{
    /// <summary>The scenario that ships with the product.</summary>
    public static TownScenario BuiltIn()
    {
        using var stream = typeof(TownScenario).Assembly.GetManifestResourceStream("Ieum.Node.Town.town.json")
            ?? throw new InvalidOperationException("The built-in scenario is missing from the program.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), "the built-in scenario");
    }

    /// <exception cref="TownScenarioException">The file is not there or does not follow the form.</exception>
    public static TownScenario Load(string file)
    {
        if (!File.Exists(file)) throw new TownScenarioException("town-no-scenario", $"No scenario at '{file}'. Leave --scenario out for the built-in one.");
        return Parse(File.ReadAllText(file), $"'{file}'");
    }

    /// <exception cref="TownScenarioException">The text does not follow the form.</exception>
    public static TownScenario Parse(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new TownScenarioException("town-scenario-form",
                $"The scenario in {where} does not follow the form of town.json: {e.Message} Compare it with the built-in one in src/Ieum.Node/Town/town.json.");
        }
    }

    public WorkCalendar CalendarOf(string company) => Companies[company].Calendar;

    private static TownScenario Read(JsonElement root)
    {
        var start = Instant(root.GetProperty("start"));
        var holidays = root.GetProperty("holidays").EnumerateObject()
            .ToDictionary(h => h.Name, h => h.Value.EnumerateArray().Select(d => DateOnly.Parse(d.GetString()!, CultureInfo.InvariantCulture)).ToArray());
        var companies = root.GetProperty("companies").EnumerateObject().ToImmutableDictionary(c => c.Name, c => new TownCompany(
            new CompanyId(c.Name),
            new LocalName(Text(c.Value, "ko"), Text(c.Value, "ja"), Text(c.Value, "en")),
            Text(c.Value, "country"), Text(c.Value, "place"), c.Value.GetProperty("people").GetInt32(),
            Calendar(root.GetProperty("calendars").GetProperty(c.Name), start.Offset, holidays.GetValueOrDefault(Text(c.Value, "country"), []))));
        var order = root.GetProperty("order");
        return new(
            Text(root, "name"), start, companies,
            root.GetProperty("machines").EnumerateObject().ToImmutableDictionary(m => m.Name, m => m.Value.GetString()!),
            root.GetProperty("private_load").EnumerateObject().ToImmutableDictionary(m => m.Name, m => m.Value.EnumerateArray()
                .Select(l => new TownLoad(Instant(l.GetProperty("from")), Hours(l.GetProperty("hours")))).ToImmutableArray()),
            new TownOrder(Text(order, "id"), Text(order, "item"), order.GetProperty("lots").EnumerateArray()
                .Select(l => new TownLot(l.GetProperty("lot").GetInt32(), l.GetProperty("qty").GetInt32(), Instant(l.GetProperty("due")))).ToImmutableArray()),
            root.GetProperty("routing").EnumerateObject().ToImmutableDictionary(r => r.Name, r => r.Value.EnumerateArray().Select(Step).ToImmutableArray()),
            root.GetProperty("items").GetProperty("SPOOL").GetProperty("started_per_lot").GetInt32(),
            root.GetProperty("expected").EnumerateObject().ToImmutableDictionary(e => e.Name, e => e.Value.GetProperty("tested").EnumerateArray()
                .Select(Instant).ToImmutableArray()));
    }

    private static TownStep Step(JsonElement step)
    {
        var machine = step[0].GetString()!;
        var unit = step[1].GetString()!;
        if (machine == "wait") return new(machine, TimeSpan.Zero, TimeSpan.Zero, Hours(step[2]), 1, []);
        return unit switch
        {
            "h/lot" => new(machine, Hours(step[2]), TimeSpan.Zero, TimeSpan.Zero, 1, []),
            "h/batch of 2 lots" => new(machine, Hours(step[2]), TimeSpan.Zero, TimeSpan.Zero, 2, []),
            "min/pc" => new(machine, TimeSpan.Zero, Minutes(step[2]), TimeSpan.Zero, 1, []),
            "setup h, min/pc" => new(machine, Hours(step[2]), Minutes(step[3]), TimeSpan.Zero, 1, Alternatives(step)),
            _ => throw new FormatException($"Step '{machine}' has the unknown unit '{unit}'."),
        };
    }

    private static ImmutableArray<MachineOption> Alternatives(JsonElement step) =>
        step.GetArrayLength() > 4 && step[4].TryGetProperty("alt", out var alternatives)
            ? [.. alternatives.EnumerateObject().Select(a => new MachineOption(new MachineId(a.Name), Hours(a.Value[0]), Minutes(a.Value[1])))]
            : [];

    private static WorkCalendar Calendar(JsonElement calendar, TimeSpan offset, DateOnly[] holidays)
    {
        var week = new Dictionary<DayOfWeek, IReadOnlyList<Shift>>();
        for (var day = DayOfWeek.Monday; day <= DayOfWeek.Friday; day++) week[day] = Shifts(calendar.GetProperty("weekday"));
        if (calendar.GetProperty("saturday") is { ValueKind: JsonValueKind.Array } saturday) week[DayOfWeek.Saturday] = Shifts(saturday);
        return new WorkCalendar(offset, week, holidays);
    }

    private static Shift[] Shifts(JsonElement shifts) => [.. shifts.EnumerateArray().Select(s => new Shift(Hours(s[0]), Hours(s[1])))];
    private static TimeSpan Hours(JsonElement e) => TimeSpan.FromHours(e.GetDouble());
    private static TimeSpan Minutes(JsonElement e) => TimeSpan.FromMinutes(e.GetDouble());
    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;
    private static DateTimeOffset Instant(JsonElement e) => DateTimeOffset.Parse(e.GetString()!, CultureInfo.InvariantCulture);
}

internal sealed record TownCompany(CompanyId Id, LocalName Name, string Country, string Place, int People, WorkCalendar Calendar);

/// <summary>Work that only the machine's owner knows of: it takes this much working time from this instant on.</summary>
internal sealed record TownLoad(DateTimeOffset From, TimeSpan Work);

internal sealed record TownOrder(string Id, string Item, ImmutableArray<TownLot> Lots);

internal sealed record TownLot(int Number, int Quantity, DateTimeOffset Due);

/// <summary>One step of a routing of the network.</summary>
/// <param name="Machine">Machine id, or <c>wait</c>.</param>
/// <param name="Fixed">Time per set-up, lot or batch.</param>
/// <param name="BatchLots">Lots that are processed together; 1 for all but furnaces.</param>
/// <param name="Alternatives">Other machines with their own times; may belong to other companies.</param>
internal sealed record TownStep(string Machine, TimeSpan Fixed, TimeSpan PerPiece, TimeSpan Wait, int BatchLots, ImmutableArray<MachineOption> Alternatives)
{
    public bool IsWait => Machine == "wait";
    /// <summary>Companies are the part of a machine id before the first hyphen.</summary>
    public string Company => Machine.Split('-')[0];
}

/// <param name="rule">Stable id of the rule.</param>
internal sealed class TownScenarioException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
