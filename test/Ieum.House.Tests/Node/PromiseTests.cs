using System.Net;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>A date is asked for, held for a time, kept over a restart, and becomes an order or runs out.</summary>
public sealed class PromiseTests
{
    // One machine round the clock; A1 takes an hour from now. N takes 10 min a piece.
    private const string Shop = """
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [{ "item": "A", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "setUp": "20 min", "perPiece": "10 min" }] }] }],
          "orders": [{ "id": "A1", "item": "A", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2026-11-02T09:00+09:00" }],
          "Plan": { "SolveLimit": "1 s", "Trials": 100 }, "Act": { "ReplanLevel": "Advise" }
        }
        """;

    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_promise_is_held_over_a_restart_without_being_dispatched_and_runs_out_by_the_clock()
    {
        var clock = new FakeTimeProvider(Eight);
        string folder;
        await using (var node = await RunningNode.StartAsync(Shop, clocks: new(clock, TimeProvider.System)))
        {
            folder = node.Folder;
            var desk = await PlannedAsync(node, 1);
            var quote = await desk.AskAsync(new("A"), 10, null, Cancel);
            Assert.Equal(Eight.AddHours(3), quote.Answer.Offers[0].Finish);   // behind A1 at 9: 20 min and 100 min
            Assert.Empty(quote.Answer.Offers[0].Pushes);
            Assert.Equal(PromiseRules.HoldRange, (await desk.ReserveAsync(quote.Id, 0, new("N"), TimeSpan.Zero, "kim")).Rule);
            Assert.Equal(PromiseRules.NameTaken, (await desk.ReserveAsync(quote.Id, 0, new("A1"), 4.Hours, "kim")).Rule);
            var taken = await desk.ReserveAsync(quote.Id, 0, new("N"), 4.Hours, "kim");
            Assert.Equal((null, Eight.AddHours(3)), (taken.Rule, taken.Finish));
            Assert.Equal(PromiseRules.QuoteGone, (await desk.ReserveAsync(quote.Id, 0, new("N2"), 4.Hours, "kim")).Rule);   // another plan is in force
            Held(node);
            // The next one asked goes behind what is held.
            Assert.Equal(Eight.AddHours(3).AddMinutes(30), (await desk.AskAsync(new("A"), 1, null, Cancel)).Answer.Offers[0].Finish);
        }
        await using (var node = await RunningNode.StartAsync(Shop, folder, new(clock, TimeProvider.System)))
        {
            Assert.Equal(Eight.AddHours(4), Assert.Single(node.Services.GetRequiredService<IPromiseDesk>().Reservations).Until);
            Held(node);
            clock.Advance(4.Hours);
            await LoopTests.PlanOf(node, p => p.Promises.All(x => x.Order.Value != "N"));
            Assert.Empty(node.Services.GetRequiredService<IPromiseDesk>().Reservations);
            Assert.Equal(PromiseRules.NoReservation, (await node.Services.GetRequiredService<IPromiseDesk>().OrderAsync(new OrderId("N"), "kim")).Rule);
        }
    }

    [Fact]
    public async Task A_quote_becomes_an_order_in_one_step_by_the_api_and_a_late_one_says_why()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Eight.AddHours(1)), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        await PlannedAsync(node, 1);
        var late = (await node.JsonAsync("/api/v1/plan/late")).EnumerateArray().Single();
        Assert.Equal(("A1", 3600.0, "now"), (late.GetProperty("order").GetString(), late.GetProperty("latenessSeconds").GetDouble(), late.GetProperty("chain")[0].GetProperty("cause").GetString()));   // begins at 9, due then
        var quote = await ReadAsync(await node.PostAsync("/api/v1/promise", new { item = "A", quantity = 1 }));
        Assert.Equal(Eight.AddHours(2.5), quote.GetProperty("offers")[0].GetProperty("finish").GetDateTimeOffset());
        Assert.True(quote.GetProperty("seconds").GetDouble() >= 0);
        var id = quote.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NotFound, (await node.PostAsync($"/api/v1/promise/{id}/order", new { way = "overtime", order = "N" })).StatusCode);
        var ordered = await ReadAsync(await node.PostAsync($"/api/v1/promise/{id}/order", new { way = "free", order = "N" }));
        Assert.Equal(Eight.AddHours(2.5), ordered.GetProperty("finish").GetDateTimeOffset());
        var order = (await node.JsonAsync("/api/v1/orders")).EnumerateArray().Single(o => o.GetProperty("id").GetString() == "N");
        Assert.Equal(Eight.AddHours(2.5), order.GetProperty("due").GetDateTimeOffset());
        Assert.Equal(["A1.10", "N.10"], node.Services.GetRequiredService<IDispatcher>().For(new("MC1")).Select(d => d.Operation.Operation.Value));
        var why = await node.JsonAsync("/api/v1/plan/why/N.10");
        Assert.Equal(("busy", "A1.10"), (why[0].GetProperty("cause").GetString(), why[0].GetProperty("by").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/plan/why/none.10")).StatusCode);
        Assert.Equal(["A1"], (await node.JsonAsync("/api/v1/plan/late/A1/clash")).GetProperty("orders").EnumerateArray().Select(o => o.GetString()));
        Assert.Equal(JsonValueKind.Array, (await node.JsonAsync("/api/v1/plan/late/A1/fixes")).ValueKind);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/promise", new { item = "no-such", quantity = 1 })).StatusCode);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static void Held(RunningNode node)
    {
        var plan = node.Services.GetRequiredService<IPlanDesk>().InForce!;
        Assert.Contains(plan.Operations, o => o.Order.Value == "N");
        Assert.Equal([new OrderId("N")], plan.Reserved.AsEnumerable());
        Assert.Equal(["A1.10"], node.Services.GetRequiredService<IDispatcher>().For(new("MC1")).Select(d => d.Operation.Operation.Value));
    }

    private static async Task<IPromiseDesk> PlannedAsync(RunningNode node, int operations)
    {
        await LoopTests.PlanOf(node, p => p.Operations.Length == operations);
        return node.Services.GetRequiredService<IPromiseDesk>();
    }
}
