using System.CommandLine;

namespace Ieum.Node.Cli;

/// <summary>The verbs of the one command. Exit codes: 0 good, 1 failed or refused, 2 wrong use.</summary>
internal static class Verbs
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Ieum: a connected-factory node. Connect, record, analyze, plan, act.\n\nThe script ./ieum adds: build, test, verify, bench, publish, service (each with --help).")
        {
            UpVerb.Make(),
            TownVerb.Make(),
            ReplayVerb.Make(),
            AnalyzeVerb.Make(),
            PlanVerb.Make(),
            PlanVerb.Solver(),
            ConnectVerb.Make(),
            VersionVerb.Make(),
        };
        foreach (var verb in TransferVerbs.Make()) root.Add(verb);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var e in parsed.Errors) Terminal.Error(e.Message);
            Terminal.Error($"'ieum {string.Join(' ', parsed.CommandResult.Command == root ? [] : [parsed.CommandResult.Command.Name, ""])}--help' tells the right use.");
            return 2;
        }
        using var stop = new CancellationTokenSource();
        // A stop may take as long as draining the queues does (Intake:DrainLimit, at most 5 min); the default would cut it off after 2 s.
        var how = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(6) };
        return await parsed.InvokeAsync(how, stop.Token);
    }
}
