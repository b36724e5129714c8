using System.Globalization;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;
using Microsoft.Extensions.Logging;
using MQTTnet.Exceptions;

namespace Ieum.Sim.Sparkplug;

/// <summary>A Sparkplug B 3.0 edge node with one device; connects for ever, with one session after the other.</summary>
internal sealed class EdgeOutlet(EdgeSettings settings, DeviceDescription device, string protocol, Clocks clocks, ILogger log) : IOutlet
{
    private readonly EdgeBook _book = new(new DeviceMetrics(device));
    private readonly FaultWindow _faults = new(clocks.Wire);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _news = new(0, 1);
    private CancellationTokenSource _session = new();
    private Task _running = Task.CompletedTask;
    private bool _available;
    private int _born;
    private int _garbageWanted;

    public string Protocol => protocol;
    public string Endpoint { get; } = string.Create(CultureInfo.InvariantCulture, $"{settings.Group}/{settings.Node}/{settings.Device}");
    public int Clients => Volatile.Read(ref _born);
    public OutletCounts Counts => _book.Counts;
    public Task FirstClient => _firstClient.Task;

    public Task StartAsync(CancellationToken cancel)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        Log.EdgeStarts(log, settings.Machine, Endpoint, settings.Host, settings.Port);
        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        // The node speaks for its machine: it is there from the first word on, also when a recording has no item for that.
        if (!_available && lines.Count > 0 && device.Availability is { } item && lines.All(l => l.Item != item))
            _book.Write([new(lines[0].Ticks, item, "AVAILABLE")], _faults.Skew.Ticks);
        _available |= lines.Count > 0;
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
        // A node has no buffer that others read: an overrun is a restart to it.
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

    private void Wake()
    {
        try { _news.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }

    private async Task RunAsync()
    {
        var wait = TimeSpan.FromMilliseconds(200);
        for (byte bdSeq = 0; !_stop.IsCancellationRequested; bdSeq++)
        {
            using var session = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _session.Token);
            var edge = new EdgeSession(settings, _book.Metrics, _book, clocks, _faults, log)
            {
                WantsGarbage = () => Interlocked.Exchange(ref _garbageWanted, 0) > 0,
                News = _news,
                Born = () =>
                {
                    Volatile.Write(ref _born, 1);
                    wait = TimeSpan.FromMilliseconds(200);
                    _firstClient.TrySetResult();
                },
            };
            var orderly = _stop.Token;
            try
            {
                await edge.RunAsync(bdSeq, session.Token, orderly).ConfigureAwait(false);
            }
            catch (OperationCanceledException) { }
            catch (Exception e) when (e is MqttCommunicationException or IOException or System.Net.Sockets.SocketException or InvalidOperationException)
            {
                Log.EdgeLost(log, settings.Machine, e.Message);
            }
            Volatile.Write(ref _born, 0);
            // A box that stores keeps what it measures from the first lost connection on; one that does not, forgets.
            _book.Keeping = settings.PrimaryHost is not null;
            try
            {
                await _faults.WaitOverAsync(_stop.Token, FaultKind.Restart, FaultKind.Overrun).ConfigureAwait(false);
                await Task.Delay(wait, clocks.Wire, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) { return; }
            wait = wait < TimeSpan.FromSeconds(3) ? wait * 2 : TimeSpan.FromSeconds(5);
        }
    }
}
