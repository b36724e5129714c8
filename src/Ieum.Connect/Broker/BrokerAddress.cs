using System.Security.Cryptography.X509Certificates;
using MQTTnet;

namespace Ieum.Connect.Broker;

/// <summary>How to reach a broker that is not ours.</summary>
/// <param name="Ca">PEM file, or PEM text, with the authority that signed the broker's certificate; null for the computer's own list.</param>
internal sealed record BrokerAddress(string Host, int Port, bool Tls, string? User, string? Password, string? Ca)
{
    public const string Form = "mqtt://host:port or mqtts://host:port; user and password are options of their own";

    public override string ToString() => $"{(Tls ? "mqtts" : "mqtt")}://{Host}:{Port}";

    /// <summary>The options <c>broker</c>, <c>user</c>, <c>password</c> and <c>ca</c>; null without a broker.</summary>
    /// <exception cref="ConnectionSettingsException">The broker or the file cannot be used.</exception>
    public static BrokerAddress? Read(OptionReader options)
    {
        var (user, password, ca) = (options.Text("user"), options.Text("password"), options.Text("ca"));
        if (options.Text("broker") is not { } text) return null;
        return TryParse(text, user, password, CaOf(options, ca), out var address) ? address : throw options.Wrong("broker", text, Form);
    }

    /// <summary>A broker that is named by the endpoint itself, with the options <c>user</c>, <c>password</c> and <c>ca</c>.</summary>
    /// <exception cref="ConnectionSettingsException">The endpoint or the file cannot be used.</exception>
    public static BrokerAddress Read(OptionReader options, string endpoint)
    {
        var (user, password, ca) = (options.Text("user"), options.Text("password"), options.Text("ca"));
        return TryParse(endpoint, user, password, CaOf(options, ca), out var address) ? address!
            : throw options.WrongEndpoint("node (the broker inside this node), mqtt://host:port or mqtts://host:port");
    }

    public void Apply(MqttClientOptionsBuilder builder)
    {
        builder.WithTcpServer(Host, Port);
        if (User is { } user) builder.WithCredentials(user, Password ?? "");
        if (!Tls) return;
        builder.WithTlsOptions(tls =>
        {
            tls.UseTls().WithTargetHost(Host);
            if (Ca is not { } ca) return;
            var authorities = new X509Certificate2Collection();
            if (IsPem(ca)) authorities.ImportFromPem(ca);
            else authorities.ImportFromPemFile(ca);
            tls.WithTrustChain(authorities);
        });
    }

    private static string? CaOf(OptionReader options, string? file) =>
        file is null || File.Exists(file) ? file : throw options.Wrong("ca", file, "the path of a PEM file with the broker's certificate authority");

    /// <summary>Whether certificates can be read from a file of that name, or from the text itself; nothing at all is right too.</summary>
    public static bool IsAuthority(string text)
    {
        if (text.Length == 0) return true;
        try
        {
            var found = new X509Certificate2Collection();
            if (IsPem(text)) found.ImportFromPem(text);
            else found.ImportFromPemFile(text);
            return found.Count > 0;
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static bool IsPem(string text) => text.Contains("-----BEGIN", StringComparison.Ordinal);

    internal static bool TryParse(string text, string? user, string? password, string? ca, out BrokerAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("mqtt" or "mqtts") || uri.Host.Length == 0 || uri.UserInfo.Length > 0) return false;
        var tls = uri.Scheme == "mqtts";
        address = new(uri.Host, uri.Port > 0 ? uri.Port : tls ? 8883 : 1883, tls, user, password, ca);
        return true;
    }
}
