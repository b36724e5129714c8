namespace Ieum.Plan.Across;

/// <summary>Today's practice, tuned fairly: what companies reach by telephone and spreadsheet. Each answers the best of its variants.</summary>
internal static class Practice
{
    private static readonly double[] Factors = [1, 1.5, 2, 3, 5];
    private static readonly bool[] Balances = [true, false];

    /// <summary>
    /// Silo: the prime gives each operation to the able company with the least load per machine (ties: the faster one, then the
    /// nearer); each company works off what arrives by one dispatching rule. Best of two ways to share out × four rules.
    /// </summary>
    public static Shop Silo(FedInstance instance, OpenBook book) => Best(instance, book, from balance in Balances
        let mine = ShareOut(instance, balance)
        from rule in Enumerable.Range(0, 4)
        select Dispatch(instance, book, mine, t => Key(instance, book, t, rule, 1)));

    /// <summary>Silo with fixed lead times: as above, but by planned dates counted back from the due time with times × factor. Best of five factors.</summary>
    public static Shop FixedLead(FedInstance instance, OpenBook book) => Best(instance, book, from factor in Factors
        select Dispatch(instance, book, ShareOut(instance, true), t => Key(instance, book, t, 4, factor)));

    /// <summary>
    /// Contract net: orders one after the other, each operation is announced when the one before is awarded; the able company that can
    /// finish first, in a free stretch of its machines, gets it. Nothing awarded is moved. Best of four orders of announcement.
    /// </summary>
    public static Shop ContractNet(FedInstance instance, OpenBook book) => Best(instance, book, Enumerable.Range(0, 4).Select(rule =>
    {
        var shop = book.Empty();
        var heads = Enumerable.Range(0, book.Layout.Tasks).Where(t => book.Layout.Before[t] < 0)
            .OrderBy(t => t < book.Shared ? 1 : 0).ThenBy(t => Key(instance, book, t, rule, 1)).ToList();
        foreach (var head in heads)
            for (var t = head; t == head || (t < book.Layout.Tasks && book.Layout.Before[t] == t - 1); t++) Award(shop, t);
        return shop;
    }));

    private static void Award(Shop shop, int t)
    {
        (long End, int Option, int After) best = (long.MaxValue, -1, -1);
        for (var o = 0; o < shop.Layout.Machine[t].Length; o++)
        {
            var (ready, time, after) = (shop.Ready(t, o), shop.Layout.Time[t][o], -1);
            var next = shop.Head[shop.Layout.Machine[t][o]];
            while (true)
            {
                var start = Math.Max(ready, after >= 0 ? shop.End[after] : 0);
                if (next < 0 || start + time <= shop.Start[next])
                {
                    if (start + time < best.End) best = (start + time, o, after);
                    break;
                }
                (after, next) = (next, shop.Next[next]);
            }
        }
        shop.Insert(t, best.Option, best.After);
        (shop.Start[t], shop.End[t]) = (best.End - shop.Layout.Time[t][best.Option], best.End);
    }

    private static Shop Best(FedInstance instance, OpenBook book, IEnumerable<Shop> variants) => variants
        .Where(s => s.Retime()).MinBy(s => FedChecker.Objective(instance, book.ToSchedule(s)).Value)!;

    /// <summary>Company per shared operation.</summary>
    private static int[] ShareOut(FedInstance instance, bool balance)
    {
        var load = new double[instance.Companies.Length];
        var mine = new int[instance.OperationCount];
        var first = 0;
        var begins = instance.Orders.Select(o => (first += o.Operations.Length) - o.Operations.Length).ToArray();
        foreach (var j in Enumerable.Range(0, instance.Orders.Length).OrderBy(j => instance.Orders[j].Due))
        {
            var last = -1;
            for (var k = 0; k < instance.Orders[j].Operations.Length; k++)
            {
                var c = instance.Orders[j].Operations[k].GroupBy(o => o.Company).Select(g => (Company: g.Key, Time: g.Min(o => o.Time)))
                    .OrderBy(g => balance ? load[g.Company] + g.Time / (double)instance.Companies[g.Company].Machines.Length : g.Time)
                    .ThenBy(g => balance ? g.Time : load[g.Company]).ThenBy(g => last < 0 ? 0 : instance.Transport[last][g.Company]).First();
                load[c.Company] += c.Time / (double)instance.Companies[c.Company].Machines.Length;
                mine[begins[j] + k] = last = c.Company;
            }
        }
        return mine;
    }

    private static double Key(FedInstance instance, OpenBook book, int t, int rule, double factor)
    {
        var (due, weight, head) = (0.0, 1.0, t);
        var rest = 0.0;
        if (t < book.Shared)
        {
            var j = 0;
            while (head >= instance.Orders[j].Operations.Length) head -= instance.Orders[j++].Operations.Length;
            (due, weight) = (instance.Orders[j].Due, instance.Orders[j].Weight);
            for (var k = head; k < instance.Orders[j].Operations.Length; k++) rest += instance.Orders[j].Operations[k].Average(o => (double)o.Time);
        }
        else
        {
            var i = t - book.Shared;
            var c = 0;
            while (i >= instance.Companies[c].Private.Length) i -= instance.Companies[c++].Private.Length;
            (due, weight, rest) = (instance.Companies[c].Private[i].Due, instance.Companies[c].Private[i].Weight, instance.Companies[c].Private[i].Time);
        }
        return rule switch
        {
            0 => due,
            1 => due - rest,
            2 => due / Math.Max(1, weight),
            3 => (due - rest) / Math.Sqrt(Math.Max(1, weight)),
            _ => due - rest * factor,
        };
    }

    /// <summary>Every machine takes, whenever it falls free, the most pressing of what is there.</summary>
    private static Shop Dispatch(FedInstance instance, OpenBook book, int[] mine, Func<int, double> key)
    {
        var shop = book.Empty();
        var keys = Enumerable.Range(0, book.Layout.Tasks).Select(key).ToArray();
        var free = new long[book.Layout.Machines];
        var last = new int[book.Layout.Machines];
        Array.Fill(last, -1);
        var open = Enumerable.Range(0, book.Layout.Tasks).Where(t => book.Layout.Before[t] < 0).ToHashSet();
        while (open.Count > 0)
        {
            (long Start, double Key, int Task, int Option) best = (long.MaxValue, 0, -1, -1);
            foreach (var t in open)
                for (var o = 0; o < book.Layout.Machine[t].Length; o++)
                {
                    var m = book.Layout.Machine[t][o];
                    if (t < book.Shared && book.Layout.Company[m] != mine[t]) continue;
                    var start = Math.Max(shop.Ready(t, o), free[m]);
                    var option = (start, keys[t], t, o);
                    if (start < best.Start || (start == best.Start && (keys[t] < best.Key || (keys[t] == best.Key && (t < best.Task || (t == best.Task && book.Layout.Time[t][o] < book.Layout.Time[t][best.Option])))))) best = option;
                }
            var machine = book.Layout.Machine[best.Task][best.Option];
            shop.Insert(best.Task, best.Option, last[machine]);
            shop.Start[best.Task] = best.Start;
            shop.End[best.Task] = free[machine] = best.Start + book.Layout.Time[best.Task][best.Option];
            last[machine] = best.Task;
            open.Remove(best.Task);
            if (best.Task + 1 < book.Layout.Tasks && book.Layout.Before[best.Task + 1] == best.Task) open.Add(best.Task + 1);
        }
        return shop;
    }
}
