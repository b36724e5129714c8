using Ieum.Model;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>One line of a chain; see <c>AuditChain</c>. <c>AtTicks</c> are UTC ticks, so that the hash reads back what it was made of.</summary>
internal abstract class ChainRow
{
    public long Number { get; set; }
    public long AtTicks { get; set; }

    /// <summary>Number of the request or entry it belongs to.</summary>
    public long Of { get; set; }
    public string Kind { get; set; } = "";
    public string By { get; set; } = "";
    public string Body { get; set; } = "";
    public string Previous { get; set; } = "";
    public string Hash { get; set; } = "";

    public AuditEntry ToEntry() => new(Number, new DateTimeOffset(Math.Clamp(AtTicks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero), Of, Kind, By, Body, Previous, Hash);
}

/// <summary>The newest line of a chain, kept apart from the lines so that a cut-off end is seen. One row.</summary>
internal abstract class ChainHeadRow
{
    public int Id { get; set; }
    public long Number { get; set; }
    public string Hash { get; set; } = "";
}

/// <summary>The chain of the loop ledger.</summary>
internal sealed class LoopLinkRow : ChainRow;
internal sealed class LoopChainHeadRow : ChainHeadRow;

/// <summary>The audit of writes.</summary>
internal sealed class WriteAuditRow : ChainRow;
internal sealed class WriteAuditHeadRow : ChainHeadRow;

/// <summary>Chains in the node's database: two tables each, one kind of row.</summary>
internal static class Chains
{
    /// <param name="of">Column of <see cref="ChainRow.Of"/>.</param>
    public static void Map<TRow, THead>(ModelBuilder builder, string table, string of) where TRow : ChainRow where THead : ChainHeadRow
    {
        builder.Entity<TRow>(e =>
        {
            e.ToTable(table).HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
            e.Property(r => r.Of).HasColumnName(of);
        });
        builder.Entity<THead>(e =>
        {
            e.ToTable(table + "_head").HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
        });
    }

    /// <summary>Adds a line and moves the head to it; saving is the caller's.</summary>
    /// <exception cref="InvalidOperationException">The line does not follow the newest one.</exception>
    public static async Task AppendAsync<TRow, THead>(NodeDb db, AuditEntry e, CancellationToken cancel) where TRow : ChainRow, new() where THead : ChainHeadRow, new()
    {
        var head = await HeadAsync<THead>(db.Set<THead>(), cancel);
        if (e.Number != (head?.Number ?? 0) + 1) throw new InvalidOperationException($"Line {e.Number} does not follow line {head?.Number ?? 0} of the chain '{typeof(TRow).Name}'.");
        if (head is null) db.Add(new THead { Id = 1, Number = e.Number, Hash = e.Hash });
        else (head.Number, head.Hash) = (e.Number, e.Hash);
        db.Add(new TRow { Number = e.Number, AtTicks = e.At.UtcTicks, Of = e.Request, Kind = e.Kind, By = e.By, Body = e.Body, Previous = e.Previous, Hash = e.Hash });
    }

    public static Task<THead?> HeadAsync<THead>(IQueryable<THead> heads, CancellationToken cancel) where THead : ChainHeadRow => heads.FirstOrDefaultAsync(h => h.Id == 1, cancel);
}
