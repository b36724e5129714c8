using System.Text.Json;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Api;

/// <param name="Value">A number, true or false, or a text.</param>
/// <param name="Unit">UN/ECE common code; absent: the signal's own.</param>
internal sealed record WriteRequestDto(string Machine, string Signal, JsonElement Value, string? Unit, bool? Convert, bool? DryRun, string? Reason);

internal sealed record WriteReasonDto(string? Reason);

internal sealed record WriteCheckDto(string Check, string Result, string? Rule, string Message)
{
    public static WriteCheckDto[] Of(IEnumerable<WriteCheck> checks) => [.. checks.Select(c => new WriteCheckDto(c.Check, Word(c.Result), c.Rule, c.Message))];

    /// <summary>camelCase, as every word of the API.</summary>
    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

internal sealed record WriteOutcomeDto(long Number, string State, string? Rule, string Message, SampleValue? Sent, SampleValue? Old, SampleValue? ReadBack, WriteCheckDto[] Checks)
{
    public static WriteOutcomeDto Of(WriteOutcome o) => new(o.Number, WriteCheckDto.Word(o.State), o.Rule, o.Message, o.Sent, o.Old, o.ReadBack, WriteCheckDto.Of(o.Checks));
}

internal sealed record WriteRecordDto(
    long Number, DateTimeOffset At, string Machine, string Signal, string State, string? Rule, string Message, string By, string Through, string Reason, string? Second,
    string Unit, SampleValue? Sent, SampleValue? Old, string OldFrom, SampleValue? ReadBack, DateTimeOffset? ApproveBefore, DateTimeOffset? UndoBefore, long? Undoes, long? UndoneBy)
{
    public static WriteRecordDto Of(WriteRecord r) => new(r.Number, r.At, r.Request.Signal.Machine.Value, r.Request.Signal.Name, WriteCheckDto.Word(r.State), r.Rule, r.Message,
        r.Request.By, r.Request.Through, r.Request.Reason, r.Second, r.Unit, r.Sent, r.Old, r.OldFrom, r.ReadBack, r.ApproveBefore, r.UndoBefore, r.Request.Undoes, r.UndoneBy);
}

/// <param name="Hours"><c>working</c>, <c>always</c>, or <c>22:00-06:00</c>.</param>
internal sealed record WriteRuleDto(
    string Machine, string Signal, string? Unit, double? Min, double? Max, double? MaxStep, string[]? Words, int? Writes, double? PerSeconds, string? Role, bool? SecondPerson,
    double? ApproveWithinSeconds, bool? Automatic, string? Hours, string[]? States, double? Tolerance, double? UndoWithinSeconds)
{
    public static WriteRuleDto Of(WriteRule r) => new(r.Signal.Machine.Value, r.Signal.Name, r.Unit, r.Min, r.Max, r.MaxStep, [.. r.Words], r.Writes, r.Per.TotalSeconds,
        WriteCheckDto.Word(r.Role), r.SecondPerson, r.ApproveWithin.TotalSeconds, r.Automatic,
        r.Hours == WriteHours.Between ? FormattableString.Invariant($"{r.From:hh\\:mm}-{r.To:hh\\:mm}") : WriteCheckDto.Word(r.Hours),
        [.. r.States.Select(WriteCheckDto.Word)], r.Tolerance, r.UndoWithin.TotalSeconds);

    /// <summary>Null when a word or a time cannot be read; ranges are judged by the desk.</summary>
    public WriteRule? ToRule()
    {
        var d = new WriteRule(new(new(Machine), Signal));
        var between = Hours is null or "working" or "always" ? null : Store.Config.WriteSection.TryBetween(Hours);
        if (Hours is not (null or "working" or "always") && between is null) return null;
        if (!Parse(Role, d.Role, out var role)) return null;
        var states = (States ?? ["idle"]).Select(s => Parse(s, MachineState.Unknown, out var state) ? state : (MachineState?)null).ToArray();
        if (states.Contains(null) || !Span(PerSeconds, d.Per, out var per) || !Span(ApproveWithinSeconds, d.ApproveWithin, out var approve) || !Span(UndoWithinSeconds, d.UndoWithin, out var undo)) return null;
        return d with
        {
            Unit = Unit ?? d.Unit, Min = Min, Max = Max, MaxStep = MaxStep, Words = [.. Words ?? []], Writes = Writes ?? d.Writes, Per = per, Role = role,
            SecondPerson = SecondPerson ?? d.SecondPerson, ApproveWithin = approve, Automatic = Automatic ?? d.Automatic,
            Hours = Hours switch { null or "working" => WriteHours.Working, "always" => WriteHours.Always, _ => WriteHours.Between },
            From = between?.From ?? default, To = between?.To ?? default, States = [.. states.OfType<MachineState>()], Tolerance = Tolerance ?? 0, UndoWithin = undo,
        };
    }

    private static bool Parse<T>(string? word, T fallback, out T value) where T : struct, Enum
    {
        value = fallback;
        return word is null || word.Length > 0 && char.IsAsciiLetter(word[0]) && Enum.TryParse(word, ignoreCase: true, out value) && Enum.IsDefined(value);
    }

    private static bool Span(double? seconds, TimeSpan fallback, out TimeSpan span)
    {
        var right = seconds is null or (>= 0 and <= 86_400);
        span = right && seconds is { } s ? TimeSpan.FromSeconds(s) : fallback;
        return right;
    }
}

internal sealed record WriteStopDto(string By, string Reason, DateTimeOffset At);

internal sealed record WritesDto(WriteStopDto? Stop, WriteRuleDto[] Rules, WriteRecordDto[] Waiting, WriteRecordDto[] Recent);

internal sealed record WriteAuditDto(long Number, DateTimeOffset At, long Request, string Kind, string By, JsonElement Body, string Previous, string Hash);

internal sealed record WriteVerdictDto(long Entries, bool Intact, long? BrokenAt, string Message, string Head);
