namespace Ieum.Connect.OpcUa.Server;

/// <summary>The endpoints a server tells about (OPC 10000-4, 5.5).</summary>
internal sealed class EndpointTable(ServerSettings settings, Func<byte[]> certificate)
{
    private const string Transport = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary";
    private const string NoSecurity = "http://opcfoundation.org/UA/SecurityPolicy#None";
    /// <summary>Policy for passwords over a channel without security, so that they never are sent in the clear.</summary>
    private const string PasswordPolicy = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";

    /// <param name="askedUrl">How the client reached us; told back, because our own name may not resolve where it stands.</param>
    public EndpointDescription[] All(string? askedUrl)
    {
        var url = Uri.TryCreate(askedUrl, UriKind.Absolute, out var asked) && asked.Scheme == "opc.tcp" && asked.Host.Length > 0 ? askedUrl! : settings.EndpointUrl();
        return [.. settings.Securities.Select(s => new EndpointDescription
        {
            EndpointUrl = url,
            Server = Application(url),
            ServerCertificate = certificate(),
            SecurityMode = s.Mode,
            SecurityPolicyUri = s.PolicyUri,
            UserIdentityTokens = Tokens(s),
            TransportProfileUri = Transport,
            SecurityLevel = (byte)(s.Mode == MessageSecurityMode.None ? 0 : (s.Mode == MessageSecurityMode.SignAndEncrypt ? 100 : 50) + Rank(s.PolicyUri)),
        })];
    }

    public ApplicationDescription Application(string? url) => new()
    {
        ApplicationUri = settings.ApplicationUri,
        ProductUri = settings.ProductUri,
        ApplicationName = new("en", settings.Name),
        ApplicationType = ApplicationType.Server,
        DiscoveryUrls = [url ?? settings.EndpointUrl()],
    };

    /// <summary>Security policy that the secret or signature of a user token is made with.</summary>
    /// <returns>Null when there is no such token policy.</returns>
    public string? TokenPolicy(ChannelFacts channel, string? policyId)
    {
        var own = Tokens(new(channel.PolicyUri, channel.Mode)).FirstOrDefault(t => t.PolicyId == policyId);
        return own is null ? null : string.IsNullOrEmpty(own.SecurityPolicyUri) ? channel.PolicyUri : own.SecurityPolicyUri;
    }

    private UserTokenPolicy[] Tokens(ServerSecurity s)
    {
        // Without a certificate of our own nothing can be encrypted for us; then the password is only as safe as the wire.
        var policy = s.PolicyUri != NoSecurity ? s.PolicyUri : certificate().Length > 0 ? PasswordPolicy : NoSecurity;
        var tokens = new List<UserTokenPolicy>(3);
        if (settings.Anonymous) tokens.Add(new() { PolicyId = "anonymous", TokenType = UserTokenType.Anonymous });
        if (settings.UserNames) tokens.Add(new() { PolicyId = "username", TokenType = UserTokenType.UserName, SecurityPolicyUri = policy });
        if (settings.UserCertificates && certificate().Length > 0) tokens.Add(new() { PolicyId = "certificate", TokenType = UserTokenType.Certificate, SecurityPolicyUri = policy });
        return [.. tokens];
    }

    private static int Rank(string policy) => policy[(policy.IndexOf('#', StringComparison.Ordinal) + 1)..] switch
    {
        "Aes256_Sha256_RsaPss" => 30,
        "Basic256Sha256" => 20,
        "Aes128_Sha256_RsaOaep" => 15,
        _ => 1,
    };
}
