using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

internal sealed partial class SparkplugEdge
{
    /// <summary>The house of the present run; null before the first.</summary>
    private volatile SparkplugEdgeHouse? _house;

    public async Task<SparkplugEdgeStatus> CountAsync(CancellationToken cancel)
    {
        var (names, signals, values, oldest) = (_names, 0, 0L, long.MaxValue);
        if (_house is { } house && _settings.Enabled)
            foreach (var (number, (from, to)) in Owed(house))
            {
                if (house.Signals.Find(number) is not { } signal || names.DeviceOf(signal.Id.Machine) is null || names.MetricOf(signal.Id, number) is null) continue;
                // One step over the whole stretch: what is summed up already is not read again.
                var range = new TimeRange(new(from, TimeSpan.Zero), new(to + 1, TimeSpan.Zero));
                if ((await house.History.DownsampleAsync(number, range, range.Duration, cancel).ConfigureAwait(false)).Sum(b => b.Count + b.BadCount) is not (> 0 and var count)) continue;
                (signals, values, oldest) = (signals + 1, values + count, Math.Min(oldest, from));
            }
        return Status with { Behind = signals, Waiting = values, Oldest = signals == 0 ? null : new DateTimeOffset(oldest, TimeSpan.Zero) };
    }

    /// <summary>What waits, and what an earlier run of the node left untold and nobody was there to hear yet.</summary>
    private Dictionary<SignalNumber, (long From, long To)> Owed(SparkplugEdgeHouse house)
    {
        var owed = _backlog.Stretches().ToDictionary(s => s.Signal, s => (s.Stretch.From, s.Stretch.To));
        if (_resume is not { } left) return owed;
        foreach (var machine in _machines)
            foreach (var (number, signal) in house.Signals.Of(machine.Machine))
                if (left.Since(signal.Id) is var from && house.History.Last(number) is { } newest && newest.SourceTicks >= from)
                    owed[number] = owed.TryGetValue(number, out var known) ? (Math.Min(from, known.From), Math.Max(newest.SourceTicks, known.To)) : (from, newest.SourceTicks);
        return owed;
    }
}
