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
    /// <param name="width">Range of the blur in units of time; 0 blurs nothing.</param>
    /// <param name="secret">Kept by the company; the same for every negotiation, or repeated asking would average the blur out.</param>
    public CompanyBook Blurred(int width, ulong secret)
    {
        if (width <= 0) return this;
        return this with
        {
            Options = Options.ToImmutableSortedDictionary(o => o.Key, o => o.Value.Select(x => (x.Machine, Move(x.Time, (uint)o.Key))).ToImmutableArray()),
            Own = [.. Own.Select((p, i) => p with { Time = Move(p.Time, 0x8000_0000u + (uint)i) })],
        };

        int Move(int time, uint what) => Math.Max(1, time + new Rng(secret ^ (0x1_0000_0001UL * (what + 1))).Below(width + 1) - width / 2);
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
