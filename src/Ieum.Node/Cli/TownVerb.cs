using System.CommandLine;
using System.Globalization;
using Ieum.Node.Town;

namespace Ieum.Node.Cli;

/// <summary><c>ieum town</c>: the reference network on this computer, so far two of its companies.</summary>
internal static class TownVerb
{
    public static Command Make()
    {
        var headless = new Option<bool>("--headless") { Description = "Play one working day without a person, then end." };
        var scenario = new Option<FileInfo?>("--scenario") { Description = "Scenario file in the form of town.json; the built-in one when left out." };
        var recordings = new Option<DirectoryInfo?>("--recordings") { Description = "Folder with recordings of real machines; machines without one there are generated." };
        var speed = new Option<double?>("--speed") { Description = "Factory seconds per real second, above 0 to 1000. Default 120 with --headless, else 60." };
        var report = new Option<FileInfo?>("--report") { Description = "Write the report (JSON) to this file at the end; needs --headless." };
        var port = new Option<int?>("--port") { Description = "Port of the pages; 0 takes a free one. Default 5080; with --headless a free one." };
        var seed = new Option<long>("--seed") { Description = "Seed of everything that is left to chance.", DefaultValueFactory = _ => 1 };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the town; emptied at every start.", DefaultValueFactory = _ => new(Path.Combine("data", "town")) };
        var json = new Option<bool>("--json") { Description = "With --headless: the report as one JSON document on standard output." };
        speed.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double?>() is { } s && !(s > 0 && s <= 1000)) r.AddError("--speed lies above 0 and at most at 1000.");
        });
        port.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int?>() is < 0 or > 65_535) r.AddError("--port lies between 0 and 65535.");
        });
        var verb = new Command("town", "Starts the reference network: a machine shop in Korea and a grinding shop in Japan, with simulated machines on real protocols.")
            { headless, scenario, recordings, speed, report, port, seed, data, json };
        verb.Validators.Add(r =>
        {
            if (!r.GetValue(headless) && (r.GetValue(report) is not null || r.GetValue(json))) r.AddError("--report and --json go with --headless.");
        });
        verb.SetAction((parsed, cancel) => RunAsync(new(
            parsed.GetValue(headless), parsed.GetValue(scenario), parsed.GetValue(recordings), parsed.GetValue(speed), parsed.GetValue(report),
            parsed.GetValue(port), parsed.GetValue(seed), parsed.GetValue(data)!, parsed.GetValue(json)), cancel));
        return verb;
    }

    private sealed record Asked(bool Headless, FileInfo? Scenario, DirectoryInfo? Recordings, double? Speed, FileInfo? Report, int? Port, long Seed, DirectoryInfo Data, bool Json);

    private static async Task<int> RunAsync(Asked asked, CancellationToken cancel)
    {
        try
        {
            if (asked.Recordings is { Exists: false } missing)
            {
                Terminal.Error($"There is no folder '{missing}'. Leave --recordings out to play generated machines. [town-no-recordings]");
                return 1;
            }
            var scenario = asked.Scenario is null ? TownScenario.BuiltIn() : TownScenario.Load(asked.Scenario.FullName);
            var ask = new TownAsk(scenario, asked.Recordings?.FullName, asked.Speed ?? (asked.Headless ? 120 : 60), asked.Port ?? (asked.Headless ? 0 : 5080), asked.Data.FullName, asked.Seed);
            Terminal.Note("Starting the machines and the nodes of the town …");
            await using var run = await TownRun.StartAsync(ask, TimeProvider.System, cancel);
            Terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"Alive after {run.StartedSeconds:0.0} s ({scenario.Start:yyyy-MM-dd HH:mm}, {ask.Speed:0.#} times as fast as the clock; Ctrl+C ends it)"));
            foreach (var house in run.Houses)
                Terminal.Note($"  {scenario.Companies[house.Company].Name.En}: {house.Address}   {string.Join(", ", house.Machines.Select(m => $"{m.Id} ({m.NodeProtocol})"))}");
            if (!asked.Headless)
            {
                await run.PlayAsync(null, cancel);
                return 0;
            }
            await run.PlayAsync(EndOfDay(scenario), cancel);
            var report = (await run.ReportAsync(cancel)).ToJson();
            if (asked.Report is { } file)
            {
                file.Directory?.Create();
                await File.WriteAllTextAsync(file.FullName, report, cancel);
                Terminal.Note($"Report: {file.FullName}");
            }
            if (asked.Json || asked.Report is null) Terminal.Answer(report);
            return 0;
        }
        catch (TownScenarioException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
            return 1;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return asked.Headless ? 1 : 0;
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException or UnauthorizedAccessException
            or OperationCanceledException or System.Text.Json.JsonException or System.ComponentModel.Win32Exception)
        {
            Terminal.Error($"{e.Message} [town-failed]");
            return 1;
        }
    }

    /// <summary>The end of the last shift of the scenario's first day.</summary>
    private static DateTimeOffset EndOfDay(TownScenario scenario)
    {
        var day = DateOnly.FromDateTime(scenario.Start.DateTime);
        var shifts = scenario.CalendarOf("B").ShiftsOn(day);
        return shifts.IsEmpty ? scenario.Start + TimeSpan.FromHours(10) : new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), scenario.Start.Offset) + shifts[^1].To;
    }
}
