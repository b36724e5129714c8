using Ieum.Plan;
using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>Small shared shops for tests: random flexible job shops spread over a few companies.</summary>
internal static class Town
{
    public static JobShop Shop(int seed, int jobs = 6, int steps = 4, int machines = 6)
    {
        var rng = new Random(seed);
        var lines = new List<string> { $"{jobs} {machines}" };
        for (var j = 0; j < jobs; j++)
        {
            var line = $"{steps}";
            for (var k = 0; k < steps; k++)
            {
                var count = rng.Next(1, 3);
                var chosen = Enumerable.Range(0, machines).OrderBy(_ => rng.Next()).Take(count).ToArray();
                line += $" {count}" + string.Concat(chosen.Select(m => $" {m} {rng.Next(40, 160)}"));
            }
            lines.Add(line);
        }
        return JobShopFile.Parse($"town{seed}", string.Join('\n', lines));
    }

    public static FedInstance Instance(int seed = 1, int companies = 3, int jobs = 6) => FedGenerator.Make(Shop(seed, jobs), companies, seed);

    public static (Negotiation Negotiation, Consortium Consortium, Tap Tap) Plan(FedInstance instance, double padding = 0.25, int rounds = 150, int seed = 1, int rehearsals = 0, double handOver = 1,
        Func<ICompanyLine, int, ICompanyLine>? between = null)
    {
        var consortium = new Consortium(instance, padding, new(HandOver: handOver), seed);
        var tap = new Tap();
        var options = new AcrossOptions { Seed = seed, Rounds = rounds, Chains = 2, Branches = 6, Rehearsals = rehearsals, Limit = TimeSpan.FromDays(1) };
        ICompanyLine[] lines = [.. consortium.Lines.Select((l, c) => between?.Invoke(l, c) ?? l)];
        var negotiation = new Negotiation(SharedBook.Of(instance), lines, options, TimeProvider.System) { Overhear = tap.Hear };
        negotiation.Run(TestContext.Current.CancellationToken);
        return (negotiation, consortium, tap);
    }
}
