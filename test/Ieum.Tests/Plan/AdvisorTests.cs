using CsCheck;
using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>Why a plan is as it is, what would help, and what can be promised: small shops worked out by hand.</summary>
public sealed class AdvisorTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Monday 2 November, one machine of 8-12 and 13-18. A 8-12 and 13-14 (5 h), B 14-18 (4 h), C 6 h from Tuesday 8: 8-12, 13-15. C is due on Monday.
    private static readonly PlanRequest Queue = Request(At(2, 8),
        Order("A", 1, At(2, 8), At(2, 15), Work(10, (Mc1, 5.Hours, TimeSpan.Zero))),
        Order("B", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 4.Hours, TimeSpan.Zero))),
        Order("C", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 6.Hours, TimeSpan.Zero))));

    private static async Task<PlanRequest> StandingAsync(PlanRequest request) => request with { Parent = (await PlanAsync(request)).Plan, Reason = "asked" };

    /// <summary>Keeps the sequence A, B, C by locks that are then dropped.</summary>
    private static Task<PlanRequest> QueueAsync(PlanRequest? request = null) => InOrderAsync(request ?? Queue, ("A.10", At(2, 8)), ("B.10", At(2, 14)), ("C.10", At(3, 8)));

    private static async Task<PlanRequest> InOrderAsync(PlanRequest request, params (string Id, DateTimeOffset Start)[] starts)
    {
        var standing = await StandingAsync(request with { Locks = [.. starts.Select(s => new OperationLock(new(s.Id), null, s.Start))] });
        return standing with { Locks = [], Parent = standing.Parent! with { Operations = [.. standing.Parent.Operations.Select(o => o with { Lock = null })] } };
    }

    [Fact]
    public async Task The_chain_of_a_late_order_names_the_machine_the_night_and_what_was_ahead()
    {
        var late = Assert.Single(Advisor().WhyLate(await QueueAsync()));
        Assert.Equal((new OrderId("C"), At(3, 15)), (late.Promise.Order, late.Promise.Finish));
        Assert.Equal([("C.10", BindingCause.Busy, "B.10"), ("B.10", BindingCause.Busy, "A.10"), ("A.10", BindingCause.Now, "")],
            late.Chain.Select(l => (l.Operation.Operation.Value, l.Cause, l.By?.Value ?? "")));
        Assert.Equal((At(2, 18), 14.Hours, TimeSpan.Zero, 1.Hours), (late.Chain[0].Ready, late.Chain[0].Closed, late.Chain[0].Kept, late.Chain[0].Paused));   // free at 18:00, closed until 8:00, lunch inside
        Assert.Equal(TimeSpan.Zero, late.Chain[1].Closed);
    }

    [Fact]
    public async Task A_chain_walks_through_steps_waits_and_material()
    {
        // 10 on L1 8-10, cools 3 h, 20 on MC1 at 13 until 15; the part for 30 comes Wednesday 10:00.
        var request = Request(At(2, 8), Order("X", 1, At(2, 8), At(3, 12),
            Work(10, (L1, 2.Hours, TimeSpan.Zero)), new RoutingStep.Wait(15, "cool", 3.Hours), Work(20, (Mc1, 2.Hours, TimeSpan.Zero)),
            Work(30, (Hon, 1.Hours, TimeSpan.Zero)) with { Takes = [new(new("SEAL"), 2)] })) with
        { Factory = FactoryData.None with { Materials = [new(new("SEAL"), LocalName.Same("seal"), 1, false, [new(At(4, 10), 5)])] } };
        var chain = Advisor().Why(await StandingAsync(request), new("X.30"));
        Assert.Equal((BindingCause.Material, At(4, 10), "SEAL"), (chain[0].Cause, chain[0].Ready, chain[0].What));
        Assert.Single(chain);   // the arrival is what no order of work changes
        var before = Advisor().Why(await StandingAsync(request), new("X.20"));
        Assert.Equal([(BindingCause.Previous, At(2, 13)), (BindingCause.Now, At(2, 8))], before.Select(l => (l.Cause, l.Ready)));
    }

    [Fact]
    public async Task Overtime_and_a_swap_are_offered_with_what_they_cost_others()
    {
        // C at 8 on Tuesday ends at 15:00. Overtime 18-21 on Monday: C begins at 18:00 and ends Tuesday 11:00, still late.
        // C before B: C 14-18 and Tuesday 8-10, B then 10-12, 13-15 and late.
        var fixes = await Advisor(o => o.OvertimePrice = 40).FixesAsync(await QueueAsync(), new("C"), Cancel);
        var overtime = Assert.Single(fixes, f => f.Kind == FixKind.Overtime);
        Assert.Equal((At(3, 11), 4.Hours, 3.Hours, 120.0), (overtime.Finish, overtime.Gain, overtime.Overtime, overtime.OvertimeCost));
        Assert.Empty(overtime.Changes);
        var swap = Assert.Single(fixes, f => f.Kind == FixKind.Swap);
        Assert.Equal((At(3, 10), new OrderId("B"), At(3, 15), true), (swap.Finish, swap.Changes[0].Order, swap.Changes[0].After, swap.Changes[0].BecomesLate));
        Assert.All(fixes, f => Assert.True(f.Plan.Verified));
        Assert.Equal(FixKind.Overtime, fixes[0].Kind);   // neither holds the date; overtime harms nobody
        Assert.Null((await Advisor().FixesAsync(await QueueAsync(), new("C"), Cancel)).Single(f => f.Kind == FixKind.Overtime).OvertimeCost);   // no price is known
    }

    [Fact]
    public async Task What_is_waited_for_half_a_lot_and_a_subcontractor_are_tried_too()
    {
        // The part for the last step comes on Wednesday at 10:00; were it here now, the step would follow the one before, Monday 10-11.
        var part = Request(At(2, 8), Order("X", 1, At(2, 8), At(2, 18), Work(10, (L1, 2.Hours, TimeSpan.Zero)), Work(20, (Hon, 1.Hours, TimeSpan.Zero)) with { Takes = [new(new("SEAL"), 2)] })) with
        { Factory = FactoryData.None with { Materials = [new(new("SEAL"), LocalName.Same("seal"), 1, false, [new(At(4, 10), 5)])] } };
        var sooner = Assert.Single(await Advisor().FixesAsync(await StandingAsync(part), new("X"), Cancel), f => f.Kind == FixKind.Sooner);
        Assert.Equal(("X.20", "SEAL", At(2, 11), 48.Hours), (sooner.Operation!.Value.Value, sooner.What, sooner.Finish, sooner.Gain));
        // The same when the whole order waits for its release.
        var later = Request(At(2, 8), Order("R", 1, At(3, 8), At(3, 9), Work(10, (L1, 2.Hours, TimeSpan.Zero))));
        Assert.Equal(("R", At(2, 10)), (await Advisor().FixesAsync(await StandingAsync(later), new("R"), Cancel)) is [var first, ..] ? (first.What, first.Finish) : default);

        // O: L1 8-9, 6 h on MC1 behind A and B (Tuesday 8-15), 1 h on HON. The van takes it on Monday at 11:00 and is back at 15:00: HON 15-16 for 103.
        var queue = Request(At(2, 8), [.. Queue.Orders.Take(2), Order("O", 2, At(2, 8), At(2, 18), Work(10, (L1, 1.Hours, TimeSpan.Zero)), Work(20, (Mc1, TimeSpan.Zero, 3.Hours), (Mc2, TimeSpan.Zero, 4.Hours)), Work(30, (Hon, 1.Hours, TimeSpan.Zero)))]) with
        {
            Factory = FactoryData.None with
            {
                Transport = [new("S-VAN", LocalName.Same("van"), Korea, 30.Minutes, [new(DayOfWeek.Monday, 11.Hours, 4.Hours)], [])],
                Subcontractors = [new("GRIND-CO", LocalName.Same("Grind Co"), [Mc1], "S-VAN", 100, 3)],
            },
            Locks = [new(new("O.20"), Mc1, At(3, 8))],
        };
        var fixes = await Advisor().FixesAsync(await InOrderAsync(queue, ("A.10", At(2, 8)), ("B.10", At(2, 14)), ("O.20", At(3, 8))), new("O"), Cancel);
        var outside = Assert.Single(fixes, f => f.Kind == FixKind.Outside);
        Assert.Equal(("O.20", "GRIND-CO", 106.0, At(2, 16)), (outside.Operation!.Value.Value, outside.What, outside.Cost, outside.Finish));
        // One of two pieces on MC2: 9-12, 13-14, the other stays behind B on Tuesday at the latest; sooner than Tuesday 16:00 as a whole.
        var split = Assert.Single(fixes, f => f.Kind == FixKind.Split);
        Assert.Equal(Mc2, split.Machine);
        Assert.True(split.Finish <= At(3, 12) && split.Gain >= 4.Hours, split.Finish.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(fixes, f => Assert.True(f.Plan.Verified));
    }

    [Fact]
    public async Task Another_machine_that_stands_free_is_found()
    {
        var free = Queue with { Orders = Queue.Orders.SetItem(2, Order("C", 1, At(2, 8), At(2, 18), Work(10, (Mc1, 6.Hours, TimeSpan.Zero), (Mc2, 8.Hours, TimeSpan.Zero)))),
            Calendars = Queue.Calendars.Add(Mc2, TwoShifts), Locks = [new(new("C.10"), Mc1, null)] };
        var standing = await StandingAsync(free);
        var fix = (await Advisor().FixesAsync(standing with { Locks = [] }, new("C"), Cancel))[0];
        Assert.Equal((FixKind.Machine, Mc2, At(2, 17)), (fix.Kind, fix.Machine, fix.Finish));   // 8 h from 8:00 with an hour of lunch
        Assert.Equal(0, fix.Changes.Count(c => c.IsWorse));
    }

    [Fact]
    public async Task The_smallest_clash_leaves_out_who_has_nothing_to_do_with_it()
    {
        // 15 h for 9 h of Monday: A and C alone need 11, B and C 10; D is on another machine, E has all week.
        var request = Queue with
        {
            Orders = [.. Queue.Orders, Order("D", 1, At(2, 8), At(2, 18), Work(10, (Hon, 2.Hours, TimeSpan.Zero))), Order("E", 1, At(2, 8), At(6, 18), Work(10, (Mc1, 3.Hours, TimeSpan.Zero)))],
            Calendars = Queue.Calendars.Add(Hon, TwoShifts),
        };
        var clash = await Advisor().ClashAsync(await StandingAsync(request), new("C"), Cancel);
        Assert.Equal(2, clash.Orders.Length);
        Assert.Equal(new OrderId("C"), clash.Orders[0]);
        Assert.Contains(clash.Orders[1].Value, (string[])["A", "B"]);
        var alone = await Advisor().ClashAsync(await StandingAsync(Request(At(2, 8), Order("Z", 1, At(2, 8), At(2, 9), Work(10, (Mc1, 3.Hours, TimeSpan.Zero))))), new("Z"), Cancel);
        Assert.Equal(new OrderId("Z"), Assert.Single(alone.Orders));
        Assert.True(alone.Proved);   // three hours in one: no plan can
        Assert.Empty((await Advisor().ClashAsync(await StandingAsync(request), new("E"), Cancel)).Orders);
    }

    [Fact]
    public async Task A_promise_pushes_nobody_unless_it_says_so_and_overtime_has_its_price()
    {
        // A 8-14 and B 14-18 fill Monday. N needs 3 h: Tuesday 8-11; Monday 18-21 with overtime; at once when it may push.
        var request = Queue with { Orders = Queue.Orders.RemoveAt(2) };
        var standing = await InOrderAsync(request, ("A.10", At(2, 8)), ("B.10", At(2, 14)));
        var answer = await Advisor(o => o.OvertimePrice = 40).PromiseAsync(standing, Order("N", 3, At(2, 8), At(6, 18), Work(10, (Mc1, TimeSpan.Zero, 1.Hours))), Cancel);
        Assert.Equal([PromiseWay.Free, PromiseWay.Overtime, PromiseWay.Rush], answer.Offers.Select(o => o.Way));
        Assert.Equal((At(3, 11), 0.0), (answer.Offers[0].Finish, answer.Offers[0].OvertimeCost));
        Assert.DoesNotContain(answer.Offers[0].Pushes, p => p.BecomesLate);
        Assert.Equal((At(2, 21), 3.Hours, 120.0), (answer.Offers[1].Finish, answer.Offers[1].Overtime, answer.Offers[1].OvertimeCost));
        Assert.Equal(Mc1, Assert.Single(answer.Offers[1].Bought).Machine);
        Assert.Equal(At(2, 11), answer.Offers[2].Finish);
        Assert.Contains(answer.Offers[2].Pushes, p => p.BecomesLate);
        Assert.All(answer.Offers, o => Assert.True(o.Plan.Verified));
    }

    [Fact]
    public async Task A_first_order_is_promised_too_and_one_that_cannot_be_made_says_why()
    {
        var none = Request(At(2, 8)) with { Calendars = Queue.Calendars };
        var offer = Assert.Single((await Advisor().PromiseAsync(none, Order("N", 1, At(2, 8), At(6, 18), Work(10, (Mc1, 3.Hours, TimeSpan.Zero))), Cancel)).Offers);
        Assert.Equal(At(2, 11), offer.Finish);
        var never = await Advisor().PromiseAsync(none, Order("N", 1, At(2, 8), At(6, 18), Work(10, (L1, 3.Hours, TimeSpan.Zero))), Cancel);
        Assert.Empty(never.Offers);
        Assert.Equal(PlanRules.MachineNoCalendar, Assert.Single(never.Conflicts).Rule);
    }

    [Fact]
    public void In_random_shops_every_chain_ends_and_its_links_touch()
    {
        var options = Quick(o => (o.Effort, o.Trials) = (0.01, 20));
        RandomShop.Requests(mostOrders: 5, mostSteps: 3).Sample(request =>
        {
            var standing = request with { Parent = ((PlanOutcome.Planned)Planner(options).PlanAsync(request, CancellationToken.None).GetAwaiter().GetResult()).Plan };
            foreach (var o in standing.Parent.Operations)
            {
                var chain = Shop.Advisor(options).Why(standing, o.Operation);
                Assert.Equal(o.Operation, chain[0].Operation.Operation);
                for (var i = 0; i < chain.Length; i++)
                {
                    Assert.True(chain[i].Ready <= chain[i].Operation.Start);
                    Assert.Equal(chain[i].Operation.Start, chain[i].Ready + chain[i].Closed + chain[i].Kept);
                    Assert.True(chain[i] is { Closed.Ticks: >= 0, Kept.Ticks: >= 0, Paused.Ticks: >= 0 });
                    if (i + 1 < chain.Length) Assert.Equal(chain[i + 1].Operation.Operation, chain[i].By);
                }
            }
        }, iter: 12, threads: 1);
    }

    private static IPlanAdvisor Advisor(Action<PlanOptions>? change = null)
    {
        // Plans of the tries end by the count of their trials; the clock only guards.
        var options = Quick(o => { o.Trials = 300; change?.Invoke(o); });
        return Shop.Advisor(options);
    }
}
