using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ieum.Connect.OpcUa.Client;

internal enum NodeAddressKind { Numeric, Text, Guid, Opaque, Path }

/// <summary>One step of a browse path: namespace index and name.</summary>
internal readonly record struct PathStep(ushort Namespace, string Name);

/// <summary>
/// Where a point stands in the server, as a person writes it: a NodeId (<c>i=2258</c>, <c>ns=2;s=Demo.Load</c>,
/// <c>nsu=http://example.org/;i=7</c>, Part 6, 5.3.1.10) or a browse path (<c>/Objects/2:Machine/3:Speed</c>).
/// </summary>
/// <param name="Uri">Namespace by name; null: by <paramref name="Index"/>.</param>
/// <param name="Identifier">The text after the '='; empty for paths.</param>
/// <param name="Path">The steps below Root; empty for NodeIds.</param>
internal sealed record NodeAddress(NodeAddressKind Kind, string? Uri, ushort Index, string Identifier, ImmutableArray<PathStep> Path)
{
    public const string Allowed = "a NodeId such as ns=2;s=Demo.Load or nsu=http://example.org/;i=7, or a path such as /Objects/2:Machine/2:Speed";

    public static bool TryParse(string text, out NodeAddress address)
    {
        address = null!;
        text = text.Trim();
        if (text.Length is 0 or > 8192) return false;
        return text[0] == '/' ? TryPath(text, out address) : TryNodeId(text, out address);
    }

    private static bool TryNodeId(string text, out NodeAddress address)
    {
        address = null!;
        string? uri = null;
        ushort index = 0;
        if (text.StartsWith("ns=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(';', StringComparison.Ordinal);
            if (end < 0 || !ushort.TryParse(text.AsSpan(3, end - 3), NumberStyles.None, CultureInfo.InvariantCulture, out index)) return false;
            text = text[(end + 1)..];
        }
        else if (text.StartsWith("nsu=", StringComparison.Ordinal))
        {
            // A URI may hold ';' only as %3B (Part 6, 5.3.1.11), so the first one ends it.
            var end = text.IndexOf(';', StringComparison.Ordinal);
            if (end <= 4) return false;
            uri = text[4..end].Replace("%3B", ";", StringComparison.OrdinalIgnoreCase).Replace("%25", "%", StringComparison.Ordinal);
            text = text[(end + 1)..];
        }
        if (text.Length < 3 || text[1] != '=') return false;
        var identifier = text[2..];
        NodeAddressKind kind;
        switch (text[0])
        {
            case 'i' when uint.TryParse(identifier, NumberStyles.None, CultureInfo.InvariantCulture, out _): kind = NodeAddressKind.Numeric; break;
            case 's' when identifier.Length <= 4096: kind = NodeAddressKind.Text; break;
            case 'g' when System.Guid.TryParse(identifier, out _): kind = NodeAddressKind.Guid; break;
            case 'b' when Convert.TryFromBase64String(identifier, new byte[identifier.Length], out _): kind = NodeAddressKind.Opaque; break;
            default: return false;
        }
        address = new(kind, uri, index, identifier, []);
        return true;
    }

    /// <summary>Steps parted by '/'; '&amp;' takes the special meaning from the next character (Part 4, A.2). "Objects" alone means namespace 0.</summary>
    private static bool TryPath(string text, out NodeAddress address)
    {
        address = null!;
        var steps = ImmutableArray.CreateBuilder<PathStep>();
        var step = new StringBuilder();
        ushort index = 0;
        var hasIndex = false;
        for (var i = 1; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '/';
            if (c == '&' && i + 1 < text.Length) step.Append(text[++i]);
            else if (c == ':' && !hasIndex && ushort.TryParse(step.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out index))
            {
                hasIndex = true;
                step.Clear();
            }
            else if (c == '/')
            {
                if (step.Length == 0 || steps.Count >= 64) return false;
                steps.Add(new(hasIndex ? index : (ushort)0, step.ToString()));
                step.Clear();
                (index, hasIndex) = (0, false);
            }
            else step.Append(c);
        }
        address = new(NodeAddressKind.Path, null, 0, "", steps.ToImmutable());
        return true;
    }
}
