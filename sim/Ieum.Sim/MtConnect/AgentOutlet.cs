using System.Globalization;
using System.Net;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.MtConnect;

/// <summary>Settings of one agent.</summary>
/// <param name="Port">TCP port on <paramref name="Bind"/>; 0 takes a free one.</param>
/// <param name="BufferPower">The buffer holds 2 to this power observations.</param>
internal sealed record AgentSettings(string Machine, IPAddress Bind, int Port, SchemaVersion Schema, int BufferPower);

/// <summary>An MTConnect agent for one machine: probe, current, sample and streams over HTTP.</summary>
internal sealed class AgentOutlet : IOutlet
{
    /// <summary>How long a client may take to read what was sent when the agent ends.</summary>
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromSeconds(30);

    private readonly AgentSettings _settings;
    private readonly DeviceDescription _device;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly FaultWindow _faults;
    private readonly WebApplication _web;
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AgentTally _tally = new();
    private readonly Lock _writing = new();
    private readonly StateBoard<FeedLine> _state = new(l => l.Value);
    private readonly HashSet<FeedLine> _changedWhileDown = [];
    private readonly string? _availability;
    private bool _down;
    private CancellationTokenSource _streams = new();
    private volatile ObservationBuffer _buffer;
    private long _modelChanged;
    private int _clients;

    public AgentOutlet(AgentSettings settings, DeviceDescription device, Clocks clocks, ILogger log)
    {
        (_settings, _device, _clocks, _log) = (settings, device, clocks, log);
        _faults = new(clocks.Wire);
        _availability = device.Availability;
        _modelChanged = Now;
        _buffer = NewBuffer(clocks.Wire.GetUtcNow().ToUnixTimeSeconds());
        Documents = new(device, settings.Machine, settings.Schema, _buffer.Size);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => { k.Listen(settings.Bind, settings.Port); k.AddServerHeader = false; });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = DeliveryLimit);
        _web = builder.Build();
        _web.Use(FaultsFirstAsync);
        _web.MapGet("/probe", ProbeAsync);
        _web.MapGet("/", ProbeAsync);
        _web.MapGet("/current", CurrentAsync);
        _web.MapGet("/sample", SampleAsync);
        _web.MapGet("/{device}/probe", ProbeAsync);
        _web.MapGet("/{device}/current", CurrentAsync);
        _web.MapGet("/{device}/sample", SampleAsync);
        _web.MapFallback(c => RefuseAsync(c, new(404, "UNSUPPORTED", $"'{c.Request.Path}' is not offered. Ask for /probe, /current or /sample.")));
    }

    internal AgentDocuments Documents { get; }
    internal ObservationBuffer Buffer => _buffer;
    public string Protocol => "mtconnect";
    public string Endpoint { get; private set; } = "";
    public int Clients => Volatile.Read(ref _clients);
    public Task FirstClient => _firstClient.Task;
    public OutletCounts Counts => _tally.Counts(_buffer);

    private long Now => (_clocks.Factory.GetUtcNow() + (_faults?.Skew ?? TimeSpan.Zero)).UtcTicks;

    public async Task StartAsync(CancellationToken cancel)
    {
        await _web.StartAsync(cancel).ConfigureAwait(false);
        Endpoint = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Log.AgentListens(_log, _settings.Machine, Endpoint, _settings.Schema.Text);
    }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        lock (_writing)
        {
            var skew = _faults.Skew.Ticks;
            var down = _faults.IsOn(FaultKind.Restart);
            if (!down && _down) Restore();
            _down = down;
            // An agent tells by itself that its adapter is there, when the adapter has no word for it.
            if (_availability is { } item && lines.Count > 0 && _state.Of(item).Count == 0 && lines.All(l => l.Item != item))
                Take(new(lines[0].Ticks, item, "AVAILABLE"));
            foreach (var line in lines) Take(line);
            if (!down) _buffer.Announce();

            void Take(FeedLine line)
            {
                // While the agent is down nothing reaches its buffer; the machine goes on all the same.
                var stamped = line with { Ticks = line.Ticks + skew };
                if (down && !_state.Holds(line.Item, line.Value))
                {
                    _tally.WhileDown();
                    _changedWhileDown.Add(stamped);
                }
                _state.Apply(line.Item, stamped);
                if (!down) _buffer.Append(stamped);
            }
        }
    }

    private void Restore()
    {
        var appended = _state.All.Where(l => _buffer.Append(l)).ToList();
        _tally.Restored(appended, _changedWhileDown);
        _changedWhileDown.Clear();
    }

    public async Task DrainAsync(bool all, CancellationToken cancel)
    {
        // Half a buffer of head start never overruns a client that reads at all.
        while (_buffer.Next - 1 - _tally.Delivered > (all ? 0 : _buffer.Size / 2))
            await Task.Delay(TimeSpan.FromMilliseconds(2), _clocks.Wire, cancel).ConfigureAwait(false);
    }

    public void Begin(Fault fault)
    {
        Log.FaultBegins(_log, _settings.Machine, fault.Kind, fault.Duration.TotalSeconds);
        if (fault.Kind == FaultKind.Restart) lock (_writing)
        {
            _down = true;
            _tally.Restarted(_buffer);
            // One more than before even when two restarts fall into one second: clients tell instances apart by it.
            _buffer = NewBuffer(Math.Max(_buffer.InstanceId + 1, _clocks.Wire.GetUtcNow().ToUnixTimeSeconds()));
            _faults.Begin(fault);
        }
        else _faults.Begin(fault);
        if (fault.Kind == FaultKind.Overrun) _ = OverrunWhenOverAsync(fault);
        if (fault.Kind is FaultKind.Restart or FaultKind.Overrun)
            Interlocked.Exchange(ref _streams, new()).Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _streams.CancelAsync().ConfigureAwait(false);
        // What counts as delivered may lie in buffers on the way still. A client that reads gets all of it before its connection is closed;
        // disposing alone would cut it off. One that does not read is cut in the end.
        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
    }

    private ObservationBuffer NewBuffer(long instanceId) => new(_device, _settings.BufferPower, instanceId, Now);

    private async Task OverrunWhenOverAsync(Fault fault)
    {
        await Task.Delay(fault.Duration, _clocks.Wire).ConfigureAwait(false);
        _tally.Overrun(_buffer.Overrun());
        _buffer.Announce();
    }

    /// <summary>Connections are cut while the agent is down, and held open without a byte while it is silent.</summary>
    private async Task FaultsFirstAsync(HttpContext context, RequestDelegate next)
    {
        if (_faults.IsOn(FaultKind.Restart) || _faults.IsOn(FaultKind.Overrun)) { context.Abort(); return; }
        try
        {
            await _faults.WaitOverAsync(context.RequestAborted, FaultKind.Silence).ConfigureAwait(false);
            if (_faults.IsOn(FaultKind.Garbage))
            {
                _tally.Garbage();
                context.Response.ContentType = "text/xml";
                await context.Response.WriteAsync("<MTConnectStreams><Header \u0001<<&;", context.RequestAborted).ConfigureAwait(false);
                return;
            }
            Interlocked.Increment(ref _clients);
            try { await next(context).ConfigureAwait(false); }
            finally { Interlocked.Decrement(ref _clients); }
        }
        catch (OperationCanceledException) { }
        catch (IOException e) { Log.ClientGone(_log, _settings.Machine, e.Message); }
    }

    private Task ProbeAsync(HttpContext c) =>
        Known(c) ? AnswerAsync(c, 200, Documents.Devices(_buffer.InstanceId, Now, _modelChanged)) : NoDeviceAsync(c);

    private async Task CurrentAsync(HttpContext c)
    {
        var buffer = _buffer;
        if (!Known(c)) { await NoDeviceAsync(c).ConfigureAwait(false); return; }
        if (!AgentQuery.TryRead(c.Request.Query, Documents.Tree, buffer.Size, out var query, out var refusal)) { await RefuseAsync(c, refusal!).ConfigureAwait(false); return; }
        if (query.Interval is { } interval)
        {
            _firstClient.TrySetResult();
            await new AgentStream(c, _clocks.Wire, _streams.Token).CurrentsAsync(() =>
            {
                _buffer.TryCurrent(null, query.Items, out var now);
                return Documents.Streams(now, Now, _modelChanged);
            }, interval, _faults).ConfigureAwait(false);
            return;
        }
        if (!buffer.TryCurrent(query.At, query.Items, out var slice))
        {
            await RefuseAsync(c, OutOfRange("at", query.At!.Value, slice)).ConfigureAwait(false);
            return;
        }
        if (query.At is null && query.Items is null) _tally.Pictured(buffer, slice);
        _firstClient.TrySetResult();
        await AnswerAsync(c, 200, Documents.Streams(slice, Now, _modelChanged)).ConfigureAwait(false);
        if (query.At is null && query.Items is null) _tally.DeliveredUpTo(buffer, slice.Last);
    }

    private async Task SampleAsync(HttpContext c)
    {
        var buffer = _buffer;
        if (!Known(c)) { await NoDeviceAsync(c).ConfigureAwait(false); return; }
        if (!AgentQuery.TryRead(c.Request.Query, Documents.Tree, buffer.Size, out var query, out var refusal)) { await RefuseAsync(c, refusal!).ConfigureAwait(false); return; }
        var from = query.From is null or 0 ? buffer.First : query.From.Value;
        if (query.Count < 0)
        {
            await AnswerAsync(c, 200, Documents.Streams(buffer.Newest(-query.Count, query.Items, query.From), Now, _modelChanged)).ConfigureAwait(false);
            return;
        }
        if (!buffer.TrySample(from, query.Count, query.Items, out var slice))
        {
            await RefuseAsync(c, OutOfRange("from", from, slice)).ConfigureAwait(false);
            return;
        }
        _firstClient.TrySetResult();
        if (query.Items is null) _tally.ReadsFrom(buffer, from);
        if (query.Interval is null)
        {
            if (query.To is { } to) slice = slice with { Observations = [.. slice.Observations.Where(o => o.Sequence <= to)] };
            await AnswerAsync(c, 200, Documents.Streams(slice, Now, _modelChanged)).ConfigureAwait(false);
            _tally.DeliveredUpTo(buffer, slice.Next - 1);
            return;
        }
        await new AgentStream(c, _clocks.Wire, _streams.Token)
            .SamplesAsync(this, buffer, query, from, _faults, _tally, s => Documents.Streams(s, Now, _modelChanged)).ConfigureAwait(false);
    }

    /// <summary>True while this buffer is the agent's own: a stream of an older instance ends.</summary>
    internal bool IsCurrent(ObservationBuffer buffer) => ReferenceEquals(buffer, _buffer);

    private bool Known(HttpContext c) => c.GetRouteValue("device") is not string device || device == _settings.Machine || device == Documents.Tree.Uuid;

    private Task NoDeviceAsync(HttpContext c) =>
        RefuseAsync(c, new(404, "NO_DEVICE", $"Device '{c.GetRouteValue("device")}' is not here; this agent serves '{_settings.Machine}'."));

    private Task RefuseAsync(HttpContext c, AgentRefusal refusal) =>
        AnswerAsync(c, refusal.Status, Documents.Error(refusal.Code, refusal.Message, _buffer.InstanceId, Now));

    internal static AgentRefusal OutOfRange(string name, long value, in BufferSlice slice) => new(404, "OUT_OF_RANGE", string.Create(
        CultureInfo.InvariantCulture, $"'{name}' is {value}, the buffer holds {slice.First} to {slice.Last}."));

    private static async Task AnswerAsync(HttpContext c, int status, byte[] document)
    {
        c.Response.StatusCode = status;
        c.Response.ContentType = "text/xml;charset=utf-8";
        c.Response.ContentLength = document.Length;
        await c.Response.Body.WriteAsync(document, c.RequestAborted).ConfigureAwait(false);
    }
}
