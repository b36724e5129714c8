using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Ui;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Promise dates and reservations; why orders are late and what would help.</summary>
internal static class PromiseRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var promise = api.MapGroup("/promise").WithTags("promise");
        promise.MapPost("/", AskAsync).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<QuoteDto>();
        promise.MapPost("/{quote}/reserve", (string quote, TakePromiseDto d, IPromiseDesk desk, HttpContext http) =>
            TakenAsync(d.Order, id => desk.ReserveAsync(quote, d.Way, id, TimeSpan.FromHours(d.Hours is >= 0 and <= 10_000 ? d.Hours.Value : 0), PlanRoutes.Name(http)))).RequireAuthorization(Policies.CanPlan).Produces<PromiseTakenDto>();
        promise.MapPost("/{quote}/order", (string quote, TakePromiseDto d, IPromiseDesk desk, HttpContext http) =>
            TakenAsync(d.Order, id => desk.OrderAsync(quote, d.Way, id, PlanRoutes.Name(http)))).RequireAuthorization(Policies.CanPlan).Produces<PromiseTakenDto>();
        promise.MapGet("/reservations", (IPromiseDesk desk) => desk.Reservations.Select(ReservationDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        promise.MapPost("/reservations/{order}/order", (string order, IPromiseDesk desk, HttpContext http) => TakenAsync(order, id => desk.OrderAsync(id, PlanRoutes.Name(http))))
            .RequireAuthorization(Policies.CanPlan).Produces<PromiseTakenDto>();
        promise.MapDelete("/reservations/{order}", (string order, IPromiseDesk desk, HttpContext http) => TakenAsync(order, id => desk.ReleaseAsync(id, PlanRoutes.Name(http))))
            .RequireAuthorization(Policies.CanPlan).Produces<PromiseTakenDto>();

        var plan = api.MapGroup("/plan").WithTags("plan");
        plan.MapGet("/late", (IPromiseDesk desk) => desk.WhyLate().Select(LateOrderDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        plan.MapGet("/findings", (IPlanDesk book) => book.Findings.Select(ConflictDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        plan.MapGet("/why/{operation}", (string operation, IPlanDesk book, IPromiseDesk desk) => Identifier.IsValid(operation) && desk.Why(new(operation)) is { IsEmpty: false } chain
            ? TypedResults.Ok(chain.Select(BindingLinkDto.Of).ToArray()) : NotPlanned(operation, book)).RequireAuthorization(Policies.CanView).Produces<BindingLinkDto[]>();
        // These two plan for some seconds, so they are for people who plan.
        plan.MapGet("/late/{order}/fixes", async (string order, IPlanDesk book, IPromiseDesk desk, CancellationToken cancel) => Known(order, book) is { } id
            ? TypedResults.Ok((await desk.FixesAsync(id, cancel)).Select(FixDto.Of).ToArray()) : Problems.NotFound($"There is no order '{order}'.")).RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<FixDto[]>();
        plan.MapGet("/late/{order}/clash", async (string order, IPlanDesk book, IPromiseDesk desk, CancellationToken cancel) => Known(order, book) is { } id
            ? TypedResults.Ok(await desk.ClashAsync(id, cancel) is var c ? new ClashDto([.. c.Orders.Select(o => o.Value)], c.Proved) : null) : Problems.NotFound($"There is no order '{order}'."))
            .RequireAuthorization(Policies.CanPlan).TakesItsTurn().Produces<ClashDto>();
    }

    /// <summary>Work that could not be planned has a reason too.</summary>
    private static IResult NotPlanned(string operation, IPlanDesk book) =>
        operation.LastIndexOf('.') is > 0 and var dot && book.Findings.FirstOrDefault(f => f.Order?.Value == operation[..dot]) is { } left
            ? Problems.Of(404, left.Rule, $"'{operation}' could not be planned: {FindingWords.Detail(new(), left)}")
            : Problems.NotFound($"The plan in force has no operation '{operation}'.");

    private static OrderId? Known(string order, IPlanDesk book) => book.Orders.FirstOrDefault(o => o.Id.Value == order)?.Id;

    private static async Task<IResult> AskAsync(AskPromiseDto d, IPromiseDesk desk, CancellationToken cancel)
    {
        if (!Identifier.IsValid(d.Item)) return Problems.Wrong($"'{d.Item}' cannot name an item.");
        var quote = await desk.AskAsync(new(d.Item), d.Quantity, d.Release, cancel);
        return quote.Id.Length == 0 ? Problems.Of(400, PromiseRules.NoItem, PromiseRules.All[PromiseRules.NoItem]) : TypedResults.Ok(QuoteDto.Of(quote));
    }

    private static async Task<IResult> TakenAsync(string order, Func<OrderId, Task<PromiseTaken>> take)
    {
        if (!Identifier.IsValid(order)) return Problems.Wrong($"'{order}' cannot name an order.");
        var taken = await take(new(order));
        return taken.Rule is null ? TypedResults.Ok(new PromiseTakenDto(order, taken.Finish))
            : Problems.Of(taken.Rule switch { PromiseRules.NoReservation or PromiseRules.NoOffer => 404, PromiseRules.HoldRange => 400, _ => 409 }, taken.Rule, taken.Message);
    }
}
