using System.Collections.Immutable;

namespace Ieum.Plan.Across;

/// <summary>What one company knows: its machines and times for shared operations, and its own orders. Never leaves it.</summary>
/// <param name="Options">Per shared operation it can do: machine and time.</param>
internal sealed record CompanyBook(int Company, int Machines, ImmutableSortedDictionary<int, ImmutableArray<(int Machine, int Time)>> Options,
    ImmutableArray<PrivateOrder> Own)
{
    public static CompanyBook Of(FedInstance instance, int company)
    {
        var options = ImmutableSortedDictionary.CreateBuilder<int, ImmutableArray<(int, int)>>();
        var op = 0;
        foreach (var order in instance.Orders)
            foreach (var choices in order.Operations)
            {
                ImmutableArray<(int, int)> mine = [.. choices.Where(o => o.Company == company).Select(o => (o.Machine, o.Time))];
                if (mine.Length > 0) options[op] = mine;
                op++;
            }
        return new(company, instance.Companies[company].Machines.Length, options.ToImmutable(), instance.Companies[company].Private);
    }

    /// <summary>
    /// A copy with every time moved by a lasting random whole number in ±width/2. The company negotiates with this copy only, so
    /// no message, however asked, depends on the true times: what can be learned at best is time + number.
    /// </summary>
    /// <remarks>
    /// Each number alone is uniform, so any guess hits one in width + 1. Together the numbers of one machine are spread evenly over the
    /// range, and of two pieces of work that are likely neighbours in time one is moved up by as much as the other down, so that
    /// they cancel along any stretch of the machine's work. A draw in which one number happens to stand far too often, so that guessing
    /// it would open many times at once, is thrown away.
    /// </remarks>
    /// <param name="width">Range of the blur in units of time; 0 blurs nothing.</param>
    /// <param name="secret">Kept by the company, as the numbers are: fresh ones for every negotiation would average out.</param>
    public CompanyBook Blurred(int width, ulong secret, SharedBook orders)
    {
        if (width <= 0) return this;
        var rng = new Rng(secret);
        // Own orders count as −1 − index.
        int[][] machines = [.. Options.Select(o => (o.Value.MinBy(x => x.Time).Machine, Work: o.Key, When: orders.ExpectedAt(o.Key)))
            .Concat(Own.Select((p, i) => (p.Machine, Work: -1 - i, When: (p.Release + (double)p.Due) / 2)))
            .GroupBy(w => w.Machine).OrderBy(g => g.Key).Select(g => g.OrderBy(w => w.When).ThenBy(w => w.Work).Select(w => w.Work).ToArray())];
        int[] shift = new int[orders.Operations], ownShift = new int[Own.Length], next = new int[shift.Length], nextOwn = new int[ownShift.Length];
        var (often, fair) = (int.MaxValue, (Options.Count + width) / (width + 1) + 1);
        for (var i = 0; i < Draws && often > fair; i++)
        {
            Draw(machines, width, next, nextOwn, ref rng);
            var most = Options.Keys.CountBy(o => next[o]).Select(c => c.Value).DefaultIfEmpty().Max();
            if (most >= often) continue;
            often = most;
            next.CopyTo(shift, 0);
            nextOwn.CopyTo(ownShift, 0);
        }
        return this with
        {
            Options = Options.ToImmutableSortedDictionary(o => o.Key, o => o.Value.Select(x => (x.Machine, Math.Max(1, x.Time + shift[o.Key]))).ToImmutableArray()),
            Own = [.. Own.Select((p, i) => p with { Time = Math.Max(1, p.Time + ownShift[i]) })],
        };
    }

    private const int Draws = 64;

    private static void Draw(int[][] machines, int width, int[] shift, int[] ownShift, ref Rng rng)
    {
        foreach (var machine in machines)
        {
            var mine = machine.ToList();
            var (n, step) = (mine.Count, (width + 1.0) / mine.Count);
            if (n % 2 == 1)
            {
                var single = rng.Below(n);
                Set(mine[single], (n / 2 + rng.Unit()) * step);
                mine.RemoveAt(single);
            }
            int[] strata = [.. Enumerable.Range(0, n / 2)];
            rng.Shuffle<int>(strata);
            for (var i = 0; i < strata.Length; i++)
            {
                var up = (strata[i] + rng.Unit()) * step;
                var first = rng.Below(2);
                Set(mine[2 * i + first], up);
                Set(mine[2 * i + 1 - first], width + 1 - up);
            }
        }

        void Set(int of, double up)
        {
            var by = Math.Min(width, (int)up) - width / 2;
            if (of >= 0) shift[of] = by;
            else ownShift[-1 - of] = by;
        }
    }
}

/// <summary>What everybody knows: orders without times, who can do what, and the ways between companies.</summary>
/// <param name="First">First operation of each order; one entry more at the end.</param>
/// <param name="Origin">Company where each order's part lies at its release; −1 for none.</param>
/// <param name="Able">Per operation the companies that say they can do it.</param>
internal sealed record SharedBook(int Companies, int[] First, int[] Release, int[] Due, int[] Weight, int[][] Able, int[][] Transport, int[] Origin)
{
    public int Orders => Release.Length;
    public int Operations => First[^1];
    /// <summary>Per operation whether it begins an order; true also for the number behind the last.</summary>
    public bool[] IsFirst { get; } = Begins(First);

    /// <summary>When an operation would run, were its order's time from release to due shared out evenly.</summary>
    public double ExpectedAt(int op)
    {
        var j = Array.FindLastIndex(First, f => f <= op);
        return Release[j] + (Due[j] - Release[j]) * (op - First[j] + 0.5) / (First[j + 1] - First[j]);
    }

    private static bool[] Begins(int[] first)
    {
        var begins = new bool[first[^1] + 1];
        foreach (var o in first) begins[o] = true;
        return begins;
    }

    public static SharedBook Of(FedInstance instance)
    {
        var first = new int[instance.Orders.Length + 1];
        for (var j = 0; j < instance.Orders.Length; j++) first[j + 1] = first[j] + instance.Orders[j].Operations.Length;
        return new(instance.Companies.Length, first,
            [.. instance.Orders.Select(o => o.Release)], [.. instance.Orders.Select(o => o.Due)], [.. instance.Orders.Select(o => o.Weight)],
            [.. instance.Orders.SelectMany(o => o.Operations).Select(o => o.Select(x => x.Company).Distinct().Order().ToArray())],
            [.. instance.Transport.Select(r => r.ToArray())], [.. instance.Orders.Select(o => o.Origin)]);
    }
}
