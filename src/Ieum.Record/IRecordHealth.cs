using Ieum.Model;

namespace Ieum.Record;

/// <summary>What the recorder can tell about itself: for the health page, for metrics, for whoever looks for a lost sample.</summary>
public interface IRecordHealth
{
    RecordHealth Now { get; }

    /// <summary>The newest refusals, newest first. The log keeps the last 10,000 rows.</summary>
    /// <param name="most">How many at most, 1 to 10,000.</param>
    Task<IReadOnlyList<Rejection>> RejectionsAsync(int most, CancellationToken cancel);

    /// <summary>As <see cref="RecordHealth.Damaged"/>, without asking the disk: for a line that stands on every page.</summary>
    long Damaged { get; }

    /// <summary>What is known to be damaged, newest first: whose samples, of which time, as far as that can still be told.</summary>
    /// <param name="most">How many at most, 1 to 10,000.</param>
    Task<IReadOnlyList<Damage>> DamageAsync(int most, CancellationToken cancel);

    /// <summary>What was saved when the file was found damaged at this start; null when it was in order.</summary>
    RecordRescue? Rescued { get; }
}

/// <summary>Which part of the record failed.</summary>
public enum DamagePart : byte
{
    /// <summary>A sealed block that fails its checksum, or is not what its row names. Its bytes stay where they are.</summary>
    Block = 0,
    /// <summary>A row of samples that were not in a block yet. Its bytes were moved aside; of whom they were cannot be told.</summary>
    OpenSamples = 1,
    /// <summary>A page of the file itself (torn write, bad sector); the block on it is lost, the damaged file is kept.</summary>
    Page = 2,
}

/// <summary>Something of the record that cannot be read any more. It is left out of every answer; all else stays readable.</summary>
/// <param name="Found">When, by the factory clock; null when it was found while a damaged file was copied at a start.</param>
/// <param name="Signal">Whose samples; null where that is lost too.</param>
/// <param name="Range">Between which source times they lay; null where that is lost too.</param>
/// <param name="Row">Number of the row in its table.</param>
/// <param name="Bytes">How many bytes were set aside, or are left out.</param>
/// <param name="Reason">What exactly is wrong. English; for the log.</param>
public sealed record Damage(DateTimeOffset? Found, DamagePart Part, SignalNumber? Signal, TimeRange? Range, long Row, int Bytes, string Reason);

/// <summary>A damaged file was copied, as far as it was readable, into a new one.</summary>
/// <param name="KeptAs">Where the damaged file lies.</param>
/// <param name="Rows">Rows that were saved.</param>
/// <param name="Stretches">Places that could not be read; each may have been several rows.</param>
/// <param name="Blocks">Blocks that are known to be lost.</param>
public sealed record RecordRescue(string KeptAs, long Rows, int Stretches, int Blocks);

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
