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
    private readonly BreakdownLoop _loop;
    private readonly Clocks _clocks;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _choosing = new(1, 1);

    public ReplanDesk(IReplanner replanner, PlanDesk desk, ChangeBook book, Adoptions adoptions, FactoryState factory, BreakdownLoop loop, Store.LoopStore ledger, Clocks clocks)
    {
        (_replanner, _desk, _book, _adoptions, _factory, _loop, _clocks) = (replanner, desk, book, adoptions, factory, loop, clocks);
        book.Changed += () => Changed?.Invoke();
        ledger.Changed += () => Changed?.Invoke();
    }

    public event Action? Changed;

    public DateTimeOffset Now => _desk.Now;
    public int? Plan => _desk.InForce?.Number;

    /// <summary>What people told, and the machines that the node itself sees standing.</summary>
    public ImmutableArray<ToldChange> Told
    {
        get
        {
            var told = _book.Told;
            return [.. _desk.Down(Now).Where(d => told.All(t => t.Change is not PlanChange.MachineDown known || known.Machine != d.Machine)).GroupBy(d => d.Machine)
                .Select(g => new ToldChange(Seen + g.Key, new PlanChange.MachineDown(g.Key, new(g.Min(d => d.Range.From), g.Max(d => d.Range.To))), "", g.Min(d => d.Range.From)) { IsSeen = true }), .. told];
        }
    }

    /// <summary>Cases that people asked about, and those behind the advices of the breakdown loop.</summary>
    public ImmutableArray<ReplanCase> Cases => [.. _loop.Cases, .. _asked];

    private const string Seen = "seen-";
    private ImmutableArray<ReplanCase> _asked = [];

    public ImmutableArray<SecondResource> Resources => _factory.Planning.Resources;
    public ImmutableArray<CrewMember> Crew => [.. _desk.Crew.Needed(Now).Where(c => Resources.All(r => r.Id != c.Name))];

    public async Task<ReplanTold> TellAsync(PlanChange happened, string by, CancellationToken cancel)
    {
        if (_desk.InForce is null) return ReplanTold.No(ReplanRules.NoPlan);
        if (happened is PlanChange.Away { Machines.IsEmpty: true } away && Crew.FirstOrDefault(c => c.Name == away.Resource) is { } member) happened = away with { Machines = member.Machines };
        if (_adoptions.Fault(happened) is { } rule) return ReplanTold.No(rule);
        var told = new ToldChange(Guid.NewGuid().ToString("N"), happened, by, Now);
        if (!happened.IsOfBook()) await _book.AddAsync([told], by);
        return await LookAsync(told, cancel);
    }

    public async Task<ReplanTold> AgainAsync(string id, CancellationToken cancel)
    {
        if (Cases.Select(c => c.Told).Concat(Told).FirstOrDefault(t => t.Id == id) is not { } told) return ReplanTold.No(ReplanRules.Gone);
        // The ways of an advice stay what was advised; whoever looks again gets a case of their own.
        return await LookAsync(BreakdownLoop.NumberOf(id) is not null && told.Change is PlanChange.MachineDown down ? told with { Id = Seen + down.Machine } : told, cancel);
    }

    private async Task<ReplanTold> LookAsync(ToldChange told, CancellationToken cancel)
    {
        if (_desk.InForce is not { } plan) return ReplanTold.No(ReplanRules.NoPlan);
        var (begun, asked) = (_clocks.Wire.GetTimestamp(), Now);
        // What is a fact stands in the request already.
        var answer = await _replanner.AlternativesAsync(_adoptions.Request(), told.Change.IsOfBook() ? [told.Change] : [], cancel);
        var made = new ReplanCase(told, plan.Number, asked, _clocks.Wire.GetElapsedTime(begun), answer);
        lock (_gate) _asked = [made, .. _asked.Where(c => c.Told.Id != told.Id).Take(Kept - 1)];
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
            if (BreakdownLoop.NumberOf(id) is { } advice) return await DecideAsync(advice, chosen, by);
            if (!chosen.IsOpen(Now)) return ReplanChosen.No(ReplanRules.TooLate, since: chosen.CutOffs[0]);
            var outcome = await _desk.AdoptAsync(_adoptions.Of(chosen.Request, chosen.Plan, by) with { Bought = chosen.Bought, Holds = chosen.Holds }, ReasonOf(known.Told.Change));
            if (outcome is not PlanOutcome.Planned p)
                return ReplanChosen.No(ReplanRules.NotPlanned, outcome is PlanOutcome.Impossible { Conflicts: [var first, ..] } ? $"{ReplanRules.All[ReplanRules.NotPlanned]} {first.Message}" : null);
            lock (_gate) _asked = _asked.RemoveAll(c => c.Told.Id == id);
            if (known.Told.Change is PlanChange.MachineDown down) await _loop.JudgedAsync(down.Machine, p.Plan.Number);
            return new(null, "", null, p.Plan.Number);
        }
        finally
        {
            _choosing.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>The way belongs to an advice that waits for an answer: choosing it is answering it.</summary>
    private async Task<ReplanChosen> DecideAsync(long advice, Alternative chosen, string by)
    {
        if (!chosen.IsOpen(Now)) return ReplanChosen.No(ReplanRules.TooLate, since: chosen.CutOffs[0]);
        try
        {
            var entry = await _loop.DecideAsync(advice, true, by, null, LoopWaysOf.Word(chosen.Kind), CancellationToken.None);
            return entry is { Receipt.Done: true, Acting: { } acting } ? new(null, "", null, acting.Plan) : ReplanChosen.No(ReplanRules.NotPlanned);
        }
        catch (Act.LoopRefusedException e)
        {
            return ReplanChosen.No(e.Rule, e.Message);
        }
    }

    public async Task<bool> OverAsync(string id, string by)
    {
        bool known;
        lock (_gate)
        {
            var left = _asked.RemoveAll(c => c.Told.Id == id);
            (known, _asked) = (left.Length < _asked.Length, left);
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
