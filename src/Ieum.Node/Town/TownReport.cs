using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ieum.Node.Town;

/// <summary>What a run of the town measured. Other programs read it: keys may be added, never renamed.</summary>
internal sealed record TownReport(
    string Scenario, long Seed, double StartedSeconds, double PeakMemoryMb,
    IReadOnlyList<TownReportCompany> Companies, TownReportPlan Plan, TownReportDispatches Dispatches,
    IReadOnlyList<TownReportLoop> Loops)
{
    /// <summary>The scenario's acceptance tests need all seven companies; two run so far.</summary>
    public JsonArray Acceptance { get; } = [];

    /// <summary>What crossed between companies; null while the companies do not talk to each other.</summary>
    public JsonObject? Wire { get; }

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Form);
}

internal sealed record TownReportCompany(string Id, IReadOnlyList<TownReportMachine> Machines);

/// <summary>Accounting of one machine: <c>sent = received + lost</c>, <c>received = stored + rejected</c>.</summary>
/// <param name="Stored">Without the marks the node itself writes when a Sparkplug peer dies or comes back: nobody sent those.</param>
/// <param name="LostInGaps">Of <paramref name="Lost"/>, values of a machine that is asked which it said inside a gap of the node; its protocol has no numbers, so the machine's count is taken (docs/loss.md).</param>
/// <param name="Sent">Distinct values the simulated machine put on the wire.</param>
/// <param name="States">Seconds of factory time per state since the town began.</param>
/// <param name="Oee">0 to 1; null where it cannot be measured.</param>
internal sealed record TownReportMachine(
    string Id, string Protocol, bool Connected, long Sent, long Received, long Stored, long Rejected, long Lost, long Gaps, long LostInGaps,
    IReadOnlyDictionary<string, double> States, double? Oee);

internal sealed record TownReportPlan(double MakespanHours, double TardinessLotDays, int LateLots, bool Verified);

internal sealed record TownReportDispatches(long Issued, long Acknowledged);

/// <param name="Level">Autonomy level at the end, 0 to 4.</param>
/// <param name="Advice">How often the loop advised.</param>
/// <param name="Accepted">How many of these were accepted, by a person or by the level.</param>
/// <param name="Effect">Sum over the acts of the measure after minus before; 0 while nothing was measured.</param>
/// <param name="Measure">What the effect is measured in.</param>
/// <param name="Before">Sum of the measure without the acts.</param>
/// <param name="After">Sum of the measure with them.</param>
/// <param name="Orders">Orders that the effect was measured on; 0 where it was only reckoned.</param>
/// <param name="Finished">Of these, orders that were finished by then.</param>
/// <param name="Expired">Advices that nobody answered.</param>
internal sealed record TownReportLoop(string Id, int Level, int Advice, int Accepted, double Effect, string? Measure,
    double Before, double After, int Orders, int Finished, int Expired);
