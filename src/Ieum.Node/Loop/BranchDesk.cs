using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Branches are requests with changes, and the plans that came of them; kept in the database as a whole.</summary>
internal sealed class BranchDesk(IPlanner planner, PlanDesk desk, ChangeBook changes, Adoptions adoptions, FactoryState factory, DocumentStore documents) : IBranchDesk, IDisposable
{
    private const int Most = 12;
    private static readonly TimeSpan AnewLimit = TimeSpan.FromSeconds(8);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public event Action? Changed;

    public DateTimeOffset Now => desk.Now;
    public int? Plan => desk.InForce?.Number;
    public ImmutableArray<SecondResource> Resources => factory.Planning.Resources;
    public ImmutableArray<MaterialStock> Materials => factory.Planning.Materials;
    public ImmutableArray<PlanBranch> Branches { get; private set; } = [];

    public async Task LoadAsync(CancellationToken cancel) => Branches = [.. await documents.FindAsync<PlanBranch[]>(DocumentStore.PlanBranches, cancel) ?? []];

    public Task<BranchAnswer> BeginAsync(string name, string by) => TurnAsync(async () =>
    {
        name = name.Trim();
        if (name.Length is 0 or > 60) return BranchAnswer.No(BranchRules.Name);
        if (desk.InForce is not { } plan) return BranchAnswer.No(ReplanRules.NoPlan);
        if (Branches.Length >= Most) return BranchAnswer.No(BranchRules.TooMany);
        return await SaveAsync(new(Guid.NewGuid().ToString("N"), name, by, Now, plan.Number, false, [], [], null, null, null, []), by);
    });

    public Task<BranchAnswer> ChangeAsync(string id, PlanChange change, CancellationToken cancel) => TurnAsync(async () =>
    {
        if (Find(id) is not { } b) return BranchAnswer.No(BranchRules.Gone);
        if (adoptions.Fault(change) is { } rule) return BranchAnswer.No(rule);
        return await PlannedAsync(b with { Changes = [.. b.Changes.Where(c => !About(c).Equals(About(change))), change] }, cancel);
    });

    public Task<BranchAnswer> TakeBackAsync(string id, int change, CancellationToken cancel) => TurnAsync(async () =>
        Find(id) is { } b && change >= 0 && change < b.Changes.Length ? await PlannedAsync(b with { Changes = b.Changes.RemoveAt(change) }, cancel) : BranchAnswer.No(BranchRules.Gone));

    public Task<BranchAnswer> PlanAsync(string id, bool anew, CancellationToken cancel) => TurnAsync(async () =>
        Find(id) is { } b ? await PlannedAsync(b with { Anew = anew }, cancel) : BranchAnswer.No(BranchRules.Gone));

    public Task<BranchAnswer> KeepAsync(string id, string by) => TurnAsync(async () =>
    {
        if (Find(id) is not { } b) return BranchAnswer.No(BranchRules.Gone);
        if (b.Plan is not { } plan) return BranchAnswer.No(BranchRules.NotPlanned);
        if (Conflicts(b, plan) is { Length: > 0 } conflicts) return BranchAnswer.No(BranchRules.Conflict, string.Join(", ", conflicts.Take(5)));
        if (desk.InForce?.Number != b.Base) return BranchAnswer.No(BranchRules.PlanMoved);
        var request = adoptions.Request().With(b.Changes);
        // What holds for a time is a fact from now on; stock is what the branch says it is.
        ToldChange[] told = [.. b.Changes.Where(c => !c.IsOfBook() && c is not PlanChange.StockIs).Select(c => new ToldChange(Guid.NewGuid().ToString("N"), c, by, Now))];
        MaterialStock[] stock = [.. b.Changes.OfType<PlanChange.StockIs>().Select(s => factory.Planning.Materials.First(m => m.Item == s.Item) with { OnHand = s.OnHand })];
        await changes.AddAsync(told, by);
        var outcome = await desk.AdoptAsync(adoptions.Of(request, plan, by), "what-if");
        if (outcome is not PlanOutcome.Planned kept)
        {
            foreach (var t in told) await changes.EndAsync(t.Id, by);
            return BranchAnswer.No(BranchRules.NotPlanned, outcome is PlanOutcome.Impossible { Conflicts: [var first, ..] } ? first.Message : null);
        }
        await factory.SaveStockAsync(stock, by, CancellationToken.None);
        await StoreAsync(Branches.RemoveAll(x => x.Id == id), by);
        return new(null, null, "", kept.Plan.Number);
    });

    public async Task<bool> ThrowAwayAsync(string id, string by)
    {
        var gone = await TurnAsync(async () =>
        {
            if (Find(id) is not { } b) return BranchAnswer.No(BranchRules.Gone);
            await StoreAsync(Branches.Remove(b), by);
            return new(b, null, "", null);
        });
        return gone.Rule is null;
    }

    private PlanBranch? Find(string id) => Branches.FirstOrDefault(b => b.Id == id);

    /// <summary>What a change is about; of two about the same the later one counts.</summary>
    private static object About(PlanChange change) => change switch
    {
        PlanChange.OrderIs o => ("order", o.Order.Id),
        PlanChange.OrderGone g => ("order", g.Order),
        PlanChange.OrderWaits w => ("waits", w.Order),
        PlanChange.MaterialLate m => ("late", m.Item),
        PlanChange.StockIs s => ("stock", s.Item),
        _ => change,
    };

    /// <summary>Plans the branch and, beside it, the plan in force with the facts of now.</summary>
    private async Task<BranchAnswer> PlannedAsync(PlanBranch b, CancellationToken cancel)
    {
        if (desk.InForce is not { } force) return BranchAnswer.No(ReplanRules.NoPlan);
        var facts = adoptions.Request();
        var standing = await planner.PlanAsync(facts with { Steady = true, KeepSequence = true }, cancel) is PlanOutcome.Planned s ? PlanFigures.Of(facts, s.Plan, force) : null;
        var with = facts.With(b.Changes);
        var touched = b.Changes.Select(c => c switch { PlanChange.OrderIs o => o.Order.Id, PlanChange.OrderGone g => g.Order, PlanChange.Scrapped x => x.Order, _ => (OrderId?)null }).OfType<OrderId>().ToHashSet();
        var outcome = await planner.PlanAsync(b.Anew ? with with { Limit = AnewLimit } : with with { Steady = true, Goal = with.Goal.Calm() }, cancel);
        b = b with { Base = force.Number, Standing = standing, Was = [.. desk.Orders.Where(o => touched.Contains(o.Id))] };
        b = outcome.Match(
            p => b with { Plan = p.Plan, Figures = PlanFigures.Of(with, p.Plan, force), Trouble = [.. p.Findings.Select(f => f.Message).Distinct().Take(8)] },
            i => b with { Plan = null, Figures = null, Trouble = [.. i.Conflicts.Select(c => c.Message).Distinct().Take(8)] },
            _ => b with { Plan = null, Figures = null });
        return await SaveAsync(b, b.By);
    }

    /// <summary>Orders that were changed since, and operations that were begun elsewhere, or in orders that the branch changes in number or way.</summary>
    private string[] Conflicts(PlanBranch b, PlanVersion plan)
    {
        var book = desk.Orders.ToDictionary(o => o.Id);
        var changed = b.Was.Where(w => !book.TryGetValue(w.Id, out var now) || !Adoptions.Same(w, now)).Select(w => w.Id.Value);
        var machine = plan.Operations.ToDictionary(o => o.Operation, o => o.Machine);
        var begun = desk.Actuals.Where(a => a.Status is OperationStatus.Running or OperationStatus.Paused && a.Machine is { } at && machine.TryGetValue(a.Operation, out var there) && there != at).Select(a => a.Operation.Value);
        var added = b.Changes.OfType<PlanChange.OrderIs>().Where(o => b.Was.All(w => w.Id != o.Order.Id) && book.ContainsKey(o.Order.Id)).Select(o => o.Order.Id.Value);
        return [.. changed, .. begun, .. added];
    }

    private async Task<BranchAnswer> SaveAsync(PlanBranch b, string by)
    {
        await StoreAsync(Branches.Any(x => x.Id == b.Id) ? [.. Branches.Select(x => x.Id == b.Id ? b : x)] : Branches.Insert(0, b), by);
        return new(b, null, "", null);
    }

    private async Task StoreAsync(ImmutableArray<PlanBranch> next, string by)
    {
        await documents.SaveAsync(DocumentStore.PlanBranches, next.ToArray(), by, CancellationToken.None);
        Branches = next;
        Changed?.Invoke();
    }

    private async Task<BranchAnswer> TurnAsync(Func<Task<BranchAnswer>> what)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try { return await what(); }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();
}
