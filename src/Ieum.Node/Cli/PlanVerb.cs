using System.CommandLine;
using Ieum.Plan;

namespace Ieum.Node.Cli;

/// <summary><c>ieum plan</c>: planning on files, without a node.</summary>
internal static class PlanVerb
{
    public static Command Make() => new("plan", "Plans files: job shop instances in the formats of the literature.") { Solve(), PlanAcrossVerb.Across(), PlanAcrossVerb.Generate() };

    private static Command Solve()
    {
        var file = new Argument<string>("FILE") { Description = "Job shop, flexible job shop (.fjs, .txt), with set-up tables or assembly; the format is told by the content." };
        var seconds = new Option<double>("--seconds") { Description = "Wall-clock limit, 0.1 to 86400. Default 30.", DefaultValueFactory = _ => 30 };
        var threads = new Option<int>("--threads") { Description = "Threads, 1 to 64. Default 2.", DefaultValueFactory = _ => 2 };
        var seed = new Option<int>("--seed") { Description = "Seed of every random choice, 0 and up. Default 1.", DefaultValueFactory = _ => 1 };
        var iterations = new Option<long?>("--iterations") { Description = "Steps of the search instead of a time limit: the same seed gives the same schedule on every machine." };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var log = new Option<string?>("--log") { Description = "Writes every better schedule with time and finder to this file, so that the run can be replayed." };
        var replay = new Option<string?>("--replay") { Description = "Walks the way of a log again instead of searching." };
        InRange(seconds, 0.1, 86_400);
        InRange(threads, 1, 64);
        InRange(seed, 0, int.MaxValue);
        iterations.Validators.Add(r => { if (r.GetValueOrDefault<long?>() is < 1) r.AddError("--iterations must be 1 or more."); });
        var verb = new Command("solve", "Finds a short schedule for a job shop instance and says how far it may be from the best.") { file, seconds, threads, seed, iterations, json, log, replay };
        verb.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var answer = parsed.GetValue(replay) is { } old
                    ? StandardAnswer.Replay(parsed.GetValue(file)!, await File.ReadAllTextAsync(old, cancel))
                    : await StandardFiles.SolveAsync(parsed.GetValue(file)!, parsed.GetValue(seconds), parsed.GetValue(threads), parsed.GetValue(seed),
                        parsed.GetValue(iterations), SolverProgram.Beside(AppContext.BaseDirectory), TimeProvider.System, cancel);
                if (parsed.GetValue(log) is { } name) await File.WriteAllTextAsync(name, answer.LogJson(), CancellationToken.None);
                foreach (var fault in answer.SolverFaults) Terminal.Note($"CP-SAT could not help: {fault}");
                foreach (var fault in answer.Faults) Terminal.Error($"the check refuses the schedule: {fault}");
                Terminal.Answer(parsed.GetValue(json) ? answer.ToJson() : FormattableString.Invariant(
                    $"{answer.Instance}: {answer.Jobs} jobs, {answer.Operations} operations, {answer.Machines} machines\nmakespan {answer.Makespan}, bound {answer.Bound}, gap {100 * answer.Gap:0.##} %, {answer.Seconds:0.0} s, {(answer.Verified ? "verified" : "NOT verified")}"));
                return answer.Verified ? 0 : 1;
            }
            catch (JobShopFileException e)
            {
                Terminal.Error($"{e.Message} [{e.Rule}]");
                return 1;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Terminal.Error($"The log cannot be read or written: {e.Message} [{PlanRules.FileLog}]");
                return 1;
            }
        });
        return verb;
    }

    private static void InRange<T>(Option<T> option, T least, T most) where T : IComparable<T> => option.Validators.Add(r =>
    {
        if (r.Tokens.Count > 0 && r.GetValueOrDefault<T>() is { } v && (v.CompareTo(least) < 0 || v.CompareTo(most) > 0))
            r.AddError(FormattableString.Invariant($"{option.Name} must lie between {least} and {most}."));
    });

    /// <summary>The solver's own process; started by a node, never by hand.</summary>
    public static Command Solver()
    {
        var verb = new Command(SolverProgram.Verb, "Runs CP-SAT for a parent process.") { Hidden = true };
        verb.SetAction(_ => Terminal.Serve(CpChild.Serve));
        return verb;
    }
}
