namespace Ieum.Plan.Across;

/// <summary>
/// What follows outside from when a shop's tasks end: when other parts come back, and what the customers' lateness is worth. Max-plus:
/// a time is the latest of a few ends, each plus a lag. It is exact while the others keep their sequences.
/// </summary>
internal sealed class Outlook
{
    /// <summary>Ways of lags: from a task's end to the arrival of another one's part.</summary>
    public required int[] LinkFrom { get; init; }
    public required int[] LinkTo { get; init; }
    public required long[] LinkLag { get; init; }
    /// <summary>First link of each task; one entry more at the end. Links are sorted by the task they come from.</summary>
    public required int[] LinkStart { get; init; }

    /// <summary>Customers: ends later than due cost weight per unit. The first <see cref="Orders"/> also count for the end of all.</summary>
    public required double[] Weight { get; init; }
    public required long[] Due { get; init; }
    /// <summary>End of each customer's order as far as it does not depend on this shop.</summary>
    public required long[] Base { get; init; }
    /// <summary>Ways of each customer: entries [RowStart, RowStart of the next) of <see cref="RowTask"/> and <see cref="RowLag"/>.</summary>
    public required int[] RowStart { get; init; }
    public required int[] RowTask { get; init; }
    public required long[] RowLag { get; init; }
    public required int Orders { get; init; }
    /// <summary>End of all as far as it does not depend on this shop.</summary>
    public required long Last { get; init; }

    public int Rows => Weight.Length;

    /// <summary>When a customer's order ends.</summary>
    public long EndOf(int row, long[] end, int[] option)
    {
        var last = Base[row];
        for (var i = RowStart[row]; i < RowStart[row + 1]; i++)
            if (option[RowTask[i]] >= 0 && end[RowTask[i]] + RowLag[i] > last) last = end[RowTask[i]] + RowLag[i];
        return last;
    }

    public double Cost(long[] end, int[] option)
    {
        var cost = 0.0;
        var all = Last;
        for (var r = 0; r < Weight.Length; r++)
        {
            var last = EndOf(r, end, option);
            if (last > Due[r]) cost += (last - Due[r]) * Weight[r];
            if (r < Orders && last > all) all = last;
        }
        return cost + all;
    }
}
