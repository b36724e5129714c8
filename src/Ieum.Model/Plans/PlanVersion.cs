using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>One operation with its place and time in a plan.</summary>
/// <param name="Start">Begin of the set-up.</param>
/// <param name="End">The last piece is done. Breaks of the calendar lie inside.</param>
/// <param name="Work">Working time needed, set-up included, breaks not.</param>
public sealed record PlannedOperation(
    OperationId Operation, OrderId Order, int Step, MachineId Machine, int Quantity,
    DateTimeOffset Start, DateTimeOffset End, TimeSpan SetUp, TimeSpan Work)
{
    /// <summary>End of the set-up and begin of the run; equals <see cref="Start"/> without set-up. Between both somebody may be waited for.</summary>
    public DateTimeOffset RunStart { get; init; } = Start;

    /// <summary>Which of the order's <see cref="Order.Routings"/> it belongs to.</summary>
    public int Routing { get; init; }

    /// <summary>Ids of second resources in the order of the step's needs, then who sets up; an empty text where nobody is needed.</summary>
    public ImmutableArray<string> With { get; init; } = [];

    /// <summary>What a person has fixed of it; null for nothing.</summary>
    public OperationLock? Lock { get; init; }

    /// <summary>How much later it may end without making any order later than it is or than its due date; null where nobody reckoned it.</summary>
    public TimeSpan? Slack { get; init; }

    public TimeRange Range => new(Start, End);
    public bool Equals(PlannedOperation? other) => other is not null && Operation == other.Operation && Order == other.Order && Step == other.Step && Machine == other.Machine
        && Quantity == other.Quantity && Start == other.Start && End == other.End && SetUp == other.SetUp && Work == other.Work
        && RunStart == other.RunStart && Routing == other.Routing && With.SequenceEqual(other.With) && Lock == other.Lock && Slack == other.Slack;
    public override int GetHashCode() => HashCode.Combine(Operation, Machine, Start, End);
}

/// <summary>What a person has fixed of an operation.</summary>
/// <param name="Machine">It stays on this machine; null leaves the choice.</param>
/// <param name="Start">It begins then: never earlier, and later only where it cannot be otherwise, which is told. Null leaves the time.</param>
public sealed record OperationLock(OperationId Operation, MachineId? Machine, DateTimeOffset? Start);

/// <summary>Overtime that a plan buys.</summary>
/// <param name="Cost">Of the minutes that are really worked in it, in the money of the offer.</param>
public sealed record BoughtOvertime(MachineId Machine, TimeRange Range, double Cost);

/// <summary>What a plan is worth; smaller is better.</summary>
/// <param name="Total">Value of the goal.</param>
/// <param name="Tardiness">Minutes late times weight.</param>
/// <param name="Makespan">Minutes from now until the last operation ends.</param>
/// <param name="SetUp">Minutes of set-up.</param>
/// <param name="OvertimeCost">In the money of the offers.</param>
/// <param name="Changes">Operations on another machine, or more than an hour away, compared with the plan before.</param>
/// <param name="Broken">Deadlines, maximum waits and locked starts that do not hold, and orders left out.</param>
public sealed record PlanScore(double Total, double Tardiness, long Makespan, long SetUp, double OvertimeCost, int Changes, int Broken);

/// <summary>What no plan can beat; proved, not guessed.</summary>
/// <param name="Tardiness">Minutes late times weight.</param>
/// <param name="Makespan">Minutes from now; of plans with as little tardiness.</param>
public sealed record PlanBound(double Tardiness, long Makespan);

/// <summary>An order against its due date in a plan.</summary>
public sealed record OrderPromise(OrderId Order, DateTimeOffset Finish, DateTimeOffset Due)
{
    public TimeSpan Lateness => Finish > Due ? Finish - Due : TimeSpan.Zero;
    public bool IsLate => Finish > Due;
}

/// <summary>A plan is a value with a parent: nothing edits a plan in place.</summary>
/// <param name="Number">1 and up inside one company.</param>
/// <param name="Parent">The version it was made from; null for the first.</param>
/// <param name="Reason">Why it was made, a stable key: <c>first</c>, <c>new-order</c>, <c>late-operation</c>, <c>learned-time</c>, <c>machine-down</c>, <c>asked</c>.</param>
/// <param name="Verified">An independent checker found nothing wrong. Only verified plans are shown or dispatched.</param>
/// <param name="Solver">Which solver found it and how far from the bound: text for people.</param>
public sealed record PlanVersion(
    int Number, int? Parent, DateTimeOffset Made, string Reason,
    ImmutableArray<PlannedOperation> Operations, ImmutableArray<OrderPromise> Promises,
    bool Verified, string Solver)
{
    public ImmutableArray<BoughtOvertime> Overtime { get; init; } = [];

    /// <summary>Null in plans of earlier versions of the program.</summary>
    public PlanScore? Score { get; init; }
    public PlanBound? Bound { get; init; }

    /// <summary>Orders that are not in the plan because something is wrong with them or they do not fit.</summary>
    public ImmutableArray<OrderId> Unplanned { get; init; } = [];

    /// <summary>Orders whose capacity is only held: planned, but no work for anybody yet.</summary>
    public ImmutableArray<OrderId> Reserved { get; init; } = [];

    public IEnumerable<OrderPromise> Late => Promises.Where(p => p.IsLate);
    public IEnumerable<PlannedOperation> On(MachineId machine) => Operations.Where(o => o.Machine == machine).OrderBy(o => o.Start);
}

/// <summary>A time per piece that Analyze measured, ready to replace the nominal one.</summary>
/// <param name="PerPiece">Robust centre (median) of the measured cycles.</param>
/// <param name="Low">Lower end of the 95 % interval of the median.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Samples">Cycles it rests on.</param>
public sealed record MeasuredCycle(MachineId Machine, ItemId Item, TimeSpan PerPiece, TimeSpan Low, TimeSpan High, int Samples);

/// <summary>An order to a machine's people: do this operation next. Made from a plan, numbered, never changed.</summary>
public sealed record Dispatch(int PlanVersion, int Position, PlannedOperation Operation, OperationActual Actual);
