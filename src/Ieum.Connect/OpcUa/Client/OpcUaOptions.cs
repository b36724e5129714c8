using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What the connection asks of the server's endpoints.</summary>
internal enum WantedSecurity { Best, None, Basic256Sha256, Aes128, Aes256, Basic128Rsa15, Basic256 }

internal enum WantedMode { Best, Sign, Encrypt }

/// <summary>Which time stands on a sample.</summary>
internal enum TimeChoice { Source, Server, Receive }

/// <summary>Options of one OPC UA connection. Endpoint: <c>opc.tcp://host:port/path</c>, port 4840 by default.</summary>
internal sealed record OpcUaOptions
{
    public const int DefaultPort = 4840;

    /// <summary>The address as the person wrote it; what is reached first.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary><c>security</c>: <c>best</c> (default: the strongest that the server offers), <c>none</c>, <c>basic256sha256</c>, <c>aes128</c>, <c>aes256</c>; with <c>legacy</c> also <c>basic128rsa15</c>, <c>basic256</c>.</summary>
    public WantedSecurity Security { get; init; }

    /// <summary><c>mode</c>: <c>best</c> (default: encrypt before sign), <c>sign</c>, <c>encrypt</c>.</summary>
    public WantedMode Mode { get; init; }

    /// <summary><c>legacy</c>: allows the broken policies Basic128Rsa15 and Basic256 for controllers that offer nothing else. Default false.</summary>
    public bool Legacy { get; init; }

    /// <summary><c>user</c> and <c>password</c>; without: anonymous.</summary>
    public string? User { get; init; }
    public string Password { get; init; } = "";

    /// <summary><c>user-certificate</c>: file with certificate and key (PFX or PEM) that proves who the user is, with <c>user-certificate-password</c>.</summary>
    public string? UserCertificate { get; init; }
    public string UserCertificatePassword { get; init; } = "";

    /// <summary><c>trust</c>: SHA-1 thumbprint of the one server certificate that is accepted, 40 hex digits. Default: the trust list of the node decides.</summary>
    public string? Trust { get; init; }

    /// <summary><c>publishing</c>: seconds between two deliveries of the server, 0.01 to 60. Default 0.5.</summary>
    public TimeSpan Publishing { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary><c>sampling</c>: seconds between two looks of the server at a point without its own period, 0 (as fast as it can) to 3600. Default: as <c>publishing</c>.</summary>
    public TimeSpan Sampling { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary><c>queue</c>: values the server keeps per point between two deliveries and during an interruption, 1 to 100,000. Default 100: 50 s of an interruption at the default sampling.</summary>
    public int Queue { get; init; } = 100;

    /// <summary><c>heartbeat</c>: a value that did not change is sent again after so many seconds, 1 to 86,400. Default 0: never.</summary>
    public TimeSpan Heartbeat { get; init; }

    /// <summary><c>history</c>: whether an interruption is filled from the history of the server where it keeps one. Default true.</summary>
    public bool History { get; init; } = true;

    /// <summary><c>time</c>: <c>source</c> (default), <c>server</c> for servers whose source times are useless, <c>receive</c> for servers without a usable clock.</summary>
    public TimeChoice Time { get; init; }

    /// <summary><c>keep-alive</c>: seconds between two signs of life when nothing else is asked, 0.5 to 60. Default 2, so that with two missed answers and the reconnect a cut is healed in less than 10 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>session-timeout</c>: seconds the server shall keep session and subscriptions during an interruption, 10 to 3600. Default 120.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary><c>max-points</c>: variables taken when the connection lists no points, 1 to 20,000. Default 500.</summary>
    public int MaxPoints { get; init; } = 500;

    /// <summary><c>percent.NAME=P</c>: deadband of a point in percent of its range (EURange), above 0 to 100.</summary>
    public IReadOnlyDictionary<string, double> Percents { get; init; } = FrozenDictionary<string, double>.Empty;

    /// <summary><c>role.NAME=ROLE</c> and <c>unit.NAME=CODE</c>, for variables that were found by browsing.</summary>
    public IReadOnlyDictionary<string, SignalRole> Roles { get; init; } = FrozenDictionary<string, SignalRole>.Empty;
    public IReadOnlyDictionary<string, Unit> Units { get; init; } = FrozenDictionary<string, Unit>.Empty;

    /// <summary>
    /// A value may have been stamped so long before a message and still not be in it: it waited for the server's next look
    /// and its next delivery. A server that is asked for its fastest looks every tenth of a second.
    /// </summary>
    public TimeSpan Lag => Publishing + (Sampling > TimeSpan.FromSeconds(0.1) ? Sampling : TimeSpan.FromSeconds(0.1));

    /// <summary>How long one answer may take: two signs of life.</summary>
    public TimeSpan AnswerLimit => KeepAlive * 2;

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static OpcUaOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        if (!TryEndpoint(settings.Endpoint, out var endpoint))
            throw read.WrongEndpoint("opc.tcp://host:port/path, for example opc.tcp://192.168.10.21:4840");
        var legacy = read.Flag("legacy", false);
        var publishing = read.Seconds("publishing", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(60));
        var options = new OpcUaOptions
        {
            Endpoint = endpoint,
            Legacy = legacy,
            Security = SecurityOf(read, legacy),
            Mode = read.Choice("mode", WantedMode.Best),
            User = read.Text("user"),
            Password = read.Text("password", ""),
            UserCertificate = read.Text("user-certificate"),
            UserCertificatePassword = read.Text("user-certificate-password", ""),
            Trust = ThumbprintOf(read),
            Publishing = publishing,
            Sampling = read.Seconds("sampling", publishing, TimeSpan.Zero, TimeSpan.FromSeconds(3600)),
            Queue = read.Whole("queue", 100, 1, 100_000),
            Heartbeat = read.Seconds("heartbeat", TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(86_400)),
            History = read.Flag("history", true),
            Time = read.Choice("time", TimeChoice.Source),
            KeepAlive = read.Seconds("keep-alive", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60)),
            SessionTimeout = read.Seconds("session-timeout", TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3600)),
            MaxPoints = read.Whole("max-points", 500, 1, 20_000),
            Percents = read.Prefixed("percent.").ToDictionary(p => p.Key, p => WireNumber.TryParse(System.Text.Encoding.UTF8.GetBytes(p.Value), out var n) && n is > 0 and <= 100
                ? n : throw read.Wrong("percent." + p.Key, p.Value, "a number above 0 and up to 100"), StringComparer.Ordinal),
            Roles = read.Roles(),
            Units = read.Units(),
        };
        if (options.User is not null && options.UserCertificate is not null)
            throw read.Wrong("user-certificate", options.UserCertificate, "nothing when 'user' is set: one of both says who the user is");
        read.Finish();
        return options;
    }

    private static WantedSecurity SecurityOf(OptionReader read, bool legacy)
    {
        var wanted = read.Choice("security", WantedSecurity.Best);
        return wanted is WantedSecurity.Basic128Rsa15 or WantedSecurity.Basic256 && !legacy
            ? throw read.Wrong("security", wanted.ToString(), "this policy only with legacy=true: it is broken and protects little")
            : wanted;
    }

    private static string? ThumbprintOf(OptionReader read)
    {
        if (read.Text("trust") is not { } text) return null;
        var bare = text.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return bare.Length == 40 && bare.All(char.IsAsciiHexDigit) ? bare : throw read.Wrong("trust", text, "the SHA-1 thumbprint of the server certificate, 40 hex digits");
    }

    public static bool TryEndpoint(string text, out Uri endpoint)
    {
        endpoint = null!;
        text = text.Trim();
        if (!text.Contains("://", StringComparison.Ordinal)) text = "opc.tcp://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != "opc.tcp" || uri.Host.Length == 0 || uri.UserInfo.Length > 0) return false;
        endpoint = uri.Port > 0 ? uri : new UriBuilder(uri) { Port = DefaultPort }.Uri;
        return endpoint.Port > 0;
    }
}
