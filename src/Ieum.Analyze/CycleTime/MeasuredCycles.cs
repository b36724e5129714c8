using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>The way from measured cycles to what the planner may use instead of a nominal time.</summary>
public static class MeasuredCycles
{
    /// <summary>
    /// Cycles a measured time must rest on: 6 is the least for which two order statistics bracket the median with 95 %
    /// (1 − 2·½⁶ = 96.9 %).
    /// </summary>
    public const int Fewest = 6;

    /// <summary>The measured time per piece of an item on its machine; null while it rests on fewer than <paramref name="fewest"/> cycles.</summary>
    /// <param name="item">What was made; the subject of the statistics when orders were known, else chosen by the caller.</param>
    /// <param name="fewest">At least 1.</param>
    public static MeasuredCycle? ToMeasured(this CycleStatistics cycles, ItemId item, int fewest = Fewest)
    {
        ArgumentNullException.ThrowIfNull(cycles);
        ArgumentOutOfRangeException.ThrowIfLessThan(fewest, 1);
        return cycles.Count < fewest ? null : new(cycles.Machine, item, cycles.Median, cycles.Low, cycles.High, cycles.Count);
    }
}
