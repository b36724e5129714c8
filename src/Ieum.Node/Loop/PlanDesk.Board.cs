using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>A plan made by hand, to be put into force.</summary>
/// <param name="Draft">Its order of work is kept; times follow from what is true when it is adopted.</param>
/// <param name="Book">The order book where lots were split; default leaves it.</param>
/// <param name="By">Who made it.</param>
internal sealed record Adoption(PlanVersion Draft, ImmutableArray<Order> Book, ImmutableArray<OperationLock> Locks, string By)
{
    public PlanRequest Of(PlanRequest now)
    {
        // Orders that came in while the draft was made are planned with it.
        var book = Book.IsDefault ? now.Orders : Book.AddRange(now.Orders.Where(o => Book.All(b => b.Id != o.Id)));
        return now with { Orders = book, Locks = Locks, KeepSequence = true, Parent = Draft with { Number = now.Parent?.Number ?? Draft.Number } };
    }
}

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
        var request = Snapshot(Now, reason, Measured);
        orders = orders.AddRange(reservations.Orders.Where(r => orders.All(o => o.Id != r.Id)));
        var machines = orders.SelectMany(o => o.Routings).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine).Distinct();
        return request with { Orders = orders, Calendars = machines.ToImmutableDictionary(m => m, factory.CalendarOf) };
    }

    /// <summary>Puts a draft into force: advised and decided by the person who made it, with receipt and effect like every plan.</summary>
    public async Task<PlanOutcome> AdoptAsync(string by, PlanVersion draft, ImmutableArray<Order> book, ImmutableArray<OperationLock> locks)
    {
        var entry = await ledger.AdviseAsync(ReplanLoop, AutonomyLevel.Advise, LoopText.Of(LoopTexts.FindingAsked, by).ToString(), AdviceText, "person", 1, CancellationToken.None);
        await ledger.DecideAsync(entry.Number, true, by, null, CancellationToken.None);
        return await CarryOutAsync(entry.Number, "by-hand", new(draft, book, locks, by));
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

    private async Task KeepAsync(Adoption adopt)
    {
        if (!adopt.Book.IsDefault)
        {
            var known = Orders.ToDictionary(o => o.Id);
            var changed = adopt.Book.Where(o => !known.TryGetValue(o.Id, out var was) || !ReferenceEquals(was, o)).ToImmutableArray();
            await store.SaveOrdersAsync(changed, adopt.By, CancellationToken.None);
            lock (_gate) Orders = [.. adopt.Book, .. Orders.Where(o => adopt.Book.All(b => b.Id != o.Id))];
            dispatcher.SetOrders(Orders);
        }
        await documents.SaveAsync(DocumentStore.PlanLocks, adopt.Locks.ToArray(), adopt.By, CancellationToken.None);
        Locks = adopt.Locks;
    }
}
