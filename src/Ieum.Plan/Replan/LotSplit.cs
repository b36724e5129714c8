using Ieum.Model;

namespace Ieum.Plan;

/// <summary>One order as two lots that go through the rest of their steps on their own.</summary>
public static class LotSplit
{
    /// <param name="at">The operation at which the lots part; not begun.</param>
    /// <param name="pieces">Pieces of the new lot; at least one, and fewer than the operation has.</param>
    /// <param name="taken">Orders whose names are taken.</param>
    /// <returns>The order with fewer pieces, and the new lot. Where steps before were begun or done together, the new lot begins at <paramref name="at"/>; else it has them all.</returns>
    public static (Order Kept, Order Lot) Of(Order order, PlannedOperation at, int pieces, IReadOnlyCollection<OperationActual> actuals, IEnumerable<Order> taken)
    {
        var routing = order.Routings.ElementAtOrDefault(at.Routing) ?? order.Routing;
        var touched = routing.WorkSteps.TakeWhile(s => s.Number < at.Step).Any(s => actuals.Any(a => a.Operation == OperationId.Of(order.Id, s.Number) && a.Status != OperationStatus.Waiting));
        var steps = touched ? [.. routing.Steps.SkipWhile(s => s.Number < at.Step)] : routing.Steps;
        var names = taken.Select(o => o.Id.Value).ToHashSet(StringComparer.Ordinal);
        var name = Enumerable.Range(2, int.MaxValue - 2).Select(n => $"{order.Id}-L{n}").First(n => !names.Contains(n));
        // What was scrapped on the way is taken from the rest: both lots together are what the operation has.
        var kept = new Order(order.Id, order.Routing, Math.Max(1, at.Quantity - pieces), order.Release, order.Due, order.Weight, order.IsPrivate, order.Lot, order.Deadline, order.Alternatives);
        var lot = new Order(new(name), new Routing(order.Item, steps), pieces, order.Release, order.Due, order.Weight, order.IsPrivate, new LotId(name), order.Deadline);
        return (kept, lot);
    }
}
