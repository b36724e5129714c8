using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>A person who may sign in, with what the pages remember about them.</summary>
internal sealed class NodeUser : IdentityUser
{
    /// <summary><c>ko</c>, <c>ja</c> or <c>en</c>; null until chosen.</summary>
    public string? Language { get; set; }

    /// <summary>Null follows the device.</summary>
    public bool? DarkMode { get; set; }
}

/// <summary>The node's database: people, settings, orders, plans, reports and the ledger. Measurements live in the Record room.</summary>
internal sealed class NodeDb(DbContextOptions<NodeDb> options) : IdentityDbContext<NodeUser>(options)
{
    public DbSet<DocumentRow> Documents => Set<DocumentRow>();
    public DbSet<OrderRow> Orders => Set<OrderRow>();
    public DbSet<PlanRow> Plans => Set<PlanRow>();
    public DbSet<ShopEventRow> ShopEvents => Set<ShopEventRow>();
    public DbSet<LoopRow> Loops => Set<LoopRow>();
    public DbSet<LoopLinkRow> LoopChain => Set<LoopLinkRow>();
    public DbSet<LoopChainHeadRow> LoopChainHead => Set<LoopChainHeadRow>();
    public DbSet<AnomalyRow> Anomalies => Set<AnomalyRow>();
    public DbSet<WriteAuditRow> WriteAudit => Set<WriteAuditRow>();
    public DbSet<WriteAuditHeadRow> WriteAuditHead => Set<WriteAuditHeadRow>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<DocumentRow>().ToTable("documents").HasKey(r => r.Key);
        builder.Entity<OrderRow>().ToTable("orders").HasKey(r => r.Id);
        builder.Entity<PlanRow>(e =>
        {
            e.ToTable("plans").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
        builder.Entity<ShopEventRow>(e =>
        {
            e.ToTable("shop_events").HasKey(r => r.Number);
            e.HasIndex(r => r.Id).IsUnique();
        });
        builder.Entity<LoopRow>(e =>
        {
            e.ToTable("loops").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
        Chains.Map<LoopLinkRow, LoopChainHeadRow>(builder, "loop_chain", "Entry");
        Chains.Map<WriteAuditRow, WriteAuditHeadRow>(builder, "write_audit", "Request");
        builder.Entity<AnomalyRow>(e =>
        {
            e.ToTable("anomalies").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
    }
}

/// <summary>A settings document (company, connections): the newest state, who changed it last, and when.</summary>
internal sealed class DocumentRow
{
    public required string Key { get; set; }
    public required string Json { get; set; }
    public required string ChangedBy { get; set; }
    public required DateTimeOffset ChangedAt { get; set; }
}

internal sealed class OrderRow
{
    public required string Id { get; set; }
    public required string Json { get; set; }
    public required string AddedBy { get; set; }
    public required DateTimeOffset AddedAt { get; set; }
}

internal sealed class PlanRow
{
    public required int Number { get; set; }
    public required string Json { get; set; }
}

internal sealed class ShopEventRow
{
    public long Number { get; set; }
    public required Guid Id { get; set; }
    public required string Json { get; set; }
}

internal sealed class LoopRow
{
    public required long Number { get; set; }
    public required string Json { get; set; }
}

internal sealed class AnomalyRow
{
    public required long Number { get; set; }
    public required string Json { get; set; }
}
