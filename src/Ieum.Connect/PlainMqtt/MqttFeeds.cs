using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;
using Ieum.Connect.Broker;
using Ieum.Model;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What a feed tells its source, in order.</summary>
/// <param name="Topic">Null for news about the connection itself.</param>
/// <param name="Rule">With <paramref name="Topic"/> null: why the connection is gone; null: it stands.</param>
internal readonly record struct FeedItem(string? Topic, ReadOnlyMemory<byte> Payload, bool Retained, string? Rule, string Why)
{
    public static FeedItem Up => new(null, default, false, null, "");
    public static FeedItem Down(string rule, string why) => new(null, default, false, rule, why);
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
internal sealed class OwnBrokerFeed(EmbeddedBroker broker, BrokerOptions options, IReadOnlyList<string> filters, Clocks clocks) : IMqttFeed, IBrokerIntake
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

    public async ValueTask<bool> TakeAsync(string topic, ReadOnlySequence<byte> payload, CancellationToken cancel)
    {
        if (_into is not { } into || !filters.Any(f => TopicFilter.Matches(f, topic))) return true;
        try { await into.WriteAsync(new(topic, payload.ToArray(), false, null, ""), cancel).ConfigureAwait(false); }
        catch (ChannelClosedException) { /* The source stops; what comes now is no longer for it. */ }
        return true;
    }
}

/// <summary>An outside broker, as a client of it.</summary>
/// <param name="keepSession">Let the broker keep what comes while the connection is cut. Only sensible when messages carry their own time.</param>
internal sealed class OutsideBrokerFeed(BrokerAddress address, string clientId, IReadOnlyList<string> filters, bool keepSession, Clocks clocks) : IMqttFeed
{
    // 3 s between pings and 3 s for the answer: a cut cable is seen after 6 s, found again within 10.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);

    private readonly InboundHold _hold = new();

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
        client.DisconnectedAsync += _ => { closed.TrySetResult(); return Task.CompletedTask; };
        client.ApplicationMessageReceivedAsync += async e =>
        {
            try { await into.WriteAsync(new(e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray(), e.ApplicationMessage.Retain, null, ""), cancel).ConfigureAwait(false); }
            finally { _hold.Handled(); }
        };
        _hold.Watch(client, cancel);
        var builder = new MqttClientOptionsBuilder().WithClientId(clientId).WithCleanSession(!keepSession)
            .WithKeepAlivePeriod(KeepAlive).WithTimeout(ReconnectPolicy.ConnectLimit);
        address.Apply(builder);
        using (var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel))
        {
            var answer = await client.ConnectAsync(builder.Build(), both.Token).ConfigureAwait(false);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) return answer.ResultCode;
        }
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
}
