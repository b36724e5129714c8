namespace Ieum.Plan.Across;

/// <summary>What a plan, once carried out, was worth to one company.</summary>
/// <param name="OwnCost">Lateness of its own orders, weight × time.</param>
/// <param name="Transfer">What the others pay it (or it pays them, below 0).</param>
internal readonly record struct Account(int Company, long OwnCost, long Transfer)
{
    public long Utility => Transfer - OwnCost;
}

/// <summary>
/// Payment by marginal effect: after execution everybody is paid for how much better all others stand than without it (a Groves
/// payment). What a company keeps is then − (cost of all) + a number it has no influence on, so it gains by a lie only where the lie
/// makes the plan better for all together.
/// </summary>
internal static class Settlement
{
    /// <param name="executed">What really happened, by true times; not what was promised.</param>
    /// <param name="without">Per company, the cost of all others when it takes no part; from a plan made without it, so it cannot move it.</param>
    public static Account[] Of(FedInstance instance, FedSchedule executed, IReadOnlyList<long> without)
    {
        var all = FedChecker.Objective(instance, executed).Value;
        return [.. Enumerable.Range(0, instance.Companies.Length).Select(c =>
        {
            var own = OwnCost(instance, executed, c);
            return new Account(c, own, without[c] - (all - own));
        })];
    }

    public static long OwnCost(FedInstance instance, FedSchedule executed, int company) => executed.Private.Where(p => p.Company == company)
        .Sum(p => instance.Companies[company].Private[p.Index] is var o ? o.Weight * Math.Max(0, p.End - o.Due) : 0);
}
