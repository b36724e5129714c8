namespace Ieum.Connect.OpcUa.Server;

/// <summary>What a server grants at most. Every list, queue and table a client can fill has its bound here.</summary>
/// <remarks>Counts are per the thing named; times are wire time. Operation limits of 0 do not exist: a bound is always told (OPC 10000-5, 6.3.11).</remarks>
internal sealed record ServerLimits
{
    public int MaxSessions { get; init; } = 50;

    /// <summary>TCP connections at once, with or without a channel.</summary>
    public int MaxConnections { get; init; } = 100;
    public int MaxSubscriptions { get; init; } = 500;
    public int MaxSubscriptionsPerSession { get; init; } = 50;
    public int MaxMonitoredItems { get; init; } = 500_000;
    public int MaxMonitoredItemsPerSubscription { get; init; } = 200_000;

    public int MaxNodesPerRead { get; init; } = 1_000;
    public int MaxNodesPerWrite { get; init; } = 1_000;
    public int MaxNodesPerBrowse { get; init; } = 1_000;
    public int MaxNodesPerMethodCall { get; init; } = 100;
    public int MaxNodesPerHistoryRead { get; init; } = 100;
    public int MaxNodesPerTranslate { get; init; } = 1_000;
    public int MaxNodesPerRegister { get; init; } = 1_000;
    public int MaxMonitoredItemsPerCall { get; init; } = 1_000;

    /// <summary>References in one browse result before a continuation point is given.</summary>
    public int MaxReferencesPerNode { get; init; } = 1_000;
    public int MaxBrowseContinuationPoints { get; init; } = 20;
    public int MaxHistoryContinuationPoints { get; init; } = 100;

    /// <summary>Values of one node in one history answer before a continuation point is given.</summary>
    public int MaxHistoryValues { get; init; } = 10_000;

    /// <summary>Publish requests a session may have waiting; the oldest is refused beyond it (OPC 10000-4, 5.14.5).</summary>
    public int MaxPublishRequests { get; init; } = 100;

    /// <summary>Values one monitored item may queue.</summary>
    public int MaxQueueSize { get; init; } = 100_000;

    /// <summary>Values an item that asked for a queue at all (more than 1) is given at least.</summary>
    public int MinQueueSize { get; init; } = 1;

    /// <summary>Values all items of one subscription may queue together; beyond it the queue rules of the item decide.</summary>
    public int MaxQueuedPerSubscription { get; init; } = 1_000_000;

    /// <summary>Values in one notification message.</summary>
    public int MaxNotificationsPerPublish { get; init; } = 5_000;

    /// <summary>Sent messages kept for Republish, per subscription.</summary>
    public int MaxRetransmissions { get; init; } = 64;

    public TimeSpan MinPublishingInterval { get; init; } = TimeSpan.FromMilliseconds(20);
    public TimeSpan MaxPublishingInterval { get; init; } = TimeSpan.FromHours(1);
    public TimeSpan MinSessionTimeout { get; init; } = TimeSpan.FromSeconds(2);
    public TimeSpan MaxSessionTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time a created session has to be activated before it is dropped.</summary>
    public TimeSpan ActivationLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest life of a subscription without a publish request.</summary>
    public TimeSpan MaxSubscriptionLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>An anonymous session takes over subscriptions of another anonymous one. The standard asks for a signed channel (OPC 10000-4, 5.14.7); a test machine on loopback may be laxer.</summary>
    public bool AnonymousTransfer { get; init; }
}
