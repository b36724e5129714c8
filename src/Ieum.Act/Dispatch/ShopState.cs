using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>What an operation may do, as order book and plan say.</summary>
/// <param name="Machines">Machines that can do it.</param>
/// <param name="Before">Work steps of the order that come before it.</param>
/// <param name="Quantity">Pieces at most.</param>
/// <param name="Routing">Which of the order's routings says so.</param>
internal sealed record OperationFacts(OrderId Order, int Routing, ImmutableArray<MachineId> Machines, ImmutableArray<OperationId> Before, int Quantity);

/// <summary>All that the dispatcher knows, as one immutable value; a change makes a new one.</summary>
/// <param name="Facts">By operation; several where routings of one order share a step number, the order's own first.</param>
/// <param name="Newest">Time of the newest report per operation.</param>
/// <param name="Running">What runs on each machine.</param>
/// <param name="Issued">Operations given to a machine.</param>
internal sealed record ShopState(
    PlanVersion? Plan,
    ImmutableArray<Order> Orders,
    ImmutableDictionary<OperationId, ImmutableArray<OperationFacts>> Facts,
    ImmutableDictionary<OperationId, OperationActual> Actuals,
    ImmutableDictionary<OperationId, DateTimeOffset> Newest,
    ImmutableDictionary<MachineId, OperationId> Running,
    ImmutableHashSet<Guid> Known,
    ImmutableHashSet<(OperationId, MachineId)> Issued)
{
    public static ShopState Empty { get; } = new(null, [],
        ImmutableDictionary<OperationId, ImmutableArray<OperationFacts>>.Empty, ImmutableDictionary<OperationId, OperationActual>.Empty,
        ImmutableDictionary<OperationId, DateTimeOffset>.Empty, ImmutableDictionary<MachineId, OperationId>.Empty, [], []);

    public OperationActual ActualOf(OperationId id) => Actuals.TryGetValue(id, out var a) ? a : OperationActual.Waiting(id);

    /// <summary>By the routing that the plan in force takes; the order's own where it takes none.</summary>
    public OperationFacts? FactsOf(OperationId id)
    {
        var planned = Plan?.Operations.FirstOrDefault(o => o.Operation == id);
        if (Facts.TryGetValue(id, out var known)) return known.FirstOrDefault(f => f.Routing == planned?.Routing) ?? known[0];
        return planned is null ? null : new(planned.Order, planned.Routing, [planned.Machine], [], planned.Quantity);
    }

    public ShopState WithOrders(ImmutableArray<Order> orders)
    {
        var facts = new Dictionary<OperationId, ImmutableArray<OperationFacts>>();
        foreach (var order in orders)
            foreach (var (routing, at) in order.Routings.Select((r, i) => (r, i)))
            {
                var before = ImmutableArray<OperationId>.Empty;
                foreach (var work in routing.WorkSteps)
                {
                    var id = OperationId.Of(order.Id, work.Number);
                    facts[id] = facts.GetValueOrDefault(id, []).Add(new(order.Id, at, [.. work.Options.Select(o => o.Machine)], before, order.Quantity));
                    before = before.Add(id);
                }
            }
        return this with { Orders = orders, Facts = facts.ToImmutableDictionary() };
    }

    public ShopState WithPlan(PlanVersion plan) => this with
    {
        Plan = plan,
        Issued = Issued.Union(plan.Operations.Where(o => !plan.Reserved.Contains(o.Order) && ActualOf(o.Operation).Status != OperationStatus.Finished).Select(o => (o.Operation, o.Machine))),
    };

    /// <summary>The state after a report that fits.</summary>
    public ShopState After(ShopEvent e)
    {
        var a = ActualOf(e.Operation);
        var changed = e switch
        {
            ShopEvent.Started => a with { Status = OperationStatus.Running, Machine = e.Machine, Started = e.At, Lot = e.Lot },
            ShopEvent.Paused => a with { Status = OperationStatus.Paused, PausedSince = e.At },
            ShopEvent.Resumed => EndPause(a, e.At) with { Status = OperationStatus.Running, Lot = e.Lot ?? a.Lot },
            ShopEvent.LotFinished l => Count(a, e, l.Good, l.Scrap),
            ShopEvent.Finished f => Count(EndPause(a, e.At), e, f.Good, f.Scrap) with { Status = OperationStatus.Finished, Finished = e.At },
            _ => a,
        };
        return this with
        {
            Actuals = Actuals.SetItem(e.Operation, changed),
            Newest = Newest.SetItem(e.Operation, e.At),
            Running = changed.Status == OperationStatus.Running ? Running.SetItem(e.Machine, e.Operation)
                : Running.TryGetValue(e.Machine, out var r) && r == e.Operation ? Running.Remove(e.Machine) : Running,
            Known = Known.Add(e.Id),
        };
    }

    private static OperationActual Count(OperationActual a, ShopEvent e, int good, int scrap) => a with
    {
        Good = a.Good + good, Scrap = a.Scrap + scrap, Lot = e.Lot ?? a.Lot,
        Lots = good + scrap == 0 ? a.Lots : [.. a.Lots ?? [], new LotCount(e.Lot ?? a.Lot, good, scrap, e.At)],
    };

    private static OperationActual EndPause(OperationActual a, DateTimeOffset at) => a.PausedSince is not { } since ? a
        : a with { Pauses = [.. a.Pauses ?? [], new TimeRange(since, at)], PausedSince = null };
}
