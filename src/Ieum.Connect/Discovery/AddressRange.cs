using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ieum.Connect;

/// <summary>Addresses a person wants to look at, as they write them.</summary>
/// <param name="Port">Set when the text named one: then only that port is tried.</param>
public sealed record AddressRange(IReadOnlyList<IPAddress> Addresses, int? Port)
{
    /// <summary>Most addresses of one scan: four networks of a workshop. A scan of more is a mistake, or meant for somebody else's network.</summary>
    public const int Most = 1024;

    public const string Form = "192.168.0.10, 192.168.0.10:4840, 192.168.0.10-60, 192.168.0.0/24, or the name of a host";

    /// <summary>Reads addresses, ranges and networks parted by commas or blanks; names are looked up.</summary>
    /// <exception cref="ConnectionSettingsException">Something cannot be read, a name is unknown, or it is too many.</exception>
    public static async Task<IReadOnlyList<AddressRange>> ReadAsync(string text, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<AddressRange>();
        foreach (var part in text.Split([',', ';', ' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            found.Add(TryRead(part) ?? await LookUpAsync(part, cancel).ConfigureAwait(false));
            if (found.Sum(f => f.Addresses.Count) > Most)
                throw new ConnectionSettingsException(ConnectRules.ScanTooWide, string.Create(CultureInfo.InvariantCulture, $"'{text}' means more than {Most} addresses; scan one network of the workshop at a time, for example 192.168.0.0/24."));
        }
        return found.Count > 0 ? found : throw Wrong(text);
    }

    private static AddressRange? TryRead(string part)
    {
        if (part.IndexOf('/', StringComparison.Ordinal) is var slash and > 0)
            return IPAddress.TryParse(part[..slash], out var net) && net.AddressFamily == AddressFamily.InterNetwork
                && int.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 8 and <= 32
                ? Network(net, bits) : throw Wrong(part);
        if (part.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 && IPAddress.TryParse(part[..dash], out var first) && first.AddressFamily == AddressFamily.InterNetwork)
            return byte.TryParse(part.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= first.GetAddressBytes()[3]
                ? new([.. Enumerable.Range(0, last - first.GetAddressBytes()[3] + 1).Select(i => Add(first, (uint)i))], null) : throw Wrong(part);
        if (IPEndPoint.TryParse(part, out var end) && (end.Port > 0 || IPAddress.TryParse(part, out _))) return new([end.Address], end.Port > 0 ? end.Port : null);
        return null;
    }

    private static AddressRange Network(IPAddress net, int bits)
    {
        var size = 1L << (32 - bits);
        if (size > Most) return new([.. Enumerable.Repeat(net, Most + 1)], null);   // refused by its number
        var start = Add(net, 0u - (uint)(Number(net) % size));
        // The first address names the network, the last is for everybody; neither is a machine.
        return size <= 2 ? new([.. Enumerable.Range(0, (int)size).Select(i => Add(start, (uint)i))], null)
            : new([.. Enumerable.Range(1, (int)size - 2).Select(i => Add(start, (uint)i))], null);
    }

    private static async Task<AddressRange> LookUpAsync(string part, CancellationToken cancel)
    {
        var (host, port) = (part, (int?)null);
        if (part.LastIndexOf(':') is var colon and > 0 && int.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var p) && p is > 0 and < 65_536) (host, port) = (part[..colon], p);
        if (Uri.CheckHostName(host) != UriHostNameType.Dns || host.All(c => char.IsAsciiDigit(c) || c == '.')) throw Wrong(part);
        try
        {
            var all = await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false);
            return new([all.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? all[0]], port);
        }
        catch (SocketException)
        {
            throw new ConnectionSettingsException(ConnectRules.EndpointWrong, $"Nobody knows a host '{host}'. Write its address instead; expected {Form}.");
        }
    }

    private static uint Number(IPAddress a)
    {
        var b = a.GetAddressBytes();
        return (uint)(b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]);
    }

    private static IPAddress Add(IPAddress a, uint more)
    {
        var n = Number(a) + more;
        return new([(byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n]);
    }

    private static ConnectionSettingsException Wrong(string part) => new(ConnectRules.EndpointWrong, $"'{part}' cannot be read as an address; expected {Form}.");
}
