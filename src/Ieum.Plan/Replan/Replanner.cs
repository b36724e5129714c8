using System.Collections.Immutable;
using Ieum.Model;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Tries what people would try, each with the other levers held fast, so that its gain is its own; the planner judges them all by one goal.</summary>
internal sealed class Replanner(IPlanner planner, IOptionsMonitor<PlanOptions> settings) : IReplanner
{
    /// <summary>Real time of all tries together; with what comes before and after a planner waits less than 5 s.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(3.2), Longest = TimeSpan.FromSeconds(1.2);

    /// <summary>Late orders that are looked after, and operations of them that are split or sent out.</summary>
    private const int MostOrders = 3, MostLots = 2;

    /// <summary>A try: what it is planned from, and what it is about.</summary>
    internal sealed record Try(AlternativeKind Kind, PlanRequest Request, bool Priced = true, OperationId? Of = null, Subcontractor? Supplier = null, double Outside = 0, CutOff? Gate = null, PlanChange? Holds = null);

    public async Task<ReplanAnswer> AlternativesAsync(PlanRequest request, ImmutableArray<PlanChange> happened, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        var facts = request.With(happened) with { Steady = true, Goal = request.Goal.Calm() };
        if (request.Parent is not { } before) return new(facts, [], [], []);
        var carried = await planner.PlanAsync(facts with { KeepSequence = true }, cancel);
        if (carried is not PlanOutcome.Planned nothing) return new(facts, [], [], carried is PlanOutcome.Impossible i ? i.Conflicts : []);
        var tries = Tries(facts, before, nothing.Plan).ToArray();
        var slots = Math.Min(2, Environment.ProcessorCount);
        var limit = Together * slots / Math.Max(1, tries.Length);
        if (limit > Longest) limit = Longest;
        if (settings.CurrentValue.SolveLimit < limit) limit = settings.CurrentValue.SolveLimit;
        using var gate = new SemaphoreSlim(slots);
        var planned = await Task.WhenAll(tries.Select(async t =>
        {
            await gate.WaitAsync(cancel);
            try { return (t, await planner.PlanAsync(t.Request with { Limit = limit }, cancel) as PlanOutcome.Planned); }
            finally { gate.Release(); }
        }));
        var doing = Of(new(AlternativeKind.Nothing, facts), nothing.Plan, nothing.Plan, before);
        var better = planned.Where(p => p.Item2 is not null).Select(p => Of(p.t, p.Item2!.Plan, nothing.Plan, before)).OfType<Alternative>()
            .Where(a => Value(a) < Value(doing!) - 1e-6 && a.IsOpen(request.Now)).ToArray();
        // Of one kind the best alone; what a simpler one does as well is not told twice.
        Alternative[] ranked = [.. better.GroupBy(a => a.Kind).Select(g => g.MinBy(Value)!).Append(doing!).OrderBy(Value).ThenBy(a => a.Figures.Moved).ThenBy(a => a.Kind)];
        return new(facts, [.. ranked.Select((a, n) => a with { Rank = n + 1 })], [.. planned.Select(p => p.t.Kind).Distinct().Where(k => ranked.All(a => a.Kind != k)).Order()], nothing.Findings);
    }

    private static double Value(Alternative a)
    {
        var g = a.Request.Goal;
        return g.Tardiness * a.Figures.Tardiness.TotalMinutes + g.Overtime * (a.Figures.Cost ?? a.Figures.Overtime.TotalHours) + g.Stability * a.Figures.Moved
            + Math.Max(1, g.Tardiness) * FactoryScoring.BrokenMinutes * (a.Plan.Score?.Broken ?? 0);
    }

    private IEnumerable<Try> Tries(PlanRequest facts, PlanVersion before, PlanVersion nothing)
    {
        // Each operation stays on its machine unless the machines are the lever.
        var fixedMachines = facts with { Locks = [.. before.Operations.Select(o => facts.Locks.FirstOrDefault(l => l.Operation == o.Operation) is { } known ? known with { Machine = known.Machine ?? o.Machine } : new(o.Operation, o.Machine, null))] };
        yield return new(AlternativeKind.Reorder, fixedMachines);
        yield return new(AlternativeKind.Machine, facts);
        var hit = Hit(facts, before, nothing);
        var chain = hit.SelectMany(o => ChainOf(facts, nothing, o)).DistinctBy(o => o.Operation).ToArray();
        if (Overtime(fixedMachines, nothing, chain) is { } overtime) yield return overtime;
        var open = chain.Where(o => facts.Actuals.All(a => a.Operation != o.Operation || a.Status == OperationStatus.Waiting)).OrderByDescending(o => o.Work).ToArray();
        foreach (var t in open.Select(o => Split(facts, o)).OfType<Try>().Take(MostLots)) yield return t;
        foreach (var t in open.SelectMany(o => Outside(facts, nothing, o)).OrderBy(t => t.Outside).Take(MostLots)) yield return t;
    }

    /// <summary>Orders that it makes late or later, the dearest first; else those that are late anyway.</summary>
    private static ImmutableArray<OrderId> Hit(PlanRequest facts, PlanVersion before, PlanVersion nothing)
    {
        var was = before.Promises.ToDictionary(p => p.Order, p => p.Lateness);
        var weight = facts.Orders.DistinctBy(o => o.Id).ToDictionary(o => o.Id, o => o.Weight);
        return [.. nothing.Late.OrderByDescending(p => (p.Lateness - was.GetValueOrDefault(p.Order)) * weight.GetValueOrDefault(p.Order, 1)).ThenByDescending(p => p.Lateness).Take(MostOrders).Select(p => p.Order)];
    }

    private static IEnumerable<PlannedOperation> ChainOf(PlanRequest facts, PlanVersion nothing, OrderId order) =>
        nothing.Operations.Where(o => o.Order == order).MaxBy(o => o.End) is { } last
            ? new BindingChain(facts with { Parent = nothing }, nothing).From(last.Operation).Where(l => l.Cause != BindingCause.Begun).Take(8).Select(l => l.Operation).Concat(nothing.Operations.Where(o => o.Order == order))
            : [];

    private Try? Overtime(PlanRequest facts, PlanVersion nothing, PlannedOperation[] chain)
    {
        if (chain.Length == 0) return null;
        var (offered, priced) = Trial.OfferOvertime(facts, chain.Select(o => o.Machine).Distinct().Take(6), chain.Max(o => o.End), settings.CurrentValue);
        var notice = settings.CurrentValue.OvertimeNotice;
        var known = facts.Factory.Overtime;
        // What can no longer be ordered is no way out; what was agreed before stays.
        ImmutableArray<OvertimeOffer> open = [.. offered.Factory.Overtime.Where(o => known.Contains(o) && nothing.Overtime.Any(b => b.Machine == o.Machine && b.Range == o.Range) || o.Range.From - notice > facts.Now)];
        return open.Length <= known.Length && open.All(known.Contains) ? null : new(AlternativeKind.Overtime, offered with { Factory = offered.Factory with { Overtime = open } }, priced);
    }

    /// <summary>Half of the lot goes to the fastest other machine.</summary>
    internal static Try? Split(PlanRequest facts, PlannedOperation o)
    {
        // A lot that still waits for its material cannot be told apart by it.
        if (o.Quantity < 2 || facts.Orders.FirstOrDefault(x => x.Id == o.Order) is not { } order || PlanChanges.Waits(order) || order.StepOf(o.Step, o.Routing) is not { Batch: null } step) return null;
        if (step.Options.Where(x => x.Machine != o.Machine && !IsDown(facts, x.Machine)).MinBy(x => x.For(o.Quantity / 2)) is not { } other) return null;
        var (kept, lot) = LotSplit.Of(order, o, o.Quantity / 2, facts.Actuals, facts.Orders);
        return new(AlternativeKind.Split, facts with
        {
            Orders = [.. facts.Orders.Replace(order, kept), lot],
            Locks = [.. facts.Locks.Where(l => l.Operation != o.Operation), new(OperationId.Of(lot.Id, o.Step), other.Machine, null)],
        }, Of: o.Operation);
    }

    private static bool IsDown(PlanRequest facts, MachineId machine) => facts.Down.Any(d => d.Machine == machine && d.Range.Contains(facts.Now));

    internal static IEnumerable<Try> Outside(PlanRequest facts, PlanVersion nothing, PlannedOperation o)
    {
        if (facts.Orders.FirstOrDefault(x => x.Id == o.Order) is not { } order || order.StepOf(o.Step, o.Routing) is not { } step) yield break;
        var previous = nothing.Operations.Where(x => x.Order == o.Order && x.Step < o.Step).Select(x => x.End).DefaultIfEmpty(order.Release > facts.Now ? order.Release : facts.Now).Max();
        foreach (var s in facts.Factory.Subcontractors.Where(s => step.Options.Any(x => s.For.Contains(x.Machine))))
            if (OutsideWork.Of(facts, order, o, s, previous) is var (sent, cutOff, back))
            {
                var request = facts with { Orders = facts.Orders.Replace(order, sent), Locks = facts.Locks.RemoveAll(l => l.Operation == o.Operation) };
                yield return new(AlternativeKind.Outside, back is null ? request : request.With(back),
                    Of: o.Operation, Supplier: s, Outside: s.CostOf(o.Quantity), Gate: new(cutOff, CutOffCause.Supplier, o.Operation, s.Id), Holds: back);
            }
    }

    /// <returns>Null when the plan does not do what the try is about.</returns>
    private Alternative? Of(Try t, PlanVersion plan, PlanVersion nothing, PlanVersion before)
    {
        var was = nothing.Operations.ToDictionary(o => o.Operation);
        var bought = plan.Overtime.Where(b => nothing.Overtime.All(x => x.Machine != b.Machine || x.Range != b.Range)).ToArray();
        ImmutableArray<OvertimeOffer> offers = [.. bought.Select(b => t.Request.Factory.Overtime.First(o => o.Machine == b.Machine && o.Range == b.Range))];
        ImmutableArray<PlannedOperation> moves = t.Kind switch
        {
            AlternativeKind.Nothing => [],
            AlternativeKind.Machine => [.. plan.Operations.Where(o => was.TryGetValue(o.Operation, out var n) && n.Machine != o.Machine)],
            AlternativeKind.Split => [.. plan.Operations.Where(o => o.Operation == t.Of || !was.ContainsKey(o.Operation) && o.Step == nothing.Operations.First(n => n.Operation == t.Of).Step)],
            AlternativeKind.Outside => [.. nothing.Operations.Where(o => o.Operation == t.Of)],
            _ => [.. Overtaking(plan, was)],
        };
        if (t.Kind is AlternativeKind.Machine or AlternativeKind.Reorder && moves.IsEmpty || t.Kind == AlternativeKind.Overtime && offers.IsEmpty) return null;
        var cuts = t.Kind == AlternativeKind.Nothing ? [] : CutOffs.OfMoves(t.Request, nothing, plan, t.Kind == AlternativeKind.Overtime ? [] : moves)
            .Concat(CutOffs.OfOvertime(offers, settings.CurrentValue.OvertimeNotice)).Concat(t.Gate is { } gate ? [gate] : []).Concat(CutOffs.OfDepartures(t.Request, nothing, plan));
        return new(t.Kind, 0, t.Request, plan, PlanFigures.Of(t.Request, plan, before, t.Outside, t.Priced), moves, [.. cuts.OrderBy(c => c.At).ThenBy(c => c.Cause).DistinctBy(c => (c.At, c.Cause, c.What))])
        { Bought = offers, Holds = t.Holds is { } holds ? [holds] : [], Supplier = t.Supplier, Of = t.Of, Changes = Trial.Changes(t.Request, before, plan, default) };
    }

    /// <summary>Operations that begin earlier than by the list and pass at least one other on their machine.</summary>
    private static IEnumerable<PlannedOperation> Overtaking(PlanVersion plan, Dictionary<OperationId, PlannedOperation> was)
    {
        foreach (var machine in plan.Operations.Where(o => was.TryGetValue(o.Operation, out var n) && n.Machine == o.Machine).GroupBy(o => o.Machine))
        {
            var now = machine.OrderBy(o => o.Start).ToArray();
            // Passed: one that follows it now began before it by the list.
            var least = DateTimeOffset.MaxValue;
            for (var k = now.Length - 1; k >= 0; k--)
            {
                var begin = was[now[k].Operation].Start;
                if (least < begin) yield return now[k];
                if (begin < least) least = begin;
            }
        }
    }
}
