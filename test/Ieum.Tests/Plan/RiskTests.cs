using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Tests.Plan;

/// <summary>What chance does to a plan: worked by hand where it can be, and against the plan itself.</summary>
public sealed class RiskTests
{
    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));   // a Monday
    private static readonly MachineId A = new("A"), B = new("B");
    private static readonly WorkCalendar Always = Daily(0, 24);

    private static WorkCalendar Daily(int from, int to) =>
        new(TimeSpan.FromHours(9), Enum.GetValues<DayOfWeek>().ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new(TimeSpan.FromHours(from), TimeSpan.FromHours(to))]), []);

    /// <summary>Factors 1.00, 1.01 … 1.<paramref name="most"/>: evenly spread between both ends.</summary>
    private static LotTime[] Lots(MachineId machine, int n, double least, double most) =>
        [.. Enumerable.Range(0, n).Select(i => new LotTime(machine, least + (most - least) * i / (n - 1), Eight.AddDays(-30 + i)))];

    private static Order OrderOf(string id, DateTimeOffset due, params (int Number, MachineId Machine)[] steps) =>
        new(new(id), new(new("X"), [.. steps.Select(s => (RoutingStep)new RoutingStep.Work(s.Number, "w", [new(s.Machine, TimeSpan.Zero, 1.Hours)]))]), 10, Eight, due);

    private static PlannedOperation Op(Order o, int step, MachineId machine, DateTimeOffset start, DateTimeOffset end, TimeSpan work) =>
        new(OperationId.Of(o.Id, step), o.Id, step, machine, o.Quantity, start, end, TimeSpan.Zero, work);

    private static (PlanRequest, PlanVersion) Plan(WorkCalendar calendar, Order[] orders, params PlannedOperation[] operations)
    {
        var plan = new PlanVersion(1, null, Eight, "first", [.. operations], [.. orders.Select(o => new OrderPromise(o.Id, operations.Where(x => x.Order == o.Id).Max(x => x.End), o.Due))], true, "hand");
        return (new(Eight, [.. orders], ImmutableDictionary<MachineId, WorkCalendar>.Empty.Add(A, calendar).Add(B, calendar), [], [], [], plan, "asked"), plan);
    }

    [Fact]
    public void An_operation_that_takes_up_to_a_fifth_longer_keeps_half_of_that_in_half_of_the_runs()
    {
        // Ten hours of work, 10 to 12 h by chance, evenly; due after 11 h: even odds. Half of the runs end within 11 h, nine tenths within 11.8 h.
        var order = OrderOf("O", Eight + 11.Hours, (10, A));
        var (request, plan) = Plan(Always, [order], Op(order, 10, A, Eight, Eight + 10.Hours, 10.Hours));
        var risk = PlanRisk.Of(request, plan, Lots(A, 11, 1, 1.2), runs: 4000);
        var o = Assert.Single(risk.Orders);
        Assert.InRange(o.OnTime, 0.47, 0.53);
        Assert.InRange((o.Likely - Eight).TotalHours, 10.95, 11.05);
        Assert.InRange((o.Cautious - Eight).TotalHours, 11.75, 11.85);
        Assert.InRange(o.Error, 0.014, 0.017);   // 1.96 · √(0.25 / 4000)
        Assert.Equal((1.Hours, true, 1, 1), (o.Slack, o.IsFragile, o.Operations, o.Measured));
        Assert.Equal((11, 4000, 1), (risk.Lots, risk.Runs, risk.Seed));
        Assert.Equal((Eight.AddDays(-30), Eight.AddDays(-20)), (risk.Window!.Value.From, risk.Window.Value.To));
    }

    [Fact]
    public void What_is_late_pushes_what_follows_on_the_machine_and_in_the_order_but_nothing_begins_before_its_time()
    {
        // A always takes 1.5 times as long, B always half: A's first pushes A's second; the second step on B still waits for its planned begin.
        var (first, second) = (OrderOf("O1", Eight + 20.Hours, (10, A), (20, B)), OrderOf("O2", Eight + 9.Hours, (10, A)));
        var (request, plan) = Plan(Always, [first, second], Op(first, 10, A, Eight, Eight + 4.Hours, 4.Hours), Op(second, 10, A, Eight + 4.Hours, Eight + 6.Hours, 2.Hours),
            Op(first, 20, B, Eight + 8.Hours, Eight + 12.Hours, 4.Hours));
        var risk = PlanRisk.Of(request, plan, [.. Lots(A, 8, 1.5, 1.5), .. Lots(B, 8, 0.5, 0.5)], runs: 10);
        Assert.Equal(Eight + 10.Hours, risk.Orders.Single(o => o.Order == first.Id).Likely);    // 8 + 2
        Assert.Equal(Eight + 9.Hours, risk.Orders.Single(o => o.Order == second.Id).Likely);    // 6 + 3
        Assert.Equal(1, risk.AllOnTime);
    }

    [Fact]
    public void Work_that_runs_over_the_end_of_the_shift_is_done_the_next_morning()
    {
        var day = Daily(8, 18);
        var order = OrderOf("O", Eight + 10.Hours, (10, A));
        var (request, plan) = Plan(day, [order], Op(order, 10, A, Eight, Eight + 10.Hours, 10.Hours));
        var risk = PlanRisk.Of(request, plan, Lots(A, 8, 1.1, 1.1), runs: 10);
        Assert.Equal(Eight + 25.Hours, Assert.Single(risk.Orders).Likely);   // one of eleven hours is left for 08:00
        Assert.Equal(0, risk.Orders[0].OnTime);
        Assert.True(risk.IsFragile);
    }

    [Fact]
    public void Who_runs_a_machine_goes_home_and_what_takes_longer_waits_for_them_though_the_machine_does_not()
    {
        // The machine works day and night, the turner from 08:00 to 18:00: eleven hours instead of ten end at 09:00 of the next day.
        var order = new Order(new("O"), new(new("X"), [new RoutingStep.Work(10, "w", [new(A, TimeSpan.Zero, 1.Hours)]) { Needs = [new("turner")] }]), 10, Eight, Eight + 30.Hours);
        var (request, plan) = Plan(Always, [order], Op(order, 10, A, Eight, Eight + 10.Hours, 10.Hours) with { With = ["Kim"] });
        request = request with { Factory = new() { Resources = [new("Kim", LocalName.Same("Kim"), ["turner"], Daily(8, 18), [])] } };
        Assert.Equal(Eight + 25.Hours, Assert.Single(PlanRisk.Of(request, plan, Lots(A, 8, 1.1, 1.1), runs: 10).Orders).Likely);
        Assert.Equal(Eight + 10.Hours, Assert.Single(PlanRisk.Of(request, plan, Lots(A, 8, 1, 1), runs: 10).Orders).Likely);
    }

    [Fact]
    public void Too_few_lots_are_said_to_be_too_few_and_the_guess_stands_in()
    {
        var order = OrderOf("O", Eight + 13.Hours, (10, A));
        var (request, plan) = Plan(Always, [order], Op(order, 10, A, Eight, Eight + 10.Hours, 10.Hours));
        var guess = PlanRisk.Of(request, plan, Lots(A, 7, 3, 4), runs: 2000);
        Assert.Equal((RiskSource.Guess, true, 0), (Assert.Single(guess.Sources).Key, guess.IsGuess, guess.Orders[0].Measured));
        Assert.Equal(1, guess.Orders[0].OnTime);                             // at the worst a quarter slower: 12.5 h
        // The median of the triangle 0.95, 1, 1.25: 1.25 − √(0.5 · 0.3 · 0.25) = 1.0564
        Assert.InRange((guess.Orders[0].Likely - Eight).TotalHours, 10.54, 10.59);
        var shop = PlanRisk.Of(request, plan, Lots(B, 8, 1, 1), runs: 10);
        Assert.Equal(RiskSource.Shop, Assert.Single(shop.Sources).Key);
    }

    [Fact]
    public async Task The_same_question_gets_the_same_answer_and_a_plan_without_chance_comes_out_as_planned()
    {
        var planner = Shop.Planner();
        var (orders, pushed) = (0, new List<string>());
        for (var seed = 0; seed < 40; seed++)
        {
            var shop = RandomFactoryRequests.Make(seed);
            if (await planner.PlanAsync(shop, TestContext.Current.CancellationToken) is not PlanOutcome.Planned { Plan: var plan } || plan.Operations.IsEmpty) continue;
            var lots = Lots(plan.Operations[0].Machine, 20, 0.9, 1.3);
            Assert.Equal(PlanRisk.Of(shop, plan, lots, 50, 5).Orders, PlanRisk.Of(shop, plan, lots, 50, 5).Orders);
            foreach (var o in PlanRisk.Of(shop, plan, Lots(plan.Operations[0].Machine, 20, 1, 1), 1).Orders)
            {
                var promise = plan.Promises.Single(p => p.Order == o.Order);
                orders++;
                if (o.Likely != promise.Finish) pushed.Add($"seed {seed}, {o.Order}: planned {promise.Finish:O}, came out {o.Likely:O}");
            }
        }
        Assert.True(orders > 100 && pushed.Count == 0, $"{pushed.Count} of {orders}: {string.Join("; ", pushed.Take(6))}");
    }

    [Fact]
    public void A_lot_is_measured_by_its_working_time_without_nights_and_pauses()
    {
        var day = Daily(8, 18);
        var order = OrderOf("O", Eight, (10, A));   // ten pieces of an hour
        // From 08:00 to 11:00 of the next day are 13 h of work, one of them a pause: 12 of 10.
        var actual = new OperationActual(OperationId.Of(order.Id, 10), OperationStatus.Finished, A, Eight, Eight + 27.Hours, 10, 0, [new(Eight + 2.Hours, Eight + 3.Hours)]);
        Assert.Equal(new LotTime(A, 1.2, Eight + 27.Hours), Assert.Single(LotTimes.Of([order], [actual], _ => day, (_, _) => null)));
        Assert.Equal(0.6, Assert.Single(LotTimes.Of([order], [actual], _ => day, (_, _) => 2.Hours)).Factor, 9);
        Assert.Empty(LotTimes.Of([order], [actual with { Status = OperationStatus.Running, Finished = null }], _ => day, (_, _) => null));
    }
}
