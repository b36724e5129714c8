using Ieum.Model;

namespace Ieum.Plan;

/// <summary>When a machine works in a plan: its calendar and bought overtime, without breakdowns and maintenance. Looks at calendars by itself, not at the solver's axis.</summary>
internal sealed class MachineHours(PlanRequest request, PlanVersion plan)
{
    public TimeSpan Working(MachineId machine, DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from) return TimeSpan.Zero;
        var range = new TimeRange(from, to);
        IEnumerable<TimeRange> open = request.Calendars.TryGetValue(machine, out var calendar) ? calendar.WorkingTime(range) : [];
        open = open.Concat(Inside(plan.Overtime.Where(o => o.Machine == machine).Select(o => o.Range), range));
        var shut = Union(Inside(request.Down.Where(d => d.Machine == machine).Select(d => d.Range)
            .Concat(request.Factory.Maintenance.Where(m => m.Machine == machine).Select(m => m.Range)), range));
        return Union(open).Aggregate(TimeSpan.Zero, (sum, o) => sum + o.Duration - Inside(shut, o).Aggregate(TimeSpan.Zero, (s, x) => s + x.Duration));
    }

    private static IEnumerable<TimeRange> Inside(IEnumerable<TimeRange> ranges, TimeRange range) =>
        ranges.Select(r => r.Intersect(range)).OfType<TimeRange>();

    private static List<TimeRange> Union(IEnumerable<TimeRange> ranges)
    {
        List<TimeRange> joined = [];
        foreach (var r in ranges.OrderBy(r => r.From))
            if (joined.Count > 0 && r.From <= joined[^1].To) joined[^1] = new(joined[^1].From, r.To > joined[^1].To ? r.To : joined[^1].To);
            else joined.Add(r);
        return joined;
    }
}
