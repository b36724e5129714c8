using System.Globalization;
using System.Text;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Security;

namespace Ieum.Node.Api;

/// <summary>Guarded writes: ask, approve, take back, stop, and the audit. Roles are judged again behind the door, per signal.</summary>
internal static class WriteRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/writes").WithTags("writes");
        g.MapGet("/", (int? most, IWriteDesk desk) => new WritesDto(desk.Stop is { } s ? new(s.By, s.Reason, s.At) : null, [.. desk.Rules.Select(WriteRuleDto.Of)],
            [.. desk.Waiting.Select(WriteRecordDto.Of)], [.. desk.Recent(Math.Clamp(most ?? 100, 1, 1000)).Select(WriteRecordDto.Of)])).RequireAuthorization(Policies.CanView);
        g.MapPost("/", AskAsync).RequireAuthorization(Policies.CanOperate).Produces<WriteOutcomeDto>();
        g.MapPost("/dry-run", (WriteRequestDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel) => AskAsync(r with { DryRun = true }, desk, http, cancel))
            .RequireAuthorization(Policies.CanOperate).Produces<WriteOutcomeDto>();
        g.MapPost("/{number:long}/approve", async (long number, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.ApproveAsync(number, PlanRoutes.Name(http), cancel), decides: true)).RequireAuthorization(Policies.CanOperate).Produces<WriteOutcomeDto>();
        g.MapPost("/{number:long}/decline", async (long number, WriteReasonDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.DeclineAsync(number, PlanRoutes.Name(http), r.Reason ?? "", cancel), decides: true)).RequireAuthorization(Policies.CanOperate).Produces<WriteOutcomeDto>();
        g.MapPost("/{number:long}/undo", async (long number, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.UndoAsync(number, PlanRoutes.Name(http), "api", false, cancel))).RequireAuthorization(Policies.CanOperate).Produces<WriteOutcomeDto>();
        g.MapPost("/stop", async (WriteReasonDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.StopAllAsync(r.Reason ?? "", PlanRoutes.Name(http), cancel))).RequireAuthorization(Policies.CanOperate);
        g.MapPost("/release", async (WriteReasonDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.ReleaseAsync(r.Reason ?? "", PlanRoutes.Name(http), cancel))).RequireAuthorization(Policies.CanOwn);
        g.MapPut("/rules", async (WriteRuleDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            !Identifier.IsValid(r.Machine) || string.IsNullOrEmpty(r.Signal) || r.ToRule() is not { } rule
                ? Problems.Wrong("machine and signal are names; role, hours and states are words of the documentation; times are seconds, 0 to 86400.")
                : Answer(await desk.SaveRuleAsync(rule, PlanRoutes.Name(http), cancel))).RequireAuthorization(Policies.CanOwn);
        g.MapDelete("/rules/{machine}/{**signal}", async (string machine, string signal, IWriteDesk desk, HttpContext http, CancellationToken cancel) =>
            Identifier.IsValid(machine) ? Answer(await desk.RemoveRuleAsync(new(new(machine), signal), PlanRoutes.Name(http), cancel)) : Problems.NotFound($"There is no machine '{machine}'."))
            .RequireAuthorization(Policies.CanOwn);
        g.MapGet("/audit", (long? after, int? most, IWriteDesk desk, CancellationToken cancel) => Page(desk, after ?? 0, Math.Clamp(most ?? 1000, 1, 10_000), cancel))
            .RequireAuthorization(Policies.CanPlan);
        g.MapGet("/audit.csv", (IWriteDesk desk) => TypedResults.Stream(to => CsvAsync(desk, to), "text/csv; charset=utf-8", "writes-audit.csv")).RequireAuthorization(Policies.CanPlan);
        g.MapGet("/audit/verify", async (IWriteDesk desk, CancellationToken cancel) =>
        {
            var v = await desk.VerifyAsync(cancel);
            return new WriteVerdictDto(v.Entries, v.BrokenAt is null, v.BrokenAt, v.Message, v.Head);
        }).RequireAuthorization(Policies.CanPlan);
    }

    private static async Task<IResult> AskAsync(WriteRequestDto r, IWriteDesk desk, HttpContext http, CancellationToken cancel)
    {
        if (!Identifier.IsValid(r.Machine) || string.IsNullOrEmpty(r.Signal)) return Problems.Wrong("machine and signal name what is to be written.");
        if (ValueOf(r.Value) is not { } value) return Problems.Wrong("value is a number, true or false, or a text.");
        return Answer(await desk.RequestAsync(new(new(new(r.Machine), r.Signal), value, PlanRoutes.Name(http), "api")
        {
            Unit = r.Unit ?? "", Convert = r.Convert ?? false, DryRun = r.DryRun ?? false, Reason = r.Reason ?? "",
        }, cancel));
    }

    private static SampleValue? ValueOf(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Number when e.TryGetInt64(out var n) => SampleValue.Of(n),
        JsonValueKind.Number when e.TryGetDouble(out var d) && double.IsFinite(d) => SampleValue.Of(d),
        JsonValueKind.True or JsonValueKind.False => SampleValue.Of(e.GetBoolean()),
        JsonValueKind.String => SampleValue.Of(e.GetString()!),
        _ => null,
    };

    /// <summary>200 done or dry run, 202 waiting, 409 refused or not taken; the body says which checks were made.</summary>
    private static Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<WriteOutcomeDto> Answer(WriteOutcome o, bool decides = false) => TypedResults.Json(WriteOutcomeDto.Of(o), ApiJson.Default.WriteOutcomeDto, statusCode: o.State switch
    {
        WriteState.Waiting when decides => 409,
        WriteState.Waiting => 202,
        WriteState.Confirmed or WriteState.Unconfirmed or WriteState.DryRun or WriteState.Declined => 200,
        _ => 409,
    });

    private static IResult Answer(WriteDeskAnswer a) => a.Ok ? TypedResults.NoContent() : Problems.Of(a.Rule switch
    {
        WriteBackRules.OwnerOnly or WriteBackRules.Role => 403,
        WriteBackRules.NotListed => 404,
        WriteBackRules.RuleWrong or WriteBackRules.Command or WriteBackRules.NoReason => 400,
        _ => 409,
    }, a.Rule ?? ApiRules.Failed, a.Message);

    private static async Task<WriteAuditDto[]> Page(IWriteDesk desk, long after, int most, CancellationToken cancel)
    {
        var page = new List<WriteAuditDto>();
        await foreach (var e in desk.AuditAsync(after, cancel))
        {
            page.Add(new(e.Number, e.At, e.Request, e.Kind, e.By, BodyOf(e.Body), e.Previous, e.Hash));
            if (page.Count == most) break;
        }
        return [.. page];
    }

    /// <summary>A body that was tampered with may be no JSON any more; it is shown as the text it is.</summary>
    private static JsonElement BodyOf(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(body, ApiJson.Default.String);
        }
    }

    private static async Task CsvAsync(IWriteDesk desk, Stream to)
    {
        await using var csv = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await csv.WriteAsync("number,at,request,kind,by,body,previous,hash\r\n");
        await foreach (var e in desk.AuditAsync(0, CancellationToken.None))
            await csv.WriteAsync(string.Join(',', e.Number.ToString(CultureInfo.InvariantCulture), e.At.ToString("O", CultureInfo.InvariantCulture),
                e.Request.ToString(CultureInfo.InvariantCulture), e.Kind, Field(e.By), Field(e.Body), e.Previous, e.Hash) + "\r\n");
    }

    /// <summary>Quoted; a leading sign that a spreadsheet would compute is taken for text.</summary>
    private static string Field(string text) =>
        $"\"{(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
