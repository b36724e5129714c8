using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>What can still be done after something happened, worked out by hand: Monday 2 November, shifts 8-12 and 13-18.</summary>
public sealed class ReplannerTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // A comes at 10:00: 4 h on MC1 (10-12, 13-15) or 5 h on MC2. D follows on MC1, 15-18. Both are due on Monday evening.
    private static readonly PlanRequest Pair = Request(At(2, 8),
        Order("A", 2, At(2, 10), At(2, 18), Work(10, (Mc1, TimeSpan.Zero, 2.Hours), (Mc2, TimeSpan.Zero, 150.Minutes))),
        Order("D", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 3.Hours, TimeSpan.Zero)))) with
    { Calendars = Request(At(2, 8), Order("x", 1, At(2, 8), At(2, 9), Work(10, (Mc1, 1.Hours, TimeSpan.Zero), (Mc2, 1.Hours, TimeSpan.Zero), (L1, 1.Hours, TimeSpan.Zero), (Hon, 1.Hours, TimeSpan.Zero)))).Calendars };

    private static async Task<PlanRequest> StandingAsync(PlanRequest request, params (string Id, MachineId Machine, DateTimeOffset Start)[] at)
    {
        var plan = (await PlanAsync(request with { Locks = [.. at.Select(a => new OperationLock(new(a.Id), a.Machine, a.Start))] })).Plan;
        return request with { Parent = plan with { Operations = [.. plan.Operations.Select(o => o with { Lock = null })] }, Reason = "machine-down" };
    }

    private static Task<PlanRequest> PairAsync() => StandingAsync(Pair, ("A.10", Mc1, At(2, 10)), ("D.10", Mc1, At(2, 15)));

    private static IReplanner Replanner(Action<PlanOptions>? change = null) => Shop.Replanner(Quick(o => { o.OvertimePrice = 40; o.Trials = 400; change?.Invoke(o); }));

    [Fact]
    public async Task A_breakdown_gives_ranked_ways_each_with_the_time_until_which_it_works()
    {
        var answer = await Replanner().AlternativesAsync(await PairAsync(), [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(2, 13)))], Cancel);
        // Nothing: A 13-17, D 17-18 and Tuesday 8-10, 16 h late, both moved. A on MC2 runs 10-12, 13-16 and D stays: one moved, nobody late.
        // It may begin as late as 12:00 (then 13-18, due then); the list has it at 13:00. Split: one piece stays (13-15, so until 13:00), the other on MC2 from 10:00; D stays. Overtime: D 17-20, 2 h of it bought for 80, 2 h late.
        Assert.Equal([AlternativeKind.Machine, AlternativeKind.Split, AlternativeKind.Overtime, AlternativeKind.Nothing], answer.Alternatives.Select(a => a.Kind));
        Assert.Equal([1, 2, 3, 4], answer.Alternatives.Select(a => a.Rank));
        var (machine, split, overtime, nothing) = (answer.Alternatives[0], answer.Alternatives[1], answer.Alternatives[2], answer.Alternatives[3]);
        Assert.Equal((0, TimeSpan.Zero, 1, 0.0), (machine.Figures.Late, machine.Figures.Tardiness, machine.Figures.Moved, machine.Figures.Cost));
        Assert.Equal(("A.10", Mc2), (machine.Moves.Single().Operation.Value, machine.Moves.Single().Machine));
        Assert.Equal((At(2, 12), CutOffCause.Begins), (machine.Until, machine.CutOffs[0].Cause));
        Assert.Equal((0, 1, At(2, 13)), (split.Figures.Late, split.Figures.Moved, split.Until));
        Assert.Equal((1, 2.Hours, 80.0, At(2, 16)), (overtime.Figures.Late, overtime.Figures.Tardiness, overtime.Figures.Cost, overtime.Until));
        Assert.Equal((CutOffCause.Overtime, "B-MC1"), (overtime.CutOffs[0].Cause, overtime.CutOffs[0].What));
        Assert.Equal((1, 16.Hours, 2, (DateTimeOffset?)null), (nothing.Figures.Late, nothing.Figures.Tardiness, nothing.Figures.Moved, nothing.Until));
        Assert.Equal((new OrderId("D"), true), (nothing.Changes.Single(c => c.BecomesLate).Order, nothing.Changes.Any(c => c.IsWorse)));
        Assert.Equal([AlternativeKind.Reorder], answer.NoHelp);   // A cannot give way without being later than D is now
        Assert.All(answer.Alternatives, a => Assert.True(a.Plan.Verified));
    }

    [Fact]
    public async Task A_clock_that_has_run_out_leaves_its_way_out()
    {
        // At 16:30 the evening can no longer be ordered: two hours' notice.
        var standing = await PairAsync() with { Now = At(2, 16, 30), Actuals = [new(new("A.10"), OperationStatus.Running, Mc1, At(2, 13), null, 0, 0)] };
        var change = new PlanChange.MachineDown(Mc1, new(At(2, 10), At(2, 13)));
        Assert.DoesNotContain((await Replanner().AlternativesAsync(standing, [change], Cancel)).Alternatives.Where(a => a.Kind == AlternativeKind.Overtime), a => a.Bought.Any(b => b.Range.From < At(3, 8)));
        Assert.Contains((await Replanner(o => o.OvertimeNotice = 1.Hours).AlternativesAsync(standing, [change], Cancel)).Alternatives, a => a.Kind == AlternativeKind.Overtime && a.Until == At(2, 17));
    }

    [Fact]
    public async Task The_frozen_zone_ends_the_time_before_the_work_begins()
    {
        var answer = await Replanner().AlternativesAsync(await PairAsync() with { FrozenUntil = At(2, 9) }, [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(2, 13)))], Cancel);
        Assert.Equal(At(2, 11), answer.Alternatives.Single(a => a.Kind == AlternativeKind.Machine).Until);   // an hour before 12:00
    }

    [Fact]
    public async Task Work_goes_outside_by_the_suppliers_truck_and_the_price_is_told()
    {
        // X: 1 h on L1 (8-9), 4 h on MC1, 1 h on HON; MC1 is down until Wednesday evening. The truck takes parts on Monday 11:00 (ready 10:30) and brings them back in 24 h.
        var request = Pair with { Orders = [Order("X", 10, At(2, 8), At(3, 18), Work(10, (L1, 1.Hours, TimeSpan.Zero)), Work(20, (Mc1, 4.Hours, TimeSpan.Zero)), Work(30, (Hon, 1.Hours, TimeSpan.Zero)))] };
        request = request with
        {
            Factory = FactoryData.None with
            {
                Transport = [new("S-VAN", LocalName.Same("van"), Korea, 30.Minutes, [new(DayOfWeek.Monday, 11.Hours, 24.Hours), new(DayOfWeek.Thursday, 11.Hours, 24.Hours)], [])],
                Subcontractors = [new("GRIND-CO", LocalName.Same("Grind Co"), [Mc1], "S-VAN", 100, 3)],
            },
        };
        var answer = await Replanner().AlternativesAsync(await StandingAsync(request), [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(4, 18)))], Cancel);
        var outside = answer.Alternatives[0];
        Assert.Equal((AlternativeKind.Outside, "GRIND-CO", "X.20", At(2, 10, 30)), (outside.Kind, outside.Supplier!.Id, outside.Of!.Value.Value, outside.Until));
        Assert.Equal((0, 130.0, CutOffCause.Supplier), (outside.Figures.Late, outside.Figures.Cost, outside.CutOffs[0].Cause));
        Assert.Equal(At(3, 11), outside.Plan.Operations.Single(o => o.Step == 30).Start);
        Assert.DoesNotContain(outside.Plan.Operations, o => o.Step == 20);
        Assert.Equal(At(5, 14), answer.Alternatives[^1].Plan.Promises[0].Finish);   // nothing: Thursday 8-12 and 13-14
    }

    [Fact]
    public async Task A_first_step_goes_outside_even_when_its_parts_come_back_late_if_everything_else_is_later_still()
    {
        // X: 4 h on MC1, then 1 h on HON, due on Monday evening; MC1 is down until Wednesday evening. Monday's van brings the parts back on Tuesday at 11:00: HON 11-12, 18 h late.
        var request = Pair with
        {
            Orders = [Order("X", 10, At(2, 8), At(2, 18), Work(20, (Mc1, 4.Hours, TimeSpan.Zero)), Work(30, (Hon, 1.Hours, TimeSpan.Zero)))],
            Factory = FactoryData.None with
            {
                Transport = [new("S-VAN", LocalName.Same("van"), Korea, 30.Minutes, [new(DayOfWeek.Monday, 11.Hours, 24.Hours)], [])],
                Subcontractors = [new("GRIND-CO", LocalName.Same("Grind Co"), [Mc1], "S-VAN", 100, 3)],
            },
        };
        var answer = await Replanner().AlternativesAsync(await StandingAsync(request), [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(4, 18)))], Cancel);
        var outside = answer.Alternatives[0];
        Assert.Equal((AlternativeKind.Outside, 1, At(3, 12)), (outside.Kind, outside.Figures.Late, outside.Plan.Promises.Single().Finish));
        Assert.Equal([new PlanChange.OrderWaits(new("X"), At(3, 11))], outside.Holds);
        Assert.Equal(At(2, 18), outside.Request.Orders.Single().Due);        // what was promised stays, so that the lateness shows
        Assert.Equal(At(5, 14), answer.Alternatives[^1].Plan.Promises[0].Finish);   // nothing: Thursday 8-12, HON 13-14
        // The day after, the parts come back at the same hour as ever.
        var later = await PlanAsync(outside.Request with { Now = At(3, 9), Parent = outside.Plan, KeepSequence = true, Locks = [] });
        Assert.Equal(At(3, 11), later.Plan.Operations.Single().Start);
        // Back in time needs no such fact: due on Tuesday evening.
        var early = request with { Orders = [Order("X", 10, At(2, 8), At(3, 18), [.. request.Orders[0].Routing.Steps])] };
        Assert.Empty((await Replanner().AlternativesAsync(await StandingAsync(early), [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(4, 18)))], Cancel)).Alternatives.Single(a => a.Kind == AlternativeKind.Outside).Holds);
    }

    [Fact]
    public async Task The_clock_of_a_way_knows_the_ferry_that_it_must_catch_between_two_steps_and_to_the_customer()
    {
        // X: 3 h on MC1 or MC2, then the van at 16:00 (ready by 15:00) or a day later to the other site, a day's journey, 1 h there. MC1 is down until 15:00.
        // Without anything X runs 15-18 and takes Tuesday's van. On MC2 it runs 8-11; it could begin at 11:00 (11-12, 13-15) and still catch Monday's.
        PlanRequest Of(params RoutingStep[] steps) => Pair with
        {
            Orders = [Order("X", 1, At(2, 8), At(9, 18), [Work(10, (Mc1, 3.Hours, TimeSpan.Zero), (Mc2, 3.Hours, TimeSpan.Zero)), new RoutingStep.Transport(20, "van", "VAN"), .. steps])],
            Factory = FactoryData.None with { Transport = [new("VAN", LocalName.Same("van"), Korea, 1.Hours, [new(DayOfWeek.Monday, 16.Hours, 24.Hours), new(DayOfWeek.Tuesday, 16.Hours, 24.Hours)], [])] },
        };
        foreach (var request in new[] { Of(Work(30, (Hon, 1.Hours, TimeSpan.Zero))), Of() })
        {
            var tight = request with { Orders = [.. request.Orders.Select(o => new Order(o.Id, o.Routing, 1, o.Release, At(3, 17), 1))] };   // due on Tuesday at 17:00
            var answer = await Replanner().AlternativesAsync(await StandingAsync(tight, ("X.10", Mc1, At(2, 8))), [new PlanChange.MachineDown(Mc1, new(At(2, 8), At(2, 15)))], Cancel);
            var machine = answer.Alternatives.Single(a => a.Kind == AlternativeKind.Machine);
            Assert.Equal((At(2, 11), CutOffCause.Departure), (machine.CutOffs.Single(c => c.Cause == CutOffCause.Departure).At, machine.CutOffs.Single(c => c.Cause == CutOffCause.Departure).Cause));
            Assert.Equal("VAN", machine.CutOffs.Single(c => c.Cause == CutOffCause.Departure).What);
            Assert.Equal(At(2, 11), machine.Until);
        }
    }

    [Fact]
    public async Task Late_material_scrap_a_rush_order_and_somebody_absent_are_planned_on()
    {
        var standing = await PairAsync();
        async Task<Alternative> Nothing(PlanRequest request, PlanChange change) => (await Replanner().AlternativesAsync(request, [change], Cancel)).Alternatives.Single(a => a.Kind == AlternativeKind.Nothing);
        // A's material comes at 14:00: 14-18. D may pass it, as its place on the machine is free until then.
        var late = await Nothing(standing, new PlanChange.OrderWaits(new("A"), At(2, 14)));
        Assert.Equal(At(2, 14), late.Plan.Operations.Single(o => o.Operation.Value == "A.10").Start);
        // One of two pieces of A is scrapped: the rest takes 2 h, the new lot 2 h on MC1 or 2.5 h on MC2.
        var scrap = await Nothing(standing, new PlanChange.Scrapped(new("A"), 1));
        Assert.Equal([1, 1], scrap.Plan.Operations.Where(o => o.Order.Value.StartsWith('A')).Select(o => o.Quantity));
        Assert.Contains(scrap.Plan.Promises, p => p.Order == new OrderId("A-R1"));
        // A rush order of 1 h goes first where that pays: R is due at 11:00 and nobody moves before 10:00.
        var rush = (await Replanner().AlternativesAsync(standing, [new PlanChange.OrderIs(Order("R", "R", 1, At(2, 8), At(2, 11), 50, Work(10, (Mc1, 1.Hours, TimeSpan.Zero))))], Cancel)).Alternatives[0];
        Assert.Equal((At(2, 8), 0, 0), (rush.Plan.Operations.Single(o => o.Order == new OrderId("R")).Start, rush.Figures.Late, rush.Figures.Moved));
        // Only kim can run A and is away until Tuesday.
        var manned = Pair with
        {
            Orders = Pair.Orders.SetItem(0, Order("A", 2, At(2, 10), At(2, 18), Work(10, (Mc1, TimeSpan.Zero, 2.Hours)) with { Needs = [new("mill")] })),
            Factory = FactoryData.None with { Resources = [new("kim", LocalName.Same("kim"), ["mill"], null, [])] },
        };
        var absent = await Nothing(await StandingAsync(manned, ("A.10", Mc1, At(2, 10)), ("D.10", Mc1, At(2, 15))), new PlanChange.Away("kim", new(At(2, 8), At(3, 8))));
        Assert.Equal(At(3, 8), absent.Plan.Operations.Single(o => o.Operation.Value == "A.10").Start);
    }

    [Fact]
    public async Task Only_what_is_hit_moves_and_the_rest_stands_where_it_stood()
    {
        // Twelve orders of 2 h on two machines that could swap everything; MC1 is down on Tuesday morning. Everybody has a week.
        var request = Request(At(2, 8), [.. Enumerable.Range(1, 12).Select(i => Order($"P{i:00}", 1, At(2, 8), At(7, 12), Work(10, (Mc1, 2.Hours, TimeSpan.Zero), (Mc2, 2.Hours, TimeSpan.Zero))))]);
        var standing = await StandingAsync(request);
        var hit = standing.Parent!.On(Mc1).Where(o => o.Start < At(3, 12) && o.End > At(3, 8)).Select(o => o.Operation).ToHashSet();
        var plan = await PlanAsync(standing with { Steady = true, Goal = PlanGoal.Default.Calm(), Down = [(Mc1, new(At(3, 8), At(3, 12)))] });
        Assert.NotEmpty(hit);
        Assert.All(plan.Plan.Operations.Where(o => !hit.Contains(o.Operation)), o => Assert.Equal((o.Machine, o.Start), standing.Parent.Operations.Where(x => x.Operation == o.Operation).Select(x => (x.Machine, x.Start)).Single()));
        Assert.Empty(plan.Plan.Late);
    }

    [Fact]
    public async Task Without_a_plan_there_is_nothing_to_choose_and_what_cannot_be_planned_says_why()
    {
        Assert.Empty((await Replanner().AlternativesAsync(Pair, [new PlanChange.OrderGone(new("A"))], Cancel)).Alternatives);
        var standing = await PairAsync();
        var never = await Replanner().AlternativesAsync(standing, [new PlanChange.OrderGone(new("A")), new PlanChange.MachineDown(Mc1, new(At(2, 8), At(2, 8).AddYears(3)))], Cancel);
        Assert.Empty(never.Alternatives);
        Assert.NotEmpty(never.Conflicts);
    }
}
