using System.Collections.Immutable;
using System.Diagnostics;
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
    string Reason);

/// <summary>Everything planning can honestly answer.</summary>
public abstract record PlanOutcome
{
    private PlanOutcome() { }

    /// <param name="Gap">Distance to the proven bound of the objective, 0 to 1; 0 means optimal.</param>
    /// <param name="TimesUsed">Where a measured time replaced a nominal one, and by how much they differ.</param>
    public sealed record Planned(PlanVersion Plan, double Gap, ImmutableArray<TimeUsed> TimesUsed) : PlanOutcome;

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
public sealed record PlanConflict(string Rule, string Message, OrderId? Order);
