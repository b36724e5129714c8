namespace Ieum.Plan;

/// <summary>Places tasks one after another, each as early as calendar, job and machine allow.</summary>
internal sealed class Decoder(PlanProblem problem)
{
    private readonly long[] _free = new long[problem.Machines.Length];
    private readonly int[] _family = new int[problem.Machines.Length];
    private readonly int[] _next = new int[problem.Jobs.Length];

    public PlanProblem Problem => problem;

    /// <exception cref="BeyondHorizonException">The work does not fit.</exception>
    public Layout Decode(Sequence sequence)
    {
        var layout = Begin();
        foreach (var job in sequence.Jobs)
        {
            var task = Next(job);
            Put(layout, task, sequence.Options[task] >= 0 ? sequence.Options[task] : Earliest(layout, task));
        }
        layout.Score = ScoreOf(problem, layout.End);
        return layout;
    }

    /// <summary>Starts a schedule with the tasks that were begun already.</summary>
    public Layout Begin()
    {
        var layout = new Layout(problem.Tasks.Length);
        Array.Clear(_free);
        Array.Fill(_family, -1);
        for (var j = 0; j < _next.Length; j++) { _next[j] = problem.Jobs[j].First; SkipHeld(j); }
        foreach (var machine in problem.Machines)
            foreach (var task in machine.Held) Put(layout, task, 0);
        return layout;
    }

    /// <summary>The first task of a job that is not placed yet; the task count when there is none.</summary>
    public int Peek(int job)
    {
        var end = problem.Jobs[job].First + problem.Jobs[job].Count;
        return _next[job] < end ? _next[job] : problem.Tasks.Length;
    }

    public int Next(int job)
    {
        var task = _next[job]++;
        SkipHeld(job);
        return task;
    }

    private void SkipHeld(int job)
    {
        var end = problem.Jobs[job].First + problem.Jobs[job].Count;
        while (_next[job] < end && problem.Tasks[_next[job]].IsHeld) _next[job]++;
    }

    /// <summary>Where a task would run on an option: begin on the axis, minutes of work, begin and end by the clock.</summary>
    public (long Place, long Work, long Start, long End) Try(Layout layout, int task, int option)
    {
        var t = problem.Tasks[task];
        var o = t.Options[option];
        var ready = t.AfterPrevious ? Math.Max(t.Ready, layout.End[task - 1] + t.WaitBefore) : t.Ready;
        var axis = problem.Machines[o.Machine].Axis;
        var place = Math.Max(_free[o.Machine], axis.At(ready));
        var work = NeedsNoSetUp(t, o.Machine) ? o.WorkNoSetUp : o.Work;
        return (place, work, axis.ClockOfStart(place), axis.ClockOfEnd(place + work));
    }

    private bool NeedsNoSetUp(PlanTask t, int machine) => problem.SkipSetUp && !t.IsHeld && _family[machine] == t.Family;

    public void Put(Layout layout, int task, int option)
    {
        var machine = problem.Tasks[task].Options[option].Machine;
        layout.NoSetUp[task] = NeedsNoSetUp(problem.Tasks[task], machine);
        (layout.Place[task], layout.Work[task], layout.Start[task], layout.End[task]) = Try(layout, task, option);
        layout.Option[task] = option;
        _free[machine] = layout.Place[task] + layout.Work[task];
        _family[machine] = problem.Tasks[task].Family;
    }

    private int Earliest(Layout layout, int task)
    {
        var (best, end) = (0, long.MaxValue);
        for (var o = 0; o < problem.Tasks[task].Options.Length; o++)
            if (TryEnd(layout, task, o) is var e && e < end) (best, end) = (o, e);
        return best;
    }

    /// <summary>End by the clock on an option; the largest number when it runs past the horizon.</summary>
    public long TryEnd(Layout layout, int task, int option)
    {
        var t = problem.Tasks[task];
        // One option left that does not fit is an answer, not a reason to end the search for another option.
        try { return Try(layout, task, option).End; }
        catch (BeyondHorizonException) when (t.Options.Length > 1) { return long.MaxValue; }
    }

    /// <summary>The order of a finished layout as a sequence, so that it can be placed again or varied.</summary>
    public Sequence SequenceOf(int[] option, long[] start)
    {
        var order = Enumerable.Range(0, problem.Tasks.Length).Where(t => !problem.Tasks[t].IsHeld).OrderBy(t => start[t]).ThenBy(t => t);
        return new([.. order.Select(t => problem.Tasks[t].Job)], [.. option]);
    }

    public static Score ScoreOf(PlanProblem problem, long[] end)
    {
        long late = 0, last = 0, flow = 0;
        foreach (var job in problem.Jobs)
        {
            var finish = FinishOf(job, end);
            late += Math.Max(0, finish - job.Due) * job.Weight;
            last = Math.Max(last, finish);
            flow += finish * job.Weight;
        }
        return new(late, last, flow);
    }

    private static long Largest(ReadOnlySpan<long> ends)
    {
        var largest = ends[0];
        foreach (var e in ends) largest = Math.Max(largest, e);
        return largest;
    }

    public static long FinishOf(PlanJob job, long[] end) => Largest(end.AsSpan(job.First, job.Count)) + job.TailWait;
}
