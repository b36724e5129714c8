namespace Ieum.Plan.Across;

/// <summary>A company's own scheduling: where an operation could go and what that would cost, and re-sequencing of its machines.</summary>
internal sealed class Workbench
{
    private readonly CompanyBook _book;
    private readonly int[] _local;
    private readonly Shop _spare;
    private readonly Tails _tails;
    private readonly HashSet<int> _begins = [];
    private readonly List<(long Finish, long Price)> _front = [];

    public ShopLayout Layout { get; }
    public int Company => _book.Company;
    /// <summary>Wire number of each local task; −1 for own orders, which stand behind the shared ones.</summary>
    public int[] Wire { get; }
    public int Shared { get; }
    public Reactions Reactions { get; }

    /// <param name="first">First operation of each order, see <see cref="SharedBook.First"/>.</param>
    public Workbench(CompanyBook book, int[] first)
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
        var before = new int[n];
        Array.Fill(before, -1);
        // The operation before in the same order, as far as this company can do both; given by the orders everybody knows.
        for (var j = 0; j + 1 < first.Length; j++)
            for (var o = first[j] + 1; o < first[j + 1]; o++)
                if (Local(o) >= 0 && Local(o - 1) >= 0) before[Local(o)] = Local(o - 1);
        Layout = new(before, machine, time, new int[book.Machines], [[0]]);
        _spare = new(Layout);
        _tails = new(Layout, Shared);
        _begins.UnionWith(first);
        Reactions = new(this);
    }

    /// <summary>Whether a local task begins its order; its arrival is the order's release then.</summary>
    public bool Begins(int t) => _begins.Contains(Wire[t]);

    public int Local(long wire) => wire >= 0 && wire < _local.Length ? _local[wire] : -1;

    /// <summary>A plan with own orders only, each at its best place in order of their due times.</summary>
    public Shop Empty()
    {
        var shop = new Shop(Layout);
        for (var t = 0; t < Shared; t++) shop.Limit[t] = long.MaxValue / 4;
        foreach (var i in Enumerable.Range(0, _book.Own.Length).OrderBy(i => _book.Own[i].Due - _book.Own[i].Time).ThenBy(i => i))
        {
            var t = Shared + i;
            (shop.Release[t], shop.Limit[t], shop.Weight[t]) = (_book.Own[i].Release, _book.Own[i].Due, _book.Own[i].Weight);
            shop.Retime();
            Place(shop, t, _book.Own[i].Due, 0);
        }
        shop.Retime();
        return shop;
    }

    /// <summary>Puts a task where it does least harm: price of the place, and what a finish after the agreed one costs. The shop is timed before and after.</summary>
    /// <param name="weight">Cost per unit of time after <paramref name="agreed"/>.</param>
    public void Place(Shop shop, int t, long agreed, double weight)
    {
        (double Cost, int Option, int After) best = (double.MaxValue, -1, -1);
        var behind = shop.After(t);
        _tails.Of(shop);
        for (var option = 0; option < Layout.Machine[t].Length; option++)
            foreach (var (finish, price, after) in Places(shop, t, option, shop.Ready(t, option)))
            {
                var cost = price + weight * Math.Max(0, finish - agreed) + shop.CostOf(t, finish) + finish * 1e-4
                    + (behind >= 0 ? _tails.Harm(behind, finish + shop.TimeOf(behind)) : 0);
                if (cost < best.Cost) best = (cost, option, after);
            }
        shop.Insert(t, best.Option, best.After);
    }

    /// <summary>Places of a task on one machine, given its arrival: finish, harm to all behind, task in front.</summary>
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
            // The latest ends know all that stands behind the follower.
            var price = next >= 0 && finish > shop.Start[next] ? _tails.Harm(next, finish + shop.End[next] - shop.Start[next]) : 0;
            yield return (finish, price, after);
            if (next < 0) yield break;
            (after, next) = (next, shop.Next[next]);
        }
    }

    /// <summary>At most <paramref name="most"/> offers (finish, price), none better than another in both; the earliest and the cheapest always among them.</summary>
    /// <param name="shop">As <see cref="Without"/> left it.</param>
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
        // Earliest and cheapest, and between them evenly.
        var step = (_front.Count - 1) / (double)(most - 1);
        return [.. Enumerable.Range(0, most).Select(i => _front[(int)Math.Round(i * step)])];
    }

    /// <summary>Thinks operations away from a plan; the result is valid until the next call.</summary>
    public Shop Without(Shop shop, int[]? wires)
    {
        _spare.CopyFrom(shop);
        _spare.Retime();
        foreach (var w in wires ?? [])
            if (Local(w) is >= 0 and var t && _spare.Option[t] >= 0) Leave(_spare, t);
        _spare.Retime();
        _tails.Of(_spare);
        return _spare;
    }

    /// <summary>Takes a shared task out; what waited for it keeps the arrival it had, or it would seem to be here from the beginning.</summary>
    public static void Leave(Shop shop, int t)
    {
        if (shop.After(t) is >= 0 and var a) shop.Release[a] = Math.Max(shop.Release[a], shop.End[t]);
        if (shop.View is { } view)
            for (var i = view.LinkStart[t]; i < view.LinkStart[t + 1]; i++)
                shop.Release[view.LinkTo[i]] = Math.Max(shop.Release[view.LinkTo[i]], shop.End[t] + view.LinkLag[i]);
        shop.Remove(t);
    }

    /// <summary>What lateness costs the company's own customers.</summary>
    public long OwnCost(Shop shop)
    {
        var cost = 0L;
        for (var t = Shared; t < Wire.Length; t++) cost += (long)shop.Weight[t] * Math.Max(0, shop.End[t] - shop.Limit[t]);
        return cost;
    }
}
