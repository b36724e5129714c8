using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>How far a loop may act by itself.</summary>
public enum AutonomyLevel : byte
{
    /// <summary>It watches and records.</summary>
    Watch = 0,
    /// <summary>It advises; a person does it.</summary>
    Advise = 1,
    /// <summary>It asks; a person presses yes.</summary>
    Ask = 2,
    /// <summary>It acts inside limits.</summary>
    ActInsideLimits = 3,
    /// <summary>It acts and reports.</summary>
    ActAndReport = 4,
}

/// <summary>What a loop advises, ready for the ledger.</summary>
/// <param name="Loop">Which loop, a stable key: <c>replan</c>, <c>learned-time</c>, <c>breakdown</c>, <c>correction</c>, <c>anomaly</c>, <c>write</c>.</param>
/// <param name="Finding">What was seen, with figures.</param>
/// <param name="Advice">What should be done.</param>
/// <param name="Model">What gave the advice, with its version.</param>
/// <param name="Confidence">0 to 1.</param>
public record LoopAdvice(string Loop, AutonomyLevel Level, string Finding, string Advice, string Model, double Confidence)
{
    /// <summary>The machine it is about; null when it is about none or several.</summary>
    public MachineId? Machine { get; init; }

    /// <summary>The data it rests on: from … to …; null where a person gave the reason.</summary>
    public TimeRange? Window { get; init; }

    /// <summary>How many observations it rests on; null where nothing was counted.</summary>
    public int? Samples { get; init; }

    /// <summary>The plan in force that it was made against; once another is in force the advice is void.</summary>
    public int? Plan { get; init; }

    /// <summary>Until when somebody may answer; null for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the loop acts by itself unless somebody vetoes before; null: it does not.</summary>
    public DateTimeOffset? ActsAt { get; init; }

    /// <summary>What it promises.</summary>
    public LoopExpectation? Expected { get; init; }

    /// <summary>Which of several it is about by its own name, for example a correction; null where the machine says it all.</summary>
    public string? Subject { get; init; }

    /// <summary>The ways to go, best first, each with its own clock; empty where there is but one.</summary>
    public LoopWays Ways { get; init; } = LoopWays.None;
}

/// <summary>One turn of one loop: what was found, what was advised, who decided, what was done, what came of it.</summary>
/// <remarks>Later parts are null until they happen. An entry is replaced as a whole and only ever grows.</remarks>
public sealed record LoopEntry(
    long Number, string Loop, DateTimeOffset At, AutonomyLevel Level,
    string Finding, string Advice, string Model, double Confidence,
    LoopDecision? Decision = null, LoopReceipt? Receipt = null, LoopEffect? Effect = null) : LoopAdvice(Loop, Level, Finding, Advice, Model, Confidence)
{
    /// <summary>What was about to be put into force; tells after a crash whether it was.</summary>
    public LoopActing? Acting { get; init; }

    public LoopUndo? Undo { get; init; }

    /// <summary>The entry is a change of the loop's level, not an advice.</summary>
    public LoopLevelChange? Change { get; init; }

    public static LoopEntry Of(long number, DateTimeOffset at, LoopAdvice a) => new(number, a.Loop, at, a.Level, a.Finding, a.Advice, a.Model, a.Confidence)
    {
        Machine = a.Machine, Window = a.Window, Samples = a.Samples, Plan = a.Plan, ExpiresAt = a.ExpiresAt, ActsAt = a.ActsAt, Expected = a.Expected, Subject = a.Subject, Ways = a.Ways,
    };
}

/// <summary>One way to follow an advice.</summary>
/// <param name="Kind">A stable word: <c>nothing</c>, <c>reorder</c>, <c>machine</c>, <c>overtime</c>, <c>split</c>, <c>outside</c>.</param>
/// <param name="Does">What is done, as the finding is written.</param>
/// <param name="After">What <see cref="LoopExpectation.Measure"/> comes to this way.</param>
/// <param name="Cost">Money for overtime and outside work; null where something of it has no price.</param>
/// <param name="Moved">Operations that get another machine or another hour.</param>
/// <param name="Until">From here on it no longer works; null for always.</param>
/// <param name="Gate">What ends that time, as the finding is written; null for always.</param>
public sealed record LoopWay(string Kind, string Does, double After, double? Cost, int Moved, DateTimeOffset? Until, string? Gate)
{
    public bool IsOpen(DateTimeOffset now) => Until is not { } until || now < until;
}

/// <summary>Ways that are equal when each of them is, so that an entry read back can be compared with the one written.</summary>
public sealed record LoopWays(ImmutableArray<LoopWay> All)
{
    public static LoopWays None { get; } = new(ImmutableArray<LoopWay>.Empty);

    public LoopWay? Find(string kind) => All.FirstOrDefault(w => w.Kind == kind);
    public bool Equals(LoopWays? other) => other is not null && All.SequenceEqual(other.All);
    public override int GetHashCode() => All.Aggregate(0, HashCode.Combine);
}

/// <summary>What an advice promises if it is followed, against what comes if nothing is done; smaller is better.</summary>
/// <param name="Measure">Name of the figure, for example <c>tardiness h</c>.</param>
/// <param name="Orders">Orders it is reckoned over.</param>
/// <param name="Moved">Operations that get another machine or another hour.</param>
public sealed record LoopExpectation(string Measure, double Before, double After, int Orders, int Moved);

/// <param name="By">User name; <c>level 3</c> when the autonomy level decided; <see cref="NobodyAnswered"/> or <see cref="NewFacts"/> when time did.</param>
public sealed record LoopDecision(bool Accepted, string By, DateTimeOffset At, string? Note)
{
    /// <summary>Kind of the way that was taken; null where there was no choice, or nothing was accepted.</summary>
    public string? Way { get; init; }

    /// <summary>The time to answer passed. No account can have this name: it holds a blank.</summary>
    public const string NobodyAnswered = "no answer";

    /// <summary>What the advice rested on is not so any more.</summary>
    public const string NewFacts = "new facts";

    /// <summary>A rule of the house decided, for example the one about levels.</summary>
    public const string Rule = "level rule";
}

/// <param name="Plan">Number of the plan that was about to be kept; 0 for a write, which carries the number of this entry instead.</param>
public sealed record LoopActing(int Plan, DateTimeOffset At);

/// <param name="What">What was done, for example the plan version put into force.</param>
public sealed record LoopReceipt(bool Done, string What, DateTimeOffset At);

/// <summary>What came of an act; smaller is better.</summary>
/// <param name="Measure">Name of the figure, for example <c>tardiness h</c>.</param>
public sealed record LoopEffect(string Measure, double Before, double After, DateTimeOffset At)
{
    /// <summary>Orders it was measured on; 0 for a figure that was only reckoned.</summary>
    public int Orders { get; init; }

    /// <summary>Of these, orders that were finished when it was measured; of the others the plan in force tells.</summary>
    public int Finished { get; init; }

    /// <summary>Values of the machine it was measured on; 0 where it was measured on orders, or only reckoned.</summary>
    public int Samples { get; init; }

    /// <summary>How <see cref="Before"/> was come by; null for a reckoned figure.</summary>
    public string? Basis { get; init; }

    public bool IsMeasured => Orders > 0 || Samples > 0;

    /// <summary>It was measured, and the world is better for the act.</summary>
    public bool IsBenefit => IsMeasured && After < Before;
    public bool IsHarm => IsMeasured && After > Before;
}

/// <summary>A person took the act back.</summary>
public sealed record LoopUndo(bool Done, string By, string What, DateTimeOffset At);

/// <param name="Start">The level that the settings gave the loop then; when they give another one, that counts.</param>
public sealed record LoopLevelChange(AutonomyLevel From, AutonomyLevel To, AutonomyLevel Start)
{
    /// <summary>A person said how far the loop may rise; its level and what it has earned stay. Null for a change of the level itself.</summary>
    public AutonomyLevel? Most { get; init; }
}
