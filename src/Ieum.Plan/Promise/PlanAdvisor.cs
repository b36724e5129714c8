using System.Collections.Immutable;
using Ieum.Model;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Answers by planning: each "what if" is a request of its own to the planner, so what is told was checked like every plan.</summary>
internal sealed partial class PlanAdvisor(IPlanner planner, IOptionsMonitor<PlanOptions> settings, Clocks clocks) : IPlanAdvisor
{
    /// <summary>Real time of one plan that is tried: three of them, the repair before and the checks stay under 10 s.</summary>
    private static readonly TimeSpan OneTrial = TimeSpan.FromSeconds(2.5);

    /// <summary>Value of an operation that stays where it is: moving it must gain two minutes of an order of weight 1.</summary>
    private const double Steady = 200;

    public ImmutableArray<BindingLink> Why(PlanRequest request, OperationId operation)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Parent is { } plan ? new BindingChain(request, plan).From(operation) : [];
    }

    public ImmutableArray<LateOrder> WhyLate(PlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Parent is not { } plan) return [];
        var chain = new BindingChain(request, plan);
        return
        [
            .. plan.Late.OrderByDescending(p => p.Lateness).Select(p => new LateOrder(p, plan.Operations.Where(o => o.Order == p.Order).MaxBy(o => o.End) is { } last ? chain.From(last.Operation) : [])),
        ];
    }

    public async Task<PromiseAnswer> PromiseAsync(PlanRequest request, Order wanted, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wanted);
        if (request.Orders.Any(o => o.Id == wanted.Id)) return new([], [new(PlanRules.OrderTwice, $"Order '{wanted.Id}' is in the book already; ask with a number of its own.", wanted.Id)]);
        var (offers, conflicts) = (ImmutableArray.CreateBuilder<PromiseOffer>(), ImmutableArray<PlanConflict>.Empty);
        var now = await BaselineAsync(request, cancel);
        var with = request with { Orders = request.Orders.Add(wanted) };
        // What was promised holds: others are due when they are due, or when they are finished now.
        var kept = with with
        {
            Orders = [.. request.Orders.Select(o => Trial.With(o, Later(o.Due, now is null ? null : Trial.FinishOf(now, o.Id)), 100)), Trial.With(wanted, wanted.Release, 1)],
            Goal = request.Goal with { Stability = Steady }, Limit = Least(OneTrial), Parent = now ?? request.Parent,
        };
        var last = await planner.PlanAsync(kept with { KeepSequence = now is not null }, cancel);
        var free = await FreeAsync(kept, last, now, cancel);
        // It fits nowhere: nothing to offer, and the planner's own reason.
        if (free is null) return new([], last is PlanOutcome.Impossible i ? i.Conflicts : last is PlanOutcome.Planned p ? [.. p.Findings.Where(f => f.Order == wanted.Id)] : conflicts);
        offers.Add(Offer(PromiseWay.Free, with, now, free, wanted.Id, true));
        var machines = wanted.Routings.SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine);
        var (more, priced) = Trial.OfferOvertime(kept with { Parent = free }, machines, offers[0].Finish, settings.CurrentValue);
        if (await FreeAsync(more, null, now, cancel) is { } overtime && Offer(PromiseWay.Overtime, more, now, overtime, wanted.Id, priced) is var o && o.Bought.Length > 0 && o.Finish < offers[0].Finish) offers.Add(o);
        var rush = with with { Orders = [.. request.Orders, Trial.With(wanted, wanted.Release, 100)], Goal = request.Goal with { Stability = Steady }, Limit = Least(OneTrial), Parent = free };
        if (await planner.PlanAsync(rush, cancel) is PlanOutcome.Planned r && Trial.FinishOf(r.Plan, wanted.Id) < offers[0].Finish) offers.Add(Offer(PromiseWay.Rush, with, now, r.Plan, wanted.Id, true));
        return new(offers.ToImmutable(), []);
    }

    /// <summary>The earliest plan that pushes nobody; the one that puts the new order behind everything stands in where the search gave none.</summary>
    private async Task<PlanVersion?> FreeAsync(PlanRequest kept, PlanOutcome? behind, PlanVersion? now, CancellationToken cancel)
    {
        var wanted = kept.Orders[^1].Id;
        var found = new[] { await planner.PlanAsync(kept, cancel), behind }.OfType<PlanOutcome.Planned>().Select(p => p.Plan)
            .Where(p => Trial.FinishOf(p, wanted) is not null && !p.Promises.Any(x => x.Order != wanted && x.IsLate && x.Finish > (now is null ? null : Trial.FinishOf(now, x.Order)))).ToArray();
        return found.MinBy(p => Trial.FinishOf(p, wanted)) ?? (behind is PlanOutcome.Planned b && Trial.FinishOf(b.Plan, wanted) is not null ? b.Plan : null);
    }

    private static PromiseOffer Offer(PromiseWay way, PlanRequest request, PlanVersion? now, PlanVersion plan, OrderId wanted, bool priced)
    {
        var added = plan.Overtime.Where(b => now is null || now.Overtime.All(x => x.Machine != b.Machine || x.Range != b.Range)).ToArray();
        var pushes = now is null ? [] : Trial.Changes(request, now, plan, wanted).Where(c => c.IsWorse).ToImmutableArray();
        return new(way, Trial.FinishOf(plan, wanted)!.Value, Trial.TimeOf(request, added), priced ? added.Sum(b => b.Cost) : null, pushes,
            [.. added.Select(b => request.Factory.Overtime.First(o => o.Machine == b.Machine && o.Range == b.Range))], plan);
    }

    private async Task<PlanVersion?> BaselineAsync(PlanRequest request, CancellationToken cancel) =>
        request.Orders.IsEmpty ? null : (await planner.PlanAsync(Trial.Carried(request) with { Limit = Least(OneTrial) }, cancel) as PlanOutcome.Planned)?.Plan;

    /// <summary>A shorter limit of the settings is kept; no limit at all is for tests and stays so.</summary>
    private TimeSpan Least(TimeSpan limit) => settings.CurrentValue.SolveLimit < limit ? settings.CurrentValue.SolveLimit : limit;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset? b) => b is { } x && x > a ? x : a;
}
