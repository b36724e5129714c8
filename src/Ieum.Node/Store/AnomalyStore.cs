using Ieum.Node.Views;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>Findings of the anomaly watch; an answer replaces the finding as a whole.</summary>
internal sealed class AnomalyStore(IDbContextFactory<NodeDb> databases)
{
    /// <summary>Gives the finding its number.</summary>
    public async Task<AnomalyFinding> AddAsync(AnomalyFinding finding, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        // Only the watch adds, one finding after the other, so the next number is free.
        finding = finding with { Number = (await db.Anomalies.MaxAsync(r => (long?)r.Number, cancel) ?? 0) + 1 };
        db.Anomalies.Add(new() { Number = finding.Number, Json = DomainJson.Write(finding) });
        await db.SaveChangesAsync(cancel);
        return finding;
    }

    public async Task ReplaceAsync(AnomalyFinding finding, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var row = await db.Anomalies.FirstOrDefaultAsync(r => r.Number == finding.Number, cancel)
            ?? throw new InvalidOperationException($"There is no finding {finding.Number}.");
        row.Json = DomainJson.Write(finding);
        await db.SaveChangesAsync(cancel);
    }

    public async Task<AnomalyFinding?> FindAsync(long number, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Anomalies.AsNoTracking().FirstOrDefaultAsync(r => r.Number == number, cancel) is { } row ? DomainJson.Read<AnomalyFinding>(row.Json) : null;
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AnomalyFinding>> ListAsync(int most, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return [.. (await db.Anomalies.AsNoTracking().OrderByDescending(r => r.Number).Take(most).ToListAsync(cancel)).Select(r => DomainJson.Read<AnomalyFinding>(r.Json))];
    }
}
