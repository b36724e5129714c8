using System.Collections.Immutable;

namespace Ieum.Plan.Across;

/// <summary>Makes a closed-book instance ("FedFJSP") from a published flexible job shop; the same seed gives the same instance.</summary>
/// <remarks>The rules stand in docs/fedfjsp.md; whoever changes one makes another benchmark and raises the format's version.</remarks>
internal static class FedGenerator
{
    /// <summary>Files with shorter mean times are stretched to about this, so that a time is a number of minutes and not of shifts.</summary>
    private const double LeastMean = 60;

    private static readonly int[] PrivateWeights = [1, 1, 2], OrderWeights = [1, 1, 2, 4];

    /// <exception cref="AcrossException">More companies than machines, or fewer than two.</exception>
    public static FedInstance Make(JobShop shop, int companies, int seed)
    {
        if (companies < 2 || companies > 26)
            throw new AcrossException(AcrossRules.Companies, $"{companies} companies: from 2 to 26 are possible.");
        if (companies > shop.Machines)
            throw new AcrossException(AcrossRules.Companies, $"'{shop.Name}' has {shop.Machines} machines, too few for {companies} companies: choose at most {shop.Machines}.");
        var rng = Rng.Of(seed, 1);
        var (owner, place, size) = Spread(shop.Machines, companies, ref rng);
        var mean = shop.Operations.SelectMany(o => o.Options).Average(o => (double)Math.Max(1, o.Time));
        var stretch = mean < LeastMean ? LeastMean / mean : 1;

        // 1. Options: the file's, stretched; an operation that one company alone can do gets with p = 0.5 a second company.
        var options = new List<FedOption>[shop.Operations.Length];
        for (var o = 0; o < options.Length; o++)
        {
            options[o] = [];
            foreach (var (machine, time) in shop.Operations[o].Options)
            {
                var t = stretch > 1 ? time * stretch * rng.Between(0.95, 1.05) : time;
                options[o].Add(new(owner[machine], place[machine], Math.Max(1, (int)Math.Round(t))));
            }
            var only = options[o][0].Company;
            if (options[o].Any(x => x.Company != only) || rng.Unit() >= 0.5) continue;
            var other = rng.Below(companies - 1);
            if (other >= only) other++;
            var base_ = options[o].Average(x => (double)x.Time);
            options[o].Add(new(other, rng.Below(size[other]), Math.Max(1, (int)Math.Round(base_ * rng.Between(0.9, 1.4)))));
        }
        mean = options.SelectMany(o => o).Average(o => (double)o.Time);

        var transport = Transport(companies, mean, ref rng);
        var (names, own) = Private(shop.Operations.Length, companies, size, mean, options, ref rng);
        var orders = Orders(shop, options, transport, mean, ref rng);
        var firms = Enumerable.Range(0, companies).Select(c => new FedCompany(((char)('A' + c)).ToString(), names[c], own[c]));
        var instance = new FedInstance($"{shop.Name}-K{companies}-s{seed}", [.. firms], [.. orders], transport);
        return Due(instance, ref rng);
    }

    private static (int[] Owner, int[] Place, int[] Size) Spread(int machines, int companies, ref Rng rng)
    {
        int[] shuffled = [.. Enumerable.Range(0, machines)];
        rng.Shuffle<int>(shuffled);
        int[] owner = new int[machines], place = new int[machines], size = new int[companies];
        for (var i = 0; i < machines; i++)
        {
            // Every company has one machine, the others fall as they fall: sizes differ, as in life.
            var c = i < companies ? i : rng.Below(companies);
            owner[shuffled[i]] = c;
            place[shuffled[i]] = size[c]++;
        }
        return (owner, place, size);
    }

    private static ImmutableArray<ImmutableArray<int>> Transport(int companies, double mean, ref Rng rng)
    {
        var way = new int[companies, companies];
        for (var a = 0; a < companies; a++)
            for (var b = a + 1; b < companies; b++) way[a, b] = way[b, a] = Math.Max(1, (int)Math.Round(mean * rng.Between(0.3, 1.0)));
        for (var v = 0; v < companies; v++)
            for (var a = 0; a < companies; a++)
                for (var b = 0; b < companies; b++) way[a, b] = Math.Min(way[a, b], way[a, v] + way[v, b]);
        return [.. Enumerable.Range(0, companies).Select(a => Enumerable.Range(0, companies).Select(b => a == b ? 0 : way[a, b]).ToImmutableArray())];
    }

    private static (ImmutableArray<string>[] Names, ImmutableArray<PrivateOrder>[] Own) Private(int operations, int companies, int[] size, double mean,
        List<FedOption>[] options, ref Rng rng)
    {
        var count = (int)Math.Round(operations * 0.2);
        // Time until the shared work is roughly done: load over machines; private work is spread over it.
        var horizon = options.Sum(o => o.Min(x => x.Time)) * 1.2 / size.Sum() * 1.3;
        var own = new List<PrivateOrder>[companies];
        for (var c = 0; c < companies; c++) own[c] = [];
        for (var i = 0; i < count; i++)
        {
            // By machine, so that a company's private work grows with its size.
            var at = rng.Below(size.Sum());
            var c = 0;
            while (at >= size[c]) at -= size[c++];
            var time = Math.Max(1, (int)Math.Round(mean * rng.Between(0.5, 1.5)));
            var release = (int)(horizon * rng.Between(0, 0.8));
            var due = release + (int)(time * rng.Between(1.5, 4));
            own[c].Add(new($"{(char)('A' + c)}-own-{own[c].Count + 1}", at, time, release, due, PrivateWeights[rng.Below(3)]));
        }
        return ([.. Enumerable.Range(0, companies).Select(c => Enumerable.Range(1, size[c]).Select(m => $"{(char)('A' + c)}-m{m}").ToImmutableArray())],
            [.. own.Select(o => o.ToImmutableArray())]);
    }

    private static List<FedOrder> Orders(JobShop shop, List<FedOption>[] options, ImmutableArray<ImmutableArray<int>> transport, double mean, ref Rng rng)
    {
        List<FedOrder> orders = [];
        foreach (var job in shop.Operations.Select((o, i) => (o.Job, i)).GroupBy(o => o.Job))
        {
            var release = rng.Unit() < 0.5 ? 0 : (int)(mean * rng.Between(0, 3));
            var weight = OrderWeights[rng.Below(4)];
            orders.Add(new($"O{orders.Count + 1}", release, 0, weight, [.. job.Select(o => options[o.i].ToImmutableArray())]));
        }
        return orders;
    }

    /// <summary>Due times from a rough plan with open books: 1.15 × its own chain at least, else its finish there × U(0.75, 1.5).</summary>
    private static FedInstance Due(FedInstance instance, ref Rng rng)
    {
        var loose = instance with { Orders = [.. instance.Orders.Select(o => o with { Due = o.Release })] };
        var rough = RoughPlan.FinishTimes(loose);
        var orders = new FedOrder[instance.Orders.Length];
        for (var j = 0; j < orders.Length; j++)
        {
            var order = instance.Orders[j];
            var chain = order.Operations.Sum(o => o.Min(x => x.Time));
            var wish = (rough[j] - order.Release) * rng.Between(0.75, 1.5);
            orders[j] = order with { Due = order.Release + (int)Math.Round(Math.Max(1.15 * chain, wish)) };
        }
        return instance with { Orders = [.. orders] };
    }
}
