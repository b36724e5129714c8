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

    public static readonly ImmutableArray<string> Kinds = ["i-mr", "xbar-r", "xbar-s", "p", PerPart];

    /// <summary>The kind that takes parts with all that was measured on them; the others take one characteristic.</summary>
    public const string PerPart = "u";

    public static string Word(ChartKind kind) => kind switch
    {
        ChartKind.XbarR => "xbar-r",
        ChartKind.XbarS => "xbar-s",
        ChartKind.P => "p",
        ChartKind.U => "u",
        _ => "i-mr",
    };

    /// <summary>Whichever kind it is, of one characteristic or of all.</summary>
    /// <param name="most">Values, or parts, from the first on.</param>
    public static QualityChart? Of(IQualityDesk desk, string characteristic, string kind, int size, int most = int.MaxValue) =>
        kind == PerPart ? OfParts(desk.Characteristics.SelectMany(c => desk.Values(c.Characteristic)), most) : Of(desk.Values(characteristic) is var all && most < all.Length ? all[..most] : all, kind, size);

    /// <summary>Values out of their limits per value measured, part by part in the order of their first measurement (u chart).</summary>
    /// <returns>Null below two parts; values that name no part are left out.</returns>
    public static QualityChart? OfParts(IEnumerable<GaugeValue> values, int most = int.MaxValue)
    {
        var parts = values.Where(v => v.Part.Length > 0).GroupBy(v => v.Part, StringComparer.Ordinal).OrderBy(p => p.Min(v => v.At) ?? DateTimeOffset.MinValue).Take(most).Select(p => p.ToArray()).ToArray();
        if (parts.Length < 2) return null;
        var chart = ControlChart.U([.. parts.Select(p => (p.Count(v => !v.IsGood), p.Length))]);
        return new(chart, ChartRules.Nelson(chart.Points), null, null, null, parts.Sum(p => p.Length)) { From = parts.SelectMany(p => p).Min(v => v.At), To = parts.SelectMany(p => p).Max(v => v.At) };
    }

    /// <param name="values">In the order they were measured.</param>
    /// <param name="kind">One of <see cref="Kinds"/> but <see cref="PerPart"/>.</param>
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
