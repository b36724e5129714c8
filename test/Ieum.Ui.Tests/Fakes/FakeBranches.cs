using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Two branches over a <see cref="FakePlan"/>: one planned and better, one outdated without a plan.</summary>
internal sealed class FakeBranches : IBranchDesk
{
    private readonly FakePlan _plan;

    public FakeBranches(FakeFloor floor, FakePlan plan)
    {
        (_plan, Now) = (plan, floor.Now);
        if (plan.InForce is not { } force) return;
        var machine = floor.Company.Machines.First().Id;
        Branches =
        [
            new("b1", "토요일 근무", "kim", Now.AddHours(-1), force.Number, false, [new PlanChange.ExtraTime(machine, new(Now.AddDays(3), Now.AddDays(3).AddHours(8)), 40), new PlanChange.OrderIs(plan.Orders[1])], [], force,
                new(9, 1, 4.Hours, 5.Days, 6.Hours, 240, 4, 2, 1, 0.74, Now.AddDays(8)), new(9, 3, 41.Hours, 6.Days, TimeSpan.Zero, 0, 0, 0, 0, 0.71, Now.AddDays(9)), []),
            new("b2", "設備をもう一台", "lee", Now.AddDays(-1), force.Number - 1, true, [new PlanChange.MachineDown(machine, new(Now, Now.AddDays(900)))], [], null, null,
                new(9, 3, 41.Hours, 6.Days, TimeSpan.Zero, 0, 0, 0, 0, 0.71, Now.AddDays(9)), []),
        ];
    }

    public event Action? Changed;
    public DateTimeOffset Now { get; }
    public int? Plan => _plan.InForce?.Number;
    public ImmutableArray<SecondResource> Resources { get; } = [new("kim", new("김 반장", "金班長", "Kim"), ["setter"], null, [])];
    public ImmutableArray<MaterialStock> Materials { get; } = [new(new("SEAL-20A"), new("실", "シール", "Seal"), 40, false, [])];
    public ImmutableArray<PlanBranch> Branches { get; private set; } = [];
    public string? Refuse { get; set; }

    public Task<BranchAnswer> BeginAsync(string name, string by) => Saved(new($"b{Branches.Length + 1}", name, by, Now, Plan ?? 0, false, [], [], null, null, null, []));
    public Task<BranchAnswer> ChangeAsync(string id, PlanChange change, CancellationToken cancel) => Of(id) is var b ? Saved(b with { Changes = b.Changes.Add(change) }) : throw new InvalidOperationException();
    public Task<BranchAnswer> TakeBackAsync(string id, int change, CancellationToken cancel) => Saved(Of(id) with { Changes = Of(id).Changes.RemoveAt(change) });
    public Task<BranchAnswer> PlanAsync(string id, bool anew, CancellationToken cancel) => Saved(Of(id) with { Anew = anew, Base = Plan ?? 0 });

    public Task<BranchAnswer> KeepAsync(string id, string by)
    {
        if (Refuse is { } rule) return Task.FromResult(BranchAnswer.No(rule, "PO-2611-032-1-BODY"));
        Branches = Branches.RemoveAll(b => b.Id == id);
        return Task.FromResult(new BranchAnswer(null, null, "", 8));
    }

    public Task<bool> ThrowAwayAsync(string id, string by)
    {
        Branches = Branches.RemoveAll(b => b.Id == id);
        Changed?.Invoke();
        return Task.FromResult(true);
    }

    private PlanBranch Of(string id) => Branches.First(b => b.Id == id);

    private Task<BranchAnswer> Saved(PlanBranch b)
    {
        Branches = Branches.Any(x => x.Id == b.Id) ? [.. Branches.Select(x => x.Id == b.Id ? b : x)] : Branches.Insert(0, b);
        Changed?.Invoke();
        return Task.FromResult(new BranchAnswer(b, null, "", null));
    }
}
