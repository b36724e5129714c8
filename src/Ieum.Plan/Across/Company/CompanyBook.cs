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
    /// range (stratified), so that they cancel along the machine and its whole load is nearly right.
    /// </remarks>
    /// <param name="width">Range of the blur in units of time; 0 blurs nothing.</param>
    /// <param name="secret">Kept by the company, as the numbers are: fresh ones for every negotiation would average out.</param>
    public CompanyBook Blurred(int width, ulong secret)
    {
        if (width <= 0) return this;
        var rng = new Rng(secret);
        var shift = new Dictionary<int, int>();
        foreach (var machine in Options.GroupBy(o => o.Value.MinBy(x => x.Time).Machine).OrderBy(g => g.Key))
        {
            int[] mine = [.. machine.Select(o => o.Key)];
            rng.Shuffle<int>(mine);
            for (var i = 0; i < mine.Length; i++) shift[mine[i]] = (int)((i + rng.Unit()) * (width + 1) / mine.Length) - width / 2;
        }
        int[] own = [.. Enumerable.Range(0, Own.Length)];
        rng.Shuffle<int>(own);
        var ownShift = own.Select(i => (int)((i + rng.Unit()) * (width + 1) / own.Length) - width / 2).ToArray();
        return this with
        {
            Options = Options.ToImmutableSortedDictionary(o => o.Key, o => o.Value.Select(x => (x.Machine, Math.Max(1, x.Time + shift[o.Key]))).ToImmutableArray()),
            Own = [.. Own.Select((p, i) => p with { Time = Math.Max(1, p.Time + ownShift[i]) })],
        };
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
