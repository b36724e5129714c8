#pragma warning disable RS0030 // the terminal is this file's job
using Ieum.Bench.Across;
using Ieum.Bench.Analyze;
using Ieum.Bench.Connect;
using Ieum.Bench.Explore;
using Ieum.Bench.Fuzz;
using Ieum.Bench.Gantt;
using Ieum.Bench.Harness;
using Ieum.Bench.Plan;
using Ieum.Bench.Record;

// ./ieum bench <room> [--json] [--micro]: end-to-end figures of a room; --micro runs its BenchmarkDotNet classes instead.
var rooms = new Dictionary<string, Func<FigureSheet, CancellationToken, Task>>
{
    ["across"] = AcrossBench.RunAsync,
    ["across-references"] = AcrossBench.ReferencesAsync,
    ["across-repair"] = AcrossRepairBench.RunAsync,
    ["across-alternatives"] = AcrossBench.AlternativesAsync,
    ["analyze"] = AnalyzeBench.RunAsync,
    ["explore"] = ExploreBench.RunAsync,
    ["gantt"] = GanttBench.RunAsync,
    ["connect"] = ConnectBench.RunAsync,
    ["opcua"] = OpcUaBench.RunAsync,
    ["opcua-store"] = OpcUaStoreBench.RunAsync,
    ["reconnect"] = ReconnectBench.RunAsync,
    ["record"] = RunRecordAsync,
    ["record-large"] = RecordLargeBench.RunAsync,
    ["replay"] = ReplayBench.RunAsync,
};
if (args is ["fuzz", .. var rest] && !rest.Contains("--help")) return FuzzBench.Run(rest);
if (args is ["plan", .. var asked] && !asked.Contains("--help")) return PlanVerb.Run(asked);
var words = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToArray();
var unknown = args.Where(a => a.StartsWith("--", StringComparison.Ordinal) && a is not ("--json" or "--help")).ToArray();
if (args.Contains("--help"))
{
    Console.WriteLine($"ieum bench <{string.Join('|', rooms.Keys)}> [--json]: measures a room from end to end; several minutes, on a quiet machine.");
    Console.WriteLine($"ieum bench plan {PlanVerb.Words}: gaps to best known plans, plain CP-SAT beside; an hour and a half, can be broken off and taken up again.");
    Console.WriteLine("ieum bench fuzz [--inputs N] [--seed S] [--out FILE [--fresh]] [TARGET…]: random and damaged bytes into every decoder, 10,000,000 each; for the night; goes on from FILE.");
    return 0;
}
if (words.Length != 1 || unknown.Length > 0 || !rooms.TryGetValue(words[0], out var run))
{
    Console.Error.WriteLine($"ieum bench: name one room of {string.Join(", ", rooms.Keys)}; --json is the only option.");
    return 2;
}
using var limit = new CancellationTokenSource(TimeSpan.FromHours(2));
var sheet = new FigureSheet();
await run(sheet, limit.Token);
if (args.Contains("--json")) Console.WriteLine(sheet.ToJson());
else foreach (var line in sheet.Lines()) Console.WriteLine(line);
return 0;

static async Task RunRecordAsync(FigureSheet sheet, CancellationToken cancel)
{
    var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
    try
    {
        // A part of the points tries the benchmark out in a minute; figures that count are of all of them.
        var scale = double.Parse(Environment.GetEnvironmentVariable("IEUM_BENCH_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (name, figure) in await RecordBench.RunAsync(folder, scale)) sheet.Add(name, figure);
        if (Environment.GetEnvironmentVariable("IEUM_BENCH_PEERS") != "none") await Peers.RunAsync(folder, scale, sheet, cancel);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}
