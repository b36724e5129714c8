using MQTTnet;
using MQTTnet.Diagnostics.PacketInspection;

namespace Ieum.Connect.Broker;

/// <summary>Holds an MQTT client's receive loop back while too many messages wait to be handled.</summary>
/// <remarks>The client library queues without a bound; its packet inspector runs in the receive loop and is awaited there.</remarks>
internal sealed class InboundHold
{
    /// <summary>Received and not yet handled; beyond this the socket is not read.</summary>
    public const int Most = 512;

    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unhandled;

    /// <summary>Begins with a new connection: nothing waits.</summary>
    public void Watch(IMqttClient client, CancellationToken cancel)
    {
        Interlocked.Exchange(ref _unhandled, 0);
        client.InspectPacketAsync += e => e.Direction == MqttPacketFlowDirection.Inbound && e.Buffer.Length > 0 && e.Buffer[0] >> 4 == 3
            ? HoldAsync(cancel) : Task.CompletedTask;
    }

    /// <summary>One message was handled.</summary>
    public void Handled()
    {
        if (Interlocked.Decrement(ref _unhandled) == Most / 2)
            Interlocked.Exchange(ref _room, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private async Task HoldAsync(CancellationToken cancel)
    {
        // The gate is taken before the count is read, so a release in between is not missed.
        var room = Volatile.Read(ref _room);
        if (Interlocked.Increment(ref _unhandled) > Most) await room.Task.WaitAsync(cancel).ConfigureAwait(false);
    }
}
