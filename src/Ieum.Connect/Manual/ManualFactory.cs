using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Manual;

/// <summary>Manual entry by phone, protocol key <c>manual</c>.</summary>
internal sealed class ManualFactory(ManualDesk desk, Clocks clocks, ILoggerFactory logs, IPlaces? places = null) : IProtocolFactory
{
    public string Protocol => "manual";
    public bool TakesPoints => true;

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals) =>
        new ManualSource(settings, ManualPoints.Read(settings), signals, desk, places, clocks, logs.CreateLogger<ManualSource>());

    /// <summary>At a desk of its own: entries from phones stay with the source that runs.</summary>
    public IMachineSource CreateToLook(ConnectionSettings settings, ISignalDirectory signals) =>
        new ManualSource(settings, ManualPoints.Read(settings), signals, new ManualDesk(), places, clocks, logs.CreateLogger<ManualSource>());

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var points = ManualPoints.Read(settings);
        var signals = settings.Points.Zip(points).SelectMany(p => ManualPoints.SignalsOf(settings.Machine, p.First, p.Second)).Take(500).ToArray();
        return Task.FromResult(new ConnectionTest(true, null, $"{points.Length} points to enter at /m/{settings.Machine}.", signals));
    }
}
