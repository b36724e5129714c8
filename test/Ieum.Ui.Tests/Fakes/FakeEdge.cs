using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>An edge node that is online and keeps what it is given, judged as the real one judges.</summary>
internal sealed class FakeEdge(FakeFloor floor) : IEdgeDesk
{
    private readonly List<SettingsChange> _changes = [];

    public event Action? Changed;

    public SparkplugEdgeStatus Status => new(Settings.Enabled ? SparkplugEdgeState.WaitingForHost : SparkplugEdgeState.Off, "mqtt://192.168.0.10:1883", "W", "ieum", "scada", 3, floor.Now.AddMinutes(-4), 0, 128_440, 2_310, 14, 0, 2, 3, 1,
        "DCMD B-MC1/speed: The signal is not on the list of what may be written. [write-not-listed]") { HostOnline = false, LastBirth = floor.Now.AddMinutes(-31), Oldest = floor.Now.AddMinutes(-4) };

    public Task<SparkplugEdgeStatus> CountAsync(CancellationToken cancel) => Task.FromResult(Status with { Waiting = 33_615 });

    public SparkplugEdgeSettings Settings { get; private set; } = new() { Enabled = true, Broker = "mqtt://192.168.0.10:1883", User = "edge", Password = "secret", PrimaryHost = "scada" };
    public bool FromFile => _changes.Count == 0;

    /// <summary>Two hundred, as a machine with a talkative controller has.</summary>
    public IReadOnlyList<Signal> SignalsOf(MachineId machine) => [.. Enumerable.Range(1, 200).Select(i => new Signal(new(machine, FormattableString.Invariant($"axis/{i % 5}/value-{i:000}")), i % 3 == 0 ? Unit.Percent : Unit.One, ValueKind.Real))];

    public Task<IReadOnlyList<SparkplugEdgeFault>> SaveAsync(SparkplugEdgeSettings settings, string by, CancellationToken cancel)
    {
        var faults = SparkplugEdgeCheck.Wrong(settings, [.. floor.Company.Machines.Select(m => m.Id)]);
        if (faults.Count > 0) return Task.FromResult(faults);
        _changes.Insert(0, new(_changes.Count + 1, floor.Now, by, [new("group", Settings.Group, settings.Group), new("enabled", Settings.Enabled ? "true" : "false", settings.Enabled ? "true" : "false")]));
        Settings = settings;
        Changed?.Invoke();
        return Task.FromResult(faults);
    }

    public Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel) => Task.FromResult(_changes.Take(most).ToImmutableArray());
}
