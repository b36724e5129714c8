using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Cluster;

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
    public Views.CurrentWork With(IReadOnlyDictionary<OrderId, Order> orders, bool late, int? counted) => new(
        Dispatch.Operation.Operation, Dispatch.Operation.Order,
        orders.TryGetValue(Dispatch.Operation.Order, out var order) ? order.Item : new("?"),
        Dispatch.Actual.Status, Dispatch.Operation.Quantity, Dispatch.Actual.Good, Dispatch.Actual.Scrap, Dispatch.Operation.End, late,
        Dispatch.Actual.Status is OperationStatus.Running or OperationStatus.Paused ? counted : null);
}
