using Ieum.Plan;

namespace Ieum.Tests.Plan.Factory;

public class FactoryFuzzTests
{
    /// <summary>Plans random small factories, checks every plan, spoils it in one place and wants that told. Returns how many.</summary>
    internal static (int Problems, int Spoilt, int Told) Fuzz(int first, int count)
    {
        var (spoilt, told) = (0, 0);
        for (var seed = first; seed < first + count; seed++)
        {
            var problem = RandomFactory.Make(seed, orders: 1 + seed % 4);
            var (clean, _) = FactoryCheck.Sift(problem);
            var plan = FactorySearch.Solve(clean, trials: 6, seed);
            var faults = FactoryVerifier.Faults(clean, plan);
            Assert.True(faults.Count == 0, $"seed {seed}: {string.Join("; ", faults)}");
            if (plan.Slots.IsEmpty) continue;
            // Replan from it a little later with its beginning frozen.
            var again = clean with { Standing = plan.Slots, FrozenUntil = 400, Goal = clean.Goal with { Stability = 50 } };
            var next = FactorySearch.Solve(again, trials: 6, seed);
            faults = FactoryVerifier.Faults(again, next);
            Assert.True(faults.Count == 0, $"seed {seed}, frozen: {string.Join("; ", faults)}");
            foreach (var bad in Spoil(clean, plan, new Random(seed)))
            {
                spoilt++;
                if (FactoryVerifier.Faults(clean, bad).Count > 0) told++;
                else Assert.Fail($"seed {seed}: a spoilt plan passed");
            }
        }
        return (count, spoilt, told);
    }

    private static IEnumerable<FactoryPlan> Spoil(FactoryProblem p, FactoryPlan plan, Random r)
    {
        var i = r.Next(plan.Slots.Length);
        var s = plan.Slots[i];
        yield return plan with { Slots = plan.Slots.RemoveAt(i) };
        yield return plan with { Slots = plan.Slots.Add(s) };
        yield return plan with { Slots = plan.Slots.SetItem(i, s with { End = s.End + 1 }) };
        yield return plan with { Slots = plan.Slots.SetItem(i, s with { Start = -5 }) };
        yield return plan with { Slots = plan.Slots.SetItem(i, s with { Mode = 9 }) };
        yield return plan with { Score = plan.Score with { Makespan = plan.Score.Makespan + 1 } };
        yield return plan with { Score = plan.Score with { BrokenDeadlines = plan.Score.BrokenDeadlines + 1 } };
        yield return plan with { Score = plan.Score with { Changes = plan.Score.Changes + 1 } };
        yield return plan with { Score = plan.Score with { Total = plan.Score.Total * 1.001 + 1 } };
        if (!s.Units.IsEmpty) yield return plan with { Slots = plan.Slots.SetItem(i, s with { Units = s.Units.SetItem(0, 77) }) };
        // Everything of one machine an hour earlier: something must collide with now, a release or a routing.
        yield return plan with { Slots = [.. plan.Slots.Select(x => x with { Start = x.Start - 100_000, RunStart = x.RunStart - 100_000, End = x.End - 100_000 })] };
    }

    [Fact]
    public void Two_hundred_random_factories_are_planned_as_the_checker_allows()
    {
        var (problems, spoilt, told) = Fuzz(first: 1, count: 200);
        Assert.Equal(200, problems);
        Assert.True(spoilt > 700, $"only {spoilt} spoilt plans");
        Assert.Equal(spoilt, told);
    }

    /// <summary>Seeds that the long run once stopped at.</summary>
    [Theory]
    [InlineData(1_001_637)]   // who runs it comes only after the set-up
    [InlineData(1_033_509)]
    [InlineData(1_073_553)]
    [InlineData(1_076_695)]   // set up before the step that feeds it lot by lot begins
    public void Frozen_work_stays(int seed) => Assert.Equal(1, Fuzz(seed, count: 1).Problems);

    /// <summary>The nightly amount; IEUM_FUZZ names the number of problems, IEUM_FUZZ_FROM the first seed, so that a run that was broken off goes on.</summary>
    [Fact(Explicit = true)]
    public void A_hundred_thousand_random_factories()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("IEUM_FUZZ"), out var n) ? n : 100_000;
        var first = int.TryParse(Environment.GetEnvironmentVariable("IEUM_FUZZ_FROM"), out var f) ? f : 1_000_000;
        Assert.Equal(count, Fuzz(first, count).Problems);
    }

    [Fact]
    public void The_same_seed_gives_the_same_plan()
    {
        var problem = FactoryCheck.Sift(RandomFactory.Make(77, orders: 6)).Problem;
        var (a, b) = (FactorySearch.Solve(problem, 200, seed: 3), FactorySearch.Solve(problem, 200, seed: 3));
        Assert.Equal(a.Score, b.Score);
        Assert.Equal(a.Slots.Select(s => (s.Order, s.Operation, s.Start, s.End)), b.Slots.Select(s => (s.Order, s.Operation, s.Start, s.End)));
    }

    [Fact]
    public void Tiny_factories_come_to_what_trying_every_sequence_and_mode_finds()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var problem = FactoryCheck.Sift(RandomFactory.Make(seed, orders: 2)).Problem;
            var layout = new FactoryLayout(problem);
            if (layout.Count > 5) continue;
            var found = FactorySearch.Solve(problem, 3_000, seed).Score.Total;
            var best = Brute(layout);
            Assert.True(found <= best + 1e-6, $"seed {seed}: search {found}, best {best}");
        }
    }

    private static double Brute(FactoryLayout layout)
    {
        var decoder = new FactoryDecoder(layout);
        var best = double.MaxValue;
        foreach (var sequence in Permutations([.. Enumerable.Range(0, layout.Count)], 0))
            foreach (var mode in Choices([.. layout.Operations.Select(o => o.Begun is null ? o.Modes.Length : 1)]))
                foreach (var routing in Choices([.. layout.Problem.Orders.Select(o => o.Routings.Length)]))
                    best = Math.Min(best, decoder.Decode(new([.. sequence], mode, routing, new bool[layout.WindowFrom[^1]], new bool[layout.Count])).Score.Total);
        return best;
    }

    private static IEnumerable<int[]> Permutations(int[] items, int from)
    {
        if (from >= items.Length - 1) { yield return items; yield break; }
        for (var i = from; i < items.Length; i++)
        {
            (items[from], items[i]) = (items[i], items[from]);
            foreach (var p in Permutations(items, from + 1)) yield return p;
            (items[from], items[i]) = (items[i], items[from]);
        }
    }

    private static IEnumerable<int[]> Choices(int[] counts)
    {
        var total = counts.Aggregate(1, (a, c) => a * Math.Max(1, c));
        for (var n = 0; n < total; n++)
        {
            var (rest, choice) = (n, new int[counts.Length]);
            for (var i = 0; i < counts.Length; i++) (choice[i], rest) = (rest % Math.Max(1, counts[i]), rest / Math.Max(1, counts[i]));
            yield return choice;
        }
    }
}
