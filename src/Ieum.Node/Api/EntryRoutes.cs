using Ieum.Connect.Manual;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <param name="Id">A fresh UUID made where it was entered; the same id counts once.</param>
/// <param name="Reason">Of a stop.</param>
/// <param name="At">When it was entered; now when absent.</param>
internal sealed record EntryDto(Guid Id, string Point, string Value, string? Reason, DateTimeOffset? At);

internal sealed record EntryAnswerDto(bool Accepted, string? Rule, string Message);

internal sealed record EntryPointDto(string Name, string Kind, string[] Choices, string Unit, string Description);

/// <summary>Values that people enter at a machine.</summary>
internal static class EntryRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/machines/{machine}/entries").WithTags("machines");
        g.MapGet("/", (string machine, IShopFloor floor, IManualEntries entries) => MachineRoutes.Find(floor, machine) is { } card
            ? TypedResults.Ok(entries.PointsOf(card.Machine.Id).Select(p => new EntryPointDto(p.Name, p.Kind.ToString().ToLowerInvariant(), [.. p.Choices], p.Unit, p.Description)).ToArray())
            : Problems.NotFound($"There is no machine '{machine}'.")).RequireAuthorization(Policies.CanView).Produces<EntryPointDto[]>();
        g.MapPost("/", EnterAsync).RequireAuthorization(Policies.CanOperate).Produces<EntryAnswerDto>();
    }

    private static async Task<IResult> EnterAsync(string machine, EntryDto e, IManualEntries entries, IShopFloor floor, HttpContext http, CancellationToken cancel)
    {
        if (MachineRoutes.Find(floor, machine) is not { } card) return Problems.NotFound($"There is no machine '{machine}'.");
        if (e.Id == Guid.Empty || e.Point is null || e.Value is null) return Problems.Wrong("id is a fresh UUID; point and value are needed.");
        var answer = await entries.EnterAsync(card.Machine.Id, new(e.Id, e.Point, e.Value, e.Reason, e.At ?? floor.Now, PlanRoutes.Name(http)), cancel);
        if (answer.Accepted) return TypedResults.Ok(new EntryAnswerDto(true, null, answer.Message));
        // 503 keeps the entry on the phone: it comes again when the connection runs.
        return Problems.Of(answer.Rule == ManualRules.NotRunning ? 503 : 409, answer.Rule ?? ApiRules.Conflict, answer.Message);
    }
}
