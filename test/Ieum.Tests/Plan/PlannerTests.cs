using Ieum.Model;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

public sealed class PlannerTests
{
    [Fact]
    public async Task Work_is_interrupted_by_lunch_and_night_and_goes_on_the_next_morning()
    {
        // 1 h set-up + 40 × 15 min = 11 h from Monday 08:00: 4 h to noon, 5 h to 18:00, 2 h on Tuesday.
        var outcome = await PlanAsync(Request(At(2, 8), Order("A", 40, At(2, 8), At(4, 18), Work(10, (Mc1, 1.Hours, 15.Minutes)))));
        var op = outcome.Find("A.10");
        Assert.Equal((At(2, 8), At(3, 10), 11.Hours, 1.Hours), (op.Start, op.End, op.Work, op.SetUp));
        Assert.Equal(At(3, 10), Assert.Single(outcome.Plan.Promises).Finish);
        Assert.True(outcome.Plan.Verified);
        Assert.Equal(0, outcome.Gap);
    }

    [Fact]
    public async Task The_order_due_first_goes_first_although_the_other_is_named_first()
    {
        // 4 h each on one machine. B due at noon, A at 17:00: only B first keeps both dates (A then ends at 17:00).
        var outcome = await PlanAsync(Request(At(2, 8),
            Order("A", 1, At(2, 8), At(2, 17), Work(10, (Mc1, 4.Hours, TimeSpan.Zero))),
            Order("B", 1, At(2, 8), At(2, 12), Work(10, (Mc1, 4.Hours, TimeSpan.Zero)))));
        Assert.Equal((At(2, 8), At(2, 12)), (outcome.Find("B.10").Start, outcome.Find("B.10").End));
        Assert.Equal((At(2, 13), At(2, 17)), (outcome.Find("A.10").Start, outcome.Find("A.10").End));
        Assert.Empty(outcome.Plan.Late);
    }

    [Fact]
    public async Task A_heavier_order_is_late_less_than_a_light_one()
    {
        // Both due at once, 4 h each: one ends at 12:00, the other at 17:00. The heavy one is spared.
        var outcome = await PlanAsync(Request(At(2, 8),
            Order("A", "A", 1, At(2, 8), At(2, 8), 1, Work(10, (Mc1, 4.Hours, TimeSpan.Zero))),
            Order("B", "B", 1, At(2, 8), At(2, 8), 5, Work(10, (Mc1, 4.Hours, TimeSpan.Zero)))));
        Assert.Equal(At(2, 12), outcome.Find("B.10").End);
        Assert.Equal(2, outcome.Plan.Late.Count());
        Assert.Equal(0, outcome.Gap);
    }

    [Fact]
    public async Task A_wait_passes_at_night_but_the_step_after_it_waits_for_the_shift()
    {
        // Ends Monday 18:00, waits 16 h → Tuesday 10:00, in the shift. With 20 h → 14:00.
        var outcome = await PlanAsync(Request(At(2, 8), Order("A", 1, At(2, 8), At(6, 18),
            Work(10, (L1, 9.Hours, TimeSpan.Zero)), new RoutingStep.Wait(20, "cool", 16.Hours), Work(30, (Mc1, 1.Hours, TimeSpan.Zero)), new RoutingStep.Wait(40, "dry", 3.Hours))));
        Assert.Equal(At(3, 10), outcome.Find("A.30").Start);
        Assert.Equal(At(3, 14), outcome.Plan.Promises[0].Finish);   // 11:00 and 3 h of drying
    }

    [Fact]
    public async Task Machines_with_different_calendars_hand_over_by_the_clock()
    {
        // L1 works 08-12, 13-18; the furnace day and night. 9 h on L1 → 18:00, furnace 18:00-03:00, back on L1 at 08:00.
        var furnace = new MachineId("C-FUR1");
        var request = Request(At(2, 8), Order("A", 1, At(2, 8), At(6, 18),
            Work(10, (L1, 9.Hours, TimeSpan.Zero)), Work(20, (furnace, 9.Hours, TimeSpan.Zero)), Work(30, (L1, 1.Hours, TimeSpan.Zero))));
        request = request with { Calendars = request.Calendars.SetItem(furnace, WorkCalendar.Always(Korea)) };
        var outcome = await PlanAsync(request);
        Assert.Equal((At(2, 18), At(3, 3)), (outcome.Find("A.20").Start, outcome.Find("A.20").End));
        Assert.Equal((At(3, 8), At(3, 9)), (outcome.Find("A.30").Start, outcome.Find("A.30").End));
    }

    [Fact]
    public async Task A_breakdown_interrupts_work_or_sends_it_to_the_other_machine()
    {
        // MC1 is down from Monday 10:00 to Wednesday 12:00. 6 h on MC1 would end Wednesday 17:00; MC2 needs 8 h: Monday 17:00.
        var order = Order("A", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 6.Hours, TimeSpan.Zero), (Mc2, 8.Hours, TimeSpan.Zero)));
        var request = Request(At(2, 8), order) with { Down = [(Mc1, new TimeRange(At(2, 10), At(4, 12)))] };
        var outcome = await PlanAsync(request);
        Assert.Equal((Mc2, At(2, 17)), (outcome.Find("A.10").Machine, outcome.Find("A.10").End));

        var only = await PlanAsync(Request(At(2, 8), Order("A", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 6.Hours, TimeSpan.Zero)))) with { Down = request.Down });
        Assert.Equal(At(4, 17), only.Find("A.10").End);   // 2 h before, 4 h after Wednesday 13:00
    }

    [Fact]
    public async Task A_running_operation_stays_and_needs_only_the_rest()
    {
        // Begun on MC2 Monday 08:00, 10 × 1 h; at 14:00 5 h are worked (lunch is not), 5 h are left: 14-18 and Tuesday 08-09.
        var order = Order("A", 10, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 30.Minutes), (Mc2, TimeSpan.Zero, 1.Hours)), Work(20, (Hon, 1.Hours, TimeSpan.Zero)));
        var running = new OperationActual(new("A.10"), OperationStatus.Running, Mc2, At(2, 8), null, 0, 0);
        var outcome = await PlanAsync(Request(At(2, 14), order) with { Actuals = [running] });
        var op = outcome.Find("A.10");
        Assert.Equal((Mc2, At(2, 8), At(3, 9), 5.Hours), (op.Machine, op.Start, op.End, op.Work));
        Assert.Equal(At(3, 9), outcome.Find("A.20").Start);

        // With 8 pieces reported, 2 are left, whatever the clock says.
        var counted = await PlanAsync(Request(At(2, 14), order) with { Actuals = [running with { Good = 7, Scrap = 1 }] });
        Assert.Equal(At(2, 16), counted.Find("A.10").End);

        // Paused since 10:00: 2 h are worked, 8 h are left.
        var paused = await PlanAsync(Request(At(2, 14), order) with { Actuals = [running with { Status = OperationStatus.Paused, PausedSince = At(2, 10) }] });
        Assert.Equal((At(2, 14), At(3, 12)), (paused.Find("A.10").Start, paused.Find("A.10").End));

        // Long past its time: the piece on the machine is still to come.
        var over = await PlanAsync(Request(At(4, 9), order) with { Actuals = [running] });
        Assert.Equal(At(4, 10), over.Find("A.10").End);
    }

    [Fact]
    public async Task Finished_steps_are_not_planned_and_pass_on_their_good_pieces()
    {
        var order = Order("A", 10, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 30.Minutes)), Work(20, (Hon, TimeSpan.Zero, 10.Minutes)));
        var done = new OperationActual(new("A.10"), OperationStatus.Finished, Mc1, At(2, 8), At(2, 15), 9, 1);
        var outcome = await PlanAsync(Request(At(2, 14, 30), order) with { Actuals = [done] });
        var op = Assert.Single(outcome.Plan.Operations);
        Assert.Equal((9, At(2, 15), At(2, 16, 30)), (op.Quantity, op.Start, op.End));

        var all = await PlanAsync(Request(At(3, 8), order) with { Actuals = [done, new(new("A.20"), OperationStatus.Finished, Hon, At(2, 15), At(2, 17), 9, 0)] });
        Assert.Empty(all.Plan.Operations);
        Assert.Equal(At(2, 17), Assert.Single(all.Plan.Promises).Finish);
    }

    [Fact]
    public async Task Seconds_are_rounded_up_to_the_minute()
    {
        // Now 08:00:20 → 08:01; 10 × 31 s = 310 s → 6 min.
        var outcome = await PlanAsync(Request(At(2, 8).AddSeconds(20), Order("A", 10, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 31.Seconds)))));
        Assert.Equal((At(2, 8, 1), At(2, 8, 7), 6.Minutes), (outcome.Find("A.10").Start, outcome.Find("A.10").End, outcome.Find("A.10").Work));
    }

    [Fact]
    public async Task The_set_up_is_left_out_after_the_same_item_when_the_shop_says_so()
    {
        // A and C are one item, B another; 1 h set-up, 1 h work each. In any order with A and C together: 2 + 1 + 2 = 5 h of work instead of 6.
        Order Of(string id, string item) => Order(id, item, 1, At(2, 8), At(6, 18), 1, Work(10, (Mc1, 1.Hours, 1.Hours)));
        var request = Request(At(2, 8), Of("A", "X"), Of("B", "Y"), Of("C", "X"));
        var saving = await PlanAsync(request, Quick(o => o.SkipSetUpOnSameItem = true));
        Assert.Equal(At(2, 14), saving.Plan.Operations.Max(o => o.End));
        Assert.Single(saving.Plan.Operations, o => o.SetUp == TimeSpan.Zero && o.Work == 1.Hours);
        Assert.Equal(0, saving.Gap);
        var plain = await PlanAsync(request);
        Assert.Equal(At(2, 15), plain.Plan.Operations.Max(o => o.End));
    }

    [Fact]
    public async Task The_next_plan_counts_up_and_names_its_parent()
    {
        var request = Request(At(2, 8), Order("A", 1, At(2, 8), At(6, 18), Work(10, (Mc1, 1.Hours, 1.Hours))));
        var first = await PlanAsync(request);
        var second = await PlanAsync(request with { Parent = first.Plan, Reason = "asked" });
        Assert.Equal((1, null, "first"), (first.Plan.Number, first.Plan.Parent, first.Plan.Reason));
        Assert.Equal((2, 1, "asked"), (second.Plan.Number, second.Plan.Parent, second.Plan.Reason));
    }

    [Fact]
    public async Task Solbaram_keeps_all_its_dates_in_the_first_fortnight()
    {
        var outcome = await PlanAsync(Solbaram());
        TestContext.Current.SendDiagnosticMessage(outcome.Plan.Solver);
        Assert.Empty(outcome.Plan.Late);
        Assert.Equal(17, outcome.Plan.Operations.Length);
        // own-4 is released on the 11th and needs 40 h: 9 h on 11, 12, 13, 4 h on 14, 9 h on 16 → the end of all is Monday 16th, 18:00 at the earliest.
        Assert.Equal(At(16, 18), outcome.Plan.Operations.Max(o => o.End));
        Assert.Equal(0, outcome.Gap);
    }

    [Fact]
    public async Task The_same_request_and_seed_give_the_same_plan()
    {
        var one = await PlanAsync(Solbaram());
        var two = await PlanAsync(Solbaram());
        Assert.Equal(one.Plan.Operations, two.Plan.Operations);
        Assert.Equal(one.Plan.Solver, two.Plan.Solver);
    }

    [Fact]
    public async Task Without_solve_time_the_heuristic_plan_is_given_and_verified()
    {
        var outcome = await PlanAsync(Solbaram(), Quick(o => o.SolveLimit = TimeSpan.Zero));
        Assert.True(outcome.Plan.Verified);
        Assert.StartsWith("heuristic", outcome.Plan.Solver, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Planner().PlanAsync(Solbaram(), stop.Token));
    }
}
