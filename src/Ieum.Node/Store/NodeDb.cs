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
        builder.Entity<LoopLinkRow>(e =>
        {
            e.ToTable("loop_chain").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
        builder.Entity<LoopChainHeadRow>(e =>
        {
            e.ToTable("loop_chain_head").HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
        });
        builder.Entity<AnomalyRow>(e =>
        {
            e.ToTable("anomalies").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
        builder.Entity<WriteAuditRow>(e =>
        {
            e.ToTable("write_audit").HasKey(r => r.Number);
            e.Property(r => r.Number).ValueGeneratedNever();
        });
        builder.Entity<WriteAuditHeadRow>(e =>
        {
            e.ToTable("write_audit_head").HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
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

/// <summary>One link of the chain of the loop ledger; see <c>AuditChain</c>. <c>AtTicks</c> are UTC ticks, so that the hash reads back what it was made of.</summary>
internal sealed class LoopLinkRow
{
    public required long Number { get; set; }
    public required long AtTicks { get; set; }
    public required long Entry { get; set; }
    public required string Kind { get; set; }
    public required string By { get; set; }
    public required string Body { get; set; }
    public required string Previous { get; set; }
    public required string Hash { get; set; }
}

/// <summary>The newest link, kept apart from the links so that a cut-off end is seen. One row.</summary>
internal sealed class LoopChainHeadRow
{
    public required int Id { get; set; }
    public required long Number { get; set; }
    public required string Hash { get; set; }
}

internal sealed class AnomalyRow
{
    public required long Number { get; set; }
    public required string Json { get; set; }
}

/// <summary>One entry of the audit of writes; see <c>AuditChain</c>. <c>AtTicks</c> are UTC ticks, so that the hash reads back what it was made of.</summary>
internal sealed class WriteAuditRow
{
    public required long Number { get; set; }
    public required long AtTicks { get; set; }
    public required long Request { get; set; }
    public required string Kind { get; set; }
    public required string By { get; set; }
    public required string Body { get; set; }
    public required string Previous { get; set; }
    public required string Hash { get; set; }
}

/// <summary>The newest entry of the audit, kept apart from the entries so that a cut-off end is seen. One row.</summary>
internal sealed class WriteAuditHeadRow
{
    public required int Id { get; set; }
    public required long Number { get; set; }
    public required string Hash { get; set; }
}
