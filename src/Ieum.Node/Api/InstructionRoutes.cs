using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Work instructions, their pictures, and measurements by lot.</summary>
internal static class InstructionRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var instructions = api.MapGroup("/instructions").WithTags("instructions");
        instructions.MapGet("/pictures/{id}", async (string id, IInstructionDesk desk, CancellationToken cancel) =>
            await desk.PictureAsync(id, cancel) is { } p ? Results.File(p.Bytes, p.ContentType) : Problems.NotFound($"There is no picture '{id}'.")).RequireAuthorization(Policies.CanView);
        instructions.MapPost("/pictures", async (HttpRequest request, IInstructionDesk desk, HttpContext http, CancellationToken cancel) =>
            await TryAsync(async () => TypedResults.Ok(await desk.AddPictureAsync(await ExchangeRoutes.BytesOf(request, cancel), PlanRoutes.Name(http), cancel))))
            .RequireAuthorization(Policies.CanPlan).Accepts<byte[]>("image/png", "image/jpeg", "image/webp").Produces<string>();
        instructions.MapGet("/{item}/{step:int}", (string item, int step, IInstructionDesk desk) =>
            Identifier.IsValid(item) && desk.For(new(item), step) is { } i ? TypedResults.Ok(InstructionDto.Of(i)) : Problems.NotFound($"No instruction was written for step {step} of '{item}'.")).RequireAuthorization(Policies.CanView).Produces<InstructionDto>();
        instructions.MapPut("/{item}/{step:int}", async (string item, int step, InstructionDto i, IInstructionDesk desk, HttpContext http, CancellationToken cancel) =>
            !Identifier.IsValid(item) || step < 1 ? Problems.Wrong("item is a name, step 1 or more.") : await TryAsync(async () =>
            {
                await desk.SaveAsync(i.For(new(item), step), PlanRoutes.Name(http), cancel);
                return TypedResults.NoContent();
            })).RequireAuthorization(Policies.CanPlan);
        api.MapPost("/shop/measurements", async (MeasurementDto m, IInstructionDesk desk, IShopFloor floor, HttpContext http, CancellationToken cancel) =>
        {
            if (m.Lot is not null && !Identifier.IsValid(m.Lot)) return Problems.Of(400, Ieum.Act.ShopRules.LotName, $"'{m.Lot}' cannot be the number of a lot.");
            if (m.Id == Guid.Empty || !Identifier.IsValid(m.Operation) || m.Values is null) return Problems.Wrong("id is a fresh UUID; operation, piece and values are needed.");
            var answer = await desk.MeasureAsync(new(m.Id, new(m.Operation), m.Piece ?? 1, m.Values.ToImmutableDictionary(StringComparer.Ordinal), m.At ?? floor.Now, m.Lot is { } lot ? new LotId(lot) : null), PlanRoutes.Name(http), cancel);
            return answer.Accepted ? TypedResults.Ok(new MeasurementAnswerDto(true, [.. answer.Outside])) : Problems.Of(409, answer.Rule!, answer.Message);
        }).RequireAuthorization(Policies.CanOperate).WithTags("shop").Produces<MeasurementAnswerDto>();
    }

    private static async Task<IResult> TryAsync(Func<Task<IResult>> then)
    {
        try
        {
            return await then();
        }
        catch (ArgumentException e)
        {
            return Problems.Wrong(e.Message);
        }
    }
}

/// <param name="Picture">Id that POST /instructions/pictures gave; null without one.</param>
internal sealed record InstructionLineDto(string? Ko, string? Ja, string? En, string? Picture);

internal sealed record InspectionPointDto(string Name, double? Lower, double? Upper, string? Unit, int? Every);

internal sealed record InstructionDto(string? Drawing, string? Revision, InstructionLineDto[]? Lines, InspectionPointDto[]? Inspection)
{
    public static InstructionDto Of(WorkInstruction i) => new(i.Drawing, i.Revision, [.. i.Lines.Select(l => new InstructionLineDto(l.Text.In("ko"), l.Text.In("ja"), l.Text.In("en"), l.Picture))],
        [.. i.Inspection.Select(p => new InspectionPointDto(p.Name, p.Lower, p.Upper, p.Unit, p.Every))]);

    /// <summary>A language that is left out shows the first one that is there.</summary>
    public WorkInstruction For(ItemId item, int step) => new(item, step, Drawing ?? "", Revision ?? "",
        [.. (Lines ?? []).Select(l => (l, Any: l.En ?? l.Ko ?? l.Ja ?? "")).Select(l => new InstructionLine(new(l.l.Ko ?? l.Any, l.l.Ja ?? l.Any, l.l.En ?? l.Any), l.l.Picture))],
        [.. (Inspection ?? []).Select(p => new InspectionPoint(p.Name ?? "", p.Lower, p.Upper, p.Unit ?? "", p.Every ?? 1))]);
}

/// <param name="Values">Measured value by characteristic, in the unit of the inspection plan.</param>
/// <param name="At">Factory time; now when left out.</param>
/// <param name="Lot">The lot of the piece; left out: the one that is being worked on.</param>
internal sealed record MeasurementDto(Guid Id, string Operation, int? Piece, Dictionary<string, double>? Values, DateTimeOffset? At, string? Lot = null);

/// <param name="Outside">Characteristics outside their limits, with value and limits.</param>
internal sealed record MeasurementAnswerDto(bool Accepted, string[] Outside);
