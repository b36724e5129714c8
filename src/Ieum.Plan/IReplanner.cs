using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>The third door of the Plan room: what can still be done after something happened, every way really planned and checked, and until when each still works. Stores nothing.</summary>
public interface IReplanner
{
    /// <summary>Plans on after <paramref name="happened"/>, in several ways; least disturbance first among those that are worth the same.</summary>
    /// <param name="request">
    /// The facts as they are now, without what happened. <see cref="PlanRequest.Parent"/> is the plan in force, and what counts as moved is
    /// counted against it; without one there is nothing to choose from and the answer is empty. Calendars of all machines that a change may bring in.
    /// </param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    Task<ReplanAnswer> AlternativesAsync(PlanRequest request, ImmutableArray<PlanChange> happened, CancellationToken cancel);
}

/// <param name="Request">The facts with what happened.</param>
/// <param name="Alternatives">By <see cref="Alternative.Rank"/>; empty where nothing can be planned. <see cref="AlternativeKind.Nothing"/> is always among them.</param>
/// <param name="NoHelp">What was tried and is not better than doing nothing.</param>
/// <param name="Conflicts">What is wrong with the facts, or why nothing can be planned.</param>
public sealed record ReplanAnswer(PlanRequest Request, ImmutableArray<Alternative> Alternatives, ImmutableArray<AlternativeKind> NoHelp, ImmutableArray<PlanConflict> Conflicts);

/// <summary>What is done about it.</summary>
public enum AlternativeKind : byte
{
    /// <summary>Nothing: everybody works on by the list, and what is hit pushes the rest.</summary>
    Nothing,
    /// <summary>A few operations go ahead of others, each on its machine.</summary>
    Reorder,
    /// <summary>A few operations go to other machines.</summary>
    Machine,
    /// <summary>Work after the last shift.</summary>
    Overtime,
    /// <summary>A lot is split, and one part goes to another machine.</summary>
    Split,
    /// <summary>A step is done by another company.</summary>
    Outside,
}

/// <summary>One way to go on.</summary>
/// <param name="Rank">1 is the best by the goal: lateness, money and moves together.</param>
/// <param name="Request">What it was planned from: the order book with split lots or outside steps, the overtime on offer.</param>
/// <param name="Moves">What it moves on purpose, as it is then; empty for doing nothing.</param>
/// <param name="CutOffs">Until when it can be chosen, the first one first; what follows tells the next gate. Empty when it can always be chosen.</param>
public sealed record Alternative(AlternativeKind Kind, int Rank, PlanRequest Request, PlanVersion Plan, PlanFigures Figures, ImmutableArray<PlannedOperation> Moves, ImmutableArray<CutOff> CutOffs)
{
    /// <summary>Overtime that it buys, as it must be on offer from then on.</summary>
    public ImmutableArray<OvertimeOffer> Bought { get; init; } = [];

    /// <summary>What becomes a fact with it, and every later plan must count with: parts that come back at a time.</summary>
    public ImmutableArray<PlanChange> Holds { get; init; } = [];

    /// <summary>Who does the step of <see cref="Of"/> outside.</summary>
    public Subcontractor? Supplier { get; init; }

    /// <summary>The operation that is split or done outside.</summary>
    public OperationId? Of { get; init; }

    /// <summary>Orders that are finished at another time than in the plan in force.</summary>
    public ImmutableArray<PromiseChange> Changes { get; init; } = [];

    /// <summary>From here on it no longer works; null for always.</summary>
    public DateTimeOffset? Until => CutOffs.IsEmpty ? null : CutOffs[0].At;

    public bool IsOpen(DateTimeOffset now) => Until is not { } until || now < until;
}

/// <summary>What ends the time in which something can still be decided.</summary>
public enum CutOffCause : byte
{
    /// <summary>A moved operation begins where the list has it, or can no longer begin in its new place without losing what is gained; with a frozen zone so much before.</summary>
    Begins,
    /// <summary>Overtime must be ordered by then.</summary>
    Overtime,
    /// <summary>The supplier takes parts until then.</summary>
    Supplier,
    /// <summary>Goods for a truck or ferry stand ready by then.</summary>
    Departure,
}

/// <param name="Operation">The operation that begins, or whose parts must be ready.</param>
/// <param name="What">Machine of overtime, supplier or transport.</param>
public sealed record CutOff(DateTimeOffset At, CutOffCause Cause, OperationId? Operation, string? What);
