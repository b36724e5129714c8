namespace Ieum.Connect.Queue;

/// <summary>The bytes that all sources together may have waiting on the disk.</summary>
internal sealed class QueueBudget(long most)
{
    private long _taken;

    public long Most => most;
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>A file ends when it is larger: small enough that letting one go costs little and one fits in memory, large enough that files are few.</summary>
    public long SegmentBytes { get; } = Math.Min(1 << 20, most / 16);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most) return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>What was there before the limit was made smaller counts all the same.</summary>
    public void TakeAnyway(long bytes) => Interlocked.Add(ref _taken, bytes);

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
