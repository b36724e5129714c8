using System.Text.Json.Nodes;

namespace Ieum.Node.Town;

/// <summary>The day's mishap: the spindle of machining centre 1 gives up on the first morning, and its builder needs two days.</summary>
/// <remarks>
/// The scenario tells it of the second week; the first day is the one that is played. The machine really stops: its control
/// says so over its protocol, and the nodes know no more of it than that.
/// </remarks>
internal static class TownBreakdown
{
    public const string Machine = "B-MC1";

    /// <summary>After the begin of the scenario: 10:20 on the first morning.</summary>
    public static readonly TimeSpan After = new(2, 20, 0), Lasts = TimeSpan.FromDays(2);

    /// <summary>Nothing happens where the machine is not there or plays a recording, which cannot be stopped.</summary>
    public static async Task OrderAsync(TownScenario scenario, IReadOnlyList<TownHouse> houses, TownHttp machines, CancellationToken cancel)
    {
        if (!houses.Any(h => h.Machines.Any(m => m.Id == Machine))) return;
        await machines.PostAsync("/breakdown", new JsonObject
        {
            ["machine"] = Machine,
            ["seconds"] = Lasts.TotalSeconds,
            ["at"] = (scenario.Start + After).ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["code"] = "9031",
            ["text"] = "SPINDLE BEARING ALARM",
        }, cancel);
    }
}

/// <summary>The person at the planner's desk of a town that plays alone: reads the advices that wait, and says yes to the best way.</summary>
internal sealed class TownPlanner(TownHttp node)
{
    public async Task LookAsync(CancellationToken cancel)
    {
        foreach (var entry in await node.GetAsync("/api/v1/loops?most=20", cancel) as JsonArray ?? [])
            if (entry!["loop"]!.GetValue<string>() == Act.BreakdownWatch.Loop && entry["decision"] is null && entry["level"]!.GetValue<string>() is "ask" or "advise")
                // The best way that can still be chosen; one whose time is over is refused.
                foreach (var way in entry["ways"]!.AsArray())
                    if ((await node.PostAsync($"/api/v1/loops/{entry["number"]!.GetValue<long>()}/decision", new JsonObject { ["accepted"] = true, ["note"] = "as advised", ["way"] = way!["kind"]!.GetValue<string>() }, cancel)).Ok) break;
    }
}
