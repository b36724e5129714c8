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
    /// <param name="program">The program that runs CP-SAT apart; null runs it in this process.</param>
    /// <param name="cancel">Ends the search early; the best schedule so far is the answer.</param>
    /// <exception cref="JobShopFileException">The file is not there, or breaks its format.</exception>
    public static async Task<StandardAnswer> SolveAsync(string path, double seconds, int threads, int seed, long? iterations, SolverProgram? program, TimeProvider clock, CancellationToken cancel)
    {
        var shop = JobShopFile.Read(path);
        var solution = await Task.Run(() => new ShopSolver(clock, program is null ? () => new CpInProcess() : () => new CpProcess(program)).Solve(shop, new(seconds, threads, seed, iterations), cancel), CancellationToken.None);
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
    /// <summary>Why CP-SAT could not help, in words; the schedule is then the tabu search's alone.</summary>
    public IReadOnlyList<string> SolverFaults => _solution.Faults;
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

    /// <summary>What a replay needs: every incumbent with its time and finder, and every schedule that the tabu search took over from CP-SAT.</summary>
    public string LogJson() => JsonSerializer.Serialize(new
    {
        instance = Instance,
        seed = _seed,
        iterations = _solution.Iterations,
        makespan = Makespan,
        incumbents = _solution.Incumbents.Select(i => new { seconds = Math.Round(i.Seconds, 3), iteration = i.Iteration, makespan = i.Makespan, source = i.Source }),
        exchanges = _solution.Exchanges.Select(e => new { iteration = e.Iteration, slots = e.Schedule.Slots.Select(s => new[] { s.Machine, s.Start, s.End }) }),
    }, JsonSerializerOptions.Web);

    /// <summary>Walks the way of a log again, without CP-SAT and without a clock.</summary>
    /// <exception cref="JobShopFileException">The log is not of this instance, or is no log.</exception>
    public static StandardAnswer Replay(string path, string log)
    {
        var shop = JobShopFile.Read(path);
        try
        {
            using var document = JsonDocument.Parse(log);
            var root = document.RootElement;
            var seed = root.GetProperty("seed").GetInt32();
            var exchanges = root.GetProperty("exchanges").EnumerateArray().Select(e => new ShopExchange(e.GetProperty("iteration").GetInt64(),
                new([.. e.GetProperty("slots").EnumerateArray().Select(s => new ShopSlot(s[0].GetInt32(), s[1].GetInt64(), s[2].GetInt64()))]))).ToArray();
            if (root.GetProperty("instance").GetString() != shop.Name || exchanges.Any(e => e.Schedule.Slots.Length != shop.Operations.Length))
                throw new JobShopFileException(PlanRules.FileLog, 0, $"The log is of '{root.GetProperty("instance").GetString()}', the file is '{shop.Name}'; take the file that the log was made of.");
            var schedule = ShopSolver.Replay(shop, seed, root.GetProperty("iterations").GetInt64(), [.. exchanges]);
            return new(shop, new(schedule, new ShopGraph(shop).SimpleBound(), 0, root.GetProperty("iterations").GetInt64(), [], [.. exchanges], []), seed, ShopScheduleCheck.Faults(shop, schedule));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new JobShopFileException(PlanRules.FileLog, 0, $"The log cannot be read: {e.Message} Make one with --log.");
        }
    }
}
