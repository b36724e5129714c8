using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>What an operation may do, as order book and plan say.</summary>
/// <param name="Machines">Machines that can do it.</param>
/// <param name="Before">Work steps of the order that come before it.</param>
/// <param name="Quantity">Pieces at most.</param>
internal sealed record OperationFacts(ImmutableArray<MachineId> Machines, ImmutableArray<OperationId> Before, int Quantity);

/// <summary>All that the dispatcher knows, as one immutable value; a change makes a new one.</summary>
/// <param name="Newest">Time of the newest report per operation.</param>
/// <param name="Running">What runs on each machine.</param>
/// <param name="Issued">Operations given to a machine.</param>
internal sealed record ShopState(
    PlanVersion? Plan,
    ImmutableDictionary<OperationId, OperationFacts> Facts,
    ImmutableDictionary<OperationId, OperationActual> Actuals,
    ImmutableDictionary<OperationId, DateTimeOffset> Newest,
    ImmutableDictionary<MachineId, OperationId> Running,
    ImmutableHashSet<Guid> Known,
    ImmutableHashSet<(OperationId, MachineId)> Issued)
{
    public static ShopState Empty { get; } = new(null,
        ImmutableDictionary<OperationId, OperationFacts>.Empty, ImmutableDictionary<OperationId, OperationActual>.Empty,
        ImmutableDictionary<OperationId, DateTimeOffset>.Empty, ImmutableDictionary<MachineId, OperationId>.Empty, [], []);

    public OperationActual ActualOf(OperationId id) => Actuals.TryGetValue(id, out var a) ? a : OperationActual.Waiting(id);

    public OperationFacts? FactsOf(OperationId id) => Facts.TryGetValue(id, out var f) ? f
        : Plan?.Operations.FirstOrDefault(o => o.Operation == id) is { } planned ? new([planned.Machine], [], planned.Quantity)
        : null;

    public ShopState WithOrders(ImmutableArray<Order> orders)
    {
        var facts = ImmutableDictionary.CreateBuilder<OperationId, OperationFacts>();
        foreach (var order in orders)
        {
            var before = ImmutableArray<OperationId>.Empty;
            foreach (var work in order.Routing.Steps.OfType<RoutingStep.Work>())
            {
                var id = OperationId.Of(order.Id, work.Number);
                facts[id] = new([.. work.Options.Select(o => o.Machine)], before, order.Quantity);
                before = before.Add(id);
            }
        }
        return this with { Facts = facts.ToImmutable() };
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
            ShopEvent.Started => a with { Status = OperationStatus.Running, Machine = e.Machine, Started = e.At },
            ShopEvent.Paused => a with { Status = OperationStatus.Paused, PausedSince = e.At },
            ShopEvent.Resumed => EndPause(a, e.At) with { Status = OperationStatus.Running },
            ShopEvent.Finished f => EndPause(a, e.At) with { Status = OperationStatus.Finished, Finished = e.At, Good = f.Good, Scrap = f.Scrap },
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

    private static OperationActual EndPause(OperationActual a, DateTimeOffset at) => a.PausedSince is not { } since ? a
        : a with { Pauses = [.. a.Pauses ?? [], new TimeRange(since, at)], PausedSince = null };
}
