using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Turns minutes back into a plan version of the domain; not yet verified.</summary>
internal static class PlanWriter
{
    public static PlanVersion Write(PlanRequest request, BuiltProblem built, Layout layout, string solver)
    {
        var p = built.Problem;
        var firstRunning = p.Machines.Where(m => m.Held is [var t, ..] && p.Tasks[t].IsRunning).Select(m => m.Held[0]).ToHashSet();
        var operations = Enumerable.Range(0, p.Tasks.Length).Select(t =>
        {
            var task = p.Tasks[t];
            var option = task.Options[layout.Option[t]];
            // What runs now began when it began; everything else begins where it was placed.
            var start = firstRunning.Contains(t) && task.HeldSince < p.Origin ? task.HeldSince.Value
                : firstRunning.Contains(t) ? p.Time(0, option.Machine)
                : p.Time(layout.Start[t], option.Machine);
            return new PlannedOperation(task.Id, p.Jobs[task.Job].Order.Id, task.Step, p.Machines[option.Machine].Id, task.Quantity,
                start, p.Time(layout.End[t], option.Machine), layout.NoSetUp[t] ? TimeSpan.Zero : option.SetUp, TimeSpan.FromMinutes(layout.Work[t]));
        });
        var promises = p.Jobs.Select(job =>
            new OrderPromise(job.Order.Id, p.Time(Decoder.FinishOf(job, layout.End), p.Tasks[job.First].Options[layout.Option[job.First]].Machine), job.Order.Due))
            .Concat(built.Settled);
        return new((request.Parent?.Number ?? 0) + 1, request.Parent?.Number, request.Now, request.Reason,
            [.. operations.OrderBy(o => o.Start).ThenBy(o => o.Operation.Value, StringComparer.Ordinal)],
            [.. promises.OrderBy(o => o.Order.Value, StringComparer.Ordinal)], false, solver);
    }
}
