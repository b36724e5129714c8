using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Turns minutes back into a plan version of the domain; not yet verified.</summary>
internal static class PlanWriter
{
    public static PlanVersion Write(PlanRequest request, BuiltFactory built, FactoryLayout layout, FactoryPlan plan, string solver, (double Tardiness, long Makespan) bound)
    {
        var p = built.Problem;
        var actuals = request.Actuals.GroupBy(a => a.Operation).ToDictionary(g => g.Key, g => g.Last());
        var locks = request.Locks.GroupBy(l => l.Operation).ToDictionary(g => g.Key, g => g.Last());
        var slack = FactorySlack.Of(layout, plan);
        var running = FirstRunning(layout, plan, p, actuals);
        var setUps = SetUps(layout, plan);
        var operations = plan.Slots.Select((s, n) =>
        {
            var x = p.Orders[s.Order].Routings[s.Routing].Operations[s.Operation];
            var machine = x.Modes[s.Mode].Machine;
            var (order, id) = (new OrderId(p.Orders[s.Order].Id), OperationId.Of(new(p.Orders[s.Order].Id), x.Number));
            var i = layout.Index[(s.Order, s.Routing, s.Operation)];
            DateTimeOffset At(long minute) => p.Origin.AddMinutes(minute).ToOffset(built.Offsets[machine]);
            // What runs now began when it began; everything else begins where it was placed.
            var start = running.Contains(n) && actuals[id].Started!.Value is var since && since < p.Origin ? since : At(running.Contains(n) ? 0 : s.Start);
            return new PlannedOperation(id, order, x.Number, new(p.Machines[machine].Id), x.Pieces, start, At(s.End),
                TimeSpan.FromMinutes(setUps[n]), TimeSpan.FromMinutes(setUps[n] + layout.WorkOf(i, s.Mode)))
            {
                // What runs, but waits for the shift or for somebody, goes on then.
                RunStart = s.RunStart == s.Start && (!running.Contains(n) || s.RunStart == 0) ? start : At(s.RunStart),
                Routing = WayOf(p, s),
                With = s.Units.All(u => u < 0) ? [] : [.. s.Units.Select(u => u < 0 ? "" : p.Units[u].Id)],
                Lock = locks.GetValueOrDefault(id),
                Slack = TimeSpan.FromMinutes(slack[i]),
            };
        });
        var promises = plan.Slots.GroupBy(s => s.Order).Select(g => new OrderPromise(new(p.Orders[g.Key].Id), FinishOf(built, g.Key, [.. g]), request.Orders[g.Key].Due));
        return new((request.Parent?.Number ?? 0) + 1, request.Parent?.Number, request.Now, request.Reason,
            [.. operations.OrderBy(o => o.Start).ThenBy(o => o.Operation.Value, StringComparer.Ordinal)],
            [.. promises.Concat(built.Settled).OrderBy(o => o.Order.Value, StringComparer.Ordinal)], false, solver)
        {
            Overtime = Bought(built, plan),
            Score = new(plan.Score.Total, plan.Score.Tardiness, plan.Score.Makespan, plan.Score.SetUp, plan.Score.OvertimeCost, plan.Score.Changes, plan.Score.BrokenDeadlines),
            Bound = new(bound.Tardiness, bound.Makespan),
            Unplanned = [.. Enumerable.Range(0, request.Orders.Length).Where(o => plan.Unplanned.Contains(o) || built.Findings.Any(f => f.Order == request.Orders[o].Id)).Select(o => request.Orders[o].Id).Distinct()],
        };
    }

    private static int WayOf(FactoryProblem p, FactorySlot s) => int.Parse(p.Orders[s.Order].Routings[s.Routing].Id, CultureInfo.InvariantCulture);

    private static DateTimeOffset FinishOf(BuiltFactory built, int order, FactorySlot[] slots)
    {
        var p = built.Problem;
        var routing = p.Orders[order].Routings[slots[0].Routing];
        var last = slots.MaxBy(s => s.End)!;
        return p.Origin.AddMinutes(FactoryScoring.FinishOf(p, routing, last.End)).ToOffset(built.Offsets[routing.Operations[last.Operation].Modes[last.Mode].Machine]);
    }

    /// <summary>Of what is reported as running on a machine the one begun first runs; with a load, all of it.</summary>
    private static HashSet<int> FirstRunning(FactoryLayout layout, FactoryPlan plan, FactoryProblem p, Dictionary<OperationId, OperationActual> actuals)
    {
        HashSet<int> first = [];
        var begun = plan.Slots.Select((s, n) => (S: s, N: n, X: p.Orders[s.Order].Routings[s.Routing].Operations[s.Operation])).Where(x => x.X.Begun is not null);
        foreach (var machine in begun.GroupBy(x => x.X.Modes[x.S.Mode].Machine))
        {
            var lead = machine.MinBy(x => x.X.Begun!.Rank);
            foreach (var x in machine.Where(x => x.N == lead.N || x.X.Recipe.Length > 0 && (x.S.Start, x.S.End) == (lead.S.Start, lead.S.End)))
                if (actuals.TryGetValue(OperationId.Of(new(p.Orders[x.S.Order].Id), x.X.Number), out var a) && a.Status == OperationStatus.Running) first.Add(x.N);
        }
        return first;
    }

    /// <summary>Minutes of set-up of every slot, in the order of work on its machine.</summary>
    private static long[] SetUps(FactoryLayout layout, FactoryPlan plan)
    {
        var minutes = new long[plan.Slots.Length];
        var p = layout.Problem;
        var placed = plan.Slots.Select((s, n) => (S: s, N: n, I: layout.Index[(s.Order, s.Routing, s.Operation)]));
        foreach (var machine in placed.GroupBy(x => layout.Operations[x.I].Modes[x.S.Mode].Machine))
        {
            var family = Array.IndexOf(layout.Families, p.Machines[machine.Key].Family);
            var before = family;
            (long, long)? load = null;
            foreach (var (s, n, i) in machine.OrderBy(x => x.S.Start).ThenBy(x => x.S.End))
            {
                // Lots of one load are set up together, for what stood there before the load.
                if (load != (s.Start, s.End)) before = family;
                minutes[n] = s.RunStart == s.Start ? 0 : layout.SetUpOf(i, s.Mode, before) ?? 0;
                (family, load) = (layout.FamilyOf[i], (s.Start, s.End));
            }
        }
        return minutes;
    }

    private static ImmutableArray<BoughtOvertime> Bought(BuiltFactory built, FactoryPlan plan)
    {
        var p = built.Problem;
        List<BoughtOvertime> bought = [];
        foreach (var (m, k) in plan.Overtime)
        {
            var w = p.Machines[m].Overtime[k];
            var regular = p.Machines[m].Open;
            long worked = 0;
            foreach (var s in plan.Slots.Where(s => p.Orders[s.Order].Routings[s.Routing].Operations[s.Operation].Modes[s.Mode].Machine == m).DistinctBy(s => (s.Start, s.End)))
                if (Math.Max(s.Start, w.From) is var a && Math.Min(s.End, w.To) is var b && a < b) worked += b - a - regular.Worked(a, b);
            if (worked > 0)
                bought.Add(new(new(p.Machines[m].Id), new(p.Origin.AddMinutes(w.From).ToOffset(built.Offsets[m]), p.Origin.AddMinutes(w.To).ToOffset(built.Offsets[m])), worked * w.Price));
        }
        return [.. bought];
    }

    private static string Shown(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>What is wrong with the request, and which wishes of it the plan cannot keep.</summary>
    public static ImmutableArray<PlanConflict> Findings(PlanRequest request, BuiltFactory built, FactoryLayout layout, FactoryPlan plan)
    {
        var p = built.Problem;
        var found = built.Findings.ToBuilder();
        foreach (var o in plan.Unplanned.Where(o => built.Findings.All(f => f.Order != request.Orders[o].Id)))
            found.Add(PlanConflict.Of(PlanRules.BeyondHorizon, "time", $"Order '{p.Orders[o].Id}' needs more working time than its machines have left within two years; check calendars, down times and quantities.", request.Orders[o].Id)
            with { Row = $"order {p.Orders[o].Id}", Field = "time" });
        foreach (var g in plan.Slots.GroupBy(s => s.Order))
            if (p.Orders[g.Key].Deadline is { } deadline && FactoryScoring.FinishOf(p, p.Orders[g.Key].Routings[g.First().Routing], g.Max(s => s.End)) is var finish && finish > deadline)
                found.Add(PlanConflict.Of(PlanRules.DeadlineBroken, "deadline",
                    $"Order '{p.Orders[g.Key].Id}' is finished at {Shown(FinishOf(built, g.Key, [.. g]))}, after its deadline {Shown(request.Orders[g.Key].Deadline!.Value)}; buy overtime, move other orders or agree on a later one.", null)
                with { Row = $"order {p.Orders[g.Key].Id}", Field = "deadline" });
        found.AddRange(FactoryReasons.OfWaits(p, plan));
        found.AddRange(FactoryReasons.OfLocks(built, layout, plan));
        return found.DrainToImmutable();
    }
}
