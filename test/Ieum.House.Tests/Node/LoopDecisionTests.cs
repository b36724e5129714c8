using System.Net;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>What a decision and a report lead to, and what they must not lead to.</summary>
public sealed class LoopDecisionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_declined_time_never_comes_into_force_and_an_accepted_one_comes_alone()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await FirstPlanIsTold(node);
        var (desk, ledger) = (node.Services.GetRequiredService<PlanDesk>(), node.Services.GetRequiredService<ILoopDesk>());
        var (declined, accepted, open) = (Time("BODY", 20), Time("COVER", 21), Time("LID", 22));
        var numbers = new List<long>();
        foreach (var time in new[] { declined, accepted, open })
        {
            await desk.AdviseAsync(Advice(time), AutonomyLevel.Advise, Cancel);
            numbers.Add((await ledger.ListAsync(1, Cancel))[0].Number);
        }

        await ledger.DecideAsync(numbers[0], false, "kim", "a worn tool", Cancel);
        await desk.ReplanAsync("learned-time", "kim", Cancel);
        Assert.Empty(desk.Measured);
        await ledger.DecideAsync(numbers[1], true, "kim", null, Cancel);
        Assert.Equal(accepted, Assert.Single(desk.Measured));

        await node.SignInAsOwnerAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/plan/replan", new { reason = "learned-time" })).StatusCode);
    }

    [Fact]
    public async Task A_decision_is_carried_out_though_the_one_who_made_it_has_left()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await FirstPlanIsTold(node);
        var (desk, ledger) = (node.Services.GetRequiredService<IPlanDesk>(), node.Services.GetRequiredService<ILoopDesk>());
        using var tab = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var changes = 0;
        void Leave()
        {
            if (++changes == 2) tab.Cancel();   // 1 the advice, 2 the decision
        }
        ledger.Changed += Leave;

        Assert.IsType<PlanOutcome.Planned>(await desk.ReplanAsync("asked", "kim", tab.Token));

        ledger.Changed -= Leave;
        Assert.True(tab.IsCancellationRequested);
        Assert.True((await ledger.ListAsync(1, Cancel))[0].Receipt!.Done);
    }

    [Fact]
    public async Task Planning_that_breaks_off_leaves_a_receipt_that_says_so()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await FirstPlanIsTold(node);
        using var desk = ActivatorUtilities.CreateInstance<PlanDesk>(node.Services, new BrokenPlanner());
        await Assert.ThrowsAsync<InvalidDataException>(() => desk.ReplanAsync("asked", "kim", Cancel));
        var receipt = (await node.Services.GetRequiredService<ILoopDesk>().ListAsync(1, Cancel))[0].Receipt!;
        Assert.False(receipt.Done);
        Assert.Contains("the solver fell over", receipt.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_breakdown_told_again_after_the_repair_does_not_stop_the_machine_again()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await FirstPlanIsTold(node);
        var (desk, people, at) = Shopfloor(node);
        var broke = new ShopEvent.Paused(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at - 9.Minutes, "breakdown");
        await Report(new ShopEvent.Started(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at - 10.Minutes));
        await Report(broke);
        Assert.Equal(at - 9.Minutes, desk.Broken.Since[new("MC1")]);
        await Report(new ShopEvent.Resumed(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at - 8.Minutes));

        await Report(broke);   // a phone's queue sends what it had no answer to

        Assert.Empty(desk.Broken.Since);

        async Task Report(ShopEvent e) => Assert.True((await people.ReportAsync(e, Cancel)).Accepted);
    }

    [Fact]
    public async Task Accepted_times_and_breakdowns_are_there_after_a_restart()
    {
        var node = await RunningNode.StartAsync(LoopTests.Shop);
        var time = Time("BODY", 20);
        DateTimeOffset broke;
        await using (node)
        {
            await FirstPlanIsTold(node);
            var (desk, people, at) = Shopfloor(node);
            broke = at - 9.Minutes;
            await people.ReportAsync(new ShopEvent.Started(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at - 10.Minutes), Cancel);
            await people.ReportAsync(new ShopEvent.Paused(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", broke, "breakdown"), Cancel);
            await desk.AdviseAsync(Advice(time), AutonomyLevel.ActAndReport, Cancel);
            Assert.Equal(time, Assert.Single(desk.Measured));
        }
        await using var again = await RunningNode.StartAsync(LoopTests.Shop, node.Folder);
        var loaded = again.Services.GetRequiredService<PlanDesk>();
        Assert.Equal(time, Assert.Single(loaded.Measured));
        Assert.Equal(broke, loaded.Broken.Since[new("MC1")]);
    }

    [Fact]
    public async Task An_advice_accepted_after_a_restart_plans_with_its_times_or_says_that_they_are_gone()
    {
        var node = await RunningNode.StartAsync(LoopTests.Shop);
        await using (node)
        {
            await FirstPlanIsTold(node);
            await node.Services.GetRequiredService<PlanDesk>().AdviseAsync(Advice(Time("BODY", 20)), AutonomyLevel.Ask, Cancel);
        }
        await using var again = await RunningNode.StartAsync(LoopTests.Shop, node.Folder);
        var (plans, loops) = (again.Services.GetRequiredService<PlanDesk>(), again.Services.GetRequiredService<ILoopDesk>());
        var open = (await loops.ListAsync(10, Cancel)).First(e => e is { Loop: PlanDesk.LearnedTimeLoop, Decision: null });
        Assert.True((await loops.DecideAsync(open.Number, true, "kim", null, Cancel)).Receipt!.Done);
        Assert.Equal(Time("BODY", 20), Assert.Single(plans.Measured));

        await plans.AdviseAsync(Advice(Time("BODY", 25)), AutonomyLevel.Ask, Cancel);
        var lost = (await loops.ListAsync(10, Cancel)).First(e => e is { Loop: PlanDesk.LearnedTimeLoop, Decision: null });
        await plans.SettledAsync(lost.Number);
        var receipt = (await loops.DecideAsync(lost.Number, true, "kim", null, Cancel)).Receipt!;
        Assert.Equal((false, LoopTexts.ReceiptTimesGone), (receipt.Done, receipt.What));
        Assert.Equal(Time("BODY", 20), Assert.Single(plans.Measured));
    }

    private static (PlanDesk, IOperatorDesk, DateTimeOffset) Shopfloor(RunningNode node) =>
        (node.Services.GetRequiredService<PlanDesk>(), node.Services.GetRequiredService<IOperatorDesk>(), node.Services.GetRequiredService<IShopFloor>().Now);

    /// <summary>The plan that the node makes by itself is in force and its turn is closed in the ledger.</summary>
    private static Task<LoopEntry> FirstPlanIsTold(RunningNode node)
    {
        var ledger = node.Services.GetRequiredService<ILoopDesk>();
        return LoopTests.UntilAsync(h => ledger.Changed += h, h => ledger.Changed -= h,
            async () => (await ledger.ListAsync(10, Cancel)).FirstOrDefault(e => e is { Number: 1, Effect: not null }));
    }

    private static MeasuredCycle Time(string item, int minutes) => new(new("MC1"), new(item), minutes.Minutes, (minutes - 1).Minutes, (minutes + 1).Minutes, 50);

    private static ReplanAdvice Advice(MeasuredCycle time) => new(PlanDesk.LearnedTimeLoop, "learned-time",
        LoopText.Of(LoopTexts.FindingAsked, "kim"), LoopText.Of(LoopTexts.AdviceReplan, 1), "median", 0.9, [time]);

    private sealed class BrokenPlanner : IPlanner
    {
        public Task<PlanOutcome> PlanAsync(PlanRequest request, CancellationToken cancel) => throw new InvalidDataException("the solver fell over");
    }
}
