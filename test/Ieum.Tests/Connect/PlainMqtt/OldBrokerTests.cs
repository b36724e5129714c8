using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.PlainMqtt;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Tests.Connect.PlainMqtt;

/// <summary>A broker of the test's own that knows MQTT 3.1.1 alone, packet by packet: what the node says to it, and when it acknowledges.</summary>
public sealed class OldBrokerTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(5.Minutes);   // against hanging
    private readonly HoldingSink _sink = new();

    public void Dispose()
    {
        _listener.Dispose();
        _sink.Inner.Dispose();
        _stop.Dispose();
    }

    /// <summary>Says what is safe when the test says so.</summary>
    private sealed class HoldingSink : ISampleSink
    {
        public CollectingSink Inner { get; } = new();
        public TaskCompletionSource Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel) => Inner.WriteAsync(batch, cancel);
        public Task KeptAsync() => Kept.Task;
    }

    [Fact]
    public async Task It_is_spoken_to_in_its_own_version_acknowledged_when_the_message_is_safe_and_heard_once_when_it_sends_again()
    {
        _listener.Start();
        var settings = new ConnectionSettings(new("m.mqtt"), new("m"), "mqtt", $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}",
            new Dictionary<string, string> { ["time"] = "t" }.ToImmutableDictionary()) { Points = [new("v", "box/v#v")] };
        var options = new BrokerOptions();
        await using var own = new EmbeddedBroker(options, Clocks.Real.Wire, NullLogger<EmbeddedBroker>.Instance);
        var source = new MqttFactory(own, Options.Create(options), Clocks.Real, NullLoggerFactory.Instance).Create(settings, new InMemorySignals());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var running = source.RunAsync(_sink, end.Token);

        using (var five = await _listener.AcceptTcpClientAsync(_stop.Token))
        {
            Assert.Equal(5, (await ReadAsync(five)).Body[6]);
            await SayAsync(five, 0x20, 0, 1);   // unacceptable protocol level (MQTT 3.1.1, 3.2.2.3)
        }
        using (var four = await _listener.AcceptTcpClientAsync(_stop.Token))
        {
            await WelcomeAsync(four, isKnown: false);
            await SayAsync(four, 0x32, Publish(7, """{"v":1,"t":1772438399000}"""));
            await _sink.Inner.UntilAsync(s => s.Count == 1, 5.Minutes);
            // The next message is taken while the first is not acknowledged: nothing but pings comes back.
            await SayAsync(four, 0x32, Publish(8, """{"v":2,"t":1772438399100}"""));
            await _sink.Inner.UntilAsync(s => s.Count == 2, 5.Minutes);
            Assert.False(_sink.Kept.Task.IsCompleted);
        }
        using var again = await _listener.AcceptTcpClientAsync(_stop.Token);
        await WelcomeAsync(again, isKnown: true);
        await SayAsync(again, 0x3A, Publish(7, """{"v":1,"t":1772438399000}"""));
        await SayAsync(again, 0x3A, Publish(8, """{"v":2,"t":1772438399100}"""));
        await SayAsync(again, 0x32, Publish(9, """{"v":3,"t":1772438399200}"""));
        await _sink.Inner.UntilAsync(s => s.Count == 3, 5.Minutes);
        _sink.Kept.SetResult();
        // Those of the connection that is gone are given up; the same messages came again over this one.
        foreach (var packet in new[] { 7, 8, 9 }) Assert.Equal(packet, await AcknowledgedAsync(again));
        Assert.Equal([1, 2, 3], _sink.Inner.Samples.Select(s => s.Value.Number));
        Assert.Equal(3, source.Health.Counters.Received);
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>Takes CONNECT of version 3.1.1 with a session that is kept, and SUBSCRIBE.</summary>
    private async Task WelcomeAsync(TcpClient client, bool isKnown)
    {
        var connect = await ReadAsync(client);
        Assert.Equal((0x10, 4, 0), (connect.Kind, connect.Body[6], connect.Body[7] & 2));
        await SayAsync(client, 0x20, isKnown ? (byte)1 : (byte)0, 0);
        var subscribe = await ReadAsync(client);
        Assert.Equal(0x82, subscribe.Kind);
        await SayAsync(client, 0x90, subscribe.Body[0], subscribe.Body[1], 1);
    }

    private async Task<int> AcknowledgedAsync(TcpClient client)
    {
        var (kind, body) = await ReadAsync(client);
        Assert.Equal(0x40, kind);
        return (body[0] << 8) | body[1];
    }

    private static byte[] Publish(byte packet, string payload) => [0, 5, .. "box/v"u8, 0, packet, .. Encoding.UTF8.GetBytes(payload)];

    private async Task SayAsync(TcpClient client, byte kind, params byte[] body) => await client.GetStream().WriteAsync((byte[])[kind, (byte)body.Length, .. body], _stop.Token);

    /// <summary>The next packet that is no ping; pings are answered.</summary>
    private async Task<(int Kind, byte[] Body)> ReadAsync(TcpClient client)
    {
        while (true)
        {
            var head = new byte[2];
            await client.GetStream().ReadExactlyAsync(head, _stop.Token);
            var body = new byte[head[1]];
            await client.GetStream().ReadExactlyAsync(body, _stop.Token);
            if (head[0] != 0xC0) return (head[0], body);
            await SayAsync(client, 0xD0);
        }
    }
}
