using System.Runtime.CompilerServices;
using Ieum.Model;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>The audit of writes in the node's database.</summary>
internal sealed class WriteAuditStore(IDbContextFactory<NodeDb> databases) : IWriteAuditStore
{
    public async Task AppendAsync(AuditEntry e, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await db.Database.OpenConnectionAsync(cancel);
        // FULL: the entry stands before a power cut too. The rest of the database is content with surviving the process.
        await db.Database.ExecuteSqlRawAsync("PRAGMA synchronous=FULL", cancel);
        try
        {
            await Chains.AppendAsync<WriteAuditRow, WriteAuditHeadRow>(db, e, cancel);
            await db.SaveChangesAsync(cancel);
        }
        finally
        {
            // The connection goes back into the pool, to work that need not wait for the disk.
            await db.Database.ExecuteSqlRawAsync("PRAGMA synchronous=NORMAL", CancellationToken.None);
        }
    }

    public async IAsyncEnumerable<AuditEntry> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await foreach (var row in db.WriteAudit.AsNoTracking().Where(r => r.Number > after).OrderBy(r => r.Number).AsAsyncEnumerable().WithCancellation(cancel))
            yield return row.ToEntry();
    }

    public async Task<IReadOnlyList<AuditEntry>> NewestAsync(int most, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.WriteAudit.AsNoTracking().OrderByDescending(r => r.Number).Take(most).ToListAsync(cancel)).Select(r => r.ToEntry())];
    }

    public async Task<(long Number, string Hash)?> HeadAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await Chains.HeadAsync(db.WriteAuditHead.AsNoTracking(), cancel) is { } head ? (head.Number, head.Hash) : null;
    }
}

/// <summary>The allow list as one settings document.</summary>
internal sealed class WriteRuleStore(DocumentStore documents) : IWriteRuleStore
{
    public async Task<IReadOnlyList<WriteRule>> AllAsync(CancellationToken cancel) => await documents.FindAsync<WriteRule[]>(DocumentStore.Writes, cancel) ?? [];

    public Task SaveAsync(IReadOnlyList<WriteRule> rules, string by, CancellationToken cancel) => documents.SaveAsync(DocumentStore.Writes, rules.ToArray(), by, cancel);
}
