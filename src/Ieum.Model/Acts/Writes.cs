using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>What a person may do in the node, weakest first; each may do what those before it may.</summary>
public enum PersonRole : byte { Viewer = 0, Operator = 1, Planner = 2, Owner = 3 }

/// <summary>Somebody asks that a machine's memory be changed. Asking changes nothing yet.</summary>
/// <param name="By">Account of the person; with <see cref="ByMachine"/> the name of the loop.</param>
/// <param name="Through">The door it came through, for the audit: <c>page</c>, <c>api</c>, <c>opcua</c>, <c>sparkplug</c>, <c>loop</c>.</param>
public sealed record WriteRequest(SignalId Signal, SampleValue Value, string By, string Through)
{
    /// <summary>UN/ECE common code of the unit that <see cref="Value"/> is given in; empty: the signal's own.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The asker knows that the unit differs from the signal's and wants the value converted; without it another unit is refused.</summary>
    public bool Convert { get; init; }

    /// <summary>Judge everything and say what would be sent; send nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>A loop of the node asks, not a person.</summary>
    public bool ByMachine { get; init; }

    /// <summary>Why, in the asker's words, for the second person and the audit; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Number of the write that this one takes back; null for a write of its own.</summary>
    public long? Undoes { get; init; }

    /// <summary>Entry of the loop ledger whose act this is; the loop keeps the ledger then. Tells after a crash whether the act was begun.</summary>
    public long? Entry { get; init; }
}

/// <summary>Where a request stands, or how it ended.</summary>
public enum WriteState : byte
{
    /// <summary>A rule stood against it; nothing was sent.</summary>
    Refused = 0,
    /// <summary>Everything was judged; nothing was sent because nothing was to be sent.</summary>
    DryRun = 1,
    /// <summary>It waits for a second person.</summary>
    Waiting = 2,
    /// <summary>The second person said no; nothing was sent.</summary>
    Declined = 3,
    /// <summary>No second person came in time; nothing was sent.</summary>
    Expired = 4,
    /// <summary>It is on its way to the machine.</summary>
    Sending = 5,
    /// <summary>The machine took it and holds the value, read back.</summary>
    Confirmed = 6,
    /// <summary>The machine took it; what it holds could not be read back.</summary>
    Unconfirmed = 7,
    /// <summary>The machine holds another value than the one sent.</summary>
    Differs = 8,
    /// <summary>The machine did not take it, or did not answer in time.</summary>
    Failed = 9,
    /// <summary>The node ended while it was on its way; nobody knows whether the machine took it.</summary>
    Interrupted = 10,
}

public enum CheckResult : byte { Passed = 0, Refused = 1, NotReached = 2 }

/// <summary>What one check of the guard said.</summary>
/// <param name="Check">Stable name of the check, for example <c>limits</c>.</param>
/// <param name="Rule">The broken rule when refused, for example <c>write-above-max</c>; also the key of the translated text.</param>
/// <param name="Message">With figures; English, for log and audit.</param>
public sealed record WriteCheck(string Check, CheckResult Result, string? Rule, string Message);

/// <summary>Answer to a request.</summary>
/// <param name="Number">Number of the request in the audit.</param>
/// <param name="Rule">What stands against it, or what it waits for; null when nothing does.</param>
/// <param name="Checks">Every check, in the order of judging.</param>
public sealed record WriteOutcome(long Number, WriteState State, string? Rule, string Message, ImmutableArray<WriteCheck> Checks)
{
    /// <summary>What was sent or would be sent, in the signal's unit; null when it never came to that.</summary>
    public SampleValue? Sent { get; init; }

    /// <summary>What the machine held before; null when it could not be told.</summary>
    public SampleValue? Old { get; init; }

    /// <summary>What the machine held afterwards; null when it was not read.</summary>
    public SampleValue? ReadBack { get; init; }

    /// <summary>The machine took the value and does not hold another one.</summary>
    public bool Done => State is WriteState.Confirmed or WriteState.Unconfirmed;
}

/// <summary>One line of a chain (the audit of writes, the loop ledger); made once, never changed. Each carries the hash of the one before.</summary>
/// <param name="Number">1 and up without holes.</param>
/// <param name="Request">Number of what it belongs to: of the entry that opened a request to write (0 for the stop switch and for rules), or of the entry of the loop ledger.</param>
/// <param name="Kind">A stable word: <c>asked</c>, <c>refused</c>, <c>sending</c>, <c>receipt</c> …</param>
/// <param name="By">Who did it.</param>
/// <param name="Body">JSON with the figures.</param>
/// <param name="Previous">Hash of the entry before; 64 zeros in the first.</param>
/// <param name="Hash">SHA-256 over everything else, in hexadecimal.</param>
public sealed record AuditEntry(
    long Number, DateTimeOffset At, long Request, string Kind, string By, string Body, string Previous, string Hash);
