using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>The second door of the Plan room: why a plan is as it is, what would help, and what can be promised. Stores nothing and changes no plan in force.</summary>
/// <remarks>Every request carries the facts as they are now, and in <see cref="PlanRequest.Parent"/> the plan that is asked about. What is answered about the future was really planned and checked.</remarks>
public interface IPlanAdvisor
{
    /// <summary>What held an operation back, what held that back, and so on, to something that no order of work changes. The operation itself comes first.</summary>
    /// <returns>Empty when the plan does not know the operation.</returns>
    ImmutableArray<BindingLink> Why(PlanRequest request, OperationId operation);

    /// <summary>The binding chain of every late order, latest first.</summary>
    ImmutableArray<LateOrder> WhyLate(PlanRequest request);

    /// <summary>What would make an order earlier, each really planned; best first. Empty when nothing that was tried helps.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    Task<ImmutableArray<PlanFix>> FixesAsync(PlanRequest request, OrderId order, CancellationToken cancel);

    /// <summary>The smallest set of orders, the named one among them, that cannot all be on time: with any of the others dropped, the rest is.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    Task<PromiseClash> ClashAsync(PlanRequest request, OrderId order, CancellationToken cancel);

    /// <summary>When an order that is not in the book could be finished, in at most three ways.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> fired.</exception>
    Task<PromiseAnswer> PromiseAsync(PlanRequest request, Order wanted, CancellationToken cancel);
}

/// <summary>What an operation waited for last.</summary>
public enum BindingCause : byte
{
    /// <summary>Nothing: it has begun.</summary>
    Begun,
    /// <summary>Nothing: it begins now.</summary>
    Now,
    /// <summary>Its order's release.</summary>
    Release,
    /// <summary>The step before, with the waits and journeys behind it.</summary>
    Previous,
    /// <summary>The machine, which is busy with something else.</summary>
    Busy,
    /// <summary>Material that is still to come.</summary>
    Material,
    /// <summary>A person, tool or fixture.</summary>
    Needs,
}

/// <summary>One operation of a binding chain.</summary>
/// <param name="Ready">When what it waited for was over.</param>
/// <param name="By">The operation that was waited for, where there is one; the next link of the chain.</param>
/// <param name="What">Id of the material, person, tool or fixture.</param>
public sealed record BindingLink(PlannedOperation Operation, BindingCause Cause, DateTimeOffset Ready, OperationId? By, string? What)
{
    /// <summary>From <see cref="Ready"/> to the begin, as far as the machine does not work then: night, break, holiday, breakdown.</summary>
    public TimeSpan Closed { get; init; }

    /// <summary>From <see cref="Ready"/> to the begin, as far as the machine could work: the plan keeps it free, for another order or because the work does not fit.</summary>
    public TimeSpan Kept { get; init; }

    /// <summary>Time between begin and end in which the machine does not work.</summary>
    public TimeSpan Paused { get; init; }
}

/// <param name="Chain">From the last operation of the order backwards.</param>
public sealed record LateOrder(OrderPromise Promise, ImmutableArray<BindingLink> Chain);

/// <summary>What may help a late order.</summary>
public enum FixKind : byte
{
    /// <summary>Work on after the last shift, on the machines of the chain.</summary>
    Overtime,
    /// <summary>Another machine for one operation.</summary>
    Machine,
    /// <summary>One operation before the one that it waits for.</summary>
    Swap,
    /// <summary>What is waited for (material, the order's release, somebody who is away) is there now.</summary>
    Sooner,
    /// <summary>The machine is open now: what closes it beside its shifts (breakdown, maintenance) is over.</summary>
    Open,
    /// <summary>Half of the lot on another machine.</summary>
    Split,
    /// <summary>One operation at a subcontractor.</summary>
    Outside,
}

/// <summary>Something that makes an order earlier, planned and checked.</summary>
/// <param name="Operation">What is moved, split, sent out or waits; null for overtime.</param>
/// <param name="Machine">Where it, or half of it, goes; null where it stays.</param>
/// <param name="Finish">When the order is then finished.</param>
/// <param name="Gain">How much earlier than without it; above zero.</param>
/// <param name="Overtime">Overtime bought, working time.</param>
/// <param name="OvertimeCost">In the money of the offers; null where no price is known.</param>
/// <param name="Changes">Orders whose finish changes by more than a minute, the order itself not among them.</param>
public sealed record PlanFix(FixKind Kind, OperationId? Operation, MachineId? Machine, DateTimeOffset Finish, TimeSpan Gain, TimeSpan Overtime, double? OvertimeCost,
    ImmutableArray<PromiseChange> Changes, PlanVersion Plan)
{
    /// <summary>Id of the material, person or order with <see cref="FixKind.Sooner"/>, of the subcontractor with <see cref="FixKind.Outside"/>; else null.</summary>
    public string? What { get; init; }

    /// <summary>What the subcontractor asks, in the money of the settings; null for nothing outside.</summary>
    public double? OutsideCost { get; init; }

    /// <summary>All money of it; null where a price is not known. What <see cref="FixKind.Sooner"/> would cost is up to whoever delivers.</summary>
    public double? Cost => OvertimeCost + (OutsideCost ?? 0);
}

/// <summary>What happens to the promise of another order.</summary>
public sealed record PromiseChange(OrderId Order, DateTimeOffset Before, DateTimeOffset After, DateTimeOffset Due)
{
    public bool BecomesLate => After > Due && Before <= Due;
    public bool IsWorse => After > Before;
}

/// <summary>Promises that cannot hold together.</summary>
/// <param name="Orders">Empty when they can: then the plan in force is only not the best one.</param>
/// <param name="Proved">True when a bound proves it; else no plan was found in the time that was given.</param>
public sealed record PromiseClash(ImmutableArray<OrderId> Orders, bool Proved);

/// <summary>How a new order may be fitted in.</summary>
public enum PromiseWay : byte
{
    /// <summary>Nobody else is finished later than promised now, or than due.</summary>
    Free,
    /// <summary>The same, with overtime after the last shift.</summary>
    Overtime,
    /// <summary>As soon as possible, whatever it pushes.</summary>
    Rush,
}

/// <param name="Overtime">Overtime that it alone adds, working time.</param>
/// <param name="OvertimeCost">Of that; null where no price is known.</param>
/// <param name="Pushes">Orders that are finished later than promised now.</param>
/// <param name="Bought">The overtime to offer from now on, so that later plans keep the promise.</param>
public sealed record PromiseOffer(PromiseWay Way, DateTimeOffset Finish, TimeSpan Overtime, double? OvertimeCost, ImmutableArray<PromiseChange> Pushes,
    ImmutableArray<OvertimeOffer> Bought, PlanVersion Plan)
{
    /// <summary>Nine of ten simulated runs of this plan have finished the order by then; null where nobody simulated it.</summary>
    public DateTimeOffset? Cautious { get; init; }
}

/// <param name="Offers">Earliest date without harm first; empty when it cannot be planned.</param>
/// <param name="Conflicts">Why it cannot be planned.</param>
public sealed record PromiseAnswer(ImmutableArray<PromiseOffer> Offers, ImmutableArray<PlanConflict> Conflicts);
