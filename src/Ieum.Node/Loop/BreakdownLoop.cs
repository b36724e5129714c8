using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>What an advice about a broken machine is about; kept with it, so that what was shown is what is done.</summary>
/// <param name="Plan">The plan that it advises.</param>
/// <param name="Kept">The plan in force as it would go on without it.</param>
/// <param name="Orders">Orders that differ between both, or are hit.</param>
internal sealed record BreakdownDraft(PlanVersion Plan, PlanVersion Kept, ImmutableArray<OrderId> Orders, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>
/// The loop over machines that stand: a fault on the wire or a report of a person → another plan, when one is less late →
/// a decision at the loop's level → that plan in force → what came of it. It also ends advices that nobody answered.
/// </summary>
/// <remarks>Looks, decisions and acts take turns, so that one advice is acted on once and none against facts that are gone.</remarks>
internal sealed partial class BreakdownLoop(
    PlanDesk plans, IShopFloor floor, ILoopLedger ledger, LoopStore store, IPlanner planner, IWriteDesk writes, DocumentStore documents,
    IOptions<ActOptions> act, IOptions<LoopOptions> options, Clocks clocks, ILogger<BreakdownLoop> log) : IDisposable
{
    private static readonly TimeSpan Memory = TimeSpan.FromDays(28);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<MachineId, DateTimeOffset> _down = [];
    private readonly Dictionary<MachineId, TimeRange> _over = [];
    // What was judged: against which plan, and until when the guess of its length holds.
    private readonly Dictionary<MachineId, (int Plan, DateTimeOffset Until)> _judged = [];
    private readonly Dictionary<long, PlanRequest> _asked = [];
    private volatile ImmutableHashSet<MachineId> _covered = [];
    private IReadOnlyList<LoopEntry> _entries = [];
    private int _stale = 1;

    public void Dispose() => _turn.Dispose();

    /// <summary>Whether a machine's standstill is in this loop's hands; other loops leave it alone then.</summary>
    public bool Covers(MachineId machine) => _covered.Contains(machine);

    /// <summary>What an earlier run of the node left between decision and receipt: done or not is told, nothing is done twice.</summary>
    public async Task RecoverAsync(CancellationToken cancel)
    {
        store.Changed += () => Interlocked.Exchange(ref _stale, 1);
        foreach (var e in (await ledger.ListAsync(1000, cancel)).Where(e => e is { Decision.Accepted: true, Receipt: null } && e.Loop is BreakdownWatch.Loop or ReplanWatch.ReplanLoop or ReplanWatch.LearnedTimeLoop))
        {
            var done = e.Acting is { } acting && plans.History.Any(p => p.Number == acting.Plan);
            await ledger.ReceiptAsync(e.Number, done, (done ? LoopText.Of(LoopTexts.ReceiptFoundDone, e.Acting!.Plan) : LoopText.Of(LoopTexts.ReceiptInterrupted)).ToString(), cancel);
            await plans.SettledAsync(e.Number);
            Log.LoopRecovered(log, e.Number, done);
        }
    }

    /// <summary>One look at the machines, at the advices that wait, and at the acts whose effect is due.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var now = clocks.Factory.GetUtcNow();
            See(now);
            foreach (var e in (await EntriesAsync(cancel)).Where(e => e.Decision is null)) await TendAsync(e, now, cancel);
            foreach (var (machine, since) in _down.ToArray())
                if (now - since >= act.Value.BreakdownAfter) await ProposeAsync(machine, since, now, cancel);
            foreach (var e in (await EntriesAsync(cancel)).Where(e => e is { Loop: BreakdownWatch.Loop, Receipt.Done: true, Effect: null, Undo: null, Change: null }))
                await MeasureAsync(e, now, cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <exception cref="LoopRefusedException">The facts are other ones now, or all loops are stopped.</exception>
    public async Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var e = await ledger.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            if (e.Decision is not null) throw new LoopRefusedException(LoopRules.Decided, $"by {e.Decision.By}");
            if (!accepted) return await ledger.DecideAsync(number, false, by, note, cancel);
            if (writes.Stop is { } stop) throw new LoopRefusedException(LoopRules.Stopped, $"{stop.By}: {stop.Reason}");
            if (Void(e) is { } why)
            {
                await ledger.DecideAsync(number, false, LoopDecision.NewFacts, why.ToString(), CancellationToken.None);
                throw new LoopRefusedException(LoopRules.Overtaken, why.English());
            }
            return await ActAsync(e, by, note);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyList<LoopEntry>> EntriesAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _stale, 0) == 1) _entries = await ledger.ListAsync(1000, cancel);
        return _entries;
    }

    /// <summary>Which machines stand. A machine that cannot be heard stands or not as it did.</summary>
    private void See(DateTimeOffset now)
    {
        var reported = plans.Broken.Since;
        foreach (var card in floor.Cards)
        {
            var id = card.Machine.Id;
            DateTimeOffset? fault = StateLook.Of(card.State, card.Overlay).Name == "fault" ? card.Since : null;
            DateTimeOffset? told = reported.TryGetValue(id, out var t) ? t : null;
            var since = fault is { } f && told is { } r ? f < r ? f : r : fault ?? told;
            if (since is { } begin) _down[id] = _down.TryGetValue(id, out var known) && known < begin ? known : begin;
            else if (card.State is not (MachineState.Unknown or MachineState.Offline) && _down.Remove(id, out var begun))
            {
                _over[id] = new(begun, now > begun ? now : begun);
                _judged.Remove(id);
                plans.Stands(id, null);
            }
        }
        _covered = [.. _judged.Keys];
    }

    /// <summary>Why an open advice holds no more; null while it does.</summary>
    private LoopText? Void(LoopEntry e) => e switch
    {
        { Machine: { } machine } when !_down.ContainsKey(machine) => LoopText.Of(LoopTexts.NoteMachineBack, machine),
        { Plan: { } plan } when plans.InForce?.Number is { } now && now != plan => LoopText.Of(LoopTexts.NotePlanMoved, now),
        _ => null,
    };

    private async Task TendAsync(LoopEntry e, DateTimeOffset now, CancellationToken cancel)
    {
        if (e.ExpiresAt <= now)
        {
            await ledger.DecideAsync(e.Number, false, LoopDecision.NobodyAnswered, LoopText.Of(LoopTexts.NoteExpired, Hours(now - e.At)).ToString(), cancel);
            if (e.Loop == PlanDesk.LearnedTimeLoop) await plans.SettledAsync(e.Number);
            if (e.Machine is { } machine) _judged.Remove(machine);   // it is said again as long as it is so
            Log.AdviceExpired(log, e.Number, e.Loop);
        }
        else if (e.Loop == BreakdownWatch.Loop && Void(e) is { } why)
            await ledger.DecideAsync(e.Number, false, LoopDecision.NewFacts, why.ToString(), cancel);
        else if (e.Loop == BreakdownWatch.Loop && e.ActsAt <= now && writes.Stop is null)
            await ActAsync(e, $"level {(int)e.Level}", null);
    }

    private async Task ProposeAsync(MachineId machine, DateTimeOffset since, DateTimeOffset now, CancellationToken cancel)
    {
        if (plans.InForce is not { } plan || (_judged.TryGetValue(machine, out var judged) && judged.Plan == plan.Number && now < judged.Until)) return;
        if ((await EntriesAsync(cancel)).Any(e => e is { Loop: BreakdownWatch.Loop, Decision: null } && e.Machine == machine)) return;
        var guess = BreakdownWatch.Guess(now - since, await PastAsync(machine, since, now, cancel), options.Value.BreakdownAllowance, act.Value.LateTolerance);
        var until = since + guess.Total;
        _judged[machine] = (plan.Number, until);
        _covered = [.. _judged.Keys];
        plans.Stands(machine, new(since, until));
        var done = plans.Actuals.Where(a => a.Status == OperationStatus.Finished).Select(a => a.Operation).ToHashSet();
        if (!plan.On(machine).Any(o => o.End > since && !done.Contains(o.Operation))) return;   // it stands in nobody's way

        var request = plans.Request("machine-down", plans.Orders);
        if (await planner.PlanAsync(request with { KeepSequence = true }, cancel) is not PlanOutcome.Planned { Plan: var kept }
            || await planner.PlanAsync(request, cancel) is not PlanOutcome.Planned { Plan: var other })
        {
            Log.NoPlan(log, "machine-down", $"no plan around {machine}");
            return;
        }
        await AdviseAsync(machine, new(since, now), guess, request, new(other, kept, Hit(plan, kept, other), since, until), cancel);
    }

    private async Task AdviseAsync(MachineId machine, TimeRange window, StandstillGuess guess, PlanRequest request, BreakdownDraft draft, CancellationToken cancel)
    {
        var now = window.To;
        var (before, after) = (Tardiness(draft.Kept), Tardiness(draft.Plan));
        var moved = draft.Plan.Operations.Count(o => draft.Kept.Operations.FirstOrDefault(k => k.Operation == o.Operation) is not { } k || k.Machine != o.Machine || (k.Start - o.Start).Duration() > TimeSpan.FromHours(1));
        var pays = before - after >= act.Value.LateTolerance;
        var lateToo = draft.Plan.Late.Any(l => draft.Kept.Promises.FirstOrDefault(p => p.Order == l.Order) is not { IsLate: true });
        var left = draft.Until - now;
        var standing = await ledger.StandingAsync(BreakdownWatch.Loop, cancel);
        var inside = moved <= act.Value.LimitMoved && !lateToo;
        // What lies outside the limits is asked for, and what is stopped too.
        var level = standing.Level > AutonomyLevel.Ask && (!inside || writes.Stop is not null) ? AutonomyLevel.Ask : standing.Level;
        var entry = await ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, level,
            LoopText.Of(LoopTexts.FindingBreakdown, machine, Math.Round(window.Duration.TotalMinutes), draft.Orders.Length).ToString(),
            (pays ? LoopText.Of(LoopTexts.AdviceReroute, moved, Hours(after), Hours(before), Hours(left), plans.InForce!.Number) : LoopText.Of(LoopTexts.AdviceWait, machine, Hours(left))).ToString(),
            FormattableString.Invariant($"{BreakdownWatch.Model}, {(guess.Measured ? "median of" : "settings;")} {guess.Samples} standstills in {Memory.TotalDays:0} d; {draft.Plan.Solver}"),
            guess.Confidence)
        {
            Machine = machine, Window = window, Samples = guess.Samples, Plan = plans.InForce?.Number,
            Expected = new("tardiness h", Hours(before), Hours(after), draft.Orders.Length, moved),
            ExpiresAt = pays ? now + act.Value.AdviceLife : null,
            ActsAt = pays && level == AutonomyLevel.ActInsideLimits ? now + act.Value.VetoTime : null,
        }, cancel);
        if (!pays)
        {
            await ledger.DecideAsync(entry.Number, false, LoopDecision.NewFacts, LoopText.Of(LoopTexts.NoteNothingBetter).ToString(), cancel);
            return;
        }
        if (level == AutonomyLevel.Watch)
        {
            await ledger.DecideAsync(entry.Number, false, "level 0", LoopText.Of(LoopTexts.NoteOnlyWatches).ToString(), cancel);
            return;
        }
        await documents.SaveAsync(DraftOf(entry.Number), draft, BreakdownWatch.Loop, CancellationToken.None);
        _asked[entry.Number] = request;
        if (level == AutonomyLevel.ActAndReport) await ActAsync(entry, $"level {(int)level}", null);
    }

    /// <summary>Decides and does it: what was shown comes into force, its times by the facts of now. In turn.</summary>
    private async Task<LoopEntry> ActAsync(LoopEntry e, string by, string? note)
    {
        await ledger.DecideAsync(e.Number, true, by, note, CancellationToken.None);
        var draft = await documents.FindAsync<BreakdownDraft>(DraftOf(e.Number), CancellationToken.None);
        try
        {
            await plans.CarryOutAsync(e.Number, "machine-down", draft is null ? null : new(draft.Plan, default, plans.Locks, by), isMeasured: true);
        }
        finally
        {
            if (e.Machine is { } machine && _judged.TryGetValue(machine, out var judged) && plans.InForce is { } plan) _judged[machine] = judged with { Plan = plan.Number };
        }
        return await ledger.FindAsync(e.Number, CancellationToken.None) ?? e;
    }

    /// <summary>Lengths of the machine's earlier standstills with a fault.</summary>
    private async Task<List<TimeSpan>> PastAsync(MachineId machine, DateTimeOffset since, DateTimeOffset now, CancellationToken cancel)
    {
        var past = new List<TimeRange>();
        foreach (var span in await floor.TimelineAsync(machine, new(now - Memory, now), cancel))
        {
            if (StateLook.Of(span.State, span.Overlay).Name != "fault" || span.Range.To > since) continue;
            if (past.Count > 0 && past[^1].To == span.Range.From) past[^1] = new(past[^1].From, span.Range.To);
            else past.Add(span.Range);
        }
        return [.. past.Select(r => r.Duration)];
    }

    private static ImmutableArray<OrderId> Hit(PlanVersion plan, PlanVersion kept, PlanVersion other)
    {
        var (before, after) = (plan.Promises.ToDictionary(p => p.Order, p => p.Finish), other.Promises.ToDictionary(p => p.Order, p => p.Finish));
        return [.. kept.Promises.Where(k => (before.TryGetValue(k.Order, out var was) && k.Finish > was) || (after.TryGetValue(k.Order, out var gets) && gets != k.Finish))
            .Select(k => k.Order).OrderBy(o => o.Value, StringComparer.Ordinal)];
    }

    private static TimeSpan Tardiness(PlanVersion plan) => plan.Promises.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Lateness);
    private static double Hours(TimeSpan t) => Math.Round(t.TotalHours, 1);
    private static string DraftOf(long number) => FormattableString.Invariant($"loop-draft/{number}");
}
