namespace Ieum.Connect.OpcUa.Server;

/// <summary>What a writer is given.</summary>
internal sealed record WriteCall(VariableNode Node, DataValue Value, UaUser User);

/// <summary>What became of a write.</summary>
/// <param name="Text">Why not, for clients that ask for diagnostics.</param>
internal readonly record struct WriteVerdict(StatusCode Status, string? Text = null);

/// <summary>A variable: its value, who watches it, how it is written and remembered.</summary>
/// <remarks>Safe for several threads. Watchers are told under the node's lock, so that every client sees the values in one order.</remarks>
internal sealed class VariableNode(NodeId id, QualifiedName browseName, LocalizedText displayName, NodeId dataType)
    : Node(id, NodeClass.Variable, browseName, displayName)
{
    private readonly Lock _gate = new();
    private MonitoredItem[] _watchers = [];
    private Subscription[] _owners = [];
    private DataValue _value = new(default, StatusCodes.BadWaitingForInitialData);
    private long _serial;

    public NodeId DataType { get; } = dataType;

    /// <summary>-1 scalar, 1 one dimension, n dimensions; -2 anything.</summary>
    public int ValueRank { get; init; } = -1;
    public uint[] ArrayDimensions { get; init; } = [];

    /// <summary>Milliseconds; 0: every change is told (OPC 10000-3, 5.6.2), -1: not known.</summary>
    public double MinimumSamplingInterval { get; init; }

    /// <summary>Range of the value in its unit, for a deadband in percent; null when it has none.</summary>
    public (double Low, double High)? Span { get; init; }

    /// <summary>Computes the value at every read; null for values that are set.</summary>
    public Func<Variant>? Live { get; set; }

    /// <summary>Judges and carries out a write; null: read only.</summary>
    public Func<WriteCall, CancellationToken, ValueTask<WriteVerdict>>? OnWrite { get; set; }

    public IValueHistory? History { get; init; }

    /// <summary>Told when a client reads a counted value.</summary>
    public IDeliveryBook? Book { get; init; }

    public bool IsLive => Live is not null;

    /// <summary>Bits of OPC 10000-3, 8.57: 1 read, 2 write, 4 history.</summary>
    public byte AccessLevel => (byte)(1 | (OnWrite is null ? 0 : 2) | (History is null ? 0 : 4));

    public DataValue Value
    {
        get
        {
            if (Live is { } live)
            {
                var now = OpcClock.Now(TimeProvider.System);
                return new(live(), StatusCodes.Good, now, now);
            }
            lock (_gate) return _value;
        }
    }

    /// <summary>The value as a client that asks for it gets it.</summary>
    public DataValue Tell()
    {
        if (Book is not { } book) return Value;
        lock (_gate)
        {
            if (_serial != 0) book.Delivered(_serial);
            return _value;
        }
    }

    public bool IsWatched { get { lock (_gate) return _watchers.Length > 0; } }

    /// <summary>Makes a new value known to readers, watchers and history.</summary>
    /// <param name="serial">The owner's number of the value for its books; 0 when nobody counts.</param>
    public void Set(in DataValue value, long serial = 0)
    {
        lock (_gate)
        {
            (_value, _serial) = (value, serial);
            History?.Add(value, serial);
            for (var i = 0; i < _watchers.Length; i++)
            {
                var item = _watchers[i];
                _owners[i].Offer(item, item.Range.Of(value), serial);
            }
        }
    }

    /// <summary>Adds a watcher and tells it the present value at once.</summary>
    internal void Watch(MonitoredItem item, Subscription owner)
    {
        lock (_gate)
        {
            (_watchers, _owners) = ([.. _watchers, item], [.. _owners, owner]);
            Tell(item, owner);
        }
    }

    /// <summary>Tells a watcher the present value again, changed or not.</summary>
    internal void Resend(MonitoredItem item, Subscription owner)
    {
        lock (_gate) Tell(item, owner);
    }

    internal void Unwatch(MonitoredItem item)
    {
        lock (_gate)
        {
            var at = Array.IndexOf(_watchers, item);
            if (at < 0) return;
            (_watchers, _owners) = ([.. _watchers[..at], .. _watchers[(at + 1)..]], [.. _owners[..at], .. _owners[(at + 1)..]]);
        }
    }

    private void Tell(MonitoredItem item, Subscription owner)
    {
        if (item.Mode == MonitoringMode.Disabled) return;
        owner.Offer(item, item.Range.Of(IsLive ? Value : _value), _serial, force: true);
    }
}
