using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>What CP-SAT made of a schedule.</summary>
/// <param name="Layout">The best schedule known now; never worse than the one given.</param>
/// <param name="TardinessBound">No schedule has less weighted tardiness.</param>
/// <param name="MakespanBound">No schedule with as little tardiness ends earlier.</param>
internal sealed record CpResult(Layout Layout, long TardinessBound, long MakespanBound);

/// <summary>How CP-SAT works where another search runs beside it.</summary>
/// <param name="Workers">Threads of CP-SAT.</param>
/// <param name="Effort">Its deterministic seconds.</param>
/// <param name="EndMatters">Whether the last end counts; else all effort goes to the lateness.</param>
/// <param name="Found">Told each better schedule, placed again, on the thread of the solver.</param>
/// <param name="Proved">Told each better bound of the lateness.</param>
/// <param name="Stop">Ends the question with what is known by then.</param>
internal sealed record CpBeside(int Workers, double Effort, bool EndMatters, Action<Layout>? Found, Action<long>? Proved, CancellationToken Stop);

/// <summary>Improves a schedule by CP-SAT, first its lateness, then its end, and proves how far it is from the best.</summary>
internal sealed class CpImprover(Decoder decoder, PlanOptions options, TimeSpan limit, TimeProvider wire, ICpEngine engine, CpBeside? beside = null)
{
    /// <summary>Models with more break literals than this would not be searched in any useful time on two cores.</summary>
    private const long MostBreaks = 400_000;

    private readonly PlanProblem _p = decoder.Problem;

    public CpResult Improve(Layout start, CancellationToken cancel)
    {
        var begun = wire.GetTimestamp();
        var best = start;
        var loose = Windows.Of(_p, start, start.Score.Tardiness, long.MaxValue / 4);
        var lateBound = 0L;
        for (var j = 0; j < _p.Jobs.Length; j++) lateBound += Math.Max(0, loose.EarliestFinish[j] - _p.Jobs[j].Due) * _p.Jobs[j].Weight;
        var endBound = loose.EarliestFinish.Max();

        // Lateness first; what is on time from the beginning leaves all effort to the end.
        var effort = beside?.Effort ?? options.Effort;
        var forEnd = beside is { EndMatters: false } ? 0 : 0.4;
        if (best.Score.Tardiness > lateBound)
        {
            var windows = Windows.Of(_p, best, best.Score.Tardiness, Math.Max(best.Score.Makespan, Windows.SafeFinish(_p)));
            (best, var bound) = Solve(best, windows, Tardiness, limit * (1 - forEnd), effort * (1 - forEnd), cancel, beside?.Proved);
            lateBound = Math.Max(lateBound, bound);
            effort *= forEnd;
        }
        if (best.Score.Makespan > endBound && forEnd > 0 && beside?.Stop.IsCancellationRequested != true)
        {
            var windows = Windows.Of(_p, best, best.Score.Tardiness, best.Score.Makespan);
            var rest = limit - wire.GetElapsedTime(begun);
            (best, var bound) = Solve(best, windows, Makespan, rest, effort, cancel);
            endBound = Math.Max(endBound, bound);
        }
        return new(best, lateBound, endBound);
    }

    private (Layout Best, long Bound) Solve(Layout known, Windows windows, Action<CpModelOfShop, Windows, Layout> goal,
        TimeSpan most, double effort, CancellationToken cancel, Action<long>? proved = null)
    {
        if (most < TimeSpan.FromMilliseconds(10) || Breaks(windows) > MostBreaks) return (known, 0);
        var shop = new CpModelOfShop(_p, windows, known);
        goal(shop, windows, known);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, beside?.Stop ?? CancellationToken.None);
        var answer = engine.Solve(shop.Model, CpParameters.Of(Math.Min(most.TotalSeconds, 3600), Math.Clamp(effort, 0.01, 10_000), beside?.Workers ?? options.Threads, options.Seed, interleave: true),
            beside?.Found is { } found ? v => found(Placed(shop, new(CpSolverStatus.Feasible, v, 0))) : null, proved is null ? null : b => { if (double.IsFinite(b)) proved(WholeOf(b)); }, stop.Token);
        var status = answer.Status;
        cancel.ThrowIfCancellationRequested();
        // The known schedule satisfies every row, so anything but these two is a fault of model or solver.
        if (status is CpSolverStatus.Infeasible or CpSolverStatus.ModelInvalid)
            throw new InvalidOperationException($"CP-SAT calls a model {status} of which a solution is known.");
        if (status is not (CpSolverStatus.Optimal or CpSolverStatus.Feasible)) return (known, 0);
        var placed = Placed(shop, answer);
        return (placed.Score.IsBetterThan(known.Score) ? placed : known, WholeOf(answer.Bound));
    }

    private static long WholeOf(double bound) => (long)Math.Ceiling(bound - 1e-6);

    /// <summary>What the solver says is not believed: its sequence is placed again.</summary>
    private Layout Placed(CpModelOfShop shop, CpAnswer answer)
    {
        var (option, start) = shop.Read(answer);
        return decoder.Decode(decoder.SequenceOf(option, start));
    }

    private void Tardiness(CpModelOfShop shop, Windows windows, Layout known)
    {
        List<LinearExpr> late = [];
        for (var j = 0; j < _p.Jobs.Length; j++)
            if (Late(shop, windows, known, j) is { } l) late.Add(l);
        shop.Model.Minimize(LinearExpr.Sum(late));
    }

    private LinearExpr? Late(CpModelOfShop shop, Windows windows, Layout known, int j)
    {
        var job = _p.Jobs[j];
        var most = known.Score.Tardiness / job.Weight;
        if (most == 0) return null;
        var late = shop.Model.NewIntVar(Math.Max(0, windows.EarliestFinish[j] - job.Due), most, $"T{j}");
        shop.Model.AddHint(late, Math.Max(0, Decoder.FinishOf(job, known.End) - job.Due));
        foreach (var t in LastTasks(job)) shop.Model.Add(late >= shop.ClockEnd(t) + (job.TailWait - job.Due));
        return late * job.Weight;
    }

    private void Makespan(CpModelOfShop shop, Windows windows, Layout known)
    {
        var end = shop.Model.NewIntVar(windows.EarliestFinish.Max(), known.Score.Makespan, "makespan");
        shop.Model.AddHint(end, known.Score.Makespan);
        foreach (var job in _p.Jobs)
            foreach (var t in LastTasks(job)) shop.Model.Add(end >= shop.ClockEnd(t) + job.TailWait);
        if (known.Score.Tardiness > 0)
        {
            var late = Enumerable.Range(0, _p.Jobs.Length).Select(j => Late(shop, windows, known, j)).OfType<LinearExpr>();
            shop.Model.Add(LinearExpr.Sum(late) <= known.Score.Tardiness);
        }
        LoadRows(shop, windows, known, end);
        shop.Model.Minimize(end);
    }

    /// <summary>No machine is done before it has done its load: redundant, but without it the bound of flexible shops is hopeless.</summary>
    private void LoadRows(CpModelOfShop shop, Windows windows, Layout known, IntVar end)
    {
        var rest = Windows.RestOf(_p);
        foreach (var here in shop.AllChoices().GroupBy(c => c.Data.Machine))
        {
            var machine = _p.Machines[here.Key];
            var from = Math.Max(here.Min(c => machine.Axis.At(windows.EarliestStart[c.Task])),
                machine.Held is [.., var last] ? known.Place[last] + known.Work[last] : 0);
            var sure = here.Where(c => c.Chosen is null).Sum(c => Windows.Shortest(_p, c.Data));
            var after = here.Min(c => rest[c.Task]);
            var (low, high) = (from + Math.Max(1, sure), machine.Axis.At(known.Score.Makespan));
            if (low > high) continue;
            // A machine that may stay empty: the row must not ask for more than the end is known to be anyway.
            if (sure == 0 && machine.Axis.ClockOfEnd(low) + after > windows.EarliestFinish.Max()) continue;
            var hinted = Math.Clamp(from + here.Where(c => known.Option[c.Task] == c.Option).Sum(c => Windows.Shortest(_p, c.Data)), low, high);
            var done = shop.Model.NewIntVar(low, high, $"load{here.Key}");
            shop.Model.AddHint(done, hinted);
            var load = LinearExpr.Sum(here.Where(c => c.Chosen is not null).Select(c => Windows.Shortest(_p, c.Data) * c.Chosen!));
            shop.Model.Add(done >= load + (from + sure));
            shop.Model.Add(end >= shop.EndByClock(machine.Axis, done, low, high, hinted) + after);
        }
    }

    /// <summary>The last task, and any that no later task of the job waits for.</summary>
    private IEnumerable<int> LastTasks(PlanJob job) => Enumerable.Range(job.First, job.Count)
        .Where(t => t + 1 == job.First + job.Count || !_p.Tasks[t + 1].AfterPrevious);

    private long Breaks(Windows windows) => Enumerable.Range(0, _p.Tasks.Length).Where(t => !_p.Tasks[t].IsHeld).Sum(t =>
        _p.Tasks[t].Options.Select(o => _p.Machines[o.Machine]).DistinctBy(m => m.AxisIndex)
            .Sum(m => (long)m.Axis.Jumps(m.Axis.At(windows.EarliestStart[t]), m.Axis.At(windows.LatestEnd[t])).Count()));
}
