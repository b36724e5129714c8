using System.Text.Json;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>What an edge node knows of its primary host application (Sparkplug B 3.0, 5.4 and 5.11).</summary>
internal sealed class PrimaryHost(string? id)
{
    private long _since = -1;
    private volatile bool _online = id is not { Length: > 0 };

    public string? Id { get; } = id is { Length: > 0 } ? id : null;
    public string? Topic => Id is null ? null : SparkplugTopic.OfState(Id);

    /// <summary>True without a primary host: then nobody is waited for.</summary>
    public bool IsOnline => _online;

    /// <returns>Why the message says nothing; null when it was understood.</returns>
    public string? Hear(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document)) return "it is empty";
            using (document)
            {
                if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("online", out var online)
                    || online.ValueKind is not (JsonValueKind.True or JsonValueKind.False) || !root.TryGetProperty("timestamp", out var at) || !at.TryGetInt64(out var since))
                    return "it is not {\"online\": true or false, \"timestamp\": milliseconds}";
                // An older STATE than the newest known says nothing (…-phid-wait-timestamp, …-host-offline-timestamp).
                if (since >= _since) (_since, _online) = (since, online.GetBoolean());
                return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"it is not JSON: {e.Message}";
        }
    }
}
