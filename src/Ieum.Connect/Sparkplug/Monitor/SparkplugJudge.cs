using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Monitor;

/// <summary>Ticks the normative statements that a recording of clients bears out or breaks. Pure: one list in, one list out.</summary>
/// <remarks>A recording may begin in the middle of a session: nothing is judged that needs what came before it.</remarks>
internal sealed partial class SparkplugJudge
{
    private sealed class Tally
    {
        public long Held, Broken;
        public List<string> Words { get; } = [];
    }

    private readonly Dictionary<string, Tally> _tallies = StatementTable.Checks.Keys.ToDictionary(k => k, _ => new Tally(), StringComparer.Ordinal);
    private readonly Dictionary<(string Group, string Node), NodeView> _nodes = [];
    private readonly Dictionary<string, ClientView> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostView> _hosts = new(StringComparer.Ordinal);
    private readonly string? _primaryHost;
    private int _index;
    private long _at;

    private SparkplugJudge(string? primaryHost) => _primaryHost = primaryHost;

    /// <param name="primaryHost">Host application that the edge nodes of the recording are configured to obey; null: none.</param>
    public static IReadOnlyList<SparkplugStatement> Judge(IEnumerable<Observed> recording, string? primaryHost = null)
    {
        var judge = new SparkplugJudge(primaryHost);
        foreach (var one in recording) judge.See(one);
        judge.End();
        return [.. judge.Statements()];
    }

    /// <summary>How often each check held and was broken, by name.</summary>
    public static IReadOnlyDictionary<string, (long Held, long Broken)> Tallies(IEnumerable<Observed> recording, string? primaryHost = null)
    {
        var judge = new SparkplugJudge(primaryHost);
        foreach (var one in recording) judge.See(one);
        judge.End();
        return judge._tallies.ToDictionary(t => t.Key, t => (t.Value.Held, t.Value.Broken), StringComparer.Ordinal);
    }

    private IEnumerable<SparkplugStatement> Statements() =>
        from id in StatementTable.Ids
        let checks = StatementTable.Checks.Values.Where(c => c.Ids.Contains(id)).ToList()
        let tallies = checks.Select(c => _tallies[c.Name]).ToList()
        where tallies.Any(t => t.Held + t.Broken > 0)
        select new SparkplugStatement($"tck-id-{id}", tallies.Max(t => t.Held), tallies.Sum(t => t.Broken), [.. tallies.SelectMany(t => t.Words).Take(10)], checks.All(c => c.IsAdvice));

    private bool Is(string check, bool holds, string what)
    {
        var tally = _tallies[check];
        if (holds) tally.Held++;
        else
        {
            tally.Broken++;
            if (tally.Words.Count < 10) tally.Words.Add($"{check}, event {_index}: {what}");
        }
        return holds;
    }

    private void See(Observed o)
    {
        (_index, _at) = (_index + 1, o.At);
        Overdue(o);
        switch (o.Kind)
        {
            case ObservedKind.Connect: Connected(o); break;
            case ObservedKind.Subscribe: ClientOf(o.Client).Filters.Add((o.Topic, o.Qos)); break;
            case ObservedKind.Publish when o.Topic.StartsWith("spBv1.0/STATE/", StringComparison.Ordinal): State(o); break;
            case ObservedKind.Publish when o.Topic.StartsWith("spBv1.0/", StringComparison.Ordinal): Message(o); break;
            case ObservedKind.Disconnect: Left(o); break;
            case ObservedKind.Lost:
                if (_clients.Remove(o.Client, out var lost)) foreach (var node in _nodes.Values) if (node.Owner == o.Client) node.Owner = null;
                break;
        }
    }

    private ClientView ClientOf(string id) => _clients.TryGetValue(id, out var known) ? known : _clients[id] = new();

    private void Message(Observed o)
    {
        var parts = o.Topic.Split('/');
        if (!Is("topic", SparkplugTopic.TryParse(o.Topic, out var topic), $"'{o.Topic}' is no topic of Sparkplug"))
        {
            if (parts.Length > 2 && _tallies.ContainsKey($"{parts[2].ToLowerInvariant()}-topic")) Is($"{parts[2].ToLowerInvariant()}-topic", false, $"'{o.Topic}'");
            return;
        }
        var t = topic!;
        Is("group-id", IsId(t.Group), $"group '{t.Group}'");
        Is("node-id", IsId(t.Node), $"node '{t.Node}'");
        if (t.Device is { } device) Is("device-id", IsId(device), $"device '{device}'");
        Is("ids-case", !_nodes.Keys.Any(k => k != (t.Group, t.Node) && $"{k.Group}/{k.Node}".Equals($"{t.Group}/{t.Node}", StringComparison.OrdinalIgnoreCase)), $"'{t.Group}/{t.Node}' differs from another by case only");
        var word = parts[2].ToLowerInvariant();
        Is($"{word}-topic", true, "");
        if (t.Kind != MessageKind.NDeath)
        {
            Is($"{word}-qos", o.Qos == 0, $"{parts[2]} of '{t.Node}' with QoS {o.Qos}");
            Is($"{word}-retain", !o.Retain, $"{parts[2]} of '{t.Node}' is retained");
        }
        var whole = PayloadDecoder.TryDecode(o.Bytes, out var payload, out var reason);
        if (t.Kind is MessageKind.NBirth or MessageKind.DBirth) Is($"{word}-payload", whole, $"{parts[2]} of '{t.Node}': {reason}");
        if (!whole)
        {
            if (reason!.Contains("property set", StringComparison.Ordinal)) Is("properties", false, reason);
            if (reason.Contains("data set", StringComparison.Ordinal) || reason.Contains("column", StringComparison.Ordinal)) Is("dataset", false, reason);
            return;
        }
        if (t.Kind != MessageKind.NDeath) Is($"{word}-timestamp", payload!.Timestamp is not null, $"{parts[2]} of '{t.Node}' has no timestamp");
        if (t.Kind is not (MessageKind.NDeath or MessageKind.NCommand or MessageKind.DCommand) && payload!.Timestamp is { } sent)
            Is("times-utc", Math.Abs((long)sent - o.At) <= 600_000 && payload.Metrics.All(m => m.Timestamp is not { } x || (long)x <= o.At + 600_000), $"{parts[2]} of '{t.Node}' was sent at {sent} and seen at {o.At}");
        var node = _nodes.TryGetValue((t.Group, t.Node), out var known) ? known : _nodes[(t.Group, t.Node)] = new();
        switch (t.Kind)
        {
            case MessageKind.NCommand or MessageKind.DCommand: Command(node, t, payload!, word); break;
            case MessageKind.NDeath: Death(o, node, t, payload!); break;
            default: FromNode(o, node, t, payload!, word); break;
        }
        foreach (var m in payload!.Metrics) Content(node, t, m);
    }

    private static bool IsId(string id) => id.Length > 0 && id.AsSpan().IndexOfAny("+#/") < 0 && !id.Contains('\uFFFD', StringComparison.Ordinal);
}
