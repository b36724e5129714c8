using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Loop;

// What came of an act, and taking it back.
internal sealed partial class BreakdownLoop
{
    /// <summary>
    /// Hours late of the orders that the advice was about: as they came out, or are promised now, against what the plan before
    /// would have come to with the standstill as long as it really was.
    /// </summary>
    private async Task MeasureAsync(LoopEntry e, DateTimeOffset now, CancellationToken cancel)
    {
        if (await documents.FindAsync<BreakdownDraft>(DraftOf(e.Number), cancel) is not { } draft || plans.InForce is not { } plan) return;
        // A lot that the way split off is late or not like the order that it comes from.
        var lots = draft.Find(e.Decision?.Way)?.Orders.Select(o => o.Id).ToHashSet() ?? [];
        var orders = plans.Orders.Where(o => draft.Orders.Contains(o.Id) || lots.Contains(o.Id)).ToList();
        var finished = orders.Select(o => (Order: o, At: FinishOf(o))).Where(f => f.At is not null).ToDictionary(f => f.Order.Id, f => f.At!.Value);
        if (orders.Count == 0 || (finished.Count < orders.Count && now < e.Receipt!.At + act.Value.EffectAfter)) return;

        // A promise is worth what the shop floor has kept of it: what is late already makes the order as much later.
        var late = plans.Late.GroupBy(l => l.Planned.Order).ToDictionary(g => g.Key, g => g.Max(l => l.By));
        var after = TimeSpan.Zero;
        foreach (var o in orders)
        {
            var end = finished.TryGetValue(o.Id, out var at) ? at
                : plan.Promises.FirstOrDefault(p => p.Order == o.Id) is { } promise ? promise.Finish + late.GetValueOrDefault(o.Id) : now;
            if (end > o.Due) after += end - o.Due;
        }
        var (without, basis) = await WithoutAsync(e, draft, now, cancel);
        var before = without.Promises.Where(p => orders.Any(o => o.Id == p.Order)).Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Lateness);
        await ledger.EffectAsync(e.Number, new LoopEffect("tardiness h", Hours(before), Hours(after), now) { Orders = orders.Count, Finished = finished.Count, Basis = basis.ToString() }, cancel);
        _asked.Remove(e.Number);
    }

    private async Task<(PlanVersion Plan, LoopText Basis)> WithoutAsync(LoopEntry e, BreakdownDraft draft, DateTimeOffset now, CancellationToken cancel)
    {
        if (e.Machine is { } machine && _asked.TryGetValue(e.Number, out var asked))
        {
            var end = _over.TryGetValue(machine, out var over) && over.From <= draft.Since && over.To >= draft.Since ? over.To
                : _judged.TryGetValue(machine, out var judged) && judged.Until > draft.Until ? judged.Until : draft.Until;
            var stood = new TimeRange(draft.Since, end > draft.Since ? end : draft.Since);
            var down = asked.Down.RemoveAll(d => d.Machine == machine).Add((machine, stood));
            if (await planner.PlanAsync(asked with { KeepSequence = true, Down = down }, cancel) is PlanOutcome.Planned { Plan: var without })
                return (without, over.To == end ? LoopText.Of(LoopTexts.BasisReplayed, Hours(stood.Duration)) : LoopText.Of(LoopTexts.BasisPredicted));
        }
        return (draft.Kept, LoopText.Of(LoopTexts.BasisPredicted));
    }

    private DateTimeOffset? FinishOf(Order order)
    {
        var actuals = plans.Actuals.Where(a => a.Status == OperationStatus.Finished).ToDictionary(a => a.Operation);
        foreach (var routing in order.Routings)
        {
            var ends = routing.WorkSteps.Select(s => actuals.TryGetValue(OperationId.Of(order.Id, s.Number), out var a) ? a.Finished : null).ToList();
            if (ends.Count > 0 && ends.All(x => x is not null)) return ends.Max();
        }
        return null;
    }

    /// <summary>Brings back the plan before an act of a loop. Work begun since stays where it is.</summary>
    /// <exception cref="LoopRefusedException">There is nothing to take back, or something else came since.</exception>
    public async Task<LoopEntry> UndoAsync(long number, string by, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var e = await ledger.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            if (e is not { Receipt.Done: true, Undo: null, Acting: { } acting } || e.Loop is not (BreakdownWatch.Loop or ReplanWatch.ReplanLoop)) throw new LoopRefusedException(LoopRules.NoUndo);
            if (clocks.Factory.GetUtcNow() > e.Receipt.At + act.Value.UndoWithin) throw new LoopRefusedException(LoopRules.UndoLate);
            if (plans.InForce?.Number != acting.Plan) throw new LoopRefusedException(LoopRules.UndoMoved);
            if (plans.History.FirstOrDefault(p => p.Number == plans.InForce.Parent) is not { } before) throw new LoopRefusedException(LoopRules.NoPlan);
            if (await plans.AdoptAsync(by, before, default, plans.Locks) is not PlanOutcome.Planned p) throw new LoopRefusedException(LoopRules.NoPlan);
            // The person has judged this standstill; the loop does not ask again about the same.
            if (e.Machine is { } machine && _judged.TryGetValue(machine, out var judged)) _judged[machine] = judged with { Plan = p.Plan.Number };
            return await ledger.UndoAsync(number, true, by, LoopText.Of(LoopTexts.UndoPlan, p.Plan.Number, before.Number).ToString(), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }
}
