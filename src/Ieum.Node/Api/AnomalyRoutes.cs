using Ieum.Analyze;
using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>The anomaly inbox: findings, and the answers that teach the detector.</summary>
internal static class AnomalyRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/anomalies").WithTags("anomalies");
        g.MapGet("/", async (int? most, IAnomalyDesk desk, CancellationToken cancel) =>
            (await desk.ListAsync(Math.Clamp(most ?? 100, 1, 1000), cancel)).Select(AnomalyDto.Of).ToArray()).RequireAuthorization(Policies.CanView);
        g.MapPost("/{number:long}/answer", AnswerAsync).RequireAuthorization(Policies.CanOperate).Produces<AnomalyDto>();
    }

    private static async Task<IResult> AnswerAsync(long number, AnomalyAnswerDto a, IAnomalyDesk desk, HttpContext http, CancellationToken cancel)
    {
        AlarmAnswer? answer = a.Answer switch { "right" => AlarmAnswer.Right, "wrong" => AlarmAnswer.Wrong, "known" => AlarmAnswer.Known, _ => null };
        if (answer is null) return Problems.Wrong("answer is right, wrong or known.");
        try
        {
            return TypedResults.Ok(AnomalyDto.Of(await desk.AnswerAsync(number, answer.Value, PlanRoutes.Name(http), cancel)));
        }
        catch (InvalidOperationException e)
        {
            return Problems.Of(409, ApiRules.Conflict, e.Message);
        }
    }
}

internal sealed record AnomalyAnswerDto(string? Answer);

/// <param name="FalsePerWeek">Upper estimate for the signal; null before a day was watched.</param>
internal sealed record AnomalyDto(long Number, string Machine, int Signal, string SignalName, string Unit, DateTimeOffset At, DateTimeOffset From, DateTimeOffset To,
    string Kind, double Score, double Value, long Samples, double Confidence, string Model, string Version, long Entry, int More, string? Answer, string? By, double? FalsePerWeek)
{
    public static AnomalyDto Of(AnomalyFinding f) => new(f.Number, f.Machine.Value, f.Signal, f.SignalName, f.Unit, f.At, f.From, f.To,
        f.Kind.ToString(), f.Score, f.Value, f.Samples, f.Confidence, f.Model, f.Version, f.Entry, f.More, f.Answer?.ToString().ToLowerInvariant(), f.By, f.FalsePerWeek);
}
