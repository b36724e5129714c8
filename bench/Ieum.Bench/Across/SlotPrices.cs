using Ieum.Plan.Across;

namespace Ieum.Bench.Across;

/// <summary>
/// The serious alternative to menus: time on machines is cut into slots that have prices, every order buys the cheapest way through by dynamic
/// programming, and prices follow demand. With prices that rise and fall this is Lagrangian relaxation of the machines; with prices that only rise, a
/// slot auction. It is measured with true times and open books, so better than any closed-book form of it could be.
/// </summary>
internal static class SlotPrices
{
    /// <param name="iterations">One costs a message to and from every company.</param>
    /// <param name="onlyRising">An auction; else a subgradient with Polyak's step.</param>
    /// <returns>The best plan that list scheduling in the order of bought slots came to.</returns>
    public static Shop Run(OpenBook book, int iterations, bool onlyRising)
    {
        var layout = book.Layout;
        var empty = book.Empty();
        var rng = Rng.Of(1, 12);
        var best = book.Dispatch(0, ref rng);
        var value = best.Cost();
        var slot = Math.Max(1, (int)(layout.Time.SelectMany(t => t).Average() / 8));
        var slots = (int)(best.End.Max() * 1.4 / slot) + 1;
        var price = Enumerable.Range(0, layout.Machines).Select(_ => new double[slots]).ToArray();
        var sums = Enumerable.Range(0, layout.Machines).Select(_ => new double[slots + 1]).ToArray();
        var used = Enumerable.Range(0, layout.Machines).Select(_ => new int[slots]).ToArray();
        var (start, option) = (new int[layout.Tasks], new int[layout.Tasks]);
        var chains = Enumerable.Range(0, layout.Tasks).Where(t => layout.Before[t] < 0).Select(t => Chain(t)).ToArray();
        var orders = Math.Max(1, Enumerable.Range(0, layout.Tasks).Count(t => empty.Final![t]));
        var (theta, bound, idle) = (1.0, double.MinValue, 0);
        for (var i = 0; i < iterations; i++)
        {
            for (var m = 0; m < price.Length; m++)
            {
                for (var s = 0; s < slots; s++) sums[m][s + 1] = sums[m][s] + price[m][s];
                Array.Clear(used[m]);
            }
            // What all orders pay, less what the machines take, is never more than the best plan costs.
            var relaxed = chains.Sum(c => Buy(c)) - sums.Sum(s => s[slots]);
            var plan = Scheduled();
            if (plan.Cost() < value) (best, value) = (plan, plan.Cost());
            if (relaxed > bound) (bound, idle) = (relaxed, 0);
            else if (++idle > 30) (theta, idle) = (theta / 2, 0);
            var norm = used.Sum(m => m.Sum(u => Math.Pow(u - 1, 2)));
            var step = onlyRising ? value / slots / orders : theta * Math.Max(1, value - relaxed) / Math.Max(1, norm);
            for (var m = 0; m < price.Length; m++)
                for (var s = 0; s < slots; s++)
                    if (!onlyRising || used[m][s] > 1) price[m][s] = Math.Max(0, price[m][s] + step * (used[m][s] - 1));
        }
        return best;

        int[] Chain(int first)
        {
            List<int> tasks = [first];
            while (tasks[^1] + 1 < layout.Tasks && layout.Before[tasks[^1] + 1] == tasks[^1]) tasks.Add(tasks[^1] + 1);
            return [.. tasks];
        }

        // Cheapest way of one order through all slots; what it pays.
        double Buy(int[] chain)
        {
            // Per step and option: cheapest cost with start at s, and of ends up to e.
            var cost = new double[chain.Length][][];
            var upTo = new double[chain.Length][][];
            for (var k = 0; k < chain.Length; k++)
            {
                var t = chain[k];
                cost[k] = new double[layout.Machine[t].Length][];
                upTo[k] = new double[layout.Machine[t].Length][];
                for (var o = 0; o < cost[k].Length; o++)
                {
                    var (m, d) = (layout.Machine[t][o], Length(t, o));
                    cost[k][o] = new double[slots];
                    upTo[k][o] = new double[slots + 1];
                    Array.Fill(cost[k][o], double.MaxValue);
                    Array.Fill(upTo[k][o], double.MaxValue);
                    for (var s = 0; s + d <= slots; s++)
                    {
                        var before = double.MaxValue;
                        if (k == 0) before = s * slot >= empty.Release[t] ? 0 : double.MaxValue;
                        else
                            for (var p = 0; p < cost[k - 1].Length; p++)
                                if (s - Way(chain[k - 1], p, t, o) is >= 0 and var e) before = Math.Min(before, upTo[k - 1][p][e]);
                        if (before == double.MaxValue) continue;
                        var end = (long)(s + d) * slot;
                        cost[k][o][s] = before + sums[m][s + d] - sums[m][s] + empty.CostOf(t, end) + (empty.Final![t] ? end / (double)orders : 0) + s * 1e-6;
                        upTo[k][o][s + d] = Math.Min(upTo[k][o][s + d], cost[k][o][s]);
                    }
                    for (var e = 1; e <= slots; e++) upTo[k][o][e] = Math.Min(upTo[k][o][e], upTo[k][o][e - 1]);
                }
            }
            var (paid, latest) = (double.MaxValue, slots);
            for (var k = chain.Length - 1; k >= 0; k--)
            {
                var (least, at, chosen) = (double.MaxValue, -1, 0);
                for (var o = 0; o < cost[k].Length; o++)
                {
                    var until = k == chain.Length - 1 ? slots : latest - Way(chain[k], o, chain[k + 1], option[chain[k + 1]]);
                    for (var s = 0; s + Length(chain[k], o) <= until; s++)
                        if (cost[k][o][s] < least) (least, at, chosen) = (cost[k][o][s], s, o);
                }
                if (k == chain.Length - 1) paid = least;
                (start[chain[k]], option[chain[k]], latest) = (at, chosen, at);
                for (var s = at; s < at + Length(chain[k], chosen); s++) used[layout.Machine[chain[k]][chosen]][s]++;
            }
            return paid;
        }

        int Length(int t, int o) => (layout.Time[t][o] + slot - 1) / slot;

        int Way(int from, int p, int to, int o) => (layout.Transport[layout.Company[layout.Machine[from][p]]][layout.Company[layout.Machine[to][o]]] + slot - 1) / slot;

        Shop Scheduled()
        {
            var shop = book.Empty();
            var last = new int[layout.Machines];
            Array.Fill(last, -1);
            foreach (var t in Enumerable.Range(0, layout.Tasks).OrderBy(t => start[t]).ThenBy(t => empty.Limit[t]).ThenBy(t => t))
            {
                shop.Insert(t, option[t], last[layout.Machine[t][option[t]]]);
                last[layout.Machine[t][option[t]]] = t;
            }
            return shop.Retime() ? shop : best;
        }
    }
}
