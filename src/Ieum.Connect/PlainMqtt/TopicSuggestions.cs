using System.Text;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Ready points for a topic that was heard; a JSON object gives one for each of its values.</summary>
internal static class TopicSuggestions
{
    private const int MostOfOne = 50;

    /// <summary>What people call the time of a value. Only where a time near the present stands behind it: a <c>t</c> may be a temperature.</summary>
    private static readonly HashSet<string> TimeNames = new(["ts", "time", "timestamp", "datetime", "t"], StringComparer.OrdinalIgnoreCase);

    /// <param name="now">UTC ticks of the factory's clock.</param>
    /// <param name="times">Takes the JSON paths at which the time of the payload stands; such a place is shown, but is no point.</param>
    public static IEnumerable<BrowseItem> Of(string topic, ReadOnlyMemory<byte> payload, long now, ICollection<string> times)
    {
        if (topic.AsSpan().ContainsAny('#', '+') || payload.Length > MqttPayload.MostBytes) return [];
        var text = Encoding.UTF8.GetString(payload.Span).Trim();
        if (text.Length > 0 && text[0] is '{' or '[')
        {
            try
            {
                using var document = JsonDocument.Parse(text, new() { MaxDepth = 32 });
                var found = new List<BrowseItem>();
                Walk(document.RootElement, topic, "", now, found, times);
                return found;
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException)
            {
                // Not JSON, or text that is none: shown as it came.
            }
        }
        return [Item(topic, "", text, text.Length > 0 && MqttPayload.TryNumber(text, decimalComma: false, out _, out var suffix) ? suffix : null)];
    }

    private static void Walk(JsonElement at, string topic, string path, long now, List<BrowseItem> into, ICollection<string> times)
    {
        if (into.Count >= MostOfOne) return;
        if (at.ValueKind == JsonValueKind.Object)
            foreach (var member in at.EnumerateObject())
            {
                // A name with the path's own marks cannot be addressed.
                if (member.Name.Length > 0 && !member.Name.AsSpan().ContainsAny('.', '[', ']')) Walk(member.Value, topic, path.Length == 0 ? member.Name : $"{path}.{member.Name}", now, into, times);
            }
        else if (at.ValueKind == JsonValueKind.Array)
            for (var i = 0; i < at.GetArrayLength() && i < MostOfOne; i++) Walk(at[i], topic, $"{path}[{i}]", now, into, times);
        else
        {
            var text = at.ValueKind == JsonValueKind.String ? at.GetString()! : at.GetRawText();
            var item = Item(topic, path, text, text.Length > 0 && MqttPayload.TryNumber(text, decimalComma: false, out _, out var suffix) ? suffix : null);
            if (!IsTime(path, at, now)) into.Add(item);
            else
            {
                times.Add(path);
                into.Add(item with { Point = null });
            }
        }
    }

    /// <summary>A box that keeps its last message may have sent it some days ago; one without a clock says 1970.</summary>
    private static bool IsTime(string path, JsonElement at, long now) =>
        TimeNames.Contains(path[(path.LastIndexOf('.') + 1)..]) && at.ValueKind is JsonValueKind.String or JsonValueKind.Number
        && MqttPayload.TryTime(at, out var ticks) && ticks > now - 7 * TimeSpan.TicksPerDay && ticks < now + 5 * TimeSpan.TicksPerMinute;

    /// <param name="suffix">What stands behind the number; null when it is no number.</param>
    private static BrowseItem Item(string topic, string path, string text, string? suffix)
    {
        var address = path.Length == 0 ? topic : $"{topic}#{path}";
        var last = path.Length > 0 ? path.Split('.', '[')[0] : "";
        var name = last.Length > 0 ? $"{topic[(topic.LastIndexOf('/') + 1)..]}/{path}" : topic[(topic.LastIndexOf('/') + 1)..];
        if (name.Length == 0) name = topic;
        var unit = suffix is { Length: > 0 } ? Unit.All.FirstOrDefault(u => u.Symbol == suffix)?.Code ?? "" : "";
        var point = new PointSettings(name, address) { Unit = unit, Role = RoleOf(name, suffix is not null) };
        return new(address, name, false, point, null, text.Length > 120 ? text[..120] + "…" : text);
    }

    private static SignalRole RoleOf(string name, bool isNumber)
    {
        bool Has(string word) => name.Contains(word, StringComparison.OrdinalIgnoreCase);
        // Before the lamps: a clamp is none of them.
        if (isNumber && (Has("current") || Has("clamp") || Has("amps"))) return SignalRole.Current;
        if (Has("lamp") || Has("light") || Has("tower"))
            return Has("red") ? SignalRole.LampRed : Has("green") ? SignalRole.LampGreen : Has("amber") || Has("yellow") || Has("orange") ? SignalRole.LampAmber
                : Has("blue") ? SignalRole.LampBlue : SignalRole.None;
        if (Has("buzzer")) return SignalRole.Buzzer;
        return isNumber && Has("count") ? SignalRole.PartCount : SignalRole.None;
    }
}
