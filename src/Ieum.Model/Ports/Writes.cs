namespace Ieum.Model;

/// <summary>
/// The only way to a machine's memory, for people, pages, the API, the OPC UA door and loops alike: whoever stands behind it
/// judges limits, roles and approvals, writes, reads back and keeps the audit.
/// </summary>
public interface IWriteDoor
{
    /// <summary>Whether the signal can be written at all, by anybody; decides what clients are shown as writable.</summary>
    bool IsWritable(SignalId signal);

    /// <summary>Judges one request and, when nothing stands against it, carries it out. A refusal is an answer, not an exception.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it was judged; what was sent once is seen through to its receipt.</exception>
    Task<WriteOutcome> RequestAsync(WriteRequest request, CancellationToken cancel);

    /// <summary>As <see cref="RequestAsync"/>, for doors that know only yes and no. A request that waits for a second person is not done.</summary>
    async Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, string by, string through, CancellationToken cancel)
    {
        var outcome = await RequestAsync(new(signal, value, by, through), cancel).ConfigureAwait(false);
        return new(outcome.Done, outcome.Rule, outcome.Message);
    }
}

/// <summary>Where a signal is written.</summary>
/// <param name="Address">Its address in the protocol's words, as in <see cref="PointSettings.Address"/>; empty where the protocol has none but the name.</param>
public sealed record WriteLine(IMachineWriter Writer, string Address);

/// <summary>Finds the writer of a signal. Asked by the guard alone.</summary>
public interface IMachineWriters
{
    /// <summary>Null when no connection of the machine that stands now can write it.</summary>
    WriteLine? Find(SignalId signal);
}

/// <summary>What the guard must know of the factory to judge a write.</summary>
public interface IWriteScene
{
    /// <summary>The signal as it was last described; null when nothing is known of it.</summary>
    Signal? SignalOf(SignalId signal);

    /// <summary>The newest recorded sample; null when there is none.</summary>
    Sample? LastOf(SignalId signal);

    /// <summary>What the machine does now; unknown while its connection is down.</summary>
    MachineState StateOf(MachineId machine);

    /// <summary>When the machine works.</summary>
    WorkCalendar CalendarOf(MachineId machine);

    /// <summary>What an account may do; null when there is no such account now.</summary>
    ValueTask<PersonRole?> RoleOfAsync(string person, CancellationToken cancel);
}

/// <summary>Keeps the audit of writes: entries are appended, in order, and never changed.</summary>
public interface IWriteAuditStore
{
    /// <summary>Completes when the entry is on the disk, so that a power cut cannot take it.</summary>
    /// <exception cref="InvalidOperationException">Its number does not follow the newest one.</exception>
    Task AppendAsync(AuditEntry entry, CancellationToken cancel);

    /// <summary>Entries after <paramref name="after"/>, oldest first.</summary>
    IAsyncEnumerable<AuditEntry> ReadAsync(long after, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AuditEntry>> NewestAsync(int most, CancellationToken cancel);

    /// <summary>Number and hash of the newest entry as kept apart from the entries; null before the first. Tells entries that were cut off at the end.</summary>
    Task<(long Number, string Hash)?> HeadAsync(CancellationToken cancel);
}

/// <summary>Keeps the allow list.</summary>
public interface IWriteRuleStore
{
    Task<IReadOnlyList<WriteRule>> AllAsync(CancellationToken cancel);
    Task SaveAsync(IReadOnlyList<WriteRule> rules, string by, CancellationToken cancel);
}
