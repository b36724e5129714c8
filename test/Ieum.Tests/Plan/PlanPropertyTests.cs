using CsCheck;
using Ieum.Plan;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Plan;

public sealed class PlanPropertyTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public void Every_random_shop_gets_a_plan_that_the_checker_accepts(bool skipSetUp)
    {
        var options = Shop.Quick(o => (o.SkipSetUpOnSameItem, o.Effort, o.Trials) = (skipSetUp, 0.2, 100));
        RandomShop.Requests(mostOrders: 6, mostSteps: 4).Sample(request =>
        {
            var outcome = Shop.Planner(options).PlanAsync(request, CancellationToken.None).GetAwaiter().GetResult();
            // Every machine works every week, so there is always a plan; a refusal of the checker would show as Impossible.
            if (outcome is PlanOutcome.Impossible i) Assert.Fail(string.Join("\n", i.Conflicts));
            var planned = Assert.IsType<PlanOutcome.Planned>(outcome);
            Assert.Equal(request.Orders.Length, planned.Plan.Promises.Length);
            Assert.InRange(planned.Gap, 0, 1);
            Assert.DoesNotContain("failed", planned.Plan.Solver, StringComparison.Ordinal);
        }, iter: 40, threads: 1);
    }

    [Fact]
    public void The_solver_never_makes_a_plan_worse_and_never_claims_a_bound_that_a_plan_beats()
    {
        var options = Shop.Quick(o => (o.Effort, o.Trials) = (0.3, 0));
        RandomShop.Requests(mostOrders: 6, mostSteps: 3).Sample(request =>
        {
            var (decoder, heuristic) = PlainOf(request, options);
            if (decoder.Problem.Tasks.IsEmpty) return;
            var result = new CpImprover(decoder, options, options.SolveLimit, new FakeTimeProvider(), new CpInProcess()).Improve(heuristic, CancellationToken.None);
            Assert.False(heuristic.Score.IsBetterThan(result.Layout.Score));
            Assert.True(result.TardinessBound <= result.Layout.Score.Tardiness);
            if (result.TardinessBound == result.Layout.Score.Tardiness) Assert.True(result.MakespanBound <= result.Layout.Score.Makespan);
        }, threads: 1);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void On_tiny_shops_the_plan_is_as_good_as_the_best_of_all_sequences(bool skipSetUp)
    {
        var options = Shop.Quick(o => (o.SkipSetUpOnSameItem, o.Trials, o.Effort) = (skipSetUp, 0, 5));
        RandomShop.Requests(mostOrders: 3, mostSteps: 2).Where(r => r.Orders.Sum(o => o.Routing.Steps.Length) <= 5).Sample(request =>
        {
            var (decoder, heuristic) = PlainOf(request, options);
            if (decoder.Problem.Tasks.IsEmpty) return;
            // Every schedule without needless idling is the decoding of some sequence with some machines.
            var best = Everything(decoder).Min(s => (s.Tardiness, s.Makespan));
            var result = new CpImprover(decoder, options, options.SolveLimit, new FakeTimeProvider(), new CpInProcess()).Improve(heuristic, CancellationToken.None);
            Assert.Equal(best, (result.Layout.Score.Tardiness, result.Layout.Score.Makespan));
            Assert.Equal(best.Tardiness, result.TardinessBound);
            Assert.Equal(best.Makespan, result.MakespanBound);
        }, threads: 1);
    }

    /// <summary>The request as CP-SAT's model takes it, with the schedule of the dispatching rules; random shops have nothing that it does not know.</summary>
    private static (Decoder, Layout) PlainOf(PlanRequest request, PlanOptions options)
    {
        var layout = new FactoryLayout(FactoryBuilder.Build(request, options).Problem);
        var (_, plan, _) = FactorySearch.Start(layout, new FactoryDecoder(layout));
        var plain = PlainFactory.Of(layout, plan);
        Assert.NotNull(plain);
        var decoder = new Decoder(plain.Problem);
        return (decoder, plain.Known(decoder, layout, plan));
    }

    private static IEnumerable<Score> Everything(Decoder decoder)
    {
        var p = decoder.Problem;
        var left = p.Jobs.Select(j => Enumerable.Range(j.First, j.Count).Count(t => !p.Tasks[t].IsHeld)).ToArray();
        foreach (var options in Choices(p, new int[p.Tasks.Length], 0).ToArray())
            foreach (var jobs in Orders(left, []))
                yield return decoder.Decode(new([.. jobs], options)).Score;
    }

    private static IEnumerable<int[]> Choices(PlanProblem p, int[] chosen, int task)
    {
        if (task == p.Tasks.Length) { yield return [.. chosen]; yield break; }
        for (var o = 0; o < p.Tasks[task].Options.Length; o++)
        {
            chosen[task] = o;
            foreach (var rest in Choices(p, chosen, task + 1)) yield return rest;
        }
    }

    private static IEnumerable<List<int>> Orders(int[] left, List<int> so)
    {
        if (left.All(l => l == 0)) { yield return [.. so]; yield break; }
        for (var j = 0; j < left.Length; j++)
        {
            if (left[j] == 0) continue;
            left[j]--;
            so.Add(j);
            foreach (var rest in Orders(left, so)) yield return rest;
            so.RemoveAt(so.Count - 1);
            left[j]++;
        }
    }
}
