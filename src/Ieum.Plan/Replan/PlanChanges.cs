using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>What a change makes of a request.</summary>
public static class PlanChanges
{
    /// <summary>The request with a change; one that names what there is not changes nothing.</summary>
    public static PlanRequest With(this PlanRequest request, PlanChange change)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(change);
        var f = request.Factory;
        return change switch
        {
            PlanChange.MachineDown d => request with { Down = request.Down.Add((d.Machine, d.Range)) },
            PlanChange.ExtraTime e => request with { Factory = f with { Overtime = Offered(f.Overtime, new(e.Machine, e.Range, e.PricePerHour)) } },
            PlanChange.Away { Machines.Length: > 0 } a => request with { Down = request.Down.AddRange(a.Machines.Select(m => (m, a.Range))) },
            PlanChange.Away a => request with { Factory = f with { Resources = [.. f.Resources.Select(r => r.Id == a.Resource ? r with { Absences = r.Absences.Add(a.Range) } : r)] } },
            PlanChange.MaterialLate m => request with { Factory = f with { Materials = [.. f.Materials.Select(s => s.Item == m.Item ? s with { Arrivals = [.. s.Arrivals.Select(x => x.At < m.Until ? x with { At = m.Until } : x)] } : s)] } },
            PlanChange.StockIs k => request with { Factory = f with { Materials = [.. f.Materials.Select(s => s.Item == k.Item ? s with { OnHand = k.OnHand } : s)] } },
            PlanChange.OrderIs o => request with { Orders = [.. request.Orders.Where(x => x.Id != o.Order.Id), o.Order] },
            PlanChange.OrderGone g => request with { Orders = request.Orders.RemoveAll(o => o.Id == g.Order) },
            PlanChange.OrderWaits w => Waiting(request, w),
            PlanChange.Scrapped s => Remade(request, s),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A change that planning does not know."),
        };
    }

    public static PlanRequest With(this PlanRequest request, IEnumerable<PlanChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return changes.Aggregate(request, (r, c) => r.With(c));
    }

    /// <summary>The order without what <see cref="PlanChange.OrderWaits"/> makes it wait for, as it stands in the book.</summary>
    public static Order Unfed(Order order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!Waits(order)) return order;
        static Routing Of(Routing r) => new(r.Item, [.. r.Steps.Select(s => s is RoutingStep.Work w ? w with { Takes = w.Takes.RemoveAll(t => t.Item.Value.StartsWith(Own, StringComparison.Ordinal)) } : s)]);
        return new(order.Id, Of(order.Routing), order.Quantity, order.Release, order.Due, order.Weight, order.IsPrivate, order.Lot, order.Deadline, [.. order.Alternatives.Select(Of)]);
    }

    /// <summary>Whether an order of a request waits for material of its own.</summary>
    internal static bool Waits(Order order) => order.Routings.SelectMany(r => r.WorkSteps).SelectMany(s => s.Takes).Any(t => t.Item.Value.StartsWith(Own, StringComparison.Ordinal));

    private const string Own = "material:";

    /// <summary>The order, or the end of its name, that alone waits for this material; null for material that others take too.</summary>
    public static string? OwnMaterialOf(string material) => material?.StartsWith(Own, StringComparison.Ordinal) == true ? material[Own.Length..] : null;

    /// <summary>Whether it speaks of the order book, and not of machines, people and material.</summary>
    public static bool IsOfBook(this PlanChange change) => change is PlanChange.OrderIs or PlanChange.OrderGone or PlanChange.Scrapped;

    /// <summary>When it is over by itself; null when it is not.</summary>
    public static DateTimeOffset? Ends(this PlanChange change) => change switch
    {
        PlanChange.MachineDown d => d.Range.To,
        PlanChange.ExtraTime e => e.Range.To,
        PlanChange.Away a => a.Range.To,
        PlanChange.MaterialLate m => m.Until,
        PlanChange.OrderWaits w => w.Until,
        _ => null,
    };

    private static string Short(string before, OrderId order) => before + (before.Length + order.Value.Length <= Identifier.MaxLength ? order.Value : order.Value[^(Identifier.MaxLength - before.Length)..].TrimStart());

    private static ImmutableArray<OvertimeOffer> Offered(ImmutableArray<OvertimeOffer> known, OvertimeOffer more) =>
        [.. known.Where(o => o.Machine != more.Machine || o.Range.To <= more.Range.From || more.Range.To <= o.Range.From), more];

    /// <summary>The first step that has not begun waits for a material of its own that comes then. The due date stays where it is, so that the lateness shows.</summary>
    private static PlanRequest Waiting(PlanRequest request, PlanChange.OrderWaits w)
    {
        if (request.Orders.FirstOrDefault(o => o.Id == w.Order) is not { } order) return request;
        var what = new ItemId(Short(Own, order.Id));
        var begun = request.Actuals.Where(a => a.Status != OperationStatus.Waiting).Select(a => a.Operation).ToHashSet();
        Routing Fed(Routing r) => r.WorkSteps.FirstOrDefault(s => !begun.Contains(OperationId.Of(order.Id, s.Number))) is not { } first ? r
            : new(r.Item, r.Steps.Replace(first, first with { Takes = first.Takes.Add(new(what, 1)) }));
        var fed = new Order(order.Id, Fed(order.Routing), order.Quantity, order.Release, order.Due, order.Weight, order.IsPrivate, order.Lot, order.Deadline, [.. order.Alternatives.Select(Fed)]);
        var comes = new MaterialStock(what, LocalName.Same(what.Value), 0, true, [new(w.Until, order.Quantity)]);
        return request with { Orders = request.Orders.Replace(order, fed), Factory = request.Factory with { Materials = [.. request.Factory.Materials.Where(m => m.Item != what), comes] } };
    }

    /// <summary>The lost pieces become a lot of their own from the first step on; the rest goes on.</summary>
    private static PlanRequest Remade(PlanRequest request, PlanChange.Scrapped s)
    {
        if (request.Orders.FirstOrDefault(o => o.Id == s.Order) is not { } order || s.Pieces < 1) return request;
        var pieces = Math.Min(s.Pieces, order.Quantity);
        var names = request.Orders.Select(o => o.Id.Value).ToHashSet(StringComparer.Ordinal);
        var name = Enumerable.Range(1, int.MaxValue - 1).Select(n => $"{order.Id}-R{n}").First(n => !names.Contains(n));
        var again = new Order(new(name), order.Routing, pieces, order.Release, order.Due, order.Weight, order.IsPrivate, new LotId(name), order.Deadline, order.Alternatives);
        var rest = pieces == order.Quantity ? null : new Order(order.Id, order.Routing, order.Quantity - pieces, order.Release, order.Due, order.Weight, order.IsPrivate, order.Lot, order.Deadline, order.Alternatives);
        return request with { Orders = [.. rest is null ? request.Orders.Remove(order) : request.Orders.Replace(order, rest), again] };
    }
}
