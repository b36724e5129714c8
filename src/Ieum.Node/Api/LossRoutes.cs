using System.Globalization;
using System.Text;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>Indicators, stops, bottleneck, energy, calls for help and measured parts.</summary>
internal static class LossRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/kpis", () => KpiCatalogue.All.Select(KpiDefinitionDto.Of).ToArray()).RequireAuthorization(Policies.CanView).WithTags("kpis");
        var m = api.MapGroup("/machines/{machine}").WithTags("kpis");
        m.MapGet("/kpis", KpisAsync).RequireAuthorization(Policies.CanView).Produces<KpisDto[]>();
        m.MapGet("/stops", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, ILossDesk desk, CancellationToken cancel) =>
            MachineRoutes.Past(floor, machine, from, to, async (id, range) => (await desk.StopsAsync(id, range, cancel)).Select(s => StopDto.Of(s, desk.AskAfter)).ToArray()))
            .RequireAuthorization(Policies.CanView).Produces<StopDto[]>();
        m.MapPost("/stops/reasons", ExplainAsync).RequireAuthorization(Policies.CanOperate);
        m.MapGet("/energy", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, ILossDesk desk, CancellationToken cancel) =>
            MachineRoutes.Past(floor, machine, from, to, async (id, range) => EnergyDto.Of(await desk.EnergyAsync(id, range, cancel)))).RequireAuthorization(Policies.CanView).Produces<EnergyDto>();
        api.MapGet("/bottleneck", async (string? line, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, ILossDesk desk, CancellationToken cancel) =>
            line is not null && !floor.Company.Sites.SelectMany(s => s.Areas).SelectMany(a => a.Lines).Any(l => l.Id == line) ? Problems.NotFound($"There is no line '{line}'.")
            : MachineRoutes.TryRange(floor, from, to, out var range, out var wrong) ? TypedResults.Ok(BottleneckDto.Of(await desk.BottleneckAsync(range, line, cancel))) : wrong)
            .RequireAuthorization(Policies.CanView).WithTags("kpis").Produces<BottleneckDto>();
        api.MapGet("/stop-reasons", (ILossDesk desk) => desk.Reasons.Select(r => new StopReasonChoiceDto(r.Key, r.Name)).ToArray()).RequireAuthorization(Policies.CanView).WithTags("kpis");
        api.MapPut("/stop-reasons", SaveReasonsAsync).RequireAuthorization(Policies.CanPlan).WithTags("kpis");

        var andon = api.MapGroup("/andon").WithTags("andon");
        andon.MapGet("/", (IAndonDesk desk) => desk.Open.Select(CallDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        andon.MapPost("/", CallAsync).RequireAuthorization(Policies.CanOperate).Produces<CallDto>();
        andon.MapPost("/{id:guid}/acknowledge", async (Guid id, IAndonDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.AcknowledgeAsync(id, PlanRoutes.Name(http), cancel), id)).RequireAuthorization(Policies.CanOperate);
        andon.MapPost("/{id:guid}/close", async (Guid id, IAndonDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.CloseAsync(id, PlanRoutes.Name(http), cancel), id)).RequireAuthorization(Policies.CanOperate);

        var quality = api.MapGroup("/quality").WithTags("quality");
        quality.MapPost("/files", AddFileAsync).RequireAuthorization(Policies.CanOperate).Produces<GaugeAnswerDto>();
        quality.MapGet("/characteristics", (IQualityDesk desk) => desk.Characteristics.Select(c => new CharacteristicDto(c.Characteristic, c.Count)).ToArray()).RequireAuthorization(Policies.CanView);
        quality.MapGet("/forecast", async (string characteristic, string machine, IShopFloor floor, IQualityDesk desk, CancellationToken cancel) => MachineRoutes.Find(floor, machine) is { } card
            ? TypedResults.Ok(ForecastDto.Of(await desk.ForecastAsync(characteristic, card.Machine.Id, cancel))) : Problems.NotFound($"There is no machine '{machine}'."))
            .RequireAuthorization(Policies.CanView).Produces<ForecastDto>();
        quality.MapGet("/chart", (string characteristic, string? kind, int? size, IQualityDesk desk) => Chart(characteristic, kind ?? "i-mr", size ?? 5, desk))
            .RequireAuthorization(Policies.CanView).Produces<ControlChartDto>();
    }

    private static async Task<IResult> KpisAsync(string machine, DateTimeOffset? from, DateTimeOffset? to, string? per, string? format, IShopFloor floor, ILossDesk desk, CancellationToken cancel)
    {
        if (MachineRoutes.Find(floor, machine) is not { } card) return Problems.NotFound($"There is no machine '{machine}'.");
        if (!MachineRoutes.TryRange(floor, from, to, out var range, out var wrong)) return wrong;
        if (per is not (null or "range" or "shift" or "day") || format is not (null or "json" or "csv")) return Problems.Wrong("per is range, shift or day; format is json or csv.");
        IEnumerable<TimeRange> ranges = per switch
        {
            "shift" => desk.ShiftsOf(card.Machine.Id, range),
            "day" => Days(range, floor.Now.Offset),
            _ => [range],
        };
        var answers = new List<KpiAnswer>();
        foreach (var r in ranges) answers.Add(await desk.KpisAsync(card.Machine.Id, r, cancel));
        return format == "csv" ? TypedResults.Text(Csv(answers), "text/csv", Encoding.UTF8) : TypedResults.Ok(answers.Select(KpisDto.Of).ToArray());
    }

    /// <summary>Local days that touch the range, cut to it.</summary>
    private static IEnumerable<TimeRange> Days(TimeRange range, TimeSpan offset)
    {
        for (var day = new DateTimeOffset(range.From.ToOffset(offset).Date, offset); day < range.To; day = day.AddDays(1))
            if (new TimeRange(day, day.AddDays(1)).Intersect(range) is { } here) yield return here;
    }

    /// <summary>One line per range and indicator; an empty value with the missing elements beside it.</summary>
    internal static string Csv(IEnumerable<KpiAnswer> answers)
    {
        var text = new StringBuilder("machine,from,to,number,id,value,unit,missing\r\n");
        foreach (var a in answers)
            foreach (var v in a.Values)
                text.Append(CultureInfo.InvariantCulture, $"{Cell(a.Machine.Value)},{a.Range.From:yyyy-MM-ddTHH:mm:sszzz},{a.Range.To:yyyy-MM-ddTHH:mm:sszzz},{v.Definition.Number},{v.Definition.Id},{v.Value},{v.Definition.Unit},{string.Join(' ', v.Missing)}\r\n");
        return text.ToString();

        static string Cell(string value) => value.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }

    private static async Task<IResult> ExplainAsync(string machine, StopReasonDto e, IShopFloor floor, ILossDesk desk, HttpContext http, CancellationToken cancel)
    {
        if (MachineRoutes.Find(floor, machine) is not { } card) return Problems.NotFound($"There is no machine '{machine}'.");
        if (e.Id == Guid.Empty || e.Reason is null) return Problems.Wrong("id is a fresh UUID; at and reason are needed.");
        return await desk.ExplainAsync(new(e.Id, card.Machine.Id, e.At, e.Reason, PlanRoutes.Name(http), floor.Now), cancel)
            ? TypedResults.NoContent() : Problems.Wrong($"'{e.Reason}' is not on the list of reasons.");
    }

    private static async Task<IResult> SaveReasonsAsync(StopReasonChoiceDto[] reasons, ILossDesk desk, HttpContext http, CancellationToken cancel)
    {
        try
        {
            await desk.SaveReasonsAsync([.. reasons.Select(r => new StopReasonChoice(r.Key, r.Name))], PlanRoutes.Name(http), cancel);
            return TypedResults.NoContent();
        }
        catch (ArgumentException e)
        {
            return Problems.Wrong(e.Message);
        }
    }

    private static async Task<IResult> CallAsync(NewCallDto call, IShopFloor floor, IAndonDesk desk, HttpContext http, CancellationToken cancel)
    {
        if (call.Machine is null || MachineRoutes.Find(floor, call.Machine) is not { } card) return Problems.NotFound($"There is no machine '{call.Machine}'.");
        if (call.Id == Guid.Empty || !AndonDesk.Kinds.Contains(call.Kind)) return Problems.Wrong($"id is a fresh UUID; kind is one of {string.Join(", ", AndonDesk.Kinds)}.");
        return TypedResults.Ok(CallDto.Of(await desk.CallAsync(call.Id, card.Machine.Id, call.Kind, PlanRoutes.Name(http), cancel)));
    }

    private static IResult Answer(bool done, Guid id) => done ? TypedResults.NoContent() : Problems.NotFound($"There is no open call {id}.");

    private static async Task<IResult> AddFileAsync(HttpRequest request, IQualityDesk desk, HttpContext http, CancellationToken cancel)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancel)) > 0;)
        {
            memory.Write(buffer, 0, read);
            if (memory.Length > GaugeFile.LargestBytes) break;   // the reader says that it is too large
        }
        var file = await desk.AddAsync(memory.ToArray(), PlanRoutes.Name(http), cancel);
        return TypedResults.Ok(new GaugeAnswerDto(file.Values.Length, file.Values.Select(v => v.Part).Distinct().Count(), [.. file.Values.Select(v => v.Characteristic).Distinct()],
            [.. file.Problems.Take(100).Select(p => new GaugeProblemDto(p.Line, p.Column, p.Rule, p.Message))]));
    }

    private static IResult Chart(string characteristic, string kind, int size, IQualityDesk desk)
    {
        if (!QualityChart.Kinds.Contains(kind) || size is < 2 or > 25) return Problems.Wrong($"kind is one of {string.Join(", ", QualityChart.Kinds)}; size is 2 to 25.");
        return QualityChart.Of(desk, characteristic, kind, size) is { } chart
            ? TypedResults.Ok(ControlChartDto.Of(characteristic, chart)) : Problems.NotFound($"'{characteristic}' has too few values for this chart.");
    }
}
