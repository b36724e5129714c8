using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>Puts orders, plan and reports together: what a machine works on, and what it was meant to do.</summary>
internal static class ShopWork
{
    /// <summary>Work on orders at a machine inside a range, from what people reported; running work lasts until <paramref name="now"/>.</summary>
    public static ImmutableArray<OrderWork> At(MachineId machine, TimeRange range, DateTimeOffset now, IEnumerable<Order> orders, IEnumerable<OperationActual> actuals)
    {
        var byId = orders.ToDictionary(o => o.Id);
        var work = ImmutableArray.CreateBuilder<OrderWork>();
        foreach (var a in actuals)
        {
            if (a.Machine != machine || a.Started is not { } from || !byId.TryGetValue(OrderGrain.OrderOf(a.Operation), out var order)) continue;
            var to = a.Finished ?? now;
            if (to < from || !new TimeRange(from, to).Overlaps(range)) continue;
            if (StepOf(order, a.Operation, machine)?.Options.FirstOrDefault(o => o.Machine == machine) is not { } option) continue;
            work.Add(new(a.Operation, order.Item, new(from, to), option.PerPiece, option.SetUp, a.Good, a.Scrap));
        }
        work.Sort((a, b) => a.Range.From.CompareTo(b.Range.From));
        return work.ToImmutable();
    }

    /// <summary>The step behind an operation: of the order's own routing, else of the alternative that knows its machine, else of any.</summary>
    public static RoutingStep.Work? StepOf(Order order, OperationId operation, MachineId? machine = null)
    {
        var steps = order.Routings.SelectMany(r => r.WorkSteps).Where(s => OperationId.Of(order.Id, s.Number) == operation).ToArray();
        return steps.FirstOrDefault(s => machine is not { } m || s.Options.Any(o => o.Machine == m)) ?? steps.FirstOrDefault();
    }

    /// <summary>Lots that were reported of any step of the order, its own first.</summary>
    public static ImmutableArray<LotChoice> LotsOf(OperationId operation, IEnumerable<Order> orders, IEnumerable<OperationActual> actuals)
    {
        var id = OrderGrain.OrderOf(operation);
        if (orders.FirstOrDefault(o => o.Id == id) is not { } order) return [];
        var byStep = actuals.Where(a => OrderGrain.OrderOf(a.Operation) == id).ToDictionary(a => a.Operation);
        var steps = order.Routings.FirstOrDefault(r => r.WorkSteps.Any(s => OperationId.Of(id, s.Number) == operation))?.WorkSteps.Select(s => OperationId.Of(id, s.Number)).ToArray() ?? [operation];
        var here = byStep.GetValueOrDefault(operation);
        var before = Array.IndexOf(steps, operation) is > 0 and var at ? byStep.GetValueOrDefault(steps[at - 1])?.Lots : null;
        var current = here?.Lot ?? order.OwnLot;
        var named = steps.Select(s => byStep.GetValueOrDefault(s)).OfType<OperationActual>().SelectMany(a => (a.Lots ?? []).Select(l => l.Lot ?? order.OwnLot).Append(a.Lot ?? order.OwnLot));
        return [.. named.Prepend(order.OwnLot).Distinct().Select(lot => new LotChoice(lot, lot == current,
            before is null ? null : Of(before, lot).Sum(l => l.Good), Of(here?.Lots ?? [], lot).Sum(l => l.Good), Of(here?.Lots ?? [], lot).Sum(l => l.Scrap)))];

        IEnumerable<LotCount> Of(IEnumerable<LotCount> lots, LotId lot) => lots.Where(l => (l.Lot ?? order.OwnLot) == lot);
    }

    /// <summary>What the machine is busy with: the running or paused operation, else the next one; null when nothing is dispatched.</summary>
    public static CurrentWorkFacts? Current(ImmutableArray<Dispatch> list)
    {
        var at = list.FirstOrDefault(d => d.Actual.Status is OperationStatus.Running or OperationStatus.Paused)
            ?? list.FirstOrDefault(d => d.Actual.Status == OperationStatus.Waiting);
        return at is null ? null : new(at);
    }
}

internal sealed record CurrentWorkFacts(Dispatch Dispatch)
{
    public CurrentWork With(IReadOnlyDictionary<OrderId, Order> orders, bool late, int? counted) => new(
        Dispatch.Operation.Operation, Dispatch.Operation.Order,
        orders.TryGetValue(Dispatch.Operation.Order, out var order) ? order.Item : new("?"),
        Dispatch.Actual.Status, Dispatch.Operation.Quantity, Dispatch.Actual.Good, Dispatch.Actual.Scrap, Dispatch.Operation.End, late,
        Dispatch.Actual.Status is OperationStatus.Running or OperationStatus.Paused ? counted : null);
}
