using Ieum.Plan;

namespace Ieum.Node.Api;

/// <param name="OnTime">Share of the runs, 0 to 1; with <paramref name="Error"/>, half its 95 % interval.</param>
/// <param name="LikelyFinish">Half of the runs are finished by then.</param>
/// <param name="CautiousFinish">Nine tenths are.</param>
/// <param name="Measured">Operations, of <paramref name="Operations"/>, with durations measured on their own machine.</param>
internal sealed record OrderRiskDto(string Order, double OnTime, double Error, DateTimeOffset LikelyFinish, DateTimeOffset CautiousFinish, double SlackSeconds, bool Fragile, int Operations, int Measured);

/// <param name="From">Finish of the first lot that was measured; null when none was.</param>
/// <param name="Sources">Operations by where their durations came from: <c>machine</c>, <c>shop</c>, <c>guess</c>.</param>
internal sealed record PlanRiskDto(int Plan, string Model, int Runs, int Seed, DateTimeOffset? From, DateTimeOffset? To, int Lots, IReadOnlyDictionary<string, int> Sources,
    double AllOnTime, bool Fragile, OrderRiskDto[] Orders)
{
    public static PlanRiskDto Of(PlanRisk r) => new(r.Plan, PlanRisk.Model, r.Runs, r.Seed, r.Window?.From, r.Window?.To, r.Lots,
        r.Sources.ToDictionary(s => s.Key.ToString().ToLowerInvariant(), s => s.Value), r.AllOnTime, r.IsFragile,
        [.. r.Orders.Select(o => new OrderRiskDto(o.Order.Value, o.OnTime, o.Error, o.Likely, o.Cautious, o.Slack.TotalSeconds, o.IsFragile, o.Operations, o.Measured))]);
}
