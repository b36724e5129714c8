using Ieum.Analyze;
using Ieum.Model;
using Ieum.TestKit;
using static Ieum.Analyze.KpiElement;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class KpiTests
{
    // 08-12 and 13-17, in UTC so that hours read as they stand.
    private static readonly WorkCalendar DayShift = new(TimeSpan.Zero,
        new Dictionary<DayOfWeek, IReadOnlyList<Shift>> { [DayOfWeek.Monday] = [new(8.Hours, 12.Hours), new(13.Hours, 17.Hours)] });

    private static readonly OrderWork Morning = new(new("PO-1.10"), new("BODY"), Range(8, 13), 1.Minutes, 30.Minutes, 100, 20);

    /// <summary>The morning of OeeTests: PBT 240 min = production 180, set-up 20, delay 10, fault 20, gap 10; 120 pieces, 100 good.</summary>
    private static Floor AMorning() => new Floor()
        .Executes(At(7), "READY").Executes(At(8, 20), "ACTIVE").Executes(At(10), "FEED_HOLD").Executes(At(10, 10), "ACTIVE")
        .Executes(At(10, 40), "INTERRUPTED").Alarms(At(10, 40), "Fault|701|||SPINDLE").Alarms(At(11), "Normal||||").Executes(At(11), "ACTIVE")
        .Misses(At(11, 20), At(11, 28)).Executes(At(11, 30), "ACTIVE");

    private static Task<KpiAnswer> Kpis(Floor floor, params OrderWork[] work) =>
        floor.Analyst.KpisAsync(Mc1, Range(8, 17), DayShift, work, TestContext.Current.CancellationToken);

    private static double? Value(KpiAnswer answer, string id) => answer.Values.Single(v => v.Definition.Id == id).Value;

    [Fact]
    public void The_catalogue_holds_the_34_of_the_standard_each_with_formula_inputs_unit_range_and_direction()
    {
        Assert.Equal(Enumerable.Range(1, 34), KpiCatalogue.All.Select(k => k.Number));
        Assert.Equal(34, KpiCatalogue.All.Select(k => k.Id).Distinct().Count());
        Assert.All(KpiCatalogue.All, k => Assert.True(k.Formula.Length > 0 && k.Unit.Length > 0 && k.Inputs.Length > 0 && (k.Low ?? 0) <= 0 && !(k.High < k.Low), k.Id));
    }

    [Fact]
    public void The_document_lists_every_indicator_with_its_formula()
    {
        var page = File.ReadAllLines(Path.Combine(Needs.Repository, "docs", "kpi.md"));
        foreach (var k in KpiCatalogue.All)
        {
            var row = Assert.Single(page, l => l.StartsWith($"| {k.Number} | ", StringComparison.Ordinal));
            Assert.Contains($"`{k.Id}`", row, StringComparison.Ordinal);
            Assert.Contains(k.Formula, row, StringComparison.Ordinal);
        }
    }

    [Theory]   // elements below; the figures were worked out by hand
    [InlineData("worker-efficiency", 0.8)]                    // 8 / 10
    [InlineData("allocation-ratio", 0.75)]                    // 9 h / 12 h
    [InlineData("throughput-rate", 20)]                       // 240 / 12 h
    [InlineData("allocation-efficiency", 0.9)]                // 9 / 10
    [InlineData("utilization-efficiency", 0.666666666667)]    // 6 / 9
    [InlineData("oee-index", 0.475)]                          // 0.6 · 5/6 · 0.95
    [InlineData("nee-index", 0.554166666667)]                 // 0.7 · 5/6 · 0.95
    [InlineData("availability", 0.6)]                         // 6 / 10
    [InlineData("effectiveness", 0.833333333333)]             // 5 h / 6 h
    [InlineData("quality-ratio", 0.95)]                       // 228 / 240
    [InlineData("setup-ratio", 0.142857142857)]               // 1 / 7
    [InlineData("technical-efficiency", 0.75)]                // 6 / (6 + 2)
    [InlineData("production-process-ratio", 0.5)]             // 6 / 12
    [InlineData("actual-to-planned-scrap-ratio", 1.5)]        // 12 / 8
    [InlineData("first-pass-yield", 0.9)]                     // 216 / 240
    [InlineData("scrap-ratio", 0.05)]                         // 12 / 240
    [InlineData("rework-ratio", 0.025)]                       // 6 / 240
    [InlineData("fall-off-ratio", 0.04)]                      // 12 / 300
    [InlineData("machine-capability-index", 1.666666666667)]  // 0.02 / (6 · 0.002)
    [InlineData("critical-machine-capability-index", 1.333333333333)]   // (10.01 − 10.002) / 0.006
    [InlineData("process-capability-index", 1.111111111111)]  // 0.02 / (6 · 0.003)
    [InlineData("critical-process-capability-index", 1.0)]    // (9.999 − 9.99) / 0.009
    [InlineData("comprehensive-energy-consumption", 0.25)]    // 60 kWh / 240
    [InlineData("inventory-turns", 12)]                       // 600 / 50
    [InlineData("finished-goods-ratio", 0.8)]                 // 400 / 500
    [InlineData("integrated-goods-ratio", 0.86)]              // 430 / 500
    [InlineData("production-loss-ratio", 0.1)]                // 50 / 500
    [InlineData("storage-and-transportation-loss-ratio", 0.02)]   // 10 / 500
    [InlineData("other-loss-ratio", 0.01)]                    // 5 / 500
    [InlineData("equipment-load-ratio", 0.5)]                 // 240 / 480
    [InlineData("mean-operating-time-between-failures", 3)]   // 9 h / 3
    [InlineData("mean-time-to-failure", 2.5)]                 // 7.5 h / 3
    [InlineData("mean-time-to-restoration", 0.5)]             // 1.5 h / 3
    [InlineData("corrective-maintenance-ratio", 0.75)]        // 1.5 / (1.5 + 0.5)
    public void An_indicator_is_its_formula(string id, double expected)
    {
        var known = new Dictionary<KpiElement, double>
        {
            [APWT] = 8, [APAT] = 10, [APT] = 6 * 3600, [AUST] = 3600, [ADET] = 2 * 3600, [AUPT] = 7 * 3600, [AUBT] = 9 * 3600, [PBT] = 10 * 3600, [AOET] = 12 * 3600,
            [PRIPQ] = 5 * 3600, [PQ] = 240, [GQ] = 228, [SQ] = 12, [PSQ] = 8, [RQ] = 6, [GP] = 216, [IP] = 240, [PQF] = 300,
            [USL] = 10.01, [LSL] = 9.99, [XM] = 10.002, [SM] = 0.002, [XP] = 9.999, [SP] = 0.003, [E] = 60, [TH] = 600, [AI] = 50,
            [CM] = 500, [GQM] = 400, [IGQ] = 430, [PL] = 50, [STL] = 10, [OL] = 5, [EPC] = 480,
            [FE] = 2, [TBF] = 9 * 3600, [TTF] = 7.5 * 3600, [TTR] = 1.5 * 3600, [CMT] = 1.5 * 3600, [PMT] = 0.5 * 3600,
        };
        Assert.Equal(expected, KpiCatalogue.Compute(known).Single(v => v.Definition.Id == id).Value!.Value, 9);
        foreach (var input in KpiCatalogue.All.Single(k => k.Id == id).Inputs)
        {
            var without = KpiCatalogue.Compute(known.Where(k => k.Key != input).ToDictionary()).Single(v => v.Definition.Id == id);
            Assert.Equal((null, KpiReason.InputMissing), (without.Value, without.Reason));
            Assert.Equal([input], without.Missing);
        }
    }

    [Fact]
    public async Task A_morning_worked_by_hand()
    {
        var answer = await Kpis(AMorning(), Morning);
        Assert.Equal(14_400, answer.Elements[PBT]);
        Assert.Equal(10_800, answer.Elements[APT]);
        Assert.Equal(1_200, answer.Elements[AUST]);
        Assert.Equal(1_800, answer.Elements[ADET]);                     // delay 10 min and fault 20 min, an order waiting
        Assert.Equal(13_800, answer.Elements[AUBT]);                    // 180 + 20 + 30 min
        Assert.Equal(14_400, answer.Elements[ADOT]);                    // the afternoon: calendar, no order
        Assert.Equal(18_000, answer.Elements[AOET]);                    // 08-13 by the clock
        Assert.Equal(230 / 300.0, Value(answer, "allocation-ratio")!.Value, 9);
        Assert.Equal(24, Value(answer, "throughput-rate")!.Value, 9);   // 120 in 5 h
        Assert.Equal(180 / 210.0, Value(answer, "technical-efficiency")!.Value, 9);
        Assert.Equal(20 / 200.0, Value(answer, "setup-ratio")!.Value, 9);
        Assert.Equal(0.75 * 2 / 3 * 5 / 6, Value(answer, "oee-index")!.Value, 9);
        Assert.Equal(200 / 240.0 * 2 / 3 * 5 / 6, Value(answer, "nee-index")!.Value, 9);
        Assert.Equal(20 / 120.0, Value(answer, "scrap-ratio")!.Value, 9);
        Assert.Equal(0.5, Value(answer, "equipment-load-ratio")!.Value, 9);                     // 120 of 240 pieces in 240 min
        Assert.Equal(1, answer.Elements[FE]);
        Assert.Equal(20 / 60.0 / 2, Value(answer, "mean-time-to-restoration")!.Value, 9);
        Assert.Equal(230 / 60.0 / 2, Value(answer, "mean-operating-time-between-failures")!.Value, 9);
        Assert.Equal(210 / 60.0 / 2, Value(answer, "mean-time-to-failure")!.Value, 9);
        Assert.Equal(("iso-22400-2", 1, 1 - 10 / 240.0), (answer.Basis.Model, answer.Basis.Version, answer.Basis.Confidence));
    }

    [Fact]
    public async Task What_nobody_delivered_is_open_with_a_reason_and_never_zero()
    {
        var answer = await Kpis(AMorning(), Morning);
        var open = answer.Values.Single(v => v.Definition.Id == "rework-ratio");
        Assert.Equal((null, KpiReason.InputMissing), (open.Value, open.Reason));
        Assert.Equal([RQ], open.Missing);

        var idle = await Kpis(new Floor().Executes(At(7), "READY"));
        Assert.All(idle.Values, v => Assert.Null(v.Value));
        Assert.Equal(0, idle.Basis.Confidence);
    }

    [Fact]
    public async Task People_and_files_bring_what_no_machine_knows()
    {
        var floor = AMorning()
            .Says(At(9), SignalRole.None, SampleValue.Of(4L), "kpi/RQ").Says(At(11), SignalRole.None, SampleValue.Of(2L), "kpi/RQ")
            .Says(At(8), SignalRole.None, SampleValue.Of(40.0), "kpi/AI").Says(At(12), SignalRole.None, SampleValue.Of(60.0), "kpi/AI").Says(At(12), SignalRole.None, SampleValue.Of(100L), "kpi/TH")
            .Says(At(1), SignalRole.None, SampleValue.Of(10.01), "kpi/USL").Says(At(9), SignalRole.None, SampleValue.Of(double.NaN), "kpi/PSQ");
        var answer = await Kpis(floor, Morning);
        Assert.Equal(6 / 120.0, Value(answer, "rework-ratio")!.Value, 9);      // 4 + 2
        Assert.Equal(2, Value(answer, "inventory-turns")!.Value, 9);           // 100 / mean of 40 and 60
        Assert.Equal(10.01, answer.Elements[USL]);                             // entered before the shift, holds
        Assert.False(answer.Elements.ContainsKey(PSQ));
    }

    [Fact]
    public async Task The_same_data_give_the_same_answer()
    {
        var (a, b) = (await Kpis(AMorning(), Morning), await Kpis(AMorning(), Morning));
        Assert.Equal(a.Elements, b.Elements);
        Assert.Equal(a.Values.Select(v => v.Value is { } x ? BitConverter.DoubleToInt64Bits(x) : 0), b.Values.Select(v => v.Value is { } x ? BitConverter.DoubleToInt64Bits(x) : 0));
    }

    [Theory]   // rows of OPC 40001-1, annex C.2
    [InlineData(ItemState.OutOfService, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay)]
    [InlineData(ItemState.NotAvailable, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay)]
    [InlineData(ItemState.NotExecuting, OperationMode.None, OrderCondition.Order, TimeElement.Delay)]
    [InlineData(ItemState.NotExecuting, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay)]
    [InlineData(ItemState.OutOfService, OperationMode.None, OrderCondition.Planned, TimeElement.Down)]
    [InlineData(ItemState.NotAvailable, OperationMode.None, OrderCondition.Planned, TimeElement.Down)]
    [InlineData(ItemState.NotExecuting, OperationMode.None, OrderCondition.Planned, TimeElement.Down)]
    [InlineData(ItemState.OutOfService, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance)]
    [InlineData(ItemState.OutOfService, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance)]
    [InlineData(ItemState.NotAvailable, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance)]
    [InlineData(ItemState.NotExecuting, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance)]
    [InlineData(ItemState.Executing, OperationMode.Processing, OrderCondition.Order, TimeElement.Production)]
    [InlineData(ItemState.Executing, OperationMode.Setup, OrderCondition.Order, TimeElement.SetUp)]
    [InlineData(ItemState.Executing, OperationMode.Processing, OrderCondition.None, TimeElement.None)]
    public void State_mode_and_order_together_say_which_time_it_is(ItemState state, OperationMode mode, OrderCondition condition, TimeElement element) =>
        Assert.Equal(element, TimeElements.Of(state, mode, condition));

    [Theory]   // what the node computes is what the table says, hour by hour
    [InlineData("ACTIVE", "AUTOMATIC", "")]
    [InlineData("READY", "AUTOMATIC", "")]
    [InlineData("READY", "MANUAL", "")]
    [InlineData("ACTIVE", "MANUAL_DATA_INPUT", "")]
    [InlineData("INTERRUPTED", "AUTOMATIC", "Fault|7|||")]
    [InlineData("UNAVAILABLE", "AUTOMATIC", "")]
    public async Task The_times_of_a_shift_follow_the_table(string word, string mode, string alarm)
    {
        var floor = new Floor().Executes(At(7), word).Says(At(7), SignalRole.ControllerMode, mode);
        if (alarm.Length > 0) floor.Alarms(At(7), alarm);
        var answer = await floor.Analyst.KpisAsync(Mc1, Range(8, 9), DayShift, [new(new("PO.10"), new("X"), Range(8, 9), 1.Minutes, TimeSpan.Zero, 1, 0)], TestContext.Current.CancellationToken);
        var overlay = alarm.Length > 0 ? MachineOverlay.Fault : MachineOverlay.None;
        var state = TimeElements.StateOf(MachineStates.OfExecution(word), overlay)!.Value;
        var expected = TimeElements.Of(state, mode is "AUTOMATIC" ? OperationMode.Processing : OperationMode.Setup, OrderCondition.Order);
        var element = expected switch { TimeElement.Production => APT, TimeElement.SetUp => AUST, _ => ADET };
        Assert.Equal(3600, answer.Elements[element]);
        Assert.Equal(3600, answer.Elements[APT] + answer.Elements[AUST] + answer.Elements[ADET]);
    }
}
