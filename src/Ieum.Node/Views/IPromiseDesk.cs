using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Views;

/// <summary>Promise dates, reservations, and why orders are late.</summary>
public interface IPromiseDesk
{
    /// <summary>Raised after a reservation came, went or ran out; on any thread.</summary>
    event Action? Changed;

    /// <summary>What can be promised: items with a routing.</summary>
    ImmutableArray<Product> Products { get; }

    /// <summary>By end, the nearest first.</summary>
    ImmutableArray<Reservation> Reservations { get; }

    ImmutableArray<LateOrder> WhyLate();
    ImmutableArray<BindingLink> Why(OperationId operation);
    Task<ImmutableArray<PlanFix>> FixesAsync(OrderId order, CancellationToken cancel);
    Task<PromiseClash> ClashAsync(OrderId order, CancellationToken cancel);

    /// <summary>"So many pieces of this, when?" Changes nothing; the quote is kept in memory until the plan changes.</summary>
    /// <param name="release">When the material is there; null for now.</param>
    Task<PromiseQuote> AskAsync(ItemId item, int quantity, DateTimeOffset? release, CancellationToken cancel);

    /// <summary>Holds the capacity of an offer for a time of the factory clock; survives a restart.</summary>
    Task<PromiseTaken> ReserveAsync(string quote, PromiseWay way, OrderId order, TimeSpan hold, string by);

    /// <summary>Makes an order of an offer, due when it was promised.</summary>
    Task<PromiseTaken> OrderAsync(string quote, PromiseWay way, OrderId order, string by);

    /// <summary>Makes an order of a reservation.</summary>
    Task<PromiseTaken> OrderAsync(OrderId reserved, string by);

    /// <summary>Gives the capacity back before time.</summary>
    Task<PromiseTaken> ReleaseAsync(OrderId reserved, string by);
}

/// <param name="Id">By which it is reserved or ordered.</param>
/// <param name="Plan">Number of the plan it rests on; 0 where there was none.</param>
/// <param name="Took">Real time it took to answer.</param>
public sealed record PromiseQuote(string Id, ItemId Item, int Quantity, int Plan, TimeSpan Took, PromiseAnswer Answer);

/// <summary>Capacity held for an order that may come.</summary>
/// <param name="Order">As it would be ordered; due when it was promised.</param>
/// <param name="Until">It runs out then.</param>
/// <param name="Overtime">Overtime that the promise rests on.</param>
public sealed record Reservation(Order Order, DateTimeOffset Until, string By, OvertimeOffer[] Overtime);

/// <param name="Rule">Why not, one of <see cref="PromiseRules"/>; null when done.</param>
/// <param name="Finish">When it is finished in the plan that is now in force.</param>
public sealed record PromiseTaken(string? Rule, string Message, DateTimeOffset? Finish)
{
    public static PromiseTaken No(string rule, string? message = null) => new(rule, message ?? PromiseRules.All[rule], null);
}

/// <summary>Why a promise cannot be taken; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class PromiseRules
{
    public const string QuoteGone = "promise-quote-gone";
    public const string NoOffer = "promise-no-offer";
    public const string NameTaken = "promise-name-taken";
    public const string HoldRange = "promise-hold-range";
    public const string NoReservation = "promise-no-reservation";
    public const string NoItem = "promise-no-item";
    public const string NotPlanned = "promise-not-planned";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [QuoteGone] = "Another plan is in force since this was asked; ask again.",
        [NoOffer] = "There is no such offer; ask again.",
        [NameTaken] = "An order or reservation of this number is there already; give another number.",
        [HoldRange] = "A reservation lasts from 1 minute to 30 days.",
        [NoReservation] = "There is no such reservation; it may have run out.",
        [NoItem] = "This item has no routing, or the quantity is not 1 to 1,000,000.",
        [NotPlanned] = "With this order no plan is possible; nothing was changed.",
    };
}
