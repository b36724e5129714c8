namespace Ieum.Connect.OpcUa.Server;

/// <summary>One way in: a policy with a mode.</summary>
internal readonly record struct ServerSecurity(string PolicyUri, MessageSecurityMode Mode);

/// <summary>What a server is and whom it lets in.</summary>
internal sealed record ServerSettings
{
    public required string Name { get; init; }
    public required string ApplicationUri { get; init; }
    public string ProductUri { get; init; } = "urn:ieum:node";

    /// <summary>Endpoint URL told to clients that ask without one, <c>opc.tcp://host:port</c>; asked late, because a free port is known only when it is open.</summary>
    public required Func<string> EndpointUrl { get; init; }

    public required IReadOnlyList<ServerSecurity> Securities { get; init; }
    public bool Anonymous { get; init; } = true;
    public bool UserNames { get; init; }
    public bool UserCertificates { get; init; }

    /// <summary>Judges who somebody is; null refuses.</summary>
    public Func<UaCredential, CancellationToken, ValueTask<UaUser?>> Admit { get; init; } =
        static (credential, _) => new(credential is UaCredential.Nobody ? UaUser.Anonymous : null);

    public ServerLimits Limits { get; init; } = new();

    /// <summary>Counts what clients got; null when nobody wants to know.</summary>
    public IDeliveryBook? Book { get; init; }
}
