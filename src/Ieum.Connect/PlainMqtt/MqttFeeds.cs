using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;
using Ieum.Connect.Broker;
using Ieum.Model;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What a feed tells its source, in order.</summary>
/// <param name="Topic">Null for news about the connection itself.</param>
/// <param name="Rule">With <paramref name="Topic"/> null: why the connection is gone; null: it stands.</param>
internal readonly record struct FeedItem(string? Topic, ReadOnlyMemory<byte> Payload, bool Retained, string? Rule, string Why)
{
    public static FeedItem Up => new(null, default, false, null, "");
    public static FeedItem Down(string rule, string why) => new(null, default, false, rule, why);

    /// <summary>The sender says that it may have sent the message before (DUP).</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Packet identifier; 0 with QoS 0, which has none.</summary>
    public ushort Packet { get; init; }

    /// <summary>To be given when all that comes of the message is safe; null: nobody waits for it.</summary>
    public IMqttReceipt? Receipt { get; init; }
}

/// <summary>The way to one broker; writes what it hears, and waits while the reader is behind.</summary>
internal interface IMqttFeed
{
    /// <summary>Name for messages, without secrets.</summary>
    string Name { get; }

    /// <summary>Runs until cancelled, connecting again and again.</summary>
    Task RunAsync(ChannelWriter<FeedItem> into, CancellationToken cancel);
}

/// <summary>The broker inside the node: no socket of its own, messages come from the interceptor, and waiting slows the publisher down.</summary>
/// <param name="keeps">Acknowledge with QoS 1 and 2 only what is safe; not for a look, which keeps nothing.</param>
internal sealed class OwnBrokerFeed(EmbeddedBroker broker, BrokerOptions options, IReadOnlyList<string> filters, bool keeps, Clocks clocks) : IMqttFeed, IBrokerIntake
{
    private ChannelWriter<FeedItem>? _into;

    public string Name => $"the broker of this node ({options.Bind}:{options.Port})";

    public async Task RunAsync(ChannelWriter<FeedItem> into, CancellationToken cancel)
    {
        _into = into;
        var retry = new ReconnectPolicy(clocks.Wire);
        while (true)
        {
            try
            {
                await broker.OpenAsync(this, cancel).ConfigureAwait(false);
                break;
            }
            catch (SocketException fault)
            {
                await into.WriteAsync(FeedItem.Down(MqttRules.BrokerPortTaken,
                    $"The broker cannot open {options.Bind}:{options.Port} ({fault.SocketErrorCode}). Stop the other program on this port or set Broker:Port."), cancel).ConfigureAwait(false);
                await retry.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        try
        {
            await into.WriteAsync(FeedItem.Up, cancel).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, clocks.Wire, cancel).ConfigureAwait(false);
        }
        finally { await broker.CloseAsync(this).ConfigureAwait(false); }
    }

    public async ValueTask<bool> TakeAsync(BrokerMessage message, CancellationToken cancel)
    {
        if (_into is not { } into || !filters.Any(f => TopicFilter.Matches(f, message.Topic))) return true;
        var receipt = keeps && message.Packet != 0 ? new Receipt() : null;
        if (receipt is not null) message.AcknowledgeAfter(receipt.Given);
        try { await into.WriteAsync(new(message.Topic, message.Payload.ToArray(), false, null, "") { IsRepeat = message.IsRepeat, Packet = message.Packet, Receipt = receipt }, cancel).ConfigureAwait(false); }
        catch (ChannelClosedException) { receipt?.Refuse(); /* The source stops; what comes now stays with its sender. */ }
        return true;
    }

    private sealed class Receipt : IMqttReceipt
    {
        private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Given => _given.Task;

        public ValueTask GiveAsync(CancellationToken cancel)
        {
            _given.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public void Refuse() => _given.TrySetCanceled();
    }
}

/// <summary>An outside broker, as a client of it.</summary>
/// <param name="keepSession">
/// Let the broker keep what comes while the connection is cut, and acknowledge only what is safe, so that a node that is killed is
/// sent the rest again. Only sensible when messages carry their own time.
/// </param>
internal sealed class OutsideBrokerFeed(BrokerAddress address, string clientId, IReadOnlyList<string> filters, bool keepSession, Clocks clocks) : IMqttFeed
{
    // 3 s between pings and 3 s for the answer: a cut cable is seen after 6 s, found again within 10.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);

    /// <summary>How long a broker is asked to keep the session of a node that is away; MQTT 3.1.1 has no such word, there it keeps it for ever.</summary>
    private static readonly TimeSpan SessionKept = TimeSpan.FromDays(7);

    private readonly MqttDialect _dialect = new(clocks);

    public string Name => address.ToString();

    public async Task RunAsync(ChannelWriter<FeedItem> into, CancellationToken cancel)
    {
        var retry = new ReconnectPolicy(clocks.Wire);
        while (true)
        {
            var (rule, why) = (ConnectRules.Unreachable, $"{Name} closed the connection.");
            try
            {
                if (await OnceAsync(into, retry, cancel).ConfigureAwait(false) is var code && code != MqttClientConnectResultCode.Success)
                    (rule, why) = (MqttRules.BrokerRefused, $"{Name} refused the connection of user '{address.User}': {code}. Check the options user and password.");
            }
            catch (Exception fault) when (fault is MqttCommunicationException or MqttProtocolViolationException or IOException or SocketException
                or System.Security.Authentication.AuthenticationException or InvalidOperationException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                (rule, why) = Reach.Of(Name, fault);
                // MQTTnet says of a peer that speaks something else that it closed the connection while authenticating.
                if (rule == ConnectRules.Unreachable) why = $"{Name}: {fault.Message.TrimEnd('.', ' ')}. Check the address and the network, that the broker runs, and that it is a broker that listens at this port.";
            }
            await into.WriteAsync(FeedItem.Down(rule, why), cancel).ConfigureAwait(false);
            await retry.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    private async Task<MqttClientConnectResultCode> OnceAsync(ChannelWriter<FeedItem> into, ReconnectPolicy retry, CancellationToken cancel)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new InboundHold();
        client.ApplicationMessageReceivedAsync += async e =>
        {
            var message = e.ApplicationMessage;
            var receipt = keepSession && e.PacketIdentifier != 0 ? new Receipt(e, hold) : null;
            if (receipt is not null) e.AutoAcknowledge = false;
            try { await into.WriteAsync(new(message.Topic, message.Payload.ToArray(), message.Retain, null, "") { IsRepeat = message.Dup, Packet = e.PacketIdentifier, Receipt = receipt }, cancel).ConfigureAwait(false); }
            finally { if (receipt is null) hold.Handled(); }
        };
        hold.Watch(client, cancel);
        if (await _dialect.ConnectAsync(client, OptionsFor, cancel).ConfigureAwait(false) is var code && code != MqttClientConnectResultCode.Success) return code;
        client.DisconnectedAsync += _ => { closed.TrySetResult(); return Task.CompletedTask; };
        if (!client.IsConnected) closed.TrySetResult();
        try
        {
            foreach (var filter in filters)
                await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancel).ConfigureAwait(false);
            retry.Succeeded();
            await into.WriteAsync(FeedItem.Up, cancel).ConfigureAwait(false);
            await closed.Task.WaitAsync(cancel).ConfigureAwait(false);
            return MqttClientConnectResultCode.Success;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
            try { await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false); }
            catch (Exception fault) when (fault is MqttCommunicationException or OperationCanceledException or IOException or InvalidOperationException) { /* It is gone anyway. */ }
            throw;
        }
    }

    private MqttClientOptions OptionsFor(MqttProtocolVersion version)
    {
        var builder = new MqttClientOptionsBuilder().WithProtocolVersion(version).WithClientId(clientId).WithCleanSession(!keepSession)
            .WithKeepAlivePeriod(KeepAlive).WithTimeout(ReconnectPolicy.ConnectLimit);
        if (version == MqttProtocolVersion.V500)
        {
            // As many under way as the feed takes before it stops reading: with the usual twenty a broker would wait for every write to the disk.
            builder.WithReceiveMaximum(InboundHold.Most);
            if (keepSession) builder.WithSessionExpiryInterval((uint)SessionKept.TotalSeconds);
        }
        address.Apply(builder);
        return builder.Build();
    }

    /// <summary>Until it is given the message counts as not handled, so that not more than a few hundred are open.</summary>
    private sealed class Receipt(MqttApplicationMessageReceivedEventArgs message, InboundHold hold) : IMqttReceipt
    {
        public async ValueTask GiveAsync(CancellationToken cancel)
        {
            try
            {
                await message.AcknowledgeAsync(cancel).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The connection is another one by now (the client library tells that in many ways, a null reference among them); the broker sends the message again over that.
            }
            finally
            {
                hold.Handled();
            }
        }

        public void Refuse() => hold.Handled();
    }
}
