using Ieum.Model;

namespace Ieum.Record;

/// <summary>Taking data away on purpose: a partner's right, or a recording that should not have been made.</summary>
public interface IRecordUpkeep
{
    /// <summary>
    /// Deletes the samples of a signal in a half-open range of source time: from blocks, sums, tail, last value, refusals and, before it
    /// completes, from the bytes of the files. Where samples were dropped by age already, the steps of the sums that touch the range go.
    /// </summary>
    /// <remarks>Copies that left the recorder before (exports, backups, PostgreSQL's own archive of its log) are not reached.</remarks>
    /// <param name="reason">Why and on whose wish; kept in the log of deletions, at most 500 characters.</param>
    /// <exception cref="RecordException">It could not be written; nothing was deleted.</exception>
    Task<Deletion> DeleteAsync(SignalNumber signal, TimeRange range, string reason, CancellationToken cancel);

    /// <summary>The newest deletions, newest first.</summary>
    /// <param name="most">How many at most, 1 to 10,000.</param>
    Task<IReadOnlyList<Deletion>> DeletionsAsync(int most, CancellationToken cancel);
}

/// <summary>That something was deleted; not what.</summary>
/// <param name="At">When, by the factory clock.</param>
/// <param name="Samples">How many samples went, those that were only left as sums not counted.</param>
public sealed record Deletion(DateTimeOffset At, SignalNumber Signal, TimeRange Range, long Samples, string Reason);
