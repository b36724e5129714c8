using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>A factory without anything that CP-SAT's model does not know, as that model takes it.</summary>
/// <param name="Tasks">Flat number of the operation behind each task.</param>
/// <param name="Proves">Whether bounds of the model hold for the factory; false while overtime is on offer, because more of it could be bought.</param>
internal sealed record PlainFactory(PlanProblem Problem, ImmutableArray<int> Tasks, bool Proves)
{
    /// <returns>Null when the factory has something that the model does not know.</returns>
    public static PlainFactory? Of(FactoryLayout layout, FactoryPlan plan)
    {
        var p = layout.Problem;
        if (p.FrozenUntil > 0 && !p.Standing.IsEmpty || !plan.Unplanned.IsEmpty || !p.Machines.All(IsPlain) || !p.Orders.All(IsPlain)) return null;
        List<PlanTask> tasks = [];
        List<PlanJob> jobs = [];
        List<int> flat = [];
        var skips = false;
        for (var o = 0; o < p.Orders.Length; o++)
        {
            var order = p.Orders[o];
            var routing = order.Routings[0];
            var first = tasks.Count;
            for (var k = 0; k < routing.Operations.Length; k++)
            {
                var x = routing.Operations[k];
                if (x.Done) continue;
                var i = layout.Index[(o, 0, k)];
                var link = routing.Links.FirstOrDefault(l => l.To == k);
                var ready = x.Begun is not null ? 0 : Math.Max(Math.Max(0, order.Release), x.Earliest);
                var afterDone = link is not null && routing.Operations[link.From].Done;
                if (afterDone && x.Begun is null) ready = Math.Max(ready, routing.Operations[link!.From].DoneAt + link.MinWait);
                // Families without a name never follow each other without a set-up.
                var family = x.Family.Length > 0 ? layout.FamilyOf[i] : layout.Families.Length + i;
                skips |= x.Family.Length > 0;
                tasks.Add(new(jobs.Count, ready, link is null || afterDone ? 0 : link.MinWait, link is not null && !afterDone && x.Begun is null, family,
                    [.. x.Modes.Select((m, c) => new TaskOption(m.Machine, (x.Begun is null ? m.SetUp : 0) + layout.WorkOf(i, c), layout.WorkOf(i, c)))], x.Begun is not null));
                flat.Add(i);
            }
            if (tasks.Count > first) jobs.Add(new(first, tasks.Count - first, order.Due, (int)order.Weight, routing.TailWait));
        }
        if (tasks.Any(t => t.Options.IsEmpty || t.Options.Any(c => c.WorkNoSetUp < 1))) return null;
        return new(new([.. Machines(layout, plan, tasks, flat)], [.. jobs], [.. tasks], skips), [.. flat], p.Machines.All(m => m.Overtime.IsEmpty));
    }

    private static bool IsPlain(FactoryMachine m) => m.Matrix < 0 && m.Crew.IsEmpty && m.BatchCapacity == 0 && m.Family.Length == 0;

    private static bool IsPlain(FactoryOrder o) => o.Deadline is null && o.Weight == Math.Floor(o.Weight) && o.Weight >= 1 && o.Routings is [{ TailLane: < 0 } r]
        && r.Operations.All(x => x.Done || x is { Locked: null, Recipe.Length: 0, Needs.IsEmpty: true, Takes.IsEmpty: true } && x.Modes.All(m => m.Pauses))
        && r.Links.All(l => l is { MaxWait: null, Transfer: 0, Lane: < 0 } && l.From == l.To - 1) && r.Links.Select(l => l.To).Distinct().Count() == Math.Max(0, r.Operations.Length - 1);

    private static IEnumerable<PlanMachine> Machines(FactoryLayout layout, FactoryPlan plan, List<PlanTask> tasks, List<int> flat)
    {
        var p = layout.Problem;
        List<WorkAxis> axes = [];
        for (var m = 0; m < p.Machines.Length; m++)
        {
            var bought = p.Machines[m].Overtime.Where((_, k) => plan.Overtime.Contains((m, k))).Select(w => (w.From, w.To, w.Price));
            var axis = WorkAxis.Of(p.Machines[m].Open.With(bought).Pieces.Select(x => (x.From, x.To)));
            var known = axes.FindIndex(a => a.SameAs(axis));
            if (known < 0) { known = axes.Count; axes.Add(axis); }
            yield return new(known, axes[known], [.. layout.BegunInOrder.Select(i => flat.IndexOf(i)).Where(t => t >= 0 && tasks[t].Options[0].Machine == m)]);
        }
    }

    /// <summary>The plan's own sequence, placed in the model.</summary>
    public Layout Known(Decoder decoder, FactoryLayout layout, FactoryPlan plan)
    {
        var at = plan.Slots.ToDictionary(s => layout.Index[(s.Order, s.Routing, s.Operation)]);
        return decoder.Decode(decoder.SequenceOf([.. Tasks.Select(i => at[i].Mode)], [.. Tasks.Select(i => at[i].Start)]));
    }

    /// <summary>The model's schedule as what the factory's decoder takes.</summary>
    public FactoryVector VectorOf(Layout found, FactoryVector plain)
    {
        var vector = plain.Copy();
        var order = Enumerable.Range(0, Tasks.Length).OrderBy(t => found.Start[t]).ThenBy(t => t).Select(t => Tasks[t]).ToArray();
        var seen = order.ToHashSet();
        int[] sequence = [.. order, .. plain.Sequence.Where(i => !seen.Contains(i))];
        for (var t = 0; t < Tasks.Length; t++) vector.Mode[Tasks[t]] = found.Option[t];
        return vector with { Sequence = sequence };
    }
}
