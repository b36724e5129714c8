using System.CommandLine;
using Ieum.Analyze;

namespace Ieum.Node.Cli;

/// <summary><c>ieum analyze</c>: an analysis on files, without a node.</summary>
internal static class AnalyzeVerb
{
    public static Command Make()
    {
        var files = new Argument<string[]>("FILE") { Description = "Recordings, plain or gzip, lines time|item|value.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var states = new Command("states", "How long a machine ran, idled and stood in a recording, with faults and parts.") { files, json };
        states.SetAction((parsed, cancel) => StatesAsync(parsed.GetValue(files)!, parsed.GetValue(json), cancel));
        return new Command("analyze", "Analyses recordings.") { states };
    }

    private static async Task<int> StatesAsync(string[] files, bool json, CancellationToken cancel)
    {
        var report = await RecordingAnalysis.StatesAsync(files, cancel);
        foreach (var e in report.Errors) Terminal.Error($"{e.Message} [{e.Rule}]");
        if (json) Terminal.Answer(report.ToJson());
        else
            foreach (var f in report.Files)
                Terminal.Answer(FormattableString.Invariant(
                    $"{f.File}: running {f.Seconds.Running / 3600:0.00} h, idle {f.Seconds.Idle / 3600:0.00} h, stopped {f.Seconds.Stopped / 3600:0.00} h, offline {f.Seconds.Offline / 3600:0.00} h, unknown {f.Seconds.Unknown / 3600:0.00} h; {f.ActiveTransitions} starts, {f.Faults} faults, {f.PartCount} parts"));
        return report.Errors.Length == 0 ? 0 : 1;
    }
}
