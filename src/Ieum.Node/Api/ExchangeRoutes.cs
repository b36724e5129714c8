using System.Text.Json;
using Ieum.Connect.Files;
using Ieum.Node.Exchange;
using Ieum.Node.Security;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Mvc;

namespace Ieum.Node.Api;

/// <summary>Tables and ISA-95 documents in and out (docs/how-to/import-orders.md, docs/protocols/isa95-json.md).</summary>
internal static class ExchangeRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var exchange = api.MapGroup("/exchange").WithTags("exchange");
        exchange.MapGet("/isa95/schedule", (IPlanDesk desk) => desk.InForce is { } plan ? Json(Isa95Out.Schedule(plan, desk.Orders)) : Problems.NotFound("No plan is in force yet.")).RequireAuthorization(Policies.CanView);
        exchange.MapGet("/isa95/performance", (IPlanDesk desk, IShopFloor floor) => Json(Isa95Out.Performance(desk.Actuals, desk.Orders, floor.Now))).RequireAuthorization(Policies.CanView);
        exchange.MapPost("/isa95", async (bool? check, HttpRequest request, ExchangeDesk desk, HttpContext http, CancellationToken cancel) =>
            await JsonOf(request, cancel) is { } document ? TypedResults.Ok((await desk.AddIsa95Async(document, check ?? false, PlanRoutes.Name(http), cancel)).Select(r => ExchangeWords.In(new(), r)).ToArray()) : NotJson())
            .RequireAuthorization(Policies.CanPlan).Accepts<object>("application/json").Produces<ExchangeReport[]>();
        exchange.MapGet("/{kind}/template", (string kind, string? format, string? language, IExchangeDesk desk) =>
            desk.Kinds.Contains(kind) && IsFormat(format) && IsLanguage(language) ? File(desk.Template(kind, format ?? "xlsx", language ?? "en")) : Unknown(desk)).RequireAuthorization(Policies.CanView);
        exchange.MapGet("/{kind}", (string kind, string? format, string? language, IExchangeDesk desk) =>
            (kind == "plan" || desk.Kinds.Contains(kind)) && IsFormat(format) && IsLanguage(language)
                ? desk.Export(kind, format ?? "xlsx", language ?? "en") is { } file ? File(file) : Problems.NotFound("No plan is in force yet.") : Unknown(desk)).RequireAuthorization(Policies.CanView);
        exchange.MapPost("/routings/follow", async ([FromBody] string[] orders, ExchangeDesk desk, HttpContext http, CancellationToken cancel) =>
            TypedResults.Ok((await desk.FollowAsync(orders, PlanRoutes.Name(http), cancel)).ToArray())).RequireAuthorization(Policies.CanPlan).Accepts<string[]>("application/json").Produces<string[]>();
        exchange.MapPost("/{kind}", AddAsync).RequireAuthorization(Policies.CanPlan).Accepts<byte[]>("text/csv", "application/octet-stream", "application/json").Produces<ExchangeReport>();
    }

    /// <summary>A file as the body, or rows as a JSON array of objects with the columns' keys.</summary>
    private static async Task<IResult> AddAsync(string kind, bool? check, HttpRequest request, ExchangeDesk desk, HttpContext http, CancellationToken cancel)
    {
        if (!desk.Kinds.Contains(kind)) return Unknown(desk);
        if (request.HasJsonContentType())
            return await JsonOf(request, cancel) is { } rows ? TypedResults.Ok(ExchangeWords.In(new(), await desk.AddAsync(kind, rows, check ?? false, PlanRoutes.Name(http), cancel))) : NotJson();
        return TypedResults.Ok(ExchangeWords.In(new(), await desk.AddAsync(kind, await BytesOf(request, cancel), check ?? false, PlanRoutes.Name(http), cancel)));
    }

    /// <summary>The body up to one byte more than is allowed; the reader then says that it is too large.</summary>
    internal static async Task<byte[]> BytesOf(HttpRequest request, CancellationToken cancel)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; memory.Length <= TableFile.LargestBytes && (read = await request.Body.ReadAsync(buffer, cancel)) > 0;) memory.Write(buffer, 0, read);
        return memory.ToArray();
    }

    private static async Task<JsonElement?> JsonOf(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            using var document = JsonDocument.Parse(await BytesOf(request, cancel));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult NotJson() => Problems.Of(400, ExchangeRules.NotJson, "The body is no JSON document, or larger than 16 MiB.");
    private static bool IsFormat(string? format) => format is null or "xlsx" or "csv";
    private static bool IsLanguage(string? language) => language is null || TextCatalogue.Languages.Contains(language);
    private static IResult File(OutFile file) => Results.File(file.Bytes, file.ContentType, file.Name);
    private static IResult Json(System.Text.Json.Nodes.JsonObject document) => Results.Text(document.ToJsonString(), "application/json");
    private static IResult Unknown(IExchangeDesk desk) => Problems.Wrong($"The table is one of {string.Join(", ", desk.Kinds)} (or plan, to read); format is xlsx or csv; language ko, ja or en.");
}
