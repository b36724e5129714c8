using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>What a factory can state beside machines and shifts, planned by the door of the room; every figure worked out by hand.</summary>
public sealed class FactoryRequestTests
{
    private static readonly MachineId Furnace = new("C-FUR1");

    private static Order Milled(string id, string family, DateTimeOffset due, int weight = 1) =>
        new(new(id), new(new("ITEM-" + id), [new RoutingStep.Work(10, "mill", [new(Mc1, 30.Minutes, 1.Hours)]) { Family = family }]), 1, At(2, 8), due, weight);

    private static FactoryData With(Func<FactoryData, FactoryData> change) => change(FactoryData.None);

    [Fact]
    public async Task Work_is_put_in_the_order_that_the_set_up_table_makes_cheap()
    {
        // From steel to aluminium 10 min, back 60 min. Set up for steel now: S (0), S (0), A (10) = 10 min of set-up; any other order costs 70 or more.
        var table = new SetUpTable("mill", [new("steel", "alu", 10.Minutes), new("alu", "steel", 60.Minutes)]);
        var request = Request(At(2, 8), Milled("1", "steel", At(6, 18)), Milled("2", "alu", At(6, 18)), Milled("3", "steel", At(6, 18))) with
        {
            Factory = With(f => f with { SetUpTables = [table], Machines = [new(Mc1, "mill", Family: "steel")] }),
        };
        var outcome = await PlanAsync(request);
        Assert.Equal(10, outcome.Plan.Score!.SetUp);
        Assert.Equal("2.10", outcome.Plan.On(Mc1).Last().Operation.Value);
        Assert.Equal((10.Minutes, At(2, 10, 10)), (outcome.Find("2.10").SetUp, outcome.Find("2.10").RunStart));
        Assert.Equal(At(2, 11, 10), outcome.Plan.Promises.Max(p => p.Finish));
    }

    [Fact]
    public async Task Lots_of_one_recipe_share_a_load_and_others_wait_for_the_next()
    {
        // Capacity 2: two lots of 7.5 h go in together at 08:00, the third after them; another recipe alone.
        Order Lot(string id, string recipe) => new(new(id), new(new("ITEM-" + id), [new RoutingStep.Work(10, "harden", [new(Furnace, 450.Minutes, TimeSpan.Zero) { Unbroken = true }]) { Batch = new(recipe, 1) }]), 60, At(2, 8), At(3, 8));
        var request = Request(At(2, 8), Lot("A", "920"), Lot("B", "920"), Lot("C", "850")) with
        {
            Calendars = ImmutableDictionary<MachineId, WorkCalendar>.Empty.Add(Furnace, WorkCalendar.Always(Korea)),
            Factory = With(f => f with { Machines = [new(Furnace, BatchCapacity: 2)] }),
        };
        var outcome = await PlanAsync(request);
        Assert.Equal(outcome.Find("A.10").Range, outcome.Find("B.10").Range);
        Assert.Equal(At(2, 23), outcome.Plan.Operations.Max(o => o.End));   // two loads of 7.5 h
    }

    [Fact]
    public async Task Plating_within_four_hours_holds_the_grinding_back()
    {
        // The bath works from Tuesday 08:00 only; grinding (1 h) would be done Monday 09:00, 23 h before. It must end Tuesday 04:00 or later: in the shift, 08-09.
        var bath = new MachineId("E-EN");
        var order = new Order(new("A"), new(new("SPOOL"), [Work(10, (L1, TimeSpan.Zero, 1.Hours)), new RoutingStep.Wait(20, "to the bath", TimeSpan.Zero, 4.Hours), Work(30, (bath, TimeSpan.Zero, 1.Hours))]), 1, At(2, 8), At(6, 18));
        var request = Request(At(2, 8), order) with { Down = [(bath, new TimeRange(At(1, 0), At(3, 8)))] };
        var outcome = await PlanAsync(request);
        Assert.Equal((At(3, 8), At(3, 9)), (outcome.Find("A.10").Start, outcome.Find("A.30").Start));
        Assert.DoesNotContain(outcome.Findings, f => f.Rule == PlanRules.WaitBroken);
    }

    [Fact]
    public async Task A_ferry_leaves_at_its_cut_off_and_the_order_ends_where_it_arrives()
    {
        // Done Monday 12:00. Ferry Tuesday 12:00 with cut-off 20 h before (Monday 16:00): caught; 28 h → Wednesday 16:00.
        var ferry = new TransportService("ferry", LocalName.Same("ferry"), Korea, 20.Hours, [new(DayOfWeek.Tuesday, 12.Hours, 28.Hours), new(DayOfWeek.Thursday, 12.Hours, 28.Hours)], []);
        Order Of(string id, TimeSpan work) => new(new(id), new(new("X" + id), [Work(10, (Mc1, work, TimeSpan.Zero)), new RoutingStep.Transport(20, "to Kobe", "ferry")]), 1, At(2, 8), At(5, 18));
        var request = Request(At(2, 8), Of("A", 4.Hours)) with { Factory = With(f => f with { Transport = [ferry] }) };
        Assert.Equal(At(4, 16), Assert.Single((await PlanAsync(request)).Plan.Promises).Finish);
        // 8 h end at 17:00: too late for Tuesday, so Thursday's.
        request = Request(At(2, 8), Of("A", 8.Hours)) with { Factory = request.Factory };
        Assert.Equal(At(6, 16), Assert.Single((await PlanAsync(request)).Plan.Promises).Finish);
        var missed = Request(At(2, 8), Of("A", 8.Hours)) with { Factory = request.Factory with { Transport = [ferry with { NotOn = [new(2026, 11, 5)] }] } };
        Assert.Equal(At(11, 16), Assert.Single((await PlanAsync(missed)).Plan.Promises).Finish);
    }

    [Fact]
    public async Task Overtime_is_bought_when_it_costs_less_than_being_late()
    {
        // 10 h on a 9 h day; due 20:00. Two hours of overtime are on offer at 30 an hour; one is worked.
        var order = Order("A", 1, At(2, 8), At(2, 20), Work(10, (Mc1, 10.Hours, TimeSpan.Zero)));
        var offer = new OvertimeOffer(Mc1, new(At(2, 18), At(2, 20)), 30);
        var request = Request(At(2, 8), order) with { Factory = With(f => f with { Overtime = [offer] }) };
        var outcome = await PlanAsync(request);
        Assert.Equal(At(2, 19), outcome.Find("A.10").End);
        Assert.Equal(new BoughtOvertime(Mc1, offer.Range, 30), Assert.Single(outcome.Plan.Overtime));
        Assert.Equal(30, outcome.Plan.Score!.OvertimeCost, 6);
        // Dearer than everything else together: 900 min late cost 90,000, an hour here 200,000.
        var dear = await PlanAsync(request with { Factory = request.Factory with { Overtime = [offer with { PricePerHour = 200_000 }] } });
        Assert.Empty(dear.Plan.Overtime);
        Assert.Equal(At(3, 9), dear.Find("A.10").End);
    }

    [Fact]
    public async Task One_setter_sets_up_one_machine_after_the_other_and_an_absent_one_none()
    {
        // Two machines, an hour of set-up each, one setter: the second run begins at 10:00 although its machine is free at 08:00.
        Order Of(string id, MachineId machine) => Order(id, 1, At(2, 8), At(2, 18), Work(10, (machine, 1.Hours, 1.Hours)));
        SecondResource Setter(params TimeRange[] away) => new("kim", LocalName.Same("Kim"), ["setter"], null, [.. away]);
        var request = Request(At(2, 8), Of("A", Mc1), Of("B", Mc2)) with
        {
            Factory = With(f => f with { Resources = [Setter()], Machines = [new(Mc1, Crew: "setter"), new(Mc2, Crew: "setter")] }),
        };
        var outcome = await PlanAsync(request);
        Assert.Equal(At(2, 11), outcome.Plan.Operations.Max(o => o.End));
        Assert.All(outcome.Plan.Operations, o => Assert.Equal("kim", Assert.Single(o.With)));
        var away = await PlanAsync(request with { Factory = request.Factory with { Resources = [Setter(new TimeRange(At(2, 8), At(3, 0)))] } });
        Assert.Equal(At(3, 8), away.Plan.Operations.Min(o => o.Start));
    }

    [Fact]
    public async Task Material_of_the_customer_is_waited_for()
    {
        var order = new Order(new("A"), new(new("X"), [Work(10, (Mc1, TimeSpan.Zero, 1.Hours)) with { Takes = [new(new("casting"), 1)] }]), 3, At(2, 8), At(6, 18));
        var stock = new MaterialStock(new("casting"), LocalName.Same("casting"), 2, true, [new(At(3, 10), 5)]);
        var outcome = await PlanAsync(Request(At(2, 8), order) with { Factory = With(f => f with { Materials = [stock] }) });
        Assert.Equal(At(3, 10), outcome.Find("A.10").Start);
    }

    [Fact]
    public async Task Pieces_are_passed_on_before_the_lot_is_done()
    {
        // 10 pieces of 30 min, then 10 of 15 min, passed on by two: the last two arrive at 14:00 (5 h with lunch), the second step needs 30 min for them.
        var order = new Order(new("A"), new(new("X"), [Work(10, (L1, TimeSpan.Zero, 30.Minutes)) with { Transfer = 2 }, Work(20, (Hon, TimeSpan.Zero, 15.Minutes))]), 10, At(2, 8), At(6, 18));
        var outcome = await PlanAsync(Request(At(2, 8), order));
        Assert.Equal((At(2, 14), At(2, 14, 30)), (outcome.Find("A.10").End, outcome.Find("A.20").End));
        Assert.True(outcome.Find("A.20").Start < outcome.Find("A.10").End);
    }

    [Fact]
    public async Task Another_routing_is_taken_when_it_is_earlier_and_kept_once_begun()
    {
        var own = new Routing(new("X"), [Work(10, (Mc1, TimeSpan.Zero, 8.Hours))]);
        var other = new Routing(new("X"), [Work(10, (L1, TimeSpan.Zero, 2.Hours)), Work(20, (Hon, TimeSpan.Zero, 1.Hours))]);
        var order = new Order(new("A"), own, 1, At(2, 8), At(2, 12), alternatives: [other]);
        var request = Request(At(2, 8), order) with { Calendars = ((MachineId[])[Mc1, L1, Hon]).ToImmutableDictionary(m => m, _ => TwoShifts) };
        var first = await PlanAsync(request);
        Assert.Equal([(1, L1), (1, Hon)], first.Plan.Operations.Select(o => (o.Routing, o.Machine)));
        var later = await PlanAsync(request with
        {
            Now = At(2, 9), Parent = first.Plan, Actuals = [new(new("A.10"), OperationStatus.Running, L1, At(2, 8), null, 0, 0)],
        });
        Assert.Equal([(1, L1), (1, Hon)], later.Plan.Operations.Select(o => (o.Routing, o.Machine)));
        Assert.Equal(At(2, 12), later.Find("A.20").End);   // not finished: its only piece of 2 h is still to come
    }

    [Fact]
    public async Task What_is_wrong_with_one_order_is_told_and_the_others_are_planned()
    {
        var good = Order("A", 1, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 1.Hours)));
        var bad = new Order(new("B"), new(new("X"), [Work(10, (Mc1, TimeSpan.Zero, 1.Hours)) with { Needs = [new("welder")] }, new RoutingStep.Transport(20, "away", "zeppelin")]), 1, At(2, 8), At(6, 18));
        var outcome = await PlanAsync(Request(At(2, 8), good, bad));
        Assert.Equal("A.10", Assert.Single(outcome.Plan.Operations).Operation.Value);
        Assert.Equal([new OrderId("B")], outcome.Plan.Unplanned);
        Assert.Contains(outcome.Findings, f => f.Rule == PlanRules.NeedUnmet && f.Order == new OrderId("B") && f.Message.Contains("welder", StringComparison.Ordinal));
        Assert.Contains(outcome.Findings, f => f.Rule == PlanRules.NameUnknown && f.Message.Contains("zeppelin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broken_deadline_is_told_with_the_order_still_planned()
    {
        var order = new Order(new("A"), new(new("X"), [Work(10, (Mc1, 20.Hours, TimeSpan.Zero))]), 1, At(2, 8), At(3, 8), deadline: At(3, 12));
        var outcome = await PlanAsync(Request(At(2, 8), order));
        Assert.Equal((PlanRules.DeadlineBroken, (OrderId?)null), (Assert.Single(outcome.Findings).Rule, outcome.Findings[0].Order));
        Assert.Equal(1, outcome.Plan.Score!.Broken);
    }
}
