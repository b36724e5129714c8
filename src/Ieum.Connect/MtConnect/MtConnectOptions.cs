using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Connect.MtConnect;

/// <summary>Options of one MTConnect connection, from <see cref="ConnectionSettings.Options"/>. Endpoint: <c>http://host:port[/path]</c> of the source.</summary>
internal sealed record MtConnectOptions
{
    public required Uri Root { get; init; }

    /// <summary><c>device</c>: name or uuid of the device. Needed only where one source serves several.</summary>
    public string? Device { get; init; }

    /// <summary><c>interval</c>: milliseconds between two parts of the stream, 0 to 10,000. Default 100: a value is on the page before the eye notices.</summary>
    public int IntervalMs { get; init; } = 100;

    /// <summary><c>heartbeat</c>: seconds after which an idle source must send an empty part, 0.5 to 3. Default 2, so that with two missed ones and the reconnect a cut is healed in less than 10 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>count</c>: most values in one part, 1 to 1,000,000. Default 10,000: about 2 MB.</summary>
    public int Count { get; init; } = 10_000;

    /// <summary><c>poll</c>: true asks again and again instead of streaming, for proxies that hold streams back. Default false.</summary>
    public bool Poll { get; init; }

    /// <summary><c>role.NAME=ROLE</c> and <c>unit.NAME=CODE</c>, by the name of the signal.</summary>
    public IReadOnlyDictionary<string, SignalRole> Roles { get; init; } = FrozenDictionary<string, SignalRole>.Empty;
    public IReadOnlyDictionary<string, Unit> Units { get; init; } = FrozenDictionary<string, Unit>.Empty;

    /// <summary>Two missed heartbeats and half a second for the way.</summary>
    public TimeSpan SilenceLimit => Heartbeat * 2 + TimeSpan.FromMilliseconds(500);

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static MtConnectOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var text = settings.Endpoint.Trim().TrimEnd('/') + "/";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https") || root.Host.Length == 0 || root.Query.Length > 0)
            throw read.WrongEndpoint("http://host:port, for example http://192.168.10.20:5000");
        var options = new MtConnectOptions
        {
            Root = root,
            Device = read.Text("device"),
            IntervalMs = read.Whole("interval", 100, 0, 10_000),
            Heartbeat = read.Seconds("heartbeat", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(3)),
            Count = read.Whole("count", 10_000, 1, 1_000_000),
            Poll = read.Flag("poll", false),
            Roles = read.Roles(),
            Units = read.Units(),
        };
        read.Finish();
        return options;
    }
}
