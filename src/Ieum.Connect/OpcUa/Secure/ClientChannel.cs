using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Transport;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Secure;

/// <summary>What a client channel is opened with.</summary>
/// <param name="Server">Where to dial, <c>opc.tcp://host:port/path</c>.</param>
/// <param name="EndpointUrl">What the server is told we want; usually the same.</param>
/// <param name="ServerCertificate">Certificate of the endpoint, already judged; empty under policy None.</param>
internal sealed record ChannelWish(Uri Server, string EndpointUrl, SecurityPolicy Policy, MessageSecurityMode Mode, ApplicationCertificate? Own, byte[] ServerCertificate)
{
    /// <summary>Lifetime asked for a token; renewal comes at three quarters of what the server grants.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);
    public TimeSpan DialLimit { get; init; } = ReconnectPolicy.ConnectLimit;
    public WireLimits Limits { get; init; } = WireLimits.Default;
}

/// <summary>A secure channel to a server: many requests under way at once, renewed by itself. Calls may come from any thread.</summary>
internal sealed class ClientChannel : IAsyncDisposable
{
    private const int MostMessage = 16 << 20, MostChunks = 4096;

    private readonly ChunkStream _stream;
    private readonly Conversation _conversation;
    private readonly ChannelWish _wish;
    private readonly Clocks _clocks;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<IEncodable>> _waiting = [];
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly OpcWriter _body = new(4096), _chunks = new(8192);
    private Task _receiving = Task.CompletedTask, _renewing = Task.CompletedTask;
    private OpcUaException? _end;
    private byte[] _nonce = [];
    private uint _request, _token;
    private bool _isDisposed;

    private ClientChannel(ChunkStream stream, Conversation conversation, ChannelWish wish, Clocks clocks) =>
        (_stream, _conversation, _wish, _clocks) = (stream, conversation, wish, clocks);

    public uint Id => _conversation.ChannelId;
    public uint TokenId => _token;

    /// <summary>Bytes of the longest message the peer takes, by its own word; 0: no limit.</summary>
    public int MostMessageOfPeer { get; private init; }

    /// <summary>How many tokens the channel has had; one more after every renewal.</summary>
    public int Renewals { get; private set; }

    /// <summary>Completes when the line is lost.</summary>
    public Task Ended => _receiving;

    /// <exception cref="OpcUaException">The server refused, or does not speak OPC UA.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="TimeoutException">Nobody answered in time.</exception>
    public static async Task<ClientChannel> OpenAsync(ChannelWish wish, Clocks clocks, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        ClientChannel? channel = null;
        using var limit = new CancellationTokenSource(wish.DialLimit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await socket.ConnectAsync(wish.Server.IdnHost.Trim('[', ']'), wish.Server.Port > 0 ? wish.Server.Port : 4840, both.Token).ConfigureAwait(false);
            var stream = new ChunkStream(socket, (int)wish.Limits.ReceiveBuffer);
            await stream.SendAsync(Uacp.Hello(wish.Limits, wish.EndpointUrl), both.Token).ConfigureAwait(false);
            var agreed = WireLimits.Agree(wish.Limits, await AcknowledgedAsync(stream, both.Token).ConfigureAwait(false));
            var conversation = new Conversation(wish.Policy, wish.Mode, wish.Own, agreed, MostMessage, MostChunks);
            conversation.SetPeer(wish.ServerCertificate);
            channel = new(stream, conversation, wish, clocks) { MostMessageOfPeer = agreed.MostBytes };
            channel._receiving = Task.Run(channel.ReceiveAsync, CancellationToken.None);
            var lifetime = await channel.OpenTokenAsync(SecurityTokenRequestType.Issue, both.Token).ConfigureAwait(false);
            channel._renewing = Task.Run(() => channel.RenewAsync(lifetime), CancellationToken.None);
            return channel;
        }
        catch (Exception fault)
        {
            if (channel is not null) await channel.DisposeAsync().ConfigureAwait(false);
            else socket.Dispose();
            if (fault is OperationCanceledException && !cancel.IsCancellationRequested)
                throw new TimeoutException(FormattableString.Invariant($"'{wish.Server}' did not answer within {wish.DialLimit.TotalSeconds:0.#} s."));
            throw;
        }
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="OpcUaException">The server answered with a fault, the line broke, or the time was up (<c>BadTimeout</c>).</exception>
    public async Task<TResponse> CallAsync<TResponse>(IServiceRequest request, TimeSpan limit, CancellationToken cancel) where TResponse : class, IServiceResponse
    {
        var answer = await AskAsync(MessageKind.Message, request, limit, cancel).ConfigureAwait(false);
        if (answer is ServiceFault fault) throw new OpcUaException(fault.ResponseHeader.ServiceResult.IsBad ? fault.ResponseHeader.ServiceResult : StatusCodes.BadUnexpectedError) { IsAnswer = true };
        return answer as TResponse ?? throw new OpcUaException(StatusCodes.BadUnknownResponse, $"The server answered {request.GetType().Name} with {answer.GetType().Name}.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_end is null)
        {
            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clocks.Wire);
                await SendAsync(MessageKind.Close, NextRequest(), new CloseSecureChannelRequest { RequestHeader = Header(TimeSpan.Zero) }, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException or OpcUaException)
            {
                // Courtesy only.
            }
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        _stream.Dispose();
        await _receiving.ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        // A caller may have given up while its message was still being sent; the buffers are its own until then.
        await _sending.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isDisposed = true;
        _conversation.Dispose();
        _body.Dispose();
        _chunks.Dispose();
        _sending.Release();
        _stop.Dispose();
    }

    private static async Task<WireLimits> AcknowledgedAsync(ChunkStream stream, CancellationToken cancel)
    {
        var chunk = await stream.NextAsync(cancel).ConfigureAwait(false);
        if (!MessageHeader.TryRead(chunk.Span, out var header)) throw new OpcUaException(StatusCodes.BadConnectionClosed, "The server hung up before it said anything.");
        var body = chunk.Span[MessageHeader.Length..];
        if (header.Kind == MessageKind.Error)
        {
            var (status, reason) = Uacp.ReadError(body);
            throw new OpcUaException(status, $"The server refuses the connection: {status}{(reason.Length > 0 ? " (" + reason + ")" : "")}.");
        }
        return header.Kind == MessageKind.Acknowledge && Uacp.TryAcknowledge(body, out var limits) ? limits
            : throw new OpcUaException(StatusCodes.BadTcpMessageTypeInvalid, "The server answered the greeting with something else.");
    }

    /// <returns>The lifetime that the server grants.</returns>
    private async Task<TimeSpan> OpenTokenAsync(SecurityTokenRequestType kind, CancellationToken cancel)
    {
        _nonce = _wish.Policy.IsNone ? [] : RandomNumberGenerator.GetBytes(_wish.Policy.NonceBytes);
        var answer = await AskAsync(MessageKind.Open, new OpenSecureChannelRequest
        {
            RequestHeader = Header(_wish.DialLimit),
            RequestType = kind,
            SecurityMode = _wish.Mode,
            ClientNonce = _nonce,
            RequestedLifetime = (uint)_wish.Lifetime.TotalMilliseconds,
        }, _wish.DialLimit, cancel).ConfigureAwait(false);
        if (answer is not OpenSecureChannelResponse open) throw new OpcUaException((answer as ServiceFault)?.ResponseHeader.ServiceResult ?? StatusCodes.BadUnknownResponse, "The server does not open a secure channel.");
        if (open.ResponseHeader.ServiceResult.IsBad) throw new OpcUaException(open.ResponseHeader.ServiceResult);
        return TimeSpan.FromMilliseconds(Math.Max(1_000, open.SecurityToken.RevisedLifetime));
    }

    /// <summary>Keys are made in the receiving loop, so that nothing under the new token can arrive before them.</summary>
    private void TakeToken(OpenSecureChannelResponse open)
    {
        var nonce = open.ServerNonce ?? [];
        if (!_wish.Policy.IsNone && nonce.Length < _wish.Policy.NonceBytes) throw new OpcUaException(StatusCodes.BadNonceInvalid, $"The server's nonce has {nonce.Length} bytes; {_wish.Policy.Name} needs {_wish.Policy.NonceBytes}.");
        _conversation.ChannelId = open.SecurityToken.ChannelId;
        _conversation.AddToken(open.SecurityToken.TokenId, _nonce, nonce, sendNow: true);
        (_token, Renewals) = (open.SecurityToken.TokenId, Renewals + 1);
    }

    /// <summary>Renews at three quarters of the lifetime; the token before stays good for what the server still sends under it, until a quarter beyond its end.</summary>
    private async Task RenewAsync(TimeSpan lifetime)
    {
        try
        {
            while (true)
            {
                await Task.Delay(lifetime * 0.75, _clocks.Wire, _stop.Token).ConfigureAwait(false);
                var before = _token;
                var until = lifetime * 0.5;   // from 75 % to 125 %
                lifetime = await OpenTokenAsync(SecurityTokenRequestType.Renew, _stop.Token).ConfigureAwait(false);
                _ = ForgetAsync(before, until);
            }
        }
        catch (OperationCanceledException)
        {
            // The channel is closed.
        }
        catch (Exception fault) when (fault is OpcUaException or SocketException or ObjectDisposedException)
        {
            Lose(fault as OpcUaException ?? new(StatusCodes.BadSecureChannelClosed, "The channel could not be renewed: " + fault.Message, fault));
        }
    }

    private async Task ForgetAsync(uint token, TimeSpan after)
    {
        await Task.Delay(after, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested) _conversation.Forget(token);
    }

    private async Task<IEncodable> AskAsync(MessageKind kind, IServiceRequest request, TimeSpan limit, CancellationToken cancel)
    {
        var id = NextRequest();
        var answered = new TaskCompletionSource<IEncodable>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answered;
        try
        {
            if (_end is { } end) throw new OpcUaException(end.Status, end.Message);
            // The limit holds for the sending as well: a peer that does not read any more would hold up everybody for ever.
            var began = _clocks.Wire.GetTimestamp();
            await SendAsync(kind, id, request, cancel).WaitAsync(limit, _clocks.Wire, cancel).ConfigureAwait(false);
            var left = limit - _clocks.Wire.GetElapsedTime(began);
            return await answered.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clocks.Wire, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new OpcUaException(StatusCodes.BadTimeout, FormattableString.Invariant($"The server did not answer {request.GetType().Name} within {limit.TotalSeconds:0.#} s."));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            throw new OpcUaException(StatusCodes.BadConnectionClosed, fault.Message, fault);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    private async Task SendAsync(MessageKind kind, uint id, IServiceRequest request, CancellationToken cancel)
    {
        await _sending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_isDisposed) throw new OpcUaException(StatusCodes.BadSecureChannelClosed, "The channel was closed.");
            _body.Reset();
            _chunks.Reset();
            Messages.Write(_body, request);
            _conversation.Encode(kind, id, _body.Span, _chunks);
            // Half a message would end the conversation, so a caller who gives up does not stop it.
            await _stream.SendAsync(_chunks.Memory, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var chunk = await _stream.NextAsync(_stop.Token).ConfigureAwait(false);
                if (chunk.IsEmpty)
                {
                    Lose(new(StatusCodes.BadConnectionClosed, "The server closed the connection."));
                    return;
                }
                if (MessageHeader.TryRead(chunk.Span, out var header) && header.Kind == MessageKind.Error)
                {
                    var (status, reason) = Uacp.ReadError(chunk.Span[MessageHeader.Length..]);
                    Lose(new(status, $"The server ended the connection: {status}{(reason.Length > 0 ? " (" + reason + ")" : "")}."));
                    return;
                }
                if (_conversation.TryTake(chunk, out var message)) Deliver(message);
            }
        }
        catch (OpcUaException fault)
        {
            Lose(fault);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Lose(new(StatusCodes.BadConnectionClosed, fault is OperationCanceledException ? "The channel was closed." : fault.Message, fault));
        }
    }

    private void Deliver(in Incoming message)
    {
        if (message.Body is not { } body)
        {
            if (_waiting.TryGetValue(message.RequestId, out var aborted)) aborted.TrySetException(new OpcUaException(message.Aborted));
            return;
        }
        var answer = Messages.Read(body, out var error);
        if (answer is OpenSecureChannelResponse { ResponseHeader.ServiceResult.IsBad: false } open && message.Kind == MessageKind.Open) TakeToken(open);
        if (!_waiting.TryGetValue(message.RequestId, out var waiting)) return;   // nobody waits any more
        if (answer is null) waiting.TrySetException(new OpcUaException(StatusCodes.BadDecodingError, "The answer cannot be read: " + error));
        else waiting.TrySetResult(answer);
    }

    private void Lose(OpcUaException why)
    {
        if (Interlocked.CompareExchange(ref _end, why, null) is not null) return;
        _stream.Dispose();
        foreach (var waiting in _waiting.Values) waiting.TrySetException(new OpcUaException(why.Status, why.Message, why));
    }

    private uint NextRequest()
    {
        uint id;
        do id = Interlocked.Increment(ref _request);
        while (id == 0);
        return id;
    }

    private RequestHeader Header(TimeSpan limit) => new() { Timestamp = OpcTime.Of(_clocks.Factory.GetUtcNow()), TimeoutHint = (uint)limit.TotalMilliseconds };
}
