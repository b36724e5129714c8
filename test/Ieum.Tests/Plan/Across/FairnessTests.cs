using System.Numerics;
using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>Sharing what is gained, and why lying does not pay.</summary>
public sealed class FairnessTests
{
    [Fact]
    public void Shapley_shares_of_the_glove_game_are_two_thirds_and_two_sixths()
    {
        // One left glove, two right ones; a pair is worth 1. By hand: the left one decides in 4 of 6 orders.
        var shares = Shapley.Of(3, s => (s & 1) == 1 && (s & 6) != 0 ? 1 : 0);
        Assert.Equal(4 / 6.0, shares[0], 12);
        Assert.Equal(1 / 6.0, shares[1], 12);
        Assert.Equal(1 / 6.0, shares[2], 12);
    }

    [Fact]
    public void Shapley_shares_add_up_treat_equals_alike_and_give_nothing_to_those_who_add_nothing()
    {
        // Worth: the square of the number of companies, without the last, who adds nothing.
        var shares = Shapley.Of(7, s => Math.Pow(BitOperations.PopCount(s & 63), 2));
        Assert.Equal(36, shares.Sum(), 9);
        Assert.Equal(0, shares[6], 12);
        Assert.All(shares[..6], s => Assert.Equal(6, s, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shapley.Of(8, _ => 0));
    }

    [Fact]
    public void Under_payment_by_marginal_effect_with_importance_bought_no_lie_paid_over_all_seeds()
    {
        Dictionary<Lie, long> gain = [];
        for (var seed = 1; seed <= 3; seed++)
        {
            var instance = Town.Instance(seed, jobs: 6);
            var honest = Carried(instance, Lie.Honest, seed);
            Assert.All(honest, a => Assert.Equal(0, a.Fee + a.Share));
            foreach (var lie in Enum.GetValues<Lie>().Where(l => l != Lie.Honest))
            {
                var lying = Carried(instance, lie, seed);
                gain[lie] = gain.GetValueOrDefault(lie) + lying[0].Utility - honest[0].Utility;
            }
        }
        Assert.All(gain, g => Assert.True(g.Value <= 0, string.Join(", ", gain)));
    }

    [Fact]
    public void Importance_beyond_the_usual_is_bought_at_a_price_per_unit_and_the_others_share_it()
    {
        var instance = Town.Instance(1);
        var open = new OpenBook(instance);
        var rng = Rng.Of(1, 1);
        var executed = open.ToSchedule(open.Dispatch(0, ref rng));
        var free = instance.Orders.Max(o => o.Weight);
        var accounts = Settlement.Of(instance, executed, [0, 0, 0], [[free + 30, free + 24, free], [free, 2], [0, 1]]);
        var fee = (long)Math.Round(54 * Settlement.Price * instance.MeanTime);
        Assert.Equal([fee, 0, 0], accounts.Select(a => a.Fee));
        Assert.Equal([0, fee / 2, fee / 2], accounts.Select(a => a.Share));
        Assert.All(accounts, a => Assert.Equal(a.Transfer - a.OwnCost - a.Fee + a.Share, a.Utility));
    }

    /// <summary>What all companies keep when company 0 lies. What the others cost without one is the same number in every case, so it is left at 0.</summary>
    private static Account[] Carried(FedInstance instance, Lie lie, int seed)
    {
        var consortium = new Consortium(instance, 0, new(), seed, liar: 0, lie);
        var options = new AcrossOptions { Seed = seed, Rounds = 100, Chains = 2, Branches = 6, Rehearsals = 2000, RehearsalTries = 200, Limit = TimeSpan.FromDays(1) };
        new Negotiation(SharedBook.Of(instance), consortium.Lines, options, TimeProvider.System).Run(TestContext.Current.CancellationToken);
        var executed = consortium.Execute();
        Assert.Empty(FedChecker.Check(instance, executed));
        int[][] claimed = [.. Enumerable.Range(0, instance.Companies.Length).Select(c => Lies.Claimed(instance, c, c == 0 ? lie : Lie.Honest))];
        var accounts = Settlement.Of(instance, executed, new long[instance.Companies.Length], claimed);
        Assert.Equal(-FedChecker.Objective(instance, executed).Value, accounts[0].Utility + accounts[0].Fee);
        return accounts;
    }
}
