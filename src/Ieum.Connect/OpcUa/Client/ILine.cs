namespace Ieum.Connect.OpcUa.Client;

/// <summary>A secure channel as the session sees it.</summary>
internal interface ILine : IAsyncDisposable
{
    EndpointDescription Endpoint { get; }

    /// <summary>This node's application, as told to servers.</summary>
    ApplicationDescription Client { get; }

    /// <summary>This node's certificate, DER; empty without security.</summary>
    byte[] ClientCertificate { get; }

    /// <summary>Bytes of the longest message that the server was heard to take, and so most likely to make; 0: no limit.</summary>
    int MostAnswer => 0;

    /// <exception cref="OpcUaException">The server answered with a fault, the line broke, or the time was up.</exception>
    Task<TResponse> CallAsync<TResponse>(IServiceRequest request, TimeSpan limit, CancellationToken cancel) where TResponse : class, IServiceResponse;

    /// <summary>This node's proof that it holds its key, over what the server sent (Part 4, 7.37); empty without security.</summary>
    SignatureData Sign(byte[] serverCertificate, byte[] serverNonce);

    /// <summary>Whether the server proved that it holds its key. True without security.</summary>
    bool IsSignedByServer(SignatureData signature, byte[] clientNonce);

    /// <summary>The token that says who the user is, with the secret protected by the token's own policy.</summary>
    /// <param name="policyUri">The policy for the secret; may differ from that of the channel (Part 4, 7.42).</param>
    (ExtensionObject Token, SignatureData Signature) Identify(OpcUaOptions options, UserTokenPolicy policy, string policyUri, byte[] serverNonce);
}

/// <summary>Opens lines to one server.</summary>
internal interface IDialer
{
    /// <summary>Asks the server which endpoints it offers; needs no trust (Part 4, 5.4.4).</summary>
    Task<EndpointDescription[]> EndpointsAsync(Uri server, CancellationToken cancel);

    /// <summary>The servers that are known at an address, a discovery server or the server itself.</summary>
    Task<ApplicationDescription[]> ServersAsync(Uri server, CancellationToken cancel);

    Task<ILine> OpenAsync(Uri server, EndpointDescription endpoint, OpcUaOptions options, CancellationToken cancel);
}
