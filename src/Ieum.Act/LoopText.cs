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
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
