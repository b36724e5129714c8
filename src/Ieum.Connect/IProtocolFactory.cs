using Ieum.Model;

namespace Ieum.Connect;

/// <summary>One protocol of the room; registered with one line in <see cref="ConnectServices.AddConnect"/>.</summary>
internal interface IProtocolFactory
{
    /// <summary>The protocol key of <see cref="ConnectionSettings.Protocol"/>.</summary>
    string Protocol { get; }

    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals);

    /// <summary>Asks the counterpart who it is. <paramref name="cancel"/> already carries the limit; network faults are answers, not exceptions.</summary>
    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel);
}
