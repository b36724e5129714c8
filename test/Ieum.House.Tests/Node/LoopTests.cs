using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>The loop of one company inside one process: order, plan, dispatch, report, ledger.</summary>
public sealed class LoopTests
{
    internal const string Shop = """
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1", "kind": "milling" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [{ "item": "BODY", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "setUp": "30 min", "perPiece": "15 min" }] }] }],
          "orders": [{ "id": "PO-1", "item": "BODY", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2036-11-09T18:00+09:00" }],
          "Plan": { "SolveLimit": "0 s" },
          "Act": { "ReplanLevel": "ActAndReport" }
        }
        """;

    [Fact]
    public async Task An_order_of_the_file_is_planned_dispatched_and_reported_without_anybody_asking()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var plan = await PlanOf(node, _ => true);
        await node.SignInAsOwnerAsync();

        // 30 min set-up and 4 pieces of 15 min, on a machine that never rests: 90 min
        var planned = Assert.Single(plan.Operations);
        Assert.Equal(90.Minutes, planned.End - planned.Start);
        var list = await node.JsonAsync("/api/v1/shop/dispatch/MC1");
        Assert.Equal("PO-1.10", Assert.Single(list.EnumerateArray()).GetProperty("operation").GetProperty("operation").GetString());

        var id = Guid.NewGuid();
        var started = await node.PostAsync("/api/v1/shop/events", new { id, @event = "started", operation = "PO-1.10", machine = "MC1" });
        Assert.Equal(HttpStatusCode.OK, started.StatusCode);
        var repeated = await node.PostAsync("/api/v1/shop/events", new { id, @event = "started", operation = "PO-1.10", machine = "MC1" });
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        var finished = await node.PostAsync("/api/v1/shop/events", new { id = Guid.NewGuid(), @event = "finished", operation = "PO-1.10", machine = "MC1", good = 3, scrap = 1 });
        Assert.Equal(HttpStatusCode.OK, finished.StatusCode);

        var order = Assert.Single((await node.JsonAsync("/api/v1/orders")).EnumerateArray());
        var operation = Assert.Single(order.GetProperty("operations").EnumerateArray());
        Assert.Equal(("finished", 3, 1), (operation.GetProperty("status").GetString(), operation.GetProperty("good").GetInt32(), operation.GetProperty("scrap").GetInt32()));
    }

    [Fact]
    public async Task A_report_that_cannot_be_is_refused_with_its_rule()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await PlanOf(node, _ => true);
        await node.SignInAsOwnerAsync();
        var answer = await node.PostAsync("/api/v1/shop/events", new { id = Guid.NewGuid(), @event = "finished", operation = "PO-1.10", machine = "MC1", good = 4, scrap = 0 });
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.StartsWith("shop-", (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_order_is_planned_and_the_ledger_tells_finding_decision_receipt_and_effect()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await PlanOf(node, _ => true);
        await node.SignInAsOwnerAsync();

        var added = await node.PostAsync("/api/v1/orders", new { id = "PO-2", item = "BODY", quantity = 1, release = "2026-11-02T08:00:00+09:00", due = "2036-11-03T08:00:00+09:00" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var plan = await PlanOf(node, p => p.Promises.Length == 2);

        Assert.Equal((2, 1, "new-order"), (plan.Number, plan.Parent, plan.Reason));
        var ledger = node.Services.GetRequiredService<ILoopDesk>();
        var entry = await UntilAsync(h => ledger.Changed += h, h => ledger.Changed -= h,
            async () => (await ledger.ListAsync(10, TestContext.Current.CancellationToken)).FirstOrDefault(e => e.Effect is not null && e.Number == 2));
        Assert.Equal("level 4", entry.Decision!.By);
        Assert.True(entry.Receipt!.Done);
        Assert.Equal(0, entry.Effect!.After);   // due in ten years: nothing is late
    }

    [Fact]
    public async Task What_was_reported_and_planned_is_there_after_a_restart()
    {
        var node = await RunningNode.StartAsync(Shop);
        var folder = node.Folder;
        await using (node)
        {
            await PlanOf(node, _ => true);
            await node.SignInAsOwnerAsync();
            Assert.Equal(HttpStatusCode.OK, (await node.PostAsync("/api/v1/shop/events", new { id = Guid.NewGuid(), @event = "started", operation = "PO-1.10", machine = "MC1" })).StatusCode);
        }
        await using var again = await RunningNode.StartAsync(Shop, folder);
        Assert.Null(again.Address.OwnerLink);   // the owner is known
        var desk = again.Services.GetRequiredService<IPlanDesk>();
        Assert.Equal(1, desk.InForce!.Number);
        Assert.Equal(OperationStatus.Running, Assert.Single(desk.Actuals).Status);
        Assert.Equal("PO-1", Assert.Single(desk.Orders).Id.Value);
    }

    [Fact]
    public async Task The_grains_answer_what_was_delivered_and_reported()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await PlanOf(node, _ => true);
        var grains = node.Services.GetRequiredService<IGrainFactory>();
        var recorder = node.Services.GetRequiredService<Ieum.Record.IRecorder>();
        var signal = recorder.Register(new Signal(new(new("MC1"), "exec"), Unit.One, ValueKind.Text, SignalRole.Execution));
        var at = node.Services.GetRequiredService<IShopFloor>().Now;
        var twin = grains.GetGrain<IMachineTwin>("MC1");

        await twin.IngestAsync(new(new("MC1.test"), new("MC1"), new[] { new Sample(signal, at.UtcTicks, at.UtcTicks, SampleValue.Of("ACTIVE"), Quality.Good) }));

        Assert.Equal(MachineState.Running, (await twin.ViewAsync()).State);
        Assert.Equal(MachineState.Running, node.Services.GetRequiredService<TwinBoard>().Find(new("MC1"))!.State);

        var answer = await node.Services.GetRequiredService<IOperatorDesk>().ReportAsync(
            new ShopEvent.Started(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at), TestContext.Current.CancellationToken);
        Assert.True(answer.Accepted, answer.Message);
        Assert.Equal(OperationStatus.Running, Assert.Single((await grains.GetGrain<IOrderTwin>("PO-1").ViewAsync()).Actuals).Status);
    }

    [Fact]
    public async Task The_card_of_a_machine_shows_what_its_counter_made_of_the_job_under_way()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        await PlanOf(node, _ => true);
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<Ieum.Record.IRecorder>();
        var floor = node.Services.GetRequiredService<IShopFloor>();
        var counter = recorder.Register(new Signal(new(new("MC1"), "parts"), Unit.Piece, ValueKind.Integer, SignalRole.PartCount));
        var at = floor.Now;
        Sample[] samples = [Says(at - 1.Hours, 500), Says(at - 5.Minutes, 501), Says(at - 1.Minutes, 503)];
        await recorder.AppendAsync(new(new("MC1.test"), new("MC1"), samples), TestContext.Current.CancellationToken);
        var answer = await node.Services.GetRequiredService<IOperatorDesk>().ReportAsync(
            new ShopEvent.Started(Guid.NewGuid(), new("PO-1.10"), new("MC1"), "kim", at - 10.Minutes), TestContext.Current.CancellationToken);
        Assert.True(answer.Accepted, answer.Message);

        var work = await UntilAsync(h => floor.Changed += h, h => floor.Changed -= h, () => Task.FromResult(floor.Card(new("MC1"))?.Work is { Counted: not null } w ? w : null));

        // 503 − 500, the reading before the start; nobody has reported
        Assert.Equal((3, 0, 3, true), (work.Counted, work.Good, work.Shown, work.IsCounted));
        var told = Assert.Single((await node.JsonAsync("/api/v1/machines")).EnumerateArray()).GetProperty("work");
        Assert.Equal((3, 0), (told.GetProperty("counted").GetInt32(), told.GetProperty("good").GetInt32()));

        Sample Says(DateTimeOffset when, long parts) => new(counter, when.UtcTicks, when.UtcTicks, SampleValue.Of(parts), Quality.Good);
    }

    internal static Task<PlanVersion> PlanOf(RunningNode node, Func<PlanVersion, bool> wanted)
    {
        var desk = node.Services.GetRequiredService<IPlanDesk>();
        return UntilAsync(h => desk.Changed += h, h => desk.Changed -= h, () => Task.FromResult(desk.InForce is { } p && wanted(p) ? p : null));
    }

    /// <summary>Looks again whenever the event is raised; gives up when the test is cancelled or when nothing was told for three minutes.</summary>
    internal static async Task<T> UntilAsync<T>(Action<Action> add, Action<Action> remove, Func<Task<T?>> look) where T : class
    {
        using var news = new SemaphoreSlim(0);
        void Tell() => news.Release();
        add(Tell);
        try
        {
            while (true)
            {
                if (await look() is { } found) return found;
                if (!await news.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken)) throw new TimeoutException("It did not come, and nothing was told for three minutes.");
            }
        }
        finally
        {
            remove(Tell);
        }
    }
}
