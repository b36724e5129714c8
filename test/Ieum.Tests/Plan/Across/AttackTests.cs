using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>Attackers on what is no time: they must find what can be found, or their figures would comfort falsely.</summary>
public sealed class AttackTests
{
    [Fact]
    public void Prices_that_lie_on_a_line_are_foretold_and_those_of_another_operation_or_by_lot_are_not()
    {
        var rng = Rng.Of(1, 1);
        List<Overheard> log = [];
        // Company 0 charges 3 per unit after 100; company 1 by lot.
        for (var i = 0; i < 40; i++)
        {
            var arrival = 100 + rng.Below(400);
            log.Add(Said(0, arrival, 3 * (arrival + 10 - 100)));
            log.Add(Said(1, arrival, 1 + rng.Below(100_000)));
        }
        var line = PriceAttack.ByCoordinator([.. log.Where(o => o.Company == 0)]);
        var lot = PriceAttack.ByCoordinator([.. log.Where(o => o.Company == 1)]);
        Assert.Equal(39, line.Offers);
        Assert.True(line.Exact > 0.9 && line.Near >= line.Exact && line.Near > line.Base, $"{line}");
        Assert.True(lot.Exact < 0.1 && lot.Near < 0.3, $"{lot}");
        Assert.Equal(0, PriceAttack.ByCoordinator([Said(0, 10, 5)]).Offers);
    }

    private static Overheard Said(int company, long arrival, long price) =>
        new(company, new Request { Menus = [new(1, null, 7, [arrival])] }, new Reply { Menus = [[1, arrival + 10, price]] });
}
