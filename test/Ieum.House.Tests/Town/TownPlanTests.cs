using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Town;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Town;

public sealed class TownPlanTests
{
    [Fact]
    public async Task Solbaram_can_do_all_its_legs_and_its_own_work_in_time()
    {
        var scenario = TownScenario.BuiltIn();
        var calendar = scenario.CalendarOf("B");
        var machines = TownLegs.CompanyOf(scenario, "B").Machines.Select(m => m.Id);
        var request = new PlanRequest(scenario.Start, TownLegs.OrdersOf(scenario, "B"),
            machines.ToImmutableDictionary(m => m, _ => calendar), [], [], [], null, "first");

        await using var services = new ServiceCollection().AddLogging().AddSingleton(Clocks.Real).AddPlan().BuildServiceProvider();
        var outcome = await services.GetRequiredService<IPlanner>().PlanAsync(request, TestContext.Current.CancellationToken);

        var planned = Assert.IsType<PlanOutcome.Planned>(outcome);
        Assert.True(planned.Plan.Verified);
        Assert.Empty(planned.Plan.Late);                     // the baseline shows that it can be done: private work first, then lot by lot
        Assert.Equal(39, planned.Plan.Operations.Length);    // 4 bodies × 2 steps + 4 spools + 27 private jobs
    }
}
