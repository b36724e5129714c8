using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Ieum.Connect.Broker;

/// <summary>Takes what clients publish, before any subscriber does. Waiting slows the publisher's connection down.</summary>
internal interface IBrokerIntake
{
    /// <returns>False to keep the message from the subscribers too.</returns>
    ValueTask<bool> TakeAsync(BrokerMessage message, CancellationToken cancel);
}

/// <summary>A message of a client, on its way into the node.</summary>
/// <param name="packet">Packet identifier; 0 with QoS 0, which has none.</param>
/// <param name="isRepeat">The client says that it may have sent it before (DUP).</param>
internal sealed class BrokerMessage(string topic, ReadOnlySequence<byte> payload, ushort packet, bool isRepeat)
{
    public string Topic => topic;

    /// <summary>Valid until <see cref="IBrokerIntake.TakeAsync"/> returns.</summary>
    public ReadOnlySequence<byte> Payload => payload;
    public ushort Packet => packet;
    public bool IsRepeat => isRepeat;

    /// <summary>What the acknowledgement waits for; null: nothing.</summary>
    public Task? Kept { get; private set; }

    /// <summary>Lets the client's acknowledgement (PUBACK, PUBREC) wait; the messages behind it are taken meanwhile. A task that is cancelled means that it never comes.</summary>
    public void AcknowledgeAfter(Task kept) => Kept = Kept is { } other ? Task.WhenAll(other, kept) : kept;
}

/// <summary>The MQTT broker inside the node. Started by the first lease, stopped with the last.</summary>
/// <remarks>
/// The node's own intake is the interceptor, not a subscription: measured (see storage notes in docs/protocols/sparkplug.md), a
/// subscriber loses most of a flood in its queue, while the interceptor is awaited in the receive loop of the publisher,
/// so a full node fills the publisher's TCP window instead.
/// </remarks>
internal sealed class EmbeddedBroker(BrokerOptions options, TimeProvider wire, ILogger<EmbeddedBroker> log) : IAsyncDisposable
{
    private const string OwnSender = "ieum-node", PacketItem = "ieum.packet";
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<(string Client, ushort Packet), Task> _unkept = [];
    private ImmutableArray<IBrokerIntake> _intakes = [];
    private MqttServer? _server;
    private int _leases;

    /// <summary>The port that is open; 0 while the broker is stopped.</summary>
    public int Port { get; private set; }

    /// <summary>Starts the broker if needed and lets <paramref name="intake"/> see every message from now on.</summary>
    /// <exception cref="SocketException">The port cannot be opened.</exception>
    public async Task OpenAsync(IBrokerIntake intake, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_server is null) await StartAsync().ConfigureAwait(false);
            _intakes = _intakes.Add(intake);
            _leases++;
        }
        finally { _gate.Release(); }
    }

    public async Task CloseAsync(IBrokerIntake intake)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _intakes = _intakes.Remove(intake);
            if (--_leases == 0) await StopAsync().ConfigureAwait(false);
        }
        finally { _gate.Release(); }
    }

    /// <summary>Publishes in the node's own name; subscribers see it, the intakes do not.</summary>
    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, MqttQualityOfServiceLevel qos, bool retain, CancellationToken cancel)
    {
        if (_server is not { } server) return;
        var message = new MqttApplicationMessage
        {
            Topic = topic, Payload = new(payload), QualityOfServiceLevel = qos, Retain = retain,
        };
        await server.InjectApplicationMessage(new(message) { SenderClientId = OwnSender }, cancel).ConfigureAwait(false);
    }

    private async Task StartAsync()
    {
        var address = IPAddress.Parse(options.Bind);
        var port = options.Port != 0 ? options.Port : FreePort(address);
        var builder = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointPort(port)
            .WithMaxPendingMessagesPerClient(options.MaxQueuePerClient)
            .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage);
        builder = address.AddressFamily == AddressFamily.InterNetworkV6
            ? builder.WithDefaultEndpointBoundIPV6Address(address).WithDefaultEndpointBoundIPAddress(IPAddress.None)
            : builder.WithDefaultEndpointBoundIPAddress(address).WithDefaultEndpointBoundIPV6Address(IPAddress.None);
        var server = new MqttServerFactory().CreateMqttServer(builder.Build());
        server.ValidatingConnectionAsync += ValidateAsync;
        server.InterceptingPublishAsync += InterceptAsync;
        server.InterceptingInboundPacketAsync += ArrivingAsync;
        server.InterceptingOutboundPacketAsync += LeavingAsync;
        try
        {
            await server.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            server.Dispose();
            throw;
        }
        (_server, Port) = (server, port);
        Log.BrokerStarted(log, options.Bind, port);
    }

    private async Task StopAsync()
    {
        if (_server is not { } server) return;
        (_server, Port) = (null, 0);
        await DrainAsync(server).ConfigureAwait(false);
        await server.StopAsync(new MqttServerStopOptions()).ConfigureAwait(false);
        server.Dispose();
        Log.BrokerStopped(log);
    }

    /// <summary>Lets the good-bye (STATE offline) reach the clients before their connections are closed.</summary>
    private async Task DrainAsync(MqttServer server)
    {
        for (var i = 0; i < 20; i++)
        {
            var sessions = await server.GetSessionsAsync().ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(25), wire).ConfigureAwait(false);
            if (sessions.All(s => s.PendingApplicationMessagesCount == 0)) return;
        }
    }

    private Task ValidateAsync(ValidatingConnectionEventArgs client)
    {
        if (options.Users.Count == 0) return Task.CompletedTask;
        var known = client.UserName is { } user && options.Users.TryGetValue(user, out var password)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), client.RawPassword ?? []);
        if (known) return Task.CompletedTask;
        client.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
        Log.ClientRefused(log, client.ClientId, client.UserName ?? "");
        return Task.CompletedTask;
    }

    private async Task InterceptAsync(InterceptingPublishEventArgs e)
    {
        if (e.ClientId == OwnSender) return;
        var packet = e.SessionItems[PacketItem] as ushort? ?? 0;
        e.SessionItems.Remove(PacketItem);   // a will comes without a packet of its own
        var message = new BrokerMessage(e.ApplicationMessage.Topic, e.ApplicationMessage.Payload, packet, e.ApplicationMessage.Dup);
        foreach (var intake in _intakes)
            if (!await intake.TakeAsync(message, e.CancellationToken).ConfigureAwait(false)) e.ProcessPublish = false;
        if (packet == 0) return;
        var key = (e.ClientId, packet);
        if (message.Kept is not { } kept)
        {
            _unkept.TryRemove(key, out _);
            return;
        }
        _unkept[key] = kept;
        // Also when its client is gone: an acknowledgement that waits in a kept session must not overtake this.
        _ = kept.ContinueWith(done => _unkept.TryRemove(new(key, done)), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Remembers the packet identifier, which the server does not tell with the message. A client's packets are handled one after the other.</summary>
    private static Task ArrivingAsync(InterceptingPacketEventArgs e)
    {
        if (e.Packet is MqttPublishPacket { PacketIdentifier: not 0 } publish) e.SessionItems[PacketItem] = publish.PacketIdentifier;
        return Task.CompletedTask;
    }

    /// <summary>Holds an acknowledgement back until what it acknowledges is safe; only the sending to this client waits.</summary>
    private async Task LeavingAsync(InterceptingPacketEventArgs e)
    {
        if (e.Packet is not (MqttPubAckPacket or MqttPubRecPacket) || !_unkept.TryGetValue((e.ClientId, ((MqttPacketWithIdentifier)e.Packet).PacketIdentifier), out var kept)) return;
        await kept.WaitAsync(e.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        e.ProcessPacket = kept.IsCompletedSuccessfully;
    }

    private static int FreePort(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _gate.Dispose();
    }
}
