using System.Net;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Ieum.House.Tests.Node.ReplanTests;

namespace Ieum.House.Tests.Node;

/// <summary>What-if branches: changed, planned, compared, kept over a restart, made the plan or thrown away, and refused when the world has moved on.</summary>
public sealed class BranchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_branch_is_compared_survives_a_restart_and_becomes_the_plan_with_its_facts()
    {
        var clock = new FakeTimeProvider(Eight);
        string folder, id;
        await using (var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System)))
        {
            folder = node.Folder;
            var (_, plans) = await PlannedAsync(node);
            var desk = node.Services.GetRequiredService<IBranchDesk>();
            Assert.Equal(BranchRules.Name, (await desk.BeginAsync("  ", "kim")).Rule);
            id = (await desk.BeginAsync("MC1 closed", "kim")).Branch!.Id;
            // MC1 is closed until 15:00: A1 goes to MC2 10-15, D1 runs 15-18, on time, one hour later.
            var branch = (await desk.ChangeAsync(id, new PlanChange.MachineDown(new("MC1"), new(Eight, Eight.AddHours(7))), Cancel)).Branch!;
            Assert.Equal((0, 0, 0, 1), (branch.Standing!.Late, branch.Standing.Moved, branch.Figures!.Late, branch.Figures.Moved));
            // As one order more is asked for, D1 and E1 share MC1 from 15:00: 15-18 and 18-21, due 18:00.
            var more = (await desk.ChangeAsync(id, new PlanChange.OrderIs(new(new("E1"), plans.Orders.Single(o => o.Id.Value == "D1").Routing, 1, Eight, Eight.AddHours(10))), Cancel)).Branch!;
            Assert.Equal((2, 1, 3.Hours), (more.Changes.Length, more.Figures!.Late, more.Figures.Tardiness));
            Assert.Single((await desk.TakeBackAsync(id, 1, Cancel)).Branch!.Changes);
            Assert.Equal(BranchRules.Gone, (await desk.TakeBackAsync(id, 7, Cancel)).Rule);
            Assert.Equal(1, plans.InForce!.Number);   // nothing of it is in force
            Assert.Equal(2, plans.Orders.Length);
        }
        await using (var node = await RunningNode.StartAsync(Shop, folder, new(clock, TimeProvider.System)))
        {
            var (told, plans) = await PlannedAsync(node);
            var desk = node.Services.GetRequiredService<IBranchDesk>();
            var branch = Assert.Single(desk.Branches);
            Assert.Equal(("MC1 closed", 2), (branch.Name, branch.Plan!.Operations.Length));
            var kept = await desk.KeepAsync(id, "kim");
            Assert.Equal((null, 2), (kept.Rule, kept.Plan));
            Assert.Equal((new MachineId("MC2"), Eight.AddHours(7), "what-if"), (Of(plans, "A1").Machine, Of(plans, "D1").Start, plans.InForce!.Reason));
            Assert.IsType<PlanChange.MachineDown>(Assert.Single(told.Told).Change);   // a fact from now on
            Assert.Empty(desk.Branches);
        }
    }

    [Fact]
    public async Task A_branch_on_an_older_plan_is_planned_again_first_and_one_that_contradicts_is_refused_with_what_does()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Eight), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        var (_, plans) = await PlannedAsync(node);
        var id = (await ReadAsync(await node.PostAsync("/api/v1/plan/branches", new { name = "later" }))).GetProperty("id").GetString();
        var changed = await ReadAsync(await node.PostAsync($"/api/v1/plan/branches/{id}/changes", new { kind = "order", order = "D1", due = Eight.AddHours(12), weight = 7 }));
        Assert.Equal(0, changed.GetProperty("figures").GetProperty("late").GetInt32());
        await plans.ReplanAsync("asked", "lee", Cancel);
        var moved = await node.PostAsync($"/api/v1/plan/branches/{id}/keep", new { });
        Assert.Equal(HttpStatusCode.Conflict, moved.StatusCode);
        Assert.Contains(BranchRules.PlanMoved, await moved.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var again = await ReadAsync(await node.PostAsync($"/api/v1/plan/branches/{id}/plan", new { anew = true }));
        Assert.Equal(plans.InForce!.Number, again.GetProperty("base").GetInt32());
        // Somebody else changes the same order in the book.
        var other = (await ReadAsync(await node.PostAsync("/api/v1/plan/branches", new { name = "other" }))).GetProperty("id").GetString();
        await ReadAsync(await node.PostAsync($"/api/v1/plan/branches/{other}/changes", new { kind = "order", order = "D1", quantity = 2 }));
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync($"/api/v1/plan/branches/{other}/keep", new { })).StatusCode);
        Assert.Equal(2, plans.Orders.Single(o => o.Id.Value == "D1").Quantity);
        var refused = await (await node.PostAsync($"/api/v1/plan/branches/{id}/keep", new { })).Content.ReadAsStringAsync(Cancel);
        Assert.Contains(BranchRules.Conflict, refused, StringComparison.Ordinal);
        Assert.Contains("D1", refused, StringComparison.Ordinal);
        // Planned again from now, on what is so now, it is the reader's own choice.
        await ReadAsync(await node.PostAsync($"/api/v1/plan/branches/{id}/plan", new { anew = false }));
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync($"/api/v1/plan/branches/{id}/keep", new { })).StatusCode);
        Assert.Equal(7, plans.Orders.Single(o => o.Id.Value == "D1").Weight);
        Assert.Equal(0, (await node.JsonAsync("/api/v1/plan/branches")).GetArrayLength());
    }

    [Fact]
    public async Task An_order_that_is_not_made_leaves_the_book_with_the_branch_that_is_kept()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Eight), TimeProvider.System));
        var (_, plans) = await PlannedAsync(node);
        var desk = node.Services.GetRequiredService<IBranchDesk>();
        var id = (await desk.BeginAsync("without A1", "kim")).Branch!.Id;
        Assert.Equal(ReplanRules.Unknown, (await desk.ChangeAsync(id, new PlanChange.OrderGone(new("none")), Cancel)).Rule);
        await desk.ChangeAsync(id, new PlanChange.OrderGone(new("A1")), Cancel);
        Assert.Null((await desk.KeepAsync(id, "kim")).Rule);
        Assert.Equal("D1", Assert.Single(plans.Orders).Id.Value);
        Assert.Equal("D1", Assert.Single(plans.InForce!.Promises).Order.Value);
        Assert.False(await desk.ThrowAwayAsync(id, "kim"));
    }
}
