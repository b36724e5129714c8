namespace Ieum.Plan;

/// <summary>Between which minutes each task must lie in every schedule that is not worse than a known one.</summary>
/// <param name="EarliestStart">By the clock.</param>
/// <param name="LatestStart">By the clock.</param>
/// <param name="LatestEnd">By the clock.</param>
/// <param name="EarliestFinish">Per job, trailing wait included.</param>
internal sealed record Windows(long[] EarliestStart, long[] LatestStart, long[] LatestEnd, long[] EarliestFinish)
{
    /// <param name="known">A schedule; its begun tasks are fixed.</param>
    /// <param name="tardiness">Only schedules with at most this much weighted tardiness are wanted.</param>
    /// <param name="finishLimit">Only schedules in which every order is finished by this minute are wanted.</param>
    public static Windows Of(PlanProblem p, Layout known, long tardiness, long finishLimit)
    {
        var n = p.Tasks.Length;
        var (head, lateStart, lateEnd, finish) = (new long[n], new long[n], new long[n], new long[p.Jobs.Length]);
        for (var j = 0; j < p.Jobs.Length; j++)
        {
            var job = p.Jobs[j];
            long before = 0;
            for (var t = job.First; t < job.First + job.Count; t++)
            {
                var task = p.Tasks[t];
                if (task.IsHeld) { head[t] = known.Start[t]; before = known.End[t]; }
                else
                {
                    head[t] = task.AfterPrevious ? Math.Max(task.Ready, before + task.WaitBefore) : task.Ready;
                    before = task.Options.Min(o => EndOn(p.Machines[o.Machine].Axis, head[t], Shortest(p, o)));
                }
                finish[j] = Math.Max(finish[j], before + job.TailWait);
            }
            // One order alone cannot be later than all orders together may be.
            var limit = Math.Min(finishLimit, job.Due + tardiness / job.Weight) - job.TailWait;
            for (var t = job.First + job.Count - 1; t >= job.First; t--)
            {
                var task = p.Tasks[t];
                if (task.IsHeld) { (lateStart[t], lateEnd[t]) = (known.Start[t], known.End[t]); continue; }
                lateEnd[t] = limit;
                if (t + 1 < job.First + job.Count && p.Tasks[t + 1].AfterPrevious)
                    lateEnd[t] = Math.Min(limit, lateStart[t + 1] - p.Tasks[t + 1].WaitBefore);
                lateStart[t] = task.Options.Max(o => LatestStartOn(p.Machines[o.Machine].Axis, lateEnd[t], Shortest(p, o)));
            }
        }
        return new(head, lateStart, lateEnd, finish);
    }

    public static long Shortest(PlanProblem p, TaskOption o) => p.SkipSetUp ? o.WorkNoSetUp : o.Work;

    /// <summary>Shortest working and waiting time after each task in its job; breaks are not counted.</summary>
    public static long[] RestOf(PlanProblem problem)
    {
        var rest = new long[problem.Tasks.Length];
        foreach (var job in problem.Jobs)
        {
            var sum = job.TailWait;
            for (var t = job.First + job.Count - 1; t >= job.First; t--)
            {
                rest[t] = sum;
                sum += problem.Tasks[t].Options.Min(o => Shortest(problem, o)) + problem.Tasks[t].WaitBefore;
            }
        }
        return rest;
    }

    private static long EndOn(WorkAxis axis, long ready, long work)
    {
        var place = axis.At(ready) + work;
        return place > axis.Capacity ? FactoryBuilder.Horizon * 2 : axis.ClockOfEnd(place);
    }

    private static long LatestStartOn(WorkAxis axis, long end, long work)
    {
        var place = axis.At(end) - work;
        return place < 0 ? long.MinValue / 4 : axis.ClockOfStart(place);
    }

    /// <summary>
    /// A minute by which every schedule without needless idling is finished: whoever blocks the last order, some task
    /// of the chain that leads to it advances whenever all machines work, and the chain is no longer than all work.
    /// </summary>
    public static long SafeFinish(PlanProblem p)
    {
        var work = p.Tasks.Sum(t => t.Options.Max(o => o.Work));
        var from = p.Tasks.Max(t => t.Ready) + p.Tasks.Sum(t => t.WaitBefore);
        var axes = p.Machines.Select(m => m.Axis).DistinctBy(a => a, ReferenceEqualityComparer.Instance).Cast<WorkAxis>().ToArray();
        var common = axes[0].PiecesFrom(from);
        foreach (var axis in axes.Skip(1)) common = Both(common, axis.PiecesFrom(from));
        foreach (var (a, b) in common)
        {
            if (b - a >= work) return a + work + p.Jobs.Max(j => j.TailWait);
            work -= b - a;
        }
        return FactoryBuilder.Horizon + p.Jobs.Max(j => j.TailWait);
    }

    private static IEnumerable<(long From, long To)> Both(IEnumerable<(long From, long To)> one, IEnumerable<(long From, long To)> other)
    {
        using var x = one.GetEnumerator();
        using var y = other.GetEnumerator();
        if (!x.MoveNext() || !y.MoveNext()) yield break;
        while (true)
        {
            var (from, to) = (Math.Max(x.Current.From, y.Current.From), Math.Min(x.Current.To, y.Current.To));
            if (from < to) yield return (from, to);
            if (x.Current.To <= y.Current.To ? !x.MoveNext() : !y.MoveNext()) yield break;
        }
    }
}
