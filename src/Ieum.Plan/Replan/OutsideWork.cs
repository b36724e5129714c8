using Ieum.Model;

namespace Ieum.Plan;

/// <summary>An order one of whose steps is done by another company: in place of the work stands the journey there and back.</summary>
internal static class OutsideWork
{
    /// <param name="ready">When the parts are there to be sent.</param>
    /// <returns>
    /// Null where the routing leaves no place for a journey, or none leaves in two weeks; else the order, the cut-off of the supplier,
    /// and where the parts come back after the due date that the rest waits for them: no order can be released after it is due.
    /// </returns>
    public static (Order Order, DateTimeOffset CutOff, PlanChange.OrderWaits? Back)? Of(PlanRequest request, Order order, PlannedOperation operation, Subcontractor supplier, DateTimeOffset ready)
    {
        if (request.Factory.Transport.FirstOrDefault(t => t.Id == supplier.Transport) is not { } service) return null;
        if (order.Routings.ElementAtOrDefault(operation.Routing) is not { } routing || CutOffs.Next(service, ready) is not var (leaves, there)) return null;
        var at = routing.Steps.IndexOf(routing.Steps.First(s => s.Number == operation.Step));
        var (before, after) = (at > 0 ? routing.Steps[at - 1] : null, at + 1 < routing.Steps.Length ? routing.Steps[at + 1] : null);
        // Two journeys in a row, or a wait behind one, are no routing.
        if (before is RoutingStep.Transport || after is RoutingStep.Transport or RoutingStep.Wait) return null;
        var first = routing.WorkSteps.First().Number == operation.Step;
        if (first && after is null) return null;
        // Before the first step nothing waits for a journey, so the parts come back as a later release.
        var steps = first ? routing.Steps.RemoveRange(0, at + 1) : routing.Steps.SetItem(at, new RoutingStep.Transport(operation.Step, $"{supplier.Name.En}: {routing.Steps[at].Name}", supplier.Transport));
        var late = first && there > order.Due;
        // Parts that wait for their own material are not there to be sent.
        if (late && PlanChanges.Waits(order)) return null;
        var release = first && !late && there > order.Release ? there : order.Release;
        return (new(order.Id, new(order.Item, steps), order.Quantity, release, order.Due, order.Weight, order.IsPrivate, order.Lot, order.Deadline), leaves - service.CutOff, late ? new(order.Id, there) : null);
    }
}
