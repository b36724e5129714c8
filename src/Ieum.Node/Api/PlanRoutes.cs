using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Security;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Api;

/// <summary>Orders, plans, dispatch lists, reports from the shop floor, and the loop ledger.</summary>
internal static class PlanRoutes
{
    private static readonly string[] Reasons = ["asked", "new-order", "late-operation", "machine-down"];

    public static void Map(RouteGroupBuilder api)
    {
        var orders = api.MapGroup("/orders").WithTags("orders");
        orders.MapGet("/", (IPlanDesk desk) => desk.Orders.Select(o => OrderDto.Of(o, desk)).ToArray()).RequireAuthorization(Policies.CanView);
        orders.MapPost("/", AddOrderAsync).RequireAuthorization(Policies.CanPlan).Produces<OrderDto>(201);

        var plan = api.MapGroup("/plan").WithTags("plan");
        plan.MapGet("/", (IPlanDesk desk) => desk.InForce is { } p ? TypedResults.Ok(PlanDto.Of(p, desk.TimesUsed)) : Problems.NotFound("No plan is in force yet."))
            .RequireAuthorization(Policies.CanView).Produces<PlanDto>();
        plan.MapGet("/history", (IPlanDesk desk) => desk.History.Select(PlanSummaryDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        plan.MapPost("/replan", ReplanAsync).RequireAuthorization(Policies.CanPlan).Produces<ReplanAnswerDto>();

        api.MapGet("/plan/risk", async (int? runs, int? seed, IPlanDesk desk, IRiskDesk risk, CancellationToken cancel) => desk.InForce is not { } plan ? Problems.NotFound("There is no plan.")
            : runs is < 1 or > PlanRisk.MostRuns ? Problems.Wrong($"runs lies between 1 and {PlanRisk.MostRuns}.")
            : TypedResults.Ok(PlanRiskDto.Of(await risk.StudyAsync(plan, runs ?? PlanRisk.DefaultRuns, seed ?? 1, cancel))))
            .RequireAuthorization(Policies.CanView).WithTags("plan").Produces<PlanRiskDto>();

        var shop = api.MapGroup("/shop").WithTags("shop");
        shop.MapGet("/dispatch/{machine}", (string machine, IOperatorDesk desk, IShopFloor floor) => MachineRoutes.Find(floor, machine) is { } c
            ? TypedResults.Ok(desk.For(c.Machine.Id).Select(d => DispatchDto.Of(d, desk.LotsOf(d.Operation.Operation))).ToArray()) : Problems.NotFound($"There is no machine '{machine}'."))
            .RequireAuthorization(Policies.CanView).Produces<DispatchDto[]>();
        shop.MapGet("/counts", (Ieum.Act.IDispatcher dispatcher) => new DispatchCountsDto(dispatcher.Counts.Issued, dispatcher.Counts.Acknowledged))
            .RequireAuthorization(Policies.CanView);
        shop.MapPost("/events", ReportAsync).RequireAuthorization(Policies.CanOperate).Produces<ShopAnswerDto>();
        // The operator page's queue sends here; a phone may hold reports of an older page, so the address stays.

        var loops = api.MapGroup("/loops").WithTags("loops");
        loops.MapGet("/", async (int? most, ILoopDesk desk, CancellationToken cancel) =>
            (await desk.ListAsync(Math.Clamp(most ?? 100, 1, 1000), cancel)).Select(LoopDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        loops.MapPost("/{number:long}/decision", (long number, DecisionDto d, ILoopDesk desk, HttpContext http, CancellationToken cancel) =>
            LedgerAsync(() => desk.DecideAsync(number, d.Accepted, Name(http), d.Note, d.Way, cancel))).RequireAuthorization(Policies.CanPlan).Produces<LoopDto>();
        loops.MapPost("/{number:long}/veto", (long number, NoteDto d, ILoopDesk desk, HttpContext http, CancellationToken cancel) =>
            LedgerAsync(() => desk.VetoAsync(number, Name(http), d.Note, cancel))).RequireAuthorization(Policies.CanOperate).Produces<LoopDto>();
        loops.MapPost("/{number:long}/undo", (long number, ILoopDesk desk, HttpContext http, CancellationToken cancel) =>
            LedgerAsync(() => desk.UndoAsync(number, Name(http), cancel))).RequireAuthorization(Policies.CanPlan).Produces<LoopDto>();
        loops.MapGet("/levels", async (ILoopDesk desk, CancellationToken cancel) =>
            (await desk.StandingsAsync(cancel)).Select(LoopStandingDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        loops.MapPost("/levels/{loop}/lower", LowerAsync).RequireAuthorization(Policies.CanPlan).Produces<LoopStandingDto>();
        loops.MapPost("/levels/{loop}/allow", AllowAsync).RequireAuthorization(Policies.CanOwn).Produces<LoopStandingDto>();
        loops.MapGet("/verdict", (ILoopDesk desk, CancellationToken cancel) => desk.VerifyAsync(cancel)).RequireAuthorization(Policies.CanView);
    }

    private static async Task<IResult> AddOrderAsync(NewOrderDto o, IPlanDesk desk, FactoryState factory, HttpContext http, CancellationToken cancel)
    {
        if (!Identifier.IsValid(o.Id)) return Problems.Wrong($"'{o.Id}' cannot name an order.");
        if (o.Lot is not null && !Identifier.IsValid(o.Lot)) return Problems.Wrong($"'{o.Lot}' cannot name a lot.");
        if (factory.Products.FirstOrDefault(p => p.Id.Value == o.Item) is not { } product)
            return Problems.Wrong($"Item '{o.Item}' has no routing. Known items: {string.Join(", ", factory.Products.Select(p => p.Id))}.");
        if (o.Quantity < 1 || o.Due < o.Release || o.Deadline < o.Due || o.Weight is < 1 or > 100) return Problems.Wrong("quantity is 1 or more, due not before release, deadline not before due, weight 1 to 100.");
        if (desk.Orders.Any(x => x.Id.Value == o.Id)) return Problems.Of(409, ApiRules.Conflict, $"Order '{o.Id}' is there already.");
        var order = new Order(new(o.Id), product.Routing, o.Quantity, o.Release, o.Due, o.Weight ?? 1, o.Private ?? false, o.Lot is null ? null : new LotId(o.Lot), o.Deadline, product.Alternatives);
        await desk.AddOrderAsync(order, Name(http), cancel);
        return TypedResults.Created($"/api/v1/orders/{Uri.EscapeDataString(o.Id)}", OrderDto.Of(order, desk));
    }

    private static async Task<IResult> ReplanAsync(ReplanDto asked, IPlanDesk desk, HttpContext http, CancellationToken cancel)
    {
        var reason = asked.Reason ?? "asked";
        if (!Reasons.Contains(reason)) return Problems.Wrong($"'{reason}' is not a reason; choose one of {string.Join(", ", Reasons)}.");
        var outcome = await desk.ReplanAsync(reason, Name(http), cancel);
        return TypedResults.Ok(outcome.Match(
            p => new ReplanAnswerDto("planned", p.Plan.Number, p.Gap, p.Plan.Late.Count(), [.. p.Findings.Select(ConflictDto.Of)]),
            i => new ReplanAnswerDto("impossible", null, null, null, [.. i.Conflicts.Select(ConflictDto.Of)]),
            _ => new ReplanAnswerDto("outOfTime", null, null, null, [])));
    }

    private static async Task<IResult> ReportAsync(ShopEventDto e, IOperatorDesk desk, IShopFloor floor, HttpContext http, CancellationToken cancel)
    {
        if (!Identifier.IsValid(e.Operation)) return Problems.Wrong($"'{e.Operation}' cannot name an operation.");
        if (e.Lot is not null && !Identifier.IsValid(e.Lot)) return Problems.Of(400, Ieum.Act.ShopRules.LotName, $"'{e.Lot}' cannot be the number of a lot.");
        if (MachineRoutes.Find(floor, e.Machine) is not { } card) return Problems.NotFound($"There is no machine '{e.Machine}'.");
        var (id, operation, machine, by, at) = (e.Id, new OperationId(e.Operation), card.Machine.Id, Name(http), e.At ?? floor.Now);
        ShopEvent? report = e.Event switch
        {
            "started" => new ShopEvent.Started(id, operation, machine, by, at),
            "paused" => new ShopEvent.Paused(id, operation, machine, by, at, e.Reason ?? "other"),
            "resumed" => new ShopEvent.Resumed(id, operation, machine, by, at),
            "lotFinished" when e is { Good: >= 0, Scrap: null or >= 0 } => new ShopEvent.LotFinished(id, operation, machine, by, at, e.Good.Value, e.Scrap ?? 0),
            "finished" when e is { Good: >= 0, Scrap: null or >= 0 } => new ShopEvent.Finished(id, operation, machine, by, at, e.Good.Value, e.Scrap ?? 0),
            _ => null,
        };
        if (id == Guid.Empty || report is null)
            return Problems.Wrong("id is a fresh UUID; event is started, paused, resumed, lotFinished or finished, the last two with good and scrap of zero or more.");
        var answer = await desk.ReportAsync(report with { Lot = e.Lot is { } lot ? new(lot) : null }, cancel);
        return answer.Accepted
            ? TypedResults.Ok(new ShopAnswerDto(true, null, answer.Message, answer.Actual.Status, answer.Actual.Good, answer.Actual.Scrap))
            : Problems.Of(409, answer.Rule ?? ApiRules.Conflict, answer.Message);
    }

    private static async Task<IResult> LowerAsync(string loop, ILoopDesk desk, HttpContext http, CancellationToken cancel)
    {
        try
        {
            return TypedResults.Ok(LoopStandingDto.Of(await desk.LowerAsync(loop, Name(http), cancel)));
        }
        catch (ArgumentException e)
        {
            return Problems.NotFound(e.Message);
        }
        catch (InvalidOperationException e)
        {
            return Problems.Of(409, Ieum.Act.LoopRules.Lowest, e.Message);
        }
    }

    private static async Task<IResult> AllowAsync(string loop, AllowDto d, ILoopDesk desk, HttpContext http, CancellationToken cancel)
    {
        try
        {
            return TypedResults.Ok(LoopStandingDto.Of(await desk.AllowAsync(loop, d.Most, Name(http), cancel)));
        }
        catch (ArgumentException e)
        {
            return Problems.Of(404, Ieum.Act.LoopRules.NoLevel, e.Message);
        }
    }

    private static async Task<IResult> LedgerAsync(Func<Task<LoopEntry>> act)
    {
        try
        {
            return TypedResults.Ok(LoopDto.Of(await act()));
        }
        catch (Ieum.Act.LoopRefusedException e)
        {
            return Problems.Of(409, e.Rule, e.Message);
        }
        catch (InvalidOperationException e)
        {
            return Problems.Of(409, ApiRules.Conflict, e.Message);
        }
    }

    internal static string Name(HttpContext http) => http.User.Identity?.Name ?? "unknown";
}
