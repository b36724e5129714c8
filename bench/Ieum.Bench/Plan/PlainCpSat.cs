using Google.OrTools.Sat;
using Ieum.Plan;

namespace Ieum.Bench.Plan;

/// <summary>The peer: CP-SAT on the textbook model, all threads, no hint, no extra rows.</summary>
internal static class PlainCpSat
{
    public static (long Makespan, long Bound) Solve(JobShop shop, double seconds, int threads, int seed)
    {
        var model = new CpModel();
        var horizon = shop.Operations.Sum(o => (long)o.Options.Max(x => x.Time));
        var (start, end) = (new IntVar[shop.Operations.Length], new IntVar[shop.Operations.Length]);
        var machines = Enumerable.Range(0, shop.Machines).Select(_ => new List<IntervalVar>()).ToArray();
        for (var i = 0; i < shop.Operations.Length; i++)
        {
            (start[i], end[i]) = (model.NewIntVar(0, horizon, ""), model.NewIntVar(0, horizon, ""));
            List<ILiteral> chosen = [];
            foreach (var option in shop.Operations[i].Options)
            {
                var x = model.NewBoolVar("");
                chosen.Add(x);
                machines[option.Machine].Add(model.NewOptionalIntervalVar(start[i], LinearExpr.Constant(option.Time), end[i], x, ""));
            }
            model.AddExactlyOne(chosen);
            foreach (var b in shop.Operations[i].Before) model.Add(end[b] <= start[i]);
        }
        foreach (var machine in machines.Where(m => m.Count > 1)) model.AddNoOverlap(machine);
        var makespan = model.NewIntVar(0, horizon, "");
        foreach (var e in end) model.Add(e <= makespan);
        model.Minimize(makespan);
        using var engine = new CpInProcess();
        var answer = engine.Solve(model, CpParameters.Of(seconds, null, threads, seed, interleave: false), null, null, CancellationToken.None);
        return (answer.HasSolution ? answer.Value(makespan) : horizon, (long)Math.Ceiling(answer.Bound - 1e-6));
    }
}
