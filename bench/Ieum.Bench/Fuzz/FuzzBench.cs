#pragma warning disable RS0030 // the terminal is this file's job
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Fuzz;

/// <summary>
/// <c>./ieum bench fuzz [--inputs N] [--seed S] [--out FILE] [TARGET…]</c>: every decoder of foreign bytes, N inputs each, for the night.
/// Exit code 1 with the input in hexadecimal when one throws, hangs, or allocates without bound.
/// </summary>
internal static class FuzzBench
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Run(string[] words)
    {
        long inputs = 10_000_000;
        var seed = 1;
        string? file = null;
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
                case "--json": break;
                case var name when all.Any(t => t.Name == name): names.Add(name); break;
                default:
                    Console.Error.WriteLine($"ieum bench fuzz: '{words[i]}' is no option with a value and no target. Options: --inputs N, --seed S, --out FILE. Targets: {string.Join(' ', all.Select(t => t.Name))}");
                    return 2;
            }
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
        var results = new JsonObject();
        if (file is not null && File.Exists(file) && names.Count > 0) results = JsonNode.Parse(File.ReadAllText(file))!["targets"]!.DeepClone().AsObject();
        var failed = false;
        foreach (var target in all.Where(t => names.Count == 0 || names.Contains(t.Name)))
        {
            if (stop.IsCancellationRequested) break;
            var r = FuzzRun.Run(target, inputs, seed, stop.Token);
            failed |= r.Finding is not null;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{r.Name,-20} {r.Inputs,12:#,0} inputs {r.Seconds,8:0.0} s  {r.Accepted,11:#,0} accepted  most {r.LargestAllocation,10:#,0} B and {r.SlowestMs,7:0.0} ms for one  {r.Finding ?? "no finding"}"));
            results[r.Name] = new JsonObject
            {
                ["inputs"] = r.Inputs, ["seed"] = seed, ["accepted"] = r.Accepted, ["seconds"] = Math.Round(r.Seconds, 1), ["largestAllocationBytes"] = r.LargestAllocation,
                ["slowestMs"] = Math.Round(r.SlowestMs, 1), ["peakMemoryMb"] = Math.Round(r.PeakMemoryMb), ["finding"] = r.Finding,
            };
            // After each target, so that a night that is cut off keeps what it did.
            if (file is not null) File.WriteAllText(file, Text(results) + "\n");
        }
        Console.WriteLine(Text(results));
        return failed ? 1 : 0;
    }

    private static string Text(JsonObject results)
    {
        var sheet = JsonNode.Parse(new FigureSheet().ToJson())!;
        return new JsonObject { ["machine"] = sheet["machine"]!.DeepClone(), ["commit"] = sheet["commit"]!.DeepClone(), ["targets"] = results.DeepClone() }.ToJsonString(Indented);
    }
}
