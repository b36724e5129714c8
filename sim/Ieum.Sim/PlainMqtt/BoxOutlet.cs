using System.Globalization;
using System.Text;
using System.Text.Json;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;
using Ieum.Sim.Sparkplug;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Ieum.Sim.PlainMqtt;

/// <summary>A small box that publishes plain MQTT: one retained topic per item, <c>{"value":…,"ts":ms}</c>, and <c>status</c> as will.</summary>
/// <remarks>Has a memory: what it measures while the broker is away is told afterwards, with the time it happened.</remarks>
internal sealed class BoxOutlet(EdgeSettings settings, DeviceDescription device, Clocks clocks, ILogger log) : IOutlet
{
    private const int Batch = 200;
    private readonly EdgeBook _book = new(new DeviceMetrics(device)) { Keeping = true };
    private readonly FaultWindow _faults = new(clocks.Wire);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _news = new(0, 1);
    private CancellationTokenSource _session = new();
    private Task _running = Task.CompletedTask;
    private int _connected, _garbageWanted;

    private string Root { get; } = $"{settings.Group}/{settings.Machine}";

    public string Protocol => "mqtt";
    public string Endpoint { get; } = string.Create(CultureInfo.InvariantCulture, $"mqtt://{settings.Host}:{settings.Port}");
    public int Clients => Volatile.Read(ref _connected);
    public OutletCounts Counts => _book.Counts;
    public Task FirstClient => _firstClient.Task;

    public IReadOnlyList<OutletPoint> Points =>
        [.. device.Items.Select(i => new OutletPoint(i.Name, $"{Root}/{i.Name}#value", "", i.Units == "AMPERE" ? "AMP" : null, RoleOf(i.Name).ToString(), 1, new Dictionary<string, string>()))];

    public Task StartAsync(CancellationToken cancel)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        Log.EdgeStarts(log, settings.Machine, Root, settings.Host, settings.Port);
        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        _book.Write(lines, _faults.Skew.Ticks);
        Wake();
    }

    public async Task DrainAsync(bool all, CancellationToken cancel)
    {
        while (Clients == 0 || _book.Queued > (all ? 0 : EdgeBook.Capacity / 4) || (all && _book.Counts is var c && c.Sent + c.Unseen < c.Produced))
            await Task.Delay(TimeSpan.FromMilliseconds(2), clocks.Wire, cancel).ConfigureAwait(false);
    }

    public void Begin(Fault fault)
    {
        Log.FaultBegins(log, settings.Machine, fault.Kind, fault.Duration.TotalSeconds);
        _faults.Begin(fault);
        if (fault.Kind is FaultKind.Restart or FaultKind.Overrun) Interlocked.Exchange(ref _session, new()).Cancel();
        if (fault.Kind == FaultKind.Garbage) Interlocked.Increment(ref _garbageWanted);
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
        _news.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = TimeSpan.FromMilliseconds(200);
        while (!_stop.IsCancellationRequested)
        {
            using var session = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _session.Token);
            try
            {
                await SessionAsync(() => wait = TimeSpan.FromMilliseconds(200), session.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) { }
            catch (Exception fault) when (fault is MqttCommunicationException or IOException or System.Net.Sockets.SocketException or InvalidOperationException)
            {
                Log.EdgeLost(log, settings.Machine, fault.Message);
            }
            Volatile.Write(ref _connected, 0);
            try
            {
                await _faults.WaitOverAsync(_stop.Token, FaultKind.Restart, FaultKind.Overrun).ConfigureAwait(false);
                await Task.Delay(wait, clocks.Wire, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) { return; }
            wait = wait < TimeSpan.FromSeconds(3) ? wait * 2 : TimeSpan.FromSeconds(5);
        }
    }

    private async Task SessionAsync(Action connected, CancellationToken cancel)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        client.DisconnectedAsync += _ => { Wake(); return Task.CompletedTask; };
        var options = new MqttClientOptionsBuilder().WithTcpServer(settings.Host, settings.Port).WithClientId($"box-{settings.Machine}")
            .WithCleanSession().WithKeepAlivePeriod(TimeSpan.FromSeconds(15)).WithTimeout(TimeSpan.FromSeconds(5))
            .WithWillTopic($"{Root}/status").WithWillPayload("offline").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithWillRetain();
        if (settings.User is { } user) options = options.WithCredentials(user, settings.Password ?? "");
        await client.ConnectAsync(options.Build(), cancel).ConfigureAwait(false);
        await SendAsync(client, "status", "online"u8.ToArray(), cancel).ConfigureAwait(false);
        connected();
        Volatile.Write(ref _connected, 1);
        _firstClient.TrySetResult();
        var unsent = new Queue<MetricState>();
        try
        {
            while (client.IsConnected)
            {
                if (Interlocked.Exchange(ref _garbageWanted, 0) > 0)
                {
                    await SendAsync(client, device.Items[^1].Name, [0x7B, 0xC3, 0x28, 0xFF], cancel).ConfigureAwait(false);
                    _book.CountGarbage();
                }
                await _faults.WaitOverAsync(cancel, FaultKind.Silence).ConfigureAwait(false);
                foreach (var state in _book.Take(Batch, historical: false)) unsent.Enqueue(state);
                if (unsent.Count == 0) await _news.WaitAsync(cancel).ConfigureAwait(false);
                while (unsent.TryPeek(out var state))
                {
                    await SendAsync(client, device.Items[state.Metric].Name, Payload(state), cancel).ConfigureAwait(false);
                    _book.Sent([unsent.Dequeue()]);
                }
            }
        }
        finally { _book.Return(unsent); }
        throw new IOException("The broker closed the connection.");
    }

    private async Task SendAsync(IMqttClient client, string item, byte[] payload, CancellationToken cancel) =>
        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic($"{Root}/{item}").WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag().Build(), cancel).ConfigureAwait(false);

    private static byte[] Payload(MetricState state)
    {
        var value = state.Value == FeedLine.Unavailable ? "null"
            : state.Value is "true" or "false" || double.TryParse(state.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? state.Value
            : $"\"{JsonEncodedText.Encode(state.Value)}\"";
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"value\":{value},\"ts\":{DeviceMetrics.Milliseconds(state.Ticks)}}}"));
    }

    private static SignalRole RoleOf(string item) => item switch
    {
        "in_cycle" => SignalRole.InCycle,
        "lamp_green" => SignalRole.LampGreen,
        "lamp_amber" => SignalRole.LampAmber,
        "lamp_red" => SignalRole.LampRed,
        "cycle_count" => SignalRole.PartCount,
        "current" => SignalRole.Current,
        _ => SignalRole.None,
    };

    private void Wake()
    {
        try { _news.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }
}
