using System.Globalization;

namespace Ieum.Connect.OpcUa;

internal enum NodeIdKind : byte { Numeric = 0, Text = 1, Guid = 2, Opaque = 3 }

/// <summary>The identity of a node within one server (OPC 10000-3, 8.2). The default value is the null id.</summary>
internal readonly struct NodeId : IEquatable<NodeId>
{
    private readonly object? _other;   // string, boxed Guid or byte[]

    public NodeId(uint number) : this(0, number) { }
    public NodeId(ushort index, uint number) => (Namespace, Number) = (index, number);
    public NodeId(ushort index, string text) => (Namespace, _other) = (index, text);
    public NodeId(ushort index, Guid guid) => (Namespace, _other) = (index, guid);
    public NodeId(ushort index, byte[] opaque) => (Namespace, _other) = (index, opaque);

    public ushort Namespace { get; }

    /// <summary>The identifier of a numeric id, else 0.</summary>
    public uint Number { get; }

    public NodeIdKind Kind => _other switch { null => NodeIdKind.Numeric, string => NodeIdKind.Text, System.Guid => NodeIdKind.Guid, _ => NodeIdKind.Opaque };
    public string? Text => _other as string;
    public Guid? Guid => _other as Guid?;
    public byte[]? Opaque => _other as byte[];

    public bool IsNull => _other switch
    {
        null => Number == 0 && Namespace == 0,
        string s => s.Length == 0 && Namespace == 0,
        System.Guid g => g == System.Guid.Empty && Namespace == 0,
        byte[] b => b.Length == 0 && Namespace == 0,
        _ => false,
    };

    /// <summary>The same identifier in another namespace.</summary>
    public NodeId In(ushort index) => _other switch
    {
        null => new(index, Number),
        string s => new(index, s),
        System.Guid g => new(index, g),
        var b => new(index, (byte[])b),
    };

    public bool Equals(NodeId other) => Namespace == other.Namespace && Number == other.Number && (_other, other._other) switch
    {
        (null, null) => true,
        (string a, string b) => a == b,
        (System.Guid a, System.Guid b) => a == b,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => false,
    };

    public override bool Equals(object? obj) => obj is NodeId n && Equals(n);

    public override int GetHashCode()
    {
        if (_other is not byte[] b) return HashCode.Combine(Namespace, Number, _other);
        var hash = new HashCode();
        hash.Add(Namespace);
        hash.AddBytes(b);
        return hash.ToHashCode();
    }

    public static bool operator ==(NodeId a, NodeId b) => a.Equals(b);
    public static bool operator !=(NodeId a, NodeId b) => !a.Equals(b);

    /// <summary>The text form of OPC 10000-6, 5.3.1.10: <c>i=85</c>, <c>ns=2;s=Demo</c>.</summary>
    public override string ToString()
    {
        var identifier = _other switch
        {
            null => string.Create(CultureInfo.InvariantCulture, $"i={Number}"),
            string s => "s=" + s,
            System.Guid g => "g=" + g.ToString("D", CultureInfo.InvariantCulture),
            var b => "b=" + Convert.ToBase64String((byte[])b),
        };
        return Namespace == 0 ? identifier : string.Create(CultureInfo.InvariantCulture, $"ns={Namespace};{identifier}");
    }

    public static bool TryParse(string text, out NodeId id)
    {
        id = default;
        ushort index = 0;
        if (text.StartsWith("ns=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(';', StringComparison.Ordinal);
            if (end < 0 || !ushort.TryParse(text.AsSpan(3, end - 3), NumberStyles.None, CultureInfo.InvariantCulture, out index)) return false;
            text = text[(end + 1)..];
        }
        if (text.Length < 2 || text[1] != '=') return false;
        var rest = text[2..];
        switch (text[0])
        {
            case 'i' when uint.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var number): id = new(index, number); return true;
            case 's': id = new(index, rest); return true;
            case 'g' when System.Guid.TryParse(rest, out var guid): id = new(index, guid); return true;
            case 'b':
                var bytes = new byte[rest.Length];
                if (!Convert.TryFromBase64String(rest, bytes, out var count)) return false;
                id = new(index, bytes[..count]);
                return true;
            default: return false;
        }
    }
}

/// <summary>A node that may stand in another server or be named by the URI of its namespace (OPC 10000-4, 7.16).</summary>
internal readonly record struct ExpandedNodeId(NodeId Node, string? NamespaceUri = null, uint ServerIndex = 0)
{
    /// <summary>Whether it can be used in this server as it stands.</summary>
    public bool IsLocal => NamespaceUri is null && ServerIndex == 0;

    public static implicit operator ExpandedNodeId(NodeId node) => new(node);

    public override string ToString() => NamespaceUri is null ? Node.ToString() : $"nsu={NamespaceUri};{Node.In(0)}";
}
