using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What came of reading one payload for one point.</summary>
/// <param name="Rule">The broken rule; null when there is a value.</param>
/// <param name="Time">UTC ticks the message gives; null: none.</param>
internal readonly record struct PayloadReading(SampleValue Value, Quality Quality, string? Rule, string Why, long? Time, bool TimeIsWrong)
{
    public static PayloadReading No(string rule, string why) => new(SampleValue.None, Quality.Bad, rule, why, null, false);
}

/// <summary>Reads payloads as small boxes write them: numbers, truth values, texts, JSON, numbers with a unit. Never throws.</summary>
internal static class MqttPayload
{
    public const int MostBytes = 64 * 1024;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 32 };

    // Boxes write units as the display shows them, not as the recommendation does.
    private static readonly Dictionary<string, string> Written = new(StringComparer.OrdinalIgnoreCase)
    {
        ["um"] = "4H", ["μm"] = "4H", ["°C"] = "CEL", ["℃"] = "CEL", ["degC"] = "CEL", ["C"] = "CEL", ["deg"] = "DD", ["kg"] = "KGM", ["g"] = "GRM",
        ["inch"] = "INH", ["\""] = "INH", ["rpm"] = "RPM", ["pcs"] = "H87", ["ea"] = "H87", ["個"] = "H87", ["개"] = "H87", ["sec"] = "SEC",
    };

    /// <param name="time">Path of the time in JSON; null: none.</param>
    public static PayloadReading Read(ReadOnlyMemory<byte> payload, MqttPoint point, IReadOnlyList<object>? time, bool decimalComma)
    {
        if (payload.Length > MostBytes) return PayloadReading.No(MqttRules.TooLarge, $"{payload.Length} bytes");
        var bytes = payload.Span.Trim(" \t\r\n\0"u8);
        if (bytes.IsEmpty) return new(SampleValue.None, Quality.Unavailable, null, "", null, false);
        if (!Utf8.IsValid(bytes)) return PayloadReading.No(MqttRules.Unreadable, "it is not UTF-8");
        if (bytes[0] is (byte)'{' or (byte)'[') return FromJson(payload, bytes, point, time, decimalComma);
        if (point.Address.Path.Count > 0) return PayloadReading.No(MqttRules.Unreadable, $"'{Excerpt(bytes)}' is not JSON, but the point names a place in JSON");
        var text = Encoding.UTF8.GetString(bytes);
        // A text in quotes is JSON as well; boxes that write everything as JSON send it so.
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"') text = text[1..^1];
        return Plain(text, point, decimalComma);
    }

    private static PayloadReading FromJson(ReadOnlyMemory<byte> payload, ReadOnlySpan<byte> bytes, MqttPoint point, IReadOnlyList<object>? time, bool decimalComma)
    {
        if (point.Kind == PayloadKind.Text && point.Address.Path.Count == 0)
            return new(SampleValue.Of(Encoding.UTF8.GetString(bytes)), Quality.Good, null, "", null, false);
        JsonDocument document;
        try
        {
            var begin = payload.Span.IndexOf(bytes);
            document = JsonDocument.Parse(payload.Slice(begin, bytes.Length), Json);
        }
        catch (JsonException fault)
        {
            return PayloadReading.No(MqttRules.Unreadable, $"it begins like JSON but is none: {fault.Message}");
        }
        using (document)
        {
            if (point.Address.Path.Count == 0) return PayloadReading.No(MqttRules.Unreadable, $"it is JSON; name the place of the value behind #, or give the point the type text: '{Excerpt(bytes)}'");
            if (!TryWalk(document.RootElement, point.Address.Path, out var at)) return PayloadReading.No(MqttRules.KeyMissing, $"'{Excerpt(bytes)}'");
            var reading = Element(at, point, decimalComma);
            if (time is null || reading.Rule is not null || !TryWalk(document.RootElement, time, out var stamp)) return reading;
            return TryTime(stamp, out var ticks) ? reading with { Time = ticks } : reading with { TimeIsWrong = true, Why = Excerpt(Encoding.UTF8.GetBytes(stamp.GetRawText())) };
        }
    }

    private static PayloadReading Element(JsonElement element, MqttPoint point, bool decimalComma) => element.ValueKind switch
    {
        JsonValueKind.Null => new(SampleValue.None, Quality.Unavailable, null, "", null, false),
        JsonValueKind.True => Plain("true", point, decimalComma),
        JsonValueKind.False => Plain("false", point, decimalComma),
        JsonValueKind.Number => Plain(element.GetRawText(), point, decimalComma: false),
        JsonValueKind.String => TextOf(element) is { } text ? Plain(text.Trim(), point, decimalComma) : PayloadReading.No(MqttRules.Unreadable, "the text holds half a character"),
        _ when point.Kind == PayloadKind.Text => new(SampleValue.Of(element.GetRawText()), Quality.Good, null, "", null, false),
        _ => PayloadReading.No(MqttRules.Unreadable, "the place holds an object or a list, not a value"),
    };

    private static PayloadReading Plain(string text, MqttPoint point, bool decimalComma)
    {
        if (text.Length == 0) return new(SampleValue.None, Quality.Unavailable, null, "", null, false);
        // Words come first: "RUN" → ACTIVE and "1" → ACTIVE both name what was sent, not what it would be read as.
        if (point.Settings.Words.TryGetValue(text, out _)) return Done(SampleValue.Of(text), point);
        switch (point.Kind)
        {
            case PayloadKind.Text:
                return Done(SampleValue.Of(text), point);
            case PayloadKind.Bool:
                return TryTruth(text, out var truth) || TryBit(text, out truth) ? Done(SampleValue.Of(truth), point)
                    : PayloadReading.No(MqttRules.Unreadable, $"'{Excerpt(text)}' is none of true, false, on, off, 1, 0");
            default:
                if (TryNumber(text, decimalComma, out var number, out var suffix)) return Numbered(number, suffix, text, point);
                if (WireNumber.IsNotFinite(Encoding.UTF8.GetBytes(text), out var odd)) return new(SampleValue.Of(odd), Quality.Bad, null, "", null, false);
                if (point.Kind == PayloadKind.Number) return PayloadReading.No(MqttRules.Unreadable, $"'{Excerpt(text)}' is not a number");
                return TryTruth(text, out truth) ? Done(SampleValue.Of(truth), point) : Done(SampleValue.Of(text), point);
        }
    }

    private static PayloadReading Numbered(in SampleValue number, string suffix, string text, MqttPoint point)
    {
        if (suffix.Length == 0) return Done(number, point);
        var code = CodeOf(suffix);
        if (code is not null && (point.Settings.Unit.Length == 0 || code == point.Settings.Unit)) return Done(number, point);
        // Without a unit of its own an automatic point takes "12 abc" for the text it is.
        if (code is null && point is { Kind: PayloadKind.Auto, Settings.Unit.Length: 0 }) return Done(SampleValue.Of(text), point);
        return code is null
            ? PayloadReading.No(MqttRules.Unreadable, $"'{Excerpt(text)}' ends in '{suffix}', which is no known unit")
            : PayloadReading.No(MqttRules.UnitDiffers, $"'{Excerpt(text)}' has the unit {code}, the point {point.Settings.Unit}");
    }

    private static PayloadReading Done(in SampleValue raw, MqttPoint point) => new(point.Finish(raw, out var quality), quality, null, "", null, false);

    private static string? CodeOf(string suffix) =>
        Unit.All.FirstOrDefault(u => u.Symbol == suffix)?.Code ?? Unit.All.FirstOrDefault(u => u.Code == suffix)?.Code
        ?? (Written.TryGetValue(suffix, out var code) ? code : null);

    /// <summary>A number with an optional unit behind it: <c>+012.345 mm</c>.</summary>
    public static bool TryNumber(string text, bool decimalComma, out SampleValue number, out string suffix)
    {
        (number, suffix) = (SampleValue.None, "");
        var at = text[0] is '+' or '-' ? 1 : 0;
        var begin = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.' || (decimalComma && text[at] == ','))) at++;
        if (at == begin) return false;
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            var digits = exponent;
            while (exponent < text.Length && char.IsAsciiDigit(text[exponent])) exponent++;
            if (exponent > digits) at = exponent;
        }
        suffix = text[at..].Trim();
        if (suffix.Length > 8 || suffix.Any(char.IsControl) || (suffix.Length > 0 && (char.IsAsciiDigit(suffix[0]) || suffix[0] is '.' or ',' or '-' or '+' or ':'))) return false;
        var figure = decimalComma ? text[..at].Replace(',', '.') : text[..at];
        if (!figure.AsSpan().ContainsAny('.', 'e', 'E') && long.TryParse(figure, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            number = SampleValue.Of(whole);
            return true;
        }
        if (!double.TryParse(figure, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || !double.IsFinite(real)) return false;
        number = SampleValue.Of(real);
        return true;
    }

    private static bool TryTruth(string text, out bool truth)
    {
        truth = text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("on", StringComparison.OrdinalIgnoreCase);
        return truth || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("off", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryBit(string text, out bool truth)
    {
        truth = text == "1";
        return truth || text == "0";
    }

    private static bool TryWalk(JsonElement root, IReadOnlyList<object> path, out JsonElement at)
    {
        at = root;
        foreach (var step in path)
        {
            if (step is int index)
            {
                if (at.ValueKind != JsonValueKind.Array || index >= at.GetArrayLength()) return false;
                at = at[index];
            }
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty((string)step, out at)) return false;
        }
        return true;
    }

    /// <summary>ISO 8601, or a number since 1970: seconds below 10¹¹, milliseconds above.</summary>
    public static bool TryTime(JsonElement stamp, out long ticks)
    {
        ticks = 0;
        if (stamp.ValueKind == JsonValueKind.String) return TextOf(stamp) is { } text && WireTime.TryParse(Encoding.UTF8.GetBytes(text), out ticks);
        if (stamp.ValueKind != JsonValueKind.Number || !stamp.TryGetDouble(out var number) || number is not (>= 0 and < 1e14)) return false;
        ticks = DateTime.UnixEpoch.Ticks + (long)(number * (number < 1e11 ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond));
        return ticks <= DateTime.MaxValue.Ticks;
    }

    /// <summary>Null when an escape names half a surrogate pair: no text that could be stored.</summary>
    private static string? TextOf(JsonElement element)
    {
        try { return element.GetString(); }
        catch (InvalidOperationException) { return null; }
    }

    private static string Excerpt(ReadOnlySpan<byte> bytes) => Excerpt(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 240)]));

    private static string Excerpt(string text)
    {
        var shown = string.Concat(text.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '·' : c));
        return text.Length > 80 ? shown + "…" : shown;
    }
}
