namespace Ieum.Plan;

/// <summary>A job shop laid out in flat arrays for the search: everything about operation <c>i</c> without following a pointer.</summary>
internal sealed class ShopGraph
{
    public ShopGraph(JobShop shop)
    {
        Shop = shop;
        var n = shop.Operations.Length;
        (Count, Machines) = (n, shop.Machines);
        OptionFrom = new int[n + 1];
        BeforeFrom = new int[n + 1];
        AfterFrom = new int[n + 1];
        for (var i = 0; i < n; i++)
        {
            OptionFrom[i + 1] = OptionFrom[i] + shop.Operations[i].Options.Length;
            BeforeFrom[i + 1] = BeforeFrom[i] + shop.Operations[i].Before.Length;
            foreach (var b in shop.Operations[i].Before) AfterFrom[b + 1]++;
        }
        for (var i = 0; i < n; i++) AfterFrom[i + 1] += AfterFrom[i];
        OptionMachine = [.. shop.Operations.SelectMany(o => o.Options.Select(x => x.Machine))];
        OptionTime = [.. shop.Operations.SelectMany(o => o.Options.Select(x => x.Time))];
        Before = [.. shop.Operations.SelectMany(o => o.Before)];
        After = new int[Before.Length];
        var at = AfterFrom.ToArray();
        for (var i = 0; i < n; i++)
            foreach (var b in shop.Operations[i].Before) After[at[b]++] = i;
        SetUps = shop.SetUps.IsEmpty ? null : [.. shop.SetUps.Select(s => s.ToArray())];
        IsPlain = SetUps is null && OptionMachine.Length == n && Enumerable.Range(0, n).All(i => BeforeFrom[i + 1] - BeforeFrom[i] <= 1 && AfterFrom[i + 1] - AfterFrom[i] <= 1);
        ShortestTime = [.. shop.Operations.Select(o => o.Options.Min(x => x.Time))];
        Order = TopologicalOrder();
        Last = [.. Enumerable.Range(0, n).Where(i => AfterFrom[i] == AfterFrom[i + 1])];
        (ShortestHead, ShortestTail) = (new int[n], new int[n]);
        foreach (var i in Order)
            for (var k = BeforeFrom[i]; k < BeforeFrom[i + 1]; k++)
                ShortestHead[i] = Math.Max(ShortestHead[i], ShortestHead[Before[k]] + ShortestTime[Before[k]]);
        for (var at2 = n - 1; at2 >= 0; at2--)
            for (var (i, k) = (Order[at2], AfterFrom[Order[at2]]); k < AfterFrom[i + 1]; k++)
                ShortestTail[i] = Math.Max(ShortestTail[i], ShortestTail[After[k]] + ShortestTime[After[k]]);
    }

    public JobShop Shop { get; }
    public int Count { get; }
    public int Machines { get; }
    public int[] OptionFrom { get; }
    public int[] OptionMachine { get; }
    public int[] OptionTime { get; }
    public int[] BeforeFrom { get; }
    public int[] Before { get; }
    public int[] AfterFrom { get; }
    public int[] After { get; }
    /// <summary>Per machine <c>[before × Count + after]</c>; null without set-ups.</summary>
    public int[][]? SetUps { get; }
    /// <summary>A classic job shop: one machine for each operation, jobs are chains, no set-ups.</summary>
    public bool IsPlain { get; }
    public int[] ShortestTime { get; }
    /// <summary>Time that must pass before an operation starts, and after it has ended, on empty machines.</summary>
    public int[] ShortestHead { get; }
    public int[] ShortestTail { get; }
    /// <summary>Operations so that each follows all it waits for.</summary>
    public int[] Order { get; }
    /// <summary>Operations that no other one waits for by its routing: a schedule ends when they do.</summary>
    public int[] Last { get; }

    /// <summary>No schedule is shorter: longest chain, and the load that each machine cannot give away.</summary>
    public long SimpleBound()
    {
        long bound = 0;
        for (var i = 0; i < Count; i++) bound = Math.Max(bound, (long)ShortestHead[i] + ShortestTime[i] + ShortestTail[i]);
        var (load, head, tail) = (new long[Machines], new int[Machines], new int[Machines]);
        Array.Fill(head, int.MaxValue);
        Array.Fill(tail, int.MaxValue);
        for (var i = 0; i < Count; i++)
        {
            if (OptionFrom[i + 1] - OptionFrom[i] != 1) continue;
            var m = OptionMachine[OptionFrom[i]];
            load[m] += OptionTime[OptionFrom[i]];
            head[m] = Math.Min(head[m], ShortestHead[i]);
            tail[m] = Math.Min(tail[m], ShortestTail[i]);
        }
        for (var m = 0; m < Machines; m++)
            if (load[m] > 0) bound = Math.Max(bound, head[m] + load[m] + tail[m]);
        // All work, each at its fastest, shared evenly among the machines.
        return Machines == 0 ? bound : Math.Max(bound, (ShortestTime.Sum(t => (long)t) + Machines - 1) / Machines);
    }

    private int[] TopologicalOrder()
    {
        var order = new int[Count];
        var waiting = new int[Count];
        var (read, write) = (0, 0);
        for (var i = 0; i < Count; i++)
            if ((waiting[i] = BeforeFrom[i + 1] - BeforeFrom[i]) == 0) order[write++] = i;
        while (read < write)
        {
            var i = order[read++];
            for (var k = AfterFrom[i]; k < AfterFrom[i + 1]; k++)
                if (--waiting[After[k]] == 0) order[write++] = After[k];
        }
        return order;
    }
}
