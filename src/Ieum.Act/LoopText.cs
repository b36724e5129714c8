using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ieum.Act;

/// <summary>
/// A sentence of the loop ledger as a key and its figures, <c>key|arg|arg</c>, so that every page can say it in its own language.
/// </summary>
/// <remarks>In an argument <c>\</c> is written <c>\\</c>, <c>|</c> is written <c>\p</c> and a line end <c>\n</c>. Numbers are invariant.</remarks>
public sealed record LoopText(string Key, IReadOnlyList<string> Arguments)
{
    public static LoopText Of(string key, params ReadOnlySpan<object> arguments)
    {
        var texts = new string[arguments.Length];
        for (var i = 0; i < texts.Length; i++) texts[i] = Convert.ToString(arguments[i], CultureInfo.InvariantCulture) ?? "";
        return new(key, texts);
    }

    /// <summary>The compact text; <see cref="TryParse"/> reads it back.</summary>
    public override string ToString() => string.Join('|', Arguments.Select(Escape).Prepend(Key));

    /// <summary>The sentence in English; also for texts of a later version, whose keys are not known here.</summary>
    public string English() => LoopTexts.All.TryGetValue(Key, out var template)
        ? string.Format(CultureInfo.InvariantCulture, template, [.. Arguments, .. Enumerable.Repeat("?", 8)])
        : $"{Key} {string.Join(", ", Arguments)}".TrimEnd();

    /// <summary>Reads a compact text; false for plain sentences, whose first part is no key of <see cref="LoopTexts"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LoopText? parsed)
    {
        parsed = null;
        if (text is null) return false;
        var parts = text.Split('|');
        if (!LoopTexts.All.ContainsKey(parts[0])) return false;
        parsed = new(parts[0], [.. parts.Skip(1).Select(Unescape)]);
        return true;
    }

    public bool Equals(LoopText? other) => other is not null && Key == other.Key && Arguments.SequenceEqual(other.Arguments);
    public override int GetHashCode() => HashCode.Combine(Key, Arguments.Count);

    private static string Escape(string s) => s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\p", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescape(string s)
    {
        if (!s.Contains('\\', StringComparison.Ordinal)) return s;
        var text = new StringBuilder();
        for (var i = 0; i < s.Length; i++)
            text.Append(s[i] != '\\' || i + 1 == s.Length ? s[i] : s[++i] switch { 'p' => '|', 'n' => '\n', var c => c });
        return text.ToString();
    }
}

/// <summary>The sentences of the loop ledger; the pages translate them by their key.</summary>
public static class LoopTexts
{
    /// <summary>Late operations, worst operation, its machine, minutes late.</summary>
    public const string FindingLate = "finding-late";
    /// <summary>Item, machine, seconds a piece measured, cycles, seconds a piece planned with, difference in percent.</summary>
    public const string FindingDrift = "finding-drift";
    /// <summary>Number of new orders.</summary>
    public const string FindingNewOrders = "finding-new-orders";
    /// <summary>User.</summary>
    public const string FindingAsked = "finding-asked";
    /// <summary>Plan in force.</summary>
    public const string AdviceReplan = "advice-replan";
    /// <summary>Item, machine, seconds a piece now, seconds a piece before.</summary>
    public const string AdviceLearn = "advice-learn";
    /// <summary>Plan number, late orders.</summary>
    public const string ReceiptPlan = "receipt-plan";
    /// <summary>Plan number, late orders, hours late with the facts of now, hours late as they were shown.</summary>
    public const string ReceiptPlanNow = "receipt-plan-now";
    /// <summary>Rule that stands in the way.</summary>
    public const string ReceiptNoPlan = "receipt-no-plan";
    /// <summary>Who asked.</summary>
    public const string FindingWrite = "finding-write";
    /// <summary>Who asked, number of the write that is taken back.</summary>
    public const string FindingUndo = "finding-undo";
    /// <summary>Signal, value with unit, value before with unit.</summary>
    public const string AdviceWrite = "advice-write";
    /// <summary>Value read back.</summary>
    public const string ReceiptConfirmed = "receipt-confirmed";
    public const string ReceiptUnconfirmed = "receipt-unconfirmed";
    /// <summary>Value read back.</summary>
    public const string ReceiptDiffers = "receipt-differs";
    /// <summary>Value read back, rule that stands in the way.</summary>
    public const string ReceiptNotWritten = "receipt-not-written";
    /// <summary>Signal, machine, kind of anomaly, value, unit.</summary>
    public const string FindingAnomaly = "finding-anomaly";
    /// <summary>Machine.</summary>
    public const string AdviceLook = "advice-look";
    public const string ReceiptAnswered = "receipt-answered";
    /// <summary>The measured times an advice rested on are gone.</summary>
    public const string ReceiptTimesGone = "receipt-times-gone";
    /// <summary>Machine, minutes it stands, orders that are hit.</summary>
    public const string FindingBreakdown = "finding-breakdown";
    /// <summary>Operations to move, hours late with it, hours late without, hours that the machine is taken to stand on, plan in force.</summary>
    public const string AdviceReroute = "advice-reroute";
    /// <summary>Machine, hours that it is taken to stand on.</summary>
    public const string AdviceWait = "advice-wait";
    /// <summary>Advices with measured benefit.</summary>
    public const string FindingLevelEarned = "finding-level-earned";
    /// <summary>Entry, what it broke.</summary>
    public const string FindingLevelBreach = "finding-level-breach";
    /// <summary>Who lowered it.</summary>
    public const string FindingLevelLowered = "finding-level-lowered";
    /// <summary>Level before, level after.</summary>
    public const string AdviceLevel = "advice-level";
    /// <summary>Level.</summary>
    public const string ReceiptLevel = "receipt-level";
    /// <summary>Hours that were given to answer.</summary>
    public const string NoteExpired = "note-expired";
    /// <summary>Plan in force now.</summary>
    public const string NotePlanMoved = "note-plan-moved";
    /// <summary>Machine.</summary>
    public const string NoteMachineBack = "note-machine-back";
    public const string NoteOnlyWatches = "note-only-watches";
    public const string NoteNothingBetter = "note-nothing-better";
    /// <summary>The node ended between decision and act; nothing was done.</summary>
    public const string ReceiptInterrupted = "receipt-interrupted";
    /// <summary>Plan number: it was kept before the node ended, its receipt was not.</summary>
    public const string ReceiptFoundDone = "receipt-found-done";
    /// <summary>Plan number, plan whose work is back in force.</summary>
    public const string UndoPlan = "undo-plan";
    /// <summary>Hours that the machine really stood.</summary>
    public const string BasisReplayed = "basis-replayed";
    public const string BasisPredicted = "basis-predicted";
    /// <summary>Who said it, level.</summary>
    public const string FindingAllowed = "finding-allowed";
    /// <summary>Level.</summary>
    public const string AdviceAllowed = "advice-allowed";
    /// <summary>Machine, hours that it is taken to stand on.</summary>
    public const string WayNothing = "way-nothing";
    /// <summary>Operations, some of them.</summary>
    public const string WayReorder = "way-reorder";
    /// <summary>Operations, some of them with their new machines.</summary>
    public const string WayMachine = "way-machine";
    /// <summary>Machines, begin, hours.</summary>
    public const string WayOvertime = "way-overtime";
    /// <summary>Operation, machine of the new lot.</summary>
    public const string WaySplit = "way-split";
    /// <summary>Operation, supplier.</summary>
    public const string WayOutside = "way-outside";
    /// <summary>Operation, machine.</summary>
    public const string GateBegins = "gate-begins";
    /// <summary>Machine.</summary>
    public const string GateOvertime = "gate-overtime";
    /// <summary>Operation, supplier.</summary>
    public const string GateSupplier = "gate-supplier";
    /// <summary>Operation, transport.</summary>
    public const string GateDeparture = "gate-departure";
    /// <summary>Signal, value, unit, minutes, limit, correction.</summary>
    public const string FindingPast = "finding-past";
    /// <summary>Set point, value with unit, value it holds, target of the watched signal.</summary>
    public const string AdviceSet = "advice-set";
    /// <summary>Signal, number of the write.</summary>
    public const string ReceiptUnknown = "receipt-unknown";
    /// <summary>Signal.</summary>
    public const string NoteBack = "note-back";
    /// <summary>Rule that stands in the way.</summary>
    public const string NoteNotWritable = "note-not-writable";
    /// <summary>Set point, value.</summary>
    public const string NoteHeldAlready = "note-held-already";
    /// <summary>Values before, values after, target.</summary>
    public const string BasisMeans = "basis-means";
    public const string BasisNoValues = "basis-no-values";
    /// <summary>Correction.</summary>
    public const string NoteChanged = "note-changed";
    public const string BasisChanged = "basis-changed";
    /// <summary>Set point, value that is back.</summary>
    public const string UndoWrite = "undo-write";

    /// <summary>English sentence per key; <c>{0}</c> and so on stand for the figures.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [FindingLate] = "{0} operations are late; the worst, {1} on {2}, by {3} min",
        [FindingDrift] = "{0} on {1} takes {2} s a piece (median of {3} cycles); planned with {4} s ({5} %)",
        [FindingNewOrders] = "{0} new orders are not in the plan",
        [FindingAsked] = "{0} asked for a new plan",
        [AdviceReplan] = "Plan anew from the present state; plan {0} is no longer kept",
        [AdviceLearn] = "Plan {0} on {1} with {2} s a piece in place of {3} s",
        [ReceiptPlan] = "Plan {0} is in force; {1} orders are late in it",
        [ReceiptPlanNow] = "Plan {0} is in force, {1} orders late: {2} h late in all with the facts of now; {3} h were shown with the advice",
        [ReceiptNoPlan] = "No new plan: {0}",
        [FindingWrite] = "{0} asked to write to a machine",
        [FindingUndo] = "{0} asked to take write {1} back",
        [AdviceWrite] = "Set {0} to {1}; before it was {2}",
        [ReceiptConfirmed] = "Written; the machine holds {0}",
        [ReceiptUnconfirmed] = "Written; what the machine holds could not be read back",
        [ReceiptDiffers] = "Sent, but the machine holds {0}",
        [ReceiptNotWritten] = "Not written: {1}",
        [FindingAnomaly] = "{0} on {1}: {2}, value {3} {4}",
        [AdviceLook] = "Look at {0} and answer",
        [ReceiptAnswered] = "Looked at; the detector has learned",
        [ReceiptTimesGone] = "Nothing was done: the measured times of this advice are not there any more; a new advice comes when they differ still",
        [FindingBreakdown] = "{0} stands with a fault for {1} min; {2} orders are hit",
        [AdviceReroute] = "Move {0} operations: {1} h late in place of {2} h if plan {4} stays; the machine is taken to stand for another {3} h",
        [AdviceWait] = "Wait for {0}, taken to stand for another {1} h: no other plan is less late",
        [FindingLevelEarned] = "{0} accepted advices in a row brought a measured benefit",
        [FindingLevelBreach] = "Entry {0} broke trust: {1}",
        [FindingLevelLowered] = "{0} takes the loop one level back",
        [AdviceLevel] = "Level {1} in place of level {0}",
        [ReceiptLevel] = "The loop works at level {0} from now on",
        [NoteExpired] = "Nobody answered within {0} h",
        [NotePlanMoved] = "Plan {0} is in force now; the advice was made against another",
        [NoteMachineBack] = "{0} works again",
        [NoteOnlyWatches] = "The loop only watches at its level",
        [NoteNothingBetter] = "Nothing to decide: no other plan is better",
        [ReceiptInterrupted] = "The node ended before it was done; nothing was changed. If it is still needed, a new advice comes",
        [ReceiptFoundDone] = "Plan {0} came into force just before the node ended",
        [UndoPlan] = "Plan {0} brings the work of plan {1} back",
        [BasisReplayed] = "without it, reckoned again with the {0} h that the machine really stood",
        [BasisPredicted] = "without it, as it was reckoned when the advice was made",
        [FindingAllowed] = "{0} lets the loop rise to level {1} at most",
        [AdviceAllowed] = "At most level {0}",
        [WayNothing] = "Wait for {0}, taken to stand for another {1} h; everybody works on by the list",
        [WayReorder] = "{0} operations go ahead of others: {1}",
        [WayMachine] = "{0} operations go to other machines: {1}",
        [WayOvertime] = "Overtime on {0}, first {1}, {2} h in all",
        [WaySplit] = "{0} is split, one lot on {1}",
        [WayOutside] = "{0} goes to {1}",
        [GateBegins] = "{0} begins on {1}",
        [GateOvertime] = "overtime on {0} must be ordered",
        [GateSupplier] = "{1} takes the parts of {0}",
        [GateDeparture] = "{0} must be ready for {1}",
        [FindingPast] = "{0} has been at {1} {2} for {3} min, limit {4} ({5})",
        [AdviceSet] = "Set {0} to {1}; it holds {2} now. {3} is where the watched value should be",
        [ReceiptUnknown] = "Nobody knows whether the machine took write {1} of {0}: look at it before anything else is done. Nothing is sent again by itself",
        [NoteBack] = "{0} is back within its limit",
        [NoteNotWritable] = "It may not be written: {0}",
        [NoteHeldAlready] = "{0} holds {1} already; another cause has to be looked for",
        [BasisMeans] = "means of {0} values before and {1} after, as distance to {2}",
        [BasisNoValues] = "too few values to measure by",
        [NoteChanged] = "{0} was changed or removed in the settings",
        [BasisChanged] = "the correction was changed before its effect could be measured",
        [UndoWrite] = "{0} is back at {1}",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
