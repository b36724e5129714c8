using System.Net.Sockets;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using MQTTnet.Protocol;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>The host application on the broker inside the node: no socket of its own, messages come from the interceptor.</summary>
internal sealed class EmbeddedTransport(EmbeddedBroker broker, BrokerOptions options, Clocks clocks) : ISparkplugTransport, IBrokerIntake
{
    private readonly string _stateTopic = SparkplugTopic.OfState(options.HostId);
    private ISparkplugInbox? _inbox;

    public string Name => "embedded broker";

    public async Task RunAsync(ISparkplugInbox inbox, CancellationToken cancel)
    {
        _inbox = inbox;
        var retry = new ReconnectPolicy(clocks.Wire);
        while (true)
        {
            try
            {
                await broker.OpenAsync(this, cancel).ConfigureAwait(false);
                break;
            }
            catch (SocketException e)
            {
                await inbox.LinkDownAsync(SparkplugRules.BrokerPortTaken,
                    $"The embedded MQTT broker cannot open {options.Bind}:{options.Port} ({e.SocketErrorCode}). Stop the other program on this port or set Broker:Port.", cancel).ConfigureAwait(false);
                await retry.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        var since = clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            await StateAsync(true, since, cancel).ConfigureAwait(false);
            await inbox.LinkUpAsync(cancel).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, clocks.Wire, cancel).ConfigureAwait(false);
        }
        finally
        {
            await StateAsync(false, clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds(), CancellationToken.None).ConfigureAwait(false);
            await broker.CloseAsync(this).ConfigureAwait(false);
        }
    }

    public Task ListenAsync(IReadOnlyCollection<string> groups, CancellationToken cancel) => Task.CompletedTask;

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel) =>
        broker.PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtMostOnce, retain: false, cancel);

    public async ValueTask<bool> TakeAsync(BrokerMessage message, CancellationToken cancel)
    {
        var topic = message.Topic;
        // Our own broker can do better than correct a forged state afterwards: nobody ever sees it.
        if (topic == _stateTopic) return false;
        if (_inbox is { } inbox && topic.StartsWith("spBv1.0/", StringComparison.Ordinal)) await inbox.MessageAsync(topic, message.Payload, cancel).ConfigureAwait(false);
        return true;
    }

    private Task StateAsync(bool online, long milliseconds, CancellationToken cancel) =>
        broker.PublishAsync(_stateTopic, HostState.Write(online, milliseconds), MqttQualityOfServiceLevel.AtLeastOnce, retain: true, cancel);
}
