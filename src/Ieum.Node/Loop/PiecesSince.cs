using System.Globalization;
using Ieum.Model;

namespace Ieum.Node.Loop;

/// <summary>Pieces a machine's own counter has risen by since the operation under way was started.</summary>
/// <remarks>
/// Only for the eye while nobody has reported: a counter counts test pieces and does not know scrap. The value at the start is
/// read from the recording, so a restarted node goes on where it was. One caller at a time.
/// </remarks>
internal sealed class PiecesSince(IMeasurementHistory history, ISignalDirectory signals)
{
    /// <summary>How many unusable readings before the start are passed over in search of a number.</summary>
    private const int MostStepsBack = 16;

    private readonly Dictionary<MachineId, Count> _counts = [];

    /// <summary>Reads what the counter said since the last call.</summary>
    /// <returns>Pieces, 0 or more; null when nothing is under way or the machine has no counter.</returns>
    public async Task<int?> ReadAsync(MachineId machine, OperationActual? actual, CancellationToken cancel)
    {
        if (actual is not { Status: OperationStatus.Running or OperationStatus.Paused, Started: { } started })
        {
            _counts.Remove(machine);
            return null;
        }
        if (!_counts.TryGetValue(machine, out var count) || count.Operation != actual.Operation || count.Started != started)
        {
            _counts.Remove(machine);
            if (CounterOf(machine) is not { } signal) return null;
            count = new(actual.Operation, started, signal, await ValueAtAsync(signal, started, cancel));
            _counts[machine] = count;
        }
        if (history.Last(count.Signal) is { } last && last.SourceTicks >= count.From)
            await foreach (var sample in history.RangeAsync(count.Signal, new(At(count.From), At(last.SourceTicks + 1)), cancel))
                count.Take(sample);
        return count.Pieces;
    }

    // One counter only, and rather the one of the job: many controllers also show the count since delivery.
    private SignalNumber? CounterOf(MachineId machine) => signals.Of(machine)
        .Where(s => s.Signal.Role == SignalRole.PartCount)
        .OrderBy(s => s.Signal.Id.Name.EndsWith("all", StringComparison.OrdinalIgnoreCase))
        .Select(s => (SignalNumber?)s.Number).FirstOrDefault();

    /// <summary>The counter's last number before an instant; a lost connection in between leaves it as it was.</summary>
    private async Task<double?> ValueAtAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel)
    {
        for (var i = 0; i < MostStepsBack && await history.BeforeAsync(signal, instant, cancel) is { } before; i++)
        {
            if (Number(before) is { } value) return value;
            instant = before.SourceTime;
        }
        return null;
    }

    private static double? Number(in Sample sample)
    {
        if (sample.Quality is not (Quality.Good or Quality.Uncertain)) return null;
        if (sample.Value.Kind is ValueKind.Integer or ValueKind.Real) return sample.Value.Figure;
        return double.TryParse(sample.Value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private sealed class Count(OperationId operation, DateTimeOffset started, SignalNumber signal, double? value)
    {
        private double? _value = value;
        private double _made;

        public OperationId Operation => operation;
        public DateTimeOffset Started => started;
        public SignalNumber Signal => signal;

        /// <summary>First instant that was not read yet, in ticks of UTC.</summary>
        public long From { get; private set; } = started.UtcTicks;

        public int Pieces => (int)Math.Min(int.MaxValue, Math.Round(_made));

        public void Take(in Sample sample)
        {
            From = sample.SourceTicks + 1;
            if (Number(sample) is not { } now) return;
            // Set back, by hand or by a new program: pieces made so far stay, and it is counted from the new value.
            if (_value is { } was && now > was) _made += now - was;
            _value = now;
        }
    }
}
