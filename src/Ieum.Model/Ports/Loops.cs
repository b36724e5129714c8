namespace Ieum.Model;

/// <summary>Where the loop ledger ends.</summary>
/// <param name="Entries">Number of the newest entry; 0 before the first.</param>
/// <param name="Links">Number of the newest link of its chain; 0 before the first.</param>
/// <param name="Hash">Hash of that link as kept apart from the links; empty before the first.</param>
public readonly record struct LoopMark(long Entries, long Links, string Hash);

/// <summary>Keeps the loop ledger: entries that grow, and the chain of links by which they grew; nothing is ever deleted.</summary>
public interface ILoopStore
{
    Task<LoopMark> MarkAsync(CancellationToken cancel);

    /// <summary>Keeps the entry as it is now, a new one added, and appends the link by which it became so: both or neither.</summary>
    /// <exception cref="InvalidOperationException">The link does not follow the newest one.</exception>
    Task WriteAsync(LoopEntry entry, AuditEntry link, CancellationToken cancel);
    Task<LoopEntry?> FindAsync(long number, CancellationToken cancel);
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel);

    /// <summary>Every link, oldest first.</summary>
    IAsyncEnumerable<AuditEntry> ChainAsync(CancellationToken cancel);
}

/// <summary>Keeps what the shop floor reported. An event id that is already there is not stored again.</summary>
public interface IShopEventStore
{
    /// <returns>False when the id was known already.</returns>
    Task<bool> AddAsync(ShopEvent e, CancellationToken cancel);
    /// <summary>In the order they were stored.</summary>
    Task<IReadOnlyList<ShopEvent>> AllAsync(CancellationToken cancel);
}
