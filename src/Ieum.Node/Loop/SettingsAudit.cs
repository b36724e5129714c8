using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>What differs between two states of the settings, out of an entry of the audit.</summary>
internal static class SettingsAudit
{
    /// <summary>Entries of the audit among which changes are looked for.</summary>
    private const int Searched = 5_000;

    /// <summary>Who changed the settings named <paramref name="about"/>, newest first.</summary>
    public static async Task<ImmutableArray<SettingsChange>> ReadAsync(IWriteDesk writes, string about, int most, CancellationToken cancel)
    {
        var found = ImmutableArray.CreateBuilder<SettingsChange>();
        foreach (var e in await writes.AuditNewestAsync(Searched, cancel))
        {
            if (e.Kind != AuditKinds.Settings || Of(e.Body, about) is not { } what) continue;
            found.Add(new(e.Number, e.At, e.By, what));
            if (found.Count == most) break;
        }
        return found.ToImmutable();
    }

    /// <summary>Null when the entry is about something else, or was tampered with.</summary>
    private static ImmutableArray<SettingsChangeLine>? Of(string body, string about)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var b = document.RootElement;
            if (b.ValueKind != JsonValueKind.Object || !b.TryGetProperty("through", out var through) || through.GetString() != about
                || !b.TryGetProperty("ruleBefore", out var before) || !b.TryGetProperty("ruleAfter", out var after)) return null;
            return [.. from p in after.EnumerateObject()
                       let old = before.TryGetProperty(p.Name, out var o) ? Text(o) : ""
                       where old != Text(p.Value)
                       select new SettingsChangeLine(p.Name, old, Text(p.Value))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? string.Join(", ", value.EnumerateArray().Select(d => d.ValueKind == JsonValueKind.Object && d.TryGetProperty("machine", out var m) ? DeviceText(m, d) : d.ToString()))
        : value.ToString();

    private static string DeviceText(JsonElement machine, JsonElement device)
    {
        var id = device.TryGetProperty("device", out var d) && d.GetString() is { Length: > 0 } named ? $" → {named}" : "";
        var metrics = device.TryGetProperty("metrics", out var m) && m.ValueKind == JsonValueKind.Array ? m.GetArrayLength() : 0;
        return $"{machine}{id}{(metrics > 0 ? $" ({metrics})" : "")}";
    }
}
