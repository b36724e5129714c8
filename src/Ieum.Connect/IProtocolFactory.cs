using System.Net;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>One protocol of the room; registered with one line in <see cref="ConnectServices.AddConnect"/>.</summary>
internal interface IProtocolFactory
{
    /// <summary>The protocol key of <see cref="ConnectionSettings.Protocol"/>.</summary>
    string Protocol { get; }

    /// <summary>Whether <see cref="ConnectionSettings.Points"/> say what to read; otherwise the counterpart tells by itself.</summary>
    bool TakesPoints => false;

    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals);

    /// <summary>Makes a source that only looks for a moment, beside a running one of the same connection perhaps: it takes nothing away, neither from the counterpart nor from the other source.</summary>
    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    IMachineSource CreateToLook(ConnectionSettings settings, ISignalDirectory signals) => Create(settings, signals);

    /// <summary>Asks the counterpart who it is. <paramref name="cancel"/> already carries the limit; network faults are answers, not exceptions.</summary>
    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel);

    /// <summary>TCP ports on which such counterparts usually listen; empty when they cannot be found by knocking.</summary>
    IReadOnlyList<int> UsualPorts => [];

    /// <summary>Knocks at one address: who answers there in this protocol, or nobody. Never writes; network faults are "nobody".</summary>
    Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel) => Task.FromResult<IReadOnlyList<ScanHit>>([]);

    /// <summary>One level of what the counterpart offers; <paramref name="address"/> null: its top. By default the signals of <see cref="TestAsync"/>.</summary>
    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var test = await TestAsync(settings, cancel).ConfigureAwait(false);
        return new(test.Ok, test.Rule, test.Message, [.. test.Signals.Select(s => new BrowseItem(s.Id.Name, s.Id.Name, false,
            new(s.Id.Name, s.Id.Name) { Unit = s.Unit.Code, Role = s.Role, Description = s.Description }, null, null))]);
    }
}
