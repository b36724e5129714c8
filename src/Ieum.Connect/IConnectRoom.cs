using Ieum.Model;

namespace Ieum.Connect;

/// <summary>The door of the Connect room: turns connection settings into running sources.</summary>
public interface IConnectRoom
{
    /// <summary>Protocol keys this room speaks.</summary>
    IReadOnlyCollection<string> Protocols { get; }

    /// <summary>Makes the source for one connection; it does nothing until it is run.</summary>
    /// <exception cref="ConnectionSettingsException">Unknown protocol, unreadable endpoint, unknown or wrong option.</exception>
    IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals);

    /// <summary>Asks the counterpart who it is and what it offers; gives up after <paramref name="limit"/> (wire time).</summary>
    Task<ConnectionTest> TestAsync(ConnectionSettings settings, TimeSpan limit, CancellationToken cancel);

    /// <summary>Whether a protocol is asked point by point, and so needs a list of points.</summary>
    bool TakesPoints(string protocol);

    /// <summary>Looks for counterparts at addresses; only asks, never writes.</summary>
    /// <param name="protocol">Only this one; null: every protocol that can be found by knocking.</param>
    Task<IReadOnlyList<ScanHit>> ScanAsync(IReadOnlyList<AddressRange> ranges, string? protocol, IProgress<ScanProgress>? progress, CancellationToken cancel);

    /// <summary>One level of what a counterpart offers, with suggestions for signals, units and roles.</summary>
    /// <param name="address">Null: its top.</param>
    Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, TimeSpan limit, CancellationToken cancel);

    /// <summary>Reads a connection for a moment, as it would be read, without keeping anything.</summary>
    /// <exception cref="ConnectionSettingsException">The settings cannot be used.</exception>
    Task<PreviewAnswer> PreviewAsync(ConnectionSettings settings, TimeSpan most, CancellationToken cancel);
}

/// <summary>Settings of a connection that cannot be used.</summary>
/// <param name="rule">Stable id of the rule; also the key of the translated text.</param>
/// <param name="message">Which connection, which setting, what is allowed.</param>
public sealed class ConnectionSettingsException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
