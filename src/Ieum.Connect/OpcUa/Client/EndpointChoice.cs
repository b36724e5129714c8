namespace Ieum.Connect.OpcUa.Client;

/// <summary>Picks the endpoint of a server that fits the settings. Pure.</summary>
internal static class EndpointChoice
{
    /// <summary>Endpoints that fit, best first: stronger policy, then encryption before signature, then the server's own ranking.</summary>
    public static IReadOnlyList<EndpointDescription> Fitting(IEnumerable<EndpointDescription> offered, OpcUaOptions options) =>
    [
        .. offered.Where(e => IsBinary(e) && Fits(e, options))
            .OrderByDescending(e => Strength(e.SecurityPolicyUri)).ThenByDescending(e => e.SecurityMode).ThenByDescending(e => e.SecurityLevel),
    ];

    /// <summary>The policy for the user's log-in at an endpoint; null when it takes no log-in of that kind.</summary>
    /// <param name="policyUri">The policy that protects the secret: the token policy's own, else that of the endpoint (Part 4, 7.42).</param>
    public static UserTokenPolicy? TokenFor(EndpointDescription endpoint, OpcUaOptions options, out string policyUri)
    {
        var kind = options.User is not null ? UserTokenType.UserName : options.UserCertificate is not null ? UserTokenType.Certificate : UserTokenType.Anonymous;
        UserTokenPolicy? best = null;
        policyUri = endpoint.SecurityPolicyUri ?? "";
        foreach (var policy in endpoint.UserIdentityTokens)
        {
            if (policy.TokenType != kind) continue;
            var uri = policy.SecurityPolicyUri is { Length: > 0 } own ? own : endpoint.SecurityPolicyUri ?? "";
            if (kind != UserTokenType.Anonymous && !IsAllowed(uri, options, isSecret: kind == UserTokenType.UserName && endpoint.SecurityMode != MessageSecurityMode.SignAndEncrypt)) continue;
            if (best is not null && Strength(uri) <= Strength(policyUri)) continue;
            (best, policyUri) = (policy, uri);
        }
        return best;
    }

    /// <summary>
    /// The URL under which an endpoint can be reached from here: servers often tell a host name that only they know, or
    /// 0.0.0.0. The host and port that answered are used instead; the path stays.
    /// </summary>
    public static Uri Reachable(string? told, Uri reached)
    {
        if (!OpcUaOptions.TryEndpoint(told ?? "", out var url)) return reached;
        return new UriBuilder(url) { Host = reached.Host, Port = reached.Port }.Uri;
    }

    /// <summary>One line for a person: what the server offers.</summary>
    public static string Words(EndpointDescription e) => e.SecurityMode == MessageSecurityMode.None
        ? "None" : $"{NameOf(e.SecurityPolicyUri)}/{(e.SecurityMode == MessageSecurityMode.Sign ? "Sign" : "SignAndEncrypt")}";

    public static string NameOf(string? policyUri) => policyUri is null ? "" : policyUri[(policyUri.LastIndexOf('#') + 1)..];

    private static bool Fits(EndpointDescription e, OpcUaOptions options)
    {
        var name = NameOf(e.SecurityPolicyUri);
        var isNone = e.SecurityMode == MessageSecurityMode.None;
        if (Strength(e.SecurityPolicyUri) < 0 || (IsBroken(name) && !options.Legacy)) return false;
        if (isNone != (name == "None")) return false;
        if (options.Security == WantedSecurity.None) return isNone;
        if (options.Security != WantedSecurity.Best && name != options.Security switch
        {
            WantedSecurity.Aes128 => "Aes128_Sha256_RsaOaep",
            WantedSecurity.Aes256 => "Aes256_Sha256_RsaPss",
            var other => other.ToString(),
        }) return false;
        return options.Mode switch
        {
            WantedMode.Sign => e.SecurityMode == MessageSecurityMode.Sign,
            WantedMode.Encrypt => e.SecurityMode == MessageSecurityMode.SignAndEncrypt,
            _ => true,
        };
    }

    /// <summary>A password goes over an unencrypted channel only encrypted by itself, unless a person chose security=none knowingly.</summary>
    private static bool IsAllowed(string policyUri, OpcUaOptions options, bool isSecret)
    {
        var name = NameOf(policyUri);
        if (Strength(policyUri) < 0 || (IsBroken(name) && !options.Legacy)) return false;
        return name != "None" || !isSecret || options.Security == WantedSecurity.None;
    }

    private static bool IsBroken(string name) => name is "Basic128Rsa15" or "Basic256";

    private static bool IsBinary(EndpointDescription e) =>
        e.TransportProfileUri is not { Length: > 0 } profile || profile.EndsWith("uatcp-uasc-uabinary", StringComparison.Ordinal);

    private static int Strength(string? policyUri) => NameOf(policyUri) switch
    {
        "Aes256_Sha256_RsaPss" => 5,
        "Basic256Sha256" => 4,
        "Aes128_Sha256_RsaOaep" => 3,
        "Basic256" => 2,
        "Basic128Rsa15" => 1,
        "None" => 0,
        _ => -1,
    };
}
