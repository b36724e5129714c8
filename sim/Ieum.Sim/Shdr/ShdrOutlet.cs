using System.Net;
using System.Net.Sockets;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Play;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Shdr;

/// <summary>One line for the wire; shared by all clients, so that a value counts once however many read it.</summary>
internal sealed class ShdrLine(string text)
{
    private int _sent;
    public string Text { get; } = text;
    /// <summary>True for the first socket that takes the line.</summary>
    public bool MarkSent() => Interlocked.Exchange(ref _sent, 1) == 0;
    public bool WasSent => Volatile.Read(ref _sent) == 1;
}

/// <summary>Settings of one adapter.</summary>
/// <param name="Port">TCP port; 0 takes a free one. Adapters usually listen on 7878.</param>
internal sealed record ShdrSettings(string Machine, IPAddress Bind, int Port);

/// <summary>An SHDR adapter: a TCP server that tells every client the whole state, then every change.</summary>
internal sealed class ShdrOutlet(ShdrSettings settings, Clocks clocks, ILogger log) : IOutlet
{
    private readonly Lock _gate = new();
    private readonly List<ShdrClient> _clients = [];
    private readonly List<Task> _serving = [];
    private readonly StateBoard<(string Value, ShdrLine Line)> _state = new(e => e.Value);
    private readonly FaultWindow _faults = new(clocks.Wire);
    private readonly TcpListener _listener = new(settings.Bind, settings.Port);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _produced, _sent, _garbage;
    private Task _accepting = Task.CompletedTask;

    public string Protocol => "shdr";
    public string Endpoint { get; private set; } = "";
    public int Clients { get { lock (_gate) return _clients.Count; } }
    public Task FirstClient => _firstClient.Task;

    public OutletCounts Counts
    {
        get
        {
            var (produced, sent, queued) = (Interlocked.Read(ref _produced), Interlocked.Read(ref _sent), Pending());
            return new(produced, sent, Math.Max(0, produced - sent - queued), 0, Interlocked.Read(ref _garbage), 0);
        }
    }

    public Task StartAsync(CancellationToken cancel)
    {
        _listener.Start();
        Endpoint = _listener.LocalEndpoint.ToString()!;
        _accepting = AcceptAsync();
        Log.AdapterListens(log, settings.Machine, Endpoint);
        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<FeedLine> lines)
    {
        lock (_gate)
        {
            var skew = _faults.Skew.Ticks;
            var down = _faults.IsOn(FaultKind.Restart);
            foreach (var line in lines)
            {
                var shdr = new ShdrLine((line with { Ticks = line.Ticks + skew }).ToString());
                Interlocked.Increment(ref _produced);
                _state.Apply(line.Item, (line.Value, shdr));
                if (down) continue;
                foreach (var client in _clients) client.Queue(shdr);
            }
        }
    }

    public async Task DrainAsync(bool all, CancellationToken cancel)
    {
        while (true)
        {
            bool busy;
            lock (_gate) busy = _clients.Count == 0 ? Pending() > 0 : _clients.Any(c => c.Queued > (all ? 0 : ShdrClient.Capacity / 2));
            if (!busy) return;
            await Task.Delay(TimeSpan.FromMilliseconds(1), clocks.Wire, cancel).ConfigureAwait(false);
        }
    }

    public void Begin(Fault fault)
    {
        Log.FaultBegins(log, settings.Machine, fault.Kind, fault.Duration.TotalSeconds);
        _faults.Begin(fault);
        lock (_gate)
        {
            switch (fault.Kind)
            {
                // An adapter has no buffer to overrun: its nearest kin is a client that loses its connection for a while.
                case FaultKind.Restart or FaultKind.Overrun:
                    foreach (var client in _clients) client.Cut();
                    break;
                case FaultKind.Garbage:
                    foreach (var client in _clients) client.QueueGarbage();
                    break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        lock (_gate) foreach (var client in _clients) client.Cut();
        await _accepting.ConfigureAwait(false);
        Task[] serving;
        lock (_gate) serving = [.. _serving];
        await Task.WhenAll(serving).ConfigureAwait(false);
        _stop.Dispose();
    }

    internal FaultWindow Faults => _faults;
    internal void CountSent(int lines) => Interlocked.Add(ref _sent, lines);
    internal void CountGarbage() => Interlocked.Increment(ref _garbage);

    // Present values no socket has taken yet: they will still be told, in the next client's first picture.
    private long Pending() { lock (_gate) return _state.All.LongCount(e => !e.Line.WasSent); }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var tcp = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                if (_faults.IsOn(FaultKind.Restart) || _faults.IsOn(FaultKind.Overrun))
                {
                    tcp.Close();
                    continue;
                }
                var client = new ShdrClient(tcp, this);
                lock (_gate)
                {
                    // The first picture and the place in the list belong together, else a change could fall between them.
                    foreach (var (_, line) in _state.All) client.Queue(line);
                    _clients.Add(client);
                }
                Log.ClientCame(log, settings.Machine, tcp.Client.RemoteEndPoint?.ToString() ?? "?");
                _firstClient.TrySetResult();
                var serving = ServeAsync(client);
                lock (_gate)
                {
                    _serving.RemoveAll(s => s.IsCompleted);
                    _serving.Add(serving);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
    }

    private async Task ServeAsync(ShdrClient client)
    {
        var reason = await client.RunAsync(_stop.Token).ConfigureAwait(false);
        lock (_gate) _clients.Remove(client);
        Log.ClientGone(log, settings.Machine, reason);
        await client.EndAsync(clocks.Wire).ConfigureAwait(false);
        client.Dispose();
    }
}
