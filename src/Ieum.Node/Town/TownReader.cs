using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>Reads the figures of a run from the nodes' APIs and from the simulated machines, which know what they sent.</summary>
internal sealed class TownReader(TownAsk ask, ScenarioClock clock, IReadOnlyList<TownHouse> houses, TownHttp machines, IReadOnlyList<TownTablet> tablets, TimeProvider wire)
{
    private static readonly string[] States = ["running", "idle", "stopped", "offline", "unknown"];

    public async Task<TownReport> ReadAsync(double startedSeconds, double peakMemoryMb, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await machines.PostAsync("/stop", [], cancel);
        var (sent, sources, inGaps) = await SettledAsync(cancel);
        var companies = new List<TownReportCompany>();
        foreach (var house in houses)
        {
            var rows = new List<TownReportMachine>();
            foreach (var m in house.Machines) rows.Add(await MachineAsync(house, m, now, sent, sources, inGaps, cancel));
            companies.Add(new(house.Company, rows));
        }
        var plans = new List<TownReportPlan>();
        var loops = new List<TownReportLoop>();
        var (issued, acknowledged) = (0L, 0L);
        foreach (var house in houses)
        {
            plans.Add(await PlanAsync(house.Node, cancel));
            loops.AddRange(await LoopsAsync(house.Node, cancel));
            var (i, a) = await DispatchesAsync(house.Node, cancel);
            (issued, acknowledged) = (issued + i, acknowledged + a);
        }
        return new(ask.Scenario.Name, ask.Seed, Math.Round(startedSeconds, 2), Math.Round(peakMemoryMb, 1), companies,
            // One figure for all companies: the last to end, all lateness together, verified only when each of them is.
            new(plans.Max(p => p.MakespanHours), plans.Sum(p => p.TardinessLotDays), plans.Sum(p => p.LateLots), plans.All(p => p.Verified)),
            new(issued, acknowledged), Joined(loops));
    }

    private async Task<TownReportMachine> MachineAsync(TownHouse house, TownMachine m, DateTimeOffset now, Dictionary<string, long> sent, JsonArray sources, Dictionary<string, long> inGaps, CancellationToken cancel)
    {
        var source = sources.FirstOrDefault(s => s!["machine"]!.GetValue<string>() == m.Id);
        var range = Range(clock.Start, now);
        var timeline = await house.Node.GetAsync($"/api/v1/machines/{m.Id}/timeline?{range}", cancel) as JsonArray ?? [];
        var oee = await house.Node.GetAsync($"/api/v1/machines/{m.Id}/oee?{range}", cancel);
        return new(m.Id, m.NodeProtocol, Connected(source), sent.GetValueOrDefault(m.Id),
            Count(source, "received"), Count(source, "stored") - Count(source, "marks"), Count(source, "rejected"), Count(source, "lost") + inGaps.GetValueOrDefault(m.Id), Count(source, "gaps"), inGaps.GetValueOrDefault(m.Id),
            States.ToDictionary(s => s, s => Seconds(timeline, s)), oee?["oee"]?.GetValue<double>());
    }

    /// <summary>The same loop in several companies is one line.</summary>
    private static IReadOnlyList<TownReportLoop> Joined(IEnumerable<TownReportLoop> loops) =>
    [
        .. loops.GroupBy(l => l.Id).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new TownReportLoop(g.Key, g.Max(l => l.Level), g.Sum(l => l.Advice),
            g.Sum(l => l.Accepted), Math.Round(g.Sum(l => l.Effect), 3), g.Select(l => l.Measure).FirstOrDefault(x => x is not null),
            Math.Round(g.Sum(l => l.Before), 3), Math.Round(g.Sum(l => l.After), 3), g.Sum(l => l.Orders), g.Sum(l => l.Finished), g.Sum(l => l.Expired))),
    ];

    /// <summary>
    /// Waits until the counters stand still: two seconds when everything is accounted for, else a minute, because on a busy
    /// computer the nodes may be held up for longer than two seconds and what is under way still arrives.
    /// </summary>
    private async Task<(Dictionary<string, long> Sent, JsonArray Sources, Dictionary<string, long> InGaps)> SettledAsync(CancellationToken cancel)
    {
        var before = "";
        for (var still = 0; ; )
        {
            var status = await machines.GetAsync("/status", cancel);
            var sent = status?["machines"]?.AsArray().ToDictionary(m => m!["machine"]!.GetValue<string>(), m => m!["sent"]!.GetValue<long>()) ?? [];
            foreach (var tablet in tablets) sent[tablet.Machine] = tablet.Entered;
            var sources = new JsonArray();
            foreach (var house in houses)
                foreach (var source in await house.Node.GetAsync("/api/v1/sources", cancel) as JsonArray ?? []) sources.Add(source!.DeepClone());
            var counters = string.Join(',', sent.Values) + ';' + string.Join(',', sources.Select(s => Count(s, "stored") + Count(s, "rejected")));
            still = counters == before ? still + 1 : 0;
            var inGaps = still < 8 ? [] : await InGapsAsync(sent, sources, cancel);
            var isAccounted = sources.All(s => sent.GetValueOrDefault(Machine(s)) == Count(s, "received") + Count(s, "lost") + inGaps.GetValueOrDefault(Machine(s))
                && Count(s, "received") == Count(s, "stored") - Count(s, "marks") + Count(s, "rejected"));
            if (still >= (isAccounted ? 8 : 240)) return (sent, sources, inGaps);
            before = counters;
            await Task.Delay(TimeSpan.FromMilliseconds(250), wire, cancel);
        }
    }

    /// <summary>Values of machines that are asked which went by in a gap of the node (docs/loss.md).</summary>
    private async Task<Dictionary<string, long>> InGapsAsync(Dictionary<string, long> sent, JsonArray sources, CancellationToken cancel)
    {
        var found = new Dictionary<string, long>();
        foreach (var house in houses)
            foreach (var m in house.Machines.Where(m => PolledLoss.Applies(m.NodeProtocol)))
            {
                if (sources.FirstOrDefault(s => Machine(s) == m.Id) is not { } source || Count(source, "received") + Count(source, "lost") == sent.GetValueOrDefault(m.Id)) continue;
                var range = Range(clock.Start.AddDays(-1), clock.GetUtcNow().AddDays(1));
                long said = 0;
                foreach (var gap in await house.Node.GetAsync($"/api/v1/sources/{source["source"]!.GetValue<string>()}/gaps?{range}", cancel) as JsonArray ?? [])
                    said += (await machines.GetAsync($"/said?machine={m.Id}&{Range(Instant(gap!["from"]!), Instant(gap["to"]!))}", cancel))?["values"]?.GetValue<long>() ?? 0;
                found[m.Id] = PolledLoss.Explained(sent.GetValueOrDefault(m.Id), Count(source, "received"), Count(source, "lost"), said);
            }
        return found;
    }

    private static string Range(DateTimeOffset from, DateTimeOffset to) =>
        $"from={Uri.EscapeDataString(from.ToString("O", CultureInfo.InvariantCulture))}&to={Uri.EscapeDataString(to.ToString("O", CultureInfo.InvariantCulture))}";

    private async Task<TownReportPlan> PlanAsync(TownHttp node, CancellationToken cancel)
    {
        if (await node.GetAsync("/api/v1/plan", cancel) is not { } plan) return new(0, 0, 0, false);
        var ends = plan["operations"]!.AsArray().Select(o => Instant(o!["end"]!)).DefaultIfEmpty(clock.Start);
        var lots = (await node.GetAsync("/api/v1/orders", cancel) as JsonArray ?? []).Where(o => o!["lot"] is not null)
            .Select(o => o!["id"]!.GetValue<string>()).ToHashSet();
        var late = plan["promises"]!.AsArray().Where(p => lots.Contains(p!["order"]!.GetValue<string>()))
            .Select(p => p!["latenessSeconds"]!.GetValue<double>()).Where(s => s > 0).ToList();
        return new(Math.Round((ends.Max() - clock.Start).TotalHours, 2), Math.Round(late.Sum() / 86_400, 3), late.Count, plan["verified"]!.GetValue<bool>());
    }

    private static async Task<(long Issued, long Acknowledged)> DispatchesAsync(TownHttp node, CancellationToken cancel) =>
        await node.GetAsync("/api/v1/shop/counts", cancel) is { } counts
            ? (counts["issued"]!.GetValue<long>(), counts["acknowledged"]!.GetValue<long>()) : (0, 0);

    private static async Task<IReadOnlyList<TownReportLoop>> LoopsAsync(TownHttp node, CancellationToken cancel)
    {
        // A change of a level is an entry too, but no advice.
        var entries = (await node.GetAsync("/api/v1/loops?most=1000", cancel) as JsonArray ?? []).Select(e => e!).Where(e => e["change"] is null).ToList();
        var levels = (await node.GetAsync("/api/v1/loops/levels", cancel) as JsonArray ?? []).ToDictionary(l => l!["loop"]!.GetValue<string>(), l => LevelOf(l!["level"]!));
        return [.. entries.GroupBy(e => e["loop"]!.GetValue<string>()).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
        {
            var effects = g.Select(e => e["effect"]).OfType<JsonObject>().ToList();
            return new TownReportLoop(g.Key, levels.TryGetValue(g.Key, out var level) ? level : LevelOf(g.First()["level"]!), g.Count(),
                g.Count(e => e["decision"]?["accepted"]?.GetValue<bool>() == true),
                Math.Round(effects.Sum(e => e["after"]!.GetValue<double>() - e["before"]!.GetValue<double>()), 3),
                effects.FirstOrDefault()?["measure"]?.GetValue<string>(),
                Math.Round(effects.Sum(e => e["before"]!.GetValue<double>()), 3), Math.Round(effects.Sum(e => e["after"]!.GetValue<double>()), 3),
                effects.Sum(e => e["orders"]!.GetValue<int>()), effects.Sum(e => e["finished"]!.GetValue<int>()),
                g.Count(e => e["decision"]?["by"]?.GetValue<string>() == LoopDecision.NobodyAnswered));
        })];
    }

    private static int LevelOf(JsonNode level) => level.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? level.GetValue<int>() : (int)Enum.Parse<AutonomyLevel>(level.GetValue<string>(), ignoreCase: true);

    private static double Seconds(JsonArray timeline, string state) => Math.Round(timeline
        .Where(s => string.Equals(s!["state"]!.GetValue<string>(), state, StringComparison.OrdinalIgnoreCase))
        .Sum(s => (Instant(s!["to"]!) - Instant(s["from"]!)).TotalSeconds), 1);

    private static string Machine(JsonNode? source) => source!["machine"]!.GetValue<string>();

    private static bool Connected(JsonNode? source) =>
        string.Equals(source?["link"]?.GetValue<string>(), "connected", StringComparison.OrdinalIgnoreCase);

    private static long Count(JsonNode? source, string name) => source?[name]?.GetValue<long>() ?? 0;
    private static DateTimeOffset Instant(JsonNode node) => DateTimeOffset.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);
}
