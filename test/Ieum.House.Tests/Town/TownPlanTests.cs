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

    [Fact]
    public async Task Hangyeol_hardens_two_lots_in_one_load()
    {
        var scenario = TownScenario.BuiltIn();
        var config = Ieum.Node.Store.Config.ConfigFile.Parse("C", TownNodeConfig.Write(scenario, "C", [], 0));
        Assert.All(config.Planning.Machines, m => Assert.Equal(2, m.BatchCapacity));
        // All four lots there at once: two loads one after the other.
        var orders = config.Orders.Where(o => o.Item.Value.EndsWith("SPOOL", StringComparison.Ordinal) && !o.IsPrivate)
            .Select(o => new Order(o.Id, o.Routing, o.Quantity, scenario.Start, o.Due, o.Weight)).ToImmutableArray();
        var request = new PlanRequest(scenario.Start, orders, config.Company.Machines.ToImmutableDictionary(m => m.Id, m => config.CalendarOf(m.Id)), [], [], [], null, "first") { Factory = config.Planning };

        await using var services = new ServiceCollection().AddLogging().AddSingleton(Clocks.Real).AddPlan(o => o.SolveLimit = TimeSpan.Zero).BuildServiceProvider();
        var plan = Assert.IsType<PlanOutcome.Planned>(await services.GetRequiredService<IPlanner>().PlanAsync(request, TestContext.Current.CancellationToken)).Plan;
        var furnace = plan.On(new("C-FUR2")).ToArray();
        Assert.Equal(4, furnace.Length);
        Assert.Equal(2, furnace.DistinctBy(o => o.Start).Count());
        Assert.Equal(TimeSpan.FromHours(15), furnace.Max(o => o.End) - furnace.Min(o => o.Start));
    }
}
