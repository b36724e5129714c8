using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>The desk beside the door: the list, the second person, taking back, the stop switch and the audit.</summary>
/// <remarks>Roles are looked up here, whoever calls; a door that forgot to ask opens nothing.</remarks>
public interface IWriteDesk : IWriteDoor
{
    /// <summary>Raised after anything changed; on any thread.</summary>
    event Action? Changed;

    /// <summary>Reads the audit and the list back. Call it once, before the first request. A broken audit sets the stop switch; a write under way at the end of the last run is told as interrupted.</summary>
    Task InitialiseAsync(CancellationToken cancel);

    ImmutableArray<WriteRule> Rules { get; }

    /// <summary>Adds a line to the list, or replaces the line of the same signal. Owners only.</summary>
    Task<WriteDeskAnswer> SaveRuleAsync(WriteRule rule, string by, CancellationToken cancel);
    Task<WriteDeskAnswer> RemoveRuleAsync(SignalId signal, string by, CancellationToken cancel);

    /// <summary>Requests that wait for a second person, oldest first.</summary>
    ImmutableArray<WriteRecord> Waiting { get; }

    /// <summary>Newest first, at most <paramref name="most"/>; at least the last day's sent writes are there.</summary>
    ImmutableArray<WriteRecord> Recent(int most);
    WriteRecord? Find(long number);

    /// <summary>The requests that belong to one entry of the loop ledger, newest first; as long as they are remembered.</summary>
    ImmutableArray<WriteRecord> OfEntry(long entry);

    /// <summary>The second person says yes: everything is judged anew, then it is sent.</summary>
    Task<WriteOutcome> ApproveAsync(long number, string by, CancellationToken cancel);

    /// <summary>The second person says no, or the asker withdraws.</summary>
    Task<WriteOutcome> DeclineAsync(long number, string by, string reason, CancellationToken cancel);

    /// <summary>Takes a write back: a guarded write of its own, of the value that was there before.</summary>
    Task<WriteOutcome> UndoAsync(long number, string by, string through, bool byMachine, CancellationToken cancel);

    /// <summary>Null while writing is allowed.</summary>
    WriteStop? Stop { get; }

    /// <summary>Stops all writing, at once and over restarts. Operators and up.</summary>
    Task<WriteDeskAnswer> StopAllAsync(string reason, string by, CancellationToken cancel);

    /// <summary>Owners only.</summary>
    Task<WriteDeskAnswer> ReleaseAsync(string reason, string by, CancellationToken cancel);

    /// <summary>Ends requests whose time is over. Called by every other method too; a clock only has to make it timely.</summary>
    Task SweepAsync(CancellationToken cancel);

    /// <summary>Writes a change of settings that decide who may see the machines or ask for writes into the same audit, before they hold. Owners only.</summary>
    /// <param name="what">Which settings, for example <c>sparkplug-edge</c>.</param>
    /// <param name="before">As they were, without secrets.</param>
    /// <returns>Not ok when the audit cannot be written; then the settings must stay as they were.</returns>
    Task<WriteDeskAnswer> NoteSettingsAsync(string what, JsonElement before, JsonElement after, string by, CancellationToken cancel);

    IAsyncEnumerable<AuditEntry> AuditAsync(long after, CancellationToken cancel);
    Task<IReadOnlyList<AuditEntry>> AuditNewestAsync(int most, CancellationToken cancel);

    /// <summary>Reads the whole audit and checks every hash.</summary>
    Task<AuditVerdict> VerifyAsync(CancellationToken cancel);
}
