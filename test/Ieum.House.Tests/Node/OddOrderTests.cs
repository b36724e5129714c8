using System.Net;
using System.Text.Json;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>Orders that nobody would dream up, on one node by its API.</summary>
public sealed class OddOrderTests
{
    private const string Shop = """
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1" }, { "id": "MC2" }, { "id": "MC3" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [
            { "item": "A", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "60 min" }] }] },
            { "item": "CLOSED", "steps": [{ "step": 10, "machines": [{ "machine": "MC2", "perPiece": "60 min" }] }] },
            { "item": "WAITS", "steps": [{ "step": 10, "machines": [{ "machine": "MC3", "perPiece": "60 min" }], "takes": [{ "item": "CASTING", "perPiece": 1 }] }] }],
          "orders": [],
          "planning": {
            "materials": [{ "item": "CASTING", "fromCustomer": true, "onHand": 0, "arrivals": [] }],
            "maintenance": [{ "machine": "MC2", "from": "2026-11-01T00:00+09:00", "to": "2026-11-29T00:00+09:00" }] },
          "Plan": { "SolveLimit": "200 ms", "Trials": 100 }, "Act": { "ReplanLevel": "Advise" }
        }
        """;

    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_planned_or_named_with_its_reason_and_the_rest_is_planned_all_the_same()
    {
        await using var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Eight), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        Task<HttpResponseMessage> Post(string id, string item, int quantity, double release, double due) =>
            node.PostAsync("/api/v1/orders", new { id, item, quantity, release = Eight.AddHours(release), due = Eight.AddHours(due) });
        foreach (var (id, item, quantity, release, due) in new[]
        {
            ("OK", "A", 2, 0.0, 48.0), ("PAST", "A", 1, -72, -48), ("LATE", "A", 4, 24, 26), ("MILLION", "A", 1_000_000, 0, 480),
            ("SHUT", "CLOSED", 2, 0, 48), ("CAST", "WAITS", 2, 0, 48), ("C1", "A", 4, 0, 4), ("C2", "A", 4, 0, 4),
        }) Assert.Equal(HttpStatusCode.Created, (await Post(id, item, quantity, release, due)).StatusCode);
        foreach (var bad in new[] { await Post("ZERO", "A", 0, 0, 48), await Post("LESS", "A", -3, 0, 48), await Post("BACK", "A", 1, 5, 2) }) Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        await LoopTests.PlanOf(node, p => p.Promises.Length == 6 && p.Unplanned.Length == 2);

        // What cannot be planned is told by its rule; asking why gives the reason too.
        // (They come into force a moment after the plan.)
        var desk = node.Services.GetRequiredService<IPlanDesk>();
        var findings = await LoopTests.UntilAsync(h => desk.Changed += h, h => desk.Changed -= h, async () =>
            (await node.JsonAsync("/api/v1/plan/findings")).EnumerateArray().Where(f => f.GetProperty("order").ValueKind == JsonValueKind.String)
                .ToLookup(f => f.GetProperty("order").GetString()!, f => f.GetProperty("rule").GetString()!) is { Count: >= 2 } told ? told : null);
        Assert.Equal(["CAST", "MILLION"], findings.Select(f => f.Key).Order());
        foreach (var f in findings)
        {
            var why = await node.GetAsync($"/api/v1/plan/why/{f.Key}.10");
            Assert.Equal(HttpStatusCode.NotFound, why.StatusCode);
            Assert.Contains(f.First(), await why.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        // A machine that is closed for weeks is what it waits for, and what would help.
        var shut = (await node.JsonAsync("/api/v1/plan/why/SHUT.10"))[0];
        Assert.Equal((Eight.AddDays(26).AddHours(16) - Eight).TotalSeconds, shut.GetProperty("closedSeconds").GetDouble());
        var open = Assert.Single((await node.JsonAsync("/api/v1/plan/late/SHUT/fixes")).EnumerateArray(), f => f.GetProperty("kind").GetString() == "open");
        Assert.Equal(("MC2", Eight.AddHours(2)), (open.GetProperty("machine").GetString(), open.GetProperty("finish").GetDateTimeOffset()));

        // Two that cannot both hold are named, not the one that was late before it came; one that cannot be kept alone is named alone.
        Assert.Equal(["C1", "C2"], await ClashAsync("C1"));
        Assert.Equal(["C2", "C1"], await ClashAsync("C2"));
        foreach (var alone in new[] { "PAST", "LATE", "SHUT" }) Assert.Equal([alone], await ClashAsync(alone));

        // A date that cannot be given is no failure of the node: nothing is offered, and the reason is the planner's.
        foreach (var (item, quantity, release) in new (string, int, DateTimeOffset?)[] { ("A", 1_000_000, null), ("WAITS", 1, null), ("A", 1, Eight.AddDays(4_000)) })
        {
            var answer = await node.PostAsync("/api/v1/promise", new { item, quantity, release });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var quote = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            Assert.Equal(0, quote.GetProperty("offers").GetArrayLength());
            Assert.NotEqual(0, quote.GetProperty("conflicts").GetArrayLength());
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/promise", new { item = "A", quantity = 0 })).StatusCode);

        async Task<string[]> ClashAsync(string order) => [.. (await node.JsonAsync($"/api/v1/plan/late/{order}/clash")).GetProperty("orders").EnumerateArray().Select(o => o.GetString()!)];
    }
}
