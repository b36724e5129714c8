namespace Ieum.Plan;

/// <summary>A first schedule in well under a millisecond per hundred operations: longest rest first, on the machine that ends earliest.</summary>
internal static class ShopGreedy
{
    /// <param name="random">Null for the plain rule; else ties and near-ties are broken at random, for another start.</param>
    public static void Fill(ShopGraph g, ShopState state, Luck? random = null)
    {
        var n = g.Count;
        var (free, last) = (new long[g.Machines], new int[g.Machines]);
        Array.Fill(last, -1);
        Array.Fill(state.First, -1);
        var waiting = new int[n];
        var ready = new long[n];
        List<int> open = [];
        for (var i = 0; i < n; i++)
            if ((waiting[i] = g.BeforeFrom[i + 1] - g.BeforeFrom[i]) == 0) open.Add(i);
        var luck = random ?? new Luck(0);
        while (open.Count > 0)
        {
            // Among the operations that could start before the earliest possible end, the one with the longest rest.
            var earliestEnd = long.MaxValue;
            foreach (var i in open) earliestEnd = Math.Min(earliestEnd, Best(i).End);
            var (chosen, chosenRest) = (-1, double.MinValue);
            for (var at = 0; at < open.Count; at++)
            {
                var i = open[at];
                if (Best(i).Start >= earliestEnd && Best(i).End > earliestEnd) continue;
                var rest = (g.ShortestTail[i] + g.ShortestTime[i]) * (random is null ? 1.0 : 0.8 + 0.4 * luck.Next(1000) / 1000.0);
                if (rest > chosenRest) (chosen, chosenRest) = (at, rest);
            }
            var v = open[chosen];
            open[chosen] = open[^1];
            open.RemoveAt(open.Count - 1);
            var (option, _, end) = Best(v);
            var m = g.OptionMachine[option];
            state.Insert(v, m, g.OptionTime[option], last[m]);
            (last[m], free[m]) = (v, end);
            for (var k = g.AfterFrom[v]; k < g.AfterFrom[v + 1]; k++)
            {
                var s = g.After[k];
                ready[s] = Math.Max(ready[s], end);
                if (--waiting[s] == 0) open.Add(s);
            }
        }
        state.Evaluate();

        (int Option, long Start, long End) Best(int v)
        {
            var best = (Option: -1, Start: 0L, End: long.MaxValue);
            for (var k = g.OptionFrom[v]; k < g.OptionFrom[v + 1]; k++)
            {
                var m = g.OptionMachine[k];
                var start = Math.Max(ready[v], free[m] + (last[m] >= 0 && g.SetUps is { } s ? s[m][last[m] * n + v] : 0));
                if (start + g.OptionTime[k] < best.End) best = (k, start, start + g.OptionTime[k]);
            }
            return best;
        }
    }
}
