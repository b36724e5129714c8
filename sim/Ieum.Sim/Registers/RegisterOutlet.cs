using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Play;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Registers;

/// <summary>One conversation of a register protocol; made anew for every client.</summary>
internal interface IRegisterSpeech
{
    /// <summary>Length of the first request in what was received: 0 more bytes are needed, −1 it is none.</summary>
    int Cut(ReadOnlySpan<byte> received);

    /// <summary>Answers one request; writes nothing when the protocol stays silent.</summary>
    void Answer(ReadOnlySpan<byte> request, RegisterMemory memory, IBufferWriter<byte> into);
}

/// <summary>A register protocol as the simulator serves it.</summary>
/// <param name="Protocol">Key of the protocol.</param>
/// <param name="Address">The address of a word, as the protocol's connections name it.</param>
/// <param name="Garbage">Bytes that are no answer of the protocol.</param>
internal sealed record RegisterServer(string Protocol, Func<int, string> Address, byte[] Garbage, Func<IRegisterSpeech> Open);

/// <summary>A machine that is asked register by register, over TCP. Counts a value as sent when its answer is on the wire.</summary>
internal sealed class RegisterOutlet(string machine, IPAddress bind, int port, RegisterServer server, RegisterMemory memory, Clocks clocks, ILogger log) : IOutlet
{
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _clients = [];
    private readonly FaultWindow _faults = new(clocks.Wire);
    private readonly TcpListener _listener = new(bind, port);
    private readonly CancellationTokenSource _stop = new();
    private readonly SaidBook _said = new();
    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _garbage;
    private int _garbageAsked;
    private Task _accepting = Task.CompletedTask;

    public string Protocol => server.Protocol;
    public string Endpoint { get; private set; } = "";
    public int Clients { get { lock (_gate) return _clients.Count; } }
    public OutletCounts Counts => memory.Counts(Interlocked.Read(ref _garbage));
    public Task FirstClient => _firstClient.Task;
    public long? SaidBetween(DateTimeOffset from, DateTimeOffset to) => _said.Between(from.UtcTicks, to.UtcTicks);

    /// <summary>Points as a connection of the node names them.</summary>
    public IReadOnlyList<OutletPoint>? Points =>
        [.. memory.Points.Select(p => new OutletPoint(p.Name, server.Address(p.Start), p.Type.ToString(), p.Unit.Length > 0 ? p.Unit : null, p.Role.ToString(), p.Scale, p.Words))];

    public Task StartAsync(CancellationToken cancel)
    {
        _listener.Start();
        Endpoint = _listener.LocalEndpoint.ToString()!;
        _accepting = AcceptAsync();
        Log.RegistersListen(log, machine, server.Protocol, Endpoint);
        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<FeedLine> lines) => memory.Write(lines);

    /// <summary>Registers hold only the newest value, so there is nothing to wait for but a client that has read them.</summary>
    public async Task DrainAsync(bool all, CancellationToken cancel)
    {
        while (all && Counts is var c && c.Sent + c.Unseen < c.Produced)
            await Task.Delay(TimeSpan.FromMilliseconds(1), clocks.Wire, cancel).ConfigureAwait(false);
    }

    public void Begin(Fault fault)
    {
        Log.FaultBegins(log, machine, fault.Kind, fault.Duration.TotalSeconds);
        _faults.Begin(fault);
        if (fault.Kind == FaultKind.Garbage) Interlocked.Increment(ref _garbageAsked);
        if (fault.Kind is FaultKind.Restart or FaultKind.Overrun) CutAll();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        CutAll();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool IsDown => _faults.IsOn(FaultKind.Restart) || _faults.IsOn(FaultKind.Overrun);

    private void CutAll() { lock (_gate) foreach (var client in _clients) client.Close(); }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                if (IsDown)
                {
                    socket.Close();
                    continue;
                }
                lock (_gate) _clients.Add(socket);
                Log.ClientCame(log, machine, socket.RemoteEndPoint?.ToString() ?? "?");
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
    }

    private async Task ServeAsync(Socket socket)
    {
        string reason;
        try
        {
            socket.NoDelay = true;
            reason = await AnswerAllAsync(socket, server.Open()).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { reason = e.Message; }
        lock (_gate) _clients.Remove(socket);
        socket.Dispose();
        Log.ClientGone(log, machine, reason);
    }

    private async Task<string> AnswerAllAsync(Socket socket, IRegisterSpeech speech)
    {
        var received = new byte[8192];
        var answer = new ArrayBufferWriter<byte>(512);
        var filled = 0;
        while (true)
        {
            var length = speech.Cut(received.AsSpan(0, filled));
            if (length < 0 || (length == 0 && filled == received.Length)) return "sent what is no request";
            if (length == 0)
            {
                var count = await socket.ReceiveAsync(received.AsMemory(filled), SocketFlags.None, _stop.Token).ConfigureAwait(false);
                if (count == 0) return "closed by the client";
                filled += count;
                continue;
            }
            answer.ResetWrittenCount();
            // The fault is asked before the registers are: what is not answered was not read.
            if (IsDown) return "cut";
            _firstClient.TrySetResult();
            if (!_faults.IsOn(FaultKind.Silence))
            {
                if (Interlocked.Exchange(ref _garbageAsked, 0) > 0)
                {
                    answer.Write(server.Garbage);
                    Interlocked.Increment(ref _garbage);
                }
                else
                {
                    _said.Note(clocks.Factory.GetUtcNow().UtcTicks, () => speech.Answer(received.AsSpan(0, length), memory, answer), () => memory.Counts(0).Sent);
                    if (_faults.IsOn(FaultKind.Astray)) answer.ResetWrittenCount();
                }
            }
            received.AsSpan(length, filled - length).CopyTo(received);
            filled -= length;
            var rest = answer.WrittenMemory;
            while (rest.Length > 0) rest = rest[await socket.SendAsync(rest, SocketFlags.None, _stop.Token).ConfigureAwait(false)..];
        }
    }
}
