using Ieum.Model;

namespace Ieum.Record;

/// <summary>What the recorder can tell about itself: for the health page, for metrics, for whoever looks for a lost sample.</summary>
public interface IRecordHealth
{
    RecordHealth Now { get; }

    /// <summary>The newest refusals, newest first. The log keeps the last 10,000 rows.</summary>
    /// <param name="most">How many at most, 1 to 10,000.</param>
    Task<IReadOnlyList<Rejection>> RejectionsAsync(int most, CancellationToken cancel);
}

/// <param name="Stored">Samples made durable since the start.</param>
/// <param name="Rejected">Samples refused since the start.</param>
/// <param name="Pending">Samples that wait for their write.</param>
/// <param name="Open">Samples in open blocks: durable in the tail, not yet in a block.</param>
/// <param name="TailRows">Rows of the tail.</param>
/// <param name="Damaged">Blocks and tail rows that failed their checksum since the start, and what could not be saved when a damaged file was copied at the start.</param>
/// <param name="FileBytes">Size of the database with its write-ahead log.</param>
public sealed record RecordHealth(long Stored, long Rejected, long Pending, long Open, long TailRows, long Damaged, long FileBytes);

/// <summary>Samples of one signal in one write that were refused for one reason.</summary>
/// <param name="At">When, by the factory clock.</param>
/// <param name="Rule">Out of <see cref="RecordRules"/>.</param>
/// <param name="Count">How many samples, one or more.</param>
/// <param name="Example">The first of them: source time and value.</param>
public sealed record Rejection(DateTimeOffset At, SourceId Source, MachineId Machine, SignalNumber Signal, string Rule, int Count, string Example);
