using System.Collections.Immutable;

namespace Ieum.Plan.Across;

/// <summary>An instance with all books open, as one shop: what references plan with, and how plans of companies are executed.</summary>
internal sealed class OpenBook
{
    private readonly FedInstance _instance;
    private readonly int[] _machineOffset;
    private readonly (int Order, int Operation)[] _shared;
    private readonly (int Company, int Index)[] _own;

    public OpenBook(FedInstance instance)
    {
        _instance = instance;
        _machineOffset = new int[instance.Companies.Length + 1];
        for (var c = 0; c < instance.Companies.Length; c++) _machineOffset[c + 1] = _machineOffset[c] + instance.Companies[c].Machines.Length;
        _shared = [.. instance.Orders.SelectMany((o, j) => Enumerable.Range(0, o.Operations.Length).Select(k => (j, k)))];
        _own = [.. instance.Companies.SelectMany((c, i) => Enumerable.Range(0, c.Private.Length).Select(p => (i, p)))];
        var n = _shared.Length + _own.Length;
        int[][] machine = new int[n][], time = new int[n][];
        var before = new int[n];
        Array.Fill(before, -1);
        for (var t = 0; t < _shared.Length; t++)
        {
            var options = instance.Orders[_shared[t].Order].Operations[_shared[t].Operation];
            (machine[t], time[t]) = ([.. options.Select(o => _machineOffset[o.Company] + o.Machine)], [.. options.Select(o => o.Time)]);
            if (_shared[t].Operation > 0) before[t] = t - 1;
        }
        for (var i = 0; i < _own.Length; i++)
        {
            var own = instance.Companies[_own[i].Company].Private[_own[i].Index];
            (machine[_shared.Length + i], time[_shared.Length + i]) = ([_machineOffset[_own[i].Company] + own.Machine], [own.Time]);
        }
        int[] company = [.. instance.Companies.SelectMany((c, i) => Enumerable.Repeat(i, c.Machines.Length))];
        Layout = new(before, machine, time, company, [.. instance.Transport.Select(r => r.ToArray())])
        {
            Origin = [.. Enumerable.Range(0, n).Select(t => t < _shared.Length && _shared[t].Operation == 0 ? instance.Orders[_shared[t].Order].Origin : -1)],
        };
    }

    public ShopLayout Layout { get; }
    public int Shared => _shared.Length;

    /// <summary>A shop with nothing placed and the instance's true costs.</summary>
    public Shop Empty()
    {
        var shop = new Shop(Layout) { Final = new bool[Layout.Tasks] };
        for (var t = 0; t < Layout.Tasks; t++) shop.Limit[t] = long.MaxValue / 4;
        for (var t = 0; t < _shared.Length; t++)
        {
            var order = _instance.Orders[_shared[t].Order];
            if (_shared[t].Operation == 0) shop.Release[t] = order.Release;
            if (_shared[t].Operation != order.Operations.Length - 1) continue;
            (shop.Limit[t], shop.Weight[t], shop.Final[t]) = (order.Due, order.Weight, true);
        }
        for (var i = 0; i < _own.Length; i++)
        {
            var own = _instance.Companies[_own[i].Company].Private[_own[i].Index];
            var t = _shared.Length + i;
            (shop.Release[t], shop.Limit[t], shop.Weight[t]) = (own.Release, own.Due, own.Weight);
        }
        return shop;
    }

    /// <summary>Sequences of companies, put together and timed with true times: what happens when the plan is executed.</summary>
    /// <param name="parts">Per company its workbench and the plan's shop there; null for a company that takes no part.</param>
    /// <returns>Null when the sequences wait for each other in a circle.</returns>
    public Shop? Execute(IReadOnlyList<(Workbench Bench, Shop Shop)?> parts)
    {
        var whole = Empty();
        for (var c = 0; c < parts.Count; c++)
        {
            if (parts[c] is not { } part) continue;
            for (var m = 0; m < part.Shop.Head.Length; m++)
            {
                var after = -1;
                for (var t = part.Shop.Head[m]; t >= 0; t = part.Shop.Next[t])
                {
                    var task = t < part.Bench.Shared ? part.Bench.Wire[t] : Own(c, t - part.Bench.Shared);
                    whole.Insert(task, Array.IndexOf(Layout.Machine[task], _machineOffset[c] + m), after);
                    after = task;
                }
            }
        }
        return whole.Retime() ? whole : null;
    }

    public int Own(int company, int index) => _shared.Length + Array.IndexOf(_own, (company, index));

    public FedSchedule ToSchedule(Shop shop)
    {
        var shared = ImmutableArray.CreateBuilder<FedSlot>();
        for (var t = 0; t < _shared.Length; t++)
        {
            if (shop.Option[t] < 0) continue;
            var machine = shop.MachineOf(t);
            var company = Layout.Company[machine];
            shared.Add(new(_shared[t].Order, _shared[t].Operation, company, machine - _machineOffset[company], shop.Start[t], shop.End[t]));
        }
        var own = Enumerable.Range(0, _own.Length).Where(i => shop.Option[_shared.Length + i] >= 0)
            .Select(i => new PrivateSlot(_own[i].Company, _own[i].Index, shop.Start[_shared.Length + i], shop.End[_shared.Length + i]));
        return new(shared.ToImmutable(), [.. own]);
    }

    /// <summary>A first plan: orders by due time per weight, each operation where it ends first; own orders by due time among them.</summary>
    public Shop Dispatch(double noise, ref Rng rng)
    {
        var shop = Empty();
        var n = Layout.Tasks;
        var key = new double[n];
        for (var t = 0; t < n; t++)
        {
            var (due, weight) = t < _shared.Length ? (_instance.Orders[_shared[t].Order].Due, _instance.Orders[_shared[t].Order].Weight) : ((int)shop.Limit[t], (int)shop.Weight[t]);
            key[t] = due / Math.Sqrt(weight);
        }
        for (var t = 0; t < n; t++)
            if (Layout.Before[t] >= 0) key[t] = key[t - 1];
            else key[t] *= 1 + noise * (rng.Unit() - 0.5);
        var free = new long[Layout.Machines];
        var last = new int[Layout.Machines];
        Array.Fill(last, -1);
        var open = Enumerable.Range(0, n).Where(t => Layout.Before[t] < 0).ToHashSet();
        while (open.Count > 0)
        {
            // The machine that could be through first decides; among those that could start there before, the most pressing goes.
            var (end, machine) = (long.MaxValue, -1);
            foreach (var t in open)
                for (var o = 0; o < Layout.Machine[t].Length; o++)
                {
                    var e = Math.Max(shop.Ready(t, o), free[Layout.Machine[t][o]]) + Layout.Time[t][o];
                    if (e < end) (end, machine) = (e, Layout.Machine[t][o]);
                }
            var chosen = -1;
            foreach (var t in open.Order())
            {
                var o = Array.IndexOf(Layout.Machine[t], machine);
                if (o < 0 || Math.Max(shop.Ready(t, o), free[machine]) >= end) continue;
                if (chosen < 0 || key[t] < key[chosen]) chosen = t;
            }
            var option = Array.IndexOf(Layout.Machine[chosen], machine);
            shop.Start[chosen] = Math.Max(shop.Ready(chosen, option), free[machine]);
            shop.Insert(chosen, option, last[machine]);
            free[machine] = shop.End[chosen] = shop.Start[chosen] + Layout.Time[chosen][option];
            last[machine] = chosen;
            open.Remove(chosen);
            if (chosen + 1 < n && Layout.Before[chosen + 1] == chosen) open.Add(chosen + 1);
        }
        shop.Retime();
        return shop;
    }
}
