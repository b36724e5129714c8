using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>Every way to spoil a good plan is found, each under its own rule.</summary>
public sealed class VerifierTests
{
    private static readonly PlanOptions Options = Quick(o => o.SolveLimit = TimeSpan.Zero);
    private static readonly OperationId A10 = new("A.10"), A30 = new("A.30"), B10 = new("B.10"), R10 = new("R.10");

    // Monday 2 November 08:00. R runs on the lathe since 07:00 (2 h left). A: 4 h on MC1 08-12 or 5 h on MC2, 2 h wait, 1 h
    // hone 14-15. B: 3 h on MC1, released 09:00 → 13-16. D was finished.
    private static readonly PlanRequest Request = Request(At(2, 8),
        Order("A", 4, At(2, 8), At(2, 15), Work(10, (Mc1, 1.Hours, 45.Minutes), (Mc2, 1.Hours, 1.Hours)), new RoutingStep.Wait(20, "cool", 2.Hours), Work(30, (Hon, TimeSpan.Zero, 15.Minutes))),
        Order("B", 3, At(2, 9), At(2, 18), Work(10, (Mc1, TimeSpan.Zero, 1.Hours))),
        Order("R", 2, At(1, 8), At(2, 18), Work(10, (L1, TimeSpan.Zero, 1.Hours))),
        Order("D", 2, At(1, 8), At(2, 18), Work(10, (L1, TimeSpan.Zero, 1.Hours))))
        with
    {
        Actuals =
        [
            new(R10, OperationStatus.Running, L1, At(2, 7), null, 0, 0),
            new(new("D.10"), OperationStatus.Finished, L1, At(2, 6), At(2, 7), 2, 0),
        ],
    };

    private static readonly PlanOutcome.Planned Good = PlanAsync(Request, Options).GetAwaiter().GetResult();

    private static string[] Rules(PlanVersion plan, PlanRequest? request = null) =>
        [.. PlanVerifier.Check(request ?? Request, plan, Good.TimesUsed, Options).Select(v => v.Rule).Distinct()];

    /// <summary>One operation changed; what has no set-up before its run keeps none.</summary>
    private static PlanVersion With(OperationId id, Func<PlannedOperation, PlannedOperation> change) =>
        Good.Plan with
        {
            Operations = [.. Good.Plan.Operations.Select(o => o.Operation != id ? o : change(o) is var c && o.RunStart == o.Start ? c with { RunStart = c.Start } : change(o))],
        };

    [Fact]
    public void The_good_plan_is_the_one_worked_out_by_hand()
    {
        Assert.Empty(Rules(Good.Plan));
        Assert.Equal((At(2, 8), At(2, 12)), (Good.Find("A.10").Start, Good.Find("A.10").End));
        Assert.Equal((At(2, 14), At(2, 15)), (Good.Find("A.30").Start, Good.Find("A.30").End));
        Assert.Equal((At(2, 13), At(2, 16)), (Good.Find("B.10").Start, Good.Find("B.10").End));
        // The lathe began at 07:00, before the shift: nothing of it is working time, so 2 h are left.
        Assert.Equal((At(2, 7), At(2, 10)), (Good.Find("R.10").Start, Good.Find("R.10").End));
    }

    [Fact]
    public void A_missing_operation_is_found() =>
        Assert.Contains(PlanRules.OperationMissing, Rules(Good.Plan with { Operations = [.. Good.Plan.Operations.Where(o => o.Operation != B10)] }));

    [Fact]
    public void An_operation_planned_twice_is_found() =>
        Assert.Contains(PlanRules.OperationTwice, Rules(Good.Plan with { Operations = Good.Plan.Operations.Add(Good.Find("B.10")) }));

    [Fact]
    public void An_operation_of_no_order_is_found() =>
        Assert.Contains(PlanRules.OperationUnknown, Rules(Good.Plan with { Operations = Good.Plan.Operations.Add(Good.Find("B.10") with { Operation = new("X.10") }) }));

    [Fact]
    public void A_finished_operation_in_the_plan_is_found() =>
        Assert.Contains(PlanRules.OperationFinished, Rules(Good.Plan with
        {
            Operations = Good.Plan.Operations.Add(new(new("D.10"), new("D"), 10, L1, 2, At(2, 10), At(2, 12), TimeSpan.Zero, 2.Hours)),
        }));

    [Fact]
    public void A_wrong_order_step_or_quantity_is_found()
    {
        Assert.Contains(PlanRules.OperationFields, Rules(With(B10, o => o with { Order = new("A") })));
        Assert.Contains(PlanRules.OperationFields, Rules(With(B10, o => o with { Step = 30 })));
        Assert.Contains(PlanRules.OperationFields, Rules(With(B10, o => o with { Quantity = 2 })));
    }

    [Fact]
    public void A_machine_that_the_routing_does_not_name_is_found() =>
        Assert.Contains(PlanRules.MachineNotAllowed, Rules(With(B10, o => o with { Machine = Hon })));

    [Fact]
    public void A_machine_without_a_calendar_is_found() =>
        Assert.Contains(PlanRules.MachineNoCalendar, Rules(With(B10, o => o with { Machine = new("X") })));

    [Fact]
    public void A_running_operation_that_was_moved_is_found()
    {
        Assert.Contains(PlanRules.RunningMoved, Rules(With(R10, o => o with { Machine = Mc2 })));
        Assert.Contains(PlanRules.RunningMoved, Rules(With(R10, o => o with { Start = At(2, 8) })));
    }

    [Fact]
    public void A_start_in_the_past_is_found() =>
        Assert.Contains(PlanRules.StartTooEarly, Rules(Good.Plan, Request with { Now = At(2, 8, 1) }));

    [Fact]
    public void A_start_before_the_release_is_found() =>
        Assert.Contains(PlanRules.BeforeRelease, Rules(With(B10, o => o with { Start = At(2, 8, 59), End = At(2, 11, 59) })));

    [Fact]
    public void A_step_before_its_predecessor_and_wait_are_over_is_found() =>
        Assert.Contains(PlanRules.StepsOutOfOrder, Rules(With(A30, o => o with { Start = At(2, 13, 59), End = At(2, 14, 59) })));

    [Fact]
    public void Two_operations_on_one_machine_at_one_time_are_found() =>
        Assert.Contains(PlanRules.MachineOverlap, Rules(With(B10, o => o with { Start = At(2, 11, 59), End = At(2, 15, 59) })));

    [Fact]
    public void Work_in_a_break_or_at_night_is_found()
    {
        Assert.Contains(PlanRules.OutsideCalendar, Rules(With(B10, o => o with { Start = At(2, 12) })));
        Assert.Contains(PlanRules.OutsideCalendar, Rules(With(B10, o => o with { Start = At(2, 18), End = At(3, 11) })));
        Assert.Contains(PlanRules.WrongEnd, Rules(With(B10, o => o with { Start = At(2, 17), End = At(2, 20) })));
    }

    [Fact]
    public void Work_while_the_machine_is_down_is_found() =>
        Assert.Contains(PlanRules.WrongEnd, Rules(Good.Plan, Request with { Down = [(Mc1, new TimeRange(At(2, 14), At(2, 14, 1)))] }));

    [Fact]
    public void A_wrong_work_time_or_set_up_is_found()
    {
        Assert.Contains(PlanRules.WrongDuration, Rules(With(B10, o => o with { Work = 2.Hours, End = At(2, 15) })));
        Assert.Contains(PlanRules.WrongDuration, Rules(With(A10, o => o with { SetUp = TimeSpan.Zero })));
        Assert.Contains(PlanRules.WrongDuration, Rules(With(R10, o => o with { Work = 1.Hours, End = At(2, 9) })));
        Assert.Contains(PlanRules.WrongDuration, Rules(With(A10, o => o with { Machine = Mc2 })));
    }

    [Fact]
    public void An_end_that_is_off_by_a_minute_or_a_second_is_found()
    {
        Assert.Contains(PlanRules.WrongEnd, Rules(With(B10, o => o with { End = At(2, 15, 59) })));
        Assert.Contains(PlanRules.WrongEnd, Rules(With(B10, o => o with { End = At(2, 16, 1) })));
        Assert.Contains(PlanRules.WrongEnd, Rules(With(B10, o => o with { End = At(2, 16).AddSeconds(-1) })));
        Assert.Contains(PlanRules.WrongEnd, Rules(With(B10, o => o with { End = At(2, 13) })));
        Assert.Contains(PlanRules.WrongEnd, Rules(With(R10, o => o with { End = At(2, 10, 1) })));
    }

    [Fact]
    public void A_promise_that_is_wrong_missing_double_or_of_no_order_is_found()
    {
        var b = Good.Plan.Promises.Single(p => p.Order == new OrderId("B"));
        PlanVersion Promises(Func<OrderPromise, IEnumerable<OrderPromise>> change) =>
            Good.Plan with { Promises = [.. Good.Plan.Promises.SelectMany(p => p == b ? change(p) : [p])] };
        foreach (var wrong in new[]
        {
            Promises(p => [p with { Finish = p.Finish.AddMinutes(-1) }]), Promises(p => [p with { Due = p.Due.AddDays(1) }]),
            Promises(_ => []), Promises(p => [p, p]), Promises(p => [p, new(new("X"), p.Finish, p.Due)]),
        })
            Assert.Equal([PlanRules.WrongPromise], Rules(wrong));
    }

    [Fact]
    public void A_time_that_no_measurement_supports_is_found()
    {
        var used = ImmutableArray.Create(new TimeUsed(Mc1, new("ITEM-B"), 1.Hours, 30.Minutes, null));
        Assert.Contains(PlanRules.WrongTimeUsed, PlanVerifier.Check(Request, Good.Plan, used, Options).Select(v => v.Rule));
    }

    [Fact]
    public void Every_rule_that_is_told_is_in_the_catalogue()
    {
        var constants = typeof(PlanRules).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(constants.Order(), PlanRules.All.Keys.Order());
        Assert.All(PlanRules.All.Keys, k => Assert.StartsWith("plan-", k, StringComparison.Ordinal));
    }
}
