using System.Buffers;
using MQTTnet.Protocol;

namespace Ieum.Connect;

/// <summary>Publishes in the node's own name on the broker inside it, and hears what is said to the node there.</summary>
public interface INodePublisher
{
    /// <summary>Opens the broker where no connection did, and keeps it open.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port cannot be opened.</exception>
    Task OpenAsync(CancellationToken cancel);

    /// <summary>Sends a retained message; an empty payload clears it. Nothing happens while the broker is closed.</summary>
    Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel);

    /// <summary>Hands over every message of clients under a prefix of topics, from now on. One listener at a time; payloads above 1 KiB pass by.</summary>
    /// <param name="heard">Called on the broker's thread; must not wait.</param>
    void Listen(string prefix, Action<string, byte[]> heard);
}

internal sealed class NodePublisher(Broker.EmbeddedBroker broker) : INodePublisher, Broker.IBrokerIntake
{
    private const int Longest = 1024;
    private int _open;
    private volatile Tuple<string, Action<string, byte[]>>? _listener;

    public void Listen(string prefix, Action<string, byte[]> heard) => _listener = Tuple.Create(prefix, heard);

    public async Task OpenAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _open, 1) == 0) await broker.OpenAsync(this, cancel).ConfigureAwait(false);
    }

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel) =>
        broker.PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain: true, cancel);

    // What is not said to the node passes by.
    public ValueTask<bool> TakeAsync(Broker.BrokerMessage message, CancellationToken cancel)
    {
        if (_listener is { } listener && message.Payload.Length <= Longest && message.Topic.StartsWith(listener.Item1, StringComparison.Ordinal)) listener.Item2(message.Topic, message.Payload.ToArray());
        return ValueTask.FromResult(true);
    }
}
