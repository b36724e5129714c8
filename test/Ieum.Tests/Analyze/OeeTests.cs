using CsCheck;
using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class OeeTests
{
    // 08-12 and 13-17, in UTC so that hours read as they stand.
    private static readonly WorkCalendar DayShift = new(TimeSpan.Zero,
        new Dictionary<DayOfWeek, IReadOnlyList<Shift>> { [DayOfWeek.Monday] = [new(8.Hours, 12.Hours), new(13.Hours, 17.Hours)] });
    private static readonly WorkCalendar Always = WorkCalendar.Always(TimeSpan.Zero);

    private static OrderWork Order(TimeRange range, TimeSpan ideal, TimeSpan setUp, int good, int scrap, string name = "PO-1") =>
        new(new(name + ".10"), new("BODY"), range, ideal, setUp, good, scrap);

    private static Task<OeeAnswer> Oee(Floor floor, TimeRange range, WorkCalendar calendar, params OrderWork[] work) =>
        floor.Analyst.OeeAsync(Mc1, range, calendar, work, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_morning_with_set_up_stops_a_fault_and_a_gap_worked_by_hand()
    {
        var floor = new Floor()
            .Executes(At(7), "READY")                    // 08:00-08:20 set-up: planned 30 min, first run after 20
            .Executes(At(8, 20), "ACTIVE")               // 08:20-10:00 production 100
            .Executes(At(10), "FEED_HOLD")               // 10:00-10:10 delay 10
            .Executes(At(10, 10), "ACTIVE")              // 10:10-10:40 production 30
            .Executes(At(10, 40), "INTERRUPTED").Alarms(At(10, 40), "Fault|701|||SPINDLE")   // 10:40-11:00 down 20
            .Alarms(At(11), "Normal||||").Executes(At(11), "ACTIVE")   // 11:00-11:20 production 20
            .Misses(At(11, 20), At(11, 28))              // 11:20-11:30 unknown 10
            .Executes(At(11, 30), "ACTIVE");             // 11:30-12:00 production 30; it runs on through lunch: outside the calendar
        var oee = await Oee(floor, Range(8, 17), DayShift, Order(Range(8, 13), 1.Minutes, 30.Minutes, good: 100, scrap: 20));

        Assert.Equal(new(240.Minutes, ActualProduction: 180.Minutes, SetUp: 20.Minutes, Delay: 10.Minutes, Down: 20.Minutes, Unknown: 10.Minutes), oee.Times);
        Assert.Equal((120, 100), (oee.Produced, oee.Good));
        Assert.Equal(180 / 240.0, oee.Availability!.Value, 9);
        Assert.Equal(120 * 1 / 180.0, oee.Performance!.Value, 9);
        Assert.Equal(100 / 120.0, oee.Quality!.Value, 9);
        Assert.Equal(0.75 * 2 / 3 * 5 / 6, oee.Oee!.Value, 9);   // 0.416667
    }

    [Fact]
    public async Task Without_an_order_nothing_was_planned_and_nothing_can_be_measured()
    {
        var oee = await Oee(new Floor().Executes(At(7), "ACTIVE"), Range(8, 17), DayShift);
        Assert.Equal(new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), oee.Times);
        Assert.Equal((null, null, null, null), (oee.Availability, oee.Performance, oee.Quality, oee.Oee));
    }

    [Fact]
    public async Task Idle_beyond_the_planned_set_up_is_delay_and_a_manual_run_is_set_up()
    {
        var floor = new Floor()
            .Executes(At(7), "READY")                                               // 08:00-08:30 set-up, 08:30-09:00 delay
            .Says(At(9), SignalRole.ControllerMode, "MANUAL_DATA_INPUT").Executes(At(9, 10), "ACTIVE")   // 09:00-09:30 set-up, running or not
            .Says(At(9, 30), SignalRole.ControllerMode, "AUTOMATIC")                // 09:30-10:00 production
            .Executes(At(10), "UNAVAILABLE");                                       // 10:00-11:00 down
        var oee = await Oee(floor, Range(8, 11), Always, Order(Range(8, 11), 1.Minutes, 30.Minutes, 1, 0));
        Assert.Equal(new(3.Hours, ActualProduction: 30.Minutes, SetUp: 60.Minutes, Delay: 30.Minutes, Down: 1.Hours, Unknown: TimeSpan.Zero), oee.Times);
    }

    [Fact]
    public async Task A_fault_does_not_end_running()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE").Alarms(At(8), "Fault|1102|||");
        Assert.Equal(2.Hours, (await Oee(floor, Range(8, 10), Always, Order(Range(8, 10), 1.Minutes, TimeSpan.Zero, 1, 0))).Times.ActualProduction);
    }

    [Fact]
    public async Task An_order_across_the_border_is_apportioned_by_its_run_time()
    {
        // Runs 10-11 and 12-14; asked for 12-14: two of three hours, so 20 of 30 good and 4 of 6 scrapped.
        var floor = new Floor().Executes(At(9), "ACTIVE").Executes(At(11), "READY").Executes(At(12), "ACTIVE");
        var oee = await Oee(floor, Range(12, 14), Always, Order(Range(10, 14), 4.Minutes, TimeSpan.Zero, good: 30, scrap: 6));
        Assert.Equal((24, 20), (oee.Produced, oee.Good));
        Assert.Equal(24 * 4 / 120.0, oee.Performance!.Value, 9);
        Assert.Equal(20 / 24.0, oee.Quality!.Value, 9);
    }

    [Fact]
    public async Task Overlapping_orders_share_the_clock()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE");
        var oee = await Oee(floor, Range(8, 11), Always,
            Order(Range(8, 10), 1.Minutes, TimeSpan.Zero, 60, 0), Order(Range(9, 11), 1.Minutes, TimeSpan.Zero, 30, 0, "PO-2"));
        Assert.Equal(3.Hours, oee.Times.PlannedBusy);
        Assert.Equal(90 / 180.0, oee.Performance!.Value, 9);
    }

    [Fact]
    public async Task Where_nobody_reported_a_count_the_machine_counter_stands_in_and_quality_stays_open()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE").Counts(At(7), 500).Counts(At(8, 30), 510).Counts(At(8, 40), 0).Counts(At(9, 30), 20).Counts(At(10, 30), 99);
        var oee = await Oee(floor, Range(8, 10), Always, Order(Range(8, 10), 2.Minutes, TimeSpan.Zero, 0, 0));
        Assert.Equal(30, oee.Produced);                              // 10 before it was set back, 20 after; 10:30 is outside
        Assert.Equal(30 * 2 / 120.0, oee.Performance!.Value, 9);
        Assert.Equal((null, null), (oee.Quality, oee.Oee));
    }

    [Fact]
    public async Task Time_that_has_not_come_is_not_planned_busy_yet()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE");
        floor.Clock.AdjustTime(At(9));
        var oee = await Oee(floor, Range(8, 17), Always, Order(Range(8, 17), 1.Minutes, TimeSpan.Zero, 30, 0));
        Assert.Equal(new(1.Hours, 1.Hours, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), oee.Times);
    }

    [Fact]
    public async Task Faster_than_planned_is_shown_and_not_clipped() =>
        Assert.Equal(1.5, (await Oee(new Floor().Executes(At(7), "ACTIVE"), Range(8, 9), Always, Order(Range(8, 9), 1.Minutes, TimeSpan.Zero, 90, 0))).Performance!.Value, 9);

    [Fact]
    public void The_five_times_always_make_up_planned_busy_time()
    {
        string[] words = ["ACTIVE", "READY", "FEED_HOLD", "UNAVAILABLE", "NONSENSE"];
        var step = Gen.Select(Gen.Int[1, 90], Gen.Int[0, words.Length - 1], Gen.Int[0, 5]);
        var order = Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 600], Gen.Int[0, 60]);
        Gen.Select(step.Array[0, 40], order.Array[0, 4]).Sample((steps, orders) =>
        {
            var floor = new Floor();
            var minute = 0;
            foreach (var (ahead, word, extra) in steps)
            {
                floor.Executes(At(0, minute += ahead), words[word]);
                if (extra == 0) floor.Misses(At(0, minute), At(0, minute + 5));
                if (extra == 1) floor.Alarms(At(0, minute), "Fault|1|||");
                if (extra == 2) floor.Alarms(At(0, minute), "Normal||||");
                if (extra == 3) floor.Says(At(0, minute), SignalRole.ControllerMode, "MANUAL");
            }
            var work = orders.Select((o, i) => Order(new(At(0, o.Item1), At(0, o.Item1 + o.Item2)), 1.Minutes, o.Item3.Minutes, 5, 1, $"PO-{i}")).ToArray();
            var times = Oee(floor, Range(6, 20), DayShift, work).GetAwaiter().GetResult().Times;
            Assert.Equal(times.PlannedBusy, times.ActualProduction + times.SetUp + times.Delay + times.Down + times.Unknown);
            Assert.All(new[] { times.ActualProduction, times.SetUp, times.Delay, times.Down, times.Unknown }, t => Assert.True(t >= TimeSpan.Zero));
            // Minute by minute: working and inside at least one order.
            var busy = Enumerable.Range(6 * 60, 14 * 60).Count(m => DayShift.IsWorking(At(0, m)) && work.Any(w => w.Range.Contains(At(0, m))));
            Assert.Equal(busy.Minutes, times.PlannedBusy);
        }, iter: 200);
    }
}
