using Ieum.Model;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>One subscription: its items, the messages it sent, and its counters (OPC 10000-4, 5.14.1).</summary>
/// <remarks>Safe for several threads. A value arrives under the lock of its node, then takes this lock; nothing takes a node's lock under this one.</remarks>
internal sealed class Subscription(uint id, UaUser user, ServerLimits limits, Clocks clocks, IDeliveryBook? book)
{
    private sealed record Sent(NotificationMessage Message, long[] Serials);

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, MonitoredItem> _items = [];
    private readonly Queue<MonitoredItem> _ready = new();
    private readonly HashSet<MonitoredItem> _timed = [];
    private readonly List<Sent> _sent = [];
    private StatusCode? _farewell;
    private uint _sequence;
    private uint _quietCycles, _unansweredCycles;
    private bool _due, _told, _enabled;
    private int _queued;

    public uint Id { get; } = id;
    public UaUser User { get; } = user;
    public TimeSpan PublishingInterval { get; private set; }
    public uint LifetimeCount { get; private set; }
    public uint MaxKeepAliveCount { get; private set; }
    public int MaxNotifications { get; private set; }
    public byte Priority { get; private set; }

    /// <summary>Whose publish requests it answers; null while no session has it.</summary>
    public PublishDesk? Desk { get; set; }

    /// <summary>Drives <see cref="Cycle"/>; owned by the list of subscriptions.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Something is to be told, and a publish request is welcome.</summary>
    public bool Due { get { lock (_gate) return _due || _farewell is not null; } }

    public int Queued { get { lock (_gate) return _queued; } }

    /// <summary>Values in messages that no client has acknowledged yet.</summary>
    public int Unacknowledged { get { lock (_gate) return _sent.Sum(s => s.Serials.Length); } }

    public int ItemCount { get { lock (_gate) return _items.Count; } }

    public void Configure(double intervalMs, uint lifetime, uint keepAlive, uint maxNotifications, byte priority)
    {
        var interval = double.IsNaN(intervalMs) ? limits.MinPublishingInterval : TimeSpan.FromMilliseconds(Math.Clamp(
            intervalMs, limits.MinPublishingInterval.TotalMilliseconds, limits.MaxPublishingInterval.TotalMilliseconds));
        var longest = (uint)Math.Max(3, limits.MaxSubscriptionLifetime / interval);
        lock (_gate)
        {
            PublishingInterval = interval;
            MaxKeepAliveCount = Math.Clamp(keepAlive, 1, longest / 3);
            // The lifetime is at least three times the keep-alive count (OPC 10000-4, 5.14.2).
            LifetimeCount = Math.Clamp(lifetime, MaxKeepAliveCount * 3, longest);
            MaxNotifications = maxNotifications == 0 ? limits.MaxNotificationsPerPublish : (int)Math.Min(maxNotifications, (uint)limits.MaxNotificationsPerPublish);
            Priority = priority;
            _unansweredCycles = 0;
        }
    }

    public void SetPublishing(bool enabled)
    {
        lock (_gate) (_enabled, _unansweredCycles) = (enabled, 0);
    }

    public bool TryAdd(MonitoredItem item)
    {
        lock (_gate)
        {
            if (_items.Count >= limits.MaxMonitoredItemsPerSubscription) return false;
            _items[item.Id] = item;
            if (item.Polled) _timed.Add(item);
            return true;
        }
    }

    public MonitoredItem? Find(uint item) { lock (_gate) return _items.GetValueOrDefault(item); }

    public IReadOnlyList<MonitoredItem> Items { get { lock (_gate) return [.. _items.Values]; } }

    /// <summary>Changes an item under the lock; <paramref name="change"/> says by how much its queue grew.</summary>
    public void Change(MonitoredItem item, Func<MonitoredItem, int> change)
    {
        lock (_gate)
        {
            var before = item.Queued;
            change(item);
            _queued += item.Queued - before;
            List(item);
        }
    }

    public bool Remove(MonitoredItem item)
    {
        lock (_gate)
        {
            if (!_items.Remove(item.Id)) return false;
            _timed.Remove(item);
            item.Gone = true;
            _queued += item.Clear();
            foreach (var other in _items.Values) other.Untrigger(item.Id);
            return true;
        }
    }

    /// <summary>A new value of an item; called under the lock of its node.</summary>
    public void Offer(MonitoredItem item, in DataValue value, long serial, bool force = false)
    {
        lock (_gate)
        {
            if (item.Gone) return;
            item.Squeezed = _queued >= limits.MaxQueuedPerSubscription;
            var before = item.Queued;
            var now = item.Sampling == 0 ? 0 : clocks.Wire.GetUtcNow().UtcTicks;
            if (force) item.Force(value, serial); else item.Offer(value, serial, now);
            _queued += item.Queued - before;
            if (item.Holds) _timed.Add(item);
            List(item);
        }
    }

    /// <summary>One publishing cycle (OPC 10000-4, 5.14.1.3).</summary>
    /// <param name="requestWaits">The session has a publish request to answer with.</param>
    /// <returns>False when nobody has asked for so long that the subscription ends.</returns>
    public bool Cycle(bool requestWaits)
    {
        lock (_gate)
        {
            SampleTimed();
            if (requestWaits) _unansweredCycles = 0;
            else if (++_unansweredCycles >= LifetimeCount) return false;
            if (_due) return true;
            if ((_enabled && _ready.Count > 0) || !_told || ++_quietCycles >= MaxKeepAliveCount) _due = true;
            return true;
        }
    }

    /// <summary>Makes the next message: values, a farewell, or a keep-alive.</summary>
    public (NotificationMessage Message, bool More, uint[] Available) Take()
    {
        lock (_gate)
        {
            (_due, _told, _quietCycles, _unansweredCycles) = (false, true, 0, 0);
            NotificationMessage message;
            if (_enabled && _ready.Count > 0)
            {
                var (notifications, serials) = Drain();
                message = Numbered(new DataChangeNotification { MonitoredItems = notifications });
                Keep(new(message, serials));
                _due = _ready.Count > 0;
            }
            else if (_farewell is { } status)
            {
                message = Numbered(new StatusChangeNotification { Status = status });
                _farewell = null;
            }
            else message = new() { SequenceNumber = Next(_sequence), PublishTime = OpcClock.Now(clocks.Factory) };
            return (message, _due, [.. _sent.Select(s => s.Message.SequenceNumber)]);
        }
    }

    /// <summary>The next message tells that the subscription is gone, or has another owner.</summary>
    public void SayFarewell(StatusCode status) { lock (_gate) _farewell = status; }

    public StatusCode Acknowledge(uint sequence)
    {
        lock (_gate)
        {
            var at = _sent.FindIndex(s => s.Message.SequenceNumber == sequence);
            if (at < 0) return StatusCodes.BadSequenceNumberUnknown;
            Release(_sent[at], delivered: true);
            _sent.RemoveAt(at);
            return StatusCodes.Good;
        }
    }

    public NotificationMessage? Republish(uint sequence)
    {
        lock (_gate)
        {
            _unansweredCycles = 0;
            return _sent.Find(s => s.Message.SequenceNumber == sequence)?.Message;
        }
    }

    public uint[] Available { get { lock (_gate) return [.. _sent.Select(s => s.Message.SequenceNumber)]; } }

    /// <summary>All items lose what they have queued but the newest.</summary>
    public void Overrun()
    {
        lock (_gate)
            foreach (var item in _items.Values)
            {
                var before = item.Queued;
                item.Overrun();
                _queued += item.Queued - before;
            }
    }

    /// <summary>Ends it: the timer stops, everything queued is let go.</summary>
    /// <param name="byClient">The client ended it and so has what was sent; otherwise unacknowledged messages count as destroyed.</param>
    /// <returns>The items, to be taken off their nodes outside of any lock.</returns>
    public IReadOnlyList<MonitoredItem> End(bool byClient)
    {
        Timer?.Dispose();
        lock (_gate)
        {
            MonitoredItem[] items = [.. _items.Values];
            foreach (var item in items)
            {
                item.Gone = true;
                item.Clear();
            }
            foreach (var sent in _sent) Release(sent, byClient);
            _items.Clear();
            _ready.Clear();
            _timed.Clear();
            _sent.Clear();
            _queued = 0;
            return items;
        }
    }

    private void SampleTimed()
    {
        if (_timed.Count == 0) return;
        var now = clocks.Wire.GetUtcNow().UtcTicks;
        foreach (var item in _timed)
        {
            var before = item.Queued;
            item.Due(now);
            if (item.Polled && item.Node is VariableNode live) item.Offer(item.Range.Of(live.Value), 0, now);
            _queued += item.Queued - before;
            List(item);
        }
        _timed.RemoveWhere(i => !i.Polled && !i.Holds);
    }

    private void List(MonitoredItem item)
    {
        if (item.Queued == 0 || item.Mode == MonitoringMode.Disabled) return;
        if (item.Mode == MonitoringMode.Reporting)
        {
            if (!item.Listed) Enlist(item);
            foreach (var linked in item.Triggered ?? [])
                if (linked.Mode == MonitoringMode.Sampling && linked.Queued > 0 && !linked.Listed) Enlist(linked);
        }

        void Enlist(MonitoredItem ready)
        {
            ready.Listed = true;
            _ready.Enqueue(ready);
        }
    }

    private (MonitoredItemNotification[] Notifications, long[] Serials) Drain()
    {
        var most = Math.Min(MaxNotifications, _queued);
        var notifications = new MonitoredItemNotification[most];
        var serials = book is null ? [] : new long[most];
        var n = 0;
        while (n < most && _ready.TryPeek(out var item))
        {
            while (n < most && item.TryTake(out var report))
            {
                if (serials.Length > 0) serials[n] = report.Serial;
                notifications[n++] = new(item.ClientHandle, report.Value.Stamped(item.Stamps));
            }
            if (item.Queued > 0) break;
            item.Listed = false;
            _ready.Dequeue();
        }
        _queued -= n;
        if (n < most) (notifications, serials) = (notifications[..n], serials.Length > 0 ? serials[..n] : serials);
        return (notifications, serials);
    }

    private NotificationMessage Numbered(IEncodable data) => new()
    {
        SequenceNumber = _sequence = Next(_sequence),
        PublishTime = OpcClock.Now(clocks.Factory),
        NotificationData = [ExtensionObject.Of(data)],
    };

    private void Keep(Sent sent)
    {
        // A client that never acknowledges loses the chance of a Republish, not the data: the message was put on the wire.
        if (_sent.Count >= limits.MaxRetransmissions)
        {
            Release(_sent[0], delivered: true);
            _sent.RemoveAt(0);
        }
        _sent.Add(sent);
    }

    private void Release(Sent sent, bool delivered)
    {
        foreach (var serial in sent.Serials)
            if (serial != 0) book!.Released(serial, delivered);
    }

    /// <summary>Sequence numbers begin at 1 and never are 0 (OPC 10000-4, 7.28).</summary>
    private static uint Next(uint sequence) => sequence == uint.MaxValue ? 1 : sequence + 1;
}
