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
    private readonly Adoptions _adoptions;
    private readonly FactoryState _factory;
    private readonly Clocks _clocks;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _choosing = new(1, 1);

    public ReplanDesk(IReplanner replanner, PlanDesk desk, ChangeBook book, Adoptions adoptions, FactoryState factory, Clocks clocks)
    {
        (_replanner, _desk, _book, _adoptions, _factory, _clocks) = (replanner, desk, book, adoptions, factory, clocks);
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
        if (_adoptions.Fault(happened) is { } rule) return ReplanTold.No(rule);
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
        var answer = await _replanner.AlternativesAsync(_adoptions.Request(), told.Change.IsOfBook() ? [told.Change] : [], cancel);
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
            var outcome = await _desk.AdoptAsync(_adoptions.Of(chosen.Request, chosen.Plan, by) with { Bought = chosen.Bought }, ReasonOf(known.Told.Change));
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
