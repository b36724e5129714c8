using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>planning</c>: what the factory has besides machines, calendars and orders, and what a good plan is to it.</summary>
internal static class PlanningSection
{
    public static (FactoryData Factory, PlanGoal Goal) Read(ConfigObject root, HashSet<MachineId> machines, WorkCalendar calendar)
    {
        if (root.Child("planning") is not { } p) return (FactoryData.None, PlanGoal.Default);
        var factory = new FactoryData
        {
            SetUpTables = [.. p.Children("setUpTables").Select(TableOf).OfType<SetUpTable>()],
            Resources = [.. p.Children("resources").Select(r => ResourceOf(r, calendar)).OfType<SecondResource>()],
            Materials = [.. p.Children("materials").Select(MaterialOf).OfType<MaterialStock>()],
            Transport = [.. p.Children("transport").Select(t => ServiceOf(t, calendar)).OfType<TransportService>()],
            Machines = [.. p.Children("machines").Select(m => RulesOf(m, machines)).OfType<MachineRules>()],
            Overtime = [.. p.Children("overtime").Select(o => OvertimeOf(o, machines)).OfType<OvertimeOffer>()],
            Maintenance = [.. p.Children("maintenance").Select(m => MaintenanceOf(m, machines)).OfType<MaintenanceWindow>()],
        };
        factory = factory with { Subcontractors = [.. p.Children("subcontractors").Select(s => SubcontractorOf(s, machines)).OfType<Subcontractor>()] };
        var goal = p.Child("goal") is { } g ? GoalOf(g) : PlanGoal.Default;
        p.Close();
        Names(p, factory);
        return (factory, goal);
    }

    /// <summary>A machine's table and crew stand further up in the same section, so a wrong name is told here and not at the first plan.</summary>
    private static void Names(ConfigObject p, FactoryData factory)
    {
        foreach (var m in factory.Machines)
        {
            if (m.SetUpTable is { } table && factory.SetUpTables.All(t => t.Id != table))
                p.Tell(p.PathOf("machines"), ConfigRules.UnknownName, $"machine '{m.Machine}' names set-up table '{table}', which does not stand in setUpTables.");
            if (m.Crew is { } crew && !factory.Resources.Any(r => r.Id == crew || r.Skills.Contains(crew)))
                p.Tell(p.PathOf("machines"), ConfigRules.UnknownName, $"machine '{m.Machine}' is set up by '{crew}', which nobody in resources is.");
        }
        foreach (var s in factory.Subcontractors.Where(s => factory.Transport.All(t => t.Id != s.Transport)))
            p.Tell(p.PathOf("subcontractors"), ConfigRules.UnknownName, $"subcontractor '{s.Id}' is reached by '{s.Transport}', which does not stand in transport.");
        foreach (var twice in factory.Resources.GroupBy(r => r.Id).Where(g => g.Count() > 1))
            p.Tell(p.PathOf("resources"), ConfigRules.WrongValue, $"resource '{twice.Key}' stands twice.");
    }

    private static MachineId? MachineOf(ConfigObject o, HashSet<MachineId> machines)
    {
        if (o.Need<string?>("machine", Config.Read.Id) is not { } id) return null;
        if (machines.Contains(new(id))) return new(id);
        o.Tell(o.PathOf("machine"), ConfigRules.UnknownName, $"machine '{id}' does not stand in company. {CalendarSection.Known(machines)}");
        return null;
    }

    private static TimeRange? RangeOf(ConfigObject o)
    {
        var (from, to) = (o.Need<DateTimeOffset?>("from", Config.Read.Instant), o.Need<DateTimeOffset?>("to", Config.Read.Instant));
        if (from is null || to is null) return null;
        if (from < to) return new(from.Value, to.Value);
        o.Tell(o.PathOf("to"), ConfigRules.OutOfRange, "the end does not lie after the begin.");
        return null;
    }

    private static SetUpTable? TableOf(ConfigObject t)
    {
        var id = t.Need<string?>("id", Config.Read.Id);
        var times = t.Children("times").Select(x =>
        {
            var (from, to, time) = (x.Need<string?>("from", Config.Read.Id), x.Need<string?>("to", Config.Read.Id), x.Need<TimeSpan?>("time", Config.Read.Duration));
            x.Close();
            return from is null || to is null || time is null ? null : new SetUpTime(from, to, time.Value);
        }).OfType<SetUpTime>().ToImmutableArray();
        t.Close();
        return id is null ? null : new(id, times);
    }

    private static SecondResource? ResourceOf(ConfigObject r, WorkCalendar calendar)
    {
        var id = r.Need<string?>("id", Config.Read.Id);
        var name = r.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var skills = r.Optional<IReadOnlyList<string>?>("skills", null, Config.Read.Words);
        // "company": the company's shifts; an object: own shifts; left out: whenever the machine works.
        var own = r.Find("calendar") is not { } c ? null
            : c.ValueKind == JsonValueKind.String && c.GetString() == "company" ? calendar
            : CalendarSection.One(r.Open("calendar", c), calendar);
        var away = r.Children("absences").Select(a => { var range = RangeOf(a); a.Close(); return range; }).OfType<TimeRange>().ToImmutableArray();
        r.Close();
        return id is null ? null : new(id, name ?? LocalName.Same(id), [.. skills ?? []], own, away);
    }

    private static MaterialStock? MaterialOf(ConfigObject m)
    {
        var item = m.Need<string?>("item", Config.Read.Id);
        var name = m.Optional("name", LocalName.Same(item ?? "?"), Config.Read.Name);
        var onHand = m.Optional<double?>("onHand", 0, Config.Read.Number(0, 1e12)) ?? 0;
        var customer = m.Optional("fromCustomer", false, Config.Read.Flag);
        var arrivals = m.Children("arrivals").Select(a =>
        {
            var (at, amount) = (a.Need<DateTimeOffset?>("at", Config.Read.Instant), a.Need<double?>("amount", Config.Read.Number(0, 1e12)));
            a.Close();
            return at is null || amount is null ? null : new Supply(at.Value, amount.Value);
        }).OfType<Supply>().ToImmutableArray();
        m.Close();
        return item is null ? null : new(new(item), name ?? LocalName.Same(item), onHand, customer, arrivals);
    }

    private static TransportService? ServiceOf(ConfigObject t, WorkCalendar calendar)
    {
        var id = t.Need<string?>("id", Config.Read.Id);
        var name = t.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var offset = t.Optional<TimeSpan?>("offset", calendar.Offset, Config.Read.Offset) ?? calendar.Offset;
        var cutOff = t.Optional<TimeSpan?>("cutOff", TimeSpan.Zero, Config.Read.Duration) ?? TimeSpan.Zero;
        var week = t.Children("week").Select(d =>
        {
            var (day, at, travel) = (d.Need<DayOfWeek?>("day", Config.Read.DayOfTheWeek), d.Need<TimeSpan?>("at", Config.Read.Clock), d.Need<TimeSpan?>("travel", Config.Read.Duration));
            d.Close();
            return day is null || at is null || travel is null ? null : new Departure(day.Value, at.Value, travel.Value);
        }).OfType<Departure>().ToImmutableArray();
        var not = t.Optional<IReadOnlyList<string>?>("notOn", null, Config.Read.Words) ?? [];
        List<DateOnly> days = [];
        foreach (var text in not)
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day)) days.Add(day);
            else t.Tell(t.PathOf("notOn"), ConfigRules.WrongValue, $"\"{text}\" is not a day; write it as \"2026-12-25\".");
        t.Close();
        if (id is not null && week.IsEmpty) t.Tell(t.PathOf("week"), ConfigRules.MissingKey, "a transport needs at least one departure of the week.");
        return id is null ? null : new(id, name ?? LocalName.Same(id), offset, cutOff, week, [.. days]);
    }

    private static MachineRules? RulesOf(ConfigObject m, HashSet<MachineId> machines)
    {
        var machine = MachineOf(m, machines);
        var table = m.Optional<string?>("setUpTable", null, Config.Read.Id);
        var crew = m.Optional<string?>("crew", null, Config.Read.Id);
        var capacity = m.Optional<int?>("batchCapacity", 0, Config.Read.Whole(0, 1_000_000)) ?? 0;
        var family = m.Optional("family", "", Config.Read.Text);
        m.Close();
        return machine is null ? null : new(machine.Value, table, crew, capacity, family ?? "");
    }

    private static OvertimeOffer? OvertimeOf(ConfigObject o, HashSet<MachineId> machines)
    {
        var machine = MachineOf(o, machines);
        var range = RangeOf(o);
        var price = o.Need<double?>("pricePerHour", Config.Read.Number(0, 1e12));
        o.Close();
        return machine is null || range is null || price is null ? null : new(machine.Value, range.Value, price.Value);
    }

    private static Subcontractor? SubcontractorOf(ConfigObject s, HashSet<MachineId> machines)
    {
        var id = s.Need<string?>("id", Config.Read.Id);
        var name = s.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var takes = s.Need<IReadOnlyList<string>?>("machines", Config.Read.Words) ?? [];
        foreach (var m in takes.Where(m => !Identifier.IsValid(m) || !machines.Contains(new(m))))
            s.Tell(s.PathOf("machines"), ConfigRules.UnknownName, $"machine '{m}' does not stand in company. {CalendarSection.Known(machines)}");
        var transport = s.Need<string?>("transport", Config.Read.Id);
        var order = s.Optional<double?>("pricePerOrder", 0, Config.Read.Number(0, 1e12)) ?? 0;
        var piece = s.Optional<double?>("pricePerPiece", 0, Config.Read.Number(0, 1e12)) ?? 0;
        s.Close();
        return id is null || transport is null ? null : new(id, name ?? LocalName.Same(id), [.. takes.Where(m => Identifier.IsValid(m)).Select(m => new MachineId(m))], transport, order, piece);
    }

    private static MaintenanceWindow? MaintenanceOf(ConfigObject m, HashSet<MachineId> machines)
    {
        var machine = MachineOf(m, machines);
        var range = RangeOf(m);
        m.Close();
        return machine is null || range is null ? null : new(machine.Value, range.Value);
    }

    private static PlanGoal GoalOf(ConfigObject g)
    {
        double Weight(string key, double otherwise) => g.Optional<double?>(key, otherwise, Config.Read.Number(0, 1e9)) ?? otherwise;
        var d = PlanGoal.Default;
        var goal = new PlanGoal(Weight("tardiness", d.Tardiness), Weight("makespan", d.Makespan), Weight("flow", d.Flow), Weight("setUp", d.SetUp), Weight("overtime", d.Overtime), Weight("stability", d.Stability));
        g.Close();
        return goal;
    }
}
