using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;
using Ieum.Sim.Registers;
using Microsoft.Extensions.Logging;
using Fault = Ieum.Sim.Play.Fault;

namespace Ieum.Sim.OpcUa;

/// <summary>A machine with its own OPC UA server: companion model nodes, every item as a variable, subscriptions and history.</summary>
internal sealed class UaOutlet : IOutlet
{
    /// <summary>Unchanged for so long (wire time), a client's list of monitored items counts as complete.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Polls = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly UaSettings _settings;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly FaultWindow _faults;
    private readonly SkewedClock _time;
    private readonly UaBook _book = new();
    private readonly ServerHost _host;
    private readonly Dictionary<string, UaItem> _items;
    private readonly UaMachineNodes _nodes;
    private readonly string? _availability;
    private readonly Lock _writing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask, _failing = Task.CompletedTask;
    private long _ignored;
    private bool _spoke;

    public UaOutlet(UaSettings settings, DeviceDescription device, Clocks clocks, ILogger log)
    {
        (_settings, _clocks, _log) = (settings, clocks, log);
        _faults = new(clocks.Wire);
        _time = new(clocks.Factory, _faults);
        _availability = device.Availability;
        _host = new(new()
        {
            Name = settings.Machine,
            ApplicationUri = $"urn:ieum:sim:{settings.Machine}",
            ProductUri = "urn:ieum:sim",
            Bind = settings.Bind,
            Port = settings.Port,
            Securities = settings.Securities,
            Anonymous = settings.Anonymous,
            UserNames = settings.User is not null,
            Admit = (credential, _) => new(Admit(credential)),
            Limits = settings.Limits,
            Book = _book,
            Pki = settings.Pki,
            CertificateName = "ieum-sim",
            TrustAll = settings.TrustAll,
            Hold = cancel => _faults.WaitOverAsync(cancel, FaultKind.Silence),
        }, new(_time, clocks.Wire), log);
        _items = device.Items.Select(i => new UaItem(i, _book, settings.History > 0 ? new HistoryRing(settings.History, _book) : null))
            .ToDictionary(i => i.Item.Name, StringComparer.Ordinal);
        _nodes = new(_host.Engine.Space, settings.Machine, device, [.. _items.Values]);
        // Before the machine has spoken its server knows nothing, and says so: that is a value too.
        var now = _time.GetUtcNow().UtcTicks;
        foreach (var item in device.Items) Take(new(now, item.Name, item.IsCondition ? Conditions.Unavailable : FeedLine.Unavailable));
    }

    public string Protocol => "opcua";
    public string Endpoint => _host.Endpoint;
    public int Clients => _host.Connections;
    public Task FirstClient => _firstClient.Task;
    internal ServerHost Host => _host;

    public IReadOnlyList<OutletPoint>? Points => [.. _items.Values.Select(i => new OutletPoint(
        i.Item.Name, i.Node.Id.ToString(), "", null, RegisterPoint.RoleOf(i.Item).ToString(), 1, new Dictionary<string, string>()))];

    public OutletCounts Counts
    {
        get
        {
            lock (_writing)
            {
                // What a variable shows now can be read at any time; it is not yet unseen.
                var waiting = _items.Values.Count(i => i.Serial != 0 && !_book.WasSent(i.Serial));
                return new(_book.Produced, _book.Sent, Math.Max(0, _book.Produced - _book.Sent - waiting), _book.Lost, _host.Garbage, _ignored);
            }
        }
    }

    public Task StartAsync(CancellationToken cancel)
    {
        _host.Start();
        _watching = Task.Run(WatchFirstClientAsync, CancellationToken.None);
        Log.ServerListens(_log, _settings.Machine, Endpoint);
        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        lock (_writing)
        {
            // A control speaks for its machine: it is there from the first word on, also when a recording has no item for that.
            if (!_spoke && _availability is { } item && lines.Count > 0 && lines.All(l => l.Item != item)) Take(new(lines[0].Ticks, item, "AVAILABLE"));
            _spoke |= lines.Count > 0;
            foreach (var line in lines) Take(line);
        }
    }

    public async Task DrainAsync(bool all, CancellationToken cancel)
    {
        var subscriptions = _host.Engine.Subscriptions;
        while (subscriptions.Queued + (all ? subscriptions.Unacknowledged : 0) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(2), _clocks.Wire, cancel).ConfigureAwait(false);
    }

    public void Begin(Fault fault)
    {
        Log.FaultBegins(_log, _settings.Machine, fault.Kind, fault.Duration.TotalSeconds);
        _faults.Begin(fault);
        if (fault.Kind == FaultKind.Garbage) _host.SendGarbage();
        if (fault.Kind is FaultKind.Restart or FaultKind.Overrun) _failing = Task.WhenAll(_failing, fault.Kind == FaultKind.Restart ? RestartAsync(fault) : OverrunAsync(fault));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_watching, _failing).ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Report by exception: a value that is the present one already is no news.</summary>
    private void Take(FeedLine line)
    {
        if (!_items.TryGetValue(line.Item, out var item))
        {
            _ignored++;
            return;
        }
        var value = item.Value(line.Value, OpcTime.FromUtcTicks(line.Ticks + _faults.Skew.Ticks), OpcTime.Of(_time.GetUtcNow()));
        var before = item.Node.Value;
        if (item.Serial != 0 && before.StatusCode == value.StatusCode && before.Value == value.Value) return;
        item.Serial = _book.Produce();
        item.Node.Set(value, item.Serial);
        _nodes.Follow(item.Item, line.Value, value);
    }

    private UaUser? Admit(UaCredential credential) => credential switch
    {
        UaCredential.Nobody => UaUser.Anonymous,
        UaCredential.Account(var name, var password) when name == _settings.User && password == _settings.Password => new(name, CanWrite: true),
        _ => null,
    };

    /// <summary>Sessions, subscriptions and what waits in them are gone; the values the items kept are not.</summary>
    private async Task RestartAsync(Fault fault)
    {
        var subscriptions = _host.Engine.Subscriptions;
        // What is on its way arrives: a client that acknowledges in time has it, so that the counts are exact.
        subscriptions.Paused = true;
        var patience = _clocks.Wire.GetTimestamp();
        while (subscriptions.Unacknowledged > 0 && _clocks.Wire.GetElapsedTime(patience) < TimeSpan.FromSeconds(1))
            await Task.Delay(Look, _clocks.Wire).ConfigureAwait(false);
        await _host.CloseAsync().ConfigureAwait(false);
        _host.Engine.Reset();
        subscriptions.Paused = false;
        await Task.Delay(fault.Duration, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested) _host.Start();
    }

    /// <summary>Nothing is published while it lasts; then the queues have kept only their newest values.</summary>
    private async Task OverrunAsync(Fault fault)
    {
        var subscriptions = _host.Engine.Subscriptions;
        subscriptions.Paused = true;
        await Task.Delay(fault.Duration, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var s in subscriptions.All) s.Overrun();
        subscriptions.Paused = false;
    }

    private async Task WatchFirstClientAsync()
    {
        var (items, since) = (0, _clocks.Wire.GetTimestamp());
        while (!_stop.IsCancellationRequested)
        {
            var now = _host.Engine.Subscriptions.Items;
            if (now != items || (now == 0 && _host.Engine.Sessions.Active == 0)) (items, since) = (now, _clocks.Wire.GetTimestamp());
            // A client that logged in and monitors nothing for so long asks by Read.
            var quiet = _clocks.Wire.GetElapsedTime(since);
            if (items > 0 ? quiet >= Settled : _host.Engine.Sessions.Active > 0 && quiet >= Polls)
            {
                _firstClient.TrySetResult();
                return;
            }
            await Task.Delay(Look, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
