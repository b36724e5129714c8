using System.Net;
using System.Net.Sockets;
using Ieum.Sim.Stations;

namespace Ieum.Sim.Tests.Stations;

/// <summary>A controller's port, TCP and UDP with the same number.</summary>
/// <param name="open">A new client; true for datagrams, where every datagram is one frame.</param>
/// <param name="port">0 takes a free one.</param>
internal sealed class StationServer(Func<bool, IStationSession> open, int port = 0) : IAsyncDisposable
{
    private const int MostBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener, _datagrams;
    private Task _serving = Task.CompletedTask;
    private int _dropNext, _answered;

    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.Loopback, port);
    public int Clients { get { lock (_gate) return _clients.Count; } }

    /// <summary>Takes frames and answers nothing, with all connections open.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Answers the next request with bytes that are no frame.</summary>
    public bool SpeakGarbageOnce { get; set; }

    /// <summary>Takes no connection: each is closed at once.</summary>
    public bool IsDown { get; set; }

    /// <summary>Requests that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Only the first client is answered, as on a port of many controllers: a second one is taken and never hears anything.</summary>
    public bool OneClient { get; init; }

    /// <summary>Loses so many of the next answers on UDP.</summary>
    public void LoseAnswers(int count) => Interlocked.Exchange(ref _dropNext, count);

    public void Start()
    {
        // The two kinds of sockets share the number, so a free TCP port may be taken on UDP: try another one.
        for (var attempt = 0; ; attempt++)
        {
            _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
                Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
                _datagrams.Bind(Endpoint);
                break;
            }
            catch (SocketException) when (port == 0 && attempt < 20)
            {
                _listener.Dispose();
                _datagrams.Dispose();
            }
        }
        _listener.Listen(64);
        _serving = Task.WhenAll(AcceptAsync(_listener), DatagramsAsync(_datagrams));
    }

    public void Cut()
    {
        lock (_gate) foreach (var client in _clients) client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        _datagrams?.Dispose();
        Cut();
        await _serving.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (IsDown)
                {
                    client.Close(0);
                    continue;
                }
                bool isSecond;
                lock (_gate)
                {
                    isSecond = OneClient && _clients.Count > 0;
                    _clients.Add(client);
                }
                _ = ServeAsync(client, isSecond);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
    }

    private async Task ServeAsync(Socket client, bool isMute)
    {
        var session = open(false);
        var received = new byte[MostBytes];
        var filled = 0;
        try
        {
            client.NoDelay = true;
            while (await client.ReceiveAsync(received.AsMemory(filled), SocketFlags.None, _stop.Token).ConfigureAwait(false) is > 0 and var count)
            {
                filled += count;
                while (session.Cut(received.AsSpan(0, filled)) is not 0 and var length)
                {
                    if (length < 0) return;
                    var answer = isMute ? null : AnswerTo(session, received.AsMemory(0, length));
                    received.AsSpan(length, filled - length).CopyTo(received);
                    filled -= length;
                    if (answer is not null) await client.SendAsync(answer, SocketFlags.None, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }
        finally
        {
            lock (_gate) _clients.Remove(client);
            client.Dispose();
        }
    }

    private async Task DatagramsAsync(Socket socket)
    {
        var received = new byte[MostBytes];
        while (true)
        {
            try
            {
                var from = await socket.ReceiveFromAsync(received, SocketFlags.None, new IPEndPoint(IPAddress.Loopback, 0), _stop.Token).ConfigureAwait(false);
                var session = open(true);
                if (IsDown || session.Cut(received.AsSpan(0, from.ReceivedBytes)) != from.ReceivedBytes) continue;
                if (AnswerTo(session, received.AsMemory(0, from.ReceivedBytes)) is not { } answer) continue;
                if (Interlocked.Decrement(ref _dropNext) >= 0) continue;
                await socket.SendToAsync(answer, SocketFlags.None, from.RemoteEndPoint, _stop.Token).ConfigureAwait(false);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                // A client that has gone shows as an error of the next receive; the others still want answers.
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private byte[]? AnswerTo(IStationSession session, ReadOnlyMemory<byte> frame)
    {
        if (IsSilent) return null;
        if (session.Answer(frame) is not { } answer) return null;
        Interlocked.Increment(ref _answered);
        if (!SpeakGarbageOnce) return answer;
        SpeakGarbageOnce = false;
        return "\0\u0001not a frame of this protocol"u8.ToArray();
    }
}
