using Ieum.Model;

namespace Ieum.Sim.Feeds;

/// <summary>One thing a machine says: at an instant, an item has a value.</summary>
/// <param name="Ticks">UTC ticks of the scenario clock.</param>
/// <param name="Item">Name of the data item, as in the recordings.</param>
/// <param name="Value">The value as text; a condition is <c>LEVEL|code|severity|qualifier|text</c>.</param>
internal readonly record struct FeedLine(long Ticks, string Item, string Value)
{
    public const string Unavailable = "UNAVAILABLE";

    /// <summary>True for the five-part text of a condition; other values never contain a bar.</summary>
    public bool IsCondition => Value.Contains('|', StringComparison.Ordinal);

    /// <summary>The same words as an SHDR line, without the line end.</summary>
    public override string ToString() => $"{WireTime.Text(Ticks)}|{Item}|{Value}";
}

/// <summary>A machine's story: what it says, in order of time.</summary>
internal interface IFeed
{
    /// <summary>
    /// Moves on to <paramref name="until"/> and adds every line up to and including that instant, at most
    /// <paramref name="limit"/> of them. Called again with the same instant, it goes on where it stopped.
    /// </summary>
    /// <returns>False when the story has ended and nothing more will come.</returns>
    bool Advance(DateTimeOffset until, List<FeedLine> into, int limit);
}

/// <summary>A feed that takes work: the machine runs a program for a number of pieces.</summary>
internal interface IWorkFeed : IFeed
{
    /// <summary>Queues a job behind those already queued.</summary>
    void Enqueue(WorkOrder work);

    WorkProgress Progress { get; }

    /// <summary>False when what lies behind this feed plays a recording and cannot be given work.</summary>
    bool TakesWork { get; }

    /// <summary>The machine breaks down: it stops with a fault, what it was doing waits, and it goes on when it is repaired.</summary>
    /// <returns>False when what lies behind this feed plays a recording, which cannot be stopped.</returns>
    bool Break(Breakdown breakdown);
}

/// <summary>A machine out of order.</summary>
/// <param name="From">Scenario time; at once when it is over.</param>
/// <param name="Lasts">Until the repair, scenario time.</param>
/// <param name="Code">The control's number for the fault.</param>
internal sealed record Breakdown(DateTimeOffset From, TimeSpan Lasts, string Code, string Text);

/// <summary>A job for a machine.</summary>
/// <param name="Program">What the control shows as its program.</param>
/// <param name="Pieces">Pieces to make; at least 1.</param>
/// <param name="Cycle">Time of one piece from start to start of the next, scenario time; at least one second.</param>
/// <param name="At">Not before this instant.</param>
/// <param name="Attended">Somebody stands by: the job is held in breaks and after hours. Otherwise it is worked at any hour.</param>
internal sealed record WorkOrder(string Program, int Pieces, TimeSpan Cycle, DateTimeOffset At, bool Attended = false);

/// <param name="Waiting">Jobs queued, the running one included.</param>
/// <param name="PiecesMade">Pieces finished since the start of the process.</param>
internal readonly record struct WorkProgress(int Waiting, string? Program, long PiecesMade);

/// <summary>Condition texts of feeds.</summary>
internal static class Conditions
{
    public const string Normal = "Normal||||";
    public const string Unavailable = "Unavailable||||";

    public static ConditionReport Read(string value) =>
        ConditionReport.TryParse(value, out var report) ? report : new(ConditionLevel.Unavailable, "", "", "", "");
}
