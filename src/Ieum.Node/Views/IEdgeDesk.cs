using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>What the page of the Sparkplug edge node reads and changes.</summary>
public interface IEdgeDesk
{
    /// <summary>Raised after other settings hold; on any thread. The state is asked for.</summary>
    event Action? Changed;

    SparkplugEdgeStatus Status { get; }

    /// <summary>The state with the values that wait counted in the recorder.</summary>
    Task<SparkplugEdgeStatus> CountAsync(CancellationToken cancel);

    SparkplugEdgeSettings Settings { get; }

    /// <summary>Nobody changed anything yet: what <c>ieum.json</c> says holds.</summary>
    bool FromFile { get; }

    /// <summary>Signals of a machine that the node has seen, by name.</summary>
    IReadOnlyList<Signal> SignalsOf(MachineId machine);

    /// <summary>Judges and keeps settings; they hold at once, without a restart. Nothing was changed when there are faults.</summary>
    /// <param name="by">An owner.</param>
    Task<IReadOnlyList<SparkplugEdgeFault>> SaveAsync(SparkplugEdgeSettings settings, string by, CancellationToken cancel);

    /// <summary>Who changed what, newest first, out of the audit; at most <paramref name="most"/>.</summary>
    Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel);
}

/// <summary>One change of settings, out of the audit.</summary>
/// <param name="Number">Of the audit entry.</param>
/// <param name="What">The settings that became other ones.</param>
public sealed record SettingsChange(long Number, DateTimeOffset At, string By, ImmutableArray<SettingsChangeLine> What);

/// <param name="Key">Name of the setting, as in the JSON of the API.</param>
public sealed record SettingsChangeLine(string Key, string Before, string After);
