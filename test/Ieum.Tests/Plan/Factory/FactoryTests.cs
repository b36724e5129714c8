using System.Collections.Immutable;
using Ieum.Plan;

namespace Ieum.Tests.Plan.Factory;

/// <summary>One rule of the shop at a time, with the minutes worked out by hand. Day shift 0-240 and 300-540, then 1440 on.</summary>
public class FactoryTests
{
    private const long Horizon = 30 * 1440;
    private static readonly OpenTime DayShift = OpenTime.Of(Enumerable.Range(0, 30).SelectMany(d => new (long, long, double)[] { (d * 1440, d * 1440 + 240, 0), (d * 1440 + 300, d * 1440 + 540, 0) }));
    private static readonly OpenTime Always = OpenTime.Always(Horizon);

    private static FactoryMachine Machine(OpenTime? open = null, int matrix = -1, ImmutableArray<int>? crew = null, string family = "", int capacity = 0, params OvertimeWindow[] overtime) =>
        new("M", open ?? Always, [.. overtime], matrix, crew ?? [], family, capacity);
    private static FactoryOperation Step(int number, ImmutableArray<FactoryMode> modes, string family = "", string recipe = "", int load = 1, params FactoryNeed[] needs) =>
        new(number, "step", family, recipe, load, modes, [.. needs], [], false, 0, null);
    private static ImmutableArray<FactoryMode> On(int machine, double perPiece, int setUp = 0, bool pauses = true) => [new(machine, setUp, perPiece, pauses)];
    private static FactoryOrder Order(string id, ImmutableArray<FactoryOperation> steps, ImmutableArray<FactoryLink>? links = null, int quantity = 1, long release = 0, long due = 100_000, double weight = 1) =>
        new(id, quantity, release, due, null, weight, [new("R", steps, links ?? [.. Enumerable.Range(1, Math.Max(0, steps.Length - 1)).Select(i => new FactoryLink(i - 1, i, 0, null, 0, -1))])]);

    private static FactoryProblem Shop(ImmutableArray<FactoryMachine> machines, params FactoryOrder[] orders) =>
        new(DateTimeOffset.UnixEpoch, Horizon, [.. machines.Select((m, i) => m with { Id = $"{m.Id}{i}" })], [new("person", DayShift), new("other", Always)],
            [new("S", ["red", "blue"], [0, 30, 50, 0])], [new("steel", true, [(0, 5), (700, 100)])], [new("ferry", [600, 2040], 60, 100)], [.. orders], new(), [], 0);

    private static FactoryPlan Plan(FactoryProblem problem, long trials = 300)
    {
        var (clean, findings) = FactoryCheck.Sift(problem);
        Assert.Empty(findings);
        var plan = FactorySearch.Solve(clean, trials, seed: 1);
        Assert.Empty(FactoryVerifier.Faults(clean, plan));
        return plan;
    }

    private static (long Start, long Run, long End) At(FactoryPlan plan, int order, int operation = 0)
    {
        var s = plan.Slots.Single(s => s.Order == order && s.Operation == operation);
        return (s.Start, s.RunStart, s.End);
    }

    [Fact]
    public void Work_pauses_over_the_break_or_waits_for_a_stretch_that_holds_it_whole()
    {
        Assert.Equal((0, 0, 360), At(Plan(Shop([Machine(DayShift)], Order("a", [Step(10, On(0, 300))]))), 0));            // 240 + break 60 + 60
        var whole = Shop([Machine(DayShift)], Order("a", [Step(10, On(0, 200)), Step(20, On(0, 100, pauses: false))]));
        Assert.Equal((300, 300, 400), At(Plan(whole), 0, 1));                                                             // 40 min are left before the break
    }

    [Fact]
    public void A_set_up_follows_the_matrix_and_needs_the_crew_only_meanwhile()
    {
        // red stands on the machine; blue costs 30 from red, red 50 from blue: red first, then blue.
        var p = Shop([Machine(matrix: 0, crew: [0], family: "red")], Order("blue", [Step(10, On(0, 100), "blue")]), Order("red", [Step(10, On(0, 100), "red")]));
        var plan = Plan(p);
        Assert.Equal((0, 0, 100), At(plan, 1));
        Assert.Equal((100, 130, 230), At(plan, 0));
        Assert.Equal(30, plan.Score.SetUp);
        // At minute 500 the setter has 40 min left of his day: a set-up of 50 min that may not pause waits for the morning.
        var late = Shop([Machine(matrix: 0, crew: [0], family: "blue")], Order("red", [Step(10, On(0, 10, pauses: false), "red")], release: 500));
        Assert.Equal((1440, 1490, 1500), At(Plan(late), 0));
    }

    [Fact]
    public void Lots_of_one_recipe_share_a_furnace_up_to_its_capacity()
    {
        var p = Shop([Machine(capacity: 10)], [.. Enumerable.Range(0, 3).Select(i => Order($"o{i}", [Step(10, On(0, 120, pauses: false), "hot", "820", load: 5)]))]);
        var plan = Plan(p);
        Assert.Equal([120, 120, 240], plan.Slots.Select(s => s.End).Order());
        var other = Shop([Machine(capacity: 10)], Order("a", [Step(10, On(0, 120), "hot", "820", load: 5)]), Order("b", [Step(10, On(0, 120), "hot", "900", load: 5)]));
        Assert.Equal(240, Plan(other).Score.Makespan);   // two recipes never together
    }

    [Fact]
    public void Waits_hold_at_least_and_at_most()
    {
        var cooling = Shop([Machine(), Machine()], Order("a", [Step(10, On(0, 50)), Step(20, On(1, 50))], [new(0, 1, 30, null, 0, -1)]));
        Assert.Equal((80, 80, 130), At(Plan(cooling), 0, 1));
        // The bath (machine 1, day shift) is taken until 500 by an order that was begun; plating must follow within 60 min, so the first step waits.
        var bath = Shop([Machine(), Machine()], Order("begun", [new(10, "bath", "", "", 1, On(1, 500), [], [], false, 0, new(0, 500))]),
            Order("a", [Step(10, On(0, 50)), Step(20, On(1, 50))], [new(0, 1, 0, 60, 0, -1)]));
        var plan = Plan(bath);
        Assert.Equal((390, 390, 440), At(plan, 1, 0));
        Assert.Equal((500, 500, 550), At(plan, 1, 1));
    }

    [Fact]
    public void Transfer_lots_let_the_next_step_begin_early_but_never_run_dry()
    {
        // 10 pieces, 10 min each, passed on by twos. A faster next step (4 min) starts so that the last two (there at 100) are its last: 100 − 8·4 = 68.
        var p = Shop([Machine(), Machine()], Order("a", [Step(10, On(0, 10)), Step(20, On(1, 4))], [new(0, 1, 0, null, 2, -1)], quantity: 10));
        Assert.Equal((68, 68, 108), At(Plan(p), 0, 1));
        // A slower one (20 min) starts with the first two, there at 20.
        var slow = Shop([Machine(), Machine()], Order("a", [Step(10, On(0, 10)), Step(20, On(1, 20))], [new(0, 1, 0, null, 2, -1)], quantity: 10));
        Assert.Equal((20, 20, 220), At(Plan(slow), 0, 1));
    }

    [Fact]
    public void The_ferry_leaves_by_its_timetable_and_closes_an_hour_before()
    {
        FactoryProblem Sent(double work) => Shop([Machine(), Machine()], Order("a", [Step(10, On(0, work)), Step(20, On(1, 10))], [new(0, 1, 0, null, 0, 0)]));
        Assert.Equal(700, At(Plan(Sent(540)), 0, 1).Start);    // ready at 540 = cut-off of the ferry at 600
        Assert.Equal(2140, At(Plan(Sent(541)), 0, 1).Start);   // a minute late: the next day's
    }

    [Fact]
    public void Material_people_tools_and_release_hold_a_start_back()
    {
        var material = Order("a", [Step(10, On(0, 10)) with { Takes = [(0, 4)] }]);
        var second = Order("b", [Step(10, On(0, 10)) with { Takes = [(0, 4)] }], release: 3);
        var plan = Plan(Shop([Machine()], material, second));
        Assert.Equal([0, 700], plan.Slots.Select(s => s.Start).Order());      // 5 are there, 8 are needed; more comes at 700
        var person = Shop([Machine()], Order("a", [Step(10, On(0, 300), needs: new FactoryNeed("turner", [0], false))]));
        Assert.Equal(360, Plan(person).Score.Makespan);                     // the machine never rests, the person does
        var tool = Shop([Machine(), Machine()], Order("a", [Step(10, On(0, 30), needs: new FactoryNeed("gauge", [1], false))]), Order("b", [Step(10, On(1, 30), needs: new FactoryNeed("gauge", [1], false))]));
        Assert.Equal(60, Plan(tool).Score.Makespan);                        // one gauge for two machines
        Assert.Equal(77, At(Plan(Shop([Machine()], Order("a", [Step(10, On(0, 1))], release: 77))), 0).Start);
    }

    [Fact]
    public void Overtime_is_bought_when_it_is_worth_its_price()
    {
        var evening = new OvertimeWindow(540, 660, 1);
        var due = Order("a", [Step(10, On(0, 500))], due: 600, weight: 1);
        var plan = Plan(Shop([Machine(DayShift, overtime: evening)], due));
        Assert.Equal(560, plan.Score.Makespan);
        Assert.Equal(20, plan.Score.OvertimeCost);      // 500 = 240 + 240 + 20
        var dear = Plan(Shop([Machine(DayShift, overtime: evening with { Price = 1_000_000 })], due));
        Assert.Empty(dear.Overtime);
        Assert.Equal(1460, dear.Score.Makespan);
    }

    [Fact]
    public void Another_machine_or_another_routing_is_taken_when_it_is_better()
    {
        var machines = Shop([Machine(), Machine()], [.. Enumerable.Range(0, 2).Select(i => Order($"o{i}", [Step(10, [new(0, 0, 100, true), new(1, 0, 120, true)])]))]);
        Assert.Equal(120, Plan(machines).Score.Makespan);
        var two = Order("a", [Step(10, On(0, 500))]);
        two = two with { Routings = [.. two.Routings, new("short", [Step(10, On(1, 40)), Step(20, On(0, 40))], [new(0, 1, 0, null, 0, -1)])] };
        Assert.Equal(80, Plan(Shop([Machine(), Machine()], two)).Score.Makespan);
    }

    [Fact]
    public void Begun_work_goes_on_first_with_what_is_left_of_it_and_frozen_work_stays()
    {
        var begun = Order("begun", [new(10, "x", "", "", 1, On(0, 500), [], [], false, 0, new(0, 120))], due: 90_000);
        var urgent = Order("urgent", [Step(10, On(0, 50))], due: 10, weight: 99);
        Assert.Equal((120, 120, 170), At(Plan(Shop([Machine()], begun, urgent)), 1));
        var p = Shop([Machine()], Order("a", [Step(10, On(0, 50))]), urgent) with { Standing = [new(0, 0, 0, 0, 5, 5, 55, [])], FrozenUntil = 60 };
        var plan = Plan(p);
        Assert.Equal((5, 5, 55), At(plan, 0));
        Assert.Equal(55, At(plan, 1).Start);
        // Not frozen, the urgent one goes first.
        Assert.Equal(0, At(Plan(p with { FrozenUntil = 0 }), 1).Start);
    }

    [Theory]
    [InlineData(PlanRules.RoutingCircle)]
    [InlineData(PlanRules.NoMachine)]
    [InlineData(PlanRules.CalendarNeverOpens)]
    [InlineData(PlanRules.DueBeforeRelease)]
    [InlineData(PlanRules.MatrixHole)]
    [InlineData(PlanRules.OrderTwice)]
    [InlineData(PlanRules.IdTwice)]
    [InlineData(PlanRules.MaterialMissing)]
    [InlineData(PlanRules.NeedUnmet)]
    [InlineData(PlanRules.LaneNeverLeaves)]
    [InlineData(PlanRules.LinkUnknown)]
    [InlineData(PlanRules.NumberOutOfRange)]
    public void What_is_wrong_is_told_with_row_and_remedy_and_the_rest_is_planned(string rule)
    {
        var good = Order("good", [Step(10, On(0, 10))]);
        var one = Step(10, On(0, 10));
        var p = Shop([Machine(), Machine(OpenTime.Of([])) with { Id = "closed" }], good);
        if (rule != PlanRules.CalendarNeverOpens) p = p with { Machines = [p.Machines[0], Machine() with { Id = "N" }] };
        p = rule switch
        {
            PlanRules.RoutingCircle => p with { Orders = [good, Order("bad", [one, Step(20, On(0, 1))], [new(0, 1, 0, null, 0, -1), new(1, 0, 0, null, 0, -1)])] },
            PlanRules.NoMachine => p with { Orders = [good, Order("bad", [Step(10, On(0, 60_000_000))])] },                    // 10^6 hours
            PlanRules.CalendarNeverOpens => p with { Orders = [good, Order("bad", [Step(10, On(1, 10))])] },
            PlanRules.DueBeforeRelease => p with { Orders = [good, Order("bad", [one], release: 50, due: 20)] },
            PlanRules.MatrixHole => p with { Matrices = [new("S", ["red", "blue"], [0, -1, 5, 0])] },
            PlanRules.OrderTwice => p with { Orders = [good, good] },
            PlanRules.IdTwice => p with { Machines = [p.Machines[0], p.Machines[0]] },
            PlanRules.MaterialMissing => p with { Orders = [good, Order("bad", [one with { Takes = [(0, 1e6)] }])] },
            PlanRules.NeedUnmet => p with { Orders = [good, Order("bad", [one with { Needs = [new("welder", [], false)] }])] },
            PlanRules.LaneNeverLeaves => p with { Orders = [good, Order("bad", [one, Step(20, On(0, 1))], [new(0, 1, 0, null, 0, 7)])] },
            PlanRules.LinkUnknown => p with { Orders = [good, Order("bad", [one], [new(0, 5, 0, null, 0, -1)])] },
            _ => p with { Orders = [good, Order("bad", [one], quantity: 0)] },
        };
        var (clean, findings) = FactoryCheck.Sift(p);
        var f = Assert.Single(findings, f => f.Rule == rule);
        Assert.NotEmpty(f.Row);
        Assert.NotEmpty(f.Field);
        var plan = FactorySearch.Solve(clean, 50, 1);
        Assert.Empty(FactoryVerifier.Faults(clean, plan));
        Assert.Contains(plan.Slots, s => s.Order == 0);
    }
}
