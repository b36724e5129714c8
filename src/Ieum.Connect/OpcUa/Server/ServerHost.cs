using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.OpcUa.Secure;
using Ieum.Connect.OpcUa.Security;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>How a server stands in the network.</summary>
internal sealed record ServerHostSettings
{
    public required string Name { get; init; }

    /// <summary>Who the server is; null: the certificate says it.</summary>
    public string? ApplicationUri { get; init; }

    /// <summary>Name of the certificate's file below <c>own</c> of <see cref="Pki"/>.</summary>
    public string CertificateName { get; init; } = "ieum";
    public string ProductUri { get; init; } = "urn:ieum:node";
    public required IPAddress Bind { get; init; }

    /// <summary>TCP port; 0 takes a free one.</summary>
    public required int Port { get; init; }
    public required IReadOnlyList<ServerSecurity> Securities { get; init; }
    public bool Anonymous { get; init; } = true;
    public bool UserNames { get; init; }
    public bool UserCertificates { get; init; }
    public Func<UaCredential, CancellationToken, ValueTask<UaUser?>> Admit { get; init; } =
        static (credential, _) => new(credential is UaCredential.Nobody ? UaUser.Anonymous : null);
    public ServerLimits Limits { get; init; } = new();
    public IDeliveryBook? Book { get; init; }

    /// <summary>Folder of certificate and trust list.</summary>
    public required string Pki { get; init; }

    /// <summary>Takes every client certificate, for machines of tests; else only those in the trust list.</summary>
    public bool TrustAll { get; init; }

    /// <summary>Awaited before every answer; lets a simulated machine be silent.</summary>
    public Func<CancellationToken, Task>? Hold { get; init; }
}

/// <summary>A server with its socket: listens, and passes what comes over secure channels to the engine.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private static readonly byte[] Garbled = [0x00, 0xFF, 0xFE, .. "no chunk at all"u8, 0xC3, 0x28];

    private readonly ILogger _log;
    private readonly Clocks _clocks;
    private readonly TrustList? _trust;
    private readonly ApplicationCertificate? _own;
    private ChannelListener? _listener;
    private int _port;
    private long _garbage;

    public ServerHost(ServerHostSettings settings, Clocks clocks, ILogger log)
    {
        (Settings, _clocks, _log, _port) = (settings, clocks, log, settings.Port);
        // Also where no endpoint is secured: a password is not sent in the clear when it can be encrypted for us.
        if (settings.UserNames || settings.UserCertificates || settings.Securities.Any(s => s.Mode != MessageSecurityMode.None))
            _own = ApplicationCertificate.LoadOrCreate(settings.Pki, settings.CertificateName, clocks.Factory.GetUtcNow(), settings.ApplicationUri);
        if (!settings.TrustAll) _trust = new(settings.Pki, clocks.Factory);
        Engine = new(new()
        {
            Name = settings.Name,
            ApplicationUri = _own?.ApplicationUri ?? settings.ApplicationUri ?? $"urn:{Dns.GetHostName()}:ieum",
            ProductUri = settings.ProductUri,
            EndpointUrl = () => Endpoint,
            Securities = settings.Securities,
            Anonymous = settings.Anonymous,
            UserNames = settings.UserNames,
            UserCertificates = settings.UserCertificates,
            Admit = settings.Admit,
            Limits = settings.Limits,
            Book = settings.Book,
        }, new HostSecurity(_own), clocks, log);
    }

    public ServerHostSettings Settings { get; }
    public ServerEngine Engine { get; }
    public int Connections => _listener?.Count ?? 0;

    /// <summary>Pieces of garbage sent on request.</summary>
    public long Garbage => Interlocked.Read(ref _garbage);

    /// <summary>Known after <see cref="Start"/>.</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>Opens the port; again after <see cref="CloseAsync"/>, on the same port.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public void Start()
    {
        _listener = ChannelListener.Open(new(new(Settings.Bind, _port), [.. Settings.Securities.Select(s => (SecurityPolicy.Find(s.PolicyUri, legacy: true)!, s.Mode))],
            _own, _trust, AnswerAsync, peer => Engine.Sessions.ChannelGone(peer.Id))
        {
            MostChannels = Settings.Limits.MaxConnections,
            TrustsEverybody = Settings.TrustAll,
            Refused = message => OpcUaServerLog.CertificateRefused(_log, Settings.Name, message),
        }, _clocks);
        _port = _listener.Endpoint.Port;
        var host = Settings.Bind.Equals(IPAddress.Any) || Settings.Bind.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
            : Settings.Bind.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Settings.Bind}]" : Settings.Bind.ToString();
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"opc.tcp://{host}:{_port}");
        OpcUaServerLog.Listens(_log, Settings.Name, Endpoint);
    }

    /// <summary>Stops listening and cuts every line. Sessions and subscriptions of the engine are not touched.</summary>
    public async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _listener, null) is { } listener) await listener.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Sends bytes that are no chunk over every open line, as a broken machine does.</summary>
    public void SendGarbage() => Interlocked.Add(ref _garbage, _listener?.SpoilAll(Garbled) ?? 0);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        Engine.Dispose();
        _own?.Dispose();
    }

    private async ValueTask<IServiceResponse> AnswerAsync(IServiceRequest request, ChannelPeer peer, CancellationToken cancel)
    {
        var answer = await Engine.AnswerAsync(request, new(peer.Id, peer.Mode, peer.PolicyUri, peer.ClientCertificate, peer.Address), cancel).ConfigureAwait(false);
        if (Settings.Hold is { } hold) await hold(cancel).ConfigureAwait(false);
        return answer;
    }
}
