using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Loop;
using Ieum.Node.Views;
using Ieum.Plan;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>A machine stands on the wire, and the loop is closed: advice, decision, plan, receipt, effect; and what may come between.</summary>
public sealed class BreakdownLoopTests
{
    private static readonly DateTimeOffset Eight = DateTimeOffset.Parse("2026-11-02T08:00+09:00", System.Globalization.CultureInfo.InvariantCulture);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Two mills around the clock; a job of four hours for each, due after five and ten.</summary>
    private static string Shop(string act = "", string orders = "") => $$"""
        {
          "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1", "kind": "milling" }, { "id": "MC2", "kind": "milling" }] }] }] }] },
          "calendar": { "week": { "monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"], "wednesday": ["00:00-24:00"], "thursday": ["00:00-24:00"], "friday": ["00:00-24:00"], "saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"] } },
          "products": [{ "item": "BODY", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "1 h" }, { "machine": "MC2", "perPiece": "1 h" }] }] }],
          "orders": [{ "id": "PO-1", "item": "BODY", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2026-11-02T18:00+09:00" },
                     { "id": "PO-2", "item": "BODY", "quantity": 4, "release": "2026-11-02T08:00+09:00", "due": "2026-11-02T18:00+09:00" }{{orders}}],
          "Plan": { "SolveLimit": "0 s" }, "Loop": { "BreakdownAllowance": "48 h" },
          "Act": { "RiseAfter": 1, "EffectAfter": "9 h"{{act}} }
        }
        """;

    private sealed class Stage(RunningNode node, FakeTimeProvider clock) : IAsyncDisposable
    {
        public RunningNode Node => node;
        public FakeTimeProvider Clock => clock;
        public PlanDesk Plans => node.Services.GetRequiredService<PlanDesk>();
        public ILoopDesk Desk => node.Services.GetRequiredService<ILoopDesk>();
        public ILoopLedger Ledger => node.Services.GetRequiredService<ILoopLedger>();
        public MachineId Broken { get; private set; }

        public static async Task<Stage> OpenAsync(string act = "", string orders = "")
        {
            var clock = new FakeTimeProvider(Eight);
            var stage = new Stage(await RunningNode.StartAsync(Shop(act, orders), null, new(clock, TimeProvider.System)), clock);
            var plan = await LoopTests.PlanOf(stage.Node, _ => true);
            stage.Broken = plan.Operations.Single(o => o.Order.Value == "PO-1").Machine;
            Assert.Equal(2, plan.Operations.Select(o => o.Machine).Distinct().Count());
            await LoopTests.UntilAsync(h => stage.Desk.Changed += h, h => stage.Desk.Changed -= h, async () => (await stage.Desk.ListAsync(10, Cancel)).FirstOrDefault(e => e is { Effect: not null }));
            // From here on the test looks, at the moments it chooses.
            await stage.Node.StopLoopsAsync();
            return stage;
        }

        /// <summary>What the control says arrives as it does from any connection.</summary>
        public async Task SayAsync(string execution, string condition, MachineState state, MachineOverlay overlay)
        {
            var recorder = node.Services.GetRequiredService<IRecorder>();
            var exec = recorder.Register(new Signal(new(Broken, "exec"), Unit.One, ValueKind.Text, SignalRole.Execution));
            var alarm = recorder.Register(new Signal(new(Broken, "alarm"), Unit.One, ValueKind.Text, SignalRole.Condition));
            var at = clock.GetUtcNow().UtcTicks;
            await node.Services.GetRequiredService<IGrainFactory>().GetGrain<IMachineTwin>(Broken.Value).IngestAsync(new(new($"{Broken}.test"), Broken,
                new[] { new Sample(exec, at, at, SampleValue.Of(execution), Quality.Good), new Sample(alarm, at, at, SampleValue.Of(condition), Quality.Good) }));
            var floor = node.Services.GetRequiredService<IShopFloor>();
            await LoopTests.UntilAsync(h => floor.Changed += h, h => floor.Changed -= h,
                () => Task.FromResult(floor.Card(Broken) is { } c && c.State == state && c.Overlay.HasFlag(MachineOverlay.Fault) == overlay.HasFlag(MachineOverlay.Fault) ? c : null));
        }

        public Task BreakAsync() => SayAsync("INTERRUPTED", "Fault|9031|||SPINDLE", MachineState.Stopped, MachineOverlay.Fault);
        public Task RepairAsync() => SayAsync("READY", "Normal||||", MachineState.Idle, MachineOverlay.None);

        public async Task<ImmutableArray<LoopEntry>> LookAsync(TimeSpan later)
        {
            clock.Advance(later);
            await node.Services.GetRequiredService<BreakdownLoop>().LookAsync(Cancel);
            return [.. (await Desk.ListAsync(100, Cancel)).Where(e => e.Loop == BreakdownWatch.Loop && e.Change is null)];
        }

        public async Task<LoopEntry> AdvisedAsync()
        {
            await BreakAsync();
            return Assert.Single(await LookAsync(11.Minutes));
        }

        public async Task<AutonomyLevel> LevelAsync() => (await Ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level;
        public ValueTask DisposeAsync() => node.DisposeAsync();
    }

    [Fact]
    public async Task A_fault_on_the_wire_becomes_advice_plan_receipt_and_a_measured_effect()
    {
        await using var s = await Stage.OpenAsync();
        await s.BreakAsync();
        Assert.Empty(await s.LookAsync(9.Minutes));   // a minor stop so far
        var advice = Assert.Single(await s.LookAsync(2.Minutes));
        Assert.Equal((AutonomyLevel.Ask, s.Broken, 1), (advice.Level, advice.Machine, advice.Plan));
        Assert.Equal((Eight, Eight + 11.Minutes), (advice.Window!.Value.From, advice.Window.Value.To));
        // It stands for 48 h by the settings: PO-1 would end after 52 h, 42 h late; behind PO-2 on the other machine it ends at 16:11.
        Assert.Equal((42, 0), (advice.Expected!.Before, advice.Expected.After));
        Assert.InRange(advice.Confidence, 0, 1);
        Assert.Single(await s.LookAsync(1.Minutes));   // said once

        // The ways stand in the ledger by rank; doing nothing is the last that is advised.
        Assert.Equal(["nothing"], advice.Ways.All.Where(w => w.After > 0).Select(w => w.Kind));
        Assert.Contains(advice.Ways.All, w => w is { Kind: "machine", After: 0, Until: not null, Gate: not null });
        await s.Node.SignInAsOwnerAsync();
        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync("/api/v1/loops/levels/breakdown/allow", new { most = "actInsideLimits" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await s.Node.PostAsync("/api/v1/loops/levels/breakdown/allow", new { most = "watch" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/decision", new { accepted = true, way = "machine" })).StatusCode);
        var plan = s.Plans.InForce!;
        Assert.Equal((2, "machine-down"), (plan.Number, plan.Reason));
        Assert.DoesNotContain(plan.Operations, o => o.Machine == s.Broken);
        var done = Assert.Single(await s.LookAsync(1.Minutes));
        Assert.Equal("machine", done.Decision!.Way);
        Assert.Equal((true, "owner", true, 2), (done.Decision.Accepted, done.Decision.By, done.Receipt!.Done, done.Acting!.Plan));
        Assert.Null(done.Effect);

        // Both jobs are worked one after the other; the machine comes back after six hours.
        var people = s.Node.Services.GetRequiredService<IOperatorDesk>();
        var jobs = plan.Operations.OrderBy(o => o.Start).ToList();
        await Report(o => new ShopEvent.Started(Guid.NewGuid(), o.Operation, o.Machine, "kim", s.Clock.GetUtcNow()), jobs[0]);
        s.Clock.Advance(4.Hours);
        await Report(o => new ShopEvent.Finished(Guid.NewGuid(), o.Operation, o.Machine, "kim", s.Clock.GetUtcNow(), 4, 0), jobs[0]);
        await Report(o => new ShopEvent.Started(Guid.NewGuid(), o.Operation, o.Machine, "kim", s.Clock.GetUtcNow()), jobs[1]);
        s.Clock.Advance(2.Hours);
        await s.RepairAsync();
        Assert.Null((await s.LookAsync(1.Minutes)).Single(e => e.Number == advice.Number).Effect);   // one is not finished, and nine hours are not over
        s.Clock.Advance(2.Hours);
        await Report(o => new ShopEvent.Finished(Guid.NewGuid(), o.Operation, o.Machine, "kim", s.Clock.GetUtcNow(), 4, 0), jobs[1]);
        var measured = (await s.LookAsync(1.Minutes)).Single(e => e.Number == advice.Number);
        var finished = advice.Expected.Orders;
        Assert.Equal(("tardiness h", finished, finished), (measured.Effect!.Measure, measured.Effect.Orders, measured.Effect.Finished));
        Assert.StartsWith(LoopTexts.BasisReplayed, measured.Effect.Basis, StringComparison.Ordinal);
        // It stood for 6.2 h and not for 48: PO-1 would have ended at 18:14 and was due at 18:00. That is what the act was worth, no more.
        Assert.Equal((0.2, 0), (measured.Effect.Before, measured.Effect.After));
        Assert.Equal(AutonomyLevel.ActInsideLimits, await s.LevelAsync());   // RiseAfter is 1 here

        async Task Report(Func<PlannedOperation, ShopEvent> report, PlannedOperation o) => Assert.True((await people.ReportAsync(report(o), Cancel)).Accepted);
        var levels = await s.Node.JsonAsync("/api/v1/loops/levels");
        Assert.Equal("actInsideLimits", levels.EnumerateArray().Single(l => l.GetProperty("loop").GetString() == "breakdown").GetProperty("level").GetString());
        var verdict = await s.Node.JsonAsync("/api/v1/loops/verdict");
        Assert.Equal(JsonValueKind.Null, verdict.GetProperty("brokenAt").ValueKind);
    }

    [Fact]
    public async Task Nobody_answers_the_machine_comes_back_or_the_plan_moves_on_and_each_is_said()
    {
        await using var s = await Stage.OpenAsync();
        var first = await s.AdvisedAsync();
        var after = await s.LookAsync(4.Hours);
        Assert.Equal((false, LoopDecision.NobodyAnswered), (after.Single(e => e.Number == first.Number).Decision!.Accepted, after.Single(e => e.Number == first.Number).Decision!.By));
        var second = after.Single(e => e.Decision is null);   // it is said again as long as it is so

        await s.Plans.ReplanAsync("asked", "kim", Cancel);
        var moved = await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(second.Number, true, "kim", null, Cancel));
        Assert.Equal(LoopRules.Overtaken, moved.Rule);
        Assert.Equal(LoopDecision.NewFacts, (await s.Ledger.FindAsync(second.Number, Cancel))!.Decision!.By);
        await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(second.Number, true, "kim", null, Cancel));

        await s.RepairAsync();
        var plan = s.Plans.InForce!.Number;
        Assert.All(await s.LookAsync(1.Minutes), e => Assert.NotNull(e.Decision));
        Assert.Equal(plan, s.Plans.InForce!.Number);
        Assert.Equal(AutonomyLevel.Ask, await s.LevelAsync());
    }

    [Fact]
    public async Task Two_people_press_yes_and_the_stop_switch_is_stronger_than_both()
    {
        await using var s = await Stage.OpenAsync();
        await s.Node.SignInAsOwnerAsync();
        var advice = await s.AdvisedAsync();
        var writes = s.Node.Services.GetRequiredService<IWriteDesk>();
        Assert.True((await writes.StopAllAsync("drill", "owner", Cancel)).Ok);
        Assert.Equal(LoopRules.Stopped, (await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(advice.Number, true, "kim", null, Cancel))).Rule);
        Assert.True((await writes.ReleaseAsync("drill over", "owner", Cancel)).Ok);

        var tries = await Task.WhenAll(Enumerable.Range(0, 5).Select(async i =>
        {
            try { await s.Desk.DecideAsync(advice.Number, true, $"user-{i}", null, Cancel); return true; }
            catch (InvalidOperationException) { return false; }
        }));
        Assert.Single(tries, t => t);
        Assert.Equal(2, s.Plans.InForce!.Number);

        var undone = await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/undo", new { });
        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        Assert.Equal(3, s.Plans.InForce!.Number);
        Assert.Equal(s.Broken, s.Plans.InForce.Operations.Single(o => o.Order.Value == "PO-1").Machine);   // as it was before
        Assert.Equal(AutonomyLevel.Advise, await s.LevelAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/undo", new { })).StatusCode);
        Assert.Single(await s.LookAsync(1.Minutes));   // who took it back is not asked again
    }

    [Fact]
    public async Task At_level_three_it_waits_for_a_veto_and_acts_only_without_one()
    {
        await using var s = await Stage.OpenAsync(""", "BreakdownLevel": "ActInsideLimits" """);
        await s.Node.SignInAsOwnerAsync();
        var advice = await s.AdvisedAsync();
        Assert.Equal(Eight + 21.Minutes, advice.ActsAt);
        Assert.Equal(HttpStatusCode.OK, (await s.Node.PostAsync($"/api/v1/loops/{advice.Number}/veto", new { note = "the fitter is here" })).StatusCode);
        Assert.Equal((1, AutonomyLevel.Ask), (s.Plans.InForce!.Number, await s.LevelAsync()));
        await s.RepairAsync();
        await s.LookAsync(1.Minutes);

        await using var t = await Stage.OpenAsync(""", "BreakdownLevel": "ActInsideLimits" """);
        await t.AdvisedAsync();
        Assert.Null(Assert.Single(await t.LookAsync(9.Minutes)).Decision);
        var acted = Assert.Single(await t.LookAsync(2.Minutes));
        Assert.Equal(("level 3", true, 2), (acted.Decision!.By, acted.Receipt!.Done, t.Plans.InForce!.Number));
    }

    [Fact]
    public async Task What_lies_outside_the_limits_is_asked_for_and_a_loop_that_watches_asks_nobody()
    {
        // With a third job more than one operation moves, wherever it stands.
        await using var s = await Stage.OpenAsync(""", "BreakdownLevel": "ActAndReport", "LimitMoved": 1 """,
            """, { "id": "PO-3", "item": "BODY", "quantity": 2, "release": "2026-11-02T08:00+09:00", "due": "2026-11-02T20:00+09:00" }""");
        var asked = await s.AdvisedAsync();
        Assert.True(asked.Expected!.Moved > 1);
        Assert.Equal((AutonomyLevel.Ask, 1), (asked.Level, s.Plans.InForce!.Number));
        await using var a = await Stage.OpenAsync(""", "BreakdownLevel": "ActAndReport", "LimitMoved": 1 """);
        Assert.Equal(("level 4", 2), ((await a.AdvisedAsync()).Decision!.By, a.Plans.InForce!.Number));
        await using var w = await Stage.OpenAsync(""", "BreakdownLevel": "Watch" """);
        Assert.Equal("level 0", (await w.AdvisedAsync()).Decision!.By);
        Assert.Equal(1, w.Plans.InForce!.Number);
    }

    [Fact]
    public async Task A_way_is_refused_after_its_time_and_the_page_of_replanning_keeps_the_same_book()
    {
        await using var s = await Stage.OpenAsync(""", "AdviceLife": "20 h" """);
        var advice = await s.AdvisedAsync();
        var replan = s.Node.Services.GetRequiredService<IReplanDesk>();
        var seen = Assert.Single(replan.Told);
        Assert.True(seen is { IsSeen: true, Change: PlanChange.MachineDown down } && down.Machine == s.Broken, $"{seen}");
        Assert.False(await replan.OverAsync(seen.Id, "kim"));   // it stands by its own word
        var known = Assert.Single(replan.Cases);
        Assert.Equal(advice.Ways.All.Select(w => w.Kind).Order(StringComparer.Ordinal), known.Answer.Alternatives.Select(a => LoopWaysOf.Word(a.Kind)).Order(StringComparer.Ordinal));

        var machine = advice.Ways.Find("machine")!;
        s.Clock.Advance(machine.Until!.Value - s.Clock.GetUtcNow());
        Assert.Equal(LoopRules.TooLate, (await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(advice.Number, true, "kim", null, "machine", Cancel))).Rule);
        Assert.Equal(LoopRules.NoWay, (await Assert.ThrowsAsync<LoopRefusedException>(() => s.Desk.DecideAsync(advice.Number, true, "kim", null, "by-magic", Cancel))).Rule);
        Assert.Equal(ReplanRules.TooLate, (await replan.ChooseAsync(known.Told.Id, AlternativeKind.Machine, "kim")).Rule);
        Assert.Equal((null, 1), ((await s.Ledger.FindAsync(advice.Number, Cancel))!.Decision, s.Plans.InForce!.Number));

        // What is still open can be taken, there or here: it is one advice.
        var chosen = await replan.ChooseAsync(known.Told.Id, AlternativeKind.Nothing, "kim");
        Assert.Equal((null, 2), (chosen.Rule, chosen.Plan));
        var decided = (await s.Ledger.FindAsync(advice.Number, Cancel))!;
        Assert.Equal(("kim", "nothing", true), (decided.Decision!.By, decided.Decision.Way, decided.Receipt!.Done));
        Assert.Empty(replan.Cases);
        Assert.Null((await s.Ledger.VerifyAsync(Cancel)).BrokenAt);
    }

    [Fact]
    public async Task Killed_at_any_moment_between_yes_and_receipt_it_is_done_once_and_whole_or_not_at_all_and_says_which()
    {
        long number;
        IReadOnlyList<string> folders;
        await using (var s = await Stage.OpenAsync())
        {
            var advice = await s.AdvisedAsync();
            number = advice.Number;
            Assert.NotNull(advice.Ways.Find("split"));   // the way that changes most: a lot comes into the book, and a plan that needs it
            using var points = new CrashPoints(s.Node.Folder);
            await s.Desk.DecideAsync(number, true, "kim", null, "split", Cancel);
            folders = points.Folders;
        }
        Assert.InRange(folders.Count, 6, 20);
        var done = 0;
        foreach (var folder in folders)
        {
            await using var again = await RunningNode.StartAsync(Shop(), folder, new(new FakeTimeProvider(Eight + 12.Minutes), TimeProvider.System));
            var plans = again.Services.GetRequiredService<PlanDesk>();
            var ledger = again.Services.GetRequiredService<ILoopLedger>();
            var e = (await ledger.FindAsync(number, Cancel))!;
            var isDone = plans.InForce!.Number == 2;
            if (isDone) done++;
            Assert.Equal((true, isDone), (e.Decision!.Accepted, e.Receipt!.Done));
            // The book, the lock of the new lot's machine and the plan belong together.
            Assert.Equal(isDone ? 3 : 2, plans.Orders.Length);
            Assert.Equal(plans.Orders.Select(o => o.Id.Value).Order(StringComparer.Ordinal), plans.InForce.Promises.Select(p => p.Order.Value).Order(StringComparer.Ordinal));
            Assert.Equal(8, plans.Orders.Sum(o => o.Quantity));
            Assert.Single(plans.History, p => p.Number == plans.InForce.Number);
            await again.Services.GetRequiredService<BreakdownLoop>().LookAsync(Cancel);
            Assert.Equal(isDone ? 2 : 1, again.Services.GetRequiredService<PlanDesk>().InForce!.Number);   // and not once more
            Assert.Null((await ledger.VerifyAsync(Cancel)).BrokenAt);
        }
        Assert.InRange(done, 1, folders.Count - 2);   // both sides of the point of no return were looked at
    }

    [Fact]
    public async Task A_node_that_ended_between_yes_and_act_tells_what_was_done_and_does_nothing_twice()
    {
        string folder;
        long undone, found;
        await using (var s = await Stage.OpenAsync())
        {
            folder = s.Node.Folder;
            undone = (await s.AdvisedAsync()).Number;
            await s.Ledger.DecideAsync(undone, true, "kim", null, Cancel);   // and the power goes
            found = (await s.Ledger.AdviseAsync("replan", AutonomyLevel.Ask, "f", "a", "m", 1, Cancel)).Number;
            await s.Ledger.DecideAsync(found, true, "kim", null, Cancel);
            await s.Ledger.ActingAsync(found, 1, Cancel);   // plan 1 is in the store, its receipt is not
        }
        await using var again = await RunningNode.StartAsync(Shop(), folder, new(new FakeTimeProvider(Eight + 1.Hours), TimeProvider.System));
        var ledger = again.Services.GetRequiredService<ILoopLedger>();
        var (lost, there) = ((await ledger.FindAsync(undone, Cancel))!, (await ledger.FindAsync(found, Cancel))!);
        Assert.Equal((false, LoopTexts.ReceiptInterrupted), (lost.Receipt!.Done, lost.Receipt.What));
        Assert.True(there.Receipt!.Done);
        Assert.Equal(1, again.Services.GetRequiredService<PlanDesk>().InForce!.Number);
        Assert.Null((await ledger.VerifyAsync(Cancel)).BrokenAt);
    }
}
