using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Monitor;
using MQTTnet;
using MQTTnet.Protocol;

namespace Ieum.Connect;

/// <summary>
/// Watches Sparkplug clients and ticks the normative statements they bear out or break: as a subscriber of a broker, or between clients
/// and their broker, where CONNECT, wills and subscriptions are seen too.
/// </summary>
public static class SparkplugMonitor
{
    /// <summary>Subscribes and watches until cancelled.</summary>
    /// <param name="broker"><c>mqtt://host:port</c> or <c>mqtts://host:port</c>.</param>
    /// <param name="primaryHost">Host application that the edge nodes obey; null: none.</param>
    /// <exception cref="ArgumentException">The broker's address cannot be read.</exception>
    /// <exception cref="IOException">The broker cannot be reached.</exception>
    public static async Task<IReadOnlyList<SparkplugStatement>> WatchAsync(string broker, string? user, string? password, string? primaryHost, TimeProvider clock, CancellationToken cancel)
    {
        var address = AddressOf(broker, user, password);
        using var client = new MqttClientFactory().CreateMqttClient();
        var seen = new ConcurrentQueue<Observed>();
        client.ApplicationMessageReceivedAsync += e =>
        {
            var m = e.ApplicationMessage;
            seen.Enqueue(new(ObservedKind.Publish, "", clock.GetUtcNow().ToUnixTimeMilliseconds(), m.Topic, m.Payload.ToArray(), (int)m.QualityOfServiceLevel, m.Retain));
            return Task.CompletedTask;
        };
        // MQTT 5: only there a subscriber sees the retain flag as it was published.
        var options = new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithClientId($"ieum-monitor-{Environment.ProcessId}");
        address.Apply(options);
        try
        {
            await client.ConnectAsync(options.Build(), cancel).ConfigureAwait(false);
        }
        catch (MQTTnet.Exceptions.MqttCommunicationException e)
        {
            throw new IOException(e.Message, e);
        }
        var filter = new MqttTopicFilterBuilder().WithTopic("spBv1.0/#").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce).WithRetainAsPublished().Build();
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter).Build(), cancel).ConfigureAwait(false);
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return SparkplugJudge.Judge(seen, primaryHost);
    }

    /// <summary>Stands between clients and their broker until cancelled.</summary>
    /// <param name="listening">Told the port that is open.</param>
    public static async Task<IReadOnlyList<SparkplugStatement>> RelayAsync(
        int port, string broker, string? primaryHost, TimeProvider clock, Action<int> listening, CancellationToken cancel)
    {
        var address = AddressOf(broker, null, null);
        await using var relay = new MonitorRelay(port, address.Host, address.Port, clock);
        listening(relay.Port);
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return SparkplugJudge.Judge(relay.Seen, primaryHost);
    }

    private static BrokerAddress AddressOf(string broker, string? user, string? password) =>
        BrokerAddress.TryParse(broker, user, password, null, out var address) ? address! : throw new ArgumentException($"'{broker}' is not {BrokerAddress.Form}.", nameof(broker));
}

/// <summary>One normative statement that was seen.</summary>
/// <param name="Held">How often the statement was seen to hold.</param>
/// <param name="Broken">How often it was seen broken; <paramref name="Violations"/> tells the first ten in words.</param>
/// <param name="IsAdvice">Its broken cases are SHOULDs.</param>
public sealed record SparkplugStatement(string Id, long Held, long Broken, IReadOnlyList<string> Violations, bool IsAdvice);

/// <summary>Carries MQTT connections to a broker and notes what the clients send.</summary>
internal sealed class MonitorRelay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly string _host;
    private readonly int _port;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Observed> _seen = new();
    private readonly ConcurrentDictionary<Task, bool> _carried = new();
    private readonly Task _accepting;

    public MonitorRelay(int port, string host, int brokerPort, TimeProvider clock)
    {
        (_host, _port, _clock) = (host, brokerPort, clock);
        _listener = new(IPAddress.Any, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }
    public IReadOnlyList<Observed> Seen => [.. _seen];

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                var carrying = CarryAsync(near);
                _carried[carrying] = true;
                _ = carrying.ContinueWith(t => _carried.TryRemove(t, out var _), TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the monitor ends
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using var _ = near;
        var name = new StrongName();
        try
        {
            await far.ConnectAsync(_host, _port, _stop.Token).ConfigureAwait(false);
            near.NoDelay = far.NoDelay = true;
            await Task.WhenAny(UpAsync(near.GetStream(), far.GetStream(), name), far.GetStream().CopyToAsync(near.GetStream(), _stop.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // either side ended
        }
        if (name.Client.Id.Length > 0 && !name.Left) _seen.Enqueue(new(ObservedKind.Lost, name.Client.Id, Now));
    }

    private sealed class StrongName
    {
        public (string Id, int Version) Client = ("", 4);
        public bool Left { get; set; }
    }

    /// <summary>From the client to the broker; noted before it is passed on, so that the notes are in the order of causes.</summary>
    private async Task UpAsync(NetworkStream from, NetworkStream to, StrongName name)
    {
        var buffer = new byte[64 * 1024];
        var held = new ArrayBufferWriter<byte>();
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token).ConfigureAwait(false)) > 0;)
        {
            held.Write(buffer.AsSpan(0, read));
            var at = 0;
            for (int length; (length = MqttPackets.Cut(held.WrittenSpan[at..])) > 0; at += length)
                foreach (var one in MqttPackets.Read(held.WrittenSpan.Slice(at, length), ref name.Client, Now))
                {
                    name.Left |= one.Kind == ObservedKind.Disconnect;
                    _seen.Enqueue(one);
                }
            var rest = held.WrittenSpan[at..].ToArray();
            held.ResetWrittenCount();
            held.Write(rest);
            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token).ConfigureAwait(false);
        }
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_carried.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }
}
