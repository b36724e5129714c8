using System.Buffers;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>What a transport hands to the host. Every call may wait: that is the back-pressure.</summary>
internal interface ISparkplugInbox
{
    ValueTask MessageAsync(string topic, ReadOnlySequence<byte> payload, CancellationToken cancel);
    ValueTask LinkUpAsync(CancellationToken cancel);
    ValueTask LinkDownAsync(string rule, string message, CancellationToken cancel);
}

/// <summary>The way to one MQTT broker, for one host application: keeps it open, keeps STATE true, and carries messages.</summary>
internal interface ISparkplugTransport
{
    /// <summary>Name for logs and messages, without secrets.</summary>
    string Name { get; }

    /// <summary>Runs until cancelled; connects again and again.</summary>
    Task RunAsync(ISparkplugInbox inbox, CancellationToken cancel);

    /// <summary>The groups whose messages are wanted; may be called at any time.</summary>
    Task ListenAsync(IReadOnlyCollection<string> groups, CancellationToken cancel);

    /// <summary>Publishes with QoS 0; without a connection nothing happens.</summary>
    Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancel);
}
