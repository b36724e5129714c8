using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>One request with everything that has become of it so far.</summary>
/// <param name="Number">Its number in the audit.</param>
public sealed record WriteRecord(long Number, WriteRequest Request, DateTimeOffset At, WriteState State)
{
    /// <summary>What stands against it, or what the receipt says; null when nothing does.</summary>
    public string? Rule { get; init; }
    public string Message { get; init; } = "";
    public ImmutableArray<WriteCheck> Checks { get; init; } = [];

    /// <summary>What was or would be sent, in <see cref="Unit"/>.</summary>
    public SampleValue? Sent { get; init; }

    /// <summary>UN/ECE common code of the signal's unit.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What the machine held before; null when it could not be told.</summary>
    public SampleValue? Old { get; init; }

    /// <summary>Where <see cref="Old"/> comes from: <c>machine</c> (asked for this write) or <c>record</c> (newest recorded value).</summary>
    public string OldFrom { get; init; } = "";
    public SampleValue? ReadBack { get; init; }

    /// <summary>Who decided it; null while it waits and where no second person was needed.</summary>
    public string? Second { get; init; }

    /// <summary>Until when it waits for a second person.</summary>
    public DateTimeOffset? ApproveBefore { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Until when it may be taken back; null when it cannot be.</summary>
    public DateTimeOffset? UndoBefore { get; init; }

    /// <summary>Number of the write that takes it back or took it back; null when there is none.</summary>
    public long? UndoneBy { get; init; }

    public WriteOutcome Outcome() => new(Number, State, Rule, Message, Checks) { Sent = Sent, Old = Old, ReadBack = ReadBack };
}

/// <summary>The stop switch is set.</summary>
public sealed record WriteStop(string By, string Reason, DateTimeOffset At);

/// <summary>Answer to a change of the list or the stop switch.</summary>
public sealed record WriteDeskAnswer(bool Ok, string? Rule = null, string Message = "");

/// <summary>What became of checking the audit.</summary>
/// <param name="Entries">How many were read.</param>
/// <param name="BrokenAt">First entry that is not what it was, or that is missing; null when all are as they were written.</param>
/// <param name="Head">Hash of the newest entry; whoever noted it down elsewhere can tell a rewritten audit.</param>
public sealed record AuditVerdict(long Entries, long? BrokenAt, string Message, string Head);
