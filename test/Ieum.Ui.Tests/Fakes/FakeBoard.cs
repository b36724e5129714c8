using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A board that puts work where it is asked to, pushes what stands in its way on the same machine, and remembers every step.</summary>
internal sealed class FakeBoard(FakePlan plan, FakeFloor floor) : IPlanBoard
{
    private readonly List<(PlanVersion Plan, ImmutableArray<OperationLock> Locks)> _steps = [];
    private int _at;

    public event Action? Changed;
    public ImmutableArray<OperationLock> Locks { get; private set; } = [];
    public DateTimeOffset? FrozenUntil { get; set; }
    public List<(OperationId Operation, MachineId Machine, DateTimeOffset Start)> Asked { get; } = [];
    public List<(OperationId Operation, int Pieces)> Split { get; } = [];

    /// <summary>What the board refuses next, in place of doing it.</summary>
    public string? Refuse { get; set; }

    public PlanDraft? Of(string by) => _steps.Count == 0 ? null : new(_steps[_at].Plan, plan.Orders, _steps[_at].Locks, _at, _steps.Count - 1 - _at, false);

    private (PlanVersion Plan, ImmutableArray<OperationLock> Locks) Present => _steps.Count == 0 ? (plan.InForce!, Locks) : _steps[_at];

    public Task<BoardAnswer> TryAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel)
    {
        Asked.Add((operation, machine, start));
        return Task.FromResult(Place(operation, machine, start).Answer);
    }

    public Task<BoardAnswer> MoveAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel)
    {
        var (answer, next) = Place(operation, machine, start);
        if (next is { } step) Keep(step);
        return Task.FromResult(answer);
    }

    public Task<BoardAnswer> LockAsync(string by, OperationId operation, CancellationToken cancel)
    {
        var (now, locks) = Present;
        var op = now.Operations.First(o => o.Operation == operation);
        Keep((now, locks.Any(l => l.Operation == operation) ? locks.RemoveAll(l => l.Operation == operation) : locks.Add(new(operation, op.Machine, op.Start))));
        return Task.FromResult(BoardAnswer.Done);
    }

    public Task<BoardAnswer> SplitAsync(string by, OperationId operation, int pieces, CancellationToken cancel)
    {
        Split.Add((operation, pieces));
        return Task.FromResult(pieces < 1 ? BoardAnswer.No(BoardRules.Pieces) : BoardAnswer.Done);
    }

    public bool Undo(string by) => Shift(-1);
    public bool Redo(string by) => Shift(1);

    public void Discard(string by)
    {
        _steps.Clear();
        Changed?.Invoke();
    }

    public Task<BoardAnswer> AdoptAsync(string by, CancellationToken cancel)
    {
        plan.InForce = Present.Plan with { Number = plan.InForce!.Number + 1, Reason = "by-hand" };
        Locks = Present.Locks;
        Discard(by);
        return Task.FromResult(BoardAnswer.Done);
    }

    private (BoardAnswer Answer, (PlanVersion, ImmutableArray<OperationLock>)? Next) Place(OperationId operation, MachineId machine, DateTimeOffset start)
    {
        if (Refuse is { } rule) return (BoardAnswer.No(rule, rule), null);
        if (start < floor.Now) return (BoardAnswer.No(BoardRules.Past), null);
        var (now, locks) = Present;
        var op = now.Operations.First(o => o.Operation == operation);
        var moved = op with { Machine = machine, Start = start, RunStart = start + op.SetUp, End = start + (op.End - op.Start) };
        var pushed = ImmutableArray.CreateBuilder<PlannedOperation>();
        var free = moved.End;
        foreach (var other in now.Operations.Where(o => o.Operation != operation && o.Machine == machine && o.End > start).OrderBy(o => o.Start))
        {
            if (other.Start >= free) break;
            pushed.Add(other with { Start = free, RunStart = free + other.SetUp, End = free + (other.End - other.Start) });
            free = pushed[^1].End;
        }
        var changed = pushed.Append(moved).ToDictionary(o => o.Operation);
        var next = now with { Operations = [.. now.Operations.Select(o => changed.GetValueOrDefault(o.Operation, o))] };
        return (new(true, null, "", start, pushed.ToImmutable(), []), (next, locks.RemoveAll(l => l.Operation == operation).Add(new(operation, machine, start))));
    }

    private void Keep((PlanVersion, ImmutableArray<OperationLock>) step)
    {
        if (_steps.Count == 0) _steps.Add((plan.InForce!, Locks));
        _steps.RemoveRange(_at + 1, _steps.Count - _at - 1);
        _steps.Add(step);
        _at = _steps.Count - 1;
        Changed?.Invoke();
    }

    private bool Shift(int by)
    {
        if (_steps.Count == 0 || _at + by < 0 || _at + by >= _steps.Count) return false;
        _at += by;
        Changed?.Invoke();
        return true;
    }
}
