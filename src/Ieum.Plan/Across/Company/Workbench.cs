namespace Ieum.Plan.Across;

/// <summary>A company's own scheduling: where an operation could go and what that would cost, and re-sequencing of its machines.</summary>
internal sealed class Workbench
{
    private readonly CompanyBook _book;
    private readonly int[] _local;
    private readonly Shop _spare;
    private readonly HashSet<int> _begins = [];
    private readonly List<(long Finish, long Price)> _front = [];

    public ShopLayout Layout { get; }
    /// <summary>Wire number of each local task; −1 for own orders, which stand behind the shared ones.</summary>
    public int[] Wire { get; }
    public int Shared { get; }

    public Workbench(CompanyBook book)
    {
        _book = book;
        Wire = [.. book.Options.Keys, .. Enumerable.Repeat(-1, book.Own.Length)];
        Shared = book.Options.Count;
        _local = new int[book.Options.Count == 0 ? 0 : book.Options.Keys.Max() + 1];
        Array.Fill(_local, -1);
        for (var t = 0; t < Shared; t++) _local[Wire[t]] = t;
        var n = Wire.Length;
        int[][] machine = new int[n][], time = new int[n][];
        for (var t = 0; t < Shared; t++) (machine[t], time[t]) = ([.. book.Options[Wire[t]].Select(o => o.Machine)], [.. book.Options[Wire[t]].Select(o => o.Time)]);
        for (var i = 0; i < book.Own.Length; i++) (machine[Shared + i], time[Shared + i]) = ([book.Own[i].Machine], [book.Own[i].Time]);
        Layout = new(new int[n], machine, time, new int[book.Machines], [[0]]);
        Array.Fill(Layout.Before, -1);
        _spare = new(Layout);
    }

    /// <summary>The operation before each in its order, as far as the same company can do both; given by the orders everybody knows.</summary>
    public void Chain(int[] first)
    {
        _begins.UnionWith(first);
        for (var j = 0; j + 1 < first.Length; j++)
            for (var o = first[j] + 1; o < first[j + 1]; o++)
                if (Local(o) >= 0 && Local(o - 1) >= 0) Layout.Before[Local(o)] = Local(o - 1);
    }

    /// <summary>Whether a local task begins its order; its arrival is the order's release then.</summary>
    public bool Begins(int t) => _begins.Contains(Wire[t]);

    public int Local(long wire) => wire >= 0 && wire < _local.Length ? _local[wire] : -1;

    /// <summary>A plan with own orders only, each at its best place in order of their due times.</summary>
    public Shop Empty()
    {
        var shop = new Shop(Layout);
        foreach (var i in Enumerable.Range(0, _book.Own.Length).OrderBy(i => _book.Own[i].Due - _book.Own[i].Time).ThenBy(i => i))
        {
            var t = Shared + i;
            (shop.Release[t], shop.Limit1[t], shop.Weight1[t], shop.Limit2[t]) = (_book.Own[i].Release, _book.Own[i].Due, _book.Own[i].Weight, long.MaxValue / 4);
            Place(shop, t, _book.Own[i].Due);
        }
        for (var t = 0; t < Shared; t++) (shop.Limit1[t], shop.Limit2[t]) = (long.MaxValue / 4, long.MaxValue / 4);
        shop.Retime();
        return shop;
    }

    /// <summary>What lateness costs the company's own customers.</summary>
    public long OwnCost(Shop shop)
    {
        var cost = 0L;
        for (var t = Shared; t < Wire.Length; t++) cost += (long)shop.Weight1[t] * Math.Max(0, shop.End[t] - shop.Limit1[t]);
        return cost;
    }

    /// <summary>Puts a task where it does least harm: price of the place plus the task's own cost, or what a finish after the agreed one costs.</summary>
    public void Place(Shop shop, int t, long agreed)
    {
        (double Cost, int Option, int After) best = (double.MaxValue, -1, -1);
        var own = Math.Max(1, shop.Weight1[t] + shop.Weight2[t]);
        shop.Backward(Shared);
        for (var option = 0; option < Layout.Machine[t].Length; option++)
            foreach (var (finish, price, after) in Places(shop, t, option, shop.Ready(t, option)))
            {
                var cost = price + own * Math.Max(0, finish - agreed) + shop.HarmIfPlaced(t, finish) + finish * 1e-4;
                if (cost < best.Cost) best = (cost, option, after);
            }
        shop.Insert(t, best.Option, best.After);
        shop.Retime();
    }

    /// <summary>
    /// Places of a task on one machine, given its arrival: finish, harm to those behind, task in front. Those behind are moved along
    /// the machine; what that does elsewhere is in their latest ends, and shows exactly when the plan is timed.
    /// </summary>
    private IEnumerable<(long Finish, double Price, int After)> Places(Shop shop, int t, int option, long ready)
    {
        var (machine, time) = (Layout.Machine[t][option], Layout.Time[t][option]);
        var after = -1;
        var next = shop.Head[machine];
        // Places whose follower is through before the part is here gain nothing over the last of them.
        while (next >= 0 && shop.End[next] <= ready) (after, next) = (next, shop.Next[next]);
        for (; ; )
        {
            var finish = Math.Max(ready, after >= 0 ? shop.End[after] : 0) + time;
            double price = 0, harm = 0;
            var end = finish;
            for (var u = next; u >= 0; u = shop.Next[u])
            {
                if (shop.Start[u] >= end) break;
                end += shop.TimeOf(u);
                // Own customers: each counts. Shared work: the latest ends know those behind already, so the worst one counts.
                if (u >= Shared) price += shop.CostOf(u, end) - shop.CostOf(u, shop.End[u]);
                else harm = Math.Max(harm, shop.HarmOf(u, end) - shop.HarmOf(u, shop.End[u]));
            }
            yield return (finish, price + harm, after);
            if (next < 0) yield break;
            (after, next) = (next, shop.Next[next]);
        }
    }

    /// <summary>At most <paramref name="most"/> offers (finish, price), none better than another in both; the earliest and the cheapest always among them.</summary>
    public IReadOnlyList<(long Finish, long Price)> Menu(Shop shop, int t, long arrival, int most)
    {
        _front.Clear();
        for (var option = 0; option < Layout.Machine[t].Length; option++)
            foreach (var (finish, price, _) in Places(shop, t, option, arrival)) _front.Add((finish, (long)Math.Round(Math.Max(0, price))));
        _front.Sort();
        var kept = 0;
        for (var i = 0; i < _front.Count; i++)
            if (kept == 0 || _front[i].Price < _front[kept - 1].Price) _front[kept++] = _front[i];
        _front.RemoveRange(kept, _front.Count - kept);
        if (_front.Count <= most) return _front;
        if (most == 1) return [_front[0]];
        // Earliest and cheapest, and between them those that save most of what is left to save per unit of waiting.
        var step = (_front.Count - 1) / (double)(most - 1);
        return [.. Enumerable.Range(0, most).Select(i => _front[(int)Math.Round(i * step)])];
    }

    /// <summary>Thinks operations away from a plan; the result is valid until the next call.</summary>
    public Shop Without(Shop shop, int[]? wires)
    {
        _spare.CopyFrom(shop);
        foreach (var w in wires ?? [])
        {
            var t = Local(w);
            if (t < 0 || _spare.Option[t] < 0) continue;
            // The arrival of the one behind it was the end of this one; it stays, or it would seem to be here from the beginning.
            _spare.Remove(t);
        }
        _spare.Retime();
        _spare.Backward(Shared);
        return _spare;
    }
}
