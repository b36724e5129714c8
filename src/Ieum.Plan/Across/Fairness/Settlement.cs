namespace Ieum.Plan.Across;

/// <summary>What a plan, once carried out, was worth to one company.</summary>
/// <param name="OwnCost">Lateness of its own orders, weight × time.</param>
/// <param name="Transfer">What the others pay it (or it pays them, below 0).</param>
/// <param name="Fee">What it pays for having called its own orders more important than is usual; 0 for most.</param>
/// <param name="Share">Its share of the others' fees.</param>
internal readonly record struct Account(int Company, long OwnCost, long Transfer, long Fee, long Share)
{
    public long Utility => Transfer - OwnCost - Fee + Share;
}

/// <summary>
/// Payment by marginal effect: after execution everybody is paid for how much better all others stand than without it (a Groves
/// payment). What a company keeps is then − (cost of all) + a number it has no influence on, so it gains by a lie only where the lie
/// makes the plan better for all together. No search finds the best plan always, so by luck a lie may do that; boasted importance is the one that
/// nobody can check afterwards, so beyond what is usual it has to be bought.
/// </summary>
/// <remarks>
/// Free is what counts no more than the most important shared order, whose weights all know and no company sets. So an honest company whose
/// customers are like those of the others pays nothing and saves nothing by claiming less. Fees go to the others in equal shares.
/// </remarks>
internal static class Settlement
{
    /// <summary>Price of a unit of weight beyond what is free, per own order, in mean times of the instance.</summary>
    public const double Price = 0.1;

    /// <param name="executed">What really happened, by true times; not what was promised.</param>
    /// <param name="without">Per company, the cost of all others when it takes no part; from a plan made without it, so it cannot move it.</param>
    /// <param name="claimed">Per company the weights of its own orders as it told them, see <see cref="CompanyBook.Own"/>.</param>
    public static Account[] Of(FedInstance instance, FedSchedule executed, IReadOnlyList<long> without, IReadOnlyList<int[]> claimed)
    {
        var all = FedChecker.Objective(instance, executed).Value;
        var companies = instance.Companies.Length;
        var fees = Enumerable.Range(0, companies).Select(c => Fee(instance, claimed[c])).ToArray();
        return [.. Enumerable.Range(0, companies).Select(c =>
        {
            var own = OwnCost(instance, executed, c);
            return new Account(c, own, without[c] - (all - own), fees[c], (fees.Sum() - fees[c]) / Math.Max(1, companies - 1));
        })];
    }

    private static long Fee(FedInstance instance, int[] claimed) =>
        (long)Math.Round(claimed.Sum(w => Math.Max(0, w - instance.Orders.Max(o => o.Weight))) * Price * instance.MeanTime);

    public static long OwnCost(FedInstance instance, FedSchedule executed, int company) => executed.Private.Where(p => p.Company == company)
        .Sum(p => instance.Companies[company].Private[p.Index] is var o ? o.Weight * Math.Max(0, p.End - o.Due) : 0);
}
