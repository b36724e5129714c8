using System.Buffers;
using MQTTnet.Protocol;

namespace Ieum.Connect;

/// <summary>Publishes in the node's own name on the broker inside it.</summary>
public interface INodePublisher
{
    /// <summary>Opens the broker where no connection did, and keeps it open.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port cannot be opened.</exception>
    Task OpenAsync(CancellationToken cancel);

    /// <summary>Sends a retained message; an empty payload clears it. Nothing happens while the broker is closed.</summary>
    Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel);
}

internal sealed class NodePublisher(Broker.EmbeddedBroker broker) : INodePublisher, Broker.IBrokerIntake
{
    private int _open;

    public async Task OpenAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _open, 1) == 0) await broker.OpenAsync(this, cancel).ConfigureAwait(false);
    }

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel) =>
        broker.PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain: true, cancel);

    // Only speaks: what others publish passes by.
    public ValueTask<bool> TakeAsync(string topic, ReadOnlySequence<byte> payload, CancellationToken cancel) => ValueTask.FromResult(true);
}
