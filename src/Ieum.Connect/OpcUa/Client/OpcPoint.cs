using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

internal enum PointState : byte
{
    /// <summary>Not known to the server yet.</summary>
    Waiting,
    /// <summary>A monitored item delivers it.</summary>
    Watched,
    /// <summary>The server has no room for a monitored item; it is read in turns.</summary>
    Polled,
    /// <summary>The server does not know it or does not let it be read; tried again at <see cref="OpcPoint.RetryAt"/>.</summary>
    Refused,
}

/// <summary>One signal of a point: a scalar has one, arrays and structures one per part.</summary>
internal sealed class PointPart
{
    public SignalNumber Number;
    public ValueKind Kind;
    public Sample Last;

    /// <summary>When it was last passed on, factory clock, UTC ticks; for the heartbeat.</summary>
    public long Sent;

    /// <summary>The last number that was passed on, for the deadband the node applies itself.</summary>
    public double Passed = double.NaN;
}

/// <summary>One point of the connection and all that is known about it.</summary>
/// <param name="handle">The client handle of its monitored item: 1 and up, the same for the life of the source, so that notifications of any subscription find it.</param>
internal sealed class OpcPoint(uint handle, PointSettings settings, NodeAddress address)
{
    public uint Handle => handle;
    public PointSettings Settings { get; } = settings;
    public NodeAddress Address => address;

    /// <summary>Where it stands in the present server run; null: not found.</summary>
    public NodeId? Node { get; set; }
    public NodeId DataType { get; set; }
    public Unit Unit { get; set; } = Unit.One;
    public bool HasHistory { get; set; }
    public bool IsWritable { get; set; }

    /// <summary>Names of enumeration values; null when the data type is none.</summary>
    public IReadOnlyDictionary<long, string>? Names { get; set; }

    /// <summary>Width of EURange; 0 when the server tells none.</summary>
    public double Range { get; set; }

    /// <summary>EURange itself; null when the server tells none or was not asked.</summary>
    public ValueRange? Limits { get; set; }

    /// <summary>Deadband in percent of <see cref="Range"/>; 0: none.</summary>
    public double Percent { get; init; }

    /// <summary>Deadband of the raw value; 0: none.</summary>
    public double RawDeadband => Settings.Deadband / Math.Abs(Settings.Scale);

    /// <summary>Deadband the node applies itself, raw, because the server refused it; 0: the server does it.</summary>
    public double OwnDeadband { get; set; }

    public PointState State { get; set; }
    public OpcSubscription? Subscription { get; set; }
    public uint ItemId { get; set; }

    /// <summary>Values the server keeps for it; 1 means that an interruption may lose values without a sign (Part 4, 7.21).</summary>
    public uint Queue { get; set; } = 1;

    /// <summary>When a refused or polled point is due next: wire timestamp.</summary>
    public long RetryAt { get; set; }
    public int Refusals { get; set; }

    /// <summary>The only part of a scalar.</summary>
    public PointPart Whole { get; } = new();
    public Dictionary<string, PointPart>? Parts { get; set; }

    /// <summary>Newest source time delivered, UTC ticks; 0 before the first.</summary>
    public long NewestTicks { get; set; }
    public DeliveredTimes? Delivered { get; set; }

    /// <summary>The present value is recorded since an earlier run of the node; the first notification repeats it.</summary>
    public Told? Recorded { get; set; }

    /// <summary>The next notification repeats the present value: the item was made anew.</summary>
    public bool AwaitsFirst { get; set; }

    /// <summary>30 s doubling to 10 min: a vanished node costs little, and one that comes back is found.</summary>
    public TimeSpan RetryWait => TimeSpan.FromSeconds(Math.Min(600, 30 * Math.Pow(2, Math.Min(Refusals, 10))));

    public void Forget() => (Node, Subscription, ItemId, State) = (null, null, 0, PointState.Waiting);
}
