using System.Collections.Immutable;
using Ieum.Plan;

namespace Ieum.Tests.Plan.Factory;

/// <summary>Small factories with everything in them: alternatives, furnaces, set-up matrices with crews, breaks, overtime, waits, lots that trickle, ferries, stock, tools, progress, frozen work.</summary>
internal static class RandomFactory
{
    private const long Horizon = 60 * 24 * 60;
    private static readonly string[] Families = ["red", "blue", "green"];

    public static FactoryProblem Make(int seed, int orders)
    {
        var r = new Random(seed);
        var units = Enumerable.Range(0, 4).Select(i => new FactoryUnit($"U{i}", r.Next(2) == 0 ? OpenTime.Always(Horizon) : Shifts(r))).ToImmutableArray();
        var machines = Enumerable.Range(0, 3).Select(m => new FactoryMachine($"M{m}", r.Next(3) == 0 ? OpenTime.Always(Horizon) : Shifts(r),
            r.Next(2) == 0 ? [] : [.. Enumerable.Range(0, 3).Select(d => new OvertimeWindow(d * 1440 + 1100, d * 1440 + 1220, 2))],
            r.Next(2) - 1, r.Next(2) == 0 ? [] : [0, 1], r.Next(2) == 0 ? "" : Families[r.Next(3)], m == 2 ? 10 : 0)).ToImmutableArray();
        var matrix = new SetUpMatrix("S", [.. Families], [.. Enumerable.Range(0, 9).Select(i => i % 4 == 0 ? 0 : r.Next(5, 40))]);
        ImmutableArray<FactoryMaterial> materials = [new("steel", false, [(0, 20), (r.Next(3000), 1000)]), new("castings of the customer", true, [(r.Next(2000), 500)])];
        ImmutableArray<TransportLane> lanes = [new("truck", [.. Enumerable.Range(0, 200).Select(d => (long)d * 720 + 300)], 60, 90)];
        var made = Enumerable.Range(0, orders).Select(o => Order(r, o)).ToImmutableArray();
        return new(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9)), Horizon, machines, units, [matrix], materials, lanes, made,
            new(Stability: r.Next(2) * 50), [], 0);
    }

    private static OpenTime Shifts(Random r)
    {
        // Eight hours with a break at noon, the weekend off, one maintenance window.
        var day = Enumerable.Range(0, 60).Where(d => d % 7 < 5).SelectMany(d => new (long, long, double)[] { (d * 1440, d * 1440 + 240, 0), (d * 1440 + 300, d * 1440 + 540, 0) });
        var stop = r.Next(5000);
        return OpenTime.Of(day).Without([(stop, stop + r.Next(1, 600))]);
    }

    private static FactoryOrder Order(Random r, int o)
    {
        var quantity = r.Next(1, 30);
        var routings = Enumerable.Range(0, r.Next(4) == 0 ? 2 : 1).Select(k => Routing(r, k, begin: k == 0)).ToImmutableArray();
        // What is begun cannot change its way any more.
        if (routings[0].Operations.Any(x => x.Begun is not null || x.Done)) routings = [routings[0]];
        return new($"A-{o}", quantity, r.Next(3) == 0 ? r.Next(2000) : 0, r.Next(500, 8000), r.Next(4) == 0 ? 20_000 : null, r.Next(1, 5), routings);
    }

    private static FactoryRouting Routing(Random r, int k, bool begin)
    {
        var count = r.Next(1, 5);
        var progress = begin ? r.Next(6) : 0;
        var operations = Enumerable.Range(0, count).Select(i =>
        {
            var furnace = r.Next(4) == 0;
            var family = furnace ? "red" : Families[r.Next(3)];
            ImmutableArray<FactoryMode> modes = furnace ? [new(2, 10, 120, false)]
                : [.. Enumerable.Range(0, 2).OrderBy(_ => r.Next()).Take(r.Next(1, 3)).Select(m => new FactoryMode(m, r.Next(4) * 10, r.Next(1, 8) + r.Next(2) * 0.5, r.Next(4) > 0))];
            ImmutableArray<FactoryNeed> needs = furnace || r.Next(2) == 0 ? [] : r.Next(2) == 0 ? [new("turner", [0, 1, 2], r.Next(2) == 0)] : [new("fixture", [3], false), new("turner", [1, 2], true)];
            ImmutableArray<(int, double)> takes = r.Next(3) == 0 ? [(r.Next(2), r.Next(1, 12))] : [];
            return new FactoryOperation((i + 1) * 10, "step", family, furnace ? "820 °C" : "", r.Next(1, 6), modes, needs, takes,
                progress == 5 && i == 0 && count > 1, 0, progress == 4 && i == 0 && !furnace ? new(0, r.Next(1, 200)) : null);
        }).ToImmutableArray();
        List<FactoryLink> links = [];
        for (var i = 1; i < count; i++)
        {
            var from = r.Next(3) == 0 ? r.Next(i) : i - 1;
            var kind = r.Next(6);
            links.Add(kind switch
            {
                0 => new(from, i, r.Next(60), null, 0, -1),
                1 => new(from, i, 0, 3000, 0, -1),
                2 => new(from, i, 0, null, operations[from].Recipe.Length > 0 || operations[i].Recipe.Length > 0 ? 0 : r.Next(1, 8), -1),
                3 => new(from, i, 0, null, 0, 0),
                _ => new(from, i, 0, null, 0, -1),
            });
        }
        return new($"R{k}", operations, [.. links]);
    }
}
