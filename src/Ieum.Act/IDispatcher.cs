using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>The door of the Act room, shop-floor side: dispatch lists out, operator events in.</summary>
public interface IDispatcher
{
    /// <summary>Puts a verified plan into force; the dispatch lists follow it from now on.</summary>
    /// <exception cref="InvalidOperationException">The plan is not verified.</exception>
    void PutIntoForce(PlanVersion plan);

    PlanVersion? InForce { get; }

    /// <summary>Tells the order book: which operations exist, on which machines and in which order their steps may be done.</summary>
    /// <remarks>Call it whenever the book changes. An operation that only the plan in force knows is tied to its planned machine.</remarks>
    void SetOrders(ImmutableArray<Order> orders);

    /// <summary>Reads back what was reported before this start. Call it once, before the first report.</summary>
    Task InitialiseAsync(CancellationToken cancel);

    /// <summary>Plan, order book or actuals have changed. Raised outside of locks, on the thread of the change.</summary>
    event Action? Changed;

    /// <summary>What the machine's people do next, unfinished operations first to last.</summary>
    ImmutableArray<Dispatch> For(MachineId machine);

    /// <summary>Takes a report from the shop floor; the answer says whether it fits what is known.</summary>
    Task<ShopAnswer> ReportAsync(ShopEvent e, CancellationToken cancel);

    /// <summary>What happened to every operation that was touched so far.</summary>
    ImmutableArray<OperationActual> Actuals { get; }

    /// <summary>Operations that run or wait later than the plan in force allows, worst first.</summary>
    ImmutableArray<LateOperation> Late(DateTimeOffset now, TimeSpan tolerance);

    /// <summary>Dispatches given out and, of these, acknowledged by a start or finish.</summary>
    /// <remarks>An operation counts once per machine it was given to; a new plan that leaves it there gives out nothing new.</remarks>
    (long Issued, long Acknowledged) Counts { get; }
}

/// <summary>Answer to a report.</summary>
/// <param name="Accepted">Stored; a repeated id is accepted without effect.</param>
/// <param name="Repeated">The report was known already; what follows from a report must not follow twice.</param>
/// <param name="Rule">Broken rule when refused, for example <c>shop-not-started</c>; also the key of the translated text.</param>
public sealed record ShopAnswer(bool Accepted, string? Rule, string Message, OperationActual Actual, bool Repeated = false);

/// <param name="By">How late against the plan; greater than the tolerance.</param>
public sealed record LateOperation(PlannedOperation Planned, OperationActual Actual, TimeSpan By);
