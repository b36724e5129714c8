#pragma warning disable RS0030 // the terminal is this file's job
using System.Globalization;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Plan;

/// <summary><c>ieum bench plan</c> and its options.</summary>
internal static class PlanVerb
{
    public const string Words = "[--only flexible|classic|setups|setups-long|first|big|replan|tardiness] [--instances NAME,…] [--full] [--seconds 30] [--long-seconds 60] [--threads 2] [--seed 1] [--no-peer] [--fresh] [--json] [--out FILE]";
    private static readonly string[] Flags = ["--full", "--no-peer", "--fresh", "--json"], Valued = ["--only", "--instances", "--seconds", "--long-seconds", "--threads", "--seed", "--out"];

    public static int Run(string[] args)
    {
        Dictionary<string, string> options = [];
        for (var i = 0; i < args.Length; i++)
            if (Flags.Contains(args[i])) options[args[i]] = "";
            else if (Valued.Contains(args[i]) && i + 1 < args.Length && IsGood(args[i], args[i + 1])) options[args[i]] = args[++i];
            else
            {
                Console.Error.WriteLine($"ieum bench plan: '{args[i]}' is not an option, or its value is missing or wrong: {Words}");
                return 2;
            }
        Dictionary<string, FigureSheet> sheets = [];
        var all = new FigureSheet();
        PlanBench.Run(part => sheets[part] = new(), options, Console.Error.WriteLine);
        foreach (var sheet in sheets.Values) all.Take(sheet);
        if (options.TryGetValue("--out", out var file))
            foreach (var (part, sheet) in sheets) sheet.MergeInto(file, part);
        if (options.ContainsKey("--json")) Console.WriteLine(all.ToJson());
        else foreach (var line in all.Lines()) Console.WriteLine(line);
        return 0;
    }

    private static bool IsGood(string option, string value) => option switch
    {
        "--only" => PlanBench.Parts.Append("setups-long").Contains(value),
        "--out" or "--instances" => value.Length > 0,
        _ => double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0,
    };
}
