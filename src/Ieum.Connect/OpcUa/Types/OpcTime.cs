namespace Ieum.Connect.OpcUa;

/// <summary>A point in time as OPC UA writes it: 100 ns since 1601-01-01 UTC; 0 means none (OPC 10000-6, 5.2.2.5).</summary>
internal readonly record struct OpcTime(long Value)
{
    private const long Ticks1601 = 504_911_232_000_000_000;
    private static readonly long Most = DateTime.MaxValue.Ticks - Ticks1601;

    public bool IsNone => Value <= 0;

    /// <summary>UTC ticks since 0001-01-01, as the house counts; 0 for none, the year 9999 for "for ever".</summary>
    public long UtcTicks => Value <= 0 ? 0 : Math.Min(Value, Most) + Ticks1601;

    public static OpcTime FromUtcTicks(long ticks) => new(ticks <= Ticks1601 ? 0 : ticks >= Most + Ticks1601 ? long.MaxValue : ticks - Ticks1601);
    public static OpcTime Of(DateTimeOffset instant) => FromUtcTicks(instant.UtcTicks);

    public DateTimeOffset ToInstant() => new(UtcTicks, TimeSpan.Zero);
}
