using System.Collections.Immutable;
using Ieum.Plan.Across;

namespace Ieum.Node.Views;

/// <summary>Several companies planned as one factory with closed books, live. One run at a time for the whole node; a run goes on when nobody looks.</summary>
public interface IOneFactory
{
    /// <summary>Raised while a run goes on and at its end; on any thread.</summary>
    event Action? Changed;

    /// <summary>The run going on, else the last one since the start of the node; null before the first.</summary>
    FactoryRun? Run { get; }

    /// <summary>How long the planner that sees all books may search.</summary>
    TimeSpan ReferenceTime { get; }

    /// <summary>The town of a choice; the same choice gives the same town.</summary>
    /// <returns>The town, or the rule that the choice breaks.</returns>
    (AcrossTown? Town, string? Rule, string Message) TownOf(FactoryChoice choice);

    /// <summary>Keeps a file in memory, the newest few, until the node stops.</summary>
    /// <returns>Its name for <see cref="FactoryChoice.File"/>, or the rule that it breaks.</returns>
    (string? File, string? Rule, string Message) Keep(string name, string text);

    /// <summary>Begins a run. False when one is going on, or the choice cannot be planned.</summary>
    bool Start(FactoryChoice choice);

    /// <summary>Ends the run going on; it answers within moments and leaves no report.</summary>
    void Cancel();
}

/// <summary>What is planned; stands in the address of the page.</summary>
/// <param name="Orders">Of a made-up town, 2 to 60.</param>
/// <param name="Companies">2 to 12; the file's own number counts where it names companies.</param>
/// <param name="File">A kept file instead of a made-up town.</param>
/// <param name="Seed">Another number, another town.</param>
public sealed record FactoryChoice(int Orders, int Companies, int Seed, string? File = null);

/// <summary>A run as it stands; immutable.</summary>
/// <param name="Curve">Messages so far and the best promise then, from the first whole plan on.</param>
/// <param name="Report">Null until it is over, and when it was cancelled or refused.</param>
/// <param name="Rule">Why there is no report.</param>
public sealed record FactoryRun(FactoryChoice Choice, AcrossTown Town, AcrossTalk Talk, AcrossProgress Progress, ImmutableList<(int Messages, long Best)> Curve,
    DateTimeOffset Began, DateTimeOffset? Ended, AcrossReport? Report, string? Rule, string Message)
{
    public bool GoingOn => Ended is null;
    public bool Cancelled => Ended is not null && Report is null && Rule is null;
}
