using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>What the edge node publishes, to whom, and under which names. A value: the edge follows a new one at once, see <see cref="ISparkplugEdge.Use"/>.</summary>
/// <remarks>Texts that are empty mean what <see cref="SparkplugEdgeOptions"/> says of them.</remarks>
public sealed record SparkplugEdgeSettings
{
    public bool Enabled { get; init; }
    public string Group { get; init; } = "";
    public string Node { get; init; } = "ieum";
    public string Broker { get; init; } = "";
    public string User { get; init; } = "";
    public string Password { get; init; } = "";

    /// <summary>Path of a PEM file, or the PEM text itself.</summary>
    public string Ca { get; init; } = "";
    public string PrimaryHost { get; init; } = "";
    public string WriteAs { get; init; } = "";

    /// <summary>10 ms to 10 s of real time.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>All machines of the company, also those that come later; <see cref="Devices"/> then only says more of some of them.</summary>
    public bool EveryMachine { get; init; } = true;

    /// <summary>Without <see cref="EveryMachine"/>: the machines that are published.</summary>
    public ImmutableArray<SparkplugEdgeDevice> Devices { get; init; } = [];

    public static SparkplugEdgeSettings Of(SparkplugEdgeOptions o)
    {
        var machines = o.Machines.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new()
        {
            Enabled = o.Enabled, Group = o.Group, Node = o.Node, Broker = o.Broker, User = o.User, Password = o.Password, Ca = o.Ca, PrimaryHost = o.PrimaryHost,
            WriteAs = o.WriteAs, Gather = o.Gather, EveryMachine = machines.Length == 0, Devices = [.. machines.Distinct(StringComparer.Ordinal).Select(m => new SparkplugEdgeDevice(m))],
        };
    }

    /// <summary>The group id in force: the company's id where none is set.</summary>
    public string GroupOf(CompanyId company) => Group.Length > 0 ? Group : company.Value;

    /// <summary>Whether a session can go on under the other settings; else it ends with a good-bye and another one begins.</summary>
    internal bool SameSession(SparkplugEdgeSettings other) => (Enabled, Group, Node, Broker, User, Password, Ca, PrimaryHost)
        == (other.Enabled, other.Group, other.Node, other.Broker, other.User, other.Password, other.Ca, other.PrimaryHost);

    public bool Equals(SparkplugEdgeSettings? other) => other is not null && SameSession(other) && (WriteAs, Gather, EveryMachine) == (other.WriteAs, other.Gather, other.EveryMachine)
        && Devices.SequenceEqual(other.Devices);

    public override int GetHashCode() => HashCode.Combine(Enabled, Group, Node, Broker, Devices.Length);
}

/// <summary>One machine as a device of the edge node.</summary>
/// <param name="Device">Its device id; empty: the machine's id.</param>
/// <param name="EverySignal">All signals, also those that come later; <paramref name="Metrics"/> then only gives names to some of them.</param>
/// <param name="Metrics">Without <paramref name="EverySignal"/>: the signals that are published.</param>
public sealed record SparkplugEdgeDevice(string Machine, string Device = "", bool EverySignal = true, ImmutableArray<SparkplugEdgeMetric> Metrics = default)
{
    public ImmutableArray<SparkplugEdgeMetric> Metrics { get; init; } = Metrics.IsDefault ? [] : Metrics;

    [JsonIgnore]
    public string DeviceId => Device.Length > 0 ? Device : Machine;

    public bool Equals(SparkplugEdgeDevice? other) =>
        other is not null && (Machine, DeviceId, EverySignal) == (other.Machine, other.DeviceId, other.EverySignal) && Metrics.SequenceEqual(other.Metrics);

    public override int GetHashCode() => HashCode.Combine(Machine, DeviceId, EverySignal, Metrics.Length);
}

/// <param name="Signal">Name of the signal in the node.</param>
/// <param name="Name">Name of the metric, '/' makes folders; empty: the signal's name.</param>
public sealed record SparkplugEdgeMetric(string Signal, string Name = "")
{
    [JsonIgnore]
    public string MetricName => Name.Length > 0 ? Name : Signal;
}
