using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>A plan made by hand, to be put into force.</summary>
/// <param name="Draft">Its order of work is kept; times follow from what is true when it is adopted.</param>
/// <param name="Book">The order book where lots were split; default leaves it.</param>
/// <param name="By">Who made it.</param>
internal sealed record Adoption(PlanVersion Draft, ImmutableArray<Order> Book, ImmutableArray<OperationLock> Locks, string By)
{
    /// <summary>Its times are kept too: nothing moves up where a place got free.</summary>
    public bool Steady { get; init; }

    /// <summary>Orders that are no longer made.</summary>
    public ImmutableArray<OrderId> Gone { get; init; } = [];

    /// <summary>Overtime that it rests on; offered to every plan from now on.</summary>
    public ImmutableArray<OvertimeOffer> Bought { get; init; } = [];

    /// <summary>What becomes a fact with it; told to every plan from now on.</summary>
    public ImmutableArray<PlanChange> Holds { get; init; } = [];

    /// <summary>The book with it; orders that came in while it was made are planned with it.</summary>
    public ImmutableArray<Order> BookOf(ImmutableArray<Order> now) =>
        Book.IsDefault ? now : Book.AddRange(now.Where(o => Book.All(b => b.Id != o.Id) && !Gone.Contains(o.Id)));

    public PlanRequest Of(PlanRequest now)
    {
        var overtime = now.Factory.Overtime.AddRange(Bought.Where(b => now.Factory.Overtime.All(o => o.Machine != b.Machine || o.Range.To <= b.Range.From || b.Range.To <= o.Range.From)));
        return now.With(Holds) with { Locks = Locks, KeepSequence = true, Steady = Steady, Factory = now.Factory with { Overtime = overtime }, Parent = Draft with { Number = now.Parent?.Number ?? Draft.Number } };
    }
}

/// <summary>What belongs to a plan and is kept behind it; doing it twice is doing it once.</summary>
/// <param name="Orders">Orders that are new or changed with it.</param>
/// <param name="Locks">Null leaves them.</param>
/// <param name="Learned">Times it was made with for the first time; null for none.</param>
/// <param name="Holds">What is a fact from then on; null for nothing.</param>
internal sealed record PlanRest(int Plan, string By, Order[] Orders, OrderId[] Gone, OrderId? BoughtFor, OvertimeOffer[] Bought, OperationLock[]? Locks, MeasuredCycle[]? Learned, PlanConflict[] Findings, ToldChange[]? Holds = null, bool IsDone = false);

// What a planner fixes and hands in: locks, order books, drafts.
internal sealed partial class PlanDesk
{
    /// <summary>What people have fixed in the plan in force; every later plan keeps it until it is freed.</summary>
    public ImmutableArray<OperationLock> Locks { get; private set; } = [];

    public DateTimeOffset Now => clocks.Factory.GetUtcNow();

    public DateTimeOffset? FrozenUntil => options.Value.FrozenZone > TimeSpan.Zero ? Now + options.Value.FrozenZone : null;

    /// <summary>The request for a plan as things stand, for whoever tries something out.</summary>
    public PlanRequest Request(string reason, ImmutableArray<Order> orders)
    {
        // How calm it is to be is up to whoever tries it out.
        return Snapshot(Now, reason, Measured, orders) with { Steady = false, Goal = factory.Goal };
    }

    /// <summary>Puts a draft into force: advised and decided by the person who made it, with receipt and effect like every plan.</summary>
    public Task<PlanOutcome> AdoptAsync(string by, PlanVersion draft, ImmutableArray<Order> book, ImmutableArray<OperationLock> locks) => AdoptAsync(new(draft, book, locks, by), "by-hand");

    /// <param name="reason">As in <see cref="PlanVersion.Reason"/>.</param>
    public async Task<PlanOutcome> AdoptAsync(Adoption adopt, string reason)
    {
        var by = adopt.By;
        var entry = await ledger.AdviseAsync(ReplanLoop, AutonomyLevel.Advise, LoopText.Of(LoopTexts.FindingAsked, by).ToString(), AdviceText, "person", 1, CancellationToken.None);
        await ledger.DecideAsync(entry.Number, true, by, null, CancellationToken.None);
        return await CarryOutAsync(entry.Number, reason, adopt);
    }

    /// <summary>Orders that came in by a table: new ones are added, known ones replaced, and a plan with them is made at once.</summary>
    public async Task SaveOrdersAsync(ImmutableArray<Order> created, ImmutableArray<Order> updated, string by, CancellationToken cancel)
    {
        await store.SaveOrdersAsync([.. updated, .. created], by, cancel);
        var changed = updated.ToDictionary(o => o.Id);
        lock (_gate) Orders = [.. Orders.Select(o => changed.GetValueOrDefault(o.Id, o)), .. created.Where(c => Orders.All(o => o.Id != c.Id))];
        dispatcher.SetOrders(Orders);
        Changed?.Invoke();
        foreach (var o in updated.Concat(created)) OrderAdded?.Invoke(o);
    }

    private async Task LoadLocksAsync(CancellationToken cancel) => Locks = [.. await documents.FindAsync<OperationLock[]>(DocumentStore.PlanLocks, cancel) ?? []];

    /// <summary>Locks of work that still waits; what has begun stands where it is without any.</summary>
    private ImmutableArray<OperationLock> OpenLocks()
    {
        if (Locks.IsEmpty) return Locks;
        var begun = dispatcher.Actuals.Where(a => a.Status != OperationStatus.Waiting).Select(a => a.Operation).ToHashSet();
        return Locks.RemoveAll(l => begun.Contains(l.Operation));
    }

    private PlanRest RestOf(PlanOutcome.Planned p, Adoption? adopt, ImmutableArray<MeasuredCycle> learned)
    {
        var known = Orders.ToDictionary(o => o.Id);
        return new(p.Plan.Number, adopt?.By ?? ReplanLoop,
            adopt is { Book.IsDefault: false } ? [.. adopt.Book.Where(o => !known.TryGetValue(o.Id, out var was) || !ReferenceEquals(was, o))] : [],
            adopt is { Book.IsDefault: false } ? [.. adopt.Gone] : [], adopt?.Draft.Promises.FirstOrDefault()?.Order, adopt is null ? [] : [.. adopt.Bought],
            adopt?.Locks.ToArray(), learned.IsDefault ? null : [.. learned], [.. p.Findings],
            adopt is null ? null : [.. adopt.Holds.Select(h => new ToldChange(Guid.NewGuid().ToString("N"), h, adopt.By, Now))]);
    }

    private async Task DoRestAsync(PlanRest rest)
    {
        if (rest.Orders.Length > 0) await store.SaveOrdersAsync(rest.Orders, rest.By, CancellationToken.None);
        if (rest.Gone.Length > 0) await store.RemoveOrdersAsync(rest.Gone, CancellationToken.None);
        if (rest is { Bought.Length: > 0, BoughtFor: { } order }) await reservations.AgreeAsync(order, rest.Bought, rest.By);
        if (rest.Holds is { } holds) await changes.AddAsync([.. holds.Where(h => changes.Told.All(t => t.Id != h.Id))], rest.By);
        if (rest.Locks is { } locks) await documents.SaveAsync(DocumentStore.PlanLocks, locks, rest.By, CancellationToken.None);
        if (rest.Learned is { } learned) await documents.SaveAsync(DocumentStore.LearnedTimes, learned, LearnedTimeLoop, CancellationToken.None);
        await documents.SaveAsync(DocumentStore.PlanFindings, rest.Findings, ReplanLoop, CancellationToken.None);
        await documents.SaveAsync(DocumentStore.PlanRest, rest with { Orders = [], IsDone = true }, rest.By, CancellationToken.None);
    }

    /// <summary>What the adopted plan brings, in memory.</summary>
    private void TakeOver(Adoption adopt)
    {
        if (!adopt.Book.IsDefault)
        {
            lock (_gate) Orders = adopt.BookOf(Orders);
            dispatcher.SetOrders(Orders);
        }
        Locks = adopt.Locks;
    }
}
