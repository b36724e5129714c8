using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>Which machines and signals are published, and under which names. Unchangeable.</summary>
internal sealed class EdgeNames
{
    private readonly bool _every;
    private readonly Dictionary<MachineId, Named> _devices = [];

    private sealed record Named(SparkplugEdgeDevice Device, Dictionary<string, string> Metrics, HashSet<string> Given);

    public EdgeNames(SparkplugEdgeSettings settings)
    {
        _every = settings.EveryMachine;
        foreach (var d in settings.Devices)
            if (Identifier.IsValid(d.Machine))
                _devices[new(d.Machine)] = new(d, d.Metrics.ToDictionary(m => m.Signal, m => m.MetricName, StringComparer.Ordinal),
                    d.Metrics.Where(m => m.MetricName != m.Signal).Select(m => m.MetricName).ToHashSet(StringComparer.Ordinal));
    }

    public static EdgeNames Everything { get; } = new(new());

    /// <summary>Null: not published.</summary>
    public string? DeviceOf(MachineId machine) => _devices.TryGetValue(machine, out var named) ? named.Device.DeviceId : _every ? machine.Value : null;

    /// <summary>Null: not published.</summary>
    /// <param name="number">Sets apart a signal that came later and is called as another one was named.</param>
    public string? MetricOf(SignalId signal, SignalNumber number)
    {
        if (!_devices.TryGetValue(signal.Machine, out var named)) return _every ? signal.Name : null;
        if (named.Metrics.TryGetValue(signal.Name, out var name)) return name;
        if (!named.Device.EverySignal) return null;
        return named.Given.Contains(signal.Name) ? string.Create(CultureInfo.InvariantCulture, $"{signal.Name}-{number.Value}") : signal.Name;
    }

    /// <summary>Whether a machine is told in the same way under the other names.</summary>
    public bool SameFor(MachineId machine, EdgeNames other) => DeviceOf(machine) == other.DeviceOf(machine)
        && (_devices.GetValueOrDefault(machine)?.Device ?? new(machine.Value)).Equals(other._devices.GetValueOrDefault(machine)?.Device ?? new(machine.Value));
}
