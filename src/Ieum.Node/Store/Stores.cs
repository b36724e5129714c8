using System.Runtime.CompilerServices;
using Ieum.Model;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>Settings documents by key, each kept as a whole.</summary>
internal sealed class DocumentStore(IDbContextFactory<NodeDb> databases, Clocks clocks)
{
    public const string Company = "company", Connections = "connections", LearnedTimes = "learned-times", Writes = "writes", ProposedTimes = "proposed-times",
        PlanLocks = "plan-locks", Products = "products", Materials = "materials", SetUpTables = "set-up-tables", MachineRules = "machine-rules", Reservations = "reservations", PlanChanges = "plan-changes", PlanBranches = "plan-branches", PlanFindings = "plan-findings", PlanRest = "plan-rest", SparkplugEdge = "sparkplug-edge", Corrections = "corrections", OrdersBehind = "orders-behind";

    public async Task<T?> FindAsync<T>(string key, CancellationToken cancel) where T : class
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Documents.AsNoTracking().FirstOrDefaultAsync(r => r.Key == key, cancel) is { } row ? DomainJson.Read<T>(row.Json) : null;
    }

    public async Task SaveAsync<T>(string key, T value, string by, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var row = await db.Documents.FirstOrDefaultAsync(r => r.Key == key, cancel);
        var (json, at) = (DomainJson.Write(value), clocks.Factory.GetUtcNow());
        if (row is null) db.Documents.Add(new() { Key = key, Json = json, ChangedBy = by, ChangedAt = at });
        else (row.Json, row.ChangedBy, row.ChangedAt) = (json, by, at);
        await db.SaveChangesAsync(cancel);
    }
}

/// <summary>Orders and plan versions.</summary>
internal sealed class PlanStore(IDbContextFactory<NodeDb> databases, Clocks clocks)
{
    public async Task<IReadOnlyList<Order>> OrdersAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.Orders.AsNoTracking().ToListAsync(cancel)).OrderBy(r => r.AddedAt).ThenBy(r => r.Id, StringComparer.Ordinal).Select(r => DomainJson.Read<Order>(r.Json))];
    }

    /// <returns>False when an order of that id is there already; nothing was changed.</returns>
    public async Task<bool> AddOrderAsync(Order order, string by, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Orders.AnyAsync(r => r.Id == order.Id.Value, cancel)) return false;
        db.Orders.Add(new() { Id = order.Id.Value, Json = DomainJson.Write(order), AddedBy = by, AddedAt = clocks.Factory.GetUtcNow() });
        await db.SaveChangesAsync(cancel);
        return true;
    }

    /// <summary>Takes orders out of the book; what was reported of them stays.</summary>
    public async Task RemoveOrdersAsync(IReadOnlyCollection<OrderId> orders, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var names = orders.Select(o => o.Value).ToHashSet(StringComparer.Ordinal);
        db.Orders.RemoveRange((await db.Orders.ToListAsync(cancel)).Where(r => names.Contains(r.Id)));
        await db.SaveChangesAsync(cancel);
    }

    /// <summary>Adds orders, or replaces those that are there; all of them or none.</summary>
    public async Task SaveOrdersAsync(IReadOnlyCollection<Order> orders, string by, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var names = orders.Select(o => o.Id.Value).ToHashSet(StringComparer.Ordinal);
        var there = (await db.Orders.ToListAsync(cancel)).Where(r => names.Contains(r.Id)).ToDictionary(r => r.Id, StringComparer.Ordinal);
        foreach (var o in orders)
            if (there.TryGetValue(o.Id.Value, out var row)) row.Json = DomainJson.Write(o);
            else db.Orders.Add(new() { Id = o.Id.Value, Json = DomainJson.Write(o), AddedBy = by, AddedAt = clocks.Factory.GetUtcNow() });
        await db.SaveChangesAsync(cancel);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<PlanVersion>> PlansAsync(int most, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.Plans.AsNoTracking().OrderByDescending(r => r.Number).Take(most).ToListAsync(cancel)).Select(r => DomainJson.Read<PlanVersion>(r.Json))];
    }

    public async Task AddPlanAsync(PlanVersion plan, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Plans.Add(new() { Number = plan.Number, Json = DomainJson.Write(plan) });
        await db.SaveChangesAsync(cancel);
    }
}

internal sealed class ShopEventStore(IDbContextFactory<NodeDb> databases) : IShopEventStore
{
    public async Task<bool> AddAsync(ShopEvent e, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.ShopEvents.AnyAsync(r => r.Id == e.Id, cancel)) return false;
        db.ShopEvents.Add(new() { Id = e.Id, Json = DomainJson.Write(e) });
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateException)
        {
            // The same report came twice at the same moment and the unique index kept one. Every engine says that in its own code; the row says it in any.
            await using var again = await databases.CreateDbContextAsync(cancel);
            if (await again.ShopEvents.AnyAsync(r => r.Id == e.Id, cancel)) return false;
            throw;
        }
    }

    public async Task<IReadOnlyList<ShopEvent>> AllAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.ShopEvents.AsNoTracking().OrderBy(r => r.Number).ToListAsync(cancel)).Select(r => DomainJson.Read<ShopEvent>(r.Json))];
    }
}

/// <summary>Keeps the loop ledger: its entries, and beside them the chain of links by which they grew.</summary>
internal sealed class LoopStore(IDbContextFactory<NodeDb> databases) : ILoopStore
{
    public event Action? Changed;

    public async Task<LoopMark> MarkAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var last = await db.Loops.MaxAsync(r => (long?)r.Number, cancel) ?? 0;
        return await Chains.HeadAsync(db.LoopChainHead.AsNoTracking(), cancel) is { } head ? new(last, head.Number, head.Hash) : new(last, 0, "");
    }

    public async Task WriteAsync(LoopEntry entry, AuditEntry link, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await Chains.AppendAsync<LoopLinkRow, LoopChainHeadRow>(db, link, cancel);
        var json = DomainJson.Write(entry);
        if (await db.Loops.FirstOrDefaultAsync(r => r.Number == entry.Number, cancel) is { } row) row.Json = json;
        else db.Loops.Add(new() { Number = entry.Number, Json = json });
        await db.SaveChangesAsync(cancel);
        Changed?.Invoke();
    }

    public async Task<LoopEntry?> FindAsync(long number, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Loops.AsNoTracking().FirstOrDefaultAsync(r => r.Number == number, cancel) is { } row ? DomainJson.Read<LoopEntry>(row.Json) : null;
    }

    public async Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.Loops.AsNoTracking().OrderByDescending(r => r.Number).Take(most).ToListAsync(cancel)).Select(r => DomainJson.Read<LoopEntry>(r.Json))];
    }

    public async IAsyncEnumerable<AuditEntry> ChainAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await foreach (var r in db.LoopChain.AsNoTracking().OrderBy(r => r.Number).AsAsyncEnumerable().WithCancellation(cancel))
            yield return r.ToEntry();
    }
}
