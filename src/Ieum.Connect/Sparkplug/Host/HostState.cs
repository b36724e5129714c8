using System.Text;
using System.Text.Json;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>The STATE message of a host application (Sparkplug B 3.0, 6.4.25): <c>{"online":true,"timestamp":ms}</c>.</summary>
internal static class HostState
{
    public static byte[] Write(bool online, long milliseconds) =>
        Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{{\"online\":{(online ? "true" : "false")},\"timestamp\":{milliseconds}}}"));

    /// <summary>Whether the bytes say that the host is offline; bytes that are no STATE say nothing.</summary>
    public static bool SaysOffline(ReadOnlySpan<byte> bytes)
    {
        var json = new Utf8JsonReader(bytes);
        try
        {
            if (!JsonDocument.TryParseValue(ref json, out var document)) return false;
            using (document)
                return document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty("online", out var online) && online.ValueKind == JsonValueKind.False;
        }
        catch (JsonException)
        {
            // "OFFLINE" alone was the STATE text of Sparkplug 2.2.
            return bytes.SequenceEqual("OFFLINE"u8);
        }
    }
}
