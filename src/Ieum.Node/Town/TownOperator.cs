using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>The people at the machines: they start what the dispatch list says, wait for the machine, and report what came out.</summary>
/// <remarks>They use the same API as the operator page, and see only what a person sees there.</remarks>
internal sealed class TownOperator(TownHttp node, TownHttp machines, WorkCalendar calendar, long seed)
{
    private readonly Dictionary<string, Job> _jobs = [];
    private readonly Dictionary<string, double> _pace = [];
    private readonly Random _dice = new(unchecked((int)seed));

    private sealed record Job(string Operation, int Quantity, string Program, DateTimeOffset DoneAt, bool Driven);

    /// <summary>One look at one machine: at most one report.</summary>
    public async Task LookAsync(string machine, DateTimeOffset now, JsonNode? status, CancellationToken cancel)
    {
        if (await node.GetAsync($"/api/v1/shop/dispatch/{machine}", cancel) is not JsonArray list) return;
        var open = list.Select(d => d!).FirstOrDefault(d => Is(d, "running") || Is(d, "paused"));
        if (open is not null)
        {
            await FinishIfDoneAsync(machine, open, now, status, cancel);
            return;
        }
        var next = list.Select(d => d!).FirstOrDefault(d => Is(d, "waiting"));
        if (next is not null && calendar.IsWorking(now) && Instant(next["operation"]!["start"]!) <= now) await StartAsync(machine, next["operation"]!, now, cancel);
    }

    private async Task StartAsync(string machine, JsonNode operation, DateTimeOffset now, CancellationToken cancel)
    {
        var id = operation["operation"]!.GetValue<string>();
        var quantity = operation["quantity"]!.GetValue<int>();
        var setUp = TimeSpan.FromSeconds(operation["setUpSeconds"]!.GetValue<double>());
        var work = TimeSpan.FromSeconds(operation["workSeconds"]!.GetValue<double>());
        var perPiece = (work - setUp) / quantity * PaceOf(machine);
        if (!await ReportAsync("started", id, machine, now, null, cancel)) return;
        var (driven, _) = await machines.PostAsync("/work", new JsonObject
        {
            ["machine"] = machine,
            ["program"] = id,
            ["pieces"] = quantity,
            ["cycleSeconds"] = perPiece.TotalSeconds,
            ["at"] = (now + setUp).ToString("O", CultureInfo.InvariantCulture),
            ["attended"] = true,
        }, cancel);
        _jobs[machine] = new(id, quantity, id, calendar.AddWorking(now, setUp + perPiece * quantity) ?? now + work, driven);
    }

    private async Task FinishIfDoneAsync(string machine, JsonNode dispatch, DateTimeOffset now, JsonNode? status, CancellationToken cancel)
    {
        var id = dispatch["operation"]!["operation"]!.GetValue<string>();
        if (!_jobs.TryGetValue(machine, out var job) || job.Operation != id) return;
        var made = status?["machines"]?.AsArray().FirstOrDefault(m => m!["machine"]!.GetValue<string>() == machine)?["work"];
        // A machine that plays a recording does not know our job: then the clock tells when it is done.
        var done = job.Driven
            ? made?["waiting"]?.GetValue<int>() == 0
            : now >= job.DoneAt;
        if (!done) return;
        var scrap = Enumerable.Range(0, job.Quantity).Count(_ => _dice.NextDouble() < 0.01);
        if (await ReportAsync("finished", id, machine, now, (job.Quantity - scrap, scrap), cancel)) _jobs.Remove(machine);
    }

    private async Task<bool> ReportAsync(string what, string operation, string machine, DateTimeOffset now, (int Good, int Scrap)? pieces, CancellationToken cancel)
    {
        var report = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["event"] = what,
            ["operation"] = operation,
            ["machine"] = machine,
            ["at"] = now.ToString("O", CultureInfo.InvariantCulture),
        };
        if (pieces is { } p) (report["good"], report["scrap"]) = (p.Good, p.Scrap);
        return (await node.PostAsync("/api/v1/shop/events", report, cancel)).Ok;
    }

    /// <summary>Real machines do not keep the routing's times: each has its own pace, up to a tenth slower.</summary>
    private double PaceOf(string machine) =>
        _pace.TryGetValue(machine, out var pace) ? pace : _pace[machine] = 1 + 0.1 * _dice.NextDouble();

    private static bool Is(JsonNode dispatch, string status) =>
        string.Equals(dispatch["status"]!.GetValue<string>(), status, StringComparison.OrdinalIgnoreCase);

    private static DateTimeOffset Instant(JsonNode node) => DateTimeOffset.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);
}
