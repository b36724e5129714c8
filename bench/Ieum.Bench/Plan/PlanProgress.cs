using System.Globalization;
using System.Text.Json;

namespace Ieum.Bench.Plan;

/// <summary>One solved instance; a progress file holds one a line, so that a run can be broken off and taken up again.</summary>
/// <param name="Makespan">What was to be made small: the makespan, in the tardiness runs the weighted tardiness.</param>
internal sealed record PlanRow(string Family, string Instance, string Solver, double Seconds, int Threads, int Seed, long Makespan, long Bound, long Best, bool Verified)
{
    /// <summary>Null where no best value is known.</summary>
    public double? GapPercent => Best > 0 ? 100.0 * (Makespan - Best) / Best : null;
    [System.Text.Json.Serialization.JsonIgnore]
    public string Key => KeyOf(Instance, Solver, Seconds, Threads, Seed);
    public static string KeyOf(string instance, string solver, double seconds, int threads, int seed) =>
        string.Create(CultureInfo.InvariantCulture, $"{instance}|{solver}|{seconds}|{threads}|{seed}");
}

/// <summary>Rows that are there are not solved again.</summary>
internal sealed class PlanProgress
{
    private readonly string _file;
    private readonly Action<string> _note;
    private readonly Dictionary<string, PlanRow> _done = [];

    public PlanProgress(string file, bool fresh, Action<string> note)
    {
        (_file, _note) = (file, note);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (fresh) File.Delete(file);
        if (!File.Exists(file)) return;
        foreach (var line in File.ReadLines(file))
            if (JsonSerializer.Deserialize<PlanRow>(line) is { } row) _done[row.Key] = row;
    }

    public PlanRow Do(string instance, string solver, double seconds, int threads, int seed, Func<PlanRow> solve)
    {
        var key = PlanRow.KeyOf(instance, solver, seconds, threads, seed);
        if (_done.TryGetValue(key, out var known)) return known;
        var row = _done[key] = solve();
        File.AppendAllText(_file, JsonSerializer.Serialize(row) + "\n");
        _note(string.Create(CultureInfo.InvariantCulture, $"{row.Instance} {row.Solver}, seed {row.Seed}: {row.Makespan} (bound {row.Bound}, best known {row.Best})"));
        return row;
    }
}
