namespace Ieum.Plan.Across;

/// <summary>What a schedule costs: all terms in weight × time units, or time units.</summary>
/// <param name="Shared">Σ weight × lateness of shared orders.</param>
/// <param name="Private">Σ weight × lateness of private orders.</param>
/// <param name="Makespan">End of the last shared order.</param>
/// <param name="FlowTime">Mean time from release to end of the shared orders.</param>
/// <param name="Late">Shared orders that end after their due time.</param>
internal readonly record struct FedObjective(long Shared, long Private, long Makespan, double FlowTime, int Late)
{
    public long Value => Shared + Private + Makespan;
}

/// <summary>Checks a schedule against an instance with open books. Shares no code with any planner of this room.</summary>
internal static class FedChecker
{
    /// <summary>Every rule that the schedule breaks, in words; empty for a good one.</summary>
    public static List<string> Check(FedInstance instance, FedSchedule schedule)
    {
        List<string> wrong = [];
        var done = new Dictionary<(int, int), FedSlot>();
        var busy = new Dictionary<(int, int), List<(long Start, long End, string Who)>>();
        foreach (var s in schedule.Shared)
        {
            var who = $"operation {s.Order}.{s.Operation}";
            if (s.Order < 0 || s.Order >= instance.Orders.Length || s.Operation < 0 || s.Operation >= instance.Orders[s.Order].Operations.Length)
            {
                wrong.Add($"{who} is not in the instance");
                continue;
            }
            if (!done.TryAdd((s.Order, s.Operation), s)) wrong.Add($"{who} stands twice");
            var options = instance.Orders[s.Order].Operations[s.Operation].Where(o => o.Company == s.Company && o.Machine == s.Machine).ToList();
            if (options.Count == 0) wrong.Add($"{who} cannot be done on machine {s.Company}/{s.Machine}");
            else if (options.All(o => s.End - s.Start != o.Time)) wrong.Add($"{who} takes {s.End - s.Start} instead of {options[0].Time}");
            Occupy(s.Company, s.Machine, s.Start, s.End, who);
        }
        for (var j = 0; j < instance.Orders.Length; j++)
        {
            long ready = instance.Orders[j].Release;
            for (var k = 0; k < instance.Orders[j].Operations.Length; k++)
            {
                if (!done.TryGetValue((j, k), out var s))
                {
                    wrong.Add($"operation {j}.{k} is missing");
                    break;
                }
                if (k > 0) ready = done[(j, k - 1)].End + instance.Transport[done[(j, k - 1)].Company][s.Company];
                else if (instance.Orders[j].Origin >= 0) ready += instance.Transport[instance.Orders[j].Origin][s.Company];
                if (s.Start < ready) wrong.Add($"operation {j}.{k} starts at {s.Start}, its part arrives at {ready}");
            }
        }
        var own = schedule.Private.ToLookup(p => (p.Company, p.Index));
        for (var c = 0; c < instance.Companies.Length; c++)
            for (var i = 0; i < instance.Companies[c].Private.Length; i++)
            {
                var order = instance.Companies[c].Private[i];
                var slots = own[(c, i)].ToList();
                if (slots.Count != 1)
                {
                    wrong.Add($"private order {c}/{i} stands {slots.Count} times");
                    continue;
                }
                if (slots[0].Start < order.Release) wrong.Add($"private order {c}/{i} starts before its release");
                if (slots[0].End - slots[0].Start != order.Time) wrong.Add($"private order {c}/{i} has the wrong duration");
                Occupy(c, order.Machine, slots[0].Start, slots[0].End, $"private order {c}/{i}");
            }
        foreach (var (machine, slots) in busy)
        {
            slots.Sort();
            for (var i = 1; i < slots.Count; i++)
                if (slots[i].Start < slots[i - 1].End) wrong.Add($"machine {machine}: {slots[i].Who} overlaps {slots[i - 1].Who}");
        }
        return wrong;

        void Occupy(int company, int machine, long start, long end, string who)
        {
            if (!busy.TryGetValue((company, machine), out var list)) busy[(company, machine)] = list = [];
            list.Add((start, end, who));
        }
    }

    /// <summary>The objective, straight from its definition. Ask <see cref="Check"/> first: a missing operation counts as nothing.</summary>
    public static FedObjective Objective(FedInstance instance, FedSchedule schedule)
    {
        long shared = 0, own = 0, makespan = 0;
        var flow = 0.0;
        var late = 0;
        foreach (var byOrder in schedule.Shared.GroupBy(s => s.Order))
        {
            var order = instance.Orders[byOrder.Key];
            var end = byOrder.Max(s => s.End);
            makespan = Math.Max(makespan, end);
            shared += order.Weight * Math.Max(0, end - order.Due);
            flow += end - order.Release;
            if (end > order.Due) late++;
        }
        foreach (var p in schedule.Private)
        {
            var order = instance.Companies[p.Company].Private[p.Index];
            own += order.Weight * Math.Max(0, p.End - order.Due);
        }
        return new(shared, own, makespan, instance.Orders.Length == 0 ? 0 : flow / instance.Orders.Length, late);
    }
}
