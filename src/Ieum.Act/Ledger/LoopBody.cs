using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Kinds of links in the chain of the loop ledger.</summary>
internal static class LoopLinks
{
    public const string Advice = "advice", Decision = "decision", Acting = "acting", Receipt = "receipt", Effect = "effect", Undo = "undo", Level = "level";
}

/// <summary>The figures of one link; what a link does not need is left out. Keys may be added, never renamed.</summary>
internal sealed record LoopBody
{
    public string? Loop { get; init; }
    public int? Level { get; init; }
    public string? Finding { get; init; }
    public string? Advice { get; init; }
    public string? Model { get; init; }
    public double? Confidence { get; init; }
    public string? Machine { get; init; }
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? To { get; init; }
    public int? Samples { get; init; }
    public int? Plan { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? ActsAt { get; init; }
    public string? Measure { get; init; }
    public double? Before { get; init; }
    public double? After { get; init; }
    public int? Orders { get; init; }
    public int? Moved { get; init; }
    public int? Finished { get; init; }
    public string? Basis { get; init; }
    public bool? Yes { get; init; }
    public string? What { get; init; }
    public int? LevelTo { get; init; }
    public int? LevelStart { get; init; }
    public int? LevelMost { get; init; }
    public string? Subject { get; init; }
    public string? Way { get; init; }
    public int? Values { get; init; }
    public LoopWayBody[]? Ways { get; init; }

    public static LoopBody Of(LoopAdvice a) => new()
    {
        Loop = a.Loop, Level = (int)a.Level, Finding = a.Finding, Advice = a.Advice, Model = a.Model, Confidence = a.Confidence, Machine = a.Machine?.Value,
        From = a.Window?.From, To = a.Window?.To, Samples = a.Samples, Plan = a.Plan, ExpiresAt = a.ExpiresAt, ActsAt = a.ActsAt,
        Measure = a.Expected?.Measure, Before = a.Expected?.Before, After = a.Expected?.After, Orders = a.Expected?.Orders, Moved = a.Expected?.Moved,
        Subject = a.Subject, Ways = a.Ways.All.IsEmpty ? null : [.. a.Ways.All.Select(LoopWayBody.Of)],
    };

    public static LoopBody Of(LoopEntry level, LoopLevelChange change) => Of(level) with { LevelTo = (int)change.To, LevelStart = (int)change.Start, LevelMost = (int?)change.Most, What = level.Receipt?.What };

    public string Write() => JsonSerializer.Serialize(this, LoopJson.Readable.LoopBody);

    /// <summary>The entry after one more link; null when the link is no part of an entry.</summary>
    public static LoopEntry? Grow(LoopEntry? before, AuditEntry link)
    {
        LoopBody? b;
        try
        {
            b = JsonSerializer.Deserialize(link.Body, LoopJson.Readable.LoopBody);
        }
        catch (JsonException)
        {
            return null;
        }
        return (link.Kind, before, b) switch
        {
            (_, _, null) => null,
            (LoopLinks.Advice or LoopLinks.Level, null, _) => Begin(link, b),
            (_, null, _) => null,
            (LoopLinks.Decision, _, _) => before with { Decision = new(b.Yes == true, link.By, link.At, b.What) { Way = b.Way } },
            (LoopLinks.Acting, _, _) => before with { Acting = new(b.Plan ?? 0, link.At) },
            (LoopLinks.Receipt, _, _) => before with { Receipt = new(b.Yes == true, b.What ?? "", link.At) },
            (LoopLinks.Effect, _, _) => before with { Effect = new(b.Measure ?? "", b.Before ?? 0, b.After ?? 0, link.At) { Orders = b.Orders ?? 0, Finished = b.Finished ?? 0, Samples = b.Values ?? 0, Basis = b.Basis } },
            (LoopLinks.Undo, _, _) => before with { Undo = new(b.Yes == true, link.By, b.What ?? "", link.At) },
            _ => null,
        };
    }

    private static LoopEntry Begin(AuditEntry link, LoopBody b)
    {
        var advice = new LoopAdvice(b.Loop ?? "", (AutonomyLevel)(b.Level ?? 0), b.Finding ?? "", b.Advice ?? "", b.Model ?? "", b.Confidence ?? 0)
        {
            Machine = Identifier.IsValid(b.Machine) ? new(b.Machine) : null, Window = b is { From: { } from, To: { } to } && from <= to ? new(from, to) : null,
            Samples = b.Samples, Plan = b.Plan, ExpiresAt = b.ExpiresAt, ActsAt = b.ActsAt,
            Expected = b.Measure is { } measure && b.LevelTo is null ? new(measure, b.Before ?? 0, b.After ?? 0, b.Orders ?? 0, b.Moved ?? 0) : null,
            Subject = b.Subject, Ways = b.Ways is { Length: > 0 } ways ? new([.. ways.Select(w => w.ToWay())]) : LoopWays.None,
        };
        var entry = LoopEntry.Of(link.Request, link.At, advice);
        return b.LevelTo is { } level
            ? entry with
            {
                Change = new(entry.Level, (AutonomyLevel)level, (AutonomyLevel)(b.LevelStart ?? 0)) { Most = (AutonomyLevel?)b.LevelMost },
                Decision = new(true, link.By, link.At, null), Receipt = new(true, b.What ?? "", link.At),
            }
            : entry;
    }
}

/// <summary>One way of an advice; see <see cref="LoopWay"/>.</summary>
internal sealed record LoopWayBody(string Kind, string Does, double After, double? Cost, int Moved, DateTimeOffset? Until, string? Gate)
{
    public static LoopWayBody Of(LoopWay w) => new(w.Kind, w.Does, w.After, w.Cost, w.Moved, w.Until, w.Gate);
    public LoopWay ToWay() => new(Kind, Does, After, Cost, Moved, Until, Gate);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoopBody))]
internal sealed partial class LoopJson : JsonSerializerContext
{
    /// <summary>Korean and Japanese stay readable in the database; nothing of it is ever put into a page as it is.</summary>
    public static LoopJson Readable => field ??= new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
