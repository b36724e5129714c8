#pragma warning disable RS0030 // the terminal is this file's job
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Fuzz;

/// <summary>
/// <c>./ieum bench fuzz [--inputs N] [--seed S] [--out FILE [--fresh]] [TARGET…]</c>: every decoder of foreign bytes, N inputs each, for the night; goes on from FILE.
/// Exit code 1 with the input in hexadecimal when one throws, hangs, or allocates without bound.
/// </summary>
internal static class FuzzBench
{
    /// <summary>Inputs between two writings of the results: what a run that is broken off loses at most.</summary>
    private const long Stretch = 500_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Run(string[] words)
    {
        long inputs = 10_000_000;
        var seed = 1;
        string? file = null;
        var fresh = false;
        var names = new List<string>();
        var all = FuzzTargets.All();
        for (var i = 0; i < words.Length; i++)
        {
            var value = i + 1 < words.Length ? words[i + 1] : "";
            switch (words[i])
            {
                case "--inputs" when long.TryParse(value, CultureInfo.InvariantCulture, out inputs) && inputs > 0: i++; break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out seed): i++; break;
                case "--out" when value.Length > 0: (file, i) = (value, i + 1); break;
                case "--fresh": fresh = true; break;
                case "--json": break;
                case var name when all.Any(t => t.Name == name): names.Add(name); break;
                default:
                    Console.Error.WriteLine($"ieum bench fuzz: '{words[i]}' is no option with a value and no target. Options: --inputs N, --seed S, --out FILE, --fresh. Targets: {string.Join(' ', all.Select(t => t.Name))}");
                    return 2;
            }
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
        var results = new JsonObject();
        if (file is not null && File.Exists(file) && !fresh) results = JsonNode.Parse(File.ReadAllText(file))!["targets"]!.DeepClone().AsObject();
        var failed = false;
        foreach (var target in all.Where(t => names.Count == 0 || names.Contains(t.Name)))
        {
            var soFar = results[target.Name] is { } known && known["seed"]!.GetValue<int>() == seed && known["finding"] is null ? Read(target.Name, known) : new(target.Name, 0, 0, 0, 0, 0, 0, null);
            while (soFar is { Finding: null } && soFar.Inputs < inputs && !stop.IsCancellationRequested)
            {
                // A stretch has a seed of its own: a run that was stopped goes on with the next one and meets the same inputs as one that was not.
                var stretch = FuzzRun.Run(target, Math.Min(Stretch, inputs - soFar.Inputs), seed + (int)(soFar.Inputs / Stretch) * 1_000, stop.Token);
                if (stop.IsCancellationRequested && stretch.Finding is null) break;
                soFar = soFar.With(stretch);
                results[soFar.Name] = Write(soFar, seed);
                if (file is not null) File.WriteAllText(file, Text(results) + "\n");
            }
            failed |= soFar.Finding is not null;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{soFar.Name,-20} {soFar.Inputs,12:#,0} inputs {soFar.Seconds,8:0.0} s  {soFar.Accepted,11:#,0} accepted  most {soFar.LargestAllocation,10:#,0} B and {soFar.SlowestMs,7:0.0} ms for one  {soFar.Finding ?? "no finding"}"));
            if (stop.IsCancellationRequested) break;
        }
        Console.WriteLine(Text(results));
        return failed ? 1 : 0;
    }

    private static JsonObject Write(FuzzResult r, int seed) => new()
    {
        ["inputs"] = r.Inputs, ["seed"] = seed, ["accepted"] = r.Accepted, ["seconds"] = Math.Round(r.Seconds, 1), ["largestAllocationBytes"] = r.LargestAllocation,
        ["slowestMs"] = Math.Round(r.SlowestMs, 1), ["peakMemoryMb"] = Math.Round(r.PeakMemoryMb), ["finding"] = r.Finding,
    };

    private static FuzzResult Read(string name, JsonNode n) => new(name, n["inputs"]!.GetValue<long>(), n["accepted"]!.GetValue<long>(), n["seconds"]!.GetValue<double>(),
        n["largestAllocationBytes"]!.GetValue<long>(), n["slowestMs"]!.GetValue<double>(), n["peakMemoryMb"]!.GetValue<double>(), null);

    private static string Text(JsonObject results)
    {
        var sheet = JsonNode.Parse(new FigureSheet().ToJson())!;
        return new JsonObject { ["machine"] = sheet["machine"]!.DeepClone(), ["commit"] = sheet["commit"]!.DeepClone(), ["targets"] = results.DeepClone() }.ToJsonString(Indented);
    }
}
