using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Monitor;

internal sealed partial class SparkplugJudge
{
    /// <summary>Time an edge node has for what the standard calls immediately.</summary>
    private const long AtOnce = 10_000;

    private void FromNode(Observed o, NodeView node, SparkplugTopic t, SparkplugPayload p, string word)
    {
        if (t.Kind == MessageKind.NBirth) Born(o, node, t, p);
        else
        {
            if (Is($"{word}-seq", p.Seq is <= 255, $"{word} of '{t.Node}' has {(p.Seq is { } s ? $"seq {s}" : "no seq")}") && node.NextSeq >= 0)
                Is($"{word}-seq-next", p.Seq == (ulong)node.NextSeq, $"{word} of '{t.Node}' has seq {p.Seq}, {node.NextSeq} was next");
        }
        if (node.MustStaySince is not null)
        {
            node.MustStaySince = null;
            Is("host-offline-old", true, "");
        }
        if (p.Seq is { } seq) node.NextSeq = (int)((seq + 1) & 255);
        var device = t.Device ?? "";
        switch (t.Kind)
        {
            case MessageKind.NBirth: Announce(node, t, "", p, "nbirth-metrics"); break;
            case MessageKind.DBirth:
                if (node.IsBorn || (o.Client.Length > 0 && ClientOf(o.Client).IsConnectSeen)) Is("dbirth-order", node.IsBorn, $"DBIRTH of '{device}' before NBIRTH of '{t.Node}'");
                node.Devices.Add(device);
                if (node.Awaited is { } awaited && node.AskedAt is null && awaited.Remove(device) && awaited.Count == 0)
                {
                    node.Awaited = null;
                    Is("rebirth-answer", true, "");
                }
                if (o.Client.Length > 0) Subscribed(o, "dcmd-subscribe", SparkplugTopic.Of(MessageKind.DCommand, t.Group, t.Node, device));
                Announce(node, t, device, p, "dbirth-metrics");
                break;
            case MessageKind.DDeath: node.Devices.Remove(device); break;
            default: Data(o, node, t, device, p, word); break;
        }
    }

    private void Born(Observed o, NodeView node, SparkplugTopic t, SparkplugPayload p)
    {
        Is("nbirth-seq", p.Seq is <= 255, $"NBIRTH of '{t.Node}' has no seq of 0 to 255");
        Is("nbirth-seq-zero", p.Seq == 0, $"NBIRTH of '{t.Node}' has seq {p.Seq}");
        var number = p.Metrics.FirstOrDefault(m => m.Name == "bdSeq");
        var count = p.Metrics.Count(m => m.Name == "bdSeq");
        Is("nbirth-bdseq", count == 1, $"NBIRTH of '{t.Node}' has {count} bdSeq metrics");
        var rebirth = p.Metrics.FirstOrDefault(m => m.Name == "Node Control/Rebirth");
        Is("nbirth-rebirth", rebirth is { DataType: SparkplugDataType.Boolean, Value: { Kind: WireValue.Boolean, Bits: 0 } }, $"NBIRTH of '{t.Node}' has no Node Control/Rebirth that is false");
        if (rebirth is not null) Is("rebirth-no-alias", rebirth.Alias is null, $"Node Control/Rebirth of '{t.Node}' has an alias");
        node.BdSeq = number is { Value.Kind: WireValue.Long or WireValue.Int } ? (long)number.Value.Bits : null;
        (node.IsBorn, node.MustLeaveSince) = (true, null);
        if (node.AskedAt is not null)
        {
            (node.AskedAt, node.Awaited) = (null, [.. node.Devices]);
            if (node.Awaited.Count == 0)
            {
                node.Awaited = null;
                Is("rebirth-answer", true, "");
            }
        }
        node.Devices.Clear();
        node.Metrics.Clear();
        node.Definitions.Clear();
        foreach (var m in p.Metrics) if (m is { Name: { } name, Value.Object: Template { IsDefinition: true } definition }) node.Definitions[name] = definition;
        if (_primaryHost is { } host)
        {
            var state = _hosts.GetValueOrDefault(host)?.IsOnline;
            Is("host-waited", state == true, $"NBIRTH of '{t.Node}' while its primary host '{host}' is {(state is null ? "unknown" : "offline")}");
        }
        if (o.Client.Length == 0) return;
        var client = ClientOf(o.Client);
        if (!client.IsConnectSeen) return;
        if (!client.Published) Is("birth-first", true, "");
        client.Published = true;
        Is("node-unique", node.Owner is null || node.Owner == o.Client, $"'{t.Group}/{t.Node}' is published by '{node.Owner}' and '{o.Client}'");
        node.Owner = o.Client;
        if (Is("will", client.WillTopic is not null, $"'{o.Client}' connected without a will"))
            Is("will-topic", client.WillTopic == SparkplugTopic.Of(MessageKind.NDeath, t.Group, t.Node), $"the will of '{o.Client}' has the topic '{client.WillTopic}'");
        Is("bdseq-match", number?.DataType == SparkplugDataType.Int64 && node.BdSeq == client.WillNumber, $"bdSeq {node.BdSeq} in NBIRTH of '{t.Node}', {client.WillNumber} in the will");
        if (client.WillNumber is { } will && node.LastWillBdSeq is { } before && before != will)
            Is("will-bdseq", will == ((before + 1) & 255), $"bdSeq {will} after {before} of '{t.Node}'");
        else if (client.WillNumber is not null && node.LastWillBdSeq is null) Is("will-bdseq", true, "");
        node.LastWillBdSeq = client.WillNumber;
        Subscribed(o, "ncmd-subscribe", SparkplugTopic.Of(MessageKind.NCommand, t.Group, t.Node));
    }

    private void Subscribed(Observed o, string check, string topic)
    {
        var client = ClientOf(o.Client);
        if (client.IsConnectSeen) Is(check, client.Filters.Any(f => Covers(f.Filter, topic) && f.Qos == 1), $"'{o.Client}' is not subscribed to '{topic}' with QoS 1");
    }

    private void Announce(NodeView node, SparkplugTopic t, string device, SparkplugPayload p, string check)
    {
        var list = new List<KnownMetric>();
        var aliased = p.Metrics.Any(m => m.Alias is not null) || node.Metrics.Values.Any(l => l.Any(k => k.Alias is not null));
        foreach (var m in p.Metrics)
        {
            Is(check, m.Name is { Length: > 0 } && m.DataType is not null && (m.IsNull == true) == (m.Value.Kind == WireValue.None), $"metric '{m.Name}' of '{t.Node}/{device}' lacks name, datatype, or value");
            if (m.Name is "bdSeq" or "Node Control/Rebirth") continue;
            Is("metric-timestamp", m.Timestamp is not null, $"metric '{m.Name}' of '{t.Node}/{device}' has no timestamp");
            Is("birth-names", m.Name is { Length: > 0 } && (!aliased || m.Alias is not null), $"metric '{m.Name}' of '{t.Node}/{device}' has no {(m.Name is null ? "name" : "alias, but others have")}");
            if (m.Alias is { } alias)
                Is("alias-unique", list.All(k => k.Alias != alias) && node.Metrics.Where(x => x.Key != device).All(x => x.Value.All(k => k.Alias != alias)), $"alias {alias} of '{m.Name}' in '{t.Node}/{device}' belongs to another metric");
            Is("names-case", !list.Any(k => k.Name != m.Name && k.Name.Equals(m.Name, StringComparison.OrdinalIgnoreCase)), $"'{m.Name}' of '{t.Node}/{device}' differs from another by case only");
            list.Add(new(m.Name ?? "", m.Alias, m.DataType ?? SparkplugDataType.Unknown) { Last = m.Value, LastAt = (long)(m.Timestamp ?? 0) });
        }
        node.Metrics[device] = list;
    }

    private void Data(Observed o, NodeView node, SparkplugTopic t, string device, SparkplugPayload p, string word)
    {
        Is($"{word}-metrics", p.Metrics.Count > 0, $"{word} of '{t.Node}/{device}' without a metric");
        var judged = node.IsBorn || (o.Client.Length > 0 && ClientOf(o.Client).IsConnectSeen);
        if (!judged) return;
        var born = node.IsBorn && (device.Length == 0 || node.Devices.Contains(device)) && node.Awaited is null;
        Is($"{word}-order", born, $"{word} of '{t.Node}/{device}' before its births");
        if (node.Awaited is { } awaited && node.AskedAt is null)
        {
            Is("rebirth-answer", false, $"{word} of '{t.Node}/{device}' while the births of {string.Join(", ", awaited)} are missing");
            node.Awaited = null;
        }
        var times = new Dictionary<KnownMetric, long>(ReferenceEqualityComparer.Instance);
        foreach (var m in p.Metrics)
        {
            Is("metric-timestamp", m.Timestamp is not null, $"{word} of '{t.Node}/{device}' holds a metric without a timestamp");
            Is("datatype-left-out", m.DataType is null, $"{word} of '{t.Node}/{device}' repeats the datatype of '{m.Name}{m.Alias}'");
            var known = Known(node, device, m);
            if (born) Is($"{word}-known", known is not null, $"metric '{m.Name}' (alias {m.Alias}) of '{t.Node}/{device}' was not announced");
            if (known is null) continue;
            if (known.Alias is not null) Is("alias-alone", m.Alias == known.Alias && m.Name is null, $"{word} of '{t.Node}/{device}' tells '{known.Name}' by {(m.Alias is null ? "name alone" : "name and alias")}");
            if (m.IsHistorical == true || m.Timestamp is not { } at) continue;
            if (times.TryGetValue(known, out var before)) Is($"{word}-chronological", (long)at >= before, $"'{known.Name}' of '{t.Node}/{device}' goes back in time within a message");
            else Is($"{word}-chronological", true, "");
            times[known] = (long)at;
            Is($"{word}-changed", !m.Value.Equals(known.Last) || m.Properties is not null, $"'{known.Name}' of '{t.Node}/{device}' is told without a change");
            known.Last = m.Value;
        }
    }

    private static KnownMetric? Known(NodeView node, string device, Metric m) =>
        node.Metrics.GetValueOrDefault(device)?.Find(k => m.Alias is not null ? k.Alias == m.Alias : k.Name == m.Name)
        ?? (m.Name is not null ? node.Metrics.GetValueOrDefault(device)?.Find(k => k.Name == m.Name) : null);

    private void Death(Observed o, NodeView node, SparkplugTopic t, SparkplugPayload p)
    {
        Is("ndeath-seq", p.Seq is null, $"NDEATH of '{t.Node}' has seq {p.Seq}");
        Is("ndeath-payload", p.Metrics is [{ Name: "bdSeq" }], $"NDEATH of '{t.Node}' holds {p.Metrics.Count} metrics");
        var number = p.Metrics.FirstOrDefault(m => m.Name == "bdSeq");
        if (number is not null && node.BdSeq is { } born) Is("ndeath-bdseq", (long)number.Value.Bits == born, $"NDEATH of '{t.Node}' has bdSeq {number.Value.Bits}, its birth {born}");
        if (o.Client.Length > 0) ClientOf(o.Client).SaidGoodBye = true;
        (node.IsBorn, node.NextSeq, node.BdSeq, node.AskedAt, node.Awaited) = (false, -1, null, null, null);
        if (node.MustLeaveSince is not null) Is("host-offline", true, "");
        else if (node.MustStaySince is { } old && o.At - old <= AtOnce) Is("host-offline-old", false, $"'{t.Node}' left after an older STATE of its primary host");
        (node.MustLeaveSince, node.MustStaySince) = (null, null);
        node.Devices.Clear();
    }

    private void Command(NodeView node, SparkplugTopic t, SparkplugPayload p, string word)
    {
        Is($"{word}-no-seq", p.Seq is null, $"{word} to '{t.Node}' has seq {p.Seq}");
        Is($"{word}-metrics", p.Metrics.Count > 0, $"{word} to '{t.Node}' without a metric");
        foreach (var m in p.Metrics)
        {
            if (m.Name == "Node Control/Rebirth")
            {
                Is("rebirth-request", t.Kind == MessageKind.NCommand && m.Value is { Kind: WireValue.Boolean, Bits: 1 }, $"a rebirth of '{t.Node}' is asked by {word} with {m.Value.Bits}");
                if (t.Kind == MessageKind.NCommand && node.IsBorn) node.AskedAt ??= _at;
                continue;
            }
            if (!node.IsBorn) continue;
            var known = Known(node, t.Device ?? "", m);
            Is($"{word}-known", known is not null, $"{word} to '{t.Node}/{t.Device}' names '{m.Name}' (alias {m.Alias}), which was not announced");
            if (known is null) continue;
            if (known.Alias is not null) Is("alias-alone", m.Name is null && m.Alias == known.Alias, $"{word} to '{t.Node}/{t.Device}' names '{known.Name}'");
            Is($"{word}-value", Fits(known.Type, m.Value.Kind), $"{word} to '{t.Node}/{t.Device}': {m.Value.Kind} for {known.Type} '{known.Name}'");
        }
    }

    private static bool Fits(SparkplugDataType type, WireValue kind) => type switch
    {
        SparkplugDataType.Boolean => kind == WireValue.Boolean,
        SparkplugDataType.Double => kind == WireValue.Double,
        SparkplugDataType.Float => kind == WireValue.Float,
        SparkplugDataType.String or SparkplugDataType.Text or SparkplugDataType.Uuid => kind == WireValue.Text,
        SparkplugDataType.Int64 or SparkplugDataType.UInt64 or SparkplugDataType.DateTime => kind == WireValue.Long,
        SparkplugDataType.UInt32 => kind is WireValue.Int or WireValue.Long,
        >= SparkplugDataType.Int8 and <= SparkplugDataType.UInt16 => kind == WireValue.Int,
        _ => kind != WireValue.None,
    };
}
