using System.Globalization;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>Says guarded writes in the reader's language: values exactly, rules with their figures, states with a shape.</summary>
internal static class WriteWords
{
    /// <summary>How an outcome is shown: style of <see cref="StateLook"/> and text key. A thing somebody must look at is never calm.</summary>
    public static (string Look, string Key) Of(WriteState state) => state switch
    {
        WriteState.Confirmed => ("running", "writes.state.confirmed"),
        WriteState.Unconfirmed => ("waiting", "writes.state.unconfirmed"),
        WriteState.Differs => ("fault", "writes.state.differs"),
        WriteState.Failed => ("fault", "writes.state.failed"),
        WriteState.Interrupted => ("fault", "writes.state.interrupted"),
        WriteState.Waiting => ("waiting", "writes.state.waiting"),
        WriteState.Sending => ("setup", "writes.state.sending"),
        WriteState.Declined => ("idle", "writes.state.declined"),
        WriteState.Expired => ("idle", "writes.state.expired"),
        WriteState.DryRun => ("idle", "writes.state.dryrun"),
        _ => ("idle", "writes.state.refused"),
    };

    /// <summary>A value with its unit, seven significant figures: a set point is told as it was sent, while a 32-bit controller's 12.300000190734863 is told as 12.3.</summary>
    public static string Value(SampleValue? value, string unit, Texts t) => value switch
    {
        null => "–",
        { Kind: ValueKind.Integer } v => WithUnit(v.Integer.ToString("N0", t.Culture), unit, t),
        { Kind: ValueKind.Real } v => WithUnit(Number(v.Number, t), unit, t),
        { Kind: ValueKind.Boolean } v => t[v.Boolean ? "value.true" : "value.false"],
        { Kind: ValueKind.None } => "–",
        { } v => v.Text is { } word && t.Has($"word.{word}") ? t[$"word.{word}"] : v.ToString(),
    };

    public static string Number(double value, Texts t)
    {
        var seven = double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Abs(seven) is > 0 and (< 1e-6 or >= 1e15) ? seven.ToString("G7", t.Culture) : seven.ToString("#,0.############", t.Culture);
    }

    public static string WithUnit(string figure, string unit, Texts t) => Symbol(unit, t) is { Length: > 0 } symbol ? $"{figure} {symbol}" : figure;

    public static string Symbol(string code, Texts t) =>
        t.Has($"unit.{code}") ? t[$"unit.{code}"] : Unit.TryFind(code, out var unit) ? unit.Symbol : code;

    /// <summary>Between which values it may be written.</summary>
    public static string Limits(WriteRule r, Texts t) => r.Min is { } min && r.Max is { } max
        ? t["writes.rule.between", Number(min, t), WithUnit(Number(max, t), r.Unit, t)]
        : r.Words.IsEmpty ? t["writes.rule.switch"] : string.Join(" · ", r.Words.Select(w => w is "true" or "false" ? t[$"value.{w}"] : w));

    public static string Step(WriteRule r, Texts t) => r.MaxStep is { } step ? WithUnit(Number(step, t), r.Unit, t) : t["writes.rule.anystep"];
    public static string Rate(WriteRule r, Texts t) => t["writes.rule.rate", t.Number(r.Writes), t.Span(r.Per)];

    public static string Hours(WriteRule r, Texts t) => r.Hours switch
    {
        WriteHours.Always => t["writes.rule.always"],
        WriteHours.Between => string.Create(CultureInfo.InvariantCulture, $"{Clock(r.From)}–{Clock(r.To)}"),
        _ => t["writes.rule.working"],
    };

    public static string Clock(TimeSpan sinceMidnight) => string.Create(CultureInfo.InvariantCulture, $"{(int)sinceMidnight.TotalHours:00}:{sinceMidnight.Minutes:00}");

    public static string States(WriteRule r, Texts t) => string.Join(" · ", r.States.Select(s => t[StateLook.Of(s, MachineOverlay.None).Key]));
    public static string Role(PersonRole role, Texts t) => t[$"role.{role.ToString().ToLowerInvariant()}"];

    public static string Second(WriteRule r, Texts t) => r.SecondPerson ? t["writes.rule.second.yes", t.Span(r.ApproveWithin)] : t["writes.rule.second.no"];
    public static string Undo(WriteRule r, Texts t) => r.UndoWithin > TimeSpan.Zero ? t["writes.rule.undo.within", t.Span(r.UndoWithin)] : t["writes.rule.undo.never"];

    /// <summary>What the list demands at one check; empty where the list says nothing about it.</summary>
    public static string Demand(string check, WriteRule? r, Texts t) => r is null ? "" : check switch
    {
        "person" => t["writes.rule.atleast", Role(r.Role, t)],
        "unit" => Symbol(r.Unit, t),
        "limits" => Limits(r, t),
        "hours" => Hours(r, t),
        "state" => States(r, t),
        "rate" => Rate(r, t),
        "step" => Step(r, t),
        "second" => Second(r, t),
        _ => "",
    };

    /// <summary>Why the stop switch is set: a person's words, or the rule that the node named.</summary>
    public static string StopReason(WriteStop stop, Texts t) => t.Has($"rule.{stop.Reason}") ? t[$"rule.{stop.Reason}"] : stop.Reason;

    public static string By(string by, Texts t) => by == "node" ? t["writes.by.node"] : by;
    public static string Through(string door, Texts t) => t.Has($"writes.through.{door}") ? t[$"writes.through.{door}"] : door;

    /// <summary>One line of the audit as a sentence. A body that was tampered with says so by what is missing.</summary>
    /// <param name="known">The request it belongs to; null when it is not remembered any more.</param>
    public static string Sentence(AuditEntry e, WriteRecord? known, Texts t)
    {
        var key = $"writes.audit.{e.Kind}";
        var body = AuditFacts.Of(e.Body);
        var signal = body.Signal is { } name ? $"{body.Machine}/{name}" : known?.Request.Signal.ToString() ?? "";
        if (e.Kind == "rule") key = body.RuleTakenOff ? "writes.audit.rule-off" : "writes.audit.rule";
        var unit = body.Unit ?? known?.Unit ?? "";
        var value = Value(body.Sent ?? body.Value, unit, t);
        var held = body.ReadBack is { } back ? Value(back, unit, t) : "–";
        var outcome = Enum.TryParse<WriteState>(body.Outcome, out var state) ? t[Of(state).Key] : "";
        return t.Has(key) ? t[key, e.Request > 0 ? e.Request : e.Number, signal, value, outcome, held] : e.Kind;
    }
}

/// <summary>The part of an audit entry's body that the page tells. Everything may be missing.</summary>
internal sealed record AuditFacts(string? Machine, string? Signal, string? Unit, SampleValue? Value, SampleValue? Sent, SampleValue? ReadBack, string? Outcome, string? Rule, string? Message, string? Reason, bool RuleTakenOff)
{
    public static AuditFacts Of(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var b = document.RootElement;
            if (b.ValueKind != JsonValueKind.Object) return Nothing(body);
            return new(TextOf(b, "machine"), TextOf(b, "signal"), TextOf(b, "unit"), ValueOf(b, "value"), ValueOf(b, "sent"), ValueOf(b, "readBack"), TextOf(b, "outcome"), TextOf(b, "rule"), TextOf(b, "message"),
                TextOf(b, "reason"), b.TryGetProperty("ruleBefore", out _) && !b.TryGetProperty("ruleAfter", out _));
        }
        catch (JsonException)
        {
            return Nothing(body);
        }
    }

    private static AuditFacts Nothing(string body) => new(null, null, null, null, null, null, null, null, body.Length > 200 ? body[..200] : body, null, false);
    private static string? TextOf(JsonElement b, string key) => b.TryGetProperty(key, out var e) && e.ValueKind == JsonValueKind.String ? e.GetString() : null;

    private static SampleValue? ValueOf(JsonElement b, string key)
    {
        if (!b.TryGetProperty(key, out var e) || e.ValueKind != JsonValueKind.Object || TextOf(e, "text") is not { } text) return null;
        return TextOf(e, "kind") switch
        {
            nameof(ValueKind.Real) when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) => SampleValue.Of(d),
            nameof(ValueKind.Integer) when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) => SampleValue.Of(n),
            nameof(ValueKind.Boolean) => SampleValue.Of(text == "true"),
            _ => SampleValue.Of(text),
        };
    }
}
