namespace Ieum.Connect.OpcUa.Server;

/// <summary>The subscription service set (OPC 10000-4, 5.14), without Publish, which <see cref="PublishDesk"/> answers.</summary>
internal sealed class SubscriptionService(SubscriptionTable table, ServerLimits limits, TimeProvider clock)
{
    public CreateSubscriptionResponse Create(CreateSubscriptionRequest r, ServerSession session)
    {
        var made = table.Create(session, r);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            SubscriptionId = made.Id,
            RevisedPublishingInterval = made.PublishingInterval.TotalMilliseconds,
            RevisedLifetimeCount = made.LifetimeCount,
            RevisedMaxKeepAliveCount = made.MaxKeepAliveCount,
        };
    }

    public ModifySubscriptionResponse Modify(ModifySubscriptionRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session) ?? throw new ServiceRefusal(StatusCodes.BadSubscriptionIdInvalid);
        s.Configure(r.RequestedPublishingInterval, r.RequestedLifetimeCount, r.RequestedMaxKeepAliveCount, r.MaxNotificationsPerPublish, r.Priority);
        s.Timer?.Change(s.PublishingInterval, s.PublishingInterval);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            RevisedPublishingInterval = s.PublishingInterval.TotalMilliseconds,
            RevisedLifetimeCount = s.LifetimeCount,
            RevisedMaxKeepAliveCount = s.MaxKeepAliveCount,
        };
    }

    public SetPublishingModeResponse SetPublishing(SetPublishingModeRequest r, ServerSession session) => new()
    {
        ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
        Results = Each(r.SubscriptionIds, session, s => s.SetPublishing(r.PublishingEnabled)),
    };

    public DeleteSubscriptionsResponse Delete(DeleteSubscriptionsRequest r, ServerSession session) => new()
    {
        ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
        Results = Each(r.SubscriptionIds, session, s => table.Delete(s, byClient: true)),
    };

    public RepublishResponse Republish(RepublishRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session) ?? throw new ServiceRefusal(StatusCodes.BadSubscriptionIdInvalid);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            NotificationMessage = s.Republish(r.RetransmitSequenceNumber) ?? throw new ServiceRefusal(StatusCodes.BadMessageNotAvailable),
        };
    }

    public TransferSubscriptionsResponse Transfer(TransferSubscriptionsRequest r, ServerSession session)
    {
        ServiceRefusal.CheckCount(r.SubscriptionIds.Length, limits.MaxSubscriptionsPerSession);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            Results = [.. r.SubscriptionIds.Select(id => Transfer(id, session, r.SendInitialValues))],
        };
    }

    private TransferResult Transfer(uint id, ServerSession session, bool sendInitialValues)
    {
        if (table.Find(id) is not { } s) return new() { StatusCode = StatusCodes.BadSubscriptionIdInvalid };
        // Only who made it may take it (OPC 10000-4, 5.14.7). An anonymous client proves nothing without a signed channel.
        if (s.User.Name != session.User.Name || (s.User.IsAnonymous && !limits.AnonymousTransfer && session.Mode < MessageSecurityMode.Sign))
            return new() { StatusCode = StatusCodes.BadUserAccessDenied };
        if (s.Desk != session.Publishing)
        {
            if (session.Publishing.Subscriptions.Count >= limits.MaxSubscriptionsPerSession) return new() { StatusCode = StatusCodes.BadTooManySubscriptions };
            s.Desk?.Remove(s, StatusCodes.GoodSubscriptionTransferred);
            session.Publishing.Add(s);
        }
        var available = s.Available;
        if (sendInitialValues) Resend(s);
        return new() { StatusCode = StatusCodes.Good, AvailableSequenceNumbers = available };
    }

    public static void Resend(Subscription subscription)
    {
        foreach (var item in subscription.Items)
            if (item.Mode == MonitoringMode.Reporting && item.Attribute == AttributeIds.Value) (item.Node as VariableNode)?.Resend(item, subscription);
    }

    public static Subscription? Own(SubscriptionTable table, uint id, ServerSession session) =>
        table.Find(id) is { } s && s.Desk == session.Publishing ? s : null;

    private Subscription? Own(uint id, ServerSession session) => Own(table, id, session);

    private StatusCode[] Each(uint[] ids, ServerSession session, Action<Subscription> act)
    {
        ServiceRefusal.CheckCount(ids.Length, limits.MaxSubscriptionsPerSession);
        return [.. ids.Select(id =>
        {
            if (Own(id, session) is not { } s) return StatusCodes.BadSubscriptionIdInvalid;
            act(s);
            return StatusCodes.Good;
        })];
    }
}
