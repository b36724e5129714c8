using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class LossTests
{
    private static readonly WorkCalendar Always = WorkCalendar.Always(TimeSpan.Zero);
    private static OrderWork Order(TimeRange range, TimeSpan setUp = default) => new(new("PO-1.10"), new("BODY"), range, 1.Minutes, setUp, 0, 0);

    private static Task<System.Collections.Immutable.ImmutableArray<Stop>> Stops(Floor floor, TimeRange range, TimeSpan least, params OrderWork[] work) =>
        floor.Analyst.StopsAsync(Mc1, range, Always, work, least, TestContext.Current.CancellationToken);

    private static Floor AMorning() => new Floor()
        .Executes(At(7), "READY").Executes(At(8, 20), "ACTIVE").Executes(At(10), "FEED_HOLD").Executes(At(10, 2), "INTERRUPTED").Executes(At(10, 10), "ACTIVE")
        .Executes(At(10, 40), "INTERRUPTED").Alarms(At(10, 45), "Fault|701|||SPINDLE").Alarms(At(11), "Normal||||").Executes(At(11), "ACTIVE")
        .Misses(At(11, 20), At(11, 28)).Executes(At(11, 30), "ACTIVE");

    [Fact]
    public async Task Stops_above_the_set_length_are_asked_about_set_up_and_gaps_are_none()
    {
        var all = await Stops(AMorning(), Range(8, 12), 5.Minutes, Order(Range(8, 12), 30.Minutes));
        Assert.Equal([(At(10), At(10, 10), false), (At(10, 40), At(11), true)], all.Select(s => (s.Range.From, s.Range.To, s.Fault)));
        Assert.Equal("FEED_HOLD", all[0].Cause);   // two words of one stop are one stop
        Assert.Single(await Stops(AMorning(), Range(8, 12), 15.Minutes, Order(Range(8, 12), 30.Minutes)));
        Assert.Empty(await Stops(AMorning(), Range(8, 12), 5.Minutes));   // without an order nothing was lost
    }

    [Fact]
    public async Task What_nobody_explained_stands_among_the_losses()
    {
        var stops = await Stops(AMorning(), Range(8, 12), TimeSpan.Zero, Order(Range(8, 12), 30.Minutes));
        var reasons = new[]
        {
            new StopReason(Guid.NewGuid(), Mc1, At(10, 50), "tool", "kim", At(10, 55)),
            new StopReason(Guid.NewGuid(), Mc1, At(10, 50), "breakdown", "kim", At(11, 5)),   // corrected afterwards: the newest holds
            new StopReason(Guid.NewGuid(), new("OTHER"), At(10, 5), "tool", "kim", At(11, 5)),
        };
        var pareto = StopLosses.Pareto(StopLosses.Explain(stops, reasons), 5.Minutes);
        Assert.Equal([new ReasonLoss("breakdown", 1, 20.Minutes), new ReasonLoss("unexplained", 1, 10.Minutes)], pareto);
        Assert.Equal("short", StopLosses.Pareto(StopLosses.Explain(stops, []), 15.Minutes)[1].Reason);
    }

    private static StateSpan Span(double from, double to, MachineState state, MachineOverlay overlay = MachineOverlay.None) =>
        new(new(Day.AddMinutes(from), Day.AddMinutes(to)), state, overlay, "");

    [Fact]
    public void The_bottleneck_shifts_worked_by_hand()
    {
        // A works 0-10, waits 10-20. B waits 0-8, works 8-14, is repaired 14-20: active 8-20 in one. C works 5-6 only.
        // 0-8 A alone; 8-10 both: the bottleneck shifts from A (10 min) to B (12 min); 10-20 B alone.
        var answer = Bottleneck.Find(new(Day, Day.AddMinutes(20)), new Dictionary<MachineId, System.Collections.Immutable.ImmutableArray<StateSpan>>
        {
            [new("A")] = [Span(0, 10, MachineState.Running), Span(10, 20, MachineState.Idle)],
            [new("B")] = [Span(0, 8, MachineState.Idle), Span(8, 14, MachineState.Running), Span(14, 20, MachineState.Stopped, MachineOverlay.Fault)],
            [new("C")] = [Span(0, 5, MachineState.Idle), Span(5, 6, MachineState.Running), Span(6, 20, MachineState.Idle)],
        });
        Assert.Equal(new MachineId("B"), answer.Worst);
        Assert.Equal([("B", 0.5, 0.1, 12.0), ("A", 0.4, 0.1, 10.0), ("C", 0.0, 0.0, 1.0)],
            answer.Shares.Select(s => (s.Machine.Value, Math.Round(s.Sole, 9), Math.Round(s.Shifting, 9), s.MeanActive.TotalMinutes)));
        Assert.Equal(("active-period", 1L * 3, 1.0), (answer.Basis.Model, answer.Basis.Count, answer.Basis.Confidence));
    }

    [Fact]
    public void Nobody_is_a_bottleneck_while_all_wait()
    {
        var answer = Bottleneck.Find(new(Day, Day.AddMinutes(10)), new Dictionary<MachineId, System.Collections.Immutable.ImmutableArray<StateSpan>>
        {
            [new("A")] = [Span(0, 6, MachineState.Idle), Span(6, 8, MachineState.Running), Span(8, 10, MachineState.Idle)],
            [new("B")] = [Span(0, 10, MachineState.Unknown)],
        });
        Assert.Equal((new MachineId("A"), 0.2, 0.0), (answer.Worst!.Value, answer.Shares[0].Sole, answer.Shares[0].Shifting));
        Assert.Equal(0.5, answer.Basis.Confidence, 9);
    }

    private static Floor Meter(params (DateTimeOffset At, double? Kw)[] readings)
    {
        var floor = new Floor();
        foreach (var (at, kw) in readings)
            floor.Says(at, SignalRole.Power, kw is { } v ? SampleValue.Of(v) : SampleValue.None, "power", quality: kw is null ? Quality.Unavailable : Quality.Good, unit: Unit.TryFind("KWT", out var k) ? k : Unit.One);
        return floor;
    }

    [Fact]
    public async Task Energy_is_power_over_the_time_that_was_measured()
    {
        // 2 kW from 08:00, 6 kW from 08:10, nothing said after 08:20 (2 kW): it stands 15 min, until 08:35; then 25 min are missing.
        var floor = Meter((At(7, 55), 2), (At(8, 10), 6), (At(8, 20), 2));
        var answer = await floor.Analyst.EnergyAsync(Mc1, Range(8, 9), Always, [], null, TestContext.Current.CancellationToken);
        Assert.Equal(2 * 10 / 60.0 + 6 * 10 / 60.0 + 2 * 15 / 60.0, answer.Energy.KilowattHours, 9);
        Assert.Equal((35.Minutes, 25.Minutes), (answer.Energy.Measured, answer.Energy.Missing));
        Assert.Equal(35 / 60.0, answer.Basis.Confidence, 9);
        Assert.Null(answer.KilowattHoursPerPart);   // too little was measured to speak of a part
    }

    [Fact]
    public async Task A_meter_that_went_silent_and_said_so_is_not_held()
    {
        var floor = Meter((At(8), 4), (At(8, 5), null), (At(8, 10), 4));
        var answer = await floor.Analyst.EnergyAsync(Mc1, new(At(8), At(8, 20)), Always, [], null, TestContext.Current.CancellationToken);
        Assert.Equal(4 * 15 / 60.0, answer.Energy.KilowattHours, 9);
        Assert.Equal(5.Minutes, answer.Energy.Missing);
    }

    [Fact]
    public async Task Each_part_carries_its_share_and_the_gas_of_the_grid()
    {
        var readings = Enumerable.Range(0, 13).Select(i => (At(8, i * 5), (double?)3)).ToArray();
        readings[^1].Item1 = At(8, 59);
        var floor = Meter(readings);
        var factor = GridFactors.Find("KR", 2026)!;
        var answer = await floor.Analyst.EnergyAsync(Mc1, Range(8, 9), Always, [Order(Range(8, 9)) with { Good = 28, Scrap = 2 }], factor, TestContext.Current.CancellationToken);
        Assert.Equal((3.0, 30, 0.1), (Math.Round(answer.Energy.KilowattHours, 9), answer.Parts, Math.Round(answer.KilowattHoursPerPart!.Value, 9)));
        Assert.Equal(0.1 * 0.4173, answer.KilogramsCo2PerPart!.Value, 9);
        Assert.Equal((2023, true), (factor.Year, factor.Checked));
    }

    [Fact]
    public void A_grid_factor_names_country_year_and_source()
    {
        Assert.All(GridFactors.All, f => Assert.True(f.Country.Length == 2 && f.Year is > 2000 and < 2100 && f.KilogramsPerKilowattHour is > 0 and < 2 && f.Source.Length > 10));
        Assert.Equal(2021, GridFactors.Find("KR", 2021)!.Year);
        Assert.Equal(2021, GridFactors.Find("KR", 2015)!.Year);
        Assert.Equal(2023, GridFactors.Find("JP", 2030)!.Year);
        Assert.Null(GridFactors.Find("XX", 2026));
    }

    [Fact]
    public async Task A_part_has_the_window_in_which_it_was_made()
    {
        var floor = new Floor().Executes(At(7), "READY").Counts(At(7), 5).Executes(At(8, 10), "ACTIVE").Counts(At(8, 20), 6).Counts(At(8, 40), 8);
        var windows = await floor.Analyst.PartWindowsAsync(Mc1, Range(8, 9), TestContext.Current.CancellationToken);
        Assert.Equal([(At(8, 10), At(8, 20)), (At(8, 20), At(8, 30)), (At(8, 30), At(8, 40))], windows.Select(w => (w.Range.From, w.Range.To)));
    }
}
