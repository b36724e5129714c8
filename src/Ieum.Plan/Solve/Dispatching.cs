namespace Ieum.Plan;

/// <summary>Constructive schedules by priority rules; there is always one, whatever happens to the solver.</summary>
/// <remarks>
/// After Giffler and Thompson: find the task that could end first, and among the tasks that compete with it for its
/// machine start the most urgent one. Urgency is a rule; the best of all rules is kept.
/// </remarks>
internal static class Dispatching
{
    /// <summary>Name of the rule, and urgency of a task: smaller goes first.</summary>
    private static readonly (string Name, Func<PlanProblem, int, long, long, long, double> Urgency)[] Rules =
    [
        ("earliest due date", (p, t, start, end, rest) => p.Jobs[p.Tasks[t].Job].Due),
        ("least slack", (p, t, start, end, rest) => p.Jobs[p.Tasks[t].Job].Due - end - rest),
        ("weighted slack", (p, t, start, end, rest) =>
            Math.Max(1, p.Jobs[p.Tasks[t].Job].Due - end - rest) / (double)p.Jobs[p.Tasks[t].Job].Weight),
        ("apparent tardiness cost", ApparentTardinessCost),
        ("most work remaining", (p, t, start, end, rest) => -(double)(end - start + rest)),
        ("first come first served", (p, t, start, end, rest) => start),
        ("shortest first", (p, t, start, end, rest) => end - start),
    ];

    /// <summary>The best schedule of all rules, with the rule's name.</summary>
    /// <exception cref="BeyondHorizonException">No rule found a place for all work.</exception>
    public static (Layout Layout, string Rule) Best(Decoder decoder)
    {
        var rest = RestOf(decoder.Problem);
        (Layout Layout, string Rule)? best = null;
        BeyondHorizonException? misfit = null;
        foreach (var (name, urgency) in Rules)
        {
            try
            {
                var layout = Build(decoder, urgency, rest);
                if (best is null || layout.Score.IsBetterThan(best.Value.Layout.Score)) best = (layout, name);
            }
            catch (BeyondHorizonException e) { misfit = e; }
        }
        return best ?? throw misfit!;
    }

    private static Layout Build(Decoder decoder, Func<PlanProblem, int, long, long, long, double> urgency, long[] rest)
    {
        var problem = decoder.Problem;
        var layout = decoder.Begin();
        var open = Enumerable.Range(0, problem.Jobs.Length).Where(j => decoder.Peek(j) < problem.Tasks.Length).ToList();
        while (open.Count > 0)
        {
            // The option that ends first, for the next task of every job.
            var offers = open.Select(j => Offer(decoder, layout, j)).ToArray();
            var first = offers.MinBy(o => (o.End, o.Task));
            var rivals = offers.Where(o => o.Machine == first.Machine && o.Start < first.End);
            var chosen = rivals.MinBy(o => (urgency(problem, o.Task, o.Start, o.End, rest[o.Task]), o.Task));
            decoder.Put(layout, chosen.Task, chosen.Option);
            var job = problem.Tasks[chosen.Task].Job;
            decoder.Next(job);
            if (decoder.Peek(job) == problem.Tasks.Length) open.Remove(job);
        }
        layout.Score = Decoder.ScoreOf(problem, layout.End);
        return layout;
    }

    private static (int Task, int Option, int Machine, long Start, long End) Offer(Decoder decoder, Layout layout, int job)
    {
        var task = decoder.Peek(job);
        var options = decoder.Problem.Tasks[task].Options;
        var (best, end) = (0, decoder.TryEnd(layout, task, 0));
        for (var o = 1; o < options.Length; o++)
            if (decoder.TryEnd(layout, task, o) is var e && e < end) (best, end) = (o, e);
        var place = decoder.Try(layout, task, best);
        return (task, best, options[best].Machine, place.Start, place.End);
    }

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
                sum += problem.Tasks[t].Options.Min(o => problem.SkipSetUp ? o.WorkNoSetUp : o.Work) + problem.Tasks[t].WaitBefore;
            }
        }
        return rest;
    }

    // Vepsalainen and Morton 1987: weighted shortest time first, fading with the slack that is left.
    private static double ApparentTardinessCost(PlanProblem p, int t, long start, long end, long rest)
    {
        var job = p.Jobs[p.Tasks[t].Job];
        var time = Math.Max(1, end - start);
        var slack = Math.Max(0, job.Due - end - rest);
        return -(job.Weight / (double)time) * Math.Exp(-slack / (3.0 * (time + rest)));
    }
}
