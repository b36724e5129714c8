using Ieum.Model;

namespace Ieum.Connect.Queue;

/// <summary>What a lane needs to know of its source.</summary>
/// <param name="Resumes">As <see cref="IMachineSource.Resumes"/>: otherwise the time without a node is recorded as a gap.</param>
/// <param name="IsListening">Whether the source hears its machine now, so that silence means that there was nothing to hear.</param>
/// <param name="Seen">Told of every batch as it comes, before it is stored; the live picture must not wait for a disk.</param>
public sealed record LaneSettings(SourceId Source, MachineId Machine, bool Resumes, Func<bool> IsListening, Func<SampleBatch, Task> Seen)
{
    /// <summary>Batches that may wait in memory.</summary>
    public int MemoryBatches { get; init; } = 512;

    /// <summary>Samples joined into one write at most.</summary>
    public int BatchSamples { get; init; } = 8192;

    /// <summary>Writes on their way to the store at once.</summary>
    public int WritesUnderWay { get; init; } = 8;

    /// <summary>Told of every batch that is durable.</summary>
    public Action<StoreReceipt> Kept { get; init; } = static _ => { };

    /// <summary>How long a closing lane waits for a store that works.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>The way of one source to the store: memory first, the disk when the store does not take it, in order and each batch once.</summary>
public interface IStoreLane : ISampleSink, IAsyncDisposable
{
    LaneCounters Counters { get; }

    /// <summary>Up to where everything was handed over; what a source that begins again goes on from.</summary>
    SourceMark? Newest { get; }

    /// <summary>Completes when everything that was left by an earlier run is stored.</summary>
    Task Drained { get; }
}

/// <summary>
/// Accounting of a lane since it was opened: what was put in, and <see cref="Restored"/>, is
/// <see cref="Stored"/> + <see cref="Refused"/> + <see cref="Dropped"/> + what waits.
/// </summary>
/// <param name="Stored">Samples durable in the store.</param>
/// <param name="Refused">Samples the store refused, each told by it.</param>
/// <param name="Dropped">Samples let go by a full queue or unreadable in it; they stand as gaps.</param>
/// <param name="Restored">Samples an earlier run had queued on the disk.</param>
/// <param name="Waiting">Batches that wait in memory.</param>
/// <param name="WaitingSamples">Samples that wait on the disk.</param>
/// <param name="Bytes">Bytes they take there.</param>
/// <param name="OldestAt">When the oldest of them was received.</param>
/// <param name="Gaps">Gaps the lane itself recorded.</param>
/// <param name="Trouble">Why the store takes nothing now; null when it does.</param>
public sealed record LaneCounters(
    long Stored, long Refused, long Dropped, long Restored, int Waiting, long WaitingSamples, long Bytes, DateTimeOffset? OldestAt, long Gaps, string? Trouble);
