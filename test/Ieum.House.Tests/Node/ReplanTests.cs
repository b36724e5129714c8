using System.Net;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>Something happened: told, answered with ways and clocks, chosen through the plan's own door, refused when it is too late, kept over a restart.</summary>
public sealed class ReplanTests
{
    // Two machines round the clock. A1 comes at 10:00 and takes 4 h on MC1 or 5 h on MC2; D1 takes 3 h on MC1 only. Both are due at 18:00.
    internal const string Shop = """
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1" }, { "id": "MC2" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [
            { "item": "A", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "2 h" }, { "machine": "MC2", "perPiece": "150 min" }] }] },
            { "item": "D", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "3 h" }] }] }],
          "orders": [
            { "id": "A1", "item": "A", "quantity": 2, "release": "2026-11-02T10:00+09:00", "due": "2026-11-02T18:00+09:00" },
            { "id": "D1", "item": "D", "quantity": 1, "release": "2026-11-02T14:00+09:00", "due": "2026-11-02T18:00+09:00" }],
          "Plan": { "SolveLimit": "1 s", "Trials": 200 }, "Act": { "ReplanLevel": "Advise" }
        }
        """;

    internal static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static async Task<(IReplanDesk Desk, IPlanDesk Plans)> PlannedAsync(RunningNode node)
    {
        await LoopTests.PlanOf(node, p => p.Promises.Length == 2);
        return (node.Services.GetRequiredService<IReplanDesk>(), node.Services.GetRequiredService<IPlanDesk>());
    }

    [Fact]
    public async Task A_breakdown_is_answered_and_the_way_chosen_comes_into_force_with_as_little_moved_as_it_said()
    {
        var clock = new FakeTimeProvider(Eight);
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System));
        var (desk, plans) = await PlannedAsync(node);
        Assert.Equal(new MachineId("MC1"), plans.InForce!.Operations.Single(o => o.Order == new OrderId("A1")).Machine);   // 10-14, then D1 14-17
        var first = plans.InForce.Number;
        var told = await desk.TellAsync(new PlanChange.MachineDown(new("MC1"), new(Eight, Eight.AddHours(5))), "kim", Cancel);
        Assert.Null(told.Rule);
        // Nothing: A1 13-17, D1 17-20, two hours late. MC2 takes A1 10-15: one moved, nobody late; at the latest from 13:00, when the list begins it.
        var best = told.Case!.Answer.Alternatives[0];
        Assert.Equal((AlternativeKind.Machine, 0, 1, Eight.AddHours(5)), (best.Kind, best.Figures.Late, best.Figures.Moved, best.Until));
        Assert.Equal(first, plans.InForce.Number);   // asking changes nothing
        var id = told.Case.Told.Id;
        var chosen = await desk.ChooseAsync(id, AlternativeKind.Machine, "kim");
        Assert.Equal((null, first + 1), (chosen.Rule, chosen.Plan));
        Assert.Equal(("machine-down", new MachineId("MC2"), Eight.AddHours(2)), (plans.InForce.Reason, Of(plans, "A1").Machine, Of(plans, "A1").Start));
        Assert.Equal(Eight.AddHours(6), Of(plans, "D1").Start);
        Assert.Equal(ReplanRules.Gone, (await desk.ChooseAsync(id, AlternativeKind.Machine, "kim")).Rule);
        // It stands in the ledger like every plan, decided by the person.
        var entry = (await node.Services.GetRequiredService<ILoopLedger>().ListAsync(1, Cancel))[0];
        Assert.Equal(("kim", true), (entry.Decision!.By, entry.Receipt!.Done));
    }

    [Fact]
    public async Task What_was_not_chosen_in_time_is_refused_with_what_ended_it_and_another_plan_ends_it_too()
    {
        var clock = new FakeTimeProvider(Eight);
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System));
        var (desk, plans) = await PlannedAsync(node);
        var told = await desk.TellAsync(new PlanChange.MachineDown(new("MC1"), new(Eight, Eight.AddHours(5))), "kim", Cancel);
        clock.Advance(5.Hours);
        var late = await desk.ChooseAsync(told.Case!.Told.Id, AlternativeKind.Machine, "kim");
        Assert.Equal((ReplanRules.TooLate, CutOffCause.Begins, Eight.AddHours(5)), (late.Rule, late.Since!.Cause, late.Since.At));
        Assert.Equal(1, plans.InForce!.Number);
        await plans.ReplanAsync("asked", "lee", Cancel);
        Assert.Equal(ReplanRules.PlanMoved, (await desk.ChooseAsync(told.Case.Told.Id, AlternativeKind.Nothing, "kim")).Rule);
        Assert.Null((await desk.AgainAsync(told.Case.Told.Id, Cancel)).Rule);
        Assert.Null((await desk.ChooseAsync(told.Case.Told.Id, AlternativeKind.Nothing, "kim")).Rule);
    }

    [Fact]
    public async Task What_was_told_is_kept_over_a_restart_and_every_plan_counts_with_it_until_it_is_over()
    {
        var clock = new FakeTimeProvider(Eight);
        string folder;
        await using (var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System)))
        {
            folder = node.Folder;
            var (desk, _) = await PlannedAsync(node);
            await desk.TellAsync(new PlanChange.OrderWaits(new("A1"), Eight.AddHours(6)), "kim", Cancel);
            await desk.TellAsync(new PlanChange.MachineDown(new("MC1"), new(Eight, Eight.AddHours(9))), "kim", Cancel);
        }
        await using (var node = await RunningNode.StartAsync(Shop, folder, new(clock, TimeProvider.System)))
        {
            var (desk, plans) = await PlannedAsync(node);
            Assert.Equal(2, desk.Told.Length);
            await plans.ReplanAsync("asked", "kim", Cancel);
            Assert.Equal((Eight.AddHours(6), new MachineId("MC2")), (Of(plans, "A1").Start, Of(plans, "A1").Machine));
            Assert.Equal(Eight.AddHours(9), Of(plans, "D1").Start);
            Assert.True(await desk.OverAsync(desk.Told[1].Id, "kim"));
            Assert.False(await desk.OverAsync("no-such", "kim"));
            clock.Advance(6.Hours);   // the material is there
            Assert.Empty(desk.Told);
        }
    }

    [Fact]
    public async Task Somebody_absent_whom_only_the_reports_know_stops_the_machines_that_nobody_else_runs()
    {
        var clock = new FakeTimeProvider(Eight);
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System));
        var (desk, plans) = await PlannedAsync(node);
        Assert.Empty(desk.Crew);
        Assert.Equal(ReplanRules.Unknown, (await desk.TellAsync(new PlanChange.Away("lee", new(Eight, Eight.AddHours(8))), "kim", Cancel)).Rule);
        clock.Advance(2.Hours);
        var people = node.Services.GetRequiredService<IOperatorDesk>();
        var a1 = Of(plans, "A1");
        Assert.True((await people.ReportAsync(new ShopEvent.Started(Guid.NewGuid(), a1.Operation, a1.Machine, "lee", clock.GetUtcNow()), Cancel)).Accepted);
        Assert.Equal(("lee", a1.Machine), (Assert.Single(desk.Crew).Name, Assert.Single(desk.Crew[0].Machines)));
        clock.Advance(1.Hours);
        Assert.True((await people.ReportAsync(new ShopEvent.Paused(Guid.NewGuid(), a1.Operation, a1.Machine, "lee", clock.GetUtcNow(), "other"), Cancel)).Accepted);
        var told = await desk.TellAsync(new PlanChange.Away("lee", new(clock.GetUtcNow(), clock.GetUtcNow().AddHours(8))), "kim", Cancel);
        Assert.Equal([a1.Machine], Assert.IsType<PlanChange.Away>(told.Case!.Told.Change).Machines);
        // D1 needs the machine that stands until 19:00.
        Assert.True(told.Case.Answer.Alternatives.Single(a => a.Kind == AlternativeKind.Nothing).Plan.Operations.Single(o => o.Order == new OrderId("D1")).Start >= Eight.AddHours(11));
        // Once somebody else has run it too, nothing stands for lee alone.
        Assert.True((await people.ReportAsync(new ShopEvent.Resumed(Guid.NewGuid(), a1.Operation, a1.Machine, "park", clock.GetUtcNow()), Cancel)).Accepted);
        Assert.Empty(desk.Crew);
    }

    [Fact]
    public async Task A_rush_order_and_lost_pieces_come_into_the_book_with_what_is_chosen_by_the_api()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Eight), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        var (_, plans) = await PlannedAsync(node);
        var rush = await ReadAsync(await node.PostAsync("/api/v1/plan/disturbances", new { kind = "order", order = "R1", item = "D", quantity = 1, due = Eight.AddHours(4), weight = 50 }));
        Assert.Equal(2, plans.Orders.Length);
        var best = rush.GetProperty("alternatives")[0];
        Assert.Equal((0, 0), (best.GetProperty("figures").GetProperty("late").GetInt32(), best.GetProperty("figures").GetProperty("moved").GetInt32()));
        var id = rush.GetProperty("told").GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync($"/api/v1/plan/disturbances/{id}/choose", new { kind = best.GetProperty("kind").GetString() })).StatusCode);
        Assert.Equal(Eight, Of(plans, "R1").Start);
        Assert.Contains(plans.Orders, o => o.Id == new OrderId("R1") && o.Weight == 50);
        var scrap = await ReadAsync(await node.PostAsync("/api/v1/plan/disturbances", new { kind = "scrapped", order = "A1", pieces = 1 }));
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync($"/api/v1/plan/disturbances/{scrap.GetProperty("told").GetProperty("id").GetString()}/choose", new { kind = scrap.GetProperty("alternatives")[0].GetProperty("kind").GetString() })).StatusCode);
        Assert.Equal([1, 1], plans.Orders.Where(o => o.Id.Value.StartsWith("A1", StringComparison.Ordinal)).Select(o => o.Quantity));
        Assert.Equal(HttpStatusCode.NotFound, (await node.PostAsync("/api/v1/plan/disturbances", new { kind = "machineDown", machine = "no-such", until = Eight.AddHours(1) })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/plan/disturbances", new { kind = "scrapped", order = "D1", pieces = 7 })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/plan/disturbances", new { kind = "earthquake" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await node.PostAsync("/api/v1/plan/disturbances/none/choose", new { kind = "nothing" })).StatusCode);
        Assert.Equal(0, (await node.JsonAsync("/api/v1/plan/disturbances")).GetProperty("told").GetArrayLength());
    }

    internal static PlannedOperation Of(IPlanDesk plans, string order) => plans.InForce!.Operations.Single(o => o.Order == new OrderId(order));

    internal static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
