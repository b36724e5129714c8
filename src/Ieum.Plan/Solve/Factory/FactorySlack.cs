namespace Ieum.Plan;

/// <summary>How much later operations may end while machines and people keep their order and no order gets later than it is, or than its due date.</summary>
internal static class FactorySlack
{
    /// <returns>Minutes of the clock by flat number; 0 where an operation is not in the plan. Working time is counted on the machine's calendar.</returns>
    public static long[] Of(FactoryLayout layout, FactoryPlan plan)
    {
        var p = layout.Problem;
        var slack = new long[layout.Count];
        var open = p.Machines.Select((m, i) => m.Overtime.IsEmpty ? m.Open : m.Open.With(m.Overtime.Where((_, k) => plan.Overtime.Contains((i, k))).Select(w => (w.From, w.To, w.Price)))).ToArray();
        var finish = plan.Slots.GroupBy(s => s.Order).ToDictionary(g => g.Key, g => FactoryScoring.FinishOf(p, p.Orders[g.Key].Routings[g.First().Routing], g.Max(s => s.End)));
        // Latest begin by flat number; work is looked at backwards, so what follows is known.
        var latest = new long[layout.Count];
        Array.Fill(latest, long.MaxValue);
        var next = new Dictionary<(bool Machine, int Index), (FactorySlot Slot, long Start)>();
        foreach (var s in plan.Slots.OrderByDescending(s => s.Start).ThenByDescending(s => s.End).ThenByDescending(s => layout.Index[(s.Order, s.Routing, s.Operation)]))
        {
            var i = layout.Index[(s.Order, s.Routing, s.Operation)];
            var machine = layout.Operations[i].Modes[s.Mode].Machine;
            var routing = p.Orders[s.Order].Routings[s.Routing];
            // What travels by timetable may be as late as the last departure that is in time allows.
            var by = Math.Max(finish[s.Order], p.Orders[s.Order].Due);
            var end = (routing.TailLane >= 0 ? p.Lanes[routing.TailLane].LastReady(s.End + routing.TailWait, by) : by) - routing.TailWait;
            foreach (var e in layout.After[i])
                if (latest[e.To] < long.MaxValue) end = Math.Min(end, e.Link.Transfer > 0 || e.Link.MaxWait is not null ? s.End
                    : (e.Link.Lane >= 0 ? p.Lanes[e.Link.Lane].LastReady(s.End + e.Link.MinWait, latest[e.To]) : latest[e.To]) - e.Link.MinWait);
            if (next.TryGetValue((true, machine), out var follower))
                end = Math.Min(end, (follower.Slot.Start, follower.Slot.End) == (s.Start, s.End) ? s.End : follower.Start);
            foreach (var u in s.Units) if (u >= 0 && next.TryGetValue((false, u), out var other) && other.Slot.Start >= s.End) end = Math.Min(end, other.Start);
            end = Math.Max(end, s.End);
            slack[i] = end - s.End;
            latest[i] = Math.Max(s.Start, open[machine].Back(end, open[machine].Worked(s.Start, s.End)));
            next[(true, machine)] = (s, latest[i]);
            foreach (var u in s.Units) if (u >= 0) next[(false, u)] = (s, latest[i]);
        }
        return slack;
    }
}
