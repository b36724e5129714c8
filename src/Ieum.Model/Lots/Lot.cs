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
