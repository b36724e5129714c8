using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Drafts of planners, in memory: they survive a reload of the page, not a restart of the node, for then the shop floor has moved on.</summary>
/// <remarks>Every change is planned by repair (the order of work stays, locks and facts move it) and checked like any other plan before it is shown.</remarks>
internal sealed class PlanBoard(IPlanner planner, PlanDesk desk, ILogger<PlanBoard> log) : IPlanBoard
{
    /// <summary>Changes that can be taken back.</summary>
    private const int Deepest = 200;
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, Draft> _drafts = ImmutableDictionary<string, Draft>.Empty.WithComparers(StringComparer.Ordinal);

    /// <param name="Book">The order book where lots were split in it; default follows the desk's.</param>
    private sealed record Step(PlanVersion Plan, ImmutableArray<Order> Book, ImmutableArray<OperationLock> Locks);

    /// <param name="Base">The plan in force when the draft was begun.</param>
    /// <param name="At">Index of the step that is shown; later ones were taken back.</param>
    private sealed record Draft(int Base, ImmutableList<Step> Steps, int At)
    {
        public Step Now => Steps[At];
    }

    public event Action? Changed;

    public ImmutableArray<OperationLock> Locks => desk.Locks;
    public DateTimeOffset? FrozenUntil => desk.FrozenUntil;

    public PlanDraft? Of(string by) => _drafts.GetValueOrDefault(by) is { } d
        ? new(d.Now.Plan, BookOf(d.Now), d.Now.Locks, d.At, d.Steps.Count - 1 - d.At, desk.InForce?.Number != d.Base) : null;

    public async Task<BoardAnswer> TryAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel) =>
        (await PlaceAsync(by, operation, machine, start, cancel)).Answer;

    public async Task<BoardAnswer> MoveAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel)
    {
        var (answer, step) = await PlaceAsync(by, operation, machine, start, cancel);
        if (step is not null) Keep(by, step);
        return answer;
    }

    public async Task<BoardAnswer> LockAsync(string by, OperationId operation, CancellationToken cancel)
    {
        if (Present(by) is not { } now) return BoardAnswer.No(BoardRules.NoPlan);
        if (Find(now, operation, out var refusal) is not { } planned) return refusal;
        var was = now.Locks.Any(l => l.Operation == operation);
        var locks = now.Locks.RemoveAll(l => l.Operation == operation);
        if (!was) locks = locks.Add(new(operation, planned.Machine, planned.Start));
        var (answer, step) = await RepairAsync(now, now with { Locks = locks }, null, cancel);
        if (step is not null) Keep(by, step);
        return answer;
    }

    public async Task<BoardAnswer> SplitAsync(string by, OperationId operation, int pieces, CancellationToken cancel)
    {
        if (Present(by) is not { } now) return BoardAnswer.No(BoardRules.NoPlan);
        if (Find(now, operation, out var refusal) is not { } planned) return refusal;
        var book = BookOf(now);
        if (book.FirstOrDefault(o => o.Id == planned.Order) is not { } order) return BoardAnswer.No(BoardRules.Unknown);
        if (pieces < 1 || pieces >= planned.Quantity) return BoardAnswer.No(BoardRules.Pieces);
        var (kept, lot) = LotSplit.Of(order, planned, pieces, desk.Actuals, book);
        var next = now with { Book = book.Replace(order, kept).Add(lot), Locks = now.Locks.RemoveAll(l => l.Operation == operation) };
        var (answer, step) = await RepairAsync(now, next, null, cancel);
        if (step is not null) Keep(by, step);
        return answer;
    }

    public bool Undo(string by) => Shift(by, -1);
    public bool Redo(string by) => Shift(by, 1);

    public void Discard(string by)
    {
        lock (_gate) _drafts = _drafts.Remove(by);
        Changed?.Invoke();
    }

    public async Task<BoardAnswer> AdoptAsync(string by, CancellationToken cancel)
    {
        if (_drafts.GetValueOrDefault(by) is not { At: > 0 } draft) return BoardAnswer.No(BoardRules.NothingChanged);
        var outcome = await desk.AdoptAsync(by, draft.Now.Plan, draft.Now.Book, draft.Now.Locks);
        if (outcome is not PlanOutcome.Planned) return Refused(outcome);
        Discard(by);
        return BoardAnswer.Done;
    }

    /// <summary>The draft's step, or the plan in force as the first step of one.</summary>
    private Step? Present(string by) => _drafts.GetValueOrDefault(by)?.Now ?? (desk.InForce is { } plan ? new(plan, default, desk.Locks) : null);

    private ImmutableArray<Order> BookOf(Step step) => step.Book.IsDefault ? desk.Orders : step.Book;

    private PlannedOperation? Find(Step now, OperationId operation, out BoardAnswer refusal)
    {
        refusal = BoardAnswer.Done;
        if (now.Plan.Operations.FirstOrDefault(o => o.Operation == operation) is not { } planned) refusal = BoardAnswer.No(BoardRules.Unknown);
        else if (desk.Actuals.Any(a => a.Operation == operation && a.Status != OperationStatus.Waiting)) refusal = BoardAnswer.No(BoardRules.Begun);
        else return planned;
        return null;
    }

    private async Task<(BoardAnswer Answer, Step? Step)> PlaceAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel)
    {
        if (Present(by) is not { } now) return (BoardAnswer.No(BoardRules.NoPlan), null);
        if (Find(now, operation, out var refusal) is not { } planned) return (refusal, null);
        if (BookOf(now).FirstOrDefault(o => o.Id == planned.Order)?.StepOf(planned.Step, planned.Routing)?.Options.Any(o => o.Machine == machine) != true)
            return (BoardAnswer.No(BoardRules.MachineCannot), null);
        // A minute of grace: a hand that drops on the now line means now.
        if (start < desk.Now - TimeSpan.FromMinutes(1)) return (BoardAnswer.No(BoardRules.Past), null);
        if (FrozenUntil is { } frozen && (start < frozen || planned.Start < frozen)) return (BoardAnswer.No(BoardRules.Frozen), null);
        var locks = now.Locks.RemoveAll(l => l.Operation == operation).Add(new(operation, machine, start));
        return await RepairAsync(now, now with { Locks = locks }, operation, cancel);
    }

    /// <param name="moved">The operation under the hand; it is not counted among those that make way.</param>
    private async Task<(BoardAnswer, Step?)> RepairAsync(Step now, Step next, OperationId? moved, CancellationToken cancel)
    {
        // The draft's plans are no versions: each stands where the next version would.
        var parent = now.Plan with { Number = desk.InForce?.Number ?? now.Plan.Number };
        var outcome = await planner.PlanAsync(desk.Request("by-hand", BookOf(next)) with { Parent = parent, Locks = next.Locks, KeepSequence = true }, cancel);
        if (outcome is not PlanOutcome.Planned p)
        {
            Log.BoardRefused(log, moved?.Value ?? "", outcome.Match(_ => "", i => string.Join("; ", i.Conflicts.Select(c => c.Message)), o => $"no plan in {o.Spent.TotalSeconds:0.0} s"));
            return (Refused(outcome), null);
        }
        return (Compare(now.Plan, p.Plan, moved), next with { Plan = p.Plan });
    }

    internal static BoardAnswer Compare(PlanVersion before, PlanVersion after, OperationId? moved)
    {
        var was = before.Operations.ToDictionary(o => o.Operation);
        var finish = before.Promises.ToDictionary(p => p.Order, p => p.Finish);
        return new(true, null, "", after.Operations.FirstOrDefault(o => o.Operation == moved)?.Start,
            [.. after.Operations.Where(o => o.Operation != moved && (!was.TryGetValue(o.Operation, out var w) || w.Start != o.Start || w.Machine != o.Machine))],
            [.. after.Promises.Where(p => finish.TryGetValue(p.Order, out var f) && p.Finish > f).Select(p => new LaterOrder(p.Order, p.Finish - finish[p.Order], p.IsLate))
                .OrderByDescending(l => l.IsLate).ThenByDescending(l => l.By)]);
    }

    private static BoardAnswer Refused(PlanOutcome outcome) => outcome is PlanOutcome.Impossible { Conflicts: [var first, ..] }
        ? BoardAnswer.No(first.Rule, first.Message) : BoardAnswer.No(BoardRules.NoSchedule);

    private void Keep(string by, Step step)
    {
        lock (_gate)
        {
            var draft = _drafts.GetValueOrDefault(by) ?? new(desk.InForce!.Number, [new(desk.InForce!, default, desk.Locks)], 0);
            var steps = draft.Steps.RemoveRange(draft.At + 1, draft.Steps.Count - draft.At - 1).Add(step);
            if (steps.Count > Deepest) steps = steps.RemoveAt(0);
            _drafts = _drafts.SetItem(by, draft with { Steps = steps, At = steps.Count - 1 });
        }
        Changed?.Invoke();
    }

    private bool Shift(string by, int step)
    {
        lock (_gate)
        {
            if (_drafts.GetValueOrDefault(by) is not { } d || d.At + step < 0 || d.At + step >= d.Steps.Count) return false;
            _drafts = _drafts.SetItem(by, d with { At = d.At + step });
        }
        Changed?.Invoke();
        return true;
    }
}
