namespace Ieum.Plan.Across;

/// <summary>Earliest-completion dispatching with open books: no good plan, only a yardstick for due times that never changes.</summary>
internal static class RoughPlan
{
    public static long[] FinishTimes(FedInstance instance)
    {
        var free = instance.Companies.Select(c => new long[c.Machines.Length]).ToArray();
        // Private work first, in order of release: the shared orders find their companies busy, as in life.
        foreach (var (c, company) in instance.Companies.Index())
            foreach (var own in company.Private.OrderBy(p => p.Release))
                free[c][own.Machine] = Math.Max(free[c][own.Machine], 0) + own.Time / 2;
        var next = new int[instance.Orders.Length];
        var ready = instance.Orders.Select(o => (long)o.Release).ToArray();
        var at = new int[instance.Orders.Length];
        Array.Fill(at, -1);
        for (var left = instance.OperationCount; left > 0; left--)
        {
            (long End, int Order, FedOption Option) best = (long.MaxValue, -1, default);
            for (var j = 0; j < next.Length; j++)
            {
                if (next[j] == instance.Orders[j].Operations.Length) continue;
                foreach (var option in instance.Orders[j].Operations[next[j]])
                {
                    var here = ready[j] + (at[j] >= 0 ? instance.Transport[at[j]][option.Company] : 0);
                    var end = Math.Max(here, free[option.Company][option.Machine]) + option.Time;
                    if (end < best.End) best = (end, j, option);
                }
            }
            free[best.Option.Company][best.Option.Machine] = best.End;
            (ready[best.Order], at[best.Order]) = (best.End, best.Option.Company);
            next[best.Order]++;
        }
        return ready;
    }
}
