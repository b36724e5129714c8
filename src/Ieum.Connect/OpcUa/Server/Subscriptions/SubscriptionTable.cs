using System.Collections.Concurrent;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>All subscriptions of a server, with or without a session, and the timers that drive them.</summary>
internal sealed class SubscriptionTable(ServerLimits limits, Clocks clocks, IDeliveryBook? book) : IDisposable
{
    private readonly ConcurrentDictionary<uint, Subscription> _subscriptions = [];
    // Ids do not begin at 1 again after a restart, so that a client notices that its subscription is another one.
    private uint _nextId = (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 1 << 30);
    private uint _nextItem;
    private int _items;
    private long _created;

    public int Count => _subscriptions.Count;
    public long Created => Interlocked.Read(ref _created);
    public int Items => Volatile.Read(ref _items);
    public IEnumerable<Subscription> All => _subscriptions.Values;

    /// <summary>Values in queues that are in no message yet.</summary>
    public long Queued => _subscriptions.Values.Sum(s => (long)s.Queued);

    /// <summary>Values in messages that wait for their acknowledgement.</summary>
    public long Unacknowledged => _subscriptions.Values.Sum(s => (long)s.Unacknowledged);

    public IDeliveryBook? Book => book;

    /// <summary>No publishing cycle takes place while it is set; values go on to be queued. For machines that misbehave on request.</summary>
    public bool Paused { get; set; }

    public Subscription? Find(uint id) => _subscriptions.GetValueOrDefault(id);

    public uint NextItemId() => Interlocked.Increment(ref _nextItem);

    public bool TryReserveItem()
    {
        if (Interlocked.Increment(ref _items) <= limits.MaxMonitoredItems) return true;
        Interlocked.Decrement(ref _items);
        return false;
    }

    public void ReleaseItems(int count) => Interlocked.Add(ref _items, -count);

    /// <exception cref="ServiceRefusal">There are as many as there may be.</exception>
    public Subscription Create(ServerSession session, CreateSubscriptionRequest r)
    {
        if (_subscriptions.Count >= limits.MaxSubscriptions || session.Publishing.Subscriptions.Count >= limits.MaxSubscriptionsPerSession)
            throw new ServiceRefusal(StatusCodes.BadTooManySubscriptions);
        var subscription = new Subscription(Interlocked.Increment(ref _nextId), session.User, limits, clocks, book);
        subscription.Configure(r.RequestedPublishingInterval, r.RequestedLifetimeCount, r.RequestedMaxKeepAliveCount, r.MaxNotificationsPerPublish, r.Priority);
        subscription.SetPublishing(r.PublishingEnabled);
        subscription.Timer = clocks.Wire.CreateTimer(_ => Cycle(subscription), null, subscription.PublishingInterval, subscription.PublishingInterval);
        _subscriptions[subscription.Id] = subscription;
        Interlocked.Increment(ref _created);
        session.Publishing.Add(subscription);
        return subscription;
    }

    /// <param name="byClient">The client asked for it; see <see cref="Subscription.End"/>.</param>
    public void Delete(Subscription subscription, bool byClient, StatusCode? farewell = null)
    {
        if (!_subscriptions.TryRemove(subscription.Id, out _)) return;
        subscription.Desk?.Remove(subscription, farewell);
        var items = subscription.End(byClient);
        foreach (var item in items) (item.Node as VariableNode)?.Unwatch(item);
        ReleaseItems(items.Count);
    }

    public void Clear()
    {
        foreach (var s in _subscriptions.Values) Delete(s, byClient: false);
    }

    public void Dispose() => Clear();

    private void Cycle(Subscription subscription)
    {
        if (Paused) return;
        if (!(subscription.Desk?.Cycle(subscription) ?? subscription.Cycle(requestWaits: false)))
            Delete(subscription, byClient: false, StatusCodes.BadTimeout);
    }
}
