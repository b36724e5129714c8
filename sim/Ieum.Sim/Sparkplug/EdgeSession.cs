using System.Buffers;
using Ieum.Connect.Sparkplug.Edge;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Ieum.Sim.Play;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace Ieum.Sim.Sparkplug;

/// <summary>One MQTT connection of an edge node, from CONNECT with its will to the end (Sparkplug B 3.0, sections 5.4 to 5.12).</summary>
internal sealed class EdgeSession(EdgeSettings settings, DeviceMetrics metrics, EdgeBook book, Clocks clocks, FaultWindow faults, ILogger log)
{
    /// <summary>Metrics per DDATA. Large enough for throughput, small enough that a message stays below the usual 256 kB.</summary>
    private const int Batch = 500;

    private static readonly byte[] Garbage = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00, 0xC3, 0x28];

    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte _seq;
    private int _rebirth;
    private readonly PrimaryHost _host = new(settings.PrimaryHost);

    /// <summary>Takes a wish for garbage, if there is one.</summary>
    public required Func<bool> WantsGarbage { get; init; }
    public required SemaphoreSlim News { get; init; }
    public required Action Born { get; init; }

    /// <param name="bdSeq">Number of this session; equal in will and NBIRTH.</param>
    /// <param name="cancel">Ends the session as a power cut would: without a word, so that the broker publishes the will.</param>
    /// <param name="orderly">Ends it in order: NDEATH, then DISCONNECT.</param>
    public async Task RunAsync(byte bdSeq, CancellationToken cancel, CancellationToken orderly)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += m => { Heard(m.ApplicationMessage); return Task.CompletedTask; };
        client.DisconnectedAsync += _ => { _gone.TrySetResult(); Wake(); return Task.CompletedTask; };
        var death = EdgeMessages.Death(bdSeq, Now);
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(settings.Host, settings.Port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V311)
            .WithClientId($"{settings.Group}-{settings.Node}").WithCleanSession().WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
            .WithTimeout(TimeSpan.FromSeconds(5))
            .WithWillTopic(settings.Topic(MessageKind.NDeath)).WithWillPayload(death)
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithWillRetain(false);
        if (settings.User is { } user) options = options.WithCredentials(user, settings.Password ?? "");
        await client.ConnectAsync(options.Build(), cancel).ConfigureAwait(false);
        var topics = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(settings.Topic(MessageKind.NCommand), MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(settings.Topic(MessageKind.DCommand), MqttQualityOfServiceLevel.AtLeastOnce);
        if (_host.Topic is { } state) topics = topics.WithTopicFilter(state, MqttQualityOfServiceLevel.AtLeastOnce);
        await client.SubscribeAsync(topics.Build(), cancel).ConfigureAwait(false);
        try
        {
            while (!_host.IsOnline) await HearAsync(cancel).ConfigureAwait(false);
            await BirthAsync(client, bdSeq, first: true, cancel).ConfigureAwait(false);
            Born();
            while (!_gone.Task.IsCompleted)
            {
                if (!_host.IsOnline) break;
                if (Interlocked.Exchange(ref _rebirth, 0) == 1) await BirthAsync(client, bdSeq, first: false, cancel).ConfigureAwait(false);
                if (WantsGarbage())
                {
                    await SendAsync(client, settings.Topic(MessageKind.DData), Garbage, cancel).ConfigureAwait(false);
                    book.CountGarbage();
                }
                await faults.WaitOverAsync(cancel, FaultKind.Silence).ConfigureAwait(false);
                if (!await DataAsync(client, historical: false, cancel).ConfigureAwait(false)) await HearAsync(cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (orderly.IsCancellationRequested) { }
        if (!client.IsConnected) throw new IOException("The broker closed the connection.");
        // The broker keeps the will to itself after a DISCONNECT, so the node says that it goes (section 5.9).
        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(settings.Topic(MessageKind.NDeath)).WithPayload(death)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), CancellationToken.None).ConfigureAwait(false);
        await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None).ConfigureAwait(false);
        if (!_host.IsOnline) Log.EdgeHostGone(log, settings.Machine, settings.PrimaryHost!);
    }

    private ulong Now => DeviceMetrics.Milliseconds((clocks.Factory.GetUtcNow() + faults.Skew).UtcTicks);

    private async Task BirthAsync(IMqttClient client, byte bdSeq, bool first, CancellationToken cancel)
    {
        // What is queued is older than the present values. Told before a rebirth; after a first birth told as history.
        if (!first) while (await DataAsync(client, historical: false, cancel).ConfigureAwait(false)) { }
        _seq = 0;
        await SendAsync(client, settings.Topic(MessageKind.NBirth), EdgeMessages.NodeBirth(bdSeq, _seq++, Now), cancel).ConfigureAwait(false);
        var stores = settings.PrimaryHost is not null;
        var present = book.Present(dropQueue: !stores);
        await PublishAsync(client, settings.Topic(MessageKind.DBirth),
            new SparkplugPayload(Now, [.. present.Select((s, i) => metrics.Birth(i, s))], _seq++), cancel).ConfigureAwait(false);
        book.Sent(present);
        if (first && stores) while (await DataAsync(client, historical: true, cancel).ConfigureAwait(false)) { }
    }

    /// <returns>False when there was nothing to tell.</returns>
    private async Task<bool> DataAsync(IMqttClient client, bool historical, CancellationToken cancel)
    {
        var taken = book.Take(Batch, historical);
        if (taken.Count == 0) return false;
        await PublishAsync(client, settings.Topic(MessageKind.DData),
            new SparkplugPayload(Now, [.. taken.Select(s => metrics.Data(s.Metric, s, historical))], _seq++), cancel).ConfigureAwait(false);
        book.Sent(taken);
        return true;
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, SparkplugPayload payload, CancellationToken cancel) =>
        SendAsync(client, topic, PayloadEncoder.Encode(payload), cancel);

    private static Task<MqttClientPublishResult> SendAsync(IMqttClient client, string topic, byte[] payload, CancellationToken cancel) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce).WithRetainFlag(false).Build(), cancel);

    private async Task HearAsync(CancellationToken cancel)
    {
        if (_gone.Task.IsCompleted) throw new IOException("The broker closed the connection.");
        await News.WaitAsync(cancel).ConfigureAwait(false);
    }

    private void Wake()
    {
        try { News.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }

    private void Heard(MqttApplicationMessage message)
    {
        if (message.Topic == _host.Topic)
        {
            if (_host.Hear(message.Payload.ToArray()) is { } why) Log.EdgeStateUnreadable(log, settings.Machine, why);
        }
        else if (PayloadDecoder.TryDecode(message.Payload.ToArray(), out var command, out _) && command.Metrics.Any(EdgeMessages.IsRebirth))
            Volatile.Write(ref _rebirth, 1);
        Wake();
    }
}
