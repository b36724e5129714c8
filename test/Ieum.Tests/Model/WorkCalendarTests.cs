using Ieum.Model;

namespace Ieum.Tests.Model;

public sealed class WorkCalendarTests
{
    private static readonly TimeSpan Korea = 9.Hours;

    private static WorkCalendar Shop(params DateOnly[] holidays) => new(Korea,
        new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday }
            .ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new Shift(8.Hours, 12.Hours), new Shift(13.Hours, 18.Hours)])
            .Append(new(DayOfWeek.Saturday, [new Shift(8.Hours, 12.Hours)])).ToDictionary(),
        holidays);

    private static DateTimeOffset At(int day, int hour, int minute = 0) => new(2026, 11, day, hour, minute, 0, Korea);

    [Fact]
    public void A_weekday_has_nine_working_hours_and_the_lunch_break_is_not_work()
    {
        var day = new TimeRange(At(2, 0), At(3, 0));   // Monday
        Assert.Equal(9.Hours, Shop().WorkingDuration(day));
        Assert.True(Shop().IsWorking(At(2, 11, 59)));
        Assert.False(Shop().IsWorking(At(2, 12)));
        Assert.True(Shop().IsWorking(At(2, 13)));
        Assert.False(Shop().IsWorking(At(2, 18)));
    }

    [Fact]
    public void Seventeen_hours_from_monday_morning_end_on_tuesday_late_afternoon()
    {
        // Monday 9 h, Tuesday 8 h more: 08-12 gives 4, 13-17 gives 4.
        Assert.Equal(At(3, 17), Shop().AddWorking(At(2, 8), 17.Hours));
    }

    [Fact]
    public void A_holiday_moves_work_to_the_next_day()
    {
        Assert.Equal(At(4, 17), Shop(new DateOnly(2026, 11, 3)).AddWorking(At(2, 8), 17.Hours));
    }

    [Fact]
    public void A_calendar_that_never_works_says_so()
    {
        var never = new WorkCalendar(Korea, new Dictionary<DayOfWeek, IReadOnlyList<Shift>>());
        Assert.Null(never.AddWorking(At(2, 8), 1.Hours));
    }

    [Fact]
    public void Overlapping_shifts_are_refused()
    {
        var twice = new Dictionary<DayOfWeek, IReadOnlyList<Shift>> { [DayOfWeek.Monday] = [new(8.Hours, 12.Hours), new(11.Hours, 18.Hours)] };
        Assert.Throws<ArgumentException>(() => new WorkCalendar(Korea, twice));
    }

    [Fact]
    public void Round_the_clock_joins_the_days()
    {
        var always = WorkCalendar.Always(Korea);
        var range = new TimeRange(At(2, 5), At(9, 5));
        Assert.Equal([range], always.WorkingTime(range));
    }
}
