using System.Collections.Frozen;

namespace Ieum.Act;

/// <summary>Rules of the guarded write-back.</summary>
public static class WriteBackRules
{
    public const string Stopped = "write-stopped";
    public const string Command = "write-command";
    public const string NotListed = "write-not-listed";
    public const string UnknownPerson = "write-unknown-person";
    public const string Role = "write-role";
    public const string NotAutomatic = "write-not-automatic";
    public const string UnknownSignal = "write-unknown-signal";
    public const string NoWriter = "write-no-writer";
    public const string UnknownUnit = "write-unknown-unit";
    public const string OtherQuantity = "write-other-quantity";
    public const string OtherUnit = "write-other-unit";
    public const string RuleUnit = "write-rule-unit";
    public const string WrongKind = "write-wrong-kind";
    public const string NoLimits = "write-no-limits";
    public const string BelowMin = "write-below-min";
    public const string AboveMax = "write-above-max";
    public const string WordNotListed = "write-word-not-listed";
    public const string OutsideHours = "write-outside-hours";
    public const string MachineState = "write-machine-state";
    public const string Rate = "write-rate";
    public const string OldUnknown = "write-old-unknown";
    public const string Step = "write-step";
    public const string UndoUnknown = "write-undo-unknown";
    public const string UndoLate = "write-undo-late";
    public const string UndoTwice = "write-undo-twice";
    public const string UndoOvertaken = "write-undo-overtaken";
    public const string WaitsForSecond = "write-waits-for-second";
    public const string SamePerson = "write-same-person";
    public const string ApprovalLate = "write-approval-late";
    public const string NotWaiting = "write-not-waiting";
    public const string TooManyWaiting = "write-too-many-waiting";
    public const string Declined = "write-declined";
    public const string NotTaken = "write-not-taken";
    public const string NoAnswer = "write-no-answer";
    public const string NotReadBack = "write-not-read-back";
    public const string Differs = "write-differs";
    public const string Interrupted = "write-interrupted";
    public const string AuditClosed = "write-audit-closed";
    public const string AuditBroken = "write-audit-broken";
    public const string RuleWrong = "write-rule-wrong";
    public const string OwnerOnly = "write-owner-only";
    public const string NoReason = "write-no-reason";

    /// <summary>English text of every rule.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Stopped] = "All writing is stopped; an owner has to release it first.",
        [Command] = "Run, stop, reset and program-start commands of a controller are never sent from here.",
        [NotListed] = "The signal is not on the list of what may be written.",
        [UnknownPerson] = "There is no such account any more, or it may not write.",
        [Role] = "The role of this person is too low for this signal.",
        [NotAutomatic] = "Only people may write this signal.",
        [UnknownSignal] = "The node has never seen this signal; its unit and kind are not known.",
        [NoWriter] = "No connection that stands now can write this signal.",
        [UnknownUnit] = "The unit of the request is not known.",
        [OtherQuantity] = "The unit of the request measures something else than the signal.",
        [OtherUnit] = "The request is in another unit than the signal; ask for the conversion knowingly, or give the value in the signal's unit.",
        [RuleUnit] = "The list gives the limits in another unit than the signal has now; mend the list first.",
        [WrongKind] = "The value is not of the kind the signal has.",
        [NoLimits] = "The list gives no lower and upper limit for this number.",
        [BelowMin] = "The value is below the lower limit.",
        [AboveMax] = "The value is above the upper limit.",
        [WordNotListed] = "This text or switch position is not on the list.",
        [OutsideHours] = "The signal may not be written at this time of day.",
        [MachineState] = "The machine is not in a state in which it may be written.",
        [Rate] = "The signal was written too often in a short time.",
        [OldUnknown] = "What the machine holds now cannot be read, so the size of the step is not known.",
        [Step] = "The change is greater than one step may be.",
        [UndoUnknown] = "There is nothing to take back: the write is unknown, was never sent, or what was there before is not known.",
        [UndoLate] = "The time to take the write back is over.",
        [UndoTwice] = "The write was taken back already, or that is under way.",
        [UndoOvertaken] = "The machine holds another value by now; taking back would overwrite it.",
        [WaitsForSecond] = "A second person has to approve it.",
        [SamePerson] = "Nobody approves a request of their own.",
        [ApprovalLate] = "The time for approval is over; ask again.",
        [NotWaiting] = "There is no such request waiting for approval.",
        [TooManyWaiting] = "Too many requests wait for approval; decide some first.",
        [Declined] = "The second person said no.",
        [NotTaken] = "The machine did not take the value.",
        [NoAnswer] = "The machine did not answer in time; whether it took the value is not known.",
        [NotReadBack] = "The machine took the value, but what it holds could not be read back.",
        [Differs] = "The machine holds another value than the one sent.",
        [Interrupted] = "The node ended while the write was on its way; read the machine before anything else.",
        [AuditClosed] = "The audit of writes cannot be kept now, so nothing is written.",
        [AuditBroken] = "The audit of writes was changed from outside; writing is stopped.",
        [RuleWrong] = "This line cannot stand on the list of what may be written.",
        [OwnerOnly] = "Only an owner may do this.",
        [NoReason] = "A reason is needed.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
