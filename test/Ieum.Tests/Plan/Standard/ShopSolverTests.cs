using System.Collections.Immutable;
using Ieum.Plan;
using Ieum.TestKit;

namespace Ieum.Tests.Plan.Standard;

public class ShopSolverTests
{
    private static ShopSchedule Tabu(JobShop shop, long iterations, int seed = 1)
    {
        var graph = new ShopGraph(shop);
        var search = new TabuSearch(graph, seed);
        search.Run(iterations, graph.SimpleBound());
        return search.Best;
    }

    [Theory]
    [InlineData("scheduleopt/jsp-text/ft06.txt", 55)]          // optimum
    [InlineData("scheduleopt/jsp-text/la01.txt", 666)]         // optimum
    [InlineData("fjsp-instances/brandimarte/mk01.txt", 40)]    // optimum
    [InlineData("fjsp-instances/brandimarte/mk03.txt", 204)]   // optimum
    [InlineData("fjsp-instances/fattahi/mfjs01.txt", 468)]     // optimum
    [InlineData("fjsp-instances/hurink/edata/la01.txt", 609)]  // optimum
    public void Small_published_instances_are_solved_to_their_known_optimum(string file, long optimum)
    {
        var shop = JobShopFile.Read(Needs.Shared("data/planning/" + file));
        var schedule = Tabu(shop, 50_000);
        Assert.Empty(ShopScheduleCheck.Faults(shop, schedule));
        Assert.Equal(optimum, schedule.Makespan);
    }

    [Fact]
    public void The_same_seed_and_iterations_give_the_same_schedule_another_seed_another_walk()
    {
        var shop = RandomJobShop.Make(new Random(5), jobs: 8, machines: 5, flexible: true);
        Assert.Equal(Tabu(shop, 3_000, seed: 3).Slots, Tabu(shop, 3_000, seed: 3).Slots);
        Assert.NotEqual(Tabu(shop, 300, seed: 3).Slots, Tabu(shop, 300, seed: 4).Slots);
    }

    [Fact]
    public void Tiny_shops_reach_what_trying_every_sequence_finds()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var shop = RandomJobShop.Make(new Random(seed), jobs: 3, machines: 2, flexible: seed % 2 == 0, setUps: seed % 3 == 0, assembly: seed % 5 == 0);
            var schedule = Tabu(shop, 4_000);
            Assert.Empty(ShopScheduleCheck.Faults(shop, schedule));
            Assert.True(RandomJobShop.Brute(shop) == schedule.Makespan, $"seed {seed}: best is {RandomJobShop.Brute(shop)}, found {schedule.Makespan}");
            Assert.True(new ShopGraph(shop).SimpleBound() <= schedule.Makespan, $"seed {seed}: bound above the optimum");
        }
    }

    [Fact]
    public void Every_spoilt_schedule_is_refused()
    {
        var shop = JobShopFile.Parse("s.fjs", "2 2 1\n1 2 1 5 2 6\n2 1 2 7 1 1 4\n\n9 2 2\n2 9 2\n2 2 9\n\n9 2 2\n2 9 2\n2 2 9\n");
        ShopSchedule good = new([new(0, 0, 5), new(1, 0, 7), new(0, 7, 11)]);
        Assert.Empty(ShopScheduleCheck.Faults(shop, good));
        Assert.NotEmpty(ShopScheduleCheck.Faults(shop, new(good.Slots.RemoveAt(2))));
        ShopSlot[] wrong = [new(0, 6, 10), new(0, 7, 12), new(1, 7, 11), new(0, -1, 3), new(7, 7, 11)];   // set-up and routing, duration, machine, before 0, no such machine
        foreach (var slot in wrong) Assert.NotEmpty(ShopScheduleCheck.Faults(shop, new(good.Slots.SetItem(2, slot))));
        Assert.NotEmpty(ShopScheduleCheck.Faults(shop, new([new(1, 8, 14), new(1, 0, 7), new(0, 7, 11)])));   // set-up of 2 on machine 1 missing
    }
}

/// <summary>Random small instances, and the best makespan by trying every sequence.</summary>
internal static class RandomJobShop
{
    public static JobShop Make(Random random, int jobs, int machines, bool flexible, bool setUps = false, bool assembly = false)
    {
        var operations = ImmutableArray.CreateBuilder<ShopOperation>();
        for (var j = 0; j < jobs; j++)
        {
            var first = operations.Count;
            for (var o = 0; o < (jobs > 4 ? 4 : 2 + random.Next(jobs > 3 ? 2 : 1)); o++)
            {
                var count = flexible ? 1 + random.Next(machines) : 1;
                var options = Enumerable.Range(0, machines).OrderBy(_ => random.Next()).Take(count).Select(m => new ShopOption(m, random.Next(assembly && !setUps ? 0 : 1, 10))).ToImmutableArray();
                operations.Add(new(j, o, options, o == 0 || assembly && random.Next(2) == 0 ? [] : [first + random.Next(o)]));
            }
        }
        var n = operations.Count;
        return new("random", JobShopKind.Flexible, machines, jobs, operations.ToImmutable(), !setUps ? []
            : [.. Enumerable.Range(0, machines).Select(_ => Enumerable.Range(0, n * n).Select(_ => random.Next(6)).ToImmutableArray())]);
    }

    /// <summary>Appends operations in every order on every machine, each as early as possible: an optimum is among them.</summary>
    public static long Brute(JobShop shop)
    {
        var n = shop.Operations.Length;
        var (end, last, free) = (new long[n], new int[shop.Machines], new long[shop.Machines]);
        Array.Fill(end, -1);
        Array.Fill(last, -1);
        var best = long.MaxValue;
        Go(0, 0);
        return best;

        void Go(int done, long makespan)
        {
            if (makespan >= best) return;
            if (done == n) { best = makespan; return; }
            for (var i = 0; i < n; i++)
            {
                if (end[i] >= 0 || shop.Operations[i].Before.Any(b => end[b] < 0)) continue;
                foreach (var (m, time) in shop.Operations[i].Options)
                {
                    var start = shop.Operations[i].Before.Select(b => end[b]).Append(free[m] + (last[m] < 0 ? 0 : shop.SetUp(m, last[m], i))).Max();
                    var (oldLast, oldFree) = (last[m], free[m]);
                    (end[i], last[m], free[m]) = (start + time, i, start + time);
                    Go(done + 1, Math.Max(makespan, start + time));
                    (end[i], last[m], free[m]) = (-1, oldLast, oldFree);
                }
            }
        }
    }
}
