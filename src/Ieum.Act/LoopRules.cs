namespace Ieum.Act;

/// <summary>Why something is not done with an entry of the loop ledger; keys of the translated texts.</summary>
public static class LoopRules
{
    public const string Stopped = "loop-stopped", Overtaken = "loop-overtaken", Decided = "loop-decided", NoUndo = "loop-no-undo", UndoLate = "loop-undo-late",
        UndoMoved = "loop-undo-moved", NoVeto = "loop-no-veto", Lowest = "loop-lowest", NoPlan = "loop-no-plan",
        TooLate = "loop-too-late", NoWay = "loop-no-way", NoLevel = "loop-no-level";

    /// <summary>What each rule says, in English.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Stopped] = "All loops are stopped; release the stop switch first",
        [Overtaken] = "The facts have changed since the advice; a new one comes when it is still needed",
        [Decided] = "This was decided already",
        [NoUndo] = "There is nothing here that can be taken back",
        [UndoLate] = "The time to take it back is over",
        [UndoMoved] = "Another plan is in force since; taking this one back would undo that too",
        [NoVeto] = "Only what a loop is about to do by itself can be vetoed",
        [Lowest] = "The loop only watches already",
        [NoPlan] = "The plan before cannot be brought back",
        [TooLate] = "The time in which this way could be chosen has run out; choose another, or wait for the next advice",
        [NoWay] = "The advice has no such way",
        [NoLevel] = "There is no such loop, or that is no level a loop may rise to",
    };
}

/// <summary>Something cannot be done with an entry of the loop ledger; nothing was changed.</summary>
/// <param name="rule">A key of <see cref="LoopRules.All"/>.</param>
public sealed class LoopRefusedException(string rule, string? more = null) : InvalidOperationException(more is null ? LoopRules.All[rule] : $"{LoopRules.All[rule]}: {more}")
{
    public string Rule { get; } = rule;
}
