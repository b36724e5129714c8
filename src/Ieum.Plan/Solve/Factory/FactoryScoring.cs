using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>What a plan is worth.</summary>
internal static class FactoryScoring
{
    /// <summary>An order that breaks its deadline, a wait or does not fit weighs more than any lateness: 100 days of it.</summary>
    public const double BrokenMinutes = 100 * 24 * 60;

    /// <param name="openOf">Working time of a machine, bought overtime included.</param>
    public static FactoryScore Of(FactoryProblem p, ImmutableArray<FactorySlot> slots, Func<int, OpenTime> openOf, ImmutableArray<int> unplanned)
    {
        var finish = new long[p.Orders.Length];
        var way = new int[p.Orders.Length];
        Array.Fill(finish, long.MinValue);
        var (makespan, setUp, overtime, changes, broken, tardiness, flow) = (0L, 0L, 0.0, 0, unplanned.Length, 0.0, 0.0);
        Dictionary<(int, int, int), FactorySlot> byPlace = [];
        HashSet<(int Machine, long Start)> batches = [];
        foreach (var s in slots)
        {
            var operation = p.Orders[s.Order].Routings[s.Routing].Operations[s.Operation];
            var machine = operation.Modes[s.Mode].Machine;
            byPlace[(s.Order, s.Routing, s.Operation)] = s;
            finish[s.Order] = Math.Max(finish[s.Order], s.End);
            way[s.Order] = s.Routing;
            if (operation is { Locked: { } wanted, Begun: null } && s.Start != wanted) broken++;
            makespan = Math.Max(makespan, s.End);
            // Lots of one batch share set-up and overtime.
            if (p.Machines[machine].BatchCapacity > 0 && operation.Recipe.Length > 0 && !batches.Add((machine, s.Start))) continue;
            setUp += s.RunStart > s.Start ? SetUpMinutes(s, openOf(machine)) : 0;
            overtime += openOf(machine).Cost(s.Start, s.End);
        }
        for (var o = 0; o < p.Orders.Length; o++)
        {
            if (finish[o] == long.MinValue) continue;
            var ready = FinishOf(p, p.Orders[o].Routings[way[o]], finish[o]);
            tardiness += p.Orders[o].Weight * Math.Max(0, ready - p.Orders[o].Due);
            flow += p.Orders[o].Weight * ready;
            if (ready > p.Orders[o].Deadline) broken++;
        }
        foreach (var s in slots)
            foreach (var link in p.Orders[s.Order].Routings[s.Routing].Links)
                if (link.From == s.Operation && link.MaxWait is { } most && byPlace.TryGetValue((s.Order, s.Routing, link.To), out var next) && next.RunStart - s.End > most) broken++;
        foreach (var old in p.Standing)
            if (byPlace.TryGetValue((old.Order, old.Routing, old.Operation), out var now) && IsChange(p, old, now)) changes++;
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

    private static long SetUpMinutes(FactorySlot s, OpenTime open) => open.Worked(s.Start, s.RunStart);
}
