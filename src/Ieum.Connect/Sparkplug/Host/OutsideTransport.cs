using System.Collections.Immutable;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>The host application as a client of an outside broker, with will, STATE and endless reconnection.</summary>
internal sealed class OutsideTransport(BrokerAddress address, string hostId, Clocks clocks) : ISparkplugTransport
{
    // 3 s between pings and 3 s for the answer: a cut cable is seen after 6 s, found again within 10.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);

    private readonly string _stateTopic = SparkplugTopic.OfState(hostId);
    private readonly InboundHold _hold = new();
    private readonly MqttDialect _dialect = new(clocks);
    private ImmutableArray<string> _groups = [];
    private IMqttClient? _client;
    private long _since;

    public string Name => address.ToString();

    public async Task RunAsync(ISparkplugInbox inbox, CancellationToken cancel)
    {
        var retry = new ReconnectPolicy(clocks.Wire);
        while (!cancel.IsCancellationRequested)
        {
            var (rule, message) = (ConnectRules.Unreachable, $"{Name} closed the connection.");
            try
            {
                if (await OnceAsync(inbox, retry, cancel).ConfigureAwait(false) is var code && code != MqttClientConnectResultCode.Success)
                    (rule, message) = (SparkplugRules.BrokerRefused, $"{Name} refused the connection of user '{address.User}': {code}. Check the options user and password.");
            }
            catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or IOException or System.Net.Sockets.SocketException
                or System.Security.Authentication.AuthenticationException or InvalidOperationException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                message = $"{Name}: {e.Message} Check the address, the network and that the broker runs.";
            }
            if (cancel.IsCancellationRequested) break;
            await inbox.LinkDownAsync(rule, message, cancel).ConfigureAwait(false);
            await retry.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <returns>The broker's answer to CONNECT; anything but success ended the try.</returns>
    private async Task<MqttClientConnectResultCode> OnceAsync(ISparkplugInbox inbox, ReconnectPolicy retry, CancellationToken cancel)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += e => HandleAsync(inbox, e, cancel);
        _hold.Watch(client, cancel);

        // Factory time: edge nodes compare it with their own clock, which in a scenario is the scenario's.
        _since = clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds();
        if (await _dialect.ConnectAsync(client, OptionsFor, cancel).ConfigureAwait(false) is var code && code != MqttClientConnectResultCode.Success) return code;
        client.DisconnectedAsync += _ => { closed.TrySetResult(); return Task.CompletedTask; };
        if (!client.IsConnected) closed.TrySetResult();
        _client = client;
        try
        {
            await client.SubscribeAsync(Topic(_stateTopic, MqttQualityOfServiceLevel.AtLeastOnce), cancel).ConfigureAwait(false);
            foreach (var group in _groups) await SubscribeAsync(client, group, cancel).ConfigureAwait(false);
            await StateAsync(client, true, _since, cancel).ConfigureAwait(false);
            retry.Succeeded();
            await inbox.LinkUpAsync(cancel).ConfigureAwait(false);
            await closed.Task.WaitAsync(cancel).ConfigureAwait(false);
            return MqttClientConnectResultCode.Success;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await LeaveAsync(client).ConfigureAwait(false);
            throw;
        }
        finally { _client = null; }
    }

    public async Task ListenAsync(IReadOnlyCollection<string> groups, CancellationToken cancel)
    {
        var added = groups.Except(_groups).ToArray();
        _groups = [.. groups];
        if (_client is { IsConnected: true } client)
            foreach (var group in added)
                await SubscribeAsync(client, group, cancel).ConfigureAwait(false);
    }

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        if (_client is not { IsConnected: true } client) return;
        await client.PublishAsync(new() { Topic = topic, Payload = new(payload) }, cancel).ConfigureAwait(false);
    }

    private async Task HandleAsync(ISparkplugInbox inbox, MqttApplicationMessageReceivedEventArgs e, CancellationToken cancel)
    {
        try
        {
            var message = e.ApplicationMessage;
            if (message.Topic == _stateTopic)
            {
                // Another client, or our own will of a connection the broker gave up late, said we are away: we are not.
                if (HostState.SaysOffline(FirstOf(message.Payload)) && _client is { } client)
                    await StateAsync(client, true, _since, cancel).ConfigureAwait(false);
                return;
            }
            // Retained data are old by definition; Sparkplug never retains them (4.1).
            if (!message.Retain) await inbox.MessageAsync(message.Topic, message.Payload, cancel).ConfigureAwait(false);
        }
        finally
        {
            _hold.Handled();
        }
    }

    private static ReadOnlySpan<byte> FirstOf(System.Buffers.ReadOnlySequence<byte> bytes) => bytes.IsSingleSegment ? bytes.FirstSpan : default;

    private static async Task SubscribeAsync(IMqttClient client, string group, CancellationToken cancel) =>
        await client.SubscribeAsync(Topic($"{SparkplugTopic.Namespace}/{group}/#", MqttQualityOfServiceLevel.AtMostOnce), cancel).ConfigureAwait(false);

    private static MqttClientSubscribeOptions Topic(string filter, MqttQualityOfServiceLevel qos) =>
        new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, qos).Build();

    private async Task StateAsync(IMqttClient client, bool online, long milliseconds, CancellationToken cancel) => await client.PublishAsync(new()
    {
        Topic = _stateTopic, Payload = new(HostState.Write(online, milliseconds)), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, Retain = true,
    }, cancel).ConfigureAwait(false);

    /// <summary>Says good-bye properly: STATE offline first, then DISCONNECT (5.6).</summary>
    private async Task LeaveAsync(IMqttClient client)
    {
        if (!client.IsConnected) return;
        using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
        try
        {
            await StateAsync(client, false, clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds(), limit.Token).ConfigureAwait(false);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The will says the same for us.
        }
    }

    private MqttClientOptions OptionsFor(MqttProtocolVersion version)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(version)
            .WithClientId($"{hostId}-host")
            .WithCleanSession()
            .WithKeepAlivePeriod(KeepAlive)
            .WithTimeout(ReconnectPolicy.ConnectLimit)
            .WithWillTopic(_stateTopic).WithWillPayload(HostState.Write(false, _since))
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithWillRetain();
        address.Apply(builder);
        return builder.Build();
    }
}
