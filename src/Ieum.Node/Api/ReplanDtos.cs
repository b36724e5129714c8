using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Api;

/// <summary>A change as it comes and goes on the wire; which fields count depends on <paramref name="Kind"/>.</summary>
/// <param name="Kind"><c>machineDown</c> (machine, from, until), <c>extraTime</c> (machine, from, until, pricePerHour), <c>away</c> (resource, from, until), <c>materialLate</c> (item, until), <c>stockIs</c>
/// (item, amount), <c>orderWaits</c> (order, until), <c>scrapped</c> (order, pieces), <c>orderGone</c> (order), <c>order</c> (order; item for a new one; quantity, release, due, weight, routing where they change).</param>
/// <param name="From">Now when left out.</param>
/// <param name="Routing">0 for the order's own routing, 1 and up for its alternatives; the others are then not taken.</param>
internal sealed record PlanChangeDto(string Kind, string? Machine = null, string? Resource = null, string? Item = null, string? Order = null, DateTimeOffset? From = null, DateTimeOffset? Until = null,
    double? Amount = null, int? Pieces = null, int? Quantity = null, DateTimeOffset? Release = null, DateTimeOffset? Due = null, int? Weight = null, int? Routing = null, double? PricePerHour = null)
{
    public static PlanChangeDto Of(PlanChange change) => change switch
    {
        PlanChange.MachineDown d => new("machineDown", Machine: d.Machine.Value, From: d.Range.From, Until: d.Range.To),
        PlanChange.ExtraTime e => new("extraTime", Machine: e.Machine.Value, From: e.Range.From, Until: e.Range.To, PricePerHour: e.PricePerHour),
        PlanChange.Away a => new("away", Resource: a.Resource, From: a.Range.From, Until: a.Range.To),
        PlanChange.MaterialLate m => new("materialLate", Item: m.Item.Value, Until: m.Until),
        PlanChange.StockIs s => new("stockIs", Item: s.Item.Value, Amount: s.OnHand),
        PlanChange.OrderWaits w => new("orderWaits", Order: w.Order.Value, Until: w.Until),
        PlanChange.OrderGone g => new("orderGone", Order: g.Order.Value),
        PlanChange.Scrapped s => new("scrapped", Order: s.Order.Value, Pieces: s.Pieces),
        PlanChange.OrderIs { Order: var o } => new("order", Item: o.Item.Value, Order: o.Id.Value, Quantity: o.Quantity, Release: o.Release, Due: o.Due, Weight: o.Weight),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A change without a name on the wire."),
    };

    /// <returns>Null with the reason when it cannot be read.</returns>
    public (PlanChange? Change, string Why) Read(IReadOnlyCollection<Order> book, IReadOnlyCollection<Product> products, DateTimeOffset now)
    {
        (PlanChange?, string) No(string why) => (null, why);
        foreach (var name in (string?[])[Machine, Resource, Item, Order])
            if (name is not null && !Identifier.IsValid(name)) return No($"'{name}' cannot name anything.");
        TimeRange? Range() => Until is { } until && until > (From ?? now) ? new(From ?? now, until) : null;
        return Kind switch
        {
            "machineDown" => Machine is not null && Range() is { } r ? (new PlanChange.MachineDown(new(Machine), r), "") : No("machineDown takes machine and until, after from."),
            "extraTime" => Machine is not null && Range() is { } r && (PricePerHour ?? 0) >= 0 ? (new PlanChange.ExtraTime(new(Machine), r, PricePerHour ?? 0), "") : No("extraTime takes machine, from, until after it, and pricePerHour of 0 or more."),
            "away" => Resource is not null && Range() is { } r ? (new PlanChange.Away(Resource, r), "") : No("away takes resource and until, after from."),
            "materialLate" => Item is not null && Until is { } u ? (new PlanChange.MaterialLate(new(Item), u), "") : No("materialLate takes item and until."),
            "stockIs" => Item is not null && Amount is >= 0 ? (new PlanChange.StockIs(new(Item), Amount.Value), "") : No("stockIs takes item and amount of 0 or more."),
            "orderWaits" => Order is not null && Until is { } u ? (new PlanChange.OrderWaits(new(Order), u), "") : No("orderWaits takes order and until."),
            "orderGone" => Order is not null ? (new PlanChange.OrderGone(new(Order)), "") : No("orderGone takes order."),
            "scrapped" => Order is not null && Pieces is >= 1 ? (new PlanChange.Scrapped(new(Order), Pieces.Value), "") : No("scrapped takes order and pieces of 1 or more."),
            "order" => OrderOf(book, products, now),
            _ => No($"'{Kind}' is not a change; choose machineDown, extraTime, away, materialLate, stockIs, orderWaits, scrapped, orderGone or order."),
        };
    }

    private (PlanChange?, string) OrderOf(IReadOnlyCollection<Order> book, IReadOnlyCollection<Product> products, DateTimeOffset now)
    {
        if (Order is null) return (null, "order takes the number of an order.");
        var known = book.FirstOrDefault(o => o.Id.Value == Order);
        var product = products.FirstOrDefault(p => p.Id.Value == Item);
        if (known is null && product is null) return (null, $"Order '{Order}' is not in the book, and item '{Item}' has no routing.");
        Routing[] ways = known is not null ? [.. known.Routings] : [product!.Routing, .. product.Alternatives];
        var (quantity, release, weight) = (Quantity ?? known?.Quantity ?? 0, Release ?? known?.Release ?? now, Weight ?? known?.Weight ?? 1);
        var due = Due ?? known?.Due ?? default;
        if (quantity < 1 || due < release || weight is < 1 or > 100 || Routing is { } r && (r < 0 || r >= ways.Length)) return (null, "quantity is 1 or more, due not before release, weight 1 to 100, routing one of the order's.");
        var deadline = known?.Deadline is { } last ? (last < due ? due : last) : (DateTimeOffset?)null;
        return (new PlanChange.OrderIs(new(new(Order), ways[Routing ?? 0], quantity, release, due, weight, known?.IsPrivate ?? false, known?.Lot, deadline, Routing is null ? [.. ways.Skip(1)] : [])), "");
    }
}

/// <param name="TardinessHours">Lateness of all orders, each times its weight.</param>
/// <param name="Cost">Null where a price is not known.</param>
internal sealed record FiguresDto(int Orders, int Late, double TardinessHours, double LeadHours, double OvertimeHours, double? Cost, int Moved, int Shifted, int Worse, double Utilisation, DateTimeOffset End)
{
    public static FiguresDto Of(PlanFigures f) => new(f.Orders, f.Late, f.Tardiness.TotalHours, f.Lead.TotalHours, f.Overtime.TotalHours, f.Cost, f.Moved, f.Shifted, f.Worse, f.Utilisation, f.End);
}

/// <param name="Cause"><c>begins</c>, <c>overtime</c>, <c>supplier</c> or <c>departure</c>.</param>
internal sealed record CutOffDto(DateTimeOffset At, CutOffCause Cause, string? Operation, string? What)
{
    public static CutOffDto Of(CutOff c) => new(c.At, c.Cause, c.Operation?.Value, c.What);
}

/// <param name="Kind"><c>nothing</c>, <c>reorder</c>, <c>machine</c>, <c>overtime</c>, <c>split</c> or <c>outside</c>.</param>
/// <param name="Until">From here on it cannot be chosen; null for always.</param>
/// <param name="SecondsLeft">Until then, by the factory clock; 0 when it has run out.</param>
internal sealed record AlternativeDto(AlternativeKind Kind, int Rank, DateTimeOffset? Until, double? SecondsLeft, FiguresDto Figures, PlannedDto[] Moves, CutOffDto[] CutOffs, ChangeDto[] Changes, string? Supplier, string? Operation)
{
    public static AlternativeDto Of(Alternative a, DateTimeOffset now) => new(a.Kind, a.Rank, a.Until, a.Until is { } u ? Math.Max(0, (u - now).TotalSeconds) : null, FiguresDto.Of(a.Figures), [.. a.Moves.Select(PlannedDto.Of)],
        [.. a.CutOffs.Select(CutOffDto.Of)], [.. a.Changes.Select(ChangeDto.Of)], a.Supplier?.Id, a.Of?.Value);
}

internal sealed record ToldDto(string Id, PlanChangeDto Change, string By, DateTimeOffset At)
{
    public static ToldDto Of(ToldChange t) => new(t.Id, PlanChangeDto.Of(t.Change), t.By, t.At);
}

/// <param name="NoHelp">What was tried and is no better than doing nothing.</param>
internal sealed record ReplanCaseDto(ToldDto Told, int Plan, double Seconds, AlternativeDto[] Alternatives, AlternativeKind[] NoHelp, ConflictDto[] Conflicts)
{
    public static ReplanCaseDto Of(ReplanCase c, DateTimeOffset now) => new(ToldDto.Of(c.Told), c.Plan, c.Took.TotalSeconds, [.. c.Answer.Alternatives.Select(a => AlternativeDto.Of(a, now))], [.. c.Answer.NoHelp], [.. c.Answer.Conflicts.Select(ConflictDto.Of)]);
}

/// <param name="Now">The factory clock, by which the time to decide runs out.</param>
internal sealed record DisturbancesDto(DateTimeOffset Now, int? Plan, ToldDto[] Told, ReplanCaseDto[] Cases);

internal sealed record ChooseDto(AlternativeKind Kind);

/// <param name="Plan">Number of the plan that is now in force.</param>
internal sealed record ChosenDto(int? Plan);
