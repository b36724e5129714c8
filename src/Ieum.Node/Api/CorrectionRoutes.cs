using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Which set point is written when a signal goes wrong: what holds, who changed it. What they lead to stands in the loop ledger.</summary>
internal static class CorrectionRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/corrections").WithTags("loops");
        g.MapGet("/", (ICorrectionDesk desk) => desk.All.Select(CorrectionDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        g.MapPut("/{id}", async (string id, CorrectionDto c, ICorrectionDesk desk, HttpContext http, CancellationToken cancel) =>
        {
            if (!Identifier.IsValid(c.Machine)) return Problems.Of(400, CorrectionRules.Machine, $"machine: '{c.Machine}' names no machine.");
            if (c.When is not (null or "anomaly" or "above" or "below")) return Problems.Wrong("when is anomaly, above or below.");
            return Answer(await desk.SaveAsync(c.ToCorrection(id), replace: true, PlanRoutes.Name(http), cancel), () => CorrectionDto.Of(desk.All.First(x => x.Id == id)));
        }).RequireAuthorization(Policies.CanOwn).Produces<CorrectionDto>();
        g.MapDelete("/{id}", async (string id, ICorrectionDesk desk, HttpContext http, CancellationToken cancel) => desk.All.Any(c => c.Id == id)
            ? Answer(await desk.RemoveAsync(id, PlanRoutes.Name(http), cancel), () => null) : Problems.NotFound($"There is no correction '{id}'.")).RequireAuthorization(Policies.CanOwn);
        g.MapGet("/changes", async (ICorrectionDesk desk, CancellationToken cancel) =>
            (await desk.ChangesAsync(100, cancel)).Select(SettingsChangeDto.Of).ToArray()).RequireAuthorization(Policies.CanOwn);
    }

    private static IResult Answer(IReadOnlyList<CorrectionFault> faults, Func<CorrectionDto?> done) => faults.Count > 0
        ? Problems.Of(400, faults[0].Rule, string.Join(' ', faults.Select(f => f.Field.Length > 0 ? $"{f.Field}: {f.Message}" : f.Message)))
        : done() is { } dto ? TypedResults.Ok(dto) : TypedResults.NoContent();
}

/// <summary>One correction, with the meanings of <c>corrections</c> in <c>ieum.json</c>.</summary>
/// <param name="Id">Told only; the address names it.</param>
/// <param name="When"><c>anomaly</c> (default), <c>above</c> or <c>below</c>.</param>
/// <param name="Limit">In the unit of <paramref name="Watch"/>; needed by above and below.</param>
/// <param name="ForSeconds">Default 60; 0 to 86,400.</param>
/// <param name="SettleSeconds">Default 900; 10 to 86,400.</param>
internal sealed record CorrectionDto(string? Id, string? Machine, string? Watch, string? Set, double? To, double? Target, string? When, double? Limit, double? ForSeconds, double? SettleSeconds)
{
    public static CorrectionDto Of(Correction c) => new(c.Id, c.Set.Machine.Value, c.Watch.Name, c.Set.Name, c.To, c.Target, c.When.ToString().ToLowerInvariant(),
        c.When == CorrectionTrigger.Anomaly ? null : c.Limit, c.For.TotalSeconds, c.Settle.TotalSeconds);

    /// <summary>What is left out becomes a number or name that the rules refuse.</summary>
    public Correction ToCorrection(string id)
    {
        var d = new Correction(id, new(new(Machine!), Watch?.Trim() ?? ""), new(new(Machine!), Set?.Trim() ?? ""), To ?? double.NaN, Target ?? double.NaN);
        return d with
        {
            When = When switch { "above" => CorrectionTrigger.Above, "below" => CorrectionTrigger.Below, _ => CorrectionTrigger.Anomaly }, Limit = Limit ?? double.NaN,
            For = Seconds(ForSeconds) ?? d.For, Settle = Seconds(SettleSeconds) ?? d.Settle,
        };
    }

    // What lies outside every range is judged by the rules, not by an overflow here.
    private static TimeSpan? Seconds(double? s) => s is { } n ? TimeSpan.FromSeconds(Math.Clamp(n, -1, 1e6)) : null;
}
