using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

// What would help a late order, and which promises cannot hold together.
internal sealed partial class PlanAdvisor
{
    private static readonly TimeSpan ClashSpent = TimeSpan.FromSeconds(8), OneLot = TimeSpan.FromSeconds(1.2);

    /// <summary>Late orders that are asked whether they could be kept alone; a plan of one order takes some milliseconds.</summary>
    private const int MostAlone = 50;

    public async Task<ImmutableArray<PlanFix>> FixesAsync(PlanRequest request, OrderId order, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Parent is null || await BaselineAsync(request, cancel) is not { } now || Trial.FinishOf(now, order) is not { } was) return [];
        var carried = request with { Parent = now, KeepSequence = true };
        var chain = now.Operations.Where(o => o.Order == order).MaxBy(o => o.End) is { } last ? new BindingChain(carried, now).From(last.Operation) : [];
        var waiting = chain.Where(l => l.Cause != BindingCause.Begun).ToArray();
        var fixes = ImmutableArray.CreateBuilder<PlanFix>();
        foreach (var link in waiting.Take(8))
        {
            foreach (var machine in OthersOf(request, link.Operation))
                await TryAsync(FixKind.Machine, link.Operation.Operation, machine, carried with { Locks = Locks(request, new(link.Operation.Operation, machine, null)) }, true);
            if (Sooner(carried, link) is { } sooner) await TryAsync(FixKind.Sooner, link.Operation.Operation, null, sooner, true, link.What ?? link.Operation.Order.Value);
            // Only own work goes before others': two other orders that change places leave this one where it is.
            if (Opened(carried, link) is { } open) await TryAsync(FixKind.Open, link.Operation.Operation, link.Operation.Machine, open, true);
            if (link is { Cause: BindingCause.Busy, By: { } by } && link.Operation.Order == order && now.Operations.First(o => o.Operation == by) is var before && before.Order != order && !Begun(request, by))
                // A repair keeps the order of begins, so beginning a minute before the other puts it first.
                await TryAsync(FixKind.Swap, link.Operation.Operation, link.Operation.Machine,
                    carried with { Parent = now with { Operations = now.Operations.Replace(link.Operation, link.Operation with { Start = before.Start.AddMinutes(-1) }) } }, true);
        }
        var (more, priced) = Trial.OfferOvertime(request with { Parent = now, Goal = request.Goal with { Stability = Steady }, Limit = Least(OneTrial) }, waiting.Select(l => l.Operation.Machine).Take(6), was, settings.CurrentValue);
        await TryAsync(FixKind.Overtime, null, null, more, priced);
        var calm = request with { Parent = now, Steady = true, Goal = request.Goal.Calm(), Limit = Least(OneLot) };
        var own = waiting.Select(l => l.Operation).Where(o => o.Order == order && !Begun(request, o.Operation)).OrderByDescending(o => o.Work).ToArray();
        if (own.Select(o => Replanner.Split(calm, o)).FirstOrDefault(t => t is not null) is { } split) await TryAsync(FixKind.Split, split.Of, split.Request.Locks[^1].Machine, split.Request, true);
        if (own.SelectMany(o => Replanner.Outside(calm, now, o)).MinBy(t => t.Outside) is { } outside)
            await TryAsync(FixKind.Outside, outside.Of, null, outside.Request, true, outside.Supplier!.Id, outside.Outside);
        // The date comes first; of what holds it, what harms and costs least.
        var due = request.Orders.First(o => o.Id == order).Due;
        return [.. fixes.OrderBy(f => f.Finish <= due ? 0 : 1).ThenBy(f => f.Changes.Count(c => c.BecomesLate)).ThenBy(f => f.Finish <= due ? (f.Cost ?? f.Overtime.TotalHours) : 0).ThenByDescending(f => f.Gain)];

        async Task TryAsync(FixKind kind, OperationId? operation, MachineId? machine, PlanRequest trial, bool known, string? what = null, double? outside = null)
        {
            if (await planner.PlanAsync(trial, cancel) is not PlanOutcome.Planned p || Trial.FinishOf(p.Plan, order) is null) return;
            // A lot that was split off is the order's too.
            var finish = p.Plan.Promises.Where(x => x.Order == order || request.Orders.All(o => o.Id != x.Order)).Max(x => x.Finish);
            if (was - finish <= TimeSpan.FromMinutes(1)) return;
            var added = p.Plan.Overtime.Where(b => now.Overtime.All(x => x.Machine != b.Machine || x.Range != b.Range)).ToArray();
            fixes.Add(new(kind, operation, machine, finish, was - finish, Trial.TimeOf(trial, added), known ? added.Sum(b => b.Cost) : null, Trial.Changes(request, now, p.Plan, order), p.Plan) { What = what, OutsideCost = outside });
        }
    }

    /// <summary>What is waited for is there now: material, the order's own release, or who is away. Null where it is not a matter of that.</summary>
    private static PlanRequest? Sooner(PlanRequest request, BindingLink link)
    {
        var (f, now) = (request.Factory, request.Now);
        return link switch
        {
            { Cause: BindingCause.Material, What: { } item } => request with { Factory = f with { Materials = [.. f.Materials.Select(m => m.Item.Value == item ? m with { Arrivals = [.. m.Arrivals.Select(a => a.At > now ? a with { At = now } : a)] } : m)] } },
            { Cause: BindingCause.Release } when request.Orders.First(o => o.Id == link.Operation.Order) is var o && o.Release > now => request with
            {
                Orders = request.Orders.Replace(o, new(o.Id, o.Routing, o.Quantity, now, o.Due < now ? now : o.Due, o.Weight, o.IsPrivate, o.Lot, o.Deadline, o.Alternatives)),
            },
            { Cause: BindingCause.Needs, By: null, What: { } who } => request with { Factory = f with { Resources = [.. f.Resources.Select(r => r.Id == who ? r with { Absences = [] } : r)] } },
            _ => null,
        };
    }

    /// <summary>What closes the machine while the operation waits (breakdown, maintenance) is over now. Null where only its shifts close it.</summary>
    private static PlanRequest? Opened(PlanRequest request, BindingLink link)
    {
        if (link.Closed <= TimeSpan.Zero) return null;
        var machine = link.Operation.Machine;
        if (!request.Down.Any(d => Shuts(d.Machine, d.Range)) && !request.Factory.Maintenance.Any(w => Shuts(w.Machine, w.Range))) return null;
        return request with
        {
            Down = [.. request.Down.Where(d => !Shuts(d.Machine, d.Range))],
            Factory = request.Factory with { Maintenance = [.. request.Factory.Maintenance.Where(w => !Shuts(w.Machine, w.Range))] },
        };

        bool Shuts(MachineId m, TimeRange r) => m == machine && r.From < link.Operation.Start && link.Ready < r.To;
    }

    public async Task<PromiseClash> ClashAsync(PlanRequest request, OrderId order, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Orders.All(o => o.Id != order) || request.Parent?.Late.All(p => p.Order != order) == true) return new([], false);
        var begun = clocks.Wire.GetTimestamp();
        // First the orders of the chain, which is usually enough; else all.
        var chained = WhyLate(request).FirstOrDefault(l => l.Promise.Order == order)?.Chain.Select(l => l.Operation.Order).Distinct().Where(o => o != order).ToList() ?? [];
        // A promise that cannot be kept even alone clashes with nobody: it is broken already, and would hide who is in the way.
        var broken = new HashSet<OrderId>();
        foreach (var p in (request.Parent?.Late ?? []).Where(p => p.Order != order).OrderByDescending(p => p.Lateness).Take(MostAlone))
            if (clocks.Wire.GetElapsedTime(begun) < ClashSpent / 4 && await LateAsync([], p.Order) is (true, true)) broken.Add(p.Order);
        chained.RemoveAll(broken.Contains);
        var others = chained;
        var (late, proved) = await LateAsync(others, order);
        if (!late)
        {
            others = [.. request.Orders.Select(o => o.Id).Where(o => o != order && !broken.Contains(o)).OrderBy(o => chained.Contains(o) ? 1 : 0)];
            (late, proved) = await LateAsync(others, order);
        }
        if (!late) return new([], false);
        // Left out in halves, quarters and so on down to one by one, as long as the rest still clashes.
        for (var size = Math.Max(1, others.Count / 2); others.Count > 0; size = Math.Max(1, size / 2))
        {
            for (var at = 0; at < others.Count && clocks.Wire.GetElapsedTime(begun) < ClashSpent;)
            {
                List<OrderId> fewer = [.. others.Take(at), .. others.Skip(at + size)];
                var (still, sure) = await LateAsync(fewer, order);
                if (still) (others, proved) = (fewer, sure);
                else at += size;
            }
            if (size == 1) break;
        }
        return new([order, .. others], proved);

        async Task<(bool Late, bool Proved)> LateAsync(List<OrderId> promised, OrderId with)
        {
            var hold = promised.Append(with).ToHashSet();
            // Begun work takes its machine whatever was promised; the rest could wait for ever, so it is left out.
            var orders = request.Orders.Where(o => hold.Contains(o.Id) || o.Routings.SelectMany(r => r.WorkSteps).Any(s => Begun(request, OperationId.Of(o.Id, s.Number))))
                .Select(o => hold.Contains(o.Id) ? o : Trial.Relaxed(o, request.Now)).ToImmutableArray();
            var names = orders.Select(o => o.Id).ToHashSet();
            var trial = request with
            {
                Orders = orders, Parent = null, FrozenUntil = null, Locks = [.. request.Locks.Where(l => names.Any(n => l.Operation.Value.StartsWith(n.Value + ".", StringComparison.Ordinal)))],
                Actuals = [.. request.Actuals.Where(a => names.Any(n => a.Operation.Value.StartsWith(n.Value + ".", StringComparison.Ordinal)))],
                Limit = Least(TimeSpan.FromSeconds(1)), Trials = 400,
            };
            return await planner.PlanAsync(trial, cancel) is PlanOutcome.Planned p ? (p.Plan.Promises.Any(x => x.IsLate && hold.Contains(x.Order)), p.Plan.Bound?.Tardiness > 0) : (true, false);
        }
    }

    private static ImmutableArray<OperationLock> Locks(PlanRequest request, OperationLock add) => [.. request.Locks.Where(l => l.Operation != add.Operation), add];

    private static bool Begun(PlanRequest request, OperationId id) => request.Actuals.Any(a => a.Operation == id && a.Status != OperationStatus.Waiting);

    private static IEnumerable<MachineId> OthersOf(PlanRequest request, PlannedOperation o) =>
        request.Orders.First(x => x.Id == o.Order).StepOf(o.Step, o.Routing)?.Options.Select(x => x.Machine).Where(m => m != o.Machine) ?? [];
}
