namespace Ieum.Model;

/// <summary>Keeps the loop ledger: append, then grow each entry; nothing is ever deleted.</summary>
public interface ILoopStore
{
    Task<LoopEntry> AddAsync(LoopEntry entry, CancellationToken cancel);
    Task ReplaceAsync(LoopEntry entry, CancellationToken cancel);
    Task<LoopEntry?> FindAsync(long number, CancellationToken cancel);
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel);
}

/// <summary>Keeps what the shop floor reported. An event id that is already there is not stored again.</summary>
public interface IShopEventStore
{
    /// <returns>False when the id was known already.</returns>
    Task<bool> AddAsync(ShopEvent e, CancellationToken cancel);
    /// <summary>In the order they were stored.</summary>
    Task<IReadOnlyList<ShopEvent>> AllAsync(CancellationToken cancel);
}
