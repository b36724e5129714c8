using System.Collections.Frozen;

namespace Ieum.Act;

/// <summary>Stable ids of every rule a report from the shop floor can break; the pages translate them by the key <c>rule.&lt;id&gt;</c>.</summary>
public static class ShopRules
{
    public const string UnknownOperation = "shop-unknown-operation";
    public const string MachineNotAllowed = "shop-machine-not-allowed";
    public const string MachineBusy = "shop-machine-busy";
    public const string OtherMachine = "shop-other-machine";
    public const string PredecessorOpen = "shop-predecessor-open";
    public const string AlreadyStarted = "shop-already-started";
    public const string AlreadyFinished = "shop-already-finished";
    public const string NotStarted = "shop-not-started";
    public const string NotRunning = "shop-not-running";
    public const string NotPaused = "shop-not-paused";
    public const string UnknownReason = "shop-unknown-reason";
    public const string NegativePieces = "shop-negative-pieces";
    public const string TooManyPieces = "shop-too-many-pieces";
    public const string TimeBackwards = "shop-time-backwards";
    public const string TimeAhead = "shop-time-ahead";
    public const string NoName = "shop-no-name";
    public const string LotOfAnother = "shop-lot-of-another";
    public const string LotName = "shop-lot-name";
    public const string EmptyLot = "shop-empty-lot";

    /// <summary>One English line per rule.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [UnknownOperation] = "This operation is in no order and not in the plan.",
        [MachineNotAllowed] = "The routing does not allow this machine for the operation.",
        [MachineBusy] = "Another operation is running on this machine; finish or pause it first.",
        [OtherMachine] = "The operation was started on another machine; report it there.",
        [PredecessorOpen] = "A step before this one is not finished.",
        [AlreadyStarted] = "The operation was started already.",
        [AlreadyFinished] = "The operation is finished already.",
        [NotStarted] = "The operation was not started.",
        [NotRunning] = "The operation is paused already.",
        [NotPaused] = "The operation is not paused.",
        [UnknownReason] = "The reason of the pause is not in the list.",
        [NegativePieces] = "Pieces cannot be fewer than none.",
        [TooManyPieces] = "More than twice the pieces of the order are reported.",
        [TimeBackwards] = "The report lies before an earlier report of the same operation.",
        [TimeAhead] = "The report lies in the future.",
        [NoName] = "A report needs the name of who reports.",
        [LotOfAnother] = "The lot belongs to another order.",
        [LotName] = "This cannot be the number of a lot.",
        [EmptyLot] = "A lot without a piece cannot be reported.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Keys of the reasons for a pause.</summary>
    public static IReadOnlyList<string> PauseReasons { get; } = ["material", "tool", "breakdown", "quality", "meeting", "other"];
}
