namespace Ieum.Connect.OpcUa.Server;

/// <summary>A value on its way to a client.</summary>
/// <param name="Serial">The owner's number of the value for its books; 0 when nobody counts.</param>
internal readonly record struct Report(DataValue Value, long Serial);

/// <summary>Follows values from the moment a client could get them until they were delivered or destroyed.</summary>
internal interface IDeliveryBook
{
    /// <summary>One more queue holds the value.</summary>
    void Held(long serial);

    /// <summary>A queue let go of the value.</summary>
    /// <param name="delivered">A client has it; false when it was destroyed before.</param>
    void Released(long serial, bool delivered);

    /// <summary>A client has the value, whoever still holds it.</summary>
    void Delivered(long serial);
}

/// <summary>One watched attribute: sampling, filter and queue (OPC 10000-4, 5.13.1).</summary>
/// <remarks>Not safe for several threads; <see cref="Subscription"/> locks.</remarks>
internal sealed class MonitoredItem(uint id, Node node, uint attribute, NumericRange range, TimestampsToReturn stamps, IDeliveryBook? book)
{
    private const uint Overflow = 0x480;   // info type DataValue with the overflow bit (OPC 10000-4, 7.39.1)

    private readonly ReportQueue _queue = new();
    private DataValue _last;
    private bool _hasLast, _hasHeld;
    private Report _held;
    private long _due;

    public uint Id { get; } = id;
    public Node Node { get; } = node;
    public uint Attribute { get; } = attribute;
    public NumericRange Range { get; } = range;
    public TimestampsToReturn Stamps { get; set; } = stamps;
    public uint ClientHandle { get; set; }
    public MonitoringMode Mode { get; set; }
    public DataFilter Filter { get; set; }

    /// <summary>Ticks between two samples; 0 takes every new value.</summary>
    public long Sampling { get; set; }
    public int QueueSize { get; private set; } = 1;
    public bool DiscardOldest { get; private set; } = true;
    public List<MonitoredItem>? Triggered { get; private set; }

    /// <summary>It stands in the subscription's list of items that have something to tell.</summary>
    public bool Listed { get; set; }
    public bool Gone { get; set; }

    /// <summary>The subscription holds as much as it may: what this item has is all it gets until the client reads.</summary>
    public bool Squeezed { get; set; }
    public int Queued => _queue.Count;

    /// <summary>Its value is asked for at every sample, because the node computes it.</summary>
    public bool Polled => Attribute == AttributeIds.Value && Node is VariableNode { IsLive: true };

    /// <summary>A value came before its sampling time and waits for it.</summary>
    public bool Holds => _hasHeld;

    public void Resize(int size, bool discardOldest)
    {
        (QueueSize, DiscardOldest) = (Math.Max(1, size), discardOldest);
        while (_queue.Count > QueueSize) Drop(_queue.Dequeue());
    }

    public void Trigger(MonitoredItem linked) => (Triggered ??= []).Add(linked);

    public bool Untrigger(uint linked) => Triggered?.RemoveAll(t => t.Id == linked) > 0;

    /// <summary>Takes a new value. Between two sampling times the newest wins, as if the item had been sampled on time.</summary>
    /// <returns>By how many values the queue grew; may be zero or negative.</returns>
    public int Offer(in DataValue value, long serial, long now)
    {
        if (Mode == MonitoringMode.Disabled) return 0;
        if (Sampling == 0) return Sample(value, serial);
        var grown = Due(now);
        if (now >= _due)
        {
            _due = now + Sampling;
            return grown + Sample(value, serial);
        }
        (_held, _hasHeld) = (new(value, serial), true);
        return grown;
    }

    /// <summary>Samples the value that waits, when its time has come.</summary>
    public int Due(long now)
    {
        if (!_hasHeld || now < _due) return 0;
        _hasHeld = false;
        _due = Math.Max(_due + Sampling, now - Sampling + 1);
        return Sample(_held.Value, _held.Serial);
    }

    /// <summary>Puts a value into the queue whatever the filter says: first value, or <c>ResendData</c>.</summary>
    public int Force(in DataValue value, long serial)
    {
        (_last, _hasLast) = (value, true);
        return Enqueue(value, serial);
    }

    public bool TryTake(out Report report) => _queue.TryDequeue(out report);

    /// <summary>Forgets everything: disabled, or deleted.</summary>
    public int Clear()
    {
        var had = _queue.Count;
        while (_queue.TryDequeue(out var report)) Drop(report);
        (_hasLast, _hasHeld) = (false, false);
        return -had;
    }

    /// <summary>Loses all but the newest value, as a machine too slow for its own queues does.</summary>
    public void Overrun()
    {
        if (_queue.Count < 2) return;
        while (_queue.Count > 1) Drop(_queue.Dequeue());
        ref var left = ref _queue.First;
        left = left with { Value = Overflown(left.Value) };
    }

    private int Sample(in DataValue value, long serial)
    {
        if (_hasLast && !Filter.Passes(_last, value)) return 0;
        (_last, _hasLast) = (value, true);
        return Enqueue(value, serial);
    }

    private int Enqueue(in DataValue value, long serial)
    {
        if (serial != 0) book?.Held(serial);
        if (_queue.Count < (Squeezed ? 1 : QueueSize))
        {
            _queue.Enqueue(new(value, serial));
            return 1;
        }
        if (QueueSize == 1)
        {
            // A queue of one has nothing to overflow: it always holds the newest (OPC 10000-4, 5.13.1.5).
            Drop(_queue.Dequeue());
            _queue.Enqueue(new(value, serial));
        }
        else if (DiscardOldest)
        {
            Drop(_queue.Dequeue());
            _queue.Enqueue(new(value, serial));
            ref var oldest = ref _queue.First;
            oldest = oldest with { Value = Overflown(oldest.Value) };
        }
        else
        {
            ref var newest = ref _queue.Last;
            Drop(newest);
            newest = new(Overflown(value), serial);
        }
        return 0;
    }

    private static DataValue Overflown(in DataValue value) => value.WithStatus(new(value.StatusCode.Value | Overflow));

    private void Drop(in Report report)
    {
        if (report.Serial != 0) book?.Released(report.Serial, delivered: false);
    }
}
