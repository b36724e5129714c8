using Ieum.Act;
using Ieum.Model;
using static Ieum.Tests.Act.Floor;

namespace Ieum.Tests.Act;

public sealed class DispatcherTests
{
    [Fact]
    public async Task The_list_of_a_machine_shows_unfinished_work_running_first()
    {
        using var floor = new Floor();
        Assert.Equal([A10, B10], floor.Dispatcher.For(Mc1).Select(d => d.Operation.Operation));
        await floor.AcceptAsync(Start(B10, Mc1, At(8, 5)));
        Assert.Equal([B10, A10], floor.Dispatcher.For(Mc1).Select(d => d.Operation.Operation));
        Assert.Equal([1, 2], floor.Dispatcher.For(Mc1).Select(d => d.Position));
        await floor.AcceptAsync(Finish(B10, Mc1, At(9)));
        Assert.Equal([A10], floor.Dispatcher.For(Mc1).Select(d => d.Operation.Operation));
    }

    [Fact]
    public async Task Work_begun_on_another_allowed_machine_moves_to_the_list_of_that_machine()
    {
        using var floor = new Floor();
        var answer = await floor.AcceptAsync(Start(A10, Mc2, At(8)));
        Assert.Equal(Mc2, answer.Actual.Machine);
        Assert.Equal([A10], floor.Dispatcher.For(Mc2).Select(d => d.Operation.Operation));
        Assert.Equal([B10], floor.Dispatcher.For(Mc1).Select(d => d.Operation.Operation));
    }

    [Fact]
    public async Task Start_pause_resume_and_finish_leave_times_pieces_and_pauses()
    {
        using var floor = new Floor();
        await floor.AcceptAsync(Start(A10, Mc1, At(8)));
        var paused = await floor.AcceptAsync(Pause(A10, Mc1, At(9)));
        Assert.Equal((OperationStatus.Paused, At(9)), (paused.Actual.Status, paused.Actual.PausedSince));
        await floor.AcceptAsync(Resume(A10, Mc1, At(9, 20)));
        var actual = (await floor.AcceptAsync(Finish(A10, Mc1, At(10, 30), 9, 1))).Actual;
        Assert.Equal((OperationStatus.Finished, At(8), At(10, 30), 9, 1), (actual.Status, actual.Started, actual.Finished, actual.Good, actual.Scrap));
        Assert.Equal([new TimeRange(At(9), At(9, 20))], actual.Pauses!);
        Assert.Null(actual.PausedSince);
        await floor.AcceptAsync(Start(A20, Hon, At(11)));   // the step after it may begin now
    }

    [Fact]
    public async Task Reports_that_do_not_fit_are_refused_with_their_rule_and_change_nothing()
    {
        using var floor = new Floor();
        floor.Clock.SetUtcNow(At(9));
        await floor.RefuseAsync(ShopRules.UnknownOperation, Start(new("Z.10"), Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.MachineNotAllowed, Start(A10, Hon, At(9)));
        await floor.RefuseAsync(ShopRules.PredecessorOpen, Start(A20, Hon, At(9)));
        await floor.RefuseAsync(ShopRules.NotStarted, Finish(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.NotStarted, Pause(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.NotStarted, Resume(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.TimeAhead, Start(A10, Mc1, At(9, 11)));       // 10 min ahead are taken, 11 are not
        await floor.RefuseAsync(ShopRules.NoName, new ShopEvent.Started(Guid.NewGuid(), A10, Mc1, " ", At(9)));

        await floor.AcceptAsync(Start(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.AlreadyStarted, Start(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.MachineBusy, Start(B10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.OtherMachine, Finish(A10, Mc2, At(9)));
        await floor.RefuseAsync(ShopRules.NotPaused, Resume(A10, Mc1, At(9)));
        await floor.RefuseAsync(ShopRules.UnknownReason, Pause(A10, Mc1, At(9), "tired"));
        await floor.RefuseAsync(ShopRules.TimeBackwards, Pause(A10, Mc1, At(8, 59)));
        await floor.RefuseAsync(ShopRules.TooManyPieces, Finish(A10, Mc1, At(9), 20, 1));
        await floor.RefuseAsync(ShopRules.TooManyPieces, Finish(A10, Mc1, At(9), int.MaxValue, int.MaxValue));
        await floor.RefuseAsync(ShopRules.NegativePieces, Finish(A10, Mc1, At(9), -1, 0));

        await floor.AcceptAsync(Pause(A10, Mc1, At(9, 10)));
        await floor.RefuseAsync(ShopRules.NotRunning, Pause(A10, Mc1, At(9, 10)));
        await floor.AcceptAsync(Start(B10, Mc1, At(9, 12)));                              // a rush job while the first waits
        await floor.RefuseAsync(ShopRules.MachineBusy, Resume(A10, Mc1, At(9, 13)));
        await floor.AcceptAsync(Finish(A10, Mc1, At(9, 15), 11, 0));                     // one more than ordered is taken
        await floor.RefuseAsync(ShopRules.AlreadyFinished, Start(A10, Mc1, At(9, 15)));
    }

    [Fact]
    public async Task The_same_report_twice_is_one_report()
    {
        using var floor = new Floor();
        var start = Start(A10, Mc1, At(8));
        await floor.AcceptAsync(start);
        var again = await floor.AcceptAsync(start);
        Assert.Equal(OperationStatus.Running, again.Actual.Status);
        Assert.Single(floor.Store.Events);
    }

    [Fact]
    public async Task What_is_not_stored_has_not_happened()
    {
        using var floor = new Floor();
        floor.Store.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => floor.ReportAsync(Start(A10, Mc1, At(8))));
        Assert.Empty(floor.Dispatcher.Actuals);
        floor.Store.Fails = false;
        await floor.AcceptAsync(Start(A10, Mc1, At(8)));
    }

    [Fact]
    public async Task After_a_restart_everything_reported_is_known_again()
    {
        var store = new MemoryShopEvents();
        using var before = new Floor(store);
        var start = Start(A10, Mc1, At(8));
        await before.AcceptAsync(start);
        await before.AcceptAsync(Pause(A10, Mc1, At(8, 30)));
        await before.AcceptAsync(Resume(A10, Mc1, At(8, 40)));
        await before.AcceptAsync(Finish(A10, Mc1, At(10), 8, 2));
        await before.AcceptAsync(Start(B10, Mc1, At(10)));

        using var after = new Floor(store, orders: false, plan: false);
        await after.Dispatcher.InitialiseAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before.Dispatcher.Actuals.Select(Flat), after.Dispatcher.Actuals.Select(Flat));
        after.Dispatcher.SetOrders(Orders);
        after.Dispatcher.PutIntoForce(FirstPlan);
        await after.AcceptAsync(start);                                                   // still known by its id
        after.Clock.SetUtcNow(At(10));
        await after.RefuseAsync(ShopRules.AlreadyFinished, Start(A10, Mc1, At(10)));
        Assert.Equal(5, store.Events.Count);
        // Given out again are the two unfinished operations; B.10 of these runs.
        Assert.Equal((2, 1), after.Dispatcher.Counts);
    }

    private static string Flat(OperationActual a) =>
        $"{a.Operation} {a.Status} {a.Machine} {a.Started:O} {a.Finished:O} {a.Good} {a.Scrap} {a.PausedSince:O} {string.Join(",", a.Pauses ?? [])}";

    [Fact]
    public async Task A_hundred_reports_at_once_start_one_operation_once()
    {
        using var floor = new Floor();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => floor.ReportAsync(Start(i % 2 == 0 ? A10 : B10, Mc1, At(8)))));
        Assert.Single(answers, a => a.Accepted);
        Assert.Single(floor.Store.Events);
        Assert.Single(floor.Dispatcher.Actuals, a => a.Status == OperationStatus.Running);
    }

    [Fact]
    public void Only_a_verified_plan_comes_into_force()
    {
        using var floor = new Floor(plan: false);
        Assert.Throws<InvalidOperationException>(() => floor.Dispatcher.PutIntoForce(FirstPlan with { Verified = false }));
        Assert.Null(floor.Dispatcher.InForce);
        Assert.Empty(floor.Dispatcher.For(Mc1));
    }

    [Fact]
    public async Task Dispatches_are_counted_once_per_machine_and_acknowledged_by_the_start_there()
    {
        using var floor = new Floor();
        Assert.Equal((3, 0), floor.Dispatcher.Counts);
        await floor.AcceptAsync(Start(A10, Mc1, At(8)));
        Assert.Equal((3, 1), floor.Dispatcher.Counts);
        floor.Dispatcher.PutIntoForce(FirstPlan with { Number = 2, Parent = 1 });
        Assert.Equal((3, 1), floor.Dispatcher.Counts);
        floor.Dispatcher.PutIntoForce(FirstPlan with { Number = 3, Parent = 2, Operations = [.. FirstPlan.Operations.Select(o => o.Operation == B10 ? o with { Machine = Mc2 } : o)] });
        Assert.Equal((4, 1), floor.Dispatcher.Counts);
    }

    [Fact]
    public async Task A_change_is_told_after_it_can_be_seen()
    {
        using var floor = new Floor();
        List<OperationStatus> seen = [];
        floor.Dispatcher.Changed += () => seen.Add(floor.Dispatcher.Actuals.FirstOrDefault()?.Status ?? OperationStatus.Waiting);
        await floor.AcceptAsync(Start(A10, Mc1, At(8)));
        await floor.RefuseAsync(ShopRules.AlreadyStarted, Start(A10, Mc1, At(8)));
        floor.Dispatcher.PutIntoForce(FirstPlan with { Number = 2 });
        Assert.Equal([OperationStatus.Running, OperationStatus.Running], seen);
    }

    [Fact]
    public void Waiting_work_is_late_when_its_start_has_passed_by_more_than_the_tolerance()
    {
        using var floor = new Floor();
        Assert.Empty(floor.Dispatcher.Late(At(8, 15), 15.Minutes));
        var late = Assert.Single(floor.Dispatcher.Late(At(8, 16), 15.Minutes));
        Assert.Equal((A10, 16.Minutes), (late.Planned.Operation, late.By));
    }

    [Fact]
    public async Task Running_work_is_late_by_its_late_start_its_pauses_or_its_overrun()
    {
        using var floor = new Floor();
        await floor.AcceptAsync(Start(A10, Mc1, At(8, 10)));
        Assert.Equal(10.Minutes, By(At(8, 30)));                    // started 10 min late
        await floor.AcceptAsync(Pause(A10, Mc1, At(9)));
        Assert.Equal(25.Minutes, By(At(9, 15)));                    // and 15 min of pause so far
        await floor.AcceptAsync(Resume(A10, Mc1, At(9, 20)));
        Assert.Equal(30.Minutes, By(At(9, 40)));                    // 10 + 20
        Assert.Equal(45.Minutes, By(At(10, 45)));                   // past the planned 10:00 by more than that
        // Worst first: B.10 should have begun at 10:00 too.
        Assert.Equal([A10, B10], floor.Dispatcher.Late(At(10, 46), 45.Minutes).Select(l => l.Planned.Operation));
        await floor.AcceptAsync(Finish(A10, Mc1, At(10, 50)));
        Assert.DoesNotContain(floor.Dispatcher.Late(At(12), TimeSpan.Zero), l => l.Planned.Operation == A10);

        TimeSpan By(DateTimeOffset now) => Assert.Single(floor.Dispatcher.Late(now, TimeSpan.Zero), l => l.Planned.Operation == A10).By;
    }

    [Fact]
    public async Task Lots_are_finished_one_by_one_and_the_operation_with_the_last_one()
    {
        using var floor = new Floor();
        var (first, second) = (new LotId("HEAT-7"), new LotId("HEAT-8"));
        await floor.AcceptAsync(Start(A10, Mc1, At(8)) with { Lot = first });
        await floor.RefuseAsync(ShopRules.EmptyLot, new ShopEvent.LotFinished(Guid.NewGuid(), A10, Mc1, "op-1", At(8), 0, 0));
        var half = (await floor.AcceptAsync(new ShopEvent.LotFinished(Guid.NewGuid(), A10, Mc1, "op-1", At(9), 5, 1))).Actual;
        Assert.Equal((OperationStatus.Running, 5, 1), (half.Status, half.Good, half.Scrap));
        Assert.Equal([A10, B10], floor.Dispatcher.For(Mc1).Select(d => d.Operation.Operation));   // it goes on
        await floor.RefuseAsync(ShopRules.TooManyPieces, Finish(A10, Mc1, At(9), 15, 0));         // 6 of the lot before count as well: 21 of 10
        var whole = (await floor.AcceptAsync(Finish(A10, Mc1, At(10), 4, 0) with { Lot = second })).Actual;
        Assert.Equal((OperationStatus.Finished, 9, 1), (whole.Status, whole.Good, whole.Scrap));
        Assert.Equal([new(first, 5, 1, At(9)), new(second, 4, 0, At(10))], whole.Lots!);

        // The same reports read back say the same.
        using var again = new Floor(floor.Store);
        await again.Dispatcher.InitialiseAsync(TestContext.Current.CancellationToken);
        Assert.Equal(whole.Lots!, again.Dispatcher.Actuals.Single(a => a.Operation == A10).Lots!);
    }

    [Fact]
    public async Task A_lot_that_belongs_to_another_order_is_refused()
    {
        using var floor = new Floor();
        floor.Clock.SetUtcNow(At(9));
        await floor.RefuseAsync(ShopRules.LotOfAnother, Start(A10, Mc1, At(9)) with { Lot = new("B") });
        var started = await floor.AcceptAsync(Start(A10, Mc1, At(9)) with { Lot = new("A") });
        Assert.Equal(new LotId("A"), started.Actual.Lot);
    }

    [Fact]
    public async Task Work_of_another_routing_may_begin_on_the_machine_that_the_plan_gives_it()
    {
        using var floor = new Floor();
        var routing = new Routing(new("BODY"), [new RoutingStep.Work(10, "turn", [new(Mc1, 1.Hours, 6.Minutes)])]);
        var other = new Routing(new("BODY"), [new RoutingStep.Work(10, "turn outside", [new(Mc2, 1.Hours, 6.Minutes)])]);
        floor.Dispatcher.SetOrders([new(new("C"), routing, 10, At(8), At(18), alternatives: [other])]);
        OperationId c10 = new("C.10");
        PlanVersion By(int way, MachineId machine) => new(2 + way, 1, At(8), "first", [new(c10, new("C"), 10, machine, 10, At(8), At(10), 1.Hours, 2.Hours) { Routing = way }], [new(new("C"), At(10), At(18))], true, "test");

        floor.Dispatcher.PutIntoForce(By(0, Mc1));
        await floor.RefuseAsync(ShopRules.MachineNotAllowed, Start(c10, Mc2, At(8)));
        floor.Dispatcher.PutIntoForce(By(1, Mc2));
        await floor.RefuseAsync(ShopRules.MachineNotAllowed, Start(c10, Mc1, At(8)));
        await floor.AcceptAsync(Start(c10, Mc2, At(8)));
    }
}
