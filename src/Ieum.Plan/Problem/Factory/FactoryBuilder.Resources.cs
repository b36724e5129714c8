using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Machines, people, tables, stock and timetables in minutes.</summary>
internal sealed partial class FactoryBuilder
{
    private readonly List<MachineId> _ids = [];
    private readonly Dictionary<MachineId, int> _machineAt = [];
    private readonly List<FactoryMachine> _machines = [];
    private readonly List<TimeSpan> _offsets = [];
    private readonly List<ImmutableArray<OvertimeOffer>> _offers = [];
    private readonly List<FactoryUnit> _units = [];
    private readonly List<SetUpMatrix> _tables = [];
    private readonly List<FactoryMaterial> _materials = [];
    private readonly List<TransportLane> _lanes = [];
    private readonly Dictionary<WorkCalendar, OpenTime> _laid = new(ReferenceEqualityComparer.Instance);

    private int MachineOf(MachineId id) => _machineAt.GetValueOrDefault(id, -1);
    private IEnumerable<TimeRange> Stops(MachineId machine) => _request.Down.Where(d => d.Machine == machine).Select(d => d.Range)
        .Concat(_request.Factory.Maintenance.Where(m => m.Machine == machine).Select(m => m.Range));

    private ImmutableArray<int> UnitsWith(string skill) =>
        [.. Enumerable.Range(0, _request.Factory.Resources.Length).Where(i => _request.Factory.Resources[i].Skills.Contains(skill) || _request.Factory.Resources[i].Id == skill)];

    private void LayMachines()
    {
        foreach (var table in _request.Factory.SetUpTables) _tables.Add(TableOf(table));
        var named = _request.Orders.SelectMany(o => o.Routings).SelectMany(r => r.WorkSteps).SelectMany(w => w.Options).Select(o => o.Machine)
            .Concat(_request.Actuals.Where(IsBegun).Select(a => a.Machine!.Value)).Where(_request.Calendars.ContainsKey);
        foreach (var id in named.Distinct().Order())
        {
            var calendar = _request.Calendars[id];
            var rules = _request.Factory.Machines.FirstOrDefault(m => m.Machine == id) ?? new(id);
            var stops = Stops(id).Select(s => (Math.Max(-1, Down(s.From)), Math.Min(Horizon + 1, Up(s.To)))).ToArray();
            var open = Lay(calendar);
            if (stops.Length > 0) open = open.Without(stops);
            List<OvertimeWindow> windows = [];
            List<OvertimeOffer> offers = [];
            foreach (var offer in _request.Factory.Overtime.Where(x => x.Machine == id).OrderBy(x => x.Range.From))
            {
                var (from, to) = (Math.Max(0, Up(offer.Range.From)), Math.Min(Horizon, Down(offer.Range.To)));
                // What stops the machine stops its overtime too; each piece that is left is an offer of its own.
                foreach (var (a, b, price) in OpenTime.Of([(from, to, Math.Max(0, offer.PricePerHour / 60))]).Without(stops).Pieces)
                {
                    windows.Add(new(a, b, price));
                    offers.Add(offer);
                }
            }
            var matrix = rules.SetUpTable is { } t ? _tables.FindIndex(x => x.Id == t) : -1;
            if (rules.SetUpTable is not null && matrix < 0)
                Tell($"machine {id}", "set-up table", PlanRules.NameUnknown, $"Machine '{id}' names set-up table '{rules.SetUpTable}', which there is not; the times of the routings are taken.");
            ImmutableArray<int> crew = rules.Crew is { } skill ? UnitsWith(skill) : [];
            if (rules.Crew is not null && crew.IsEmpty)
                Tell($"machine {id}", "crew", PlanRules.NameUnknown, $"Machine '{id}' is set up by '{rules.Crew}', which nobody is; it is planned without a crew.");
            _machineAt[id] = _machines.Count;
            _ids.Add(id);
            _offsets.Add(calendar.Offset);
            _offers.Add([.. offers]);
            _machines.Add(new(id.Value, open, [.. windows], matrix, crew, rules.Family, Math.Max(0, rules.BatchCapacity)));
        }
    }

    private OpenTime Lay(WorkCalendar calendar)
    {
        if (_laid.TryGetValue(calendar, out var known)) return known;
        return _laid[calendar] = OpenTime.Of(calendar.WorkingTime(new TimeRange(_origin, _origin.AddMinutes(Horizon))).Select(r => (Up(r.From), Down(r.To), 0.0)));
    }

    private static SetUpMatrix TableOf(SetUpTable table)
    {
        var families = table.Times.SelectMany(t => new[] { t.From, t.To }).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        var minutes = new int[families.Length * families.Length];
        for (var i = 0; i < minutes.Length; i++) minutes[i] = i / families.Length == i % families.Length ? 0 : -1;
        foreach (var t in table.Times) minutes[families.IndexOf(t.From) * families.Length + families.IndexOf(t.To)] = (int)Math.Min(1_000_000, Up(t.Time));
        return new(table.Id, families, [.. minutes]);
    }

    private void LayResources()
    {
        var factory = _request.Factory;
        foreach (var r in factory.Resources)
        {
            // Without a calendar of its own it is there whenever the machine works.
            var open = r.Calendar is { } c ? Lay(c) : OpenTime.Always(Horizon);
            if (!r.Absences.IsDefaultOrEmpty) open = open.Without(r.Absences.Select(a => (Math.Max(-1, Down(a.From)), Math.Min(Horizon + 1, Up(a.To)))));
            _units.Add(new(r.Id, open));
        }
        foreach (var m in factory.Materials)
            _materials.Add(new(m.Item.Value, m.FromCustomer, [(0L, m.OnHand), .. m.Arrivals.OrderBy(a => a.At).Select(a => (Math.Max(0, Up(a.At)), a.Amount))]));
        foreach (var s in factory.Transport)
        {
            List<(long Leaves, long Arrives)> runs = [];
            var first = DateOnly.FromDateTime(_origin.ToOffset(s.Offset).DateTime);
            // Two years of a timetable of the week, from yesterday on: what left yesterday is of no use, but costs nothing either.
            for (var day = first; day < first.AddDays((int)(Horizon / 1440)); day = day.AddDays(1))
                foreach (var d in s.Week.Where(d => d.Day == day.DayOfWeek && !s.NotOn.Contains(day)))
                {
                    var leaves = Down(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), s.Offset) + d.At);
                    runs.Add((leaves, leaves + Up(d.Travel)));
                }
            runs.Sort();
            _lanes.Add(new(s.Id, [.. runs.Select(r => r.Leaves)], Up(s.CutOff), 0) { Arrivals = [.. runs.Select(r => r.Arrives)] });
        }
    }
}
