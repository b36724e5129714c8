using Ieum.Plan;

namespace Ieum.Tests.Plan;

/// <summary>Both checkers agree with the planner on whatever a factory may state: first plan, next plan with a frozen zone, repair with locks.</summary>
public sealed class FactoryRequestFuzzTests
{
    internal static (int Planned, int Operations) Fuzz(int first, int count)
    {
        var planner = Shop.Planner(Shop.Quick(o => o.SkipSetUpOnSameItem = first % 2 == 0));
        var (planned, operations) = (0, 0);
        for (var seed = first; seed < first + count; seed++)
        {
            var request = RandomFactoryRequests.Make(seed);
            if (Plan(planner, request, $"seed {seed}") is not { } one) continue;
            planned++;
            operations += one.Plan.Operations.Length;
            var random = new Random(seed);
            var later = request with { Now = request.Now.AddMinutes(random.Next(200)), Parent = one.Plan, FrozenUntil = request.Now.AddHours(10), Goal = request.Goal with { Stability = 500 } };
            Plan(planner, later, $"seed {seed}, frozen");
            if (one.Plan.Operations.IsEmpty) continue;
            var dragged = one.Plan.Operations[random.Next(one.Plan.Operations.Length)];
            var repaired = Plan(planner, later with { FrozenUntil = null, KeepSequence = true, Locks = [new(dragged.Operation, random.Next(2) == 0 ? dragged.Machine : null, dragged.Start.AddMinutes(random.Next(-600, 3000)))] }, $"seed {seed}, repair");
            Assert.NotNull(repaired);
        }
        return (planned, operations);
    }

    private static PlanOutcome.Planned? Plan(IPlanner planner, PlanRequest request, string what)
    {
        var outcome = planner.PlanAsync(request, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        // A refusal of a checker would show as Impossible; that an order cannot be planned at all is no fault of the planner.
        if (outcome is not PlanOutcome.Impossible i) return Assert.IsType<PlanOutcome.Planned>(outcome);
        Assert.True(i.Conflicts.All(c => c.Rule is PlanRules.MaterialMissing or PlanRules.NoMachine or PlanRules.BeyondHorizon), $"{what}: {string.Join("\n", i.Conflicts)}");
        return null;
    }

    [Fact]
    public void Sixty_random_requests_pass_both_checkers_and_can_be_repaired()
    {
        var (planned, operations) = Fuzz(1, 60);
        Assert.True(planned >= 55, $"only {planned} of 60 were planned");
        Assert.True(operations > 250, $"only {operations} operations");
    }

    /// <summary>The nightly amount; IEUM_FUZZ names the number of requests, IEUM_FUZZ_FROM the first seed.</summary>
    [Fact(Explicit = true)]
    public void Many_random_requests() =>
        Assert.True(Fuzz(int.TryParse(Environment.GetEnvironmentVariable("IEUM_FUZZ_FROM"), out var f) ? f : 1_000_000, int.TryParse(Environment.GetEnvironmentVariable("IEUM_FUZZ"), out var n) ? n : 10_000).Planned > 0);
}
