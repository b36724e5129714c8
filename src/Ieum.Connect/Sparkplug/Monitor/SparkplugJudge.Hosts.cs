using System.Text;
using System.Text.Json;
using Ieum.Connect.Sparkplug.Payload;

namespace Ieum.Connect.Sparkplug.Monitor;

internal sealed partial class SparkplugJudge
{
    private const string StatePrefix = "spBv1.0/STATE/";

    private void Connected(Observed o)
    {
        if (_clients.TryGetValue(o.Client, out _)) foreach (var node in _nodes.Values) if (node.Owner == o.Client) node.Owner = null;
        var client = _clients[o.Client] = new() { IsConnectSeen = true, WillTopic = o.Topic.Length > 0 ? o.Topic : null, Version = o.Version };
        if (o.Topic.StartsWith(StatePrefix, StringComparison.Ordinal))
        {
            Is(o.Version == 5 ? "state-clean-50" : "state-clean-311", o.IsClean, $"'{o.Client}' keeps its session");
            Is("state-will-qos", o.Qos == 1, $"the will of '{o.Client}' has QoS {o.Qos}");
            Is("state-will-retain", o.Retain, $"the will of '{o.Client}' is not retained");
            if (Is("state-will-payload", TryState(o.Bytes, out var online, out var at) && !online, $"the will of '{o.Client}' is not {{\"online\":false,\"timestamp\":…}}"))
            {
                client.WillNumber = at;
                Is("state-will-time", Math.Abs(at - o.At) <= 600_000, $"the will of '{o.Client}' has the time {at}, it connected at {o.At}");
            }
        }
        else if (o.Topic.StartsWith("spBv1.0/", StringComparison.Ordinal))
        {
            Is(o.Version == 5 ? "clean-50" : "clean-311", o.IsClean, $"'{o.Client}' keeps its session");
            Is("will-qos", o.Qos == 1, $"the will of '{o.Client}' has QoS {o.Qos}");
            Is("will-retain", !o.Retain, $"the will of '{o.Client}' is retained");
            if (!Is("will-payload", PayloadDecoder.TryDecode(o.Bytes, out var death, out var reason), $"the will of '{o.Client}': {reason}")) return;
            client.WillNumber = death!.Metrics.FirstOrDefault(m => m.Name == "bdSeq") is { DataType: SparkplugDataType.Int64, Value.Kind: WireValue.Long } number ? (long)number.Value.Bits : null;
            if (client.WillNumber is null) Is("will-bdseq", false, $"the will of '{o.Client}' has no bdSeq of type Int64");
        }
    }

    private void State(Observed o)
    {
        var id = o.Topic[StatePrefix.Length..];
        var host = _hosts.TryGetValue(id, out var known) ? known : _hosts[id] = new();
        var readable = TryState(o.Bytes, out var online, out var at);
        var client = o.Client.Length > 0 ? ClientOf(o.Client) : null;
        // A stranger's STATE says nothing about the host itself, except that the host must correct it.
        var own = client is null || client.WillTopic == o.Topic || !client.IsConnectSeen || (host.Owner is null && online);
        if (own)
        {
            var kind = readable ? online ? "state" : "state-death" : Encoding.UTF8.GetString(o.Bytes).Contains("false", StringComparison.Ordinal) ? "state-death" : "state";
            Is($"{kind}-topic", id.Length > 0 && !id.Contains('/', StringComparison.Ordinal), $"'{o.Topic}'");
            Is($"{kind}-qos", o.Qos == 1, $"STATE of '{id}' with QoS {o.Qos}");
            Is($"{kind}-retain", o.Retain, $"STATE of '{id}' is not retained");
            Is($"{kind}-payload", readable, $"STATE of '{id}' is not {{\"online\":…,\"timestamp\":…}}");
        }
        if (!readable) return;
        if (client is { IsConnectSeen: true } && own)
        {
            if (online)
            {
                if (!client.Published)
                {
                    Is("state-will", client.WillTopic == o.Topic, $"'{o.Client}' connected without a will on '{o.Topic}'");
                    Is("state-first", true, "");
                    Is("state-subscribe", client.Filters.Any(f => Covers(f.Filter, o.Topic)), $"'{o.Client}' tells its STATE before it subscribes to it");
                }
                if (client.WillNumber is { } will && !client.Published) Is("state-same-time", at == will, $"STATE of '{id}' has the time {at}, its will {will}");
            }
            else client.SaidGoodBye = true;
            client.Published = true;
            host.Owner = o.Client;
        }
        else if (client is { IsConnectSeen: true } && !online && host.IsOnline == true && host.Owner is { } owner && _clients.ContainsKey(owner)) host.FalseSince = o.At;
        if (online && host.FalseSince is not null)
        {
            host.FalseSince = null;
            Is("state-corrected", true, "");
        }
        if (_primaryHost == id) Obey(host, online, at, o.At);
        if (at >= host.Timestamp) (host.IsOnline, host.Timestamp) = (online, at);
    }

    private void Obey(HostView host, bool online, long at, long seen)
    {
        if (online || host.IsOnline != true) return;
        if (at < host.Timestamp) foreach (var node in _nodes.Values) if (node.IsBorn) node.MustStaySince = seen;
        if (at >= host.Timestamp) foreach (var node in _nodes.Values) if (node.IsBorn) node.MustLeaveSince ??= seen;
    }

    private void Left(Observed o)
    {
        if (!_clients.Remove(o.Client, out var client) || !client.IsConnectSeen) return;
        if (client.WillTopic?.StartsWith(StatePrefix, StringComparison.Ordinal) == true && client.Published)
            Is("state-good-bye", client.SaidGoodBye, $"'{o.Client}' disconnected without saying that it is offline");
        else if (client.WillTopic is not null && _nodes.Values.Any(n => n.Owner == o.Client))
            Is("good-bye", client.SaidGoodBye || client.Version == 5, $"'{o.Client}' disconnected without NDEATH");
        foreach (var node in _nodes.Values) if (node.Owner == o.Client) node.Owner = null;
    }

    /// <summary>What had to happen by now and did not.</summary>
    private void Overdue(Observed o)
    {
        if (o.Kind == ObservedKind.Publish && o.Client.Length > 0 && ClientOf(o.Client) is { IsConnectSeen: true, Published: false, WillTopic: not null } client)
        {
            var isBirth = o.Topic.Contains("/NBIRTH/", StringComparison.Ordinal) || o.Topic.StartsWith(StatePrefix, StringComparison.Ordinal);
            if (!isBirth)
            {
                Is(client.WillTopic!.StartsWith(StatePrefix, StringComparison.Ordinal) ? "state-first" : "birth-first", false, $"the first message of '{o.Client}' is '{o.Topic}'");
                client.Published = true;
            }
        }
        foreach (var ((_, name), node) in _nodes)
        {
            if (node.AskedAt is { } asked && o.At - asked > AtOnce)
            {
                Is("rebirth-answer", false, $"'{name}' did not answer a rebirth request for {AtOnce / 1000} s");
                node.AskedAt = null;
            }
            if (node.MustLeaveSince is { } since && o.At - since > AtOnce)
            {
                Is("host-offline", false, $"'{name}' goes on {AtOnce / 1000} s after its primary host went offline");
                node.MustLeaveSince = null;
            }
        }
        foreach (var (id, host) in _hosts)
            if (host.FalseSince is { } wrong && o.At - wrong > AtOnce)
            {
                Is("state-corrected", false, $"'{id}' lets a false STATE stand for {AtOnce / 1000} s");
                host.FalseSince = null;
            }
    }

    private void End()
    {
        foreach (var ((_, name), node) in _nodes)
            if (node.Awaited is { } awaited) Is("rebirth-answer", false, $"after a rebirth of '{name}' the births of {string.Join(", ", awaited)} are missing");
    }

    private static bool TryState(byte[] bytes, out bool online, out long at)
    {
        (online, at) = (false, 0);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("online", out var told) || !root.TryGetProperty("timestamp", out var time)) return false;
            if (told.ValueKind is not (JsonValueKind.True or JsonValueKind.False) || time.ValueKind != JsonValueKind.Number || !time.TryGetInt64(out at)) return false;
            online = told.GetBoolean();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
