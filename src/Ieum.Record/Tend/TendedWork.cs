using Ieum.Record.Ingest;

namespace Ieum.Record.Tend;

/// <summary>Blocks of one signal that others take the place of. The new ones get the highest numbers of the old, so their order of arrival among the rest stays.</summary>
/// <param name="Old">Numbers, ascending; at least as many as <paramref name="Fresh"/>.</param>
/// <param name="Fresh">By time.</param>
internal sealed record Replacement(int Signal, long[] Old, List<SealedBlock> Fresh);

/// <summary>A row of table <c>rollup</c>; without bytes it goes.</summary>
internal sealed record RollupRow(int Signal, Tier Tier, long Chunk, byte[]? Bytes);

/// <summary>A bounded piece of upkeep, made beside the writer; the writer makes it durable in one transaction.</summary>
internal sealed class TendedWork
{
    public List<RollupRow> Rollups { get; } = [];
    /// <summary>Signals whose sums were made, and how far they reach now.</summary>
    public List<(int Signal, long Through)> Rolled { get; } = [];
    public List<Replacement> Replaced { get; } = [];
    /// <summary>How far blocks are merged.</summary>
    public List<(int Signal, long Through)> Merged { get; } = [];
    /// <summary>Blocks that go because they are older than the samples are kept, and from when on samples remain.</summary>
    public List<(int Signal, long[] Blocks, long RawFrom)> Dropped { get; } = [];
    /// <summary>Tiers whose rows before an instant go.</summary>
    public List<(Tier Tier, long Before)> Forgotten { get; } = [];

    public bool IsEmpty => Rolled.Count == 0 && Replaced.Count == 0 && Merged.Count == 0 && Dropped.Count == 0 && Forgotten.Count == 0;
}

/// <summary>What a deletion takes away, worked out by the writer.</summary>
/// <param name="Tail">The tail without it; null when it holds nothing of the signal in the range.</param>
/// <param name="Samples">How many samples go.</param>
internal sealed record DeletedWork(int Signal, long From, long To, SealedTail? Tail, List<Replacement> Replaced, List<RollupRow> Rollups, List<long> Stale, long Samples);
