using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Ieum.Connect.Polling;

/// <summary>One connection to a device or gateway: a request goes out, its answer comes back, one at a time.</summary>
internal sealed class RegisterLink : IDisposable
{
    /// <summary>More bytes than any frame of any of the protocols has; a counterpart that sends more without a frame is none of them.</summary>
    private const int MostBytes = 16 * 1024;

    private readonly Socket _socket;
    private readonly IRegisterProtocol _protocol;
    private readonly PollOptions _options;
    private readonly TimeProvider _wire;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ArrayBufferWriter<byte> _sent = new(512);
    private readonly byte[] _received = new byte[MostBytes];
    private int _filled, _taken;
    private ushort _id;
    private volatile bool _isClosed;

    private RegisterLink(Socket socket, IRegisterProtocol protocol, PollOptions options, TimeProvider wire) =>
        (_socket, _protocol, _options, _wire) = (socket, protocol, options, wire);

    /// <summary>A late answer may still come that cannot be told from the next one: use this link no more.</summary>
    public bool IsTainted { get; private set; }

    /// <summary>Both ends of the connection.</summary>
    public EndPoint? Local => _socket.LocalEndPoint;
    public EndPoint? Remote => _socket.RemoteEndPoint;

    /// <summary>Neither closed nor tainted.</summary>
    public bool IsUsable => !IsTainted && !_isClosed;

    /// <summary>Frames passed over because they answered nothing that was asked.</summary>
    public long Foreign { get; private set; }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="TimeoutException">Nobody answered in time.</exception>
    /// <exception cref="IOException">The protocol's own opening was refused.</exception>
    public static async Task<RegisterLink> OpenAsync(PollOptions options, IRegisterProtocol protocol, TimeProvider wire, CancellationToken cancel)
    {
        var socket = options.IsDatagram
            ? new Socket(SocketType.Dgram, ProtocolType.Udp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var link = new RegisterLink(socket, protocol, options, wire);
        using var timer = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, both.Token).ConfigureAwait(false);
            await protocol.OpenAsync(link, both.Token).ConfigureAwait(false);
            return link;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            link.Dispose();
            throw new TimeoutException(FormattableString.Invariant($"No answer within {ReconnectPolicy.ConnectLimit.TotalSeconds:0} s."));
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    /// <exception cref="IOException">The counterpart closed the connection.</exception>
    public async ValueTask<RegisterAnswer> AskAsync(RegisterRequest request, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var answer = await AskHeldAsync(request, cancel).ConfigureAwait(false);
            // Copied before the gate opens: the next one to ask receives into the same buffer.
            return answer.Kind == AnswerKind.Done ? RegisterAnswer.Done(answer.Data.ToArray()) : answer;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Nobody else asks until the result is disposed of; ask with <see cref="AskHeldAsync"/> meanwhile.</summary>
    public async ValueTask<IDisposable> HoldAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        return new Hold(_gate);
    }

    /// <summary>As <see cref="AskAsync"/>, for the one who holds the link.</summary>
    public async ValueTask<RegisterAnswer> AskHeldAsync(RegisterRequest request, CancellationToken cancel)
    {
        _id = _id == ushort.MaxValue ? (ushort)1 : (ushort)(_id + 1);
        var id = _id;
        _sent.ResetWrittenCount();
        _protocol.Encode(request, id, _sent);
        // On a busy computer the timer may be served before the answer that has long arrived: what lies there is taken, not given up.
        if (await WithinLimitAsync(request, id, isSent: false, cancel).ConfigureAwait(false) is { } inTime) return inTime;
        if (_socket.Available > 0 && await WithinLimitAsync(request, id, isSent: true, cancel).ConfigureAwait(false) is { } lyingThere) return lyingThere;
        IsTainted |= !_protocol.IsNumbered;
        return RegisterAnswer.Silent;
    }

    /// <returns>Null when the time an answer may take is over.</returns>
    private async ValueTask<RegisterAnswer?> WithinLimitAsync(RegisterRequest request, ushort id, bool isSent, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            if (!isSent) await SendAsync(_sent.WrittenMemory, both.Token).ConfigureAwait(false);
            while (true)
            {
                var frame = await FrameAsync(both.Token).ConfigureAwait(false);
                if (frame.IsEmpty) return RegisterAnswer.Garbage;
                var answer = _protocol.Decode(frame, request, id);
                if (answer.Kind != AnswerKind.Foreign) return answer;
                Foreign++;
            }
        }
        catch (OperationCanceledException)
        {
            IsTainted |= cancel.IsCancellationRequested && !_protocol.IsNumbered;
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Sends bytes of the protocol's own opening and waits for one frame; empty when what came is none.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> SayAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await SendAsync(bytes, cancel).ConfigureAwait(false);
        return await FrameAsync(cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _isClosed = true;
        _socket.Dispose();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancel).ConfigureAwait(false)..];
    }

    /// <summary>The next frame, valid until the next call; empty when the bytes are none.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> FrameAsync(CancellationToken cancel)
    {
        // What the last call handed out is only now dropped, so that the caller could read it in place.
        if (_taken > 0)
        {
            _received.AsSpan(_taken, _filled - _taken).CopyTo(_received);
            (_filled, _taken) = (_filled - _taken, 0);
        }
        while (true)
        {
            var length = _filled == 0 ? 0 : _protocol.Cut(_received.AsSpan(0, _filled));
            if (length < 0 || length > MostBytes || (length == 0 && _filled == MostBytes)) return default;
            if (length > 0 && length <= _filled)
            {
                _taken = length;
                return _received.AsMemory(0, length);
            }
            // Half a datagram is nothing: the next one begins anew.
            if (_options.IsDatagram) _filled = 0;
            var count = await _socket.ReceiveAsync(_received.AsMemory(_filled), SocketFlags.None, cancel).ConfigureAwait(false);
            if (count == 0 && !_options.IsDatagram) throw new IOException("The device closed the connection.");
            _filled += count;
        }
    }

    private sealed class Hold(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
