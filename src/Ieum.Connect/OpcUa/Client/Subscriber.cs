using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Makes subscriptions and monitored items for the points, and keeps what the server granted.</summary>
/// <param name="tell">Takes a broken rule and its message.</param>
internal sealed class Subscriber(ConnectionSettings settings, OpcUaOptions options, TimeProvider wire, Action<string, string> tell)
{
    private readonly List<OpcSubscription> _subscriptions = [];
    private bool _isFull;

    public IReadOnlyList<OpcSubscription> Subscriptions => _subscriptions;

    /// <summary>How long the server keeps the subscriptions when nobody fetches; zero without one.</summary>
    public TimeSpan Lifetime => _subscriptions.Count == 0 ? TimeSpan.Zero : _subscriptions.Min(s => s.Lifetime);

    public OpcSubscription? Find(uint id)
    {
        foreach (var s in _subscriptions)
            if (s.Id == id) return s;
        return null;
    }

    /// <summary>Forgets everything the server held: it is gone.</summary>
    public void Forget(IEnumerable<OpcPoint> points)
    {
        _subscriptions.Clear();
        _isFull = false;
        foreach (var p in points) p.Forget();
    }

    /// <summary>One subscription is gone; its points wait for a new one.</summary>
    public void Drop(OpcSubscription subscription, IEnumerable<OpcPoint> points)
    {
        _subscriptions.Remove(subscription);
        _isFull = false;
        foreach (var p in points)
            if (p.Subscription == subscription) (p.Subscription, p.ItemId, p.State) = (null, 0, PointState.Waiting);
    }

    /// <summary>Watches every point that has a node and waits. Refused points are told and due again later; the others are not held up.</summary>
    public async Task WatchAsync(IOpcUaServices services, IReadOnlyList<OpcPoint> points, CancellationToken cancel)
    {
        var waiting = points.Where(p => p is { State: PointState.Waiting, Node: not null }).ToList();
        while (waiting.Count > 0 && !_isFull)
        {
            if (await RoomAsync(services, cancel).ConfigureAwait(false) is not { } subscription) break;
            var part = waiting.GetRange(0, Math.Min(waiting.Count, services.Facts.ItemsPerSubscription.Most - subscription.Items));
            await AddAsync(services, subscription, part, withFilter: true, cancel).ConfigureAwait(false);
            var left = waiting.FindAll(p => p.State == PointState.Waiting);
            if (left.Count == waiting.Count && subscription.Items == 0)
            {
                _isFull = true;
                await DeleteAsync(services, subscription, cancel).ConfigureAwait(false);
            }
            else if (part.Exists(p => p.State == PointState.Waiting)) services.Facts.ItemsPerSubscription.Told((uint)Math.Max(1, subscription.Items));
            waiting = left;
        }
        if (waiting.Count == 0) return;
        foreach (var p in waiting) (p.State, p.RetryAt) = (PointState.Polled, wire.GetTimestamp());
        tell(OpcUaRules.TooManyItems, $"'{settings.Endpoint}' takes no monitored items beyond {points.Count(p => p.State == PointState.Watched)}; {waiting.Count} points, the first '{waiting[0].Settings.Name}', are read in turns. List fewer points, or raise the limit in the server.");
    }

    /// <summary>Tells the server to send fewer notifications in one message: it said that one became too large (Part 4, 5.14.3).</summary>
    public async Task SmallerAsync(IOpcUaServices services, CancellationToken cancel)
    {
        foreach (var s in _subscriptions.ToArray())
            await services.CallAsync<ModifySubscriptionResponse>(h => new ModifySubscriptionRequest
            {
                RequestHeader = h,
                SubscriptionId = s.Id,
                RequestedPublishingInterval = s.Publishing.TotalMilliseconds,
                RequestedMaxKeepAliveCount = s.KeepAliveCount,
                RequestedLifetimeCount = s.LifetimeCount,
                MaxNotificationsPerPublish = (uint)services.Facts.Notifications.Most,
            }, cancel).ConfigureAwait(false);
    }

    /// <summary>A subscription with room, made when needed; null when the server makes none (any more).</summary>
    private async Task<OpcSubscription?> RoomAsync(IOpcUaServices services, CancellationToken cancel)
    {
        foreach (var s in _subscriptions)
            if (s.Items < services.Facts.ItemsPerSubscription.Most && !s.IsLost) return s;
        var subscription = new OpcSubscription();
        try
        {
            subscription.Created(await services.CallAsync<CreateSubscriptionResponse>(h => new CreateSubscriptionRequest
            {
                RequestHeader = h,
                RequestedPublishingInterval = options.Publishing.TotalMilliseconds,
                RequestedMaxKeepAliveCount = OpcSubscription.KeepAlivesFor(options.Publishing),
                RequestedLifetimeCount = OpcSubscription.LifetimeFor(options.Publishing, options.SessionTimeout),
                MaxNotificationsPerPublish = (uint)services.Facts.Notifications.Most,
                PublishingEnabled = true,
            }, cancel).ConfigureAwait(false), wire.GetTimestamp());
        }
        catch (OpcUaException refused) when (refused.Status == StatusCodes.BadTooManySubscriptions || refused.Status == StatusCodes.BadServiceUnsupported || refused.Status == StatusCodes.BadNotImplemented)
        {
            _isFull = true;
            return null;
        }
        _subscriptions.Add(subscription);
        return subscription;
    }

    private async Task AddAsync(IOpcUaServices services, OpcSubscription subscription, List<OpcPoint> points, bool withFilter, CancellationToken cancel)
    {
        var results = await Batches.RunAsync(points, services.Facts.Items, async part => (await services.CallAsync<CreateMonitoredItemsResponse>(h => new CreateMonitoredItemsRequest
        {
            RequestHeader = h,
            SubscriptionId = subscription.Id,
            TimestampsToReturn = TimestampsToReturn.Both,
            ItemsToCreate = [.. part.Select(p => ItemOf(p, withFilter))],
        }, cancel).ConfigureAwait(false)).Results).ConfigureAwait(false);
        var again = new List<OpcPoint>();
        for (var i = 0; i < points.Count; i++)
        {
            var (point, result) = (points[i], results[i]);
            if (!result.StatusCode.IsBad) Watched(point, subscription, result);
            else if (withFilter && IsFilterRefused(result.StatusCode))
            {
                again.Add(point);
                point.OwnDeadband = OwnDeadbandOf(point);
                tell(OpcUaRules.FilterRefused, $"Point '{point.Settings.Name}' ({point.Settings.Address}): the server refused its deadband with {result.StatusCode}. It is read without; {(point.OwnDeadband > 0 ? "the node leaves small changes out by itself" : "every change is passed on")}.");
            }
            else if (result.StatusCode == StatusCodes.BadTooManyMonitoredItems) { }   // stays waiting: another subscription, or in turns
            else Refused(point, result.StatusCode);
        }
        if (again.Count > 0) await AddAsync(services, subscription, again, withFilter: false, cancel).ConfigureAwait(false);
    }

    private static void Watched(OpcPoint point, OpcSubscription subscription, MonitoredItemCreateResult result)
    {
        (point.State, point.Subscription, point.ItemId) = (PointState.Watched, subscription, result.MonitoredItemId);
        (point.Queue, point.Refusals, point.AwaitsFirst) = (result.RevisedQueueSize, 0, true);
        subscription.Items++;
    }

    /// <summary>The point is told and left alone for a while.</summary>
    public void Refused(OpcPoint point, StatusCode status)
    {
        point.State = PointState.Refused;
        point.RetryAt = wire.GetTimestamp() + (long)(point.RetryWait.TotalSeconds * wire.TimestampFrequency);
        point.Refusals++;
        var isUnknown = status == StatusCodes.BadNodeIdUnknown || status == StatusCodes.BadNodeIdInvalid || status == StatusCodes.BadNoMatch;
        tell(isUnknown ? OpcUaRules.NodeUnknown : OpcUaRules.NodeUnreadable,
            $"Point '{point.Settings.Name}' ({point.Settings.Address}) at '{settings.Endpoint}': {status}. The other points go on; this one is tried again in {point.RetryWait.TotalSeconds:0} s. {(isUnknown ? "Check the address, or remove the point." : "Check the rights of the user in the server.")}");
    }

    private MonitoredItemCreateRequest ItemOf(OpcPoint point, bool withFilter)
    {
        var sampling = point.Settings.Period > TimeSpan.Zero ? point.Settings.Period : options.Sampling;
        return new()
        {
            ItemToMonitor = new() { NodeId = point.Node!.Value, AttributeId = AttributeIds.Value },
            MonitoringMode = MonitoringMode.Reporting,
            RequestedParameters = new()
            {
                ClientHandle = point.Handle,
                SamplingInterval = sampling.TotalMilliseconds,
                QueueSize = (uint)options.Queue,
                DiscardOldest = true,
                Filter = withFilter && FilterOf(point) is { } filter ? ExtensionObject.Of(filter) : default,
            },
        };
    }

    /// <summary>Percent needs EURange (Part 8, 6.2): without one there is nothing to take a percent of.</summary>
    private DataChangeFilter? FilterOf(OpcPoint point)
    {
        if (point.Percent > 0)
        {
            if (point.Range > 0) return new() { Trigger = DataChangeTrigger.StatusValue, DeadbandType = (uint)DeadbandType.Percent, DeadbandValue = point.Percent };
            tell(OpcUaRules.FilterRefused, $"Point '{point.Settings.Name}' ({point.Settings.Address}): a deadband of {point.Percent:0.###} % needs the property EURange, and the server has none there. Every change is passed on; set 'deadband' in the unit of the value instead.");
        }
        return point.RawDeadband > 0
            ? new() { Trigger = DataChangeTrigger.StatusValue, DeadbandType = (uint)DeadbandType.Absolute, DeadbandValue = point.RawDeadband } : null;
    }

    private static double OwnDeadbandOf(OpcPoint point) => point is { Percent: > 0, Range: > 0 } ? point.Range * point.Percent / 100 : point.RawDeadband;

    private static bool IsFilterRefused(StatusCode status) =>
        status == StatusCodes.BadFilterNotAllowed || status == StatusCodes.BadMonitoredItemFilterUnsupported ||
        status == StatusCodes.BadMonitoredItemFilterInvalid || status == StatusCodes.BadDeadbandFilterInvalid;

    private async Task DeleteAsync(IOpcUaServices services, OpcSubscription subscription, CancellationToken cancel)
    {
        _subscriptions.Remove(subscription);
        await services.CallAsync<DeleteSubscriptionsResponse>(h => new DeleteSubscriptionsRequest { RequestHeader = h, SubscriptionIds = [subscription.Id] }, cancel).ConfigureAwait(false);
    }
}
