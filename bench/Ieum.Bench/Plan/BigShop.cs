using System.Collections.Immutable;
using Ieum.Plan;

namespace Ieum.Bench.Plan;

/// <summary>A shop of thousands of operations with shifts, set-up matrices, a furnace group, setters and due dates; the same for the same seed.</summary>
internal static class BigShop
{
    private const long Horizon = 400 * 1440;

    public static FactoryProblem Make(int operations, int seed)
    {
        var random = new Random(seed);
        string[] families = [.. Enumerable.Range(0, 12).Select(i => $"F{i}")];
        var twoShifts = OpenTime.Of(Enumerable.Range(0, 400).Where(d => d % 7 < 5).SelectMany(d => new (long, long, double)[] { (d * 1440, d * 1440 + 240, 0), (d * 1440 + 270, d * 1440 + 480, 0), (d * 1440 + 480, d * 1440 + 720, 0), (d * 1440 + 750, d * 1440 + 960, 0) }));
        var always = OpenTime.Always(Horizon);
        SetUpMatrix[] matrices = [.. Enumerable.Range(0, 3).Select(k => new SetUpMatrix($"S{k}", [.. families], [.. Enumerable.Range(0, 144).Select(i => i % 13 == 0 ? 0 : random.Next(10, 60))]))];
        var machines = Enumerable.Range(0, 40).Select(m => m < 36
            ? new FactoryMachine($"M{m:00}", twoShifts, [], m % 3, m % 4 == 0 ? [0, 1, 2] : [], "", 0)
            : new FactoryMachine($"furnace {m - 35}", always, [], -1, [], "", 12)).ToImmutableArray();
        var orders = ImmutableArray.CreateBuilder<FactoryOrder>();
        for (var made = 0; made < operations;)
        {
            var count = Math.Min(operations - made, random.Next(4, 9));
            var (family, quantity) = (families[random.Next(12)], random.Next(5, 60));
            var steps = Enumerable.Range(0, count).Select(i =>
            {
                var group = random.Next(9) * 4;
                return i > 0 && random.Next(7) == 0
                    ? new FactoryOperation(i * 10 + 10, "harden", family, $"{800 + random.Next(3) * 20} °C", random.Next(2, 6), [.. Enumerable.Range(36, 4).Select(m => new FactoryMode(m, 0, 240, false))], [], [], false, 0, null)
                    : new FactoryOperation(i * 10 + 10, "cut", family, "", 1, [.. Enumerable.Range(group, 4).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(m => new FactoryMode(m, 20, random.Next(2, 9), true))], [], [], false, 0, null);
            }).ToImmutableArray();
            var links = Enumerable.Range(1, Math.Max(0, count - 1)).Select(i => new FactoryLink(i - 1, i, random.Next(4) == 0 ? 60 : 0, null, 0, -1)).ToImmutableArray();
            var work = steps.Sum(s => s.Recipe.Length > 0 ? 240 : s.Modes.Min(m => m.PerPiece) * quantity);
            var release = random.Next(operations * 2);
            orders.Add(new($"O{orders.Count}", quantity, release, release + (long)(work * (2 + 4 * random.NextDouble())) + operations, null, 1 << random.Next(3), [new("R", steps, links)]));
            made += count;
        }
        return new(DateTimeOffset.UnixEpoch, Horizon, machines, [new("setter 1", twoShifts), new("setter 2", twoShifts), new("setter 3", twoShifts)], [.. matrices], [], [], orders.ToImmutable(), new(), [], 0);
    }
}
