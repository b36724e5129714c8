namespace Ieum.Model;

/// <summary>Pieces that were made together and are told apart from others of the same item.</summary>
public sealed record Lot
{
    /// <param name="quantity">Pieces started; 1 or more.</param>
    public Lot(LotId id, ItemId item, int quantity, OrderId? order = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quantity, 1);
        (Id, Item, Quantity, Order) = (id, item, quantity, order);
    }

    public LotId Id { get; }
    public ItemId Item { get; }
    public int Quantity { get; }
    public OrderId? Order { get; }
}

/// <summary>What one report counted of a lot.</summary>
/// <param name="Lot">Null: the order's own.</param>
/// <param name="Good">Good pieces; zero or more.</param>
/// <param name="Scrap">Scrapped pieces; zero or more.</param>
public sealed record LotCount(LotId? Lot, int Good, int Scrap, DateTimeOffset At);

/// <summary>Whose lot is whose.</summary>
public static class LotBook
{
    /// <summary>A lot that the order book gives to other orders only: naming it for this one is a slip that would mix up two lots for good.</summary>
    public static bool IsOfAnother(IReadOnlyCollection<Order> orders, OrderId order, LotId lot) =>
        orders.Any(o => o.OwnLot == lot) && !orders.Any(o => o.Id == order && o.OwnLot == lot);
}
