using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>What cannot be planned is told by rule, order and remedy, never by an exception.</summary>
public sealed class ConflictTests
{
    private static readonly WorkCalendar Never = new(Korea, new Dictionary<DayOfWeek, IReadOnlyList<Shift>>());

    private static Order Simple(string id, params MachineId[] machines) =>
        Order(id, 1, At(2, 8), At(6, 18), Work(10, [.. machines.Select(m => (m, TimeSpan.Zero, 1.Hours))]));

    /// <summary>The last word about each order that cannot be planned, while the others are.</summary>
    private static async Task<PlanConflict> ConflictAsync(PlanRequest request)
    {
        var outcome = await Planner().PlanAsync(request, TestContext.Current.CancellationToken);
        var conflicts = outcome.Match(p => p.Findings, i => i.Conflicts, _ => []).Where(c => c.Order is not null).ToArray();
        Assert.NotEmpty(conflicts);
        Assert.All(conflicts, c => Assert.Contains(c.Rule, PlanRules.All.Keys));
        Assert.All(conflicts, c => Assert.NotEmpty(c.Row));
        Assert.All(conflicts, c => Assert.NotEmpty(c.Field));
        if (outcome is PlanOutcome.Planned p) Assert.Equal(conflicts.Select(c => c.Order!.Value).Distinct(), p.Plan.Unplanned);
        return conflicts[^1];
    }

    [Fact]
    public async Task A_machine_without_a_calendar_is_named()
    {
        var request = Request(At(2, 8), Simple("A", Mc1), Simple("B", Mc1));
        var conflict = await ConflictAsync(request with { Calendars = ImmutableDictionary<MachineId, WorkCalendar>.Empty });
        Assert.Equal((PlanRules.MachineNoCalendar, new OrderId("B")), (conflict.Rule, conflict.Order!.Value));
        Assert.Contains("B-MC1", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_never_works_is_named_unless_another_can_do_the_step()
    {
        var calendars = ImmutableDictionary<MachineId, WorkCalendar>.Empty.Add(Mc1, Never).Add(Mc2, TwoShifts);
        Assert.Equal(PlanRules.NoMachine, (await ConflictAsync(Request(At(2, 8), Simple("A", Mc1)) with { Calendars = calendars })).Rule);
        var outcome = await PlanAsync(Request(At(2, 8), Simple("A", Mc1, Mc2)) with { Calendars = calendars });
        Assert.Equal(Mc2, outcome.Find("A.10").Machine);
    }

    [Fact]
    public async Task A_machine_down_without_end_is_as_one_that_never_works()
    {
        var down = ImmutableArray.Create((Mc1, new TimeRange(At(1, 0), DateTimeOffset.MaxValue)));
        Assert.Equal(PlanRules.NoMachine, (await ConflictAsync(Request(At(2, 8), Simple("A", Mc1)) with { Down = down })).Rule);
        Assert.Equal(Mc2, (await PlanAsync(Request(At(2, 8), Simple("A", Mc1, Mc2)) with { Down = down })).Find("A.10").Machine);
    }

    [Fact]
    public async Task More_work_than_two_years_hold_is_said_to_be_so()
    {
        // 49 h a week are some 5,100 h in two years: two orders of 3,000 h do not fit on one machine.
        Order Huge(string id) => Order(id, 3000, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 1.Hours)));
        var request = Request(At(2, 8), Huge("A"), Huge("B"));
        Assert.Equal(PlanRules.BeyondHorizon, (await ConflictAsync(request)).Rule);
        Assert.Single((await PlanAsync(request)).Plan.Operations);
    }

    [Fact]
    public async Task Of_an_order_that_stands_twice_the_first_is_planned_beside_all_others()
    {
        var alone = await PlanAsync(Request(At(2, 8), Simple("A", Mc1), Simple("A", Mc2)));
        Assert.Equal((Mc1, PlanRules.OrderTwice), (Assert.Single(alone.Plan.Operations).Machine, Assert.Single(alone.Findings).Rule));
        Assert.Contains("order 'A' stands twice", Assert.Single(alone.Findings).Message, StringComparison.OrdinalIgnoreCase);
        var broken = Order("C", 1, At(2, 8).AddYears(3), At(2, 8).AddYears(4), Work(10, (Mc1, TimeSpan.Zero, 1.Hours)));
        var all = await PlanAsync(Request(At(2, 8), Simple("A", Mc1), Simple("B", Mc2), Simple("A", Mc2), broken, Simple("A", Mc1)));
        Assert.Equal(["A", "B"], all.Plan.Promises.Select(p => p.Order.Value));
        Assert.Equal(["C"], all.Plan.Unplanned.Select(o => o.Value));
        Assert.Single(all.Findings, f => f.Rule == PlanRules.OrderTwice && f.Row == "order A");
        // A first one that nobody can make does not let the second slip in unseen.
        Assert.Contains(PlanRules.OrderTwice, (await Planner().PlanAsync(Request(At(2, 8), broken, broken), TestContext.Current.CancellationToken)).Match(p => p.Findings, i => i.Conflicts, _ => []).Select(c => c.Rule));
    }

    [Fact]
    public async Task Doubles_and_dates_out_of_range_are_told()
    {
        var far = Order("A", 1, At(2, 8).AddYears(3), At(2, 8).AddYears(4), Work(10, (Mc1, TimeSpan.Zero, 1.Hours)));
        Assert.Equal(PlanRules.DateOutOfRange, (await ConflictAsync(Request(At(2, 8), far))).Rule);
        OperationActual Done(int good) => new(new("A.10"), OperationStatus.Finished, Mc1, At(2, 8), At(2, 9), good, 0);
        Assert.Equal(PlanRules.ActualTwice, (await ConflictAsync(Request(At(2, 8), Simple("A", Mc1)) with { Actuals = [Done(1), Done(0)] })).Rule);
    }

    [Fact]
    public async Task An_order_without_a_due_date_in_reach_is_planned_all_the_same()
    {
        var order = Order("A", 1, At(2, 8), DateTimeOffset.MaxValue, Work(10, (Mc1, TimeSpan.Zero, 1.Hours)));
        Assert.Empty((await PlanAsync(Request(At(2, 8), order))).Plan.Late);
    }

    [Fact]
    public async Task A_full_shop_of_a_hundred_and_twenty_operations_is_planned_and_verified()
    {
        // Forty orders over mill, lathe and hone; due dates that cannot all be kept.
        var orders = Enumerable.Range(0, 40).Select(i => Order($"O{i:00}", 10 + i % 7, At(2 + i % 5, 8), At(6 + i % 14, 18),
            Work(10, (L1, 30.Minutes, TimeSpan.FromMinutes(2 + i % 5))),
            Work(20, (Mc1, 1.Hours, TimeSpan.FromMinutes(9 + i % 6)), (Mc2, 1.Hours, TimeSpan.FromMinutes(12 + i % 6))),
            Work(30, (Hon, 15.Minutes, TimeSpan.FromMinutes(2 + i % 3))))).ToArray();
        var outcome = await PlanAsync(Request(At(2, 8), orders), Quick(o => (o.SolveLimit, o.Trials) = (6.Seconds, 3_000)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{outcome.Plan.Solver}; gap {outcome.Gap}");
        Assert.Equal(120, outcome.Plan.Operations.Length);
        Assert.True(outcome.Plan.Verified);
        Assert.DoesNotContain("failed", outcome.Plan.Solver, StringComparison.Ordinal);
    }
}
