using System.Buffers;
using System.Text;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Connect.Sparkplug.Payload;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Ieum.Bench.Connect;

/// <summary>A Sparkplug edge node that sends data as fast as the broker takes it: one device, aliases, a known count.</summary>
internal sealed class SparkplugFlood(int brokerPort, string group, string node, string device, int metrics, DateTimeOffset start) : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private byte _seq;

    public long Sent { get; private set; }

    public async Task ConnectAsync(CancellationToken cancel)
    {
        var bdSeq = new Metric { Name = "bdSeq", DataType = SparkplugDataType.Int64, Value = SparkplugValue.Of(0L) };
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", brokerPort).WithClientId("flood")
            .WithWillTopic($"spBv1.0/{group}/NDEATH/{node}").WithWillPayload(PayloadEncoder.Encode(new(Millis(0), [bdSeq], null)))
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        // As every edge node does: dial until the broker is there, and bear when the host says that it listens.
        var hears = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.ApplicationMessageReceivedAsync += message =>
        {
            if (message.ApplicationMessage.Topic.StartsWith("spBv1.0/STATE/", StringComparison.Ordinal) && !HostState.SaysOffline(message.ApplicationMessage.Payload.ToArray())) hears.TrySetResult();
            return Task.CompletedTask;
        };
        while (!_client.IsConnected)
        {
            try
            {
                await _client.ConnectAsync(options, cancel);
            }
            catch (MqttCommunicationException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
        }
        await _client.SubscribeAsync("spBv1.0/STATE/+", MqttQualityOfServiceLevel.AtLeastOnce, cancel);
        await hears.Task.WaitAsync(cancel);
        await _client.SubscribeAsync($"spBv1.0/{group}/NCMD/{node}", MqttQualityOfServiceLevel.AtLeastOnce, cancel);
        var rebirth = new Metric { Name = "Node Control/Rebirth", DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(false) };
        await SendAsync("NBIRTH", null, PayloadEncoder.Encode(new(Millis(0), [bdSeq, rebirth], 0)), cancel);
        _seq = 1;
        var births = Enumerable.Range(0, metrics).Select(i => new Metric
        {
            Name = $"f{i}", Alias = (ulong)i + 1, Timestamp = Millis(0), DataType = SparkplugDataType.Double, Value = SparkplugValue.Of((double)-1 - i),
        }).ToList();
        await SendAsync("DBIRTH", device, PayloadEncoder.Encode(new(Millis(0), births, _seq++)), cancel);
        Sent += metrics;
    }

    /// <summary>Sends <paramref name="values"/> values, 100 in a message.</summary>
    public async Task RunAsync(long values, CancellationToken cancel)
    {
        var writer = new PayloadWriter();
        for (long at = 1; Sent < values; at++)
        {
            writer.Begin(Millis(at));
            for (var i = 0; i < 100; i++)
            {
                var metric = (int)((at * 100 + i) % metrics);
                writer.Add((ulong)metric + 1, Millis(at), SparkplugDataType.Double, SparkplugValue.Of((at / 7 + metric) % 10_000 / 10.0));
            }
            await SendAsync("DDATA", device, writer.Finish(_seq++).ToArray(), cancel);
            Sent += 100;
        }
    }

    private ulong Millis(long at) => (ulong)(start.ToUnixTimeMilliseconds() + at);

    // QoS 0 as the specification asks; TCP's own window is the back-pressure.
    private Task<MqttClientPublishResult> SendAsync(string type, string? onDevice, byte[] payload, CancellationToken cancel) => _client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(new StringBuilder($"spBv1.0/{group}/{type}/{node}").Append(onDevice is null ? "" : "/" + onDevice).ToString())
            .WithPayload(payload).Build(), cancel);

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected) await _client.DisconnectAsync();
        _client.Dispose();
    }
}
