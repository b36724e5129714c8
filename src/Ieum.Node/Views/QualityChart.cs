using System.Collections.Immutable;
using Ieum.Analyze;

namespace Ieum.Node.Views;

/// <summary>A control chart of one characteristic with what it breaks and what the process can do.</summary>
/// <param name="Signals">Nelson's rules on the location chart.</param>
/// <param name="Count">Values it was made from; a last sample that is not full is left out.</param>
public sealed record QualityChart(ControlChart Chart, ImmutableArray<ChartSignal> Signals, Capability? Capability, double? Lower, double? Upper, int Count)
{
    /// <summary>First and last measurement among the values; null where none says its time.</summary>
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? To { get; init; }

    public static readonly ImmutableArray<string> Kinds = ["i-mr", "xbar-r", "xbar-s", "p"];

    public static string Word(ChartKind kind) => kind switch
    {
        ChartKind.XbarR => "xbar-r",
        ChartKind.XbarS => "xbar-s",
        ChartKind.P => "p",
        ChartKind.U => "u",
        _ => "i-mr",
    };

    /// <param name="values">In the order they were measured.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="size">Values per sample; of <c>i-mr</c> 1. 2 to 25.</param>
    /// <returns>Null where there are too few values for two samples.</returns>
    public static QualityChart? Of(IReadOnlyList<GaugeValue> values, string kind, int size)
    {
        if (values.Count < 2) return null;
        var (lower, upper) = (values[^1].Lower, values[^1].Upper);
        var numbers = values.Select(v => v.Value).ToArray();
        var samples = numbers.Chunk(size).Where(c => c.Length == size).Select(c => (IReadOnlyList<double>)c).ToArray();
        if (kind != "i-mr" && samples.Length < 2) return null;
        var chart = kind switch
        {
            "xbar-r" => ControlChart.XbarR(samples),
            "xbar-s" => ControlChart.XbarS(samples),
            "p" => ControlChart.P([.. values.Chunk(size).Where(c => c.Length == size).Select(c => (c.Count(v => !v.IsGood), c.Length))]),
            _ => ControlChart.Individuals(numbers),
        };
        var capability = kind == "p" ? null : Capability.Of(numbers, lower, upper, chart.Sigma, kind == "i-mr" ? null : samples.Length * (size - 1) * 0.9);
        return new(chart, ChartRules.Nelson(chart.Points), capability, lower, upper, kind == "i-mr" ? numbers.Length : samples.Length * size) { From = values.Min(v => v.At), To = values.Max(v => v.At) };
    }
}
