using Google.OrTools.Sat;
using Ieum.Plan;

namespace Ieum.Tests.Plan.Standard;

public class ShopHybridTests
{
    private static ShopSolution Solve(JobShop shop, ShopSolveOptions options, Func<ICpEngine>? engine = null) =>
        new ShopSolver(TimeProvider.System, engine ?? (() => new CpInProcess())).Solve(shop, options, TestContext.Current.CancellationToken);

    [Fact]
    public void Bounds_never_pass_the_optimum_and_proofs_agree_with_trying_everything()
    {
        for (var seed = 200; seed < 225; seed++)
        {
            var shop = RandomJobShop.Make(new Random(seed), jobs: 3, machines: 2, flexible: true, setUps: seed % 2 == 0, assembly: seed % 5 == 0);
            var best = RandomJobShop.Brute(shop);
            var solution = Solve(shop, new(0, 2, Seed: 1, Iterations: 2_000));
            Assert.True(solution.Schedule.Makespan == best && solution.Bound <= best, $"seed {seed}: {solution.Schedule.Makespan}, bound {solution.Bound}, best {best}");
            Assert.Empty(ShopScheduleCheck.Faults(shop, solution.Schedule));
            Assert.Empty(solution.Faults);
        }
    }

    [Fact]
    public void Counted_in_steps_two_runs_are_the_same_to_the_last_slot_and_the_log_walks_the_same_way()
    {
        var shop = RandomJobShop.Make(new Random(9), jobs: 10, machines: 5, flexible: true);
        var (a, b) = (Solve(shop, new(0, 2, 5, 3_000)), Solve(shop, new(0, 1, 5, 3_000)));
        Assert.Equal(a.Schedule.Slots, b.Schedule.Slots);
        Assert.Equal((a.Bound, a.Iterations), (b.Bound, b.Iterations));
        Assert.Equal(a.Schedule.Makespan, ShopSolver.Replay(shop, 5, a.Iterations, a.Exchanges).Makespan);
    }

    [Fact]
    public void A_timed_run_side_by_side_can_be_replayed_from_its_log()
    {
        var shop = RandomJobShop.Make(new Random(11), jobs: 12, machines: 5, flexible: true, setUps: true);
        var solution = Solve(shop, new(2, 2, 1, null));
        Assert.Empty(ShopScheduleCheck.Faults(shop, solution.Schedule));
        Assert.Equal(solution.Schedule.Makespan, ShopSolver.Replay(shop, 1, solution.Iterations, solution.Exchanges).Makespan);
        Assert.Equal(solution.Incumbents.OrderByDescending(i => i.Makespan).Select(i => i.Makespan), solution.Incumbents.Select(i => i.Makespan));
    }

    [Fact]
    public void A_solver_that_breaks_leaves_the_plan_of_the_tabu_search()
    {
        var shop = RandomJobShop.Make(new Random(12), jobs: 8, machines: 4, flexible: true);
        var solution = Solve(shop, new(0, 2, 1, 500), () => new Broken());
        Assert.Empty(ShopScheduleCheck.Faults(shop, solution.Schedule));
        Assert.NotEmpty(solution.Faults);
    }

    private sealed class Broken : ICpEngine
    {
        public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop) => throw new CpEngineException("it is gone");
        public void Dispose() { }
    }
}
