using CsCheck;
using Google.OrTools.Sat;
using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

/// <summary>The tabu search of the order book, and CP-SAT beside it.</summary>
public sealed class PlainSolverTests
{
    private static readonly FactoryGoal Goal = new(Tardiness: 100, Makespan: 1, Flow: 0.01);

    [Theory]
    [InlineData(false), InlineData(true)]
    public void What_the_tabu_search_reckons_is_what_placing_its_sequence_gives(bool skipSetUp)
    {
        var options = Quick(o => o.SkipSetUpOnSameItem = skipSetUp);
        RandomShop.Requests(mostOrders: 6, mostSteps: 4).Sample(request =>
        {
            var (problem, start) = PlainOf(request, options);
            if (problem.Tasks.IsEmpty) return;
            var search = new PlainTabu(problem, Goal, start, seed: 3);
            for (var step = 0; step < 60; step++)
            {
                search.Run(1);
                var (layout, tried, made) = search.Standing;
                Assert.True(Math.Abs(PlainTabu.ValueOf(layout.Score, Goal) - made) < 1e-6, $"step {step}: placed {layout.Score}, reckoned {made}");
                // Infinite where a step found no move at all and stayed.
                Assert.True(double.IsPositiveInfinity(tried) || Math.Abs(tried - made) < 1e-6, $"step {step}: tried {tried}, made {made}");
            }
            Assert.True(search.BestValue <= PlainTabu.ValueOf(start.Score, Goal));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void A_hard_order_book_gets_better_and_the_same_seed_walks_the_same_way()
    {
        var (problem, start) = PlainOf(Busy(orders: 12), Quick());
        var (one, two) = (new PlainTabu(problem, Goal, start, seed: 1), new PlainTabu(problem, Goal, start, seed: 1));
        one.Run(1_500);
        two.Run(700);
        two.Run(800);
        Assert.True(one.Best.Score.Tardiness < start.Score.Tardiness, $"{one.Best.Score} is no better than {start.Score}");
        Assert.Equal(one.Best.Start, two.Best.Start);
        Assert.Equal(one.Best.Option, two.Best.Option);
    }

    [Fact]
    public async Task Counted_two_plans_are_the_same_to_the_last_operation_with_one_thread_and_with_two()
    {
        var request = Busy(orders: 9);
        var one = await PlanAsync(request, Quick(o => (o.Threads, o.Effort, o.Trials) = (2, 0.05, 100)));
        var again = await PlanAsync(request, Quick(o => (o.Threads, o.Effort, o.Trials) = (2, 0.05, 100)));
        var alone = await PlanAsync(request, Quick(o => (o.Threads, o.Effort, o.Trials) = (1, 0.05, 100)));
        Assert.Equal(one.Plan.Operations, again.Plan.Operations);
        Assert.Equal(one.Plan.Operations, alone.Plan.Operations);
        Assert.Equal((one.Gap, one.Plan.Solver), (again.Gap, again.Plan.Solver));
        Assert.StartsWith("tabu search and CP-SAT", one.Plan.Solver, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timed_run_tells_its_way_and_can_be_walked_again()
    {
        var (problem, start) = PlainOf(Busy(orders: 9), Quick());
        var answer = new PlainSolver(problem, Goal, Quick(), TimeProvider.System, () => new CpInProcess()).SolveTimed(start, 400, 2.Seconds, TestContext.Current.CancellationToken);
        Assert.Null(answer.Fault);
        Assert.Equal("start", answer.Incumbents[0].Source);
        double[] values = [.. answer.Incumbents.Select(i => PlainTabu.ValueOf(i.Score, Goal))];
        Assert.Equal(values.OrderDescending(), values);
        Assert.Equal(answer.Layout.Score, answer.Incumbents[^1].Score);
        Assert.True(answer.TardinessBound <= answer.Layout.Score.Tardiness);
        var replayed = PlainSolver.Replay(problem, Goal, start, Quick().Seed, answer.Steps, answer.Exchanges);
        Assert.Equal(answer.Layout.Score, replayed.Score);
    }

    [Fact]
    public void What_one_finds_the_other_takes_over()
    {
        var (problem, start) = PlainOf(Busy(orders: 9), Quick());
        // A tabu search that may take five steps, and CP-SAT with all its effort.
        var answer = new PlainSolver(problem, Goal, Quick(), TimeProvider.System, () => new CpInProcess()).SolveCounted(start, 5, 60.Seconds, TestContext.Current.CancellationToken);
        Assert.Null(answer.Fault);
        Assert.NotEmpty(answer.Exchanges);
        Assert.Contains(answer.Incumbents, i => i.Source == "cp-sat");
        Assert.True(answer.Layout.Score.Tardiness < start.Score.Tardiness);
    }

    [Fact]
    public void A_solver_that_breaks_leaves_what_the_tabu_search_finds()
    {
        var (problem, start) = PlainOf(Busy(orders: 9), Quick());
        var solver = new PlainSolver(problem, Goal, Quick(), TimeProvider.System, () => new Broken());
        foreach (var answer in new[] { solver.SolveCounted(start, 300, 60.Seconds, TestContext.Current.CancellationToken), solver.SolveTimed(start, 300, 60.Seconds, TestContext.Current.CancellationToken) })
        {
            Assert.IsType<CpEngineException>(answer.Fault);
            Assert.True(answer.Layout.Score.Tardiness < start.Score.Tardiness);
        }
    }

    [Fact]
    public async Task A_plan_that_is_cancelled_in_the_middle_ends_as_cancelled()
    {
        var (problem, start) = PlainOf(Busy(orders: 9), Quick());
        using var cancel = new CancellationTokenSource();
        var solver = new PlainSolver(problem, Goal, Quick(), TimeProvider.System, () => new Endless(cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => solver.SolveTimed(start, long.MaxValue / 2, TimeSpan.FromHours(1), cancel.Token)));
        using var another = new CancellationTokenSource();
        solver = new PlainSolver(problem, Goal, Quick(), TimeProvider.System, () => new Endless(another));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => solver.SolveCounted(start, long.MaxValue / 2, TimeSpan.FromHours(1), another.Token)));
    }

    [Fact]
    public void A_goal_says_what_it_is() => Assert.Contains("Stability = 10000", PlanGoal.Default.Calm().ToString(), StringComparison.Ordinal);

    /// <summary>More work than fits before the due dates, on three machines of which two can stand for each other.</summary>
    private static PlanRequest Busy(int orders)
    {
        var luck = new Luck(7);
        return Request(At(2, 8), [.. Enumerable.Range(0, orders).Select(k => Order($"A{k:00}", $"I{k % 3}", 1, At(2, 8), At(2 + luck.Next(3), 12 + luck.Next(5)), 1 + luck.Next(3),
            Work(10, (Mc1, TimeSpan.Zero, (90 + luck.Next(300)).Minutes), (Mc2, TimeSpan.Zero, (90 + luck.Next(340)).Minutes)),
            Work(20, (Hon, TimeSpan.Zero, (60 + luck.Next(200)).Minutes)),
            Work(30, (L1, TimeSpan.Zero, (60 + luck.Next(200)).Minutes))))]);
    }

    private static (PlanProblem Problem, Layout Start) PlainOf(PlanRequest request, PlanOptions options)
    {
        var layout = new FactoryLayout(FactoryBuilder.Build(request, options).Problem);
        var (_, plan, _) = FactorySearch.Start(layout, new FactoryDecoder(layout));
        var plain = PlainFactory.Of(layout, plan);
        Assert.NotNull(plain);
        return (plain.Problem, plain.Known(new Decoder(plain.Problem), layout, plan));
    }

    private sealed class Broken : ICpEngine
    {
        public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop) => throw new CpEngineException("it is gone");
        public void Dispose() { }
    }

    /// <summary>Is asked, has the plan cancelled, and answers only when it is told to stop.</summary>
    private sealed class Endless(CancellationTokenSource plan) : ICpEngine
    {
        public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop)
        {
            plan.Cancel();
            stop.WaitHandle.WaitOne();
            return new(CpSolverStatus.Unknown, [], double.NegativeInfinity);
        }

        public void Dispose() { }
    }
}
