using Ieum.Model;
using Ieum.Node.Town;

namespace Ieum.House.Tests.Town;

public sealed class TownLegsTests
{
    private static readonly TownScenario Scenario = TownScenario.BuiltIn();

    [Fact]
    public void Solbaram_has_four_bodies_four_spools_and_its_own_jobs_of_half_a_shift()
    {
        var orders = TownLegs.OrdersOf(Scenario, "B");
        Assert.Equal(4, orders.Count(o => o.Id.Value.EndsWith("BODY", StringComparison.Ordinal)));
        Assert.Equal(4, orders.Count(o => o.Id.Value.EndsWith("SPOOL", StringComparison.Ordinal)));
        Assert.Equal(3 + 8 + 4 + 10 + 2, orders.Count(o => o.IsPrivate));   // MC1 11 h; MC2 30, 16 and 40 h; L1 10 h, in jobs of about 4 h
    }

    [Fact]
    public void A_body_is_machined_on_one_of_our_two_mills_then_honed()
    {
        var body = TownLegs.OrdersOf(Scenario, "B").Single(o => o.Id.Value == "PO-2611-031-1-BODY");
        var machining = (RoutingStep.Work)body.Routing.Steps[0];
        var honing = (RoutingStep.Work)body.Routing.Steps[1];
        Assert.Equal(["B-MC1", "B-MC2"], machining.Options.Select(o => o.Machine.Value));   // Kobe's machine is not ours
        Assert.Equal(17.Hours, machining.Options[0].For(body.Quantity));                    // 1.5 h + 60 × 15.5 min
        Assert.Equal(TimeSpan.FromHours(2.5), honing.Options[0].For(body.Quantity));        // 0.5 h + 60 × 2 min
        Assert.Equal(new DateTimeOffset(2026, 11, 9, 9, 0, 0, 9.Hours), body.Release);
        Assert.Equal(new DateTimeOffset(2026, 11, 11, 16, 0, 0, 9.Hours), body.Due);        // honed Wednesday 10:30, truck 16:00
    }

    [Fact]
    public void Private_work_takes_the_hours_the_scenario_states()
    {
        foreach (var load in TownLegs.OrdersOf(Scenario, "B").Where(o => o.IsPrivate).GroupBy(o => o.Item))
        {
            var machine = ((RoutingStep.Work)load.First().Routing.Steps[0]).Options[0].Machine.Value;
            var stated = Scenario.PrivateLoad[machine].Single(l => l.From == load.First().Release).Work;
            Assert.Equal(stated.TotalSeconds, load.Sum(o => ((RoutingStep.Work)o.Routing.Steps[0]).Options[0].For(o.Quantity).TotalSeconds), 3);
        }
    }

    [Fact]
    public void Every_machine_of_the_company_stands_in_its_hierarchy()
    {
        var company = TownLegs.CompanyOf(Scenario, "B");
        Assert.Equal(["B-HON", "B-L1", "B-MC1", "B-MC2"], company.Machines.Select(m => m.Id.Value).Order());
        Assert.Equal("B/Sihwa/hall-1/milling/B-MC1", company.PathOf(new("B-MC1")));
    }
}
