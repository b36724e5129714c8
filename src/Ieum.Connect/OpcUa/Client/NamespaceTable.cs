using System.Globalization;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>The namespaces of a server, index to URI, and the way from the indexes of an earlier start to those of now.</summary>
/// <remarks>Indexes may change whenever the server starts (Part 3, 8.2.2); URIs never do. A point written with <c>ns=2</c> means the URI that stood there when the connection first looked.</remarks>
internal sealed class NamespaceTable
{
    private string[] _first = [];
    private string[] _now = [];

    public IReadOnlyList<string> Uris => _now;

    /// <returns>False when an index that was known before means another URI now.</returns>
    public bool Load(string[] uris)
    {
        var isSame = true;
        for (var i = 1; i < Math.Min(_first.Length, uris.Length); i++) isSame &= i == 1 || _first[i] == uris[i];   // index 1 is the server itself
        _now = uris;
        if (_first.Length == 0) _first = uris;
        else if (uris.Length > _first.Length && isSame) _first = uris;
        return isSame;
    }

    /// <summary>Where the namespace that a person called <paramref name="index"/> stands now; null when the server has it no more.</summary>
    public ushort? Translate(ushort index)
    {
        if (index <= 1 || index >= _first.Length) return index;
        return IndexOf(_first[index]);
    }

    public ushort? IndexOf(string uri)
    {
        var at = Array.IndexOf(_now, uri);
        return at is >= 0 and <= ushort.MaxValue ? (ushort)at : null;
    }

    /// <summary>The node an address means in the present run of the server; null for paths and for namespaces the server does not have.</summary>
    public NodeId? NodeOf(NodeAddress address)
    {
        if (address.Kind == NodeAddressKind.Path || (address.Uri is { } uri ? IndexOf(uri) : Translate(address.Index)) is not { } index) return null;
        return address.Kind switch
        {
            NodeAddressKind.Numeric => new NodeId(index, uint.Parse(address.Identifier, CultureInfo.InvariantCulture)),
            NodeAddressKind.Text => new NodeId(index, address.Identifier),
            NodeAddressKind.Guid => new NodeId(index, Guid.Parse(address.Identifier)),
            _ => new NodeId(index, Convert.FromBase64String(address.Identifier)),
        };
    }

    /// <summary>How a person should write a node so that it means the same after every start of the server.</summary>
    public string Lasting(NodeId node) =>
        node.Namespace > 0 && UriOf(node.Namespace) is { } uri
            ? $"nsu={uri.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal)};{node.In(0)}" : node.ToString();

    public string? UriOf(ushort index) => index < _now.Length ? _now[index] : null;
}
