namespace Ieum.Record.Tend;

/// <summary>Steps of time for which sums are kept beside the samples. Aligned to UTC.</summary>
internal enum Tier : byte { Second = 0, Minute = 1, Hour = 2, Day = 3 }

internal static class Tiers
{
    public const long Hour = TimeSpan.TicksPerHour;

    // Columns of table rolled that are no tiers: how far blocks are merged into large ones, and from when on samples still exist.
    public const int Merged = 8, RawFrom = 9;

    public static long Width(Tier tier) => tier switch
    {
        Tier.Second => TimeSpan.TicksPerSecond,
        Tier.Minute => TimeSpan.TicksPerMinute,
        Tier.Hour => TimeSpan.TicksPerHour,
        _ => TimeSpan.TicksPerDay,
    };

    /// <summary>Time that one row of the table covers: an hour where a late sample should not rewrite more, else what makes rows of useful size.</summary>
    public static long Chunk(Tier tier) => tier switch
    {
        Tier.Second or Tier.Minute => TimeSpan.TicksPerHour,
        Tier.Hour => TimeSpan.TicksPerDay,
        _ => 32 * TimeSpan.TicksPerDay,
    };

    public static long ChunkOf(Tier tier, long ticks) => ticks / Chunk(tier) * Chunk(tier);

    /// <summary>
    /// Hours and days cost a thousandth of the samples and are always kept. Seconds and minutes cost as much as the samples of a slow
    /// signal, so they are made where samples will be dropped; elsewhere the samples answer as exactly.
    /// </summary>
    public static IReadOnlyList<Tier> Kept(RecordOptions options) =>
        options.KeepSamples > TimeSpan.Zero ? [Tier.Second, Tier.Minute, Tier.Hour, Tier.Day] : [Tier.Hour, Tier.Day];
}
