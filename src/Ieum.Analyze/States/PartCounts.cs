using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Parts finished at one instant, as a machine's counter shows.</summary>
internal readonly record struct PartsMade(DateTimeOffset At, long Parts);

/// <summary>Reads a part counter, which counts up, jumps by several, and is set back by people.</summary>
internal sealed class PartCounter
{
    private double? _last;

    /// <summary>Parts made since the last reading: the rise of the counter; 0 for the first reading and when it was set back.</summary>
    public long Read(double count)
    {
        if (!double.IsFinite(count)) return 0;
        var made = _last is { } last && count > last ? (long)Math.Round(count - last) : 0;
        _last = count;
        return made;
    }

    /// <summary>The number in a counter's value, which some adapters send as text; null when it holds none.</summary>
    public static double? Number(in Sample sample)
    {
        if (sample.Quality is not (Quality.Good or Quality.Uncertain)) return null;
        if (sample.Value.Kind is ValueKind.Integer or ValueKind.Real) return sample.Value.Number;
        return double.TryParse(sample.Value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

internal static class PartCounts
{
    /// <summary>Every rise of every part counter of the machine, by time.</summary>
    public static ImmutableArray<PartsMade> Increments(Story story)
    {
        var counters = new Dictionary<SignalNumber, PartCounter>();
        var made = ImmutableArray.CreateBuilder<PartsMade>();
        foreach (var e in story.Events)
        {
            if (e.Role != SignalRole.PartCount || PartCounter.Number(e.Sample) is not { } count) continue;
            if (!counters.TryGetValue(e.Sample.Signal, out var counter)) counters[e.Sample.Signal] = counter = new();
            if (counter.Read(count) is > 0 and var parts) made.Add(new(e.At, parts));
        }
        return made.ToImmutable();
    }
}
