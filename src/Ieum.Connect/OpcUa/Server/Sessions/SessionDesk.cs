using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>The session service set (OPC 10000-4, 5.7): who is there, who may be, and when somebody is gone.</summary>
internal sealed class SessionDesk(ServerSettings settings, ISessionSecurity security, EndpointTable endpoints, SubscriptionTable subscriptions, Clocks clocks, ILogger log) : IDisposable
{
    private const int NonceLength = 32;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<NodeId, ServerSession> _sessions = [];
    private readonly Lock _creating = new();
    private ITimer? _watch;
    private uint _nextId;
    private long _created, _rejected, _timedOut;

    public int Count => _sessions.Count;
    public int Active => _sessions.Values.Count(s => s.Active);
    public long Created => Interlocked.Read(ref _created);
    public long Rejected => Interlocked.Read(ref _rejected);
    public long TimedOut => Interlocked.Read(ref _timedOut);

    public void Start() => _watch = clocks.Wire.CreateTimer(_ => DropIdle(), null, Look, Look);

    /// <summary>The session a request belongs to.</summary>
    /// <exception cref="ServiceRefusal">It does not exist, is not activated, or belongs to another channel.</exception>
    public ServerSession Find(IServiceRequest request, ChannelFacts channel)
    {
        if (!_sessions.TryGetValue(request.RequestHeader.AuthenticationToken, out var session)) throw new ServiceRefusal(StatusCodes.BadSessionIdInvalid);
        session.Touch();
        // A new channel must be bound by ActivateSession before the session is used over it (5.7.3).
        if (session.Channel != channel.Id) throw new ServiceRefusal(StatusCodes.BadSecureChannelIdInvalid);
        if (!session.Active)
        {
            Close(session, deleteSubscriptions: true);
            throw new ServiceRefusal(StatusCodes.BadSessionNotActivated);
        }
        return session;
    }

    public CreateSessionResponse Create(CreateSessionRequest r, ChannelFacts channel)
    {
        // A channel without security is open to everybody for discovery; a session needs an endpoint that is offered.
        if (!settings.Securities.Contains(new(channel.PolicyUri, channel.Mode))) throw Refused(StatusCodes.BadSecurityModeRejected);
        var secured = channel.Mode != MessageSecurityMode.None;
        if (secured && r.ClientNonce is not { Length: >= 32 }) throw Refused(StatusCodes.BadNonceInvalid);
        if (secured && !(r.ClientCertificate ?? []).AsSpan().StartsWith(channel.ClientCertificate)) throw Refused(StatusCodes.BadCertificateInvalid);
        var timeout = TimeSpan.FromMilliseconds(double.IsNaN(r.RequestedSessionTimeout) ? 0 : Math.Clamp(
            r.RequestedSessionTimeout, settings.Limits.MinSessionTimeout.TotalMilliseconds, settings.Limits.MaxSessionTimeout.TotalMilliseconds));
        ServerSession session;
        lock (_creating)
        {
            if (_sessions.Count >= settings.Limits.MaxSessions)
            {
                // One that was never activated gives way: otherwise somebody without an account could lock out everybody.
                var idle = _sessions.Values.Where(s => !s.Active).MaxBy(s => s.Idle) ?? throw Refused(StatusCodes.BadTooManySessions);
                Close(idle, deleteSubscriptions: true);
            }
            session = new(new(1, ++_nextId), new(1, RandomNumberGenerator.GetBytes(NonceLength)), r.SessionName ?? "", r.ClientDescription,
                channel.ClientCertificate, timeout, settings.Limits, clocks)
            { Nonce = RandomNumberGenerator.GetBytes(NonceLength), Channel = channel.Id, Mode = channel.Mode };
            _sessions[session.Token] = session;
        }
        Interlocked.Increment(ref _created);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clocks.Factory),
            SessionId = session.Id,
            AuthenticationToken = session.Token,
            RevisedSessionTimeout = timeout.TotalMilliseconds,
            ServerNonce = session.Nonce,
            ServerCertificate = security.Certificate,
            ServerEndpoints = endpoints.All(r.EndpointUrl),
            ServerSignature = secured ? security.Sign(channel.PolicyUri, r.ClientCertificate!, r.ClientNonce!) : new(),
        };
    }

    public async ValueTask<ActivateSessionResponse> ActivateAsync(ActivateSessionRequest r, ChannelFacts channel, CancellationToken cancel)
    {
        if (!_sessions.TryGetValue(r.RequestHeader.AuthenticationToken, out var session)) throw new ServiceRefusal(StatusCodes.BadSessionIdInvalid);
        session.Touch();
        if (!session.Active && session.Channel != channel.Id) throw Refused(StatusCodes.BadSecureChannelIdInvalid);
        if (channel.Mode != MessageSecurityMode.None)
        {
            // The client of a session is its certificate, over whatever channel it comes back.
            if (!session.ClientCertificate.AsSpan().SequenceEqual(channel.ClientCertificate)) throw Refused(StatusCodes.BadSecurityChecksFailed);
            if (!security.Verify(channel.PolicyUri, channel.ClientCertificate, r.ClientSignature, session.Nonce)) throw Refused(StatusCodes.BadApplicationSignatureInvalid);
        }
        else if (session.ClientCertificate.Length > 0) throw Refused(StatusCodes.BadSecurityChecksFailed);
        var user = await settings.Admit(Credential(r, session, channel), cancel).ConfigureAwait(false);
        if (user is null)
        {
            Interlocked.Increment(ref _rejected);
            OpcUaServerLog.UserRefused(log, settings.Name, channel.Peer);
            throw new ServiceRefusal(r.UserIdentityToken.Body is null or AnonymousIdentityToken ? StatusCodes.BadIdentityTokenRejected : StatusCodes.BadUserAccessDenied);
        }
        if (session.Active && session.Channel != channel.Id)
        {
            if (session.User.Name != user.Name) throw Refused(StatusCodes.BadIdentityChangeNotSupported);
            session.Publishing.Forget(session.Channel);
        }
        session.Nonce = RandomNumberGenerator.GetBytes(NonceLength);
        (session.User, session.Channel, session.Mode, session.Active) = (user, channel.Id, channel.Mode, true);
        return new() { ResponseHeader = Fault.Header(r, StatusCodes.Good, clocks.Factory), ServerNonce = session.Nonce };
    }

    public CloseSessionResponse Close(CloseSessionRequest r, ChannelFacts channel)
    {
        if (!_sessions.TryGetValue(r.RequestHeader.AuthenticationToken, out var session)) throw new ServiceRefusal(StatusCodes.BadSessionIdInvalid);
        if (session.Channel != channel.Id) throw new ServiceRefusal(StatusCodes.BadSecureChannelIdInvalid);
        Close(session, r.DeleteSubscriptions);
        return new() { ResponseHeader = Fault.Header(r, StatusCodes.Good, clocks.Factory) };
    }

    /// <summary>A channel is gone: requests that wait for an answer over it are dropped; the sessions wait for a new channel.</summary>
    public void ChannelGone(uint channel)
    {
        foreach (var s in _sessions.Values)
            if (s.Channel == channel) s.Publishing.Forget(channel);
    }

    public void Dispose()
    {
        _watch?.Dispose();
        CloseAll();
    }

    public void CloseAll()
    {
        foreach (var s in _sessions.Values) Close(s, deleteSubscriptions: false);
    }

    private void Close(ServerSession session, bool deleteSubscriptions)
    {
        if (!_sessions.TryRemove(session.Token, out _)) return;
        var left = session.Publishing.Close();
        if (!deleteSubscriptions) return;   // they live on until their lifetime is over, or somebody takes them
        foreach (var s in left) subscriptions.Delete(s, byClient: true);
    }

    private void DropIdle()
    {
        foreach (var s in _sessions.Values)
        {
            if (s.Idle <= (s.Active ? s.Timeout : settings.Limits.ActivationLimit)) continue;
            Interlocked.Increment(ref _timedOut);
            OpcUaServerLog.SessionTimedOut(log, settings.Name, s.Name, s.Idle.TotalSeconds);
            Close(s, deleteSubscriptions: false);
        }
    }

    private UaCredential Credential(ActivateSessionRequest r, ServerSession session, ChannelFacts channel)
    {
        switch (r.UserIdentityToken.Body)
        {
            case null when r.UserIdentityToken.IsNull:
            case AnonymousIdentityToken:
                return settings.Anonymous ? new UaCredential.Nobody() : throw Refused(StatusCodes.BadIdentityTokenRejected);
            case UserNameIdentityToken t when settings.UserNames:
                var policy = endpoints.TokenPolicy(channel, t.PolicyId) ?? throw Refused(StatusCodes.BadIdentityTokenInvalid);
                return security.TryDecrypt(policy, t.Password ?? [], t.EncryptionAlgorithm, session.Nonce, out var password)
                    ? new UaCredential.Account(t.UserName ?? "", password) : throw Refused(StatusCodes.BadIdentityTokenInvalid);
            case X509IdentityToken t when settings.UserCertificates:
                var signedWith = endpoints.TokenPolicy(channel, t.PolicyId) ?? throw Refused(StatusCodes.BadIdentityTokenInvalid);
                return t.CertificateData is { Length: > 0 } der && security.Verify(signedWith, der, r.UserTokenSignature, session.Nonce)
                    ? new UaCredential.Certificate(der) : throw Refused(StatusCodes.BadUserSignatureInvalid);
            default:
                throw Refused(StatusCodes.BadIdentityTokenInvalid);
        }
    }

    private ServiceRefusal Refused(StatusCode status)
    {
        Interlocked.Increment(ref _rejected);
        return new(status);
    }
}
