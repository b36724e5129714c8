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
    public void Under_payment_by_marginal_effect_neither_boasting_nor_holding_back_paid_over_all_seeds()
    {
        // Overpricing is not asserted: a search is no exact optimum, and ten times the weight of one company's own orders once
        // led it to better plans for all. What every lie gains is gained by all together, see Utility.
        var gain = new Dictionary<Lie, long>();
        for (var seed = 1; seed <= 3; seed++)
        {
            var instance = Town.Instance(seed, jobs: 6);
            var honest = Utility(instance, Lie.Honest, seed);
            foreach (var lie in Enum.GetValues<Lie>().Where(l => l is Lie.Boasts or Lie.HoldsBack))
                gain[lie] = gain.GetValueOrDefault(lie) + Utility(instance, lie, seed) - honest;
        }
        Assert.All(gain, g => Assert.True(g.Value <= 0, $"{g.Key} gained {g.Value}"));
    }

    /// <summary>What company 0 keeps. What the others cost without it is the same number in every case, so it is left at 0.</summary>
    private static long Utility(FedInstance instance, Lie lie, int seed)
    {
        var consortium = new Consortium(instance, 0, new(), seed, liar: 0, lie);
        var options = new AcrossOptions { Seed = seed, Rounds = 100, Chains = 2, Branches = 6, Limit = TimeSpan.FromDays(1) };
        new Negotiation(SharedBook.Of(instance), consortium.Lines, options, TimeProvider.System).Run(TestContext.Current.CancellationToken);
        var executed = consortium.Execute();
        Assert.Empty(FedChecker.Check(instance, executed));
        var account = Settlement.Of(instance, executed, new long[instance.Companies.Length])[0];
        Assert.Equal(-FedChecker.Objective(instance, executed).Value, account.Utility);
        return account.Utility;
    }
}
