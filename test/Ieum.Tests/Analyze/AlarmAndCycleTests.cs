using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class AlarmAndCycleTests
{
    private static async Task<AlarmLine[]> Alarms(Floor floor, TimeRange range) =>
        [.. await floor.Analyst.AlarmsAsync(Mc1, range, TestContext.Current.CancellationToken)];

    private static async Task<CycleStatistics[]> Cycles(Floor floor, TimeRange range, params OrderWork[] work) =>
        [.. await floor.Analyst.CyclesAsync(Mc1, range, work, TestContext.Current.CancellationToken)];

    [Fact]
    public async Task Alarms_stand_by_the_time_they_took()
    {
        var floor = new Floor()
            .Alarms(At(7), "Warning|210|||COOLANT LOW", "coolant").Alarms(At(8, 50), "Normal|210|||", "coolant")
            .Alarms(At(8, 10), "Fault|701|||SPINDLE").Alarms(At(8, 12), "Fault|701|||SPINDLE").Alarms(At(8, 20), "Normal||||")
            .Alarms(At(8, 30), "Fault|701|||SPINDLE").Alarms(At(8, 35), "Unavailable||||");
        Assert.Equal(
            [
                // On since 7:00: no begin inside the hour, 50 minutes of it.
                new("coolant", "210", ConditionLevel.Warning, "COOLANT LOW", 0, 50.Minutes, At(7)),
                // 10 + 5 minutes; the repetition at 8:12 is the same alarm.
                new("system", "701", ConditionLevel.Fault, "SPINDLE", 2, 15.Minutes, At(8, 30)),
            ],
            await Alarms(floor, Range(8, 9)));
    }

    [Fact]
    public async Task A_warning_that_gets_worse_is_one_alarm_at_its_worst_level()
    {
        var floor = new Floor().Alarms(At(8), "Warning|5|||HOT").Alarms(At(8, 10), "Fault|5|||TOO HOT").Alarms(At(8, 15), "Normal|5|||");
        Assert.Equal([new("system", "5", ConditionLevel.Fault, "TOO HOT", 1, 15.Minutes, At(8, 10))], await Alarms(floor, Range(8, 9)));
    }

    [Fact]
    public async Task An_alarm_that_is_still_on_lasts_until_now()
    {
        var floor = new Floor().Alarms(At(8, 30), "Fault|9|||");
        floor.Clock.AdjustTime(At(8, 45));
        Assert.Equal(15.Minutes, Assert.Single(await Alarms(floor, Range(8, 17))).Duration);
    }

    [Fact]
    public async Task Cycles_go_from_part_to_part_and_leave_out_what_was_no_production()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE").Counts(At(7), 40)
            .Counts(At(8, 10), 41)        // the first part: nobody knows when it began
            .Counts(At(8, 15), 42)        // 5 min
            .Counts(At(8, 21), 43)        // 6 min
            .Counts(At(8, 31), 45)        // two parts in 10 min: 5 min
            .Counts(At(8, 35), 0)         // set back by the operator
            .Counts(At(8, 40), 1)         // since 8:31? the counter was set back in between
            .Counts(At(8, 44), 2)         // 4 min
            .Misses(At(8, 45), At(8, 46)).Executes(At(8, 46), "ACTIVE")
            .Counts(At(8, 50), 3)         // a gap lies inside
            .Executes(At(8, 51), "STOPPED").Executes(At(9, 25), "ACTIVE")
            .Counts(At(9, 30), 4)         // 40 min with 34 standing
            .Counts(At(9, 35), 5);        // 5 min
        var cycles = Assert.Single(await Cycles(floor, Range(8, 10)));
        Assert.Equal(("-", 5), (cycles.Subject, cycles.Count));
        // 4 5 5 5 6: median 5; distances 1 0 0 0 1: MAD 0; below six values the interval is the whole range.
        Assert.Equal((5.Minutes, TimeSpan.Zero, 4.Minutes, 6.Minutes), (cycles.Median, cycles.Mad, cycles.Low, cycles.High));
        Assert.Equal([5.Minutes, 4.Minutes, 5.Minutes, 6.Minutes, 5.Minutes], cycles.Newest);
        Assert.Null(cycles.ToMeasured(new("BODY")));
    }

    [Fact]
    public async Task Cycles_of_an_order_carry_its_item_and_reach_the_planner()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE").Says(At(7), SignalRole.Program, "O1001");
        for (var i = 0; i <= 20; i++) floor.Counts(At(8, 0) + (3 * i).Minutes, i);   // 8:03 … 9:00; order until 8:36
        var cycles = await Cycles(floor, Range(8, 10), new OrderWork(new("PO-1.10"), new("BODY"), new(At(8), At(8, 36)), 2.Minutes, TimeSpan.Zero, 12, 0));
        // Parts 2 to 12 lie in the order (8:06 … 8:36), 14 to 20 in the program; 13 begins in one and ends in the other.
        Assert.Equal([("BODY", 11), ("O1001", 7)], cycles.Select(c => (c.Subject, c.Count)));
        Assert.Equal(new(Mc1, new("BODY"), 3.Minutes, 3.Minutes, 3.Minutes, 11), cycles[0].ToMeasured(new(cycles[0].Subject)));
    }

    [Fact]
    public async Task Without_a_counter_a_cycle_is_one_run_of_the_program()
    {
        var floor = new Floor().Says(At(7), SignalRole.Program, "O1").Executes(At(7), "READY")
            .Executes(At(8), "ACTIVE").Executes(At(8, 5), "READY")                                          // 5 min
            .Executes(At(8, 6), "ACTIVE").Executes(At(8, 8), "FEED_HOLD").Executes(At(8, 9), "ACTIVE").Executes(At(8, 11), "READY")   // 2 + 2 min, the hold is no work
            .Executes(At(8, 12), "ACTIVE").Executes(At(8, 12, 5), "READY")                                  // 5 s: a jog
            .Executes(At(8, 13), "ACTIVE").Misses(At(8, 14), At(8, 15)).Executes(At(8, 15), "READY")        // cut off
            .Says(At(8, 20), SignalRole.ControllerMode, "MANUAL_DATA_INPUT").Executes(At(8, 21), "ACTIVE").Executes(At(8, 25), "READY")   // MDI
            .Says(At(8, 26), SignalRole.ControllerMode, "AUTOMATIC").Executes(At(8, 50), "ACTIVE");         // not ended
        var cycles = Assert.Single(await Cycles(floor, Range(7, 9)));
        Assert.Equal(("O1", 2), (cycles.Subject, cycles.Count));
        Assert.Equal([4.Minutes, 5.Minutes], cycles.Newest);
    }

    [Theory]
    // Largest k with P(Binomial(n, 1/2) < k) <= 2.5 %, as in tables of the sign test.
    [InlineData(5, 0)]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(20, 6)]
    [InlineData(50, 18)]
    [InlineData(100, 40)]
    public void The_interval_of_the_median_uses_the_ranks_of_the_sign_test(int n, int rank) => Assert.Equal(rank, RobustStatistics.LowerRank(n));

    [Fact]
    public void The_approximation_for_many_cycles_continues_the_exact_ranks() =>
        Assert.InRange(RobustStatistics.LowerRank(1_001) - RobustStatistics.LowerRank(1_000), 0, 1);

    [Fact]
    public void Robust_figures_by_hand()
    {
        double[] values = [1, 1, 2, 2, 4, 6, 9];
        Assert.Equal(2, RobustStatistics.Median(values));
        Assert.Equal(1, RobustStatistics.Mad(values));                 // 0 0 1 1 2 4 7
        Assert.Equal((1, 9), RobustStatistics.MedianInterval(values)); // rank 1 of 7
        Assert.Equal(13, RobustStatistics.Quantile([10, 20, 30, 40], 0.1), 9);   // 0.3 of the way from 10 to 20
        Assert.Equal((7, 7), RobustStatistics.MedianInterval([7]));
    }
}
