using Ieum.Model;

namespace Ieum.Plan;

/// <summary>The checker's own reading of a calendar, from the shifts of each day; shares nothing with the solver's axis.</summary>
internal sealed class CalendarWalk(WorkCalendar calendar, IReadOnlyList<TimeRange> down)
{
    /// <summary>Whether the minute that begins at <paramref name="minute"/> is worked from its first to its last second.</summary>
    public bool Works(DateTimeOffset minute)
    {
        var end = minute.AddMinutes(1);
        if (down.Any(d => d.From < end && minute < d.To)) return false;
        var at = minute;
        while (at < end)
        {
            var local = at.ToOffset(calendar.Offset);
            var midnight = local - local.TimeOfDay;
            var covering = calendar.ShiftsOn(DateOnly.FromDateTime(local.Date)).Where(s => midnight + s.From <= at && at < midnight + s.To).ToArray();
            if (covering.Length == 0) return false;
            at = midnight + covering[0].To;
        }
        return true;
    }

    /// <summary>Whole worked minutes from <paramref name="from"/> to <paramref name="to"/>, both on the minute.</summary>
    public long Minutes(DateTimeOffset from, DateTimeOffset to)
    {
        long sum = 0;
        for (var at = from; at < to; at = at.AddMinutes(1))
            if (Works(at)) sum++;
        return sum;
    }

    /// <summary>The worked part of a stretch to the second, for work that is under way.</summary>
    public TimeSpan Worked(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<TimeRange> pauses)
    {
        if (to <= from) return TimeSpan.Zero;
        // Every instant at which work may begin or stop; between two of them nothing changes.
        List<DateTimeOffset> edges = [from, to];
        for (var day = from.ToOffset(calendar.Offset).Date; day <= to.ToOffset(calendar.Offset).Date; day = day.AddDays(1))
            foreach (var shift in calendar.ShiftsOn(DateOnly.FromDateTime(day)))
                edges.AddRange([new DateTimeOffset(day, calendar.Offset) + shift.From, new DateTimeOffset(day, calendar.Offset) + shift.To]);
        foreach (var stop in down.Concat(pauses)) edges.AddRange([stop.From, stop.To]);
        edges = [.. edges.Where(e => e >= from && e <= to).Order()];
        var sum = TimeSpan.Zero;
        for (var i = 1; i < edges.Count; i++)
            if (calendar.IsWorking(edges[i - 1]) && !down.Concat(pauses).Any(s => s.Contains(edges[i - 1]))) sum += edges[i] - edges[i - 1];
        return sum;
    }
}
