using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>
/// The loop over machines that stand: a fault on the wire or a report of a person → the ranked ways to go on, when one is less
/// late → a decision at the loop's level and within the way's time → its plan in force → what came of it. It also ends advices that nobody answered.
/// </summary>
/// <remarks>Looks, decisions and acts take turns, so that one advice is acted on once and none against facts that are gone.</remarks>
internal sealed partial class BreakdownLoop(
    PlanDesk plans, Adoptions adoptions, ChangeBook told, IShopFloor floor, ILoopLedger ledger, LoopEntries entries, IPlanner planner, IReplanner replanner, IWriteDesk writes, DocumentStore documents,
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

    public void Dispose() => _turn.Dispose();

    /// <summary>What the open advices were worked out from; in memory, since a restart finds another hour.</summary>
    public ImmutableArray<ReplanCase> Cases { get; private set; } = [];

    /// <summary>The name of an advice among the cases of the replan desk.</summary>
    internal static string CaseOf(long number) => FormattableString.Invariant($"loop-{number}");

    /// <summary>The number of the advice that a case of that name stands for; null when it is a person's.</summary>
    internal static long? NumberOf(string id) => id.StartsWith("loop-", StringComparison.Ordinal) && long.TryParse(id.AsSpan(5), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : null;

    /// <summary>Whether a machine's standstill is in this loop's hands; other loops leave it alone then.</summary>
    public bool Covers(MachineId machine) => _covered.Contains(machine);

    /// <summary>What an earlier run of the node left between decision and receipt: done or not is told, nothing is done twice.</summary>
    public async Task RecoverAsync(CancellationToken cancel)
    {
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
            foreach (var e in (await entries.AllAsync(cancel)).Where(e => e.Decision is null)) await TendAsync(e, now, cancel);
            foreach (var (machine, since) in _down.ToArray())
                if (now - since >= act.Value.BreakdownAfter) await ProposeAsync(machine, since, now, cancel);
            foreach (var e in (await entries.AllAsync(cancel)).Where(e => e is { Loop: BreakdownWatch.Loop, Receipt.Done: true, Effect: null, Undo: null, Change: null }))
                await MeasureAsync(e, now, cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <param name="way">Kind of the way that is taken; null: the one that was advised.</param>
    /// <exception cref="LoopRefusedException">The facts are other ones now, the time of the way is over, or all loops are stopped.</exception>
    public async Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var e = await ledger.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            if (e.Decision is not null) throw new LoopRefusedException(LoopRules.Decided, $"by {e.Decision.By}");
            if (!accepted)
            {
                Forget(number);
                return await ledger.DecideAsync(number, false, by, note, cancel);
            }
            if (writes.Stop is { } stop) throw new LoopRefusedException(LoopRules.Stopped, $"{stop.By}: {stop.Reason}");
            if (Void(e) is { } why)
            {
                await ledger.DecideAsync(number, false, LoopDecision.NewFacts, why.ToString(), CancellationToken.None);
                Forget(number);
                throw new LoopRefusedException(LoopRules.Overtaken, why.English());
            }
            var taken = way is null ? e.Ways.All.FirstOrDefault() : e.Ways.Find(way) ?? throw new LoopRefusedException(LoopRules.NoWay, way);
            // Refused and left open: another way may still be.
            if (taken is { Until: { } until } && !taken.IsOpen(clocks.Factory.GetUtcNow())) throw new LoopRefusedException(LoopRules.TooLate, $"{until:O}{(LoopText.TryParse(taken.Gate, out var gate) ? " " + gate.English() : "")}");
            return await ActAsync(e, taken, by, note);
        }
        finally
        {
            _turn.Release();
        }
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
            Forget(e.Number);
            Log.AdviceExpired(log, e.Number, e.Loop);
        }
        else if (e.Loop == BreakdownWatch.Loop && Void(e) is { } why)
        {
            await ledger.DecideAsync(e.Number, false, LoopDecision.NewFacts, why.ToString(), cancel);
            Forget(e.Number);
        }
        else if (e.Loop == BreakdownWatch.Loop && e.ActsAt <= now && writes.Stop is null && e.Ways.All.FirstOrDefault() is var way && way?.IsOpen(now) != false)
            await ActAsync(e, way, $"level {(int)e.Level}", null);
    }

    /// <summary>A person has judged a standstill on the page of replanning: the loop does not ask again about the same.</summary>
    public async Task JudgedAsync(MachineId machine, int plan)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try { if (_judged.TryGetValue(machine, out var judged)) _judged[machine] = judged with { Plan = plan }; }
        finally { _turn.Release(); }
    }

    private void Forget(long number) => Cases = Cases.RemoveAll(c => c.Told.Id == CaseOf(number));

    private async Task ProposeAsync(MachineId machine, DateTimeOffset since, DateTimeOffset now, CancellationToken cancel)
    {
        if (plans.InForce is not { } plan || (_judged.TryGetValue(machine, out var judged) && judged.Plan == plan.Number && now < judged.Until)) return;
        if ((await entries.AllAsync(cancel)).Any(e => e is { Loop: BreakdownWatch.Loop, Decision: null } && e.Machine == machine)) return;
        var guess = BreakdownWatch.Guess(now - since, await PastAsync(machine, since, now, cancel), options.Value.BreakdownAllowance, act.Value.LateTolerance);
        // Whoever has looked at the machine knows more than its past.
        var until = told.StandsUntil(machine) is { } said && said > now ? said : since + guess.Total;
        _judged[machine] = (plan.Number, until);
        _covered = [.. _judged.Keys];
        plans.Stands(machine, new(since, until));
        var done = plans.Actuals.Where(a => a.Status == OperationStatus.Finished).Select(a => a.Operation).ToHashSet();
        if (!plan.On(machine).Any(o => o.End > since && !done.Contains(o.Operation))) return;   // it stands in nobody's way

        var (request, begun) = (adoptions.Request("machine-down"), clocks.Wire.GetTimestamp());
        var answer = await replanner.AlternativesAsync(request, [], cancel);
        if (answer.Alternatives.FirstOrDefault(a => a.Kind == AlternativeKind.Nothing) is not { } nothing)
        {
            Log.NoPlan(log, "machine-down", $"no plan around {machine}");
            return;
        }
        var seen = new ReplanCase(new("", new PlanChange.MachineDown(machine, new(since, until)), "", since) { IsSeen = true }, plan.Number, now, clocks.Wire.GetElapsedTime(begun), answer);
        await AdviseAsync(machine, new(since, now), guess, request, seen, BreakdownDraft.Of(plan, nothing, request, answer, since, until), cancel);
    }

    private async Task AdviseAsync(MachineId machine, TimeRange window, StandstillGuess guess, PlanRequest request, ReplanCase seen, BreakdownDraft draft, CancellationToken cancel)
    {
        var now = clocks.Factory.GetUtcNow();   // planning took its time, and a way may have closed meanwhile
        var before = LoopWaysOf.LateOf(draft.Kept);
        var (ways, best) = LoopWaysOf.Rank(seen.Answer.Alternatives, machine, before - act.Value.LateTolerance, draft.Until - now, plans.CalendarOf(machine).Offset, now);
        var chosen = best ?? seen.Answer.Alternatives.First(a => a.Kind == AlternativeKind.Nothing);
        var moved = draft.MovedBy(chosen.Plan);
        var left = draft.Until - now;
        var standing = await ledger.StandingAsync(BreakdownWatch.Loop, cancel);
        var level = standing.Level > AutonomyLevel.Ask && (best is null || !IsInside(best, draft, moved) || writes.Stop is not null || best.Until <= now + act.Value.VetoTime) ? AutonomyLevel.Ask : standing.Level;
        var entry = await ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, level,
            LoopText.Of(LoopTexts.FindingBreakdown, machine, Math.Round(window.Duration.TotalMinutes), draft.Orders.Length).ToString(),
            (best is null ? LoopText.Of(LoopTexts.AdviceWait, machine, Hours(left))
                : LoopText.Of(LoopTexts.AdviceReroute, moved, Hours(LoopWaysOf.LateOf(best.Plan)), Hours(before), Hours(left), plans.InForce!.Number)).ToString(),
            FormattableString.Invariant($"{BreakdownWatch.Model}, {(guess.Measured ? "median of" : "settings;")} {guess.Samples} standstills in {Memory.TotalDays:0} d; {chosen.Plan.Solver}"),
            guess.Confidence)
        {
            Machine = machine, Window = window, Samples = guess.Samples, Plan = plans.InForce?.Number, Ways = ways,
            Expected = new("tardiness h", Hours(before), Hours(LoopWaysOf.LateOf(chosen.Plan)), draft.Orders.Length, moved),
            ExpiresAt = best is null ? null : LoopWaysOf.LastOf(ways, now + act.Value.AdviceLife),
            ActsAt = best is not null && level == AutonomyLevel.ActInsideLimits ? now + act.Value.VetoTime : null,
        }, cancel);
        if (best is null)
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
        Cases = Cases.Insert(0, seen with { Told = seen.Told with { Id = CaseOf(entry.Number) } });
        if (level == AutonomyLevel.ActAndReport) await ActAsync(entry, ways.All[0], $"level {(int)level}", null);
    }

    /// <summary>What a loop may do by itself: few moves, no order late that would not be, no money spent, and nothing leaves the house.</summary>
    private bool IsInside(Alternative way, BreakdownDraft draft, int moved) =>
        way.Kind is AlternativeKind.Reorder or AlternativeKind.Machine && moved <= act.Value.LimitMoved && way.Figures.Cost is null or 0
        && !way.Plan.Late.Any(l => draft.Kept.Promises.FirstOrDefault(p => p.Order == l.Order) is not { IsLate: true });

    /// <summary>Decides and does it: what was shown comes into force, its times by the facts of now. In turn.</summary>
    private async Task<LoopEntry> ActAsync(LoopEntry e, LoopWay? way, string by, string? note)
    {
        await ledger.DecideAsync(e.Number, true, by, note, way?.Kind, CancellationToken.None);
        Forget(e.Number);
        var draft = await documents.FindAsync<BreakdownDraft>(DraftOf(e.Number), CancellationToken.None);
        try
        {
            await plans.CarryOutAsync(e.Number, "machine-down", draft?.Find(way?.Kind) is { } d ? d.Adopt(adoptions, by) : null, isMeasured: true, way?.After);
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

    private static double Hours(TimeSpan t) => Math.Round(t.TotalHours, 1);
    private static string DraftOf(long number) => FormattableString.Invariant($"loop-draft/{number}");
}
