using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ieum.Plan;

/// <summary>Solves job shop instances in the file formats of the literature; the door behind <c>ieum plan solve</c>.</summary>
public static class StandardFiles
{
    /// <summary>Reads, solves and checks one file.</summary>
    /// <param name="seconds">Wall-clock limit of the search, 0.1 to 86,400; not used when <paramref name="iterations"/> is set.</param>
    /// <param name="threads">1 to 64.</param>
    /// <param name="iterations">Steps of the search, 1 and up; the same seed then gives the same schedule on every machine.</param>
    /// <param name="cancel">Ends the search early; the best schedule so far is the answer.</param>
    /// <exception cref="JobShopFileException">The file is not there, or breaks its format.</exception>
    public static async Task<StandardAnswer> SolveAsync(string path, double seconds, int threads, int seed, long? iterations, TimeProvider clock, CancellationToken cancel)
    {
        var shop = JobShopFile.Read(path);
        var solution = await Task.Run(() => new ShopSolver(clock).Solve(shop, new(seconds, threads, seed, iterations), cancel), CancellationToken.None);
        return new(shop, solution, seed, ShopScheduleCheck.Faults(shop, solution.Schedule));
    }
}

/// <summary>A solved and checked instance.</summary>
public sealed class StandardAnswer
{
    private readonly JobShop _shop;
    private readonly ShopSolution _solution;
    private readonly int _seed;

    internal StandardAnswer(JobShop shop, ShopSolution solution, int seed, IReadOnlyList<string> faults) =>
        (_shop, _solution, _seed, Faults) = (shop, solution, seed, faults);

    /// <summary>What the independent check found wrong; empty unless the solver has a fault.</summary>
    public IReadOnlyList<string> Faults { get; }
    public bool Verified => Faults.Count == 0;
    public long Makespan => _solution.Schedule.Makespan;
    public long Bound => _solution.Bound;
    /// <summary>(makespan − bound) / bound.</summary>
    public double Gap => _solution.Gap;
    public double Seconds => _solution.Seconds;
    public string Instance => _shop.Name;
    public int Jobs => _shop.Jobs;
    public int Operations => _shop.Operations.Length;
    public int Machines => _shop.Machines;

    /// <summary>One document; jobs, operations and machines count from 0 in file order; times are those of the file.</summary>
    /// <remarks>In assembly files a job is what arcs hold together, and <c>node</c> is the operation's number in the file.</remarks>
    public string ToJson()
    {
        var schedule = new JsonArray();
        for (var i = 0; i < _solution.Schedule.Slots.Length; i++)
        {
            var (slot, operation) = (_solution.Schedule.Slots[i], _shop.Operations[i]);
            var row = new JsonObject { ["job"] = operation.Job, ["operation"] = operation.Number, ["machine"] = slot.Machine, ["start"] = slot.Start, ["end"] = slot.End };
            if (_shop.Kind == JobShopKind.FlexibleAssembly) row["node"] = i;
            schedule.Add((JsonNode)row);
        }
        return new JsonObject
        {
            ["instance"] = Instance,
            ["objective"] = "makespan",
            ["makespan"] = Makespan,
            ["bound"] = Bound,
            ["gap"] = Gap,
            ["seconds"] = Math.Round(Seconds, 3),
            ["verified"] = Verified,
            ["seed"] = _seed,
            ["schedule"] = schedule,
        }.ToJsonString(JsonSerializerOptions.Web);
    }
}
