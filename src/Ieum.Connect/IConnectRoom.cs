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
}

/// <summary>Settings of a connection that cannot be used.</summary>
/// <param name="rule">Stable id of the rule; also the key of the translated text.</param>
/// <param name="message">Which connection, which setting, what is allowed.</param>
public sealed class ConnectionSettingsException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
