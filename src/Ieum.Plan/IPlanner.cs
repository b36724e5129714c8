using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>The door of the Plan room. Turns open orders and machine calendars into a verified schedule.</summary>
public interface IPlanner
{
    /// <summary>Plans every order in <paramref name="request"/>, or says why it cannot.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired; nothing was stored.</exception>
    Task<PlanOutcome> PlanAsync(PlanRequest request, CancellationToken cancel);
}

/// <summary>An immutable snapshot of all that planning looks at.</summary>
/// <param name="Now">Nothing that is not running yet may start before.</param>
/// <param name="Calendars">Calendar of each machine that an order names.</param>
/// <param name="Down">Stretches in which a machine cannot work (breakdown, maintenance).</param>
/// <param name="Actuals">What happened so far; running operations stay on their machine, finished ones are not planned.</param>
/// <param name="Measured">Measured times; used in place of nominal ones when there are enough samples.</param>
/// <param name="Parent">The plan in force; null for the first.</param>
/// <param name="Reason">Why a new plan is asked for, as in <see cref="PlanVersion.Reason"/>.</param>
public sealed record PlanRequest(
    DateTimeOffset Now,
    ImmutableArray<Order> Orders,
    ImmutableDictionary<MachineId, WorkCalendar> Calendars,
    ImmutableArray<(MachineId Machine, TimeRange Range)> Down,
    ImmutableArray<OperationActual> Actuals,
    ImmutableArray<MeasuredCycle> Measured,
    PlanVersion? Parent,
    string Reason)
{
    /// <summary>Set-up tables, people, tools, material, transport, overtime on offer.</summary>
    public FactoryData Factory { get; init; } = FactoryData.None;

    /// <summary>What people have fixed. A machine is kept strictly; a start is kept where it can be, and told where it cannot (<see cref="PlanRules.LockBroken"/>).</summary>
    public ImmutableArray<OperationLock> Locks { get; init; } = [];

    /// <summary>Repairs <see cref="Parent"/> instead of planning anew: the order of work on every machine stays, locks and new facts move it. Answers in milliseconds.</summary>
    public bool KeepSequence { get; init; }

    /// <summary>
    /// Plans with least disturbance: starts from <see cref="Parent"/> with the new facts pushed through it, where nothing begins earlier than it
    /// stands there, and moves more only where that pays the price of <see cref="PlanGoal.Stability"/>. Without a parent it changes nothing.
    /// </summary>
    public bool Steady { get; init; }

    /// <summary>Nothing of <see cref="Parent"/> that starts before moves, as long as it is possible; null for no frozen zone.</summary>
    public DateTimeOffset? FrozenUntil { get; init; }

    /// <summary>Real time this plan may take in place of <see cref="PlanOptions.SolveLimit"/>.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Trials of the search in place of <see cref="PlanOptions.Trials"/>: with the same seed, and a limit that is not reached, the same plan.</summary>
    public int? Trials { get; init; }

    public PlanGoal Goal { get; init; } = PlanGoal.Default;
}

/// <summary>Everything planning can honestly answer.</summary>
public abstract record PlanOutcome
{
    private PlanOutcome() { }

    /// <param name="Gap">Distance to the proven bound of the objective, 0 to 1; 0 means optimal.</param>
    /// <param name="TimesUsed">Where a measured time replaced a nominal one, and by how much they differ.</param>
    public sealed record Planned(PlanVersion Plan, double Gap, ImmutableArray<TimeUsed> TimesUsed) : PlanOutcome
    {
        /// <summary>What is wrong with the request, told by row, field, rule and remedy; an order that could not be planned because of it is named.</summary>
        public ImmutableArray<PlanConflict> Findings { get; init; } = [];
    }

    /// <param name="Conflicts">The rules that cannot hold together; never empty.</param>
    public sealed record Impossible(ImmutableArray<PlanConflict> Conflicts) : PlanOutcome;

    /// <summary>The limit passed before any schedule was found. Not proof that none exists.</summary>
    public sealed record OutOfTime(TimeSpan Spent) : PlanOutcome;

    public T Match<T>(Func<Planned, T> planned, Func<Impossible, T> impossible, Func<OutOfTime, T> outOfTime) => this switch
    {
        Planned p => planned(p),
        Impossible i => impossible(i),
        OutOfTime o => outOfTime(o),
        _ => throw new UnreachableException(),
    };
}

/// <param name="Nominal">Time per piece from the routing.</param>
/// <param name="Used">Time per piece the plan was made with.</param>
/// <param name="Measured">The measurement, when there is one; too few samples leave <paramref name="Used"/> nominal.</param>
public sealed record TimeUsed(MachineId Machine, ItemId Item, TimeSpan Nominal, TimeSpan Used, MeasuredCycle? Measured);

/// <param name="Rule">Stable id, also the key of the translated text.</param>
/// <param name="Message">What stands there and what to do.</param>
/// <param name="Order">The order that is left out because of it; null when everything is still planned.</param>
public sealed record PlanConflict(string Rule, string Message, OrderId? Order)
{
    /// <summary>What it is about: <c>order A-17, step 20</c>.</summary>
    public string Row { get; init; } = "";

    /// <summary>Field of that row.</summary>
    public string Field { get; init; } = "";

    /// <summary>The operation it is about, where it is one.</summary>
    public OperationId? Operation { get; init; }

    /// <summary>Which of the rule's sentences <see cref="Message"/> is; with the rule the key of its translation. Empty where the rule has only one that needs none.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What stands in that sentence, in the order in which the English one names it; invariant.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>A conflict whose sentence can be said in other languages.</summary>
    internal static PlanConflict Of(string rule, string detail, FormattableString message, OrderId? order) =>
        new(rule, message.ToString(CultureInfo.InvariantCulture), order) { Detail = detail, Arguments = ArgumentsOf(message) };

    internal static ImmutableArray<string> ArgumentsOf(FormattableString message) => [.. message.GetArguments().Select(a => Convert.ToString(a, CultureInfo.InvariantCulture) ?? "")];
}
