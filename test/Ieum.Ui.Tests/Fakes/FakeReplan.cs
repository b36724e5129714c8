using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Ways out over a <see cref="FakePlan"/>: one of each kind, with clocks of 12 minutes to two days.</summary>
internal sealed class FakeReplan : IReplanDesk
{
    private readonly FakeFloor _floor;
    private readonly FakePlan _plan;

    public FakeReplan(FakeFloor floor, FakePlan plan)
    {
        (_floor, _plan) = (floor, plan);
        Now = floor.Now;
        if (plan.InForce is null) return;
        var down = new PlanChange.MachineDown(floor.Company.Machines.First().Id, new(Now.AddMinutes(-20), Now.AddHours(8)));
        Told = [new("told-1", down, "lee", Now.AddMinutes(-20))];
        Cases = [Case(Told[0])];
    }

    public event Action? Changed;
    public DateTimeOffset Now { get; set; }
    public int? Plan => _plan.InForce?.Number;
    public ImmutableArray<ToldChange> Told { get; private set; } = [];
    public ImmutableArray<ReplanCase> Cases { get; private set; } = [];
    public ImmutableArray<SecondResource> Resources { get; } = [new("kim", new("김 반장", "金班長", "Kim"), ["setter"], null, [])];
    public ImmutableArray<CrewMember> Crew { get; } = [new("lee", [new("B-MC2")])];
    public List<(string Id, AlternativeKind Kind, string By)> Chosen { get; } = [];

    public Task<ReplanTold> TellAsync(PlanChange happened, string by, CancellationToken cancel)
    {
        var told = new ToldChange($"told-{Told.Length + Cases.Length + 1}", happened, by, Now);
        if (!happened.IsOfBook()) Told = Told.Add(told);
        Cases = Cases.Insert(0, Case(told));
        Changed?.Invoke();
        return Task.FromResult(new ReplanTold(Cases[0], null, ""));
    }

    public Task<ReplanTold> AgainAsync(string id, CancellationToken cancel) => Task.FromResult(new ReplanTold(Cases[0], null, ""));

    public Task<ReplanChosen> ChooseAsync(string id, AlternativeKind kind, string by)
    {
        var way = Cases.First(c => c.Told.Id == id).Answer.Alternatives.First(a => a.Kind == kind);
        if (!way.IsOpen(Now)) return Task.FromResult(ReplanChosen.No(ReplanRules.TooLate, since: way.CutOffs[0]));
        Chosen.Add((id, kind, by));
        Cases = Cases.RemoveAll(c => c.Told.Id == id);
        Changed?.Invoke();
        return Task.FromResult(new ReplanChosen(null, "", null, 8));
    }

    public Task<bool> OverAsync(string id, string by)
    {
        (Told, Cases) = (Told.RemoveAll(t => t.Id == id), Cases.RemoveAll(c => c.Told.Id == id));
        Changed?.Invoke();
        return Task.FromResult(true);
    }

    private ReplanCase Case(ToldChange told)
    {
        var plan = _plan.InForce!;
        var moves = plan.Operations.Take(5).ToImmutableArray();
        var request = new PlanRequest(Now, _plan.Orders, ImmutableDictionary<MachineId, WorkCalendar>.Empty, [], [], [], plan, "asked");
        PlanFigures Figures(int late, int hours, TimeSpan overtime, double? cost, int moved, int shifted) => new(9, late, TimeSpan.FromHours(hours), 5.Days, overtime, cost, moved, shifted, late, 0.71, Now.AddDays(9));
        Alternative Way(AlternativeKind kind, int rank, PlanFigures figures, ImmutableArray<PlannedOperation> does, params CutOff[] cuts) => new(kind, rank, request, plan, figures, does, [.. cuts])
        { Changes = [.. plan.Promises.Take(late(figures)).Select(p => new PromiseChange(p.Order, p.Finish, p.Finish.AddHours(5), p.Finish.AddHours(1)))] };
        static int late(PlanFigures f) => f.Late;
        var machine = moves[0].Machine;
        return new(told, plan.Number, Now, TimeSpan.FromSeconds(2.6), new(request,
        [
            Way(AlternativeKind.Machine, 1, Figures(0, 0, TimeSpan.Zero, 0, 3, 1), moves[..3], new CutOff(Now.AddMinutes(12), CutOffCause.Begins, moves[0].Operation, machine.Value), new CutOff(Now.AddHours(5), CutOffCause.Departure, moves[1].Operation, "FERRY-OSAKA")),
            Way(AlternativeKind.Outside, 2, Figures(0, 0, TimeSpan.Zero, 430, 4, 0), moves[..1], new CutOff(Now.AddHours(3), CutOffCause.Supplier, moves[0].Operation, "GRIND-CO")) with { Of = moves[0].Operation, Supplier = new("GRIND-CO", new("연마 공방", "研磨工房", "Grind Co"), [machine], "VAN", 100, 3) },
            Way(AlternativeKind.Overtime, 3, Figures(1, 2, 6.Hours, null, 5, 2), [], new CutOff(Now.AddHours(4), CutOffCause.Overtime, null, machine.Value)) with { Bought = [new(machine, new(Now.AddHours(6), Now.AddHours(9)), 0)] },
            Way(AlternativeKind.Split, 4, Figures(1, 3, TimeSpan.Zero, 0, 6, 3), moves[..2], new CutOff(Now.AddDays(2), CutOffCause.Begins, moves[1].Operation, machine.Value)) with { Of = moves[0].Operation },
            Way(AlternativeKind.Nothing, 5, Figures(3, 41, TimeSpan.Zero, 0, 14, 6), []),
        ], [AlternativeKind.Reorder], []));
    }
}
