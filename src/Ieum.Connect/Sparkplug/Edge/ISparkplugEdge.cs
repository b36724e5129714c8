using Ieum.Model;

namespace Ieum.Connect;

/// <summary>The node as a Sparkplug B 3.0 edge node: its machines are devices that any host application sees.</summary>
/// <remarks>
/// Nothing here waits for a broker: values that cannot be sent now are remembered by signal and time, and told from the recorder
/// later as history, with their own times. At least once: after a cut cable the last seconds are told again.
/// </remarks>
public interface ISparkplugEdge
{
    SparkplugEdgeStatus Status { get; }

    /// <summary>
    /// The same with what waits counted in the recorder, what an earlier run left untold included: <see cref="SparkplugEdgeStatus.Behind"/>,
    /// <see cref="SparkplugEdgeStatus.Waiting"/> and <see cref="SparkplugEdgeStatus.Oldest"/> are of one look.
    /// </summary>
    Task<SparkplugEdgeStatus> CountAsync(CancellationToken cancel);

    /// <summary>What is published now; at first what the options say.</summary>
    SparkplugEdgeSettings Settings { get; }

    /// <summary>
    /// Follows other settings at once. Machines, signals, names and the account of writes change within the session; another broker, name or
    /// host ends it with a good-bye and begins another one, to which what is untold is told. Switched off nothing is owed to anybody, neither now nor later.
    /// </summary>
    void Use(SparkplugEdgeSettings settings);

    /// <summary>Runs until cancelled, also while nothing is published.</summary>
    Task RunAsync(SparkplugEdgeHouse house, CancellationToken cancel);

    /// <summary>The machines of the company and their links; those that the settings do not name stay untold.</summary>
    void Show(IReadOnlyList<SparkplugEdgeMachine> machines);

    /// <summary>Passes fresh values on.</summary>
    void Tell(ReadOnlySpan<Sample> samples);
}

/// <summary>The house behind the edge node.</summary>
/// <param name="Folder">Where the session number and the place in time are kept.</param>
/// <param name="Writes">Asked for device commands; null refuses them all.</param>
public sealed record SparkplugEdgeHouse(CompanyId Company, ISignalDirectory Signals, IMeasurementHistory History, IWriteDoor? Writes, string Folder);

/// <param name="Link">Of a machine that is disconnected a DDEATH is told.</param>
public sealed record SparkplugEdgeMachine(MachineId Machine, LinkState Link);

public enum SparkplugEdgeState { Off = 0, Connecting = 1, WaitingForHost = 2, Online = 3 }

/// <summary>What the edge node does now, and what it did since the start of the process.</summary>
/// <param name="BdSeq">Number of the present or last session, 0 to 255.</param>
/// <param name="Devices">Devices that are born now.</param>
/// <param name="Sent">Values told as they came.</param>
/// <param name="Historical">Values told later, as history.</param>
/// <param name="Behind">Signals of which something is still to be told.</param>
/// <param name="Untold">Stretches of a signal that could not be read back for a minute, and were given up.</param>
/// <param name="Refused">Commands refused, by this node or by its guard.</param>
/// <param name="Problem">The newest trouble, in words; null when there was none.</param>
public sealed record SparkplugEdgeStatus(
    SparkplugEdgeState State, string Broker, string Group, string Node, string? PrimaryHost, int BdSeq, DateTimeOffset Since,
    int Devices, long Sent, long Historical, int Behind, long Untold, long Rebirths, long Written, long Refused, string? Problem)
{
    /// <summary>Whether the primary host says that it is online; null without one, and while no broker is reached.</summary>
    public bool? HostOnline { get; init; }

    /// <summary>When the node and its devices were announced last; null before the first time.</summary>
    public DateTimeOffset? LastBirth { get; init; }

    /// <summary>Values that wait in the recorder to be told as history; null where nobody counted them.</summary>
    public long? Waiting { get; init; }

    /// <summary>Time of the oldest value that waits in the recorder to be told as history; null when none does.</summary>
    public DateTimeOffset? Oldest { get; init; }
}
