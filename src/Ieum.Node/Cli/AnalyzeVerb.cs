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
        return new Command("analyze", "Analyses recordings.") { states, Anomaly(json), Life(json) };
    }

    private static Command Anomaly(Option<bool> json)
    {
        var files = new Argument<string[]>("FILE") { Description = "Series: timestamp,value per row.", Arity = ArgumentArity.OneOrMore };
        var anomaly = new Command("anomaly", "How unusual each value of a series was when it came: a score from 0 to 1 per row, from 0.5 on an alarm.") { files, json };
        anomaly.SetAction((parsed, cancel) => AnomalyAsync(parsed.GetValue(files)!, parsed.GetValue(json), cancel));
        return anomaly;
    }

    private static Command Life(Option<bool> json)
    {
        var train = new Option<string>("--train") { Description = "Units that ran to failure: unit, cycle, 3 settings, 21 sensors per line (C-MAPSS format).", Required = true };
        var test = new Option<string>("--test") { Description = "Units that still run, in the same format.", Required = true };
        var life = new Command("life", "How many cycles each unit has left, with an interval that holds in nine cases of ten.") { train, test, json };
        life.SetAction((parsed, cancel) => LifeAsync(parsed.GetValue(train)!, parsed.GetValue(test)!, parsed.GetValue(json), cancel));
        return life;
    }

    private static async Task<int> AnomalyAsync(string[] files, bool json, CancellationToken cancel)
    {
        var report = await AnomalyAnalysis.ScoreAsync(files, cancel);
        foreach (var e in report.Errors) Terminal.Error($"{e.Message} [{e.Rule}]");
        foreach (var f in report.Files)
            foreach (var p in f.Problems) Terminal.Note($"ieum: '{f.File}', line {p.FirstLine} and {p.Count - 1} more: {p.Message} [{p.Rule}]");
        if (json) Terminal.Answer(report.ToJson());
        else
            foreach (var f in report.Files)
            {
                Terminal.Answer(FormattableString.Invariant($"{f.File}: {f.Rows} rows, {f.Alarms.Length} alarms{(f.AlarmsPerWeek is { } w ? FormattableString.Invariant($", {w:0.0} a week") : "")}"));
                foreach (var a in f.Alarms) Terminal.Answer(FormattableString.Invariant($"  row {a.Row}, {a.At:yyyy-MM-dd HH:mm:ss}: {a.Kind}, score {a.Score:0.00}"));
            }
        return report.Errors.Length == 0 ? 0 : 1;
    }

    private static async Task<int> LifeAsync(string train, string test, bool json, CancellationToken cancel)
    {
        try
        {
            var report = await LifeAnalysis.PredictAsync(train, test, cancel);
            if (json) Terminal.Answer(report.ToJson());
            else
                foreach (var p in report.Predictions)
                    Terminal.Answer(FormattableString.Invariant($"unit {p.Unit}: {p.Rul:0} cycles left, with 90 % from {p.Low:0} to {p.High:0} (cycles {p.WindowFrom} to {p.Cycle}; baseline {p.Baseline:0})"));
            return 0;
        }
        catch (RecordingException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
            return 1;
        }
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
