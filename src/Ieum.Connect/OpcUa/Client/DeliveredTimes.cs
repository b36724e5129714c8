namespace Ieum.Connect.OpcUa.Client;

/// <summary>The newest source times of one point that were delivered, so that history fills a hole without doubles. Pure.</summary>
internal sealed class DeliveredTimes
{
    /// <summary>Enough for what a server sends between the end of a hole and the reading of its history.</summary>
    private const int Window = 256;

    private readonly long[] _ticks = new long[Window];
    private long _count;

    public void Add(long ticks) => _ticks[_count++ % Window] = ticks;

    /// <param name="before">Newest source time that was delivered before the hole began.</param>
    public bool Has(long ticks, long before) =>
        ticks <= before || Array.IndexOf(_ticks, ticks, 0, (int)Math.Min(_count, Window)) >= 0;
}
