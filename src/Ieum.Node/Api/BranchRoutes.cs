using Ieum.Node.Loop;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <param name="Name">1 to 60 characters, for people.</param>
internal sealed record BeginBranchDto(string Name);

/// <param name="Anew">As if there were no plan to disturb; with least disturbance when left out.</param>
internal sealed record PlanBranchDto(bool? Anew);

/// <param name="Base">Number of the plan in force when it was planned.</param>
/// <param name="Standing">What the plan in force came to at that moment.</param>
internal sealed record BranchDto(string Id, string Name, string By, DateTimeOffset Begun, int Base, bool Anew, PlanChangeDto[] Changes, FiguresDto? Figures, FiguresDto? Standing, PlannedDto[] Operations, PromiseDto[] Promises, string[] Trouble)
{
    public static BranchDto Of(PlanBranch b) => new(b.Id, b.Name, b.By, b.Begun, b.Base, b.Anew, [.. b.Changes.Select(PlanChangeDto.Of)], b.Figures is { } f ? FiguresDto.Of(f) : null, b.Standing is { } s ? FiguresDto.Of(s) : null,
        [.. (b.Plan?.Operations ?? []).Select(PlannedDto.Of)], [.. (b.Plan?.Promises ?? []).Select(x => new PromiseDto(x.Order.Value, x.Finish, x.Due, x.Lateness.TotalSeconds))], [.. b.Trouble]);
}

/// <summary>What-if branches of the plan: begin, change, plan, compare, keep or throw away.</summary>
internal static class BranchRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/plan/branches").WithTags("plan");
        g.MapGet("/", (IBranchDesk desk) => desk.Branches.Select(BranchDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        g.MapPost("/", async (BeginBranchDto d, IBranchDesk desk, HttpContext http) => Answer(await desk.BeginAsync(d.Name ?? "", PlanRoutes.Name(http)))).RequireAuthorization(Policies.CanPlan).Produces<BranchDto>();
        g.MapPost("/{id}/changes", ChangeAsync).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<BranchDto>();
        g.MapDelete("/{id}/changes/{number:int}", async (string id, int number, IBranchDesk desk, CancellationToken cancel) => Answer(await desk.TakeBackAsync(id, number, cancel))).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<BranchDto>();
        g.MapPost("/{id}/plan", async (string id, PlanBranchDto d, IBranchDesk desk, CancellationToken cancel) => Answer(await desk.PlanAsync(id, d.Anew ?? false, cancel))).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<BranchDto>();
        g.MapPost("/{id}/keep", async (string id, IBranchDesk desk, HttpContext http) => Answer(await desk.KeepAsync(id, PlanRoutes.Name(http)))).RequireAuthorization(Policies.CanPlan).Produces<ChosenDto>();
        g.MapDelete("/{id}", async (string id, IBranchDesk desk, HttpContext http) => await desk.ThrowAwayAsync(id, PlanRoutes.Name(http)) ? Results.NoContent() : Problems.Of(404, BranchRules.Gone, BranchRules.All[BranchRules.Gone]))
            .RequireAuthorization(Policies.CanPlan).Produces(204);
    }

    private static async Task<IResult> ChangeAsync(string id, PlanChangeDto d, IBranchDesk desk, IPlanDesk plans, FactoryState factory, CancellationToken cancel)
    {
        // What the branch changed already is changed on from there.
        var book = plans.Orders.ToDictionary(o => o.Id);
        foreach (var o in desk.Branches.FirstOrDefault(b => b.Id == id)?.Changes.OfType<Model.PlanChange.OrderIs>() ?? []) book[o.Order.Id] = o.Order;
        var (change, why) = d.Read(book.Values, factory.Products, desk.Now);
        return change is null ? Problems.Wrong(why) : Answer(await desk.ChangeAsync(id, change, cancel));
    }

    private static IResult Answer(BranchAnswer a) => a switch
    {
        { Branch: { } b } => TypedResults.Ok(BranchDto.Of(b)),
        { Rule: null } => TypedResults.Ok(new ChosenDto(a.Plan)),
        _ => Problems.Of(a.Rule switch { BranchRules.Gone or ReplanRules.Unknown => 404, BranchRules.Name or ReplanRules.NotSo => 400, _ => 409 }, a.Rule, a.More is { } more ? $"{a.Message} {more}" : a.Message),
    };
}
