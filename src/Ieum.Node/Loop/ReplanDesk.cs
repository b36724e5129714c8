using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Has ways out planned and puts the chosen one into force, by the same door as a draft made by hand.</summary>
internal sealed class ReplanDesk : IReplanDesk, IDisposable
{
    private const int Kept = 20;
    private readonly IReplanner _replanner;
    private readonly PlanDesk _desk;
    private readonly ChangeBook _book;
    private readonly ReservationBook _overtime;
    private readonly FactoryState _factory;
    private readonly Clocks _clocks;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _choosing = new(1, 1);

    public ReplanDesk(IReplanner replanner, PlanDesk desk, ChangeBook book, ReservationBook overtime, FactoryState factory, Clocks clocks)
    {
        (_replanner, _desk, _book, _overtime, _factory, _clocks) = (replanner, desk, book, overtime, factory, clocks);
        book.Changed += () => Changed?.Invoke();
    }

    public event Action? Changed;

    public DateTimeOffset Now => _desk.Now;
    public int? Plan => _desk.InForce?.Number;
    public ImmutableArray<ToldChange> Told => _book.Told;
    public ImmutableArray<ReplanCase> Cases { get; private set; } = [];
    public ImmutableArray<SecondResource> Resources => _factory.Planning.Resources;

    public async Task<ReplanTold> TellAsync(PlanChange happened, string by, CancellationToken cancel)
    {
        if (_desk.InForce is null) return ReplanTold.No(ReplanRules.NoPlan);
        if (Fault(happened) is { } rule) return ReplanTold.No(rule);
        var told = new ToldChange(Guid.NewGuid().ToString("N"), happened, by, Now);
        if (!happened.IsOfBook()) await _book.AddAsync([told], by);
        return await LookAsync(told, cancel);
    }

    public async Task<ReplanTold> AgainAsync(string id, CancellationToken cancel) =>
        Cases.Select(c => c.Told).Concat(Told).FirstOrDefault(t => t.Id == id) is { } told ? await LookAsync(told, cancel) : ReplanTold.No(ReplanRules.Gone);

    private async Task<ReplanTold> LookAsync(ToldChange told, CancellationToken cancel)
    {
        if (_desk.InForce is not { } plan) return ReplanTold.No(ReplanRules.NoPlan);
        var (begun, asked) = (_clocks.Wire.GetTimestamp(), Now);
        // What is a fact stands in the request already.
        var answer = await _replanner.AlternativesAsync(Request(), told.Change.IsOfBook() ? [told.Change] : [], cancel);
        var made = new ReplanCase(told, plan.Number, asked, _clocks.Wire.GetElapsedTime(begun), answer);
        lock (_gate) Cases = [made, .. Cases.Where(c => c.Told.Id != told.Id).Take(Kept - 1)];
        Changed?.Invoke();
        return new(made, null, "");
    }

    public async Task<ReplanChosen> ChooseAsync(string id, AlternativeKind kind, string by)
    {
        await _choosing.WaitAsync(CancellationToken.None);
        try
        {
            if (Cases.FirstOrDefault(c => c.Told.Id == id) is not { } known || known.Answer.Alternatives.FirstOrDefault(a => a.Kind == kind) is not { } chosen) return ReplanChosen.No(ReplanRules.Gone);
            if (_desk.InForce?.Number != known.Plan) return ReplanChosen.No(ReplanRules.PlanMoved);
            if (!chosen.IsOpen(Now)) return ReplanChosen.No(ReplanRules.TooLate, since: chosen.CutOffs[0]);
            var outcome = await _desk.AdoptAsync(AdoptionOf(chosen, by), ReasonOf(known.Told.Change));
            if (outcome is not PlanOutcome.Planned p)
                return ReplanChosen.No(ReplanRules.NotPlanned, outcome is PlanOutcome.Impossible { Conflicts: [var first, ..] } ? $"{ReplanRules.All[ReplanRules.NotPlanned]} {first.Message}" : null);
            lock (_gate) Cases = Cases.RemoveAll(c => c.Told.Id == id);
            return new(null, "", null, p.Plan.Number);
        }
        finally
        {
            _choosing.Release();
            Changed?.Invoke();
        }
    }

    public async Task<bool> OverAsync(string id, string by)
    {
        bool known;
        lock (_gate)
        {
            var left = Cases.RemoveAll(c => c.Told.Id == id);
            (known, Cases) = (left.Length < Cases.Length, left);
        }
        var ended = await _book.EndAsync(id, by) || known;
        if (ended) Changed?.Invoke();
        return ended;
    }

    /// <summary>The facts of now, with the calendars of all machines that a change may bring in.</summary>
    internal PlanRequest Request()
    {
        var request = _desk.Request("asked", _desk.Orders);
        return request with { Calendars = request.Calendars.SetItems(_factory.Company.Machines.Where(m => !request.Calendars.ContainsKey(m.Id) && Makes(m.Id)).Select(m => KeyValuePair.Create(m.Id, _factory.CalendarOf(m.Id)))) };
    }

    private bool Makes(MachineId machine) => _factory.Products.SelectMany(p => p.Alternatives.Prepend(p.Routing)).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Any(o => o.Machine == machine);

    /// <summary>The order book with what the change and the chosen way make of it. What only holds for a time is left to the book of changes.</summary>
    private Adoption AdoptionOf(Alternative chosen, string by)
    {
        var now = _desk.Request("asked", _desk.Orders).Orders.ToDictionary(o => o.Id);
        var book = _desk.Orders.ToDictionary(o => o.Id);
        var orders = ImmutableArray.CreateBuilder<Order>();
        // An order that the request only makes wait is the one of the book.
        foreach (var o in chosen.Request.Orders.Where(o => _overtime.Orders.All(r => r.Id != o.Id)))
            orders.Add(book.TryGetValue(o.Id, out var was) && now.TryGetValue(o.Id, out var there) && Same(there, o) ? was : PlanChanges.Unfed(o));
        return new(chosen.Plan, orders.DrainToImmutable(), _desk.Locks, by)
        {
            Steady = true, Bought = chosen.Bought, Gone = [.. book.Keys.Where(id => chosen.Request.Orders.All(o => o.Id != id))],
        };
    }

    private static bool Same(Order a, Order b) => ReferenceEquals(a, b) || (a.Quantity, a.Release, a.Due, a.Deadline, a.Weight, a.Alternatives.Length) == (b.Quantity, b.Release, b.Due, b.Deadline, b.Weight, b.Alternatives.Length)
        && a.Routing.Steps.Length == b.Routing.Steps.Length && a.Routing.Steps.Zip(b.Routing.Steps).All(s => s.First.Number == s.Second.Number && s.First.GetType() == s.Second.GetType());

    private string? Fault(PlanChange c)
    {
        bool Machine(MachineId id) => _factory.Company.Machines.Any(m => m.Id == id);
        Order? Order(OrderId id) => _desk.Orders.FirstOrDefault(o => o.Id == id);
        return c switch
        {
            PlanChange.MachineDown d => !Machine(d.Machine) ? ReplanRules.Unknown : Ahead(d.Range.To),
            PlanChange.ExtraTime e => !Machine(e.Machine) ? ReplanRules.Unknown : Ahead(e.Range.To),
            PlanChange.Away a => Resources.All(r => r.Id != a.Resource) ? ReplanRules.Unknown : Ahead(a.Range.To),
            PlanChange.MaterialLate m => _factory.Planning.Materials.All(s => s.Item != m.Item) ? ReplanRules.Unknown : Ahead(m.Until),
            PlanChange.StockIs s => _factory.Planning.Materials.All(x => x.Item != s.Item) ? ReplanRules.Unknown : s.OnHand < 0 ? ReplanRules.NotSo : null,
            PlanChange.OrderWaits w => Order(w.Order) is null ? ReplanRules.Unknown : Ahead(w.Until),
            PlanChange.OrderGone g => Order(g.Order) is null ? ReplanRules.Unknown : null,
            PlanChange.Scrapped s => Order(s.Order) is not { } o ? ReplanRules.Unknown : s.Pieces < 1 || s.Pieces > o.Quantity ? ReplanRules.NotSo : null,
            _ => null,
        };
    }

    // Two years are as far as a plan reaches.
    private string? Ahead(DateTimeOffset end) => end > Now && end < Now.AddDays(700) ? null : ReplanRules.NotSo;

    internal static string ReasonOf(PlanChange c) => c switch
    {
        PlanChange.MachineDown => "machine-down",
        PlanChange.MaterialLate or PlanChange.OrderWaits or PlanChange.StockIs => "late-material",
        PlanChange.Away => "absent",
        PlanChange.Scrapped => "scrap",
        PlanChange.OrderIs => "rush",
        _ => "what-if",
    };

    public void Dispose() => _choosing.Dispose();
}
