namespace Ieum.Node.Town;

/// <summary>When goods that are ready somewhere arrive somewhere else, by the timetable of the scenario (<c>transport</c> in town.json).</summary>
internal sealed class TownTransport(TownScenario scenario)
{
    private static readonly DayOfWeek[] FromBusan = [DayOfWeek.Sunday, DayOfWeek.Tuesday, DayOfWeek.Thursday];
    private static readonly DayOfWeek[] FromOsaka = [DayOfWeek.Monday, DayOfWeek.Wednesday, DayOfWeek.Friday];

    /// <param name="ready">The lot is finished at <paramref name="from"/>.</param>
    /// <returns>The lot can be worked on at <paramref name="to"/>.</returns>
    public DateTimeOffset Arrival(DateTimeOffset ready, string from, string to)
    {
        if (from == to) return ready;
        return (scenario.Companies[from].Country, scenario.Companies[to].Country) switch
        {
            ("KR", "KR") => ByTruck(ready, arrivalHour: 9),
            ("JP", "JP") when (from, to) is ("D", "E") or ("E", "D") => ready + TimeSpan.FromHours(1),
            ("JP", "JP") => ByTruck(ready, arrivalHour: 10),
            ("KR", "JP") => ByFerryEast(ready, from, to),
            _ => ByFerryWest(ready, from),
        };
    }

    /// <summary>Cut-off 16:00 on a weekday; arrives the next weekday.</summary>
    private static DateTimeOffset ByTruck(DateTimeOffset ready, int arrivalHour)
    {
        var day = NextWeekday(At(ready, 16) >= ready ? Midnight(ready) : Midnight(ready).AddDays(1));
        return NextWeekday(day.AddDays(1)).AddHours(arrivalHour);
    }

    /// <summary>Busan Sunday, Tuesday, Thursday, cut-off 12:00; Kobe the next day 16:00, Ota-ku two days later 09:00. Sihwa adds a truck day.</summary>
    private static DateTimeOffset ByFerryEast(DateTimeOffset ready, string from, string to)
    {
        var atPort = from == "B" ? ByTruck(ready, arrivalHour: 9) : ready;
        var sailing = Next(atPort, FromBusan, d => d.AddHours(12));
        return to == "F" ? sailing.AddDays(1).AddHours(16) : sailing.AddDays(2).AddHours(9);
    }

    /// <summary>Osaka Monday, Wednesday, Friday; from Kobe by 09:00 the same day, from Ota-ku by 17:00 the day before; Changwon the next day 16:00.</summary>
    private static DateTimeOffset ByFerryWest(DateTimeOffset ready, string from) =>
        Next(ready, FromOsaka, d => from == "F" ? d.AddHours(9) : d.AddDays(-1).AddHours(17)).AddDays(1).AddHours(16);

    private static DateTimeOffset Next(DateTimeOffset ready, DayOfWeek[] days, Func<DateTimeOffset, DateTimeOffset> cutOff)
    {
        for (var day = Midnight(ready); ; day = day.AddDays(1))
            if (days.Contains(day.DayOfWeek) && ready <= cutOff(day)) return day;
    }

    private static DateTimeOffset NextWeekday(DateTimeOffset day)
    {
        while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) day = day.AddDays(1);
        return day;
    }

    private static DateTimeOffset Midnight(DateTimeOffset instant) => new(instant.Date, instant.Offset);
    private static DateTimeOffset At(DateTimeOffset instant, int hour) => Midnight(instant).AddHours(hour);
}
