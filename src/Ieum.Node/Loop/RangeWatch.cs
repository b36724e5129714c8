using System.Collections.Immutable;
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
    private SourceProblem? _outside, _noNumber;

    private RangeWatch(ConnectionSettings settings, ISignalDirectory signals) =>
        (_signals, _machine, _unknown) = (signals, settings.Machine, [.. settings.Points.Where(p => p.Range is not null)]);

    /// <summary>Null when no point has a range: then nothing has to be looked at.</summary>
    public static RangeWatch? Of(ConnectionSettings settings, ISignalDirectory signals) =>
        settings.Points.Any(p => p.Range is not null) ? new(settings, signals) : null;

    /// <summary>The newest value outside and the newest that is no number, each with how many there were since the line was opened; empty while there was none.</summary>
    public ImmutableArray<SourceProblem> Problems => [.. new[] { Volatile.Read(ref _outside), Volatile.Read(ref _noNumber) }.OfType<SourceProblem>()];

    /// <summary>Called by one thread at a time. Texts and the like, and values that the source itself calls bad, say nothing about the range.</summary>
    public void Look(ReadOnlySpan<Sample> samples)
    {
        // Signals are registered by the source when it first sees them.
        if (_unknown.Count > 0) _unknown = [.. _unknown.Where(p => !Learn(p))];
        foreach (ref readonly var s in samples)
        {
            if (s.Quality is not (Quality.Good or Quality.Uncertain) || s.Value.Kind is not (ValueKind.Real or ValueKind.Integer) || !_known.TryGetValue(s.Signal, out var point)) continue;
            var range = point.Range!;
            if (s.Value.Figure is not { } value)
                Tell(ref _noNumber, ConnectRules.NotANumber, s, $"{_machine}/{point.Name} ({point.Address}) was {s.Value}, although the source calls it good. The value is kept; look for a division by zero in the machine's program, at the sensor, or at the type of the point.");
            else if (value < range.Low || value > range.High)
                Tell(ref _outside, ConnectRules.OutsideRange, s, string.Create(CultureInfo.InvariantCulture, $"{_machine}/{point.Name} ({point.Address}) was {value:G6}, outside {range.Low:G6} to {range.High:G6}. The value is kept; check the sensor, the scale, or the range of the point."));
        }
    }

    private static void Tell(ref SourceProblem? problem, string rule, in Sample sample, string message) =>
        Volatile.Write(ref problem, new(rule, message, sample.ReceiveTime, (problem?.Count ?? 0) + 1));

    private bool Learn(PointSettings point)
    {
        if (_signals.Find(new SignalId(_machine, point.Name)) is not { } number) return false;
        _known[number] = point;
        return true;
    }
}
