using Ieum.Model;
using Ieum.Node.Town;

namespace Ieum.House.Tests.Town;

public sealed class TownBaselineTests
{
    private static readonly TownScenario Scenario = TownScenario.BuiltIn();
    private static readonly IReadOnlyList<TownStay> Baseline = TownBaseline.Of(Scenario);

    [Fact]
    public void The_four_lots_pass_their_test_at_the_dates_the_scenario_states()
    {
        var tested = Baseline.Where(s => s.Machine == "P-TEST").OrderBy(s => s.Lot).Select(s => s.End);
        Assert.Equal(Scenario.ExpectedTests["S0"], tested);
    }

    [Fact]
    public void Bodies_reach_the_machine_shop_two_by_two_from_the_furnace()
    {
        // Lots 1 and 2 leave the furnace Thursday 18:00, after the truck's cut-off: Friday's truck, Monday 09:00.
        var arrivals = Baseline.Where(s => s.Machine == "B-MC1").OrderBy(s => s.Lot).Select(s => s.Arrival);
        Assert.Equal([At(9), At(9), At(10), At(10)], arrivals);
        static DateTimeOffset At(int day) => new(2026, 11, day, 9, 0, 0, 9.Hours);
    }

    [Fact]
    public void Nothing_is_worked_on_before_it_arrives_or_twice_at_once()
    {
        Assert.All(Baseline, s => Assert.True(s.Start >= s.Arrival && s.End > s.Start, s.ToString()));
        foreach (var machine in Baseline.GroupBy(s => s.Machine))
        {
            var stays = machine.Select(s => new TimeRange(s.Start, s.End)).Distinct().OrderBy(r => r.From).ToList();
            for (var i = 1; i < stays.Count; i++) Assert.True(stays[i].From >= stays[i - 1].To, $"{machine.Key}: {stays[i - 1]} {stays[i]}");
        }
    }

    [Theory]
    [InlineData("""{"name":"x"}""")]
    [InlineData("not json")]
    [InlineData("""{"name":1,"start":"yesterday"}""")]
    public void A_file_of_another_form_is_refused_with_its_place(string json)
    {
        var refusal = Assert.Throws<TownScenarioException>(() => TownScenario.Parse(json, "'my-town.json'"));
        Assert.Equal("town-scenario-form", refusal.Rule);
        Assert.Contains("my-town.json", refusal.Message, StringComparison.Ordinal);
    }
}
