using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>How long a finished lot really took, against what planning reckons with today.</summary>
/// <param name="Factor">Working time from its start to its finish, without pauses, over set-up and pieces as planned; above zero.</param>
public readonly record struct LotTime(MachineId Machine, double Factor, DateTimeOffset Finished);

/// <summary>Where the durations of an operation came from.</summary>
public enum RiskSource : byte
{
    /// <summary>Lots of the same machine.</summary>
    Machine,
    /// <summary>Lots of all machines, because its own are too few.</summary>
    Shop,
    /// <summary>No lots enough anywhere: the stated guess.</summary>
    Guess,
}

/// <summary>How sure an order is in a plan.</summary>
/// <param name="OnTime">Share of the runs in which it is not finished after its due date, 0 to 1.</param>
/// <param name="Error">Half the width of the 95 % interval of <paramref name="OnTime"/> that comes from the number of runs alone.</param>
/// <param name="Likely">Half of the runs are finished by then.</param>
/// <param name="Cautious">Nine tenths of the runs are finished by then.</param>
/// <param name="Slack">From the planned finish to the due date; below zero when it is planned late.</param>
/// <param name="Operations">Operations of it that are still to be worked.</param>
/// <param name="Measured">Of these, operations with durations measured on their own machine.</param>
public sealed record OrderRisk(OrderId Order, double OnTime, double Error, DateTimeOffset Likely, DateTimeOffset Cautious, TimeSpan Slack, int Operations, int Measured)
{
    /// <summary>Planned in time, and yet rather late than one time in five: it looks better than it is.</summary>
    public bool IsFragile => Slack >= TimeSpan.Zero && OnTime < PlanRisk.Sound;
}

/// <summary>What chance does to a plan that is worked as it stands.</summary>
/// <param name="Plan">Number of the plan.</param>
/// <param name="Window">From the first to the last finish of the lots that were measured; null when none was.</param>
/// <param name="Lots">Lots that were measured and used.</param>
/// <param name="Sources">Operations by where their durations came from.</param>
/// <param name="AllOnTime">Share of the runs in which every order that is planned in time is.</param>
public sealed record PlanRisk(int Plan, int Runs, int Seed, TimeRange? Window, int Lots, ImmutableSortedDictionary<RiskSource, int> Sources, double AllOnTime, ImmutableArray<OrderRisk> Orders)
{
    /// <summary>Name and version of the reckoning.</summary>
    public const string Model = "right-shift simulation 1";

    /// <summary>An order below is fragile.</summary>
    public const double Sound = 0.8;

    /// <summary>Fewer lots of a machine, or of the shop, say nothing about its spread.</summary>
    public const int EnoughLots = 8;

    public const int DefaultRuns = 1000, MostRuns = 20_000;

    /// <summary>The guess where nothing was measured: triangular, at the best 5 % faster, most often as planned, at the worst a quarter slower.</summary>
    public const double GuessLow = 0.95, GuessMode = 1, GuessHigh = 1.25;

    public bool IsFragile => Orders.Any(o => o.IsFragile);

    /// <summary>Nothing was measured: what is said rests on the guess alone.</summary>
    public bool IsGuess => Sources.Keys.All(s => s == RiskSource.Guess);

    /// <summary>
    /// Works <paramref name="plan"/> so often by chance: every operation keeps its machine, its order of work and never begins before its planned start;
    /// what comes later pushes what follows (right shift), through calendars, waits and timetables.
    /// </summary>
    /// <remarks>
    /// The same request, plan, lots, runs and seed give the same answer to the last digit. Not in it: breakdowns between lots, scrap, material that comes late, and people who
    /// would put the plan right meanwhile.
    /// </remarks>
    /// <param name="request">The facts: now, orders, calendars, down times, what happened so far.</param>
    /// <param name="lots">Finished lots; factors outside 0.2 to 5 are taken for wrong reports and left out.</param>
    /// <param name="runs">1 to <see cref="MostRuns"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="runs"/> lies outside.</exception>
    public static PlanRisk Of(PlanRequest request, PlanVersion plan, IEnumerable<LotTime> lots, int runs = DefaultRuns, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(lots);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runs, MostRuns);
        LotTime[] used = [.. lots.Where(l => l.Factor is >= 0.2 and <= 5).OrderBy(l => l.Finished).ThenBy(l => l.Machine).ThenBy(l => l.Factor)];
        var spread = new LotSpread(used);
        var net = new RiskNet(request, plan);
        var finishes = net.Run(spread, runs, new(seed));
        var orders = plan.Promises.Where(p => net.Knows(p.Order)).Select(p => Told(p, finishes[p.Order], plan, spread)).ToImmutableArray();
        var timely = plan.Promises.Where(p => !p.IsLate && net.Knows(p.Order)).ToArray();
        var all = Enumerable.Range(0, runs).Count(r => timely.All(p => finishes[p.Order][r] <= p.Due.UtcTicks));
        return new(plan.Number, runs, seed, used.Length > 0 ? new(used[0].Finished, used[^1].Finished) : null, used.Length,
            plan.Operations.GroupBy(o => spread.SourceOf(o.Machine)).ToImmutableSortedDictionary(g => g.Key, g => g.Count()), (double)all / runs, orders);
    }

    private static OrderRisk Told(OrderPromise promise, long[] finishes, PlanVersion plan, LotSpread spread)
    {
        var sorted = finishes.Order().ToArray();
        var share = (double)sorted.Count(f => f <= promise.Due.UtcTicks) / sorted.Length;
        var open = plan.Operations.Where(o => o.Order == promise.Order).ToArray();
        return new(promise.Order, share, Math.Round(Half(share, sorted.Length), 4), At(0.5), At(0.9), promise.Due - promise.Finish,
            open.Length, open.Count(o => spread.SourceOf(o.Machine) == RiskSource.Machine));

        DateTimeOffset At(double part) => new(sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(part * sorted.Length) - 1)], TimeSpan.Zero);
    }

    /// <summary>Wilson's interval, half its width: honest at 0 and 1 too.</summary>
    private static double Half(double share, int n)
    {
        const double z = 1.959964;
        return z / (1 + z * z / n) * Math.Sqrt(share * (1 - share) / n + z * z / (4.0 * n * n));
    }
}
