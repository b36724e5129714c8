using System.Text;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Ready points for a topic that was heard; a JSON object gives one for each of its values.</summary>
internal static class TopicSuggestions
{
    private const int MostOfOne = 50;

    public static IEnumerable<BrowseItem> Of(string topic, ReadOnlyMemory<byte> payload)
    {
        if (topic.AsSpan().ContainsAny('#', '+') || payload.Length > MqttPayload.MostBytes) return [];
        var text = Encoding.UTF8.GetString(payload.Span).Trim();
        if (text.Length > 0 && text[0] is '{' or '[')
        {
            try
            {
                using var document = JsonDocument.Parse(text, new() { MaxDepth = 32 });
                var found = new List<BrowseItem>();
                Walk(document.RootElement, topic, "", found);
                return found;
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException)
            {
                // Not JSON, or text that is none: shown as it came.
            }
        }
        return [Item(topic, "", text, text.Length > 0 && MqttPayload.TryNumber(text, decimalComma: false, out _, out var suffix) ? suffix : null)];
    }

    private static void Walk(JsonElement at, string topic, string path, List<BrowseItem> into)
    {
        if (into.Count >= MostOfOne) return;
        if (at.ValueKind == JsonValueKind.Object)
            foreach (var member in at.EnumerateObject())
            {
                // A name with the path's own marks cannot be addressed.
                if (member.Name.Length > 0 && !member.Name.AsSpan().ContainsAny('.', '[', ']')) Walk(member.Value, topic, path.Length == 0 ? member.Name : $"{path}.{member.Name}", into);
            }
        else if (at.ValueKind == JsonValueKind.Array)
            for (var i = 0; i < at.GetArrayLength() && i < MostOfOne; i++) Walk(at[i], topic, $"{path}[{i}]", into);
        else
        {
            var text = at.ValueKind == JsonValueKind.String ? at.GetString()! : at.GetRawText();
            into.Add(Item(topic, path, text, text.Length > 0 && MqttPayload.TryNumber(text, decimalComma: false, out _, out var suffix) ? suffix : null));
        }
    }

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
        if (Has("lamp") || Has("light") || Has("tower"))
            return Has("red") ? SignalRole.LampRed : Has("green") ? SignalRole.LampGreen : Has("amber") || Has("yellow") || Has("orange") ? SignalRole.LampAmber
                : Has("blue") ? SignalRole.LampBlue : SignalRole.None;
        if (Has("buzzer")) return SignalRole.Buzzer;
        if (isNumber && (Has("current") || Has("clamp") || Has("amps"))) return SignalRole.Current;
        return isNumber && Has("count") ? SignalRole.PartCount : SignalRole.None;
    }
}
