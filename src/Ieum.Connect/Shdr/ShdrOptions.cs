using System.Collections.Frozen;
using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Shdr;

/// <summary>Options of one SHDR connection, from <see cref="ConnectionSettings.Options"/>. Endpoint: <c>host</c> or <c>host:port</c>, port 7878 by default.</summary>
internal sealed record ShdrOptions
{
    public const int DefaultPort = 7878;

    public required string Host { get; init; }
    public required int Port { get; init; }

    /// <summary><c>device</c>: takes only keys of this device (<c>DEVICE:key</c>) and keys without a device. Default: all, full name.</summary>
    public string? Device { get; init; }

    /// <summary><c>ping</c>: seconds between two PINGs, 0.5 to 3. Default 2, so that with two missed answers and the reconnect a cut is healed in less than 10 s.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>time</c>: <c>source</c> (default) or <c>receive</c> for adapters without a usable clock.</summary>
    public bool UseReceiveTime { get; init; }

    /// <summary><c>encoding</c>: <c>utf-8</c> (default), <c>cp949</c> or <c>shift_jis</c>, for controllers that write alarm texts in their own code page.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary><c>max-keys</c>: how many different keys are taken, 1 to 100,000. Default 5,000: a large machine has 500, garbage has no end.</summary>
    public int MaxKeys { get; init; } = 5_000;

    /// <summary><c>conditions</c>, <c>messages</c>, <c>timeseries</c>: comma-separated keys whose form cannot be seen from the line.</summary>
    public FrozenSet<string> Conditions { get; init; } = [];
    public FrozenSet<string> Messages { get; init; } = [];
    public FrozenSet<string> TimeSeries { get; init; } = [];

    /// <summary><c>role.KEY=ROLE</c> and <c>unit.KEY=CODE</c>.</summary>
    public IReadOnlyDictionary<string, SignalRole> Roles { get; init; } = FrozenDictionary<string, SignalRole>.Empty;
    public IReadOnlyDictionary<string, Unit> Units { get; init; } = FrozenDictionary<string, Unit>.Empty;

    /// <summary>Two missed answers.</summary>
    public TimeSpan SilenceLimit => Ping * 2;

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static ShdrOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        if (!TryEndpoint(settings.Endpoint, out var host, out var port))
            throw read.WrongEndpoint("host or host:port, for example 192.168.10.21:7878 or [fe80::1]:7878");
        var options = new ShdrOptions
        {
            Host = host,
            Port = port,
            Device = read.Text("device"),
            Ping = read.Seconds("ping", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(3)),
            UseReceiveTime = read.Text("time", "source") switch
            {
                "source" => false,
                "receive" => true,
                var other => throw read.Wrong("time", other, "source, receive"),
            },
            Encoding = read.Text("encoding", "utf-8").ToUpperInvariant() switch
            {
                "UTF-8" => null,
                "CP949" or "EUC-KR" => CodePagesEncodingProvider.Instance.GetEncoding(949),
                "SHIFT_JIS" or "CP932" => CodePagesEncodingProvider.Instance.GetEncoding(932),
                var other => throw read.Wrong("encoding", other, "utf-8, cp949, shift_jis"),
            },
            MaxKeys = read.Whole("max-keys", 5_000, 1, 100_000),
            Conditions = Keys(read, "conditions"),
            Messages = Keys(read, "messages"),
            TimeSeries = Keys(read, "timeseries"),
            Roles = read.Roles(),
            Units = read.Units(),
        };
        read.Finish();
        return options;
    }

    private static FrozenSet<string> Keys(OptionReader read, string option) =>
        (read.Text(option) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);

    private static bool TryEndpoint(string text, out string host, out int port)
    {
        (host, port) = ("", 0);
        if (text.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate($"shdr://{text.Trim()}", UriKind.Absolute, out var uri)) return false;
        if (uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.UserInfo.Length > 0) return false;
        (host, port) = (uri.IdnHost, uri.Port < 0 ? DefaultPort : uri.Port);
        return port > 0;
    }
}
