#pragma warning disable RS0030 // the terminal is this file's job
using Ieum.Bench.Harness;

namespace Ieum.Bench.Plan;

/// <summary><c>ieum bench plan</c> and its options.</summary>
internal static class PlanVerb
{
    public const string Words = "[--full] [--only flexible|classic|setups|first|big|replan|tardiness] [--seconds 30] [--threads 2] [--seed 1] [--no-peer] [--fresh] [--json]";
    private static readonly string[] Flags = ["--full", "--no-peer", "--fresh", "--json"], Valued = ["--only", "--seconds", "--threads", "--seed"];

    public static int Run(string[] args)
    {
        Dictionary<string, string> options = [];
        for (var i = 0; i < args.Length; i++)
            if (Flags.Contains(args[i])) options[args[i]] = "";
            else if (Valued.Contains(args[i]) && i + 1 < args.Length) options[args[i]] = args[++i];
            else
            {
                Console.Error.WriteLine($"ieum bench plan: '{args[i]}' is not an option, or its value is missing: {Words}");
                return 2;
            }
        var sheet = new FigureSheet();
        PlanBench.Run(sheet, options, Console.Error.WriteLine);
        if (options.ContainsKey("--json")) Console.WriteLine(sheet.ToJson());
        else foreach (var line in sheet.Lines()) Console.WriteLine(line);
        return 0;
    }
}
