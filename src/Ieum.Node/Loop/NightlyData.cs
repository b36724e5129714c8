using Ieum.Analyze;
using Ieum.Model;
using Ieum.Record;

namespace Ieum.Node.Loop;

/// <summary>Evenly spaced values of signals while their machine ran, for models that are fitted overnight.</summary>
internal sealed class NightlyData(IRecorder recorder)
{
    private const int Shortest = 64;

    /// <summary>Values at even steps without a hole.</summary>
    public sealed record Stretch(DateTimeOffset From, TimeSpan Step, double[] Values);

    /// <summary>Stretches in which the machine ran; the whole range where nothing tells when it ran.</summary>
    public static IReadOnlyList<TimeRange> Running(IEnumerable<StateSpan> spans, TimeRange range)
    {
        List<TimeRange> running = [.. spans.Where(s => s.State == MachineState.Running).Select(s => s.Range.Intersect(range)).OfType<TimeRange>()];
        return running.Count > 0 ? running : [range];
    }

    /// <summary>Means per step; a value stands until the next, unless the source said that it has none.</summary>
    public async Task<List<Stretch>> ReadAsync(SignalNumber signal, IReadOnlyList<TimeRange> when, TimeSpan step, CancellationToken cancel)
    {
        var stretches = new List<Stretch>();
        foreach (var range in when)
        {
            var count = (int)(range.Duration / step);
            if (count < Shortest) continue;
            var values = new double[count];
            Array.Fill(values, double.NaN);
            var held = await recorder.BeforeAsync(signal, range.From, cancel) is { Quality: <= Quality.Uncertain } before ? before.Value.Number : double.NaN;
            var at = 0;
            foreach (var b in await recorder.DownsampleAsync(signal, new(range.From, range.From + step * count), step, cancel))
            {
                var i = (int)((b.Range.From - range.From).Ticks / step.Ticks);
                while (at < i) values[at++] = held;
                if (b.Count > 0) (values[at++], held) = (b.Average, b.Last); else held = double.NaN;
            }
            while (at < count) values[at++] = held;
            stretches.Add(new(range.From, step, values));
        }
        return stretches;
    }

    /// <summary>One series of all stretches; a value that is no number parts them, so that no window reaches over.</summary>
    public static double[] Joined(IEnumerable<Stretch> stretches) => [.. stretches.SelectMany(s => s.Values.Append(double.NaN))];

    /// <summary>The same in steps that are <paramref name="times"/> as long.</summary>
    public static List<Stretch> Coarser(IEnumerable<Stretch> stretches, int times) =>
        [.. stretches.Select(s => new Stretch(s.From, s.Step * times, [.. s.Values.Chunk(times).Where(c => c.Length == times).Select(c => c.Average())])).Where(s => s.Values.Length >= Shortest)];
}
