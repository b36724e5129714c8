using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ieum.Plan.Across;

/// <summary>A company of an instance, counted: what a picture of it needs, and how much of it nobody else may learn.</summary>
/// <param name="Times">Pairs of shared operation and machine for which only this company knows how long it takes.</param>
/// <param name="Own">Orders of its own customers.</param>
public sealed record TownCompany(string Id, int Machines, int Times, int Own);

/// <summary>A shared order; times in the instance's unit.</summary>
/// <param name="Release">Its first step cannot start before.</param>
/// <param name="Due">Promised to the customer.</param>
public sealed record TownOrder(string Id, int Release, int Due, int Steps);

/// <summary>An instance as a picture: companies, ways between them, orders.</summary>
/// <param name="Json">The instance in the documented format, to be planned from.</param>
/// <param name="Transport">Time from company to company, as in the instance.</param>
public sealed record AcrossTown(string Name, string Json, ImmutableArray<TownCompany> Companies, ImmutableArray<TownOrder> Orders, ImmutableArray<ImmutableArray<int>> Transport)
{
    /// <summary>A larger instance does not fit the minute that a run takes.</summary>
    public const int MostOperations = 400;

    public int Operations => Orders.Sum(o => o.Steps);

    /// <summary>A made-up town: orders of 3 to 6 steps, two machines to three companies' worth of choice; the same numbers give the same town.</summary>
    /// <param name="orders">2 to 60.</param>
    /// <param name="companies">2 to 12.</param>
    /// <param name="seed">0 and up.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static AcrossTown Make(int orders, int companies, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(orders, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(orders, 60);
        ArgumentOutOfRangeException.ThrowIfLessThan(companies, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(companies, 12);
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        var rng = Rng.Of(seed, 11);
        var machines = companies * 2 + rng.Below(companies);
        var file = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{orders} {machines}\n");
        for (var j = 0; j < orders; j++)
        {
            var steps = 3 + rng.Below(4);
            file.Append(CultureInfo.InvariantCulture, $"{steps}");
            for (var k = 0; k < steps; k++)
            {
                int[] able = [.. Enumerable.Range(0, machines)];
                rng.Shuffle<int>(able);
                var count = 1 + rng.Below(3);
                file.Append(CultureInfo.InvariantCulture, $" {count}");
                for (var m = 0; m < count; m++) file.Append(CultureInfo.InvariantCulture, $" {able[m]} {40 + rng.Below(120)}");
            }
            file.Append('\n');
        }
        return Of(FedGenerator.Make(JobShopFile.Parse(string.Create(CultureInfo.InvariantCulture, $"town{orders}"), file.ToString()), companies, seed));
    }

    /// <summary>Reads an instance (.json) or a flexible job shop, which is spread over companies first.</summary>
    /// <param name="name">File name; decides which of both it is.</param>
    /// <exception cref="AcrossException">The text is refused.</exception>
    /// <exception cref="JobShopFileException">The text is no job shop.</exception>
    public static AcrossTown Read(string name, string text, int companies, int seed)
    {
        var instance = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FedJson.Read(text, name) : FedGenerator.Make(JobShopFile.Parse(name, text), companies, seed);
        if (instance.OperationCount > MostOperations)
            throw new AcrossException(AcrossRules.OutOfRange, $"'{name}' has {instance.OperationCount} shared operations; up to {MostOperations} are possible here, larger ones by 'ieum plan across'.");
        return Of(instance);
    }

    private static AcrossTown Of(FedInstance i) => new(i.Name, FedJson.Write(i),
        [.. i.Companies.Select((c, n) => new TownCompany(c.Id, c.Machines.Length, i.Orders.Sum(o => o.Operations.Sum(x => x.Count(y => y.Company == n))), c.Private.Length))],
        [.. i.Orders.Select(o => new TownOrder(o.Id, o.Release, o.Due, o.Operations.Length))], i.Transport);
}
