using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>The figures of one audit entry; what an entry does not need is left out. Keys may be added, never renamed.</summary>
internal sealed record AuditBody
{
    public string? Machine { get; init; }
    public string? Signal { get; init; }
    public AuditValue? Value { get; init; }
    public string? AskedUnit { get; init; }
    public string? Unit { get; init; }
    public bool? Convert { get; init; }
    public bool? ByMachine { get; init; }
    public string? Through { get; init; }
    public string? Reason { get; init; }
    public long? Undoes { get; init; }
    public long? Entry { get; init; }
    public AuditValue? Sent { get; init; }
    public AuditValue? Old { get; init; }
    public string? OldFrom { get; init; }
    public AuditValue? ReadBack { get; init; }
    public string? Outcome { get; init; }
    public string? Rule { get; init; }
    public string? Message { get; init; }
    public string? Second { get; init; }
    public DateTimeOffset? ApproveBefore { get; init; }
    public DateTimeOffset? UndoBefore { get; init; }
    public AuditCheck[]? Checks { get; init; }
    public long? BrokenAt { get; init; }
    public JsonElement? RuleBefore { get; init; }
    public JsonElement? RuleAfter { get; init; }

    public static AuditBody Of(WriteRequest r) => new()
    {
        Machine = r.Signal.Machine.Value, Signal = r.Signal.Name, Value = AuditValue.Of(r.Value), AskedUnit = r.Unit.Length > 0 ? r.Unit : null,
        Convert = r.Convert ? true : null, ByMachine = r.ByMachine ? true : null, Through = r.Through, Reason = r.Reason.Length > 0 ? r.Reason : null, Undoes = r.Undoes, Entry = r.Entry,
    };

    public string Write() => JsonSerializer.Serialize(this, AuditJson.Readable.AuditBody);

    /// <summary>Null when the text is no body; a later version may have written more, which is passed over.</summary>
    public static AuditBody? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AuditJson.Readable.AuditBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public WriteRequest? Request(string by, bool dryRun) =>
        Identifier.IsValid(Machine) && Signal is not null && Value?.ToValue() is { } value
            ? new(new(new(Machine), Signal), value, by, Through ?? "")
            {
                Unit = AskedUnit ?? "", Convert = Convert == true, ByMachine = ByMachine == true, Reason = Reason ?? "", Undoes = Undoes, Entry = Entry, DryRun = dryRun,
            }
            : null;

    public static AuditCheck[] Of(ImmutableArray<WriteCheck> checks) =>
        [.. checks.Select(c => new AuditCheck(c.Check, c.Result.ToString(), c.Rule, c.Message))];

    public ImmutableArray<WriteCheck> ToChecks() =>
        [.. (Checks ?? []).Select(c => new WriteCheck(c.Check, Enum.TryParse<CheckResult>(c.Result, out var r) ? r : CheckResult.NotReached, c.Rule, c.Message))];
}

internal sealed record AuditCheck(string Check, string Result, string? Rule, string Message);

/// <summary>A value as text with its kind, exact in both directions.</summary>
internal sealed record AuditValue(string Kind, string Text)
{
    public static AuditValue Of(SampleValue v) => new(v.Kind.ToString(), v.ToString());
    public static AuditValue? Of(SampleValue? v) => v is { } value ? Of(value) : null;

    public SampleValue? ToValue() => Kind switch
    {
        nameof(ValueKind.Real) when double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) => SampleValue.Of(d),
        nameof(ValueKind.Integer) when long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) => SampleValue.Of(n),
        nameof(ValueKind.Boolean) => SampleValue.Of(Text == "true"),
        nameof(ValueKind.Text) => SampleValue.Of(Text),
        nameof(ValueKind.None) => SampleValue.None,
        _ => null,
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditBody))]
internal sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>Korean and Japanese stay readable in the database; nothing of it is ever put into a page as it is.</summary>
    public static AuditJson Readable => field ??= new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
