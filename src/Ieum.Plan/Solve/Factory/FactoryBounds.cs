namespace Ieum.Plan;

/// <summary>What no plan can beat, from chains and loads alone; holds for every factory and costs nothing.</summary>
internal static class FactoryBounds
{
    /// <returns>Minutes late times weight, and the minute of the last end.</returns>
    public static (double Tardiness, long Makespan) Of(FactoryLayout layout, FactoryPlan plan)
    {
        var p = layout.Problem;
        // Whatever overtime could be bought is open; set-ups and people are left out; work may pause: all that only helps.
        var open = p.Machines.Select(m => m.Overtime.IsEmpty ? m.Open : m.Open.With(m.Overtime.Select(w => (w.From, w.To, w.Price)))).ToArray();
        var sure = new long[p.Machines.Length];
        var (tardiness, makespan) = (0.0, 0L);
        for (var o = 0; o < p.Orders.Length; o++)
        {
            if (plan.Unplanned.Contains(o) || p.Orders[o].Routings.All(r => r.Operations.All(x => x.Done))) continue;
            var ways = p.Orders[o].Routings.Select((_, r) => Chain(layout, open, o, r)).ToArray();
            tardiness += p.Orders[o].Weight * Math.Max(0, ways.Min(w => w.Finish) - p.Orders[o].Due);
            makespan = Math.Max(makespan, ways.Min(w => w.End));
            if (ways.Length > 1) continue;
            for (var k = 0; k < p.Orders[o].Routings[0].Operations.Length; k++)
                if (p.Orders[o].Routings[0].Operations[k] is { Done: false, Modes: [var only] } x && (p.Machines[only.Machine].BatchCapacity == 0 || x.Recipe.Length == 0))
                    sure[only.Machine] += layout.WorkOf(layout.Index[(o, 0, k)], 0);
        }
        for (var m = 0; m < sure.Length; m++)
            if (sure[m] > 0 && open[m].Run(0, sure[m]) is var (_, end)) makespan = Math.Max(makespan, end);
        return (tardiness, makespan);
    }

    private static (long Finish, long End) Chain(FactoryLayout layout, OpenTime[] open, int order, int routing)
    {
        var p = layout.Problem;
        var r = p.Orders[order].Routings[routing];
        var ends = new long[r.Operations.Length];
        var starts = new long[r.Operations.Length];
        Array.Fill(ends, long.MinValue);
        long last = 0;
        for (var k = 0; k < r.Operations.Length; k++) last = Math.Max(last, EndOf(k));
        return (FactoryScoring.FinishOf(p, r, last), last);

        long EndOf(int k)
        {
            if (ends[k] != long.MinValue) return ends[k];
            var x = r.Operations[k];
            if (x.Done) return ends[k] = x.DoneAt;
            var (start, end) = (x.Begun is not null ? 0 : Math.Max(p.Orders[order].Release, x.Earliest), 0L);
            foreach (var l in x.Begun is null ? r.Links : [])
            {
                if (l.To != k) continue;
                var before = EndOf(l.From);
                if (l.Transfer > 0 && !r.Operations[l.From].Done) { start = Math.Max(start, starts[l.From]); end = Math.Max(end, before); }
                else start = Math.Max(start, l.Lane < 0 ? before + l.MinWait : p.Lanes[l.Lane].Arrival(before + l.MinWait) ?? p.Horizon);
            }
            starts[k] = start;
            var soonest = long.MaxValue;
            for (var m = 0; m < x.Modes.Length; m++)
                if (open[x.Modes[m].Machine].Run(start, layout.WorkOf(layout.Index[(order, routing, k)], m)) is var (_, e)) soonest = Math.Min(soonest, e);
            return ends[k] = Math.Max(end, soonest == long.MaxValue ? start : soonest);
        }
    }
}
