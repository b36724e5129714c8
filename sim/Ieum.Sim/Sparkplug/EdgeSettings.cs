using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Sim.Sparkplug;

/// <summary>Who an edge node is and where its broker stands.</summary>
/// <param name="PrimaryHost">Host application whose STATE the node obeys; null: it publishes at once.</param>
internal sealed record EdgeSettings(
    string Machine, string Host, int Port, string Group, string Node, string Device, string? PrimaryHost, string? User, string? Password)
{
    public string Topic(MessageKind kind) => SparkplugTopic.Of(kind, Group, Node,
        kind is MessageKind.NBirth or MessageKind.NDeath or MessageKind.NData or MessageKind.NCommand ? null : Device);

    /// <exception cref="InvalidDataException">The broker is not <c>host:port</c>, or an id holds a character topics reserve.</exception>
    public static EdgeSettings Of(string machine, string? broker, string group, string node, string device, string? primaryHost, string? user, string? password)
    {
        var colon = broker?.LastIndexOf(':') ?? -1;
        if (broker is null || colon < 1 || !int.TryParse(broker.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new InvalidDataException($"Machine '{machine}': 'broker' must be host:port, not '{broker}'.");
        foreach (var id in new[] { group, node, device })
            if (id.Length == 0 || id.AsSpan().IndexOfAny("+#/") >= 0)
                throw new InvalidDataException($"Machine '{machine}': Sparkplug id '{id}' must not be empty or hold '+', '#' or '/'.");
        return new(machine, broker[..colon], port, group, node, device, primaryHost, user, password);
    }
}
