namespace Ieum.Plan;

/// <summary>What a plan is worth.</summary>
internal static class FactoryScoring
{
    /// <summary>An order that breaks its deadline, a wait or does not fit weighs more than any lateness: 100 days of it.</summary>
    public const double BrokenMinutes = 100 * 24 * 60;

    /// <param name="slots">By flat number; null where nothing is placed.</param>
    /// <param name="open">Working time of each machine, bought overtime included.</param>
    /// <param name="left">Orders that are not planned.</param>
    public static FactoryScore Of(FactoryLayout layout, FactorySlot?[] slots, OpenTime[] open, IReadOnlySet<int> left)
    {
        var p = layout.Problem;
        var finish = new long[p.Orders.Length];
        var way = new int[p.Orders.Length];
        Array.Fill(finish, long.MinValue);
        var (makespan, setUp, overtime, changes, broken, tardiness, flow) = (0L, 0L, 0.0, 0, left.Count, 0.0, 0.0);
        HashSet<(int Machine, long Start)> batches = [];
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] is not { } s || left.Count > 0 && left.Contains(s.Order))
            {
                // It goes another way than the standing plan, or is left out.
                if (layout.Standing[i] is { Start: >= 0 } && !layout.Operations[i].Done) changes++;
                continue;
            }
            var operation = layout.Operations[i];
            var machine = operation.Modes[s.Mode].Machine;
            if (s.End > finish[s.Order]) finish[s.Order] = s.End;
            way[s.Order] = s.Routing;
            if (s.End > makespan) makespan = s.End;
            if (operation is { Locked: { } wanted, Begun: null } && s.Start != wanted) broken++;
            if (layout.Standing[i] is { } old && IsChange(p, old, s)) changes++;
            foreach (var e in layout.TiedAfter[i])
                if (slots[e.To] is { } next && next.RunStart - s.End > e.Link.MaxWait) broken++;
            // Lots of one batch share set-up and overtime.
            if (p.Machines[machine].BatchCapacity > 0 && operation.Recipe.Length > 0 && !batches.Add((machine, s.Start))) continue;
            if (s.RunStart > s.Start) setUp += open[machine].Worked(s.Start, s.RunStart);
            if (open[machine].HasPrice) overtime += open[machine].Cost(s.Start, s.End);
        }
        for (var o = 0; o < finish.Length; o++)
        {
            if (finish[o] == long.MinValue) continue;
            var order = p.Orders[o];
            var ready = FinishOf(p, order.Routings[way[o]], finish[o]);
            tardiness += order.Weight * Math.Max(0, ready - order.Due);
            flow += order.Weight * ready;
            if (ready > order.Deadline) broken++;
        }
        var g = p.Goal;
        var total = g.Tardiness * tardiness + g.Makespan * makespan + g.SetUp * setUp + g.Overtime * overtime + g.Stability * changes + g.Flow * flow
            + Math.Max(1, g.Tardiness) * BrokenMinutes * broken;
        return new(total, tardiness, makespan, setUp, overtime, changes, broken);
    }

    /// <summary>When an order is finished whose last operation ends at a minute; a journey that never leaves counts as the horizon.</summary>
    public static long FinishOf(FactoryProblem p, FactoryRouting routing, long end) =>
        routing.TailLane < 0 ? end + routing.TailWait : p.Lanes[routing.TailLane].Arrival(end + routing.TailWait) ?? p.Horizon;

    public static bool IsChange(FactoryProblem p, FactorySlot old, FactorySlot now)
    {
        var modes = p.Orders[now.Order].Routings[now.Routing].Operations[now.Operation].Modes;
        return old.Mode >= modes.Length || modes[old.Mode].Machine != modes[now.Mode].Machine || Math.Abs(old.Start - now.Start) > 60;
    }
}
