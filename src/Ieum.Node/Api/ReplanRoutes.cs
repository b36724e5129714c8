using System.Globalization;
using Ieum.Node.Loop;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Something happened: tell it, see the ways out with their clocks, choose one.</summary>
internal static class ReplanRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/plan/disturbances").WithTags("plan");
        g.MapGet("/", (IReplanDesk desk) => new DisturbancesDto(desk.Now, desk.Plan, [.. desk.Told.Select(ToldDto.Of)], [.. desk.Cases.Select(c => ReplanCaseDto.Of(c, desk.Now))])).RequireAuthorization(Policies.CanView);
        g.MapPost("/", TellAsync).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<ReplanCaseDto>();
        g.MapPost("/{id}/again", async (string id, IReplanDesk desk, CancellationToken cancel) => Answer(await desk.AgainAsync(id, cancel), desk)).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<ReplanCaseDto>();
        g.MapPost("/{id}/choose", ChooseAsync).RequireAuthorization(Policies.CanPlan).Produces<ChosenDto>();
        g.MapDelete("/{id}", async (string id, IReplanDesk desk, HttpContext http) => await desk.OverAsync(id, PlanRoutes.Name(http)) ? Results.NoContent() : Problems.Of(404, ReplanRules.Gone, ReplanRules.All[ReplanRules.Gone]))
            .RequireAuthorization(Policies.CanPlan).Produces(204);
    }

    private static async Task<IResult> TellAsync(PlanChangeDto d, IReplanDesk desk, IPlanDesk plans, FactoryState factory, HttpContext http, CancellationToken cancel)
    {
        var (change, why) = d.Read(plans.Orders, factory.Products, desk.Now);
        return change is null ? Problems.Wrong(why) : Answer(await desk.TellAsync(change, PlanRoutes.Name(http), cancel), desk);
    }

    private static IResult Answer(ReplanTold told, IReplanDesk desk) => told.Case is { } c ? TypedResults.Ok(ReplanCaseDto.Of(c, desk.Now))
        : Problems.Of(told.Rule switch { ReplanRules.Unknown or ReplanRules.Gone => 404, ReplanRules.NotSo => 400, _ => 409 }, told.Rule!, told.Message);

    private static async Task<IResult> ChooseAsync(string id, ChooseDto d, IReplanDesk desk, HttpContext http)
    {
        var chosen = await desk.ChooseAsync(id, d.Kind, PlanRoutes.Name(http));
        if (chosen.Rule is null) return TypedResults.Ok(new ChosenDto(chosen.Plan));
        var since = chosen.Since is { } s ? string.Create(CultureInfo.InvariantCulture, $" It ran out at {s.At:yyyy-MM-ddTHH:mm:sszzz} ({s.Cause} {s.Operation}{s.What}).") : "";
        return Problems.Of(chosen.Rule == ReplanRules.Gone ? 404 : 409, chosen.Rule, chosen.Message + since);
    }
}
