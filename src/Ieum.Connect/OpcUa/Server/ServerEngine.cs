using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>An OPC UA server without its wire: takes decoded requests, gives answers. One per endpoint address.</summary>
internal sealed class ServerEngine : IDisposable
{
    private readonly ILogger _log;
    private readonly EndpointTable _endpoints;
    private readonly ReadWriteService _readWrite;
    private readonly BrowseService _browse;
    private readonly CallService _call;
    private readonly HistoryService _history;
    private readonly SubscriptionService _subscription;
    private readonly ItemService _item;
    private long _rejected;

    public ServerEngine(ServerSettings settings, ISessionSecurity security, Clocks clocks, ILogger log)
    {
        (Settings, Clock, _log) = (settings, clocks.Factory, log);
        var clock = Clock;
        Space = new(settings.ApplicationUri);
        Subscriptions = new(settings.Limits, clocks, settings.Book);
        _endpoints = new(settings, () => security.Certificate);
        Sessions = new(settings, security, _endpoints, Subscriptions, clocks, log);
        _readWrite = new(Space, new(Space, clock), settings.Limits, clock);
        _browse = new(Space, settings.Limits, clock);
        _call = new(Space, settings.Limits, clock);
        _history = new(Space, settings.Limits, clock);
        _subscription = new(Subscriptions, settings.Limits, clock);
        _item = new(Space, Subscriptions, settings.Limits, clock);
        Started = OpcClock.Now(Clock);
        ServerObject.Fill(this);
        Sessions.Start();
    }

    public ServerSettings Settings { get; }
    /// <summary>The clock of stamps; time-outs and intervals run on the wire clock.</summary>
    public TimeProvider Clock { get; }
    public AddressSpace Space { get; }
    public SessionDesk Sessions { get; }
    public SubscriptionTable Subscriptions { get; }
    public OpcTime Started { get; private set; }
    public ServerState State { get; set; } = ServerState.Running;
    public long RejectedRequests => Interlocked.Read(ref _rejected);

    /// <summary>Answers one request; a refusal is a <see cref="ServiceFault"/>, never an exception.</summary>
    public async ValueTask<IServiceResponse> AnswerAsync(IServiceRequest request, ChannelFacts channel, CancellationToken cancel)
    {
        try
        {
            return request switch
            {
                GetEndpointsRequest r => Endpoints(r),
                FindServersRequest r => Servers(r),
                CreateSessionRequest r => Sessions.Create(r, channel),
                ActivateSessionRequest r => await Sessions.ActivateAsync(r, channel, cancel).ConfigureAwait(false),
                CloseSessionRequest r => Sessions.Close(r, channel),
                _ => await AnswerAsync(request, Sessions.Find(request, channel), channel, cancel).ConfigureAwait(false),
            };
        }
        catch (ServiceRefusal refusal)
        {
            Interlocked.Increment(ref _rejected);
            return Fault.Of(request, refusal.Status, Clock);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            OpcUaServerLog.Unexpected(_log, Settings.Name, request.GetType().Name, e);
            return Fault.Of(request, StatusCodes.BadInternalError, Clock);
        }
    }

    /// <summary>As after a restart of the machine: nobody is logged in, nobody subscribes, nothing sent is remembered.</summary>
    public void Reset()
    {
        Sessions.CloseAll();
        Subscriptions.Clear();
        Started = OpcClock.Now(Clock);
    }

    public void Dispose()
    {
        Sessions.Dispose();
        Subscriptions.Dispose();
    }

    private async ValueTask<IServiceResponse> AnswerAsync(IServiceRequest request, ServerSession session, ChannelFacts channel, CancellationToken cancel) => request switch
    {
        PublishRequest r => await session.Publishing.PublishAsync(r, channel.Id).ConfigureAwait(false),
        ReadRequest r => _readWrite.Read(r, session),
        WriteRequest r => await _readWrite.WriteAsync(r, session, cancel).ConfigureAwait(false),
        BrowseRequest r => _browse.Browse(r, session),
        BrowseNextRequest r => _browse.BrowseNext(r, session),
        TranslateBrowsePathsToNodeIdsRequest r => _browse.Translate(r),
        RegisterNodesRequest r => _browse.Register(r),
        UnregisterNodesRequest r => _browse.Unregister(r),
        CallRequest r => await _call.CallAsync(r, session, cancel).ConfigureAwait(false),
        HistoryReadRequest r => await _history.ReadAsync(r, session, cancel).ConfigureAwait(false),
        CreateSubscriptionRequest r => _subscription.Create(r, session),
        ModifySubscriptionRequest r => _subscription.Modify(r, session),
        SetPublishingModeRequest r => _subscription.SetPublishing(r, session),
        DeleteSubscriptionsRequest r => _subscription.Delete(r, session),
        TransferSubscriptionsRequest r => _subscription.Transfer(r, session),
        RepublishRequest r => _subscription.Republish(r, session),
        CreateMonitoredItemsRequest r => _item.Create(r, session),
        ModifyMonitoredItemsRequest r => _item.Modify(r, session),
        DeleteMonitoredItemsRequest r => _item.Delete(r, session),
        SetMonitoringModeRequest r => _item.SetMode(r, session),
        SetTriggeringRequest r => _item.SetTriggering(r, session),
        // Nothing but Publish waits, and those are answered when their subscription speaks.
        CancelRequest r => new CancelResponse { ResponseHeader = Fault.Header(r, StatusCodes.Good, Clock) },
        _ => throw new ServiceRefusal(StatusCodes.BadServiceUnsupported),
    };

    private GetEndpointsResponse Endpoints(GetEndpointsRequest r) => new()
    {
        ResponseHeader = Fault.Header(r, StatusCodes.Good, Clock),
        Endpoints = r.ProfileUris.Length == 0 || r.ProfileUris.Any(p => p?.EndsWith("uatcp-uasc-uabinary", StringComparison.Ordinal) == true) ? _endpoints.All(r.EndpointUrl) : [],
    };

    private FindServersResponse Servers(FindServersRequest r) => new()
    {
        ResponseHeader = Fault.Header(r, StatusCodes.Good, Clock),
        Servers = r.ServerUris.Length == 0 || r.ServerUris.Contains(Settings.ApplicationUri) ? [_endpoints.Application(r.EndpointUrl)] : [],
    };
}
