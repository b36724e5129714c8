using Ieum.Model;

namespace Ieum.Plan;

/// <summary>The checker's own reading of calendars: whole worked minutes, walked day by day from the shifts; shares nothing with the solver's axis.</summary>
internal sealed class CalendarWalk
{
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> _worked;

    private CalendarWalk(List<(DateTimeOffset, DateTimeOffset)> worked) => _worked = worked;

    /// <param name="from">Nothing before is looked at.</param>
    /// <param name="to">Nothing after is looked at.</param>
    /// <param name="extra">Overtime that was bought; worked beside the shifts.</param>
    public static CalendarWalk Of(WorkCalendar calendar, IEnumerable<TimeRange> down, IEnumerable<TimeRange> extra, DateTimeOffset from, DateTimeOffset to)
    {
        List<(DateTimeOffset From, DateTimeOffset To)> shifts = [.. extra.Select(x => (x.From, x.To))];
        for (var day = DateOnly.FromDateTime(from.ToOffset(calendar.Offset).DateTime).AddDays(-1); day <= DateOnly.FromDateTime(to.ToOffset(calendar.Offset).DateTime); day = day.AddDays(1))
            foreach (var shift in calendar.ShiftsOn(day))
            {
                var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), calendar.Offset);
                shifts.Add((midnight + shift.From, midnight + shift.To));
            }
        var stops = down.OrderBy(d => d.From).ToArray();
        List<(DateTimeOffset, DateTimeOffset)> worked = [];
        foreach (var (a, b) in Joined(shifts))
        {
            var at = a;
            foreach (var stop in stops.Where(s => s.To > a && s.From < b))
            {
                Add(at, stop.From);
                at = stop.To > at ? stop.To : at;
            }
            Add(at, b);
        }
        return new(worked);

        void Add(DateTimeOffset a, DateTimeOffset b)
        {
            // A minute counts when it is worked from its first to its last second.
            var (first, last) = (a.AddTicks((TimeSpan.TicksPerMinute - a.UtcTicks % TimeSpan.TicksPerMinute) % TimeSpan.TicksPerMinute), b.AddTicks(-(b.UtcTicks % TimeSpan.TicksPerMinute)));
            if (first < last) worked.Add((first, last));
        }
    }

    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Joined(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> pieces)
    {
        (DateTimeOffset From, DateTimeOffset To)? open = null;
        foreach (var p in pieces.OrderBy(p => p.From))
        {
            if (open is { } o && p.From <= o.To) open = (o.From, p.To > o.To ? p.To : o.To);
            else
            {
                if (open is { } done) yield return done;
                open = p;
            }
        }
        if (open is { } rest) yield return rest;
    }

    /// <summary>When both work.</summary>
    public CalendarWalk And(CalendarWalk other)
    {
        List<(DateTimeOffset, DateTimeOffset)> both = [];
        for (int i = 0, k = 0; i < _worked.Count && k < other._worked.Count;)
        {
            var ((a, b), (c, d)) = (_worked[i], other._worked[k]);
            var (from, to) = (a > c ? a : c, b < d ? b : d);
            if (from < to) both.Add((from, to));
            if (b <= d) i++; else k++;
        }
        return new(both);
    }

    private int From(DateTimeOffset at)
    {
        var (low, high) = (0, _worked.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_worked[middle].To <= at) low = middle + 1; else high = middle;
        }
        return low;
    }

    /// <summary>Whether the minute that begins at <paramref name="minute"/> is worked from its first to its last second.</summary>
    public bool Works(DateTimeOffset minute) => From(minute) is var i && i < _worked.Count && _worked[i].From <= minute && minute.AddMinutes(1) <= _worked[i].To;

    /// <summary>Whole worked minutes from <paramref name="from"/> to <paramref name="to"/>, both on the minute.</summary>
    public long Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        long sum = 0;
        for (var i = From(from); i < _worked.Count && _worked[i].From < to; i++)
            sum += ((_worked[i].To < to ? _worked[i].To : to) - (_worked[i].From > from ? _worked[i].From : from)).Ticks / TimeSpan.TicksPerMinute;
        return sum;
    }

    /// <summary>The worked part of a stretch to the second, for work that is under way.</summary>
    public static TimeSpan Worked(WorkCalendar calendar, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<TimeRange> stops)
    {
        if (to <= from) return TimeSpan.Zero;
        // Every instant at which work may begin or stop; between two of them nothing changes.
        List<DateTimeOffset> edges = [from, to];
        for (var day = from.ToOffset(calendar.Offset).Date; day <= to.ToOffset(calendar.Offset).Date; day = day.AddDays(1))
            foreach (var shift in calendar.ShiftsOn(DateOnly.FromDateTime(day)))
                edges.AddRange([new DateTimeOffset(day, calendar.Offset) + shift.From, new DateTimeOffset(day, calendar.Offset) + shift.To]);
        foreach (var stop in stops) edges.AddRange([stop.From, stop.To]);
        edges = [.. edges.Where(e => e >= from && e <= to).Order()];
        var sum = TimeSpan.Zero;
        for (var i = 1; i < edges.Count; i++)
            if (calendar.IsWorking(edges[i - 1]) && !stops.Any(s => s.Contains(edges[i - 1]))) sum += edges[i] - edges[i - 1];
        return sum;
    }
}
