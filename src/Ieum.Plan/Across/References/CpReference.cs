using System.Globalization;
using Google.OrTools.Sat;

namespace Ieum.Plan.Across;

/// <summary>The reference of CP-SAT with open books: begins from a known plan, and proves how good one can be at all.</summary>
internal static class CpReference
{
    /// <returns>The better of both plans, and a proven lower bound of the objective.</returns>
    public static (Shop Best, long Bound) Improve(OpenBook book, Shop known, TimeSpan limit, int threads, int seed, CancellationToken cancel)
    {
        var layout = book.Layout;
        var horizon = known.End.Max() + layout.Time.Sum(t => (long)t.Max());
        var model = new CpModel();
        var n = layout.Tasks;
        var start = new IntVar[n];
        var end = new IntVar[n];
        var chosen = new BoolVar[n][];
        var perMachine = Enumerable.Range(0, layout.Machines).Select(_ => new List<IntervalVar>()).ToArray();
        for (var t = 0; t < n; t++)
        {
            (start[t], end[t]) = (model.NewIntVar(0, horizon, $"s{t}"), model.NewIntVar(0, horizon, $"e{t}"));
            model.AddHint(start[t], known.Start[t]);
            model.AddHint(end[t], known.End[t]);
            chosen[t] = new BoolVar[layout.Machine[t].Length];
            for (var o = 0; o < chosen[t].Length; o++)
            {
                chosen[t][o] = model.NewBoolVar($"x{t}.{o}");
                model.AddHint(chosen[t][o], known.Option[t] == o);
                perMachine[layout.Machine[t][o]].Add(model.NewOptionalIntervalVar(start[t], layout.Time[t][o], end[t], chosen[t][o], $"i{t}.{o}"));
                if (layout.Before[t] < 0) model.Add(start[t] >= known.Release[t] + Origin(layout, t, o)).OnlyEnforceIf(chosen[t][o]);
            }
            model.AddExactlyOne(chosen[t]);
            if (layout.Before[t] is var b && b < 0) continue;
            model.Add(start[t] >= end[b]);
            for (var o = 0; o < chosen[t].Length; o++)
                for (var p = 0; p < chosen[b].Length; p++)
                {
                    var way = layout.Transport[layout.Company[layout.Machine[b][p]]][layout.Company[layout.Machine[t][o]]];
                    if (way > 0) model.Add(start[t] >= end[b] + way).OnlyEnforceIf([chosen[b][p], chosen[t][o]]);
                }
        }
        foreach (var intervals in perMachine) model.AddNoOverlap(intervals);
        var makespan = model.NewIntVar(0, horizon, "end");
        model.AddHint(makespan, known.Final is null ? 0 : Enumerable.Range(0, n).Where(t => known.Final[t]).Max(t => known.End[t]));
        List<LinearExpr> terms = [makespan];
        for (var t = 0; t < n; t++)
        {
            if (known.Final![t]) model.Add(makespan >= end[t]);
            if (known.Weight[t] <= 0) continue;
            var late = model.NewIntVar(0, horizon, $"l{t}");
            model.Add(late >= end[t] - known.Limit[t]);
            model.AddHint(late, Math.Max(0, known.End[t] - known.Limit[t]));
            terms.Add(late * (long)known.Weight[t]);
        }
        model.Minimize(LinearExpr.Sum(terms));
        var solver = new CpSolver
        {
            // Built from checked numbers only: a malformed text ends the process from native code.
            StringParameters = string.Create(CultureInfo.InvariantCulture,
                $"max_time_in_seconds:{Math.Clamp(limit.TotalSeconds, 0.01, 36_000):F3} num_workers:{Math.Clamp(threads, 1, 64)} random_seed:{Math.Max(0, seed)}"),
        };
        using var stop = cancel.Register(solver.StopSearch);
        var status = solver.Solve(model);
        cancel.ThrowIfCancellationRequested();
        var bound = status is CpSolverStatus.Optimal or CpSolverStatus.Feasible or CpSolverStatus.Unknown ? (long)Math.Ceiling(solver.BestObjectiveBound - 1e-6) : 0;
        if (status is not (CpSolverStatus.Optimal or CpSolverStatus.Feasible)) return (known, Math.Max(0, bound));
        var found = book.Empty();
        foreach (var t in Enumerable.Range(0, n).OrderBy(t => solver.Value(start[t])).ThenBy(t => t))
        {
            var o = Array.FindIndex(chosen[t], x => solver.BooleanValue(x));
            var after = -1;
            for (var u = found.Head[layout.Machine[t][o]]; u >= 0; u = found.Next[u]) after = u;
            found.Insert(t, o, after);
        }
        return found.Retime() && found.Cost() < known.Cost() ? (found, Math.Max(0, bound)) : (known, Math.Max(0, bound));
    }

    private static long Origin(ShopLayout layout, int t, int o) =>
        layout.Origin is { } origin && origin[t] >= 0 ? layout.Transport[origin[t]][layout.Company[layout.Machine[t][o]]] : 0;
}
