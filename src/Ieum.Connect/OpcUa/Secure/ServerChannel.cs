using System.Net.Sockets;
using System.Security.Cryptography;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Transport;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Secure;

/// <summary>One client's connection, from greeting to end. Foreign bytes cost the client its connection and nothing else.</summary>
internal sealed class ServerChannel : IDisposable
{
    /// <summary>Requests that one client may have under way; a client that sends more is cut.</summary>
    private const int MostUnderWay = 1000;

    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    private readonly ChannelListener _listener;
    private readonly ListenerWish _wish;
    private readonly Clocks _clocks;
    private readonly ChunkStream _stream;
    private readonly string _address;
    private readonly OpcWriter _body = new(4096), _chunks = new(8192);
    // Neither is disposed: late answers still look at them, and they hold no handles.
#pragma warning disable CA2213
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
#pragma warning restore CA2213
    private WireLimits _agreed;
    private SecurityPolicy? _policy;
    private Conversation? _conversation;
    private ChannelPeer? _peer;
    private uint _token;
    private int _underWay;

    public ServerChannel(ChannelListener listener, ListenerWish wish, Socket socket, Clocks clocks)
    {
        (_listener, _wish, _clocks) = (listener, wish, clocks);
        _stream = new(socket, (int)wish.Limits.ReceiveBuffer);
        _address = socket.RemoteEndPoint?.ToString() ?? "?";
    }

    public void Cut() => _stream.Dispose();

    /// <summary>Sends bytes that are no chunk, as a broken machine does; for machines of tests.</summary>
    public Task SpoilAsync(ReadOnlyMemory<byte> bytes) => QuietAsync(SpoilUnguardedAsync(bytes));

    private async Task SpoilUnguardedAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sending.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await _stream.SendAsync(bytes, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Serves until the client leaves, breaks a rule, or the listener is closed. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var registration = cancel.Register(Cut);
        try
        {
            await ServeAsync().ConfigureAwait(false);
        }
        catch (OpcUaException broken)
        {
            await TellAsync(broken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or CryptographicException)
        {
            // The client is gone, was too slow, or showed a certificate that is none.
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        _stream.Dispose();
        if (_peer is { } peer) _wish.Gone(peer);
        // Whoever is sending fails on the closed socket and lets go.
        await _sending.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _conversation?.Dispose();
        _body.Dispose();
        _chunks.Dispose();
    }

    private async Task ServeAsync()
    {
        using var open = new CancellationTokenSource(_wish.OpenLimit, _clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(open.Token, _stop.Token);
        await GreetAsync(both.Token).ConfigureAwait(false);
        while (true)
        {
            var chunk = await _stream.NextAsync(_peer is null ? both.Token : _stop.Token).ConfigureAwait(false);
            if (chunk.IsEmpty) return;
            if (_conversation is null) Begin(chunk.Span);
            if (!_conversation!.TryTake(chunk, out var message)) continue;
            if (message.Kind == MessageKind.Close) return;
            if (message.Body is not { } body) continue;   // the client gave the request up
            if (message.Kind == MessageKind.Message) _conversation.Use(message.Token);
            var request = Messages.Read(body, out var error) as IServiceRequest;
            if (message.Kind == MessageKind.Open) await OpenAsync(request as OpenSecureChannelRequest, message.RequestId).ConfigureAwait(false);
            else if (request is null) await SendAsync(MessageKind.Message, message.RequestId, Fault(StatusCodes.BadDecodingError)).ConfigureAwait(false);
            else if (Interlocked.Increment(ref _underWay) > MostUnderWay) throw new OpcUaException(StatusCodes.BadTcpNotEnoughResources, $"More than {MostUnderWay} requests are under way ({error}).");
            else _ = AnswerAsync(request, message.RequestId);
        }
    }

    private async Task GreetAsync(CancellationToken cancel)
    {
        var chunk = await _stream.NextAsync(cancel).ConfigureAwait(false);
        if (!MessageHeader.TryRead(chunk.Span, out var header) || header.Kind != MessageKind.Hello || !Uacp.TryHello(chunk.Span[MessageHeader.Length..], out var limits, out _))
            throw new OpcUaException(StatusCodes.BadTcpMessageTypeInvalid, "An OPC UA client says hello first.");
        _agreed = WireLimits.Agree(_wish.Limits, limits);
        // Told are our own limits for what the client sends, and the buffers that hold for both.
        await _stream.SendAsync(Uacp.Acknowledge(_agreed with { MaxMessage = (uint)_wish.MostMessage, MaxChunks = _wish.Limits.MaxChunks }), cancel).ConfigureAwait(false);
    }

    /// <summary>The first opening says which policy and which certificate; the mode comes inside.</summary>
    private void Begin(ReadOnlySpan<byte> chunk)
    {
        if (!MessageHeader.TryRead(chunk, out var header) || header.Kind != MessageKind.Open || !Conversation.TryPeekOpen(chunk, out var uri, out var certificate))
            throw new OpcUaException(StatusCodes.BadTcpMessageTypeInvalid, "A secure channel must be opened first.");
        var offered = _wish.Securities.Where(s => s.Policy.Uri == uri).ToList();
        // Clients ask for the endpoints without security even where nothing else is served without it (OPC 10000-4, 5.4.1).
        var policy = offered.Count > 0 ? offered[0].Policy : uri == SecurityPolicy.None.Uri ? SecurityPolicy.None : throw new OpcUaException(StatusCodes.BadSecurityPolicyRejected, "The security policy is not offered.");
        if (!policy.IsNone && _wish.Trust is { } trust)
        {
            var judgement = trust.Judge(certificate, null, null, policy);
            if (!judgement.IsTrusted)
            {
                _wish.Refused?.Invoke($"{_address}: {judgement.Message}");
                // Why is in our log; the client learns no more than the standard allows (OPC 10000-4, 6.1.3).
                throw new OpcUaException(StatusCodes.BadSecurityChecksFailed, "The certificate was not accepted.");
            }
        }
        // The keys need no mode; whether chunks are encrypted is known after the opening, which is always both.
        _policy = policy;
        _conversation = new(policy, MessageSecurityMode.None, _wish.Own, _agreed, _wish.MostMessage, (int)_wish.Limits.MaxChunks);
        _conversation.SetPeer(certificate);
    }

    private async Task OpenAsync(OpenSecureChannelRequest? request, uint id)
    {
        if (request is null) throw new OpcUaException(StatusCodes.BadDecodingError, "The opening cannot be read.");
        var policy = _policy!;
        if (_peer is null)
        {
            var isOffered = _wish.Securities.Any(s => s.Policy == policy && s.Mode == request.SecurityMode);
            if (request.SecurityMode is not (MessageSecurityMode.None or MessageSecurityMode.Sign or MessageSecurityMode.SignAndEncrypt)
                || (request.SecurityMode == MessageSecurityMode.None) != policy.IsNone || (!isOffered && !policy.IsNone))
                throw new OpcUaException(StatusCodes.BadSecurityModeRejected, "The security mode is not offered.");
            if (request.RequestType != SecurityTokenRequestType.Issue) throw new OpcUaException(StatusCodes.BadSecureChannelIdInvalid, "There is no channel to renew.");
            _conversation!.SetMode(request.SecurityMode);
            _conversation.ChannelId = _listener.NextId();
            _peer = new(_conversation.ChannelId, request.SecurityMode, policy.Uri, _conversation.PeerCertificate, _address) { IsDiscoveryOnly = policy.IsNone && !isOffered };
        }
        else if (request.RequestType != SecurityTokenRequestType.Renew || request.SecurityMode != _peer.Mode) throw new OpcUaException(StatusCodes.BadSecurityChecksFailed, "A channel cannot be opened twice.");
        if ((request.ClientNonce?.Length ?? 0) < policy.NonceBytes) throw new OpcUaException(StatusCodes.BadNonceInvalid, "The nonce is too short.");
        var own = policy.IsNone ? [] : RandomNumberGenerator.GetBytes(policy.NonceBytes);
        var lifetime = Math.Clamp(request.RequestedLifetime, 10_000, (uint)_wish.MostLifetime.TotalMilliseconds);
        var before = _token;
        _token++;
        await SendAsync(MessageKind.Open, id, new OpenSecureChannelResponse
        {
            ResponseHeader = new() { RequestHandle = request.RequestHeader.RequestHandle, Timestamp = OpcTime.Of(_clocks.Factory.GetUtcNow()) },
            SecurityToken = new() { ChannelId = _conversation!.ChannelId, TokenId = _token, CreatedAt = OpcTime.Of(_clocks.Factory.GetUtcNow()), RevisedLifetime = lifetime },
            ServerNonce = own,
        }, () => _conversation.AddToken(_token, own, request.ClientNonce ?? [], sendNow: false)).ConfigureAwait(false);
        _ = ExpireAsync(_token, TimeSpan.FromMilliseconds(lifetime * 1.25));
        if (before != 0) _ = ForgetAsync(before, TimeSpan.FromMilliseconds(lifetime * 0.5));
    }

    private async Task ForgetAsync(uint token, TimeSpan after)
    {
        await Task.Delay(after, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested) _conversation!.Forget(token);
    }

    /// <summary>A client that never renews is gone, whatever its socket says.</summary>
    private async Task ExpireAsync(uint token, TimeSpan after)
    {
        await Task.Delay(after, _clocks.Wire, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested && _token == token) Cut();
    }

    private async Task AnswerAsync(IServiceRequest request, uint id)
    {
        try
        {
            var answer = _peer!.IsDiscoveryOnly && request is not (GetEndpointsRequest or FindServersRequest)
                ? Fault(StatusCodes.BadSecurityPolicyRejected, request) : await _wish.Answer(request, _peer, _stop.Token).ConfigureAwait(false);
            await SendAsync(MessageKind.Message, id, answer).ConfigureAwait(false);
        }
        catch (OpcUaException tooLong)
        {
            // The answer does not fit into what the client takes: it is told so instead.
            await QuietAsync(SendAsync(MessageKind.Message, id, Fault(tooLong.Status == StatusCodes.BadEncodingLimitsExceeded ? StatusCodes.BadResponseTooLarge : tooLong.Status, request))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Cut();
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task SendAsync(MessageKind kind, uint id, IServiceResponse answer, Action? sent = null)
    {
        await _sending.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            _body.Reset();
            _chunks.Reset();
            Messages.Write(_body, answer);
            _conversation!.Encode(kind, id, _body.Span, _chunks);
            // Keys before the answer: the client may use them the moment it has it.
            sent?.Invoke();
            using var limit = new CancellationTokenSource(SendLimit, _clocks.Wire);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            await _stream.SendAsync(_chunks.Memory, both.Token).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task TellAsync(OpcUaException broken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clocks.Wire);
        try
        {
            await _sending.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                await _stream.SendAsync(Uacp.Error(broken.Status, broken.Message), limit.Token).ConfigureAwait(false);
                _stream.Socket.Shutdown(SocketShutdown.Send);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It did not stay to hear it.
        }
    }

    private ServiceFault Fault(StatusCode status, IServiceRequest? request = null) => new()
    {
        ResponseHeader = new() { ServiceResult = status, RequestHandle = request?.RequestHeader.RequestHandle ?? 0, Timestamp = OpcTime.Of(_clocks.Factory.GetUtcNow()) },
    };

    private static async Task QuietAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception e) when (e is OpcUaException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone.
        }
    }
}
