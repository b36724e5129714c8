using System.Security.Cryptography;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>A session with a server: outlives the line it was made on (Part 4, 5.6). Calls may come from any thread.</summary>
internal sealed class OpcUaSession : IOpcUaServices
{
    /// <summary>A number with two times has some 40 bytes; texts have more, and then the server's refusal halves the count.</summary>
    private const int BytesPerNotification = 64;

    private readonly OpcUaOptions _options;
    private readonly TimeProvider _factory;
    private ILine _line;
    private NodeId _token;
    private byte[] _serverNonce = [];
    private byte[] _serverCertificate = [];
    private uint _handle;
    private volatile bool _isActive;

    private OpcUaSession(OpcUaOptions options, TimeProvider factory, ServerFacts facts, ILine line) =>
        (_options, _factory, Facts, _line) = (options, factory, facts, line);

    public ServerFacts Facts { get; }
    public NodeId Id { get; private set; }
    public ILine Line => _line;

    /// <summary>How long the server keeps the session without a sign of life; what it granted, not what was asked.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>Makes and activates a session on an open line.</summary>
    public static async Task<OpcUaSession> CreateAsync(ILine line, OpcUaOptions options, string name, ServerFacts facts, TimeProvider factory, CancellationToken cancel)
    {
        var session = new OpcUaSession(options, factory, facts, line);
        var nonce = RandomNumberGenerator.GetBytes(32);
        var answer = await line.CallAsync<CreateSessionResponse>(new CreateSessionRequest
        {
            RequestHeader = session.Header(options.AnswerLimit),
            ClientDescription = line.Client,
            EndpointUrl = line.Endpoint.EndpointUrl,
            SessionName = name,
            ClientNonce = nonce,
            ClientCertificate = line.ClientCertificate,
            RequestedSessionTimeout = options.SessionTimeout.TotalMilliseconds,
            MaxResponseMessageSize = 0,
        }, options.AnswerLimit, cancel).ConfigureAwait(false);
        Check(answer);
        if (!line.IsSignedByServer(answer.ServerSignature, nonce))
            throw new OpcUaException(StatusCodes.BadApplicationSignatureInvalid, "The server could not prove that it holds the key of its certificate.");
        // A list of endpoints that was tampered with on the way to the client would have led it to weaker security (Part 4, 5.6.2).
        if (answer.ServerEndpoints.Length > 0 && !Array.Exists(answer.ServerEndpoints, e => e.SecurityPolicyUri == line.Endpoint.SecurityPolicyUri && e.SecurityMode == line.Endpoint.SecurityMode))
            throw new OpcUaException(StatusCodes.BadSecurityChecksFailed, "The server does not stand by the endpoint it offered before; somebody may have changed its answer on the way.");
        if (line.MostAnswer > 0) facts.Notifications.Told((uint)Math.Max(1, line.MostAnswer / BytesPerNotification));
        session.Id = answer.SessionId;
        session._token = answer.AuthenticationToken;
        session._serverNonce = answer.ServerNonce ?? [];
        session._serverCertificate = answer.ServerCertificate ?? [];
        session.Timeout = TimeSpan.FromMilliseconds(answer.RevisedSessionTimeout);
        await session.ActivateAsync(line, cancel).ConfigureAwait(false);
        return session;
    }

    /// <summary>Moves the session to a new line. Until the server agreed, nothing else may be asked on it (Part 4, 5.6.3).</summary>
    public async Task ReactivateAsync(ILine line, CancellationToken cancel)
    {
        _isActive = false;
        _line = line;
        await ActivateAsync(line, cancel).ConfigureAwait(false);
    }

    public async Task<TResponse> CallAsync<TResponse>(Func<RequestHeader, IServiceRequest> request, CancellationToken cancel, TimeSpan? limit = null)
        where TResponse : class, IServiceResponse
    {
        if (!_isActive) throw new OpcUaException(StatusCodes.BadServerNotConnected, "There is no connection to the server now.");
        var most = limit ?? _options.AnswerLimit;
        var answer = await _line.CallAsync<TResponse>(request(Header(most)), most, cancel).ConfigureAwait(false);
        Check(answer);
        return answer;
    }

    /// <summary>The line is gone; callers are told so until the session stands on another one.</summary>
    public void LineLost() => _isActive = false;

    /// <summary>Ends session and subscriptions in the server; silently when it cannot be reached.</summary>
    public async Task CloseAsync(CancellationToken cancel)
    {
        if (!_isActive) return;
        try
        {
            await CallAsync<CloseSessionResponse>(h => new CloseSessionRequest { RequestHeader = h, DeleteSubscriptions = true }, cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OpcUaException or OperationCanceledException)
        {
            // The server drops the session by itself when its time is up.
        }
        _isActive = false;
    }

    /// <summary>Server states that a session does not survive, as far as status codes tell.</summary>
    public static bool IsGone(StatusCode status) =>
        status == StatusCodes.BadSessionIdInvalid || status == StatusCodes.BadSessionClosed || status == StatusCodes.BadSessionNotActivated ||
        status == StatusCodes.BadIdentityChangeNotSupported || status == StatusCodes.BadNonceInvalid || status == StatusCodes.BadApplicationSignatureInvalid ||
        status == StatusCodes.BadSecurityChecksFailed || status == StatusCodes.BadUserAccessDenied;

    private async Task ActivateAsync(ILine line, CancellationToken cancel)
    {
        var policy = EndpointChoice.TokenFor(line.Endpoint, _options, out var policyUri)
            ?? throw new OpcUaException(StatusCodes.BadIdentityTokenInvalid, "The server takes no log-in of the kind that is set at this endpoint.");
        var (token, signature) = line.Identify(_options, policy, policyUri, _serverNonce);
        var answer = await line.CallAsync<ActivateSessionResponse>(new ActivateSessionRequest
        {
            RequestHeader = Header(_options.AnswerLimit),
            ClientSignature = line.Sign(_serverCertificate, _serverNonce),
            LocaleIds = ["en", "ko", "ja"],
            UserIdentityToken = token,
            UserTokenSignature = signature,
        }, _options.AnswerLimit, cancel).ConfigureAwait(false);
        Check(answer);
        // Each activation gives the nonce for the next one; using an old one is BadNonceInvalid.
        _serverNonce = answer.ServerNonce ?? [];
        _isActive = true;
    }

    private RequestHeader Header(TimeSpan limit) => new()
    {
        AuthenticationToken = _token,
        Timestamp = OpcTime.Of(_factory.GetUtcNow()),
        RequestHandle = Interlocked.Increment(ref _handle),
        TimeoutHint = (uint)Math.Min(limit.TotalMilliseconds, uint.MaxValue),
    };

    private static void Check(IServiceResponse answer)
    {
        if (answer.ResponseHeader.ServiceResult.IsBad) throw new OpcUaException(answer.ResponseHeader.ServiceResult) { IsAnswer = true };
    }
}
