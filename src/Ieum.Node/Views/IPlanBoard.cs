using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>Where a planner moves work by hand: every person has one draft on top of the plan in force, and nothing reaches the shop floor before it is put into force.</summary>
public interface IPlanBoard
{
    /// <summary>Raised after a draft changed; on any thread.</summary>
    event Action? Changed;

    /// <summary>The person's draft; null while nothing was changed.</summary>
    PlanDraft? Of(string by);

    /// <summary>Locks of the plan in force.</summary>
    ImmutableArray<OperationLock> Locks { get; }

    /// <summary>Nothing planned before this is moved by hand or by planning; null without a frozen zone.</summary>
    DateTimeOffset? FrozenUntil { get; }

    /// <summary>What putting an operation there would do; changes nothing.</summary>
    Task<BoardAnswer> TryAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel);

    /// <summary>Puts an operation there and locks it; what is in its way moves on.</summary>
    Task<BoardAnswer> MoveAsync(string by, OperationId operation, MachineId machine, DateTimeOffset start, CancellationToken cancel);

    /// <summary>Locks an operation where it is, or frees it again.</summary>
    Task<BoardAnswer> LockAsync(string by, OperationId operation, CancellationToken cancel);

    /// <summary>Makes a lot of its own of some pieces of an operation that was not begun, with all steps that follow.</summary>
    Task<BoardAnswer> SplitAsync(string by, OperationId operation, int pieces, CancellationToken cancel);

    /// <returns>False when there is nothing to take back.</returns>
    bool Undo(string by);

    /// <returns>False when nothing was taken back.</returns>
    bool Redo(string by);

    /// <summary>Throws the draft away.</summary>
    void Discard(string by);

    /// <summary>Puts the draft into force, reckoned anew with what happened on the shop floor meanwhile.</summary>
    Task<BoardAnswer> AdoptAsync(string by, CancellationToken cancel);
}

/// <summary>A plan under a planner's hands.</summary>
/// <param name="Orders">The order book with lots that were split.</param>
/// <param name="Changes">Steps that can be taken back; 0 after everything was taken back.</param>
/// <param name="Undone">Steps that were taken back and can be done again.</param>
/// <param name="Outdated">Another plan came into force since the draft was begun.</param>
public sealed record PlanDraft(PlanVersion Plan, ImmutableArray<Order> Orders, ImmutableArray<OperationLock> Locks, int Changes, int Undone, bool Outdated);

/// <summary>What the board says to a change.</summary>
/// <param name="Rule">Why not, one of <see cref="BoardRules"/> or of the Plan room; null when accepted.</param>
/// <param name="Start">Where the operation really begins; later than asked where something holds it.</param>
/// <param name="Moves">Other operations that move, where they go.</param>
/// <param name="Later">Orders that finish later by it, with how much; late ones first.</param>
public sealed record BoardAnswer(bool Accepted, string? Rule, string Message, DateTimeOffset? Start, ImmutableArray<PlannedOperation> Moves, ImmutableArray<LaterOrder> Later)
{
    public static BoardAnswer No(string rule, string? message = null) => new(false, rule, message ?? BoardRules.All[rule], null, [], []);
    public static BoardAnswer Done { get; } = new(true, null, "", null, [], []);
}

/// <param name="By">How much later it finishes than before the change.</param>
/// <param name="IsLate">It misses its due date.</param>
public sealed record LaterOrder(OrderId Order, TimeSpan By, bool IsLate);

/// <summary>Why work cannot be moved by hand; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class BoardRules
{
    public const string NoPlan = "board-no-plan";
    public const string Unknown = "board-unknown";
    public const string Begun = "board-begun";
    public const string MachineCannot = "board-machine-cannot";
    public const string Past = "board-past";
    public const string Frozen = "board-frozen";
    public const string Pieces = "board-pieces";
    public const string NothingChanged = "board-nothing-changed";
    public const string NoSchedule = "board-no-schedule";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [NoPlan] = "No plan is in force yet; plan first.",
        [Unknown] = "The operation is not in the plan; it was finished or planned anew meanwhile.",
        [Begun] = "The work has begun; it stays where it is.",
        [MachineCannot] = "This machine cannot do the operation.",
        [Past] = "This time has passed.",
        [Frozen] = "The operation lies in the frozen zone or would move into it.",
        [Pieces] = "A lot takes at least one piece and leaves at least one.",
        [NothingChanged] = "The draft holds no change.",
        [NoSchedule] = "With this change no plan is possible.",
    };
}
