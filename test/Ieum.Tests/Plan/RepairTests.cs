using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>Locks, repair of a standing plan and the frozen zone.</summary>
public sealed class RepairTests
{
    // One machine, three jobs of 2 h on Monday: A 8-10, B 10-12, C 13-15 by due date; D after A on the hone 10-11.
    private static readonly PlanRequest Three = Request(At(2, 8),
        Order("A", 1, At(2, 8), At(2, 12), Work(10, (Mc1, 2.Hours, TimeSpan.Zero), (Mc2, 2.Hours, TimeSpan.Zero)), Work(20, (Hon, 1.Hours, TimeSpan.Zero))),
        Order("B", 1, At(2, 8), At(2, 13), Work(10, (Mc1, 2.Hours, TimeSpan.Zero))),
        Order("C", 1, At(2, 8), At(2, 17), Work(10, (Mc1, 2.Hours, TimeSpan.Zero)))) with { Locks = [new(new("A.10"), Mc1, null)] };

    private static async Task<PlanRequest> StandingAsync() => Three with { Parent = (await PlanAsync(Three)).Plan, Reason = "asked", KeepSequence = true };

    [Fact]
    public async Task Repair_without_news_gives_the_same_plan_again()
    {
        var request = await StandingAsync();
        Assert.Equal(["A.10", "B.10", "C.10"], request.Parent!.On(Mc1).Select(o => o.Operation.Value));
        var again = await PlanAsync(request);
        Assert.Equal(request.Parent.Operations.Select(o => (o.Operation, o.Machine, o.Start, o.End)), again.Plan.Operations.Select(o => (o.Operation, o.Machine, o.Start, o.End)));
        Assert.Equal(0, again.Plan.Score!.Changes);
    }

    [Fact]
    public async Task What_is_dragged_to_a_later_hour_lets_the_next_one_forward()
    {
        // B to 15:00: C moves up to 10-12, B runs 15-17.
        var moved = await PlanAsync(await StandingAsync() with { Locks = [new(new("B.10"), Mc1, At(2, 15))] });
        Assert.Equal((At(2, 15), At(2, 17)), (moved.Find("B.10").Start, moved.Find("B.10").End));
        Assert.Equal(At(2, 10), moved.Find("C.10").Start);
        Assert.Empty(moved.Findings);
        Assert.Equal(At(2, 15), moved.Find("B.10").Lock!.Start);
    }

    [Fact]
    public async Task What_is_dragged_onto_another_pushes_it_behind()
    {
        // C to 09:00, in the middle of A: C runs 9-11, A after it at 11, B after A.
        var moved = await PlanAsync(await StandingAsync() with { Locks = [new(new("C.10"), null, At(2, 9))] });
        Assert.Equal(["C.10", "A.10", "B.10"], moved.Plan.On(Mc1).Select(o => o.Operation.Value));
        Assert.Equal((At(2, 9), At(2, 11)), (moved.Find("C.10").Start, moved.Find("A.10").Start));
    }

    [Fact]
    public async Task A_lock_that_cannot_hold_says_why()
    {
        var standing = await StandingAsync();
        async Task<PlanConflict> Why(OperationId id, DateTimeOffset start) =>
            Assert.Single((await PlanAsync(standing with { Locks = [new(id, null, start)] })).Findings, f => f.Rule == PlanRules.LockBroken && f.Operation == id);
        var before = await Why(new("A.20"), At(2, 9));
        Assert.Equal("previous", before.Field);
        Assert.Contains("step 10 of its order ends at 2026-11-02 10:00", before.Message, StringComparison.Ordinal);
        Assert.Equal("closed", (await Why(new("B.10"), At(2, 12, 30))).Field);
        Assert.Contains("opens at 2026-11-02 13:00", (await Why(new("B.10"), At(2, 12, 30))).Message, StringComparison.Ordinal);
        var late = Three with { Orders = [Order("A", 1, At(3, 8), At(4, 12), Work(10, (Mc1, 2.Hours, TimeSpan.Zero)))], Locks = [] };
        var release = await PlanAsync(late with { Parent = (await PlanAsync(late)).Plan, KeepSequence = true, Locks = [new(new("A.10"), null, At(2, 9))] });
        Assert.Equal("release", Assert.Single(release.Findings).Field);
        Assert.Equal(At(3, 8), release.Find("A.10").Start);
    }

    [Fact]
    public async Task Running_work_keeps_its_machine_against_a_lock()
    {
        var standing = await StandingAsync() with { Actuals = [new(new("A.10"), OperationStatus.Running, Mc1, At(2, 8), null, 0, 0)], Now = At(2, 9) };
        var outcome = await PlanAsync(standing with { Locks = [new(new("B.10"), null, At(2, 9))] });
        var why = Assert.Single(outcome.Findings);
        Assert.Equal((PlanRules.LockBroken, "busy", At(2, 10)), (why.Rule, why.Field, outcome.Find("B.10").Start));
    }

    [Fact]
    public async Task A_lock_on_a_machine_that_cannot_do_it_is_left_out_and_told()
    {
        var outcome = await PlanAsync(Three with { Locks = [new(new("B.10"), Hon, null)] });
        Assert.Equal(PlanRules.LockUnknown, Assert.Single(outcome.Findings).Rule);
        Assert.Equal(Mc1, outcome.Find("B.10").Machine);
    }

    [Fact]
    public async Task A_locked_machine_is_kept_though_another_is_free()
    {
        var free = await PlanAsync(Three with { Locks = [] });
        Assert.Contains(free.Plan.Operations, o => o.Machine == Mc2);
        Assert.Equal(Mc1, (await PlanAsync(Three)).Find("A.10").Machine);
    }

    [Fact]
    public async Task The_frozen_zone_stays_and_a_new_order_comes_behind_it()
    {
        var standing = await StandingAsync();
        var rush = Order("R", "R", 1, At(2, 8), At(2, 8), 50, Work(10, (Mc1, 1.Hours, TimeSpan.Zero)));
        var request = standing with { Orders = standing.Orders.Add(rush), KeepSequence = false };
        Assert.Equal(At(2, 8), (await PlanAsync(request)).Find("R.10").Start);
        var frozen = await PlanAsync(request with { FrozenUntil = At(2, 11) });
        Assert.Equal([At(2, 8), At(2, 10)], [frozen.Find("A.10").Start, frozen.Find("B.10").Start]);
        Assert.Equal(At(2, 13), frozen.Find("R.10").Start);
    }

    [Fact]
    public async Task Least_disturbance_moves_fewer_operations_than_planning_anew()
    {
        // A new order that could go anywhere; with a price on every change no other is put on another machine or moved by more than an hour.
        var standing = await StandingAsync();
        var request = standing with { Orders = standing.Orders.Add(Order("N", "N", 1, At(2, 8), At(2, 16), 1, Work(10, (Mc1, 30.Minutes, TimeSpan.Zero)))), KeepSequence = false };
        var calm = await PlanAsync(request with { Goal = PlanGoal.Default with { Stability = 10_000 } });
        Assert.Equal(0, calm.Plan.Score!.Changes);
        Assert.True(calm.Find("N.10").End <= At(2, 16));
        Assert.Empty(calm.Plan.Late);
    }

    [Fact]
    public async Task Slack_is_what_the_next_one_and_the_due_date_leave()
    {
        // C ends 15:00 and is due 17:00: 2 h. B may end at most where C may begin: 15:00, less than its due date 13:00 allows → 1 h by the clock. A.20 is due 12:00, ends 11:00: 1 h.
        var plan = await PlanAsync(Three);
        Assert.Equal(2.Hours, plan.Find("C.10").Slack);
        Assert.Equal(1.Hours, plan.Find("B.10").Slack);
        Assert.Equal(1.Hours, plan.Find("A.20").Slack);
        // A.10 may not end later than B may begin: B may end 13:00, that is work until 12:00, so begin 10:00 → none.
        Assert.Equal(TimeSpan.Zero, plan.Find("A.10").Slack);
    }
}
