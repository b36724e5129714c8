using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ieum.Connect.OpcUa.Secure;
using Ieum.Connect.OpcUa.Security;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Opens secure channels: judges the server's certificate by the pinned thumbprint or the trust list before anything is sent to it.</summary>
/// <param name="folder">The folder of <see cref="ConnectOptions"/>; certificates stand in its <c>pki</c>.</param>
internal sealed class ChannelDialer(string folder, Clocks clocks) : IDialer, IDisposable
{
    private readonly Lazy<ApplicationCertificate> _own = new(() => ApplicationCertificate.LoadOrCreate(Path.Combine(folder, "pki"), "ieum", clocks.Factory.GetUtcNow()));
    private readonly Lazy<TrustList> _trust = new(() => new(Path.Combine(folder, "pki"), clocks.Factory));

    public TrustList Trust => _trust.Value;

    public async Task<EndpointDescription[]> EndpointsAsync(Uri server, CancellationToken cancel) =>
        (await AskAsync<GetEndpointsResponse>(server, new GetEndpointsRequest { RequestHeader = Header(), EndpointUrl = server.OriginalString }, cancel).ConfigureAwait(false)).Endpoints;

    public async Task<ApplicationDescription[]> ServersAsync(Uri server, CancellationToken cancel) =>
        (await AskAsync<FindServersResponse>(server, new FindServersRequest { RequestHeader = Header(), EndpointUrl = server.OriginalString }, cancel).ConfigureAwait(false)).Servers;

    public async Task<ILine> OpenAsync(Uri server, EndpointDescription endpoint, OpcUaOptions options, CancellationToken cancel)
    {
        var policy = SecurityPolicy.Find(endpoint.SecurityPolicyUri, options.Legacy)
            ?? throw new OpcUaException(StatusCodes.BadSecurityPolicyRejected, $"The security policy '{endpoint.SecurityPolicyUri}' is not spoken{(options.Legacy ? "" : " without legacy=true")}.");
        var certificate = SecurityPolicy.FirstOf(endpoint.ServerCertificate ?? []);
        // A password is encrypted for the certificate even where the channel itself is open, so it must be the right one there too.
        var isSecret = options.User is not null && options.Security != WantedSecurity.None;
        if (!policy.IsNone || (isSecret && certificate.Length > 0)) Judge(certificate, endpoint, options, policy);
        try
        {
            var channel = await ClientChannel.OpenAsync(new(server, endpoint.EndpointUrl ?? server.OriginalString, policy, endpoint.SecurityMode, policy.IsNone ? null : _own.Value,
                policy.IsNone ? [] : certificate), clocks, cancel).ConfigureAwait(false);
            return new ChannelLine(channel, endpoint, policy, certificate, _own.Value);
        }
        catch (OpcUaException fault) when (!policy.IsNone && fault.Rule is null && fault.Status == StatusCodes.BadConnectionClosed)
        {
            // Many servers hang up without a word when they do not trust the client.
            throw new OpcUaException(fault.Status, $"The server answers, but hung up while the secure channel was opened; most likely it does not trust the certificate of this node (thumbprint {Convert.ToHexString(_own.Value.Thumbprint)}).", fault)
            { Rule = OpcUaRules.ClientRefused };
        }
    }

    public void Dispose()
    {
        if (_own.IsValueCreated) _own.Value.Dispose();
    }

    /// <summary>Judges a certificate without dialling, for pages and tests of a connection.</summary>
    /// <exception cref="OpcUaException">It is not trusted; the rule says why.</exception>
    private void Judge(byte[] certificate, EndpointDescription endpoint, OpcUaOptions options, SecurityPolicy policy)
    {
        if (options.Trust is { } pinned)
        {
            var shown = certificate.Length > 0 ? CertificateFacts.ThumbprintOf(certificate) : "none";
            if (shown != pinned)
                throw new OpcUaException(StatusCodes.BadCertificateUntrusted, $"The server shows the certificate {shown}; the option 'trust' names {pinned}.") { Rule = OpcUaRules.CertificateChanged };
            return;
        }
        var judgement = Trust.Judge(certificate, endpoint.Server.ApplicationUri, options.Endpoint.Host, policy, options.Endpoint.Authority);
        if (judgement.IsTrusted) return;
        throw new OpcUaException(StatusCodes.BadCertificateUntrusted, judgement.Message)
        {
            Rule = judgement.Verdict switch
            {
                CertificateVerdict.Untrusted => OpcUaRules.CertificateUntrusted,
                CertificateVerdict.Changed => OpcUaRules.CertificateChanged,
                _ => OpcUaRules.CertificateInvalid,
            },
        };
    }

    /// <summary>Discovery needs no security and no session (Part 4, 5.4).</summary>
    private async Task<TResponse> AskAsync<TResponse>(Uri server, IServiceRequest request, CancellationToken cancel) where TResponse : class, IServiceResponse
    {
        await using var channel = await ClientChannel.OpenAsync(new(server, server.OriginalString, SecurityPolicy.None, MessageSecurityMode.None, null, []), clocks, cancel).ConfigureAwait(false);
        return await channel.CallAsync<TResponse>(request, ReconnectPolicy.ConnectLimit, cancel).ConfigureAwait(false);
    }

    private RequestHeader Header() => new() { Timestamp = OpcTime.Of(clocks.Factory.GetUtcNow()), TimeoutHint = (uint)ReconnectPolicy.ConnectLimit.TotalMilliseconds };

    private sealed class ChannelLine(ClientChannel channel, EndpointDescription endpoint, SecurityPolicy policy, byte[] server, ApplicationCertificate own) : ILine
    {
        private int _closed;

        public EndpointDescription Endpoint => endpoint;
        public byte[] ClientCertificate => policy.IsNone ? [] : own.Der;
        public int MostAnswer => channel.MostMessageOfPeer;

        public ApplicationDescription Client { get; } = new()
        {
            ApplicationUri = own.ApplicationUri,
            ProductUri = "urn:ieum:node",
            ApplicationName = new("en", "Ieum"),
            ApplicationType = ApplicationType.Client,
        };

        public Task<TResponse> CallAsync<TResponse>(IServiceRequest request, TimeSpan limit, CancellationToken cancel) where TResponse : class, IServiceResponse =>
            channel.CallAsync<TResponse>(request, limit, cancel);

        public SignatureData Sign(byte[] serverCertificate, byte[] serverNonce) => SessionProofs.Sign(policy, own.Key, SecurityPolicy.FirstOf(serverCertificate), serverNonce);

        public bool IsSignedByServer(SignatureData signature, byte[] clientNonce) => SessionProofs.Verify(policy, server, signature, own.Der, clientNonce);

        public (ExtensionObject Token, SignatureData Signature) Identify(OpcUaOptions options, UserTokenPolicy token, string policyUri, byte[] serverNonce)
        {
            if (token.TokenType == UserTokenType.Anonymous) return (ExtensionObject.Of(new AnonymousIdentityToken { PolicyId = token.PolicyId }), new());
            var secrets = SecurityPolicy.Find(policyUri, options.Legacy)
                ?? throw new OpcUaException(StatusCodes.BadIdentityTokenInvalid, $"The log-in asks for the security policy '{policyUri}', which is not spoken.") { Rule = OpcUaRules.NoEndpoint };
            if (token.TokenType == UserTokenType.UserName)
            {
                var (secret, algorithm) = SessionProofs.Protect(secrets, options.Password, server, serverNonce);
                return (ExtensionObject.Of(new UserNameIdentityToken { PolicyId = token.PolicyId, UserName = options.User, Password = secret, EncryptionAlgorithm = algorithm }), new());
            }
            try
            {
                using var user = LoadUser(options);
                using var key = user.GetRSAPrivateKey() ?? throw new CryptographicException("it has no RSA key");
                return (ExtensionObject.Of(new X509IdentityToken { PolicyId = token.PolicyId, CertificateData = user.RawData }), SessionProofs.Sign(secrets, key, server, serverNonce));
            }
            catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new OpcUaException(StatusCodes.BadIdentityTokenInvalid, $"The user certificate '{options.UserCertificate}' cannot be used: {fault.Message}", fault) { Rule = OpcUaRules.UserRefused };
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0) await channel.DisposeAsync().ConfigureAwait(false);
        }

        private static X509Certificate2 LoadUser(OpcUaOptions options)
        {
            var file = options.UserCertificate!;
            var word = options.UserCertificatePassword;
            if (Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12") return X509CertificateLoader.LoadPkcs12FromFile(file, word);
            return word.Length > 0 ? X509Certificate2.CreateFromEncryptedPemFile(file, word) : X509Certificate2.CreateFromPemFile(file);
        }
    }
}
