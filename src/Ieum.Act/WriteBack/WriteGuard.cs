using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Everything the guard looks at, gathered at one moment.</summary>
/// <param name="Role">What the asker may do now; null when the account is gone.</param>
/// <param name="SentTimes">When writes of this signal were sent, any order; at least those of the last day.</param>
/// <param name="Old">What the machine holds; null before it was read, and when it cannot be.</param>
/// <param name="OldAsked">The machine was asked for what it holds.</param>
/// <param name="Undone">The write that this one takes back, as far as it is known.</param>
/// <param name="UndoTaken">Another write takes the same one back already.</param>
/// <param name="Second">The second person, once one said yes.</param>
internal sealed record GuardFacts(
    WriteRequest Request, DateTimeOffset Now, WriteStop? Stop, WriteRule? Rule, PersonRole? Role, Signal? Signal, WriteLine? Line,
    MachineState State, WorkCalendar Calendar, IReadOnlyList<DateTimeOffset> SentTimes, SampleValue? Old, bool OldAsked,
    WriteRecord? Undone, bool UndoTaken, GuardSecond? Second);

internal sealed record GuardSecond(string By, PersonRole? Role);

/// <summary>What the guard says: every check in order, the value to send in the signal's unit, and the first rule that stands against it.</summary>
internal sealed record Judgement(ImmutableArray<WriteCheck> Checks, SampleValue? Send, WriteCheck? Refusal, bool NeedsSecond);

/// <summary>Judges one write; pure. Nothing is sent that did not pass every check here.</summary>
internal static class WriteGuard
{
    /// <summary>The checks in the order of judging.</summary>
    public static ImmutableArray<string> Order { get; } =
        ["stop", "command", "listed", "person", "signal", "unit", "value", "limits", "hours", "state", "rate", "undo", "step", "second"];

    public static Judgement Judge(GuardFacts f)
    {
        var checks = ImmutableArray.CreateBuilder<WriteCheck>(Order.Length);
        WriteCheck? refusal = null;
        SampleValue? send = null;
        var needsSecond = false;
        foreach (var name in Order)
        {
            // Who may not ask, or asks for what nobody may, is told nothing more; a dry run of a permitted one tells all at once.
            if (refusal is not null && (!f.Request.DryRun || refusal.Check is "stop" or "command" or "listed" or "person" or "signal"))
            {
                checks.Add(new(name, CheckResult.NotReached, null, ""));
                continue;
            }
            var check = name switch
            {
                "stop" => Stop(f),
                "command" => Command(f),
                "listed" => f.Rule is null ? No(name, WriteBackRules.NotListed, $"'{f.Request.Signal}' is not listed.") : Yes(name, "listed"),
                "person" => Person(f),
                "signal" => Known(f),
                "unit" => InUnit(f),
                "value" => Value(f, out send),
                "limits" => send is { } v ? Limits(f.Rule!, v) : Open(name),
                "hours" => Hours(f),
                "state" => State(f),
                "rate" => Rate(f),
                "undo" => Undo(f, send),
                "step" => send is { } v ? Step(f, v) : Open(name),
                _ => Second(f, out needsSecond),
            };
            checks.Add(check);
            if (check.Result == CheckResult.Refused) refusal ??= check;
        }
        return new(checks.MoveToImmutable(), send, refusal, needsSecond);
    }

    private static WriteCheck Yes(string check, string message) => new(check, CheckResult.Passed, null, message);
    private static WriteCheck No(string check, string rule, string message) => new(check, CheckResult.Refused, rule, message);
    private static WriteCheck Open(string check) => new(check, CheckResult.NotReached, null, "");
    private static string Text(double n) => n.ToString("R", CultureInfo.InvariantCulture);

    private static WriteCheck Stop(GuardFacts f) => f.Stop is { } s
        ? No("stop", WriteBackRules.Stopped, $"All writing was stopped by {s.By} ({s.Reason}).") : Yes("stop", "not stopped");

    private static WriteCheck Command(GuardFacts f) => ControllerCommands.Why(f.Request.Signal, f.Signal?.Role ?? SignalRole.None, f.Line?.Address ?? "") is { } why
        ? No("command", WriteBackRules.Command, why) : Yes("command", "a memory value, not a command");

    private static WriteCheck Person(GuardFacts f)
    {
        var (by, least) = (f.Request.By, f.Rule!.Role);
        if (f.Request.ByMachine)
            return f.Rule.Automatic ? Yes("person", $"loop '{by}' may ask") : No("person", WriteBackRules.NotAutomatic, $"Loop '{by}' asks, but '{f.Request.Signal}' is written by people only.");
        return f.Role is not { } role ? No("person", WriteBackRules.UnknownPerson, $"There is no account '{by}'.")
            : role < least || role < PersonRole.Operator ? No("person", WriteBackRules.Role, $"'{by}' is {role}; {least} or higher is needed.")
            : Yes("person", $"{by} is {role}");
    }

    private static WriteCheck Known(GuardFacts f) =>
        f.Signal is null ? No("signal", WriteBackRules.UnknownSignal, $"The node has never seen '{f.Request.Signal}'.")
        : f.Line is null ? No("signal", WriteBackRules.NoWriter, $"No connection of '{f.Request.Signal.Machine}' can write '{f.Request.Signal.Name}' now.")
        : Yes("signal", "known and connected");

    private static WriteCheck InUnit(GuardFacts f)
    {
        var (own, asked) = (f.Signal!.Unit, f.Request.Unit);
        if (f.Rule!.Unit != own.Code) return No("unit", WriteBackRules.RuleUnit, $"The list gives limits in {f.Rule.Unit}, the signal is in {own.Code}.");
        if (asked.Length == 0 || asked == own.Code) return Yes("unit", $"in {own.Code}");
        if (!Unit.TryFind(asked, out var unit)) return No("unit", WriteBackRules.UnknownUnit, $"'{asked}' is not a unit this node knows.");
        if (unit.Quantity != own.Quantity) return No("unit", WriteBackRules.OtherQuantity, $"{asked} measures {unit.Quantity}, the signal {own.Quantity}.");
        if (!f.Request.Convert || !UnitConversion.TryConvert(0, unit, own, out _))
            return No("unit", WriteBackRules.OtherUnit, $"The request is in {asked}, the signal in {own.Code}.");
        return Yes("unit", $"converted from {asked} to {own.Code}");
    }

    /// <summary>The value in the signal's own kind and unit.</summary>
    private static WriteCheck Value(GuardFacts f, out SampleValue? send)
    {
        send = null;
        var (value, signal) = (f.Request.Value, f.Signal!);
        if (value.Kind is ValueKind.Real or ValueKind.Integer && signal.Kind is ValueKind.Real or ValueKind.Integer)
        {
            var number = value.Kind == ValueKind.Integer ? value.Integer : value.Number;
            if (!double.IsFinite(number)) return No("value", WriteBackRules.WrongKind, "Only finite numbers can be written.");
            if (f.Request.Unit is { Length: > 0 } asked && asked != signal.Unit.Code
                && !(Unit.TryFind(asked, out var unit) && UnitConversion.TryConvert(number, unit, signal.Unit, out number)))
                return Open("value");   // the unit check has told it
            // Whole numbers stay whole: above 2^53 a double would change them.
            if (signal.Kind == ValueKind.Integer && value.Kind == ValueKind.Integer && (f.Request.Unit.Length == 0 || f.Request.Unit == signal.Unit.Code)) send = value;
            else if (signal.Kind == ValueKind.Real) send = SampleValue.Of(number);
            else if (Math.Abs(number - Math.Round(number)) > 1e-9 || Math.Abs(number) > 1L << 53)
                return No("value", WriteBackRules.WrongKind, $"'{signal.Id}' takes whole numbers only, not {Text(number)}.");
            else send = SampleValue.Of((long)Math.Round(number));
            return Yes("value", $"{send}");
        }
        if (value.Kind != signal.Kind || value.Kind == ValueKind.None)
            return No("value", WriteBackRules.WrongKind, $"'{signal.Id}' takes a value of kind {signal.Kind}, not {value.Kind}.");
        send = value;
        return Yes("value", $"{send}");
    }

    private static WriteCheck Limits(WriteRule rule, SampleValue value)
    {
        if (value.Kind is ValueKind.Real or ValueKind.Integer)
        {
            var n = Number(value);
            if (rule.Min is not { } min || rule.Max is not { } max) return No("limits", WriteBackRules.NoLimits, $"'{rule.Signal}' is listed without limits.");
            return n < min ? No("limits", WriteBackRules.BelowMin, $"{Text(n)} is below {Text(min)} {rule.Unit}.")
                : n > max ? No("limits", WriteBackRules.AboveMax, $"{Text(n)} is above {Text(max)} {rule.Unit}.")
                : Yes("limits", $"{Text(min)} to {Text(max)} {rule.Unit}");
        }
        // A switch has two positions and may be listed without naming them; a text may not.
        return rule.Words.Contains(value.ToString(), StringComparer.Ordinal) || value.Kind == ValueKind.Boolean && rule.Words.IsEmpty
            ? Yes("limits", "among the listed words") : No("limits", WriteBackRules.WordNotListed, $"'{value}' is not among: {string.Join(", ", rule.Words)}.");
    }

    private static WriteCheck Hours(GuardFacts f)
    {
        var (rule, local) = (f.Rule!, f.Now.ToOffset(f.Calendar.Offset));
        var open = rule.Hours switch
        {
            WriteHours.Always => true,
            WriteHours.Working => f.Calendar.IsWorking(f.Now),
            _ => rule.From < rule.To ? local.TimeOfDay >= rule.From && local.TimeOfDay < rule.To : local.TimeOfDay >= rule.From || local.TimeOfDay < rule.To,
        };
        var what = rule.Hours == WriteHours.Between ? string.Create(CultureInfo.InvariantCulture, $"{rule.From:hh\\:mm} to {rule.To:hh\\:mm}") : $"{rule.Hours}";
        var at = string.Create(CultureInfo.InvariantCulture, $"{local:yyyy-MM-dd HH:mm}");
        return open ? Yes("hours", what) : No("hours", WriteBackRules.OutsideHours, $"{at} lies outside: {what}.");
    }

    private static WriteCheck State(GuardFacts f) => f.Rule!.States.Contains(f.State)
        ? Yes("state", $"{f.State}") : No("state", WriteBackRules.MachineState, $"The machine is {f.State}; it may be written while {string.Join(" or ", f.Rule.States)}.");

    private static WriteCheck Rate(GuardFacts f)
    {
        var rule = f.Rule!;
        // A stamp in the future (the clock was set back) counts as just now.
        var sent = f.SentTimes.Count(t => f.Now - t < rule.Per);
        return sent < rule.Writes ? Yes("rate", $"{sent} of {rule.Writes} in {rule.Per:c}") : No("rate", WriteBackRules.Rate, $"{sent} writes were sent within {rule.Per:c}; {rule.Writes} are allowed.");
    }

    private static WriteCheck Undo(GuardFacts f, SampleValue? send)
    {
        if (f.Request.Undoes is not { } number) return Yes("undo", "a write of its own");
        if (f.Undone is not { Old: not null, SentAt: not null } w || w.Request.Signal != f.Request.Signal || w.Old != f.Request.Value) return No("undo", WriteBackRules.UndoUnknown, $"Write {number} cannot be taken back.");
        if (f.UndoTaken) return No("undo", WriteBackRules.UndoTwice, $"Write {number} is taken back already.");
        // At the approval the time of asking counts, so that a slow second person does not cost the undo.
        if (f.Second is null && (w.UndoBefore is not { } before || f.Now > before || w.FinishedAt > f.Now)) return No("undo", WriteBackRules.UndoLate, $"Write {number} could be taken back until {w.UndoBefore:O}.");
        if (f.OldAsked && (f.Old is not { } held || (w.ReadBack ?? w.Sent) is not { } left || send is null || !Same(held, left, f.Rule!.Tolerance)))
            return No("undo", WriteBackRules.UndoOvertaken, $"The machine holds {(f.Old is { } now ? now.ToString() : "a value that cannot be read")}, not {w.ReadBack ?? w.Sent} as it was left.");
        return Yes("undo", $"takes back write {number}");
    }

    private static WriteCheck Step(GuardFacts f, SampleValue send)
    {
        if (f.Rule!.MaxStep is not { } most || send.Kind is not (ValueKind.Real or ValueKind.Integer)) return Yes("step", "not limited");
        if (!f.OldAsked) return Open("step");
        if (f.Old is not { Kind: ValueKind.Real or ValueKind.Integer } old) return No("step", WriteBackRules.OldUnknown, "What the machine holds now could not be read.");
        var step = Math.Abs(Number(send) - Number(old));
        // A step of exactly the limit passes although its difference was rounded.
        return step <= most * (1 + 1e-12) ? Yes("step", $"{Text(step)} of {Text(most)}") : No("step", WriteBackRules.Step, $"From {old} to {send} is {Text(step)}; a step may be {Text(most)} {f.Rule.Unit}.");
    }

    private static WriteCheck Second(GuardFacts f, out bool needed)
    {
        needed = f.Rule!.SecondPerson && f.Second is null;
        if (!f.Rule.SecondPerson) return Yes("second", "not needed");
        if (f.Second is not { } second) return new("second", CheckResult.NotReached, WriteBackRules.WaitsForSecond, $"Another {f.Rule.Role} or higher has to approve within {f.Rule.ApproveWithin:c}.");
        if (!f.Request.ByMachine && string.Equals(second.By, f.Request.By, StringComparison.OrdinalIgnoreCase)) return No("second", WriteBackRules.SamePerson, $"'{second.By}' asked for it.");
        return second.Role is { } role && role >= f.Rule.Role && role >= PersonRole.Operator
            ? Yes("second", $"approved by {second.By}") : No("second", WriteBackRules.Role, $"'{second.By}' may not approve; {f.Rule.Role} or higher is needed.");
    }

    private static double Number(SampleValue v) => v.Kind == ValueKind.Integer ? v.Integer : v.Number;

    /// <summary>Whether the machine holds what was sent. 1e-6 of the value is allowed beside the tolerance, because controllers keep 32-bit numbers.</summary>
    public static bool Same(SampleValue held, SampleValue sent, double tolerance) =>
        held.Kind is ValueKind.Real or ValueKind.Integer && sent.Kind is ValueKind.Real or ValueKind.Integer
            ? held == sent || Math.Abs(Number(held) - Number(sent)) <= Math.Max(tolerance, sent.Kind == ValueKind.Integer && held.Kind == ValueKind.Integer ? 0 : Math.Abs(Number(sent)) * 1e-6)
            : held == sent;
}
