using System.Collections.Immutable;

namespace Ieum.Plan.Across;

/// <summary>A machine that can do an operation, and how long it takes there.</summary>
/// <param name="Company">Index into <see cref="FedInstance.Companies"/>.</param>
/// <param name="Machine">Index into the company's machines.</param>
/// <param name="Time">Duration, 1 or more, in the instance's unit.</param>
internal readonly record struct FedOption(int Company, int Machine, int Time);

/// <summary>A job shared by the companies: a chain of operations, each by one of the machines that can do it.</summary>
/// <param name="Release">The first operation cannot start before; 0 or more.</param>
/// <param name="Due">Finishing later costs <paramref name="Weight"/> per unit of time.</param>
/// <param name="Origin">Company where the part lies at its release; −1: it is brought to whoever begins.</param>
internal sealed record FedOrder(string Id, int Release, int Due, int Weight, ImmutableArray<ImmutableArray<FedOption>> Operations, int Origin = -1);

/// <summary>Work of one company for its own customers: one operation on one machine. Nobody else knows of it.</summary>
internal sealed record PrivateOrder(string Id, int Machine, int Time, int Release, int Due, int Weight);

/// <param name="Machines">Names, known inside the company only.</param>
internal sealed record FedCompany(string Id, ImmutableArray<string> Machines, ImmutableArray<PrivateOrder> Private);

/// <summary>A closed-book planning problem as only its author (and a benchmark) sees it: all books open.</summary>
/// <param name="Transport">Time from company to company: square, symmetric, zero on the diagonal, no detour shorter than the direct way.</param>
internal sealed record FedInstance(string Name, ImmutableArray<FedCompany> Companies, ImmutableArray<FedOrder> Orders, ImmutableArray<ImmutableArray<int>> Transport)
{
    /// <summary>Shared operations, numbered through in order of their orders; the number is their name on the wire.</summary>
    public int OperationCount => Orders.Sum(o => o.Operations.Length);

    /// <summary>Mean time of all options of shared operations; the yardstick of padding and transport.</summary>
    public double MeanTime => Orders.SelectMany(o => o.Operations).SelectMany(o => o).Average(o => (double)o.Time);
}

/// <summary>Where and when one shared operation runs.</summary>
internal readonly record struct FedSlot(int Order, int Operation, int Company, int Machine, long Start, long End);

/// <param name="Company">Whose private order.</param>
/// <param name="Index">Index into the company's private orders.</param>
internal readonly record struct PrivateSlot(int Company, int Index, long Start, long End);

/// <summary>A whole schedule of an instance; private slots are known to their company (and to the checker of a benchmark).</summary>
internal sealed record FedSchedule(ImmutableArray<FedSlot> Shared, ImmutableArray<PrivateSlot> Private);
