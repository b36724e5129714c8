using System.Globalization;
using Ieum.Connect;
using Ieum.Model;

namespace Ieum.Node.Loop;

/// <summary>Looks whether the values of one connection lie where its points say that they normally lie. Nothing is thrown away; it only tells.</summary>
internal sealed class RangeWatch
{
    private readonly ISignalDirectory _signals;
    private readonly MachineId _machine;
    private readonly Dictionary<SignalNumber, PointSettings> _known = [];
    private List<PointSettings> _unknown;
    private SourceProblem? _problem;

    private RangeWatch(ConnectionSettings settings, ISignalDirectory signals) =>
        (_signals, _machine, _unknown) = (signals, settings.Machine, [.. settings.Points.Where(p => p.Range is not null)]);

    /// <summary>Null when no point has a range: then nothing has to be looked at.</summary>
    public static RangeWatch? Of(ConnectionSettings settings, ISignalDirectory signals) =>
        settings.Points.Any(p => p.Range is not null) ? new(settings, signals) : null;

    /// <summary>The newest value outside, with how many there were since the line was opened; null while there was none.</summary>
    public SourceProblem? Problem => Volatile.Read(ref _problem);

    /// <summary>Called by one thread at a time. Values that carry no number, and those that the source itself calls bad, say nothing about the range.</summary>
    public void Look(ReadOnlySpan<Sample> samples)
    {
        // Signals are registered by the source when it first sees them.
        if (_unknown.Count > 0) _unknown = [.. _unknown.Where(p => !Learn(p))];
        foreach (ref readonly var s in samples)
        {
            if (s.Quality is not (Quality.Good or Quality.Uncertain) || s.Value.Kind is not (ValueKind.Real or ValueKind.Integer) || !_known.TryGetValue(s.Signal, out var point)) continue;
            var (value, range) = (s.Value.Number, point.Range!);
            if (value >= range.Low && value <= range.High) continue;
            var message = string.Create(CultureInfo.InvariantCulture, $"{_machine}/{point.Name} ({point.Address}) was {value:G6}, outside {range.Low:G6} to {range.High:G6}. The value is kept; check the sensor, the scale, or the range of the point.");
            Volatile.Write(ref _problem, new(ConnectRules.OutsideRange, message, s.ReceiveTime, (_problem?.Count ?? 0) + 1));
        }
    }

    private bool Learn(PointSettings point)
    {
        if (_signals.Find(new SignalId(_machine, point.Name)) is not { } number) return false;
        _known[number] = point;
        return true;
    }
}
