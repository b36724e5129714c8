using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Reads from what people reported how long lots took.</summary>
public static class LotTimes
{
    /// <param name="orders">The order book; operations of orders that are not in it are left out.</param>
    /// <param name="actuals">What happened; finished operations with a start count.</param>
    /// <param name="calendarOf">When a machine works: nights and breaks inside a lot are no work.</param>
    /// <param name="perPiece">Time a piece that planning uses today for a machine and an item; null: as in the routing.</param>
    public static ImmutableArray<LotTime> Of(IEnumerable<Order> orders, IEnumerable<OperationActual> actuals, Func<MachineId, WorkCalendar> calendarOf, Func<MachineId, ItemId, TimeSpan?> perPiece)
    {
        ArgumentNullException.ThrowIfNull(orders);
        ArgumentNullException.ThrowIfNull(actuals);
        ArgumentNullException.ThrowIfNull(calendarOf);
        ArgumentNullException.ThrowIfNull(perPiece);
        var steps = new Dictionary<OperationId, (Order Order, RoutingStep.Work Step)>();
        foreach (var order in orders)
            foreach (var step in order.Routings.Reverse().SelectMany(r => r.WorkSteps)) steps[OperationId.Of(order.Id, step.Number)] = (order, step);
        var lots = ImmutableArray.CreateBuilder<LotTime>();
        foreach (var a in actuals)
        {
            if (a is not { Status: OperationStatus.Finished, Machine: { } machine, Started: { } from, Finished: { } to } || to <= from || !steps.TryGetValue(a.Operation, out var s)) continue;
            if (s.Step.Options.FirstOrDefault(o => o.Machine == machine) is not { } option) continue;
            var planned = option.SetUp + (perPiece(machine, s.Order.Item) ?? option.PerPiece) * s.Order.Quantity;
            var worked = calendarOf(machine).WorkingTime(new(from, to)).Aggregate(TimeSpan.Zero,
                (sum, w) => sum + w.Duration - (a.Pauses ?? []).Aggregate(TimeSpan.Zero, (lost, p) => lost + (p.Intersect(w)?.Duration ?? TimeSpan.Zero)));
            if (planned > TimeSpan.Zero && worked > TimeSpan.Zero) lots.Add(new(machine, worked / planned, to));
        }
        return lots.ToImmutable();
    }
}
