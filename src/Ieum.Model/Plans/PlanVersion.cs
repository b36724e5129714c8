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
    public TimeRange Range => new(Start, End);
}

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
