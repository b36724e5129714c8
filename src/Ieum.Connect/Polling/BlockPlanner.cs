namespace Ieum.Connect.Polling;

/// <summary>A stretch of cells that a point needs.</summary>
internal interface ICellRange
{
    RegisterArea Area { get; }
    int Start { get; }
    int Count { get; }
}

/// <summary>One read and the points it serves, in order of address.</summary>
internal sealed record PlannedBlock<T>(RegisterArea Area, int Start, int Count, IReadOnlyList<T> Points) where T : ICellRange;

/// <summary>What was learned about one area while reading it.</summary>
/// <param name="Most">Longest block the device takes; null: as the protocol says.</param>
/// <param name="Cuts">Cells that no block may reach over.</param>
internal sealed record AreaLimits(int? Most, IReadOnlySet<int> Cuts)
{
    public static AreaLimits None { get; } = new(null, new HashSet<int>());
}

/// <summary>Merges neighbouring registers into few reads. Pure.</summary>
internal static class BlockPlanner
{
    /// <summary>Every point stands in exactly one block, wholly; no block is longer than allowed or crosses an area.</summary>
    /// <param name="most">Longest block of an area by protocol and settings, in cells; a longer single point is still one block.</param>
    /// <param name="gap">Cells between two points that may be read in vain; a request costs far more than some registers.</param>
    /// <param name="learned">What this device taught about an area.</param>
    public static List<PlannedBlock<T>> Plan<T>(IEnumerable<T> points, Func<RegisterArea, int> most, int gap, Func<RegisterArea, AreaLimits> learned) where T : ICellRange
    {
        var blocks = new List<PlannedBlock<T>>();
        foreach (var area in points.GroupBy(p => p.Area))
        {
            var limits = learned(area.Key);
            var limit = Math.Min(most(area.Key), limits.Most ?? int.MaxValue);
            var open = new List<T>();
            var (start, end) = (0, 0);
            foreach (var p in area.OrderBy(p => p.Start).ThenBy(p => p.Count))
            {
                var longer = Math.Max(end, p.Start + p.Count);
                if (open.Count > 0 && (p.Start > end + gap || longer - start > limit || IsCut(limits, end, p.Start)))
                {
                    blocks.Add(new(area.Key, start, end - start, open));
                    open = [];
                }
                if (open.Count == 0) (start, longer) = (p.Start, p.Start + p.Count);
                end = longer;
                open.Add(p);
            }
            blocks.Add(new(area.Key, start, end - start, open));
        }
        return blocks;
    }

    private static bool IsCut(AreaLimits limits, int end, int next)
    {
        if (limits.Cuts.Count == 0) return false;
        for (var cell = end; cell < next; cell++)
            if (limits.Cuts.Contains(cell)) return true;
        return false;
    }

    /// <summary>Two halves of a refused block, by points; what lies between them is read no more.</summary>
    public static (PlannedBlock<T> Left, PlannedBlock<T> Right) Split<T>(PlannedBlock<T> block) where T : ICellRange
    {
        var half = block.Points.Count / 2;
        return (Of([.. block.Points.Take(half)]), Of([.. block.Points.Skip(half)]));

        PlannedBlock<T> Of(List<T> points)
        {
            var (start, end) = (points.Min(p => p.Start), points.Max(p => p.Start + p.Count));
            return new(block.Area, start, end - start, points);
        }
    }
}
