using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>Work moved by hand on a real plan: what makes way, what is refused, what can be taken back, what reaches the shop floor.</summary>
public sealed class BoardTests
{
    /// <summary>Two machines that never rest. A1 and A2 (60 min each: 20 min set-up, 4 pieces of 10 min) go over MC1 or MC2; B only over MC2.</summary>
    private const string Shop = """
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1" }, { "id": "MC2" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [
            { "item": "A", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "setUp": "20 min", "perPiece": "10 min" }, { "machine": "MC2", "setUp": "20 min", "perPiece": "10 min" }] }] },
            { "item": "B", "steps": [{ "step": 10, "machines": [{ "machine": "MC2", "setUp": "20 min", "perPiece": "10 min" }] }] }
          ],
          "orders": [
            { "id": "A1", "item": "A", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2036-11-09T18:00+09:00" },
            { "id": "A2", "item": "A", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2036-11-09T18:00+09:00" },
            { "id": "B1", "item": "B", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2036-11-09T18:00+09:00" }
          ],
          "Plan": { "SolveLimit": "1 s", "Trials": 200 }, "Act": { "ReplanLevel": "Advise" }
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_move_is_tried_without_a_trace_done_in_a_draft_taken_back_and_put_into_force_with_its_lock()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var (board, desk, plan) = await PlannedAsync(node);
        var a1 = plan.Operations.Single(o => o.Order.Value == "A1");
        var wanted = a1.Start.AddHours(10);

        var tried = await board.TryAsync("kim", a1.Operation, new("MC2"), wanted, Cancel);
        Assert.True(tried.Accepted, tried.Message);
        Assert.Equal(wanted, tried.Start);
        Assert.Null(board.Of("kim"));

        Assert.True((await board.MoveAsync("kim", a1.Operation, new("MC2"), wanted, Cancel)).Accepted);
        var draft = board.Of("kim")!;
        Assert.Equal((1, 0, false), (draft.Changes, draft.Undone, draft.Outdated));
        Assert.Equal((new MachineId("MC2"), wanted), draft.Plan.Operations.Where(o => o.Operation == a1.Operation).Select(o => (o.Machine, o.Start)).Single());
        Assert.True(draft.Plan.Verified);
        Assert.Null(board.Of("lee"));                        // a draft is one person's
        Assert.Equal(plan, desk.InForce);                    // and nobody works by it yet

        Assert.True(board.Undo("kim"));
        Assert.Equal(a1.Start, board.Of("kim")!.Plan.Operations.Single(o => o.Operation == a1.Operation).Start);
        Assert.False(board.Undo("kim"));
        Assert.True(board.Redo("kim"));
        Assert.False(board.Redo("kim"));

        Assert.True((await board.AdoptAsync("kim", Cancel)).Accepted);
        Assert.Equal(("by-hand", plan.Number + 1), (desk.InForce!.Reason, desk.InForce.Number));
        Assert.Equal(wanted, desk.InForce.Operations.Single(o => o.Operation == a1.Operation).Start);
        Assert.Null(board.Of("kim"));
        Assert.Equal(a1.Operation, Assert.Single(board.Locks).Operation);
        // A plan of the search keeps what was locked.
        await desk.ReplanAsync("asked", "kim", Cancel);
        Assert.Equal((new MachineId("MC2"), wanted), desk.InForce.Operations.Where(o => o.Operation == a1.Operation).Select(o => (o.Machine, o.Start)).Single());
    }

    [Fact]
    public async Task What_stands_where_work_is_put_makes_way_and_is_told()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var (board, _, plan) = await PlannedAsync(node);
        var b1 = plan.Operations.Single(o => o.Order.Value == "B1");
        var a1 = plan.Operations.Single(o => o.Order.Value == "A1");
        var start = b1.Start > a1.Start ? b1.Start : a1.Start;
        start = start.AddMinutes(5);
        var answer = await board.MoveAsync("kim", a1.Operation, new("MC2"), start, Cancel);
        Assert.True(answer.Accepted, answer.Message);
        var after = board.Of("kim")!.Plan.Operations.Where(o => o.Machine.Value == "MC2").OrderBy(o => o.Start).ToList();
        Assert.All(after.Zip(after.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        Assert.All(answer.Moves, m => Assert.NotEqual(a1.Operation, m.Operation));
        Assert.True(answer.Moves.Any(m => m.Operation == b1.Operation) || answer.Start > start, "either the other one makes way or the moved one waits for it");
    }

    [Theory]
    [InlineData("B1.10", "MC1", 5, BoardRules.MachineCannot)]
    [InlineData("A1.10", "MC1", -5, BoardRules.Past)]
    [InlineData("A9.10", "MC1", 5, BoardRules.Unknown)]
    public async Task What_cannot_be_is_refused_with_its_rule(string operation, string machine, int hours, string rule)
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var (board, desk, _) = await PlannedAsync(node);
        var answer = await board.MoveAsync("kim", new(operation), new(machine), ((PlanDesk)desk).Now.AddHours(hours), Cancel);
        Assert.Equal((false, rule), (answer.Accepted, answer.Rule));
        Assert.Null(board.Of("kim"));
    }

    [Fact]
    public async Task Begun_work_and_the_frozen_zone_stay()
    {
        await using var node = await RunningNode.StartAsync(Shop.Replace("\"Plan\":", "\"Loop\": { \"FrozenZone\": \"2 h\" }, \"Plan\":", StringComparison.Ordinal));
        var (board, desk, plan) = await PlannedAsync(node);
        var first = plan.Operations.MinBy(o => o.Start)!;
        var now = ((PlanDesk)desk).Now;
        Assert.Equal(BoardRules.Frozen, (await board.MoveAsync("kim", first.Operation, first.Machine, now.AddHours(9), Cancel)).Rule);   // begins inside
        var report = await node.Services.GetRequiredService<IOperatorDesk>().ReportAsync(new ShopEvent.Started(Guid.NewGuid(), first.Operation, first.Machine, "kim", now), Cancel);
        Assert.True(report.Accepted, report.Message);
        Assert.Equal(BoardRules.Begun, (await board.MoveAsync("kim", first.Operation, first.Machine, now.AddHours(9), Cancel)).Rule);
        Assert.Equal(BoardRules.Begun, (await board.LockAsync("kim", first.Operation, Cancel)).Rule);
    }

    [Fact]
    public async Task A_lot_is_split_into_two_that_make_the_same_pieces_together()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var (board, desk, plan) = await PlannedAsync(node);
        var a1 = plan.Operations.Single(o => o.Order.Value == "A1").Operation;
        Assert.Equal(BoardRules.Pieces, (await board.SplitAsync("kim", a1, 4, Cancel)).Rule);
        Assert.Equal(BoardRules.Pieces, (await board.SplitAsync("kim", a1, 0, Cancel)).Rule);
        var answer = await board.SplitAsync("kim", a1, 1, Cancel);
        Assert.True(answer.Accepted, answer.Message);
        Assert.Equal([("A1", 3), ("A1-L2", 1)], board.Of("kim")!.Plan.Operations.Where(o => o.Order.Value.StartsWith("A1", StringComparison.Ordinal)).OrderBy(o => o.Order.Value, StringComparer.Ordinal).Select(o => (o.Order.Value, o.Quantity)));
        Assert.Equal(3, desk.Orders.Length);                 // the book is untouched until the draft is put into force
        Assert.True((await board.AdoptAsync("kim", Cancel)).Accepted);
        Assert.Equal([3, 4, 4, 1], desk.Orders.Select(o => o.Quantity));
        Assert.Equal("A1-L2", desk.Orders[3].Lot?.Value);
    }

    [Fact]
    public void A_lot_that_parts_after_begun_steps_takes_only_the_steps_that_follow()
    {
        var routing = new Routing(new("A"), [Work(10), Work(20), Work(30)]);
        var at = new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.FromHours(9));
        var order = new Order(new("A1"), routing, 10, at, at.AddDays(9), weight: 7);
        var planned = new PlannedOperation(new("A1.20"), order.Id, 20, new("MC1"), 9, at, at.AddHours(1), TimeSpan.Zero, 1.Hours);   // one was scrapped at step 10
        OperationActual[] actuals = [new(new("A1.10"), OperationStatus.Finished, new("MC1"), at, at.AddHours(1), 9, 1)];

        var (kept, lot) = LotSplit.Of(order, planned, 4, actuals, [order, new Order(new("A1-L2"), routing, 1, at, at.AddDays(9))]);
        Assert.Equal(("A1", 5, "A1-L3", 4, 7), (kept.Id.Value, kept.Quantity, lot.Id.Value, lot.Quantity, lot.Weight));
        Assert.Equal([20, 30], lot.Routing.Steps.Select(s => s.Number));
        Assert.Equal(3, LotSplit.Of(order, planned, 4, [], [order]).Lot.Routing.Steps.Length);

        static RoutingStep Work(int number) => new RoutingStep.Work(number, $"step {number}", [new MachineOption(new("MC1"), TimeSpan.Zero, 6.Minutes)]);
    }

    private static async Task<(IPlanBoard Board, IPlanDesk Desk, PlanVersion Plan)> PlannedAsync(RunningNode node)
    {
        var desk = node.Services.GetRequiredService<IPlanDesk>();
        await LoopTests.PlanOf(node, p => p.Operations.Length == 3);
        return (node.Services.GetRequiredService<IPlanBoard>(), desk, desk.InForce!);
    }
}
