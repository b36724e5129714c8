using System.Net;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.OpcUa.Door;

/// <summary>Opens the server and keeps its tree; see <see cref="IOpcUaDoor"/>.</summary>
internal sealed class OpcUaDoor(IOptions<OpcUaDoorOptions> options, IOptions<ConnectOptions> connect, Clocks clocks, ILogger<OpcUaDoor> log) : IOpcUaDoor
{
    private const string Base = "http://opcfoundation.org/UA/SecurityPolicy#";

    private ServerHost? _host;
    private volatile DoorTree? _tree;

    public string Endpoint => _host?.Endpoint ?? "";

    public async Task OpenAsync(DoorHouse house, CancellationToken cancel)
    {
        var o = options.Value;
        if (!o.Enabled || _host is not null) return;
        var bind = IPAddress.Parse(o.Bind);
        var local = IPAddress.IsLoopback(bind);
        var securities = o.Policies.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(p => new[] { new ServerSecurity(Base + p, MessageSecurityMode.Sign), new ServerSecurity(Base + p, MessageSecurityMode.SignAndEncrypt) }).ToList();
        // Without encryption only where nobody listens in.
        if (local) securities.Insert(0, new(Base + "None", MessageSecurityMode.None));
        var host = new ServerHost(new()
        {
            Name = $"Ieum {house.Company}",
            Bind = bind,
            Port = o.Port,
            Securities = securities,
            Anonymous = local && o.Anonymous,
            UserNames = true,
            Admit = async (credential, stop) => credential switch
            {
                UaCredential.Nobody => UaUser.Anonymous,
                UaCredential.Account(var name, var password) => await house.Admit(name, password, stop).ConfigureAwait(false) is { } user ? new(user.Name, user.MayWrite) : null,
                _ => null,
            },
            Limits = new() { MaxSessions = o.MaxSessions },
            Pki = Path.Combine(connect.Value.Folder, "pki"),
        }, clocks, log);
        try
        {
            var tree = new DoorTree(host.Engine.Space, house);
            host.Start();
            (_host, _tree) = (host, tree);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"{o.Bind}:{o.Port} cannot be listened on: {e.Message}.", e);
        }
    }

    public void Show(IReadOnlyList<DoorMachine> machines) => _tree?.Show(machines, OpcTime.Of(clocks.Factory.GetUtcNow()));

    public void Tell(ReadOnlySpan<Sample> samples) => _tree?.Tell(samples);

    public async ValueTask DisposeAsync()
    {
        _tree = null;
        if (_host is { } host) await host.DisposeAsync().ConfigureAwait(false);
        _host = null;
    }
}
