using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>calendar</c> and <c>machineCalendars</c>.</summary>
internal static class CalendarSection
{
    private static readonly string[] Days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public static (WorkCalendar Company, ImmutableDictionary<MachineId, WorkCalendar> Own) Read(ConfigObject root, HashSet<MachineId> machines)
    {
        var company = root.Child("calendar") is { } c ? One(c, null) : NodeConfig.Empty.Calendar;
        var own = ImmutableDictionary.CreateBuilder<MachineId, WorkCalendar>();
        if (root.Child("machineCalendars") is { } list)
            foreach (var (key, value) in list.Entries())
            {
                if (!machines.Any(m => m.Value == key))
                    list.Tell(list.PathOf(key), ConfigRules.UnknownName, $"machine '{key}' does not stand in company. {Known(machines)}");
                else own[new(key)] = value.ValueKind == JsonValueKind.String && value.GetString() == "always"
                    ? WorkCalendar.Always(company.Offset)
                    : One(list.Open(key, value), company);
            }
        return (company, own.ToImmutable());
    }

    /// <param name="parent">Gives the offset and the holidays that are not named; null for the company's own.</param>
    internal static WorkCalendar One(ConfigObject c, WorkCalendar? parent)
    {
        var offset = c.Optional<TimeSpan?>("offset", parent?.Offset ?? TimeSpan.FromHours(9), Config.Read.Offset) ?? TimeSpan.FromHours(9);
        var week = new Dictionary<DayOfWeek, IReadOnlyList<Shift>>();
        if (c.Child("week") is { } w)
        {
            for (var d = 0; d < 7; d++)
                if (w.Optional<IReadOnlyList<Shift>?>(Days[d], null, Config.Read.Shifts) is { } shifts) week[(DayOfWeek)d] = shifts;
            w.Close();
        }
        else c.Need("week");
        var holidays = new List<DateOnly>();
        if (c.Find("holidays") is { } h)
        {
            if (h.ValueKind != JsonValueKind.Array) c.Tell(c.PathOf("holidays"), ConfigRules.WrongType, $"a list of days is expected here, not {ConfigObject.Name(h)}.");
            else
                foreach (var (e, i) in h.EnumerateArray().Select((e, i) => (e, i)))
                    if (Config.Read.Day(e, out var day, out var rule, out var why)) holidays.Add(day!.Value);
                    else c.Tell($"{c.PathOf("holidays")}[{i}]", rule, why);
        }
        else if (parent is not null) holidays.AddRange(parent.Holidays);
        // The public holidays of a country, for as many years as the tables know; days that the company names come beside them.
        if (c.Optional<string?>("publicHolidays", null, Config.Read.Id) is { } country)
        {
            var known = Enumerable.Range(2020, 30).Select(y => Plan.PublicHolidays.Of(country, y)).OfType<IReadOnlyDictionary<DateOnly, string>>().SelectMany(d => d.Keys).ToArray();
            if (known.Length == 0) c.Tell(c.PathOf("publicHolidays"), ConfigRules.UnknownName, $"the holidays of '{country}' are not known; known are KR and JP.");
            holidays.AddRange(known.Except(holidays));
        }
        var special = new Dictionary<DateOnly, IReadOnlyList<Shift>>();
        if (c.Child("exceptions") is { } x)
            foreach (var (key, _) in x.Entries())
            {
                if (!DateOnly.TryParseExact(key, "yyyy-MM-dd", out var day))
                    x.Tell(x.PathOf(key), ConfigRules.WrongValue, $"\"{key}\" is not a day; write it as \"2026-12-24\".");
                else if (x.Need<IReadOnlyList<Shift>?>(key, Config.Read.Shifts) is { } shifts) special[day] = shifts;
            }
        c.Close();
        return new(offset, week, holidays, special);
    }

    internal static string Known(IEnumerable<MachineId> machines) => $"Known machines: {string.Join(", ", machines.Order())}.";
}
