using System.Globalization;
using System.Text.Json;
using Ieum.Node.Security;
using Ieum.Record;
using Microsoft.Extensions.Primitives;

namespace Ieum.Node.Api.Prom;

/// <summary>The part of Prometheus' HTTP API that Grafana's Prometheus data source uses; docs/how-to/grafana.md.</summary>
internal static class PromRoutes
{
    private const int MostSteps = 11_000;

    public static void Map(WebApplication app)
    {
        // Beside /api: Grafana asks with POST and knows nothing of the header that guards changes; nothing here changes anything.
        var g = app.MapGroup("/prometheus/api/v1").RequireAuthorization(Policies.MayReadHistory).WithTags("prometheus");
        string[] both = ["GET", "POST"];
        g.MapMethods("/query", both, (HttpContext http, IRecorder recorder, NodeSetup setup) => QueryAsync(http, recorder, setup, range: false));
        g.MapMethods("/query_range", both, (HttpContext http, IRecorder recorder, NodeSetup setup) => QueryAsync(http, recorder, setup, range: true));
        g.MapMethods("/series", both, (HttpContext http, IRecorder recorder) => MatchAsync(http, recorder, s => s, needsMatch: true));
        g.MapMethods("/labels", both, (HttpContext http, IRecorder recorder) => MatchAsync(http, recorder,
            s => s.SelectMany(l => l.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), needsMatch: false));
        g.MapGet("/label/{name}/values", (string name, HttpContext http, IRecorder recorder) => MatchAsync(http, recorder,
            s => s.Select(l => l.GetValueOrDefault(name)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), needsMatch: false));
        g.MapGet("/metadata", (IRecorder recorder) => Success(recorder.All().GroupBy(s => PromEvaluator.LabelsOf(s.Number, s.Signal)["__name__"])
            .ToDictionary(m => m.Key, m => new[] { new { type = "gauge", help = m.First().Signal.Description, unit = m.First().Signal.Unit.Code } })));
        g.MapGet("/rules", () => Success(new { groups = Array.Empty<object>() }));
        g.MapGet("/query_exemplars", () => Success(Array.Empty<object>()));
        g.MapGet("/status/buildinfo", () => Success(new { version = "2.24.0", revision = "ieum", branch = "", buildUser = "", buildDate = "", goVersion = "" }));
    }

    private static Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<PromAnswer> Success(object data) => TypedResults.Json(new PromAnswer("success", data));

    private static Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<PromError> Error(int status, string type, string message) =>
        TypedResults.Json(new PromError("error", type, message), statusCode: status);

    private static async Task<IResult> QueryAsync(HttpContext http, IRecorder recorder, NodeSetup setup, bool range)
    {
        var asked = await ParametersAsync(http);
        try
        {
            if (One(asked, "query") is not { } query) return Error(400, "bad_data", "parameter query is missing");
            var now = setup.Clocks.Factory.GetUtcNow();
            var steps = range ? Steps(asked) : [Instant(asked, "time", now).UtcTicks];
            var lookback = One(asked, "lookback_delta") is not { } l ? TimeSpan.FromMinutes(5)
                : PromParser.TryDuration(l, out var span) ? span : throw new PromException($"lookback_delta '{l}' is no duration");
            var expression = PromParser.Parse(query);
            var series = await new PromEvaluator(recorder, steps, lookback, http.RequestAborted).EvaluateAsync(expression);
            var scalar = expression is PromExpr.Number;
            return TypedResults.Stream(stream => WriteAsync(stream, series, steps, range, scalar), "application/json");
        }
        catch (PromException e)
        {
            return Error(400, "bad_data", e.Message);
        }
    }

    private static async Task WriteAsync(Stream stream, List<PromSeries> series, long[] steps, bool range, bool scalar)
    {
        await using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("status", "success");
        json.WriteStartObject("data");
        json.WriteString("resultType", range ? "matrix" : scalar ? "scalar" : "vector");
        if (scalar && !range)
        {
            json.WritePropertyName("result");
            Pair(json, steps[0], series[0].Values[0]);
        }
        else
        {
            json.WriteStartArray("result");
            foreach (var s in series.Where(s => s.Has.Contains(true)))
            {
                json.WriteStartObject();
                json.WriteStartObject("metric");
                foreach (var (name, value) in s.Labels) json.WriteString(name, value);
                json.WriteEndObject();
                if (range) json.WriteStartArray("values"); else json.WritePropertyName("value");
                for (var i = 0; i < steps.Length; i++)
                    if (s.Has[i]) Pair(json, steps[i], s.Values[i]);
                if (range) json.WriteEndArray();
                json.WriteEndObject();
                await json.FlushAsync();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Pair(Utf8JsonWriter json, long ticks, double value)
    {
        json.WriteStartArray();
        json.WriteNumberValue((ticks - DateTime.UnixEpoch.Ticks) / 10_000 / 1000m);
        json.WriteStringValue(double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture));
        json.WriteEndArray();
    }

    private static async Task<IResult> MatchAsync(HttpContext http, IRecorder recorder, Func<IEnumerable<SortedDictionary<string, string>>, object> shape, bool needsMatch)
    {
        var asked = await ParametersAsync(http);
        try
        {
            var matches = asked.TryGetValue("match[]", out var texts) ? texts.OfType<string>().Select(PromParser.ParseMatch).ToList() : [];
            if (needsMatch && matches.Count == 0) return Error(400, "bad_data", "no match[] parameter provided");
            var found = matches.Count == 0 ? recorder.All().Select(s => PromEvaluator.LabelsOf(s.Number, s.Signal))
                : matches.SelectMany(m => PromEvaluator.Find(recorder, m)).DistinctBy(f => f.Number).Select(f => f.Labels);
            return Success(shape(found));
        }
        catch (PromException e)
        {
            return Error(400, "bad_data", e.Message);
        }
    }

    private static async Task<Dictionary<string, StringValues>> ParametersAsync(HttpContext http)
    {
        var all = http.Request.Query.ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal);
        if (http.Request.HasFormContentType)
            foreach (var (key, value) in await http.Request.ReadFormAsync(http.RequestAborted)) all[key] = value;
        return all;
    }

    private static string? One(Dictionary<string, StringValues> asked, string name) => asked.TryGetValue(name, out var v) && v.Count > 0 && v[0] is { Length: > 0 } text ? text : null;

    private static DateTimeOffset Instant(Dictionary<string, StringValues> asked, string name, DateTimeOffset? otherwise)
    {
        if (One(asked, name) is not { } text) return otherwise ?? throw new PromException($"parameter {name} is missing");
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > -62e9 and < 250e9)
            return DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * 1000) * TimeSpan.TicksPerMillisecond);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime()
            : throw new PromException($"{name} '{text}' is no instant: seconds since 1970 or RFC 3339");
    }

    private static long[] Steps(Dictionary<string, StringValues> asked)
    {
        var (start, end) = (Instant(asked, "start", null).UtcTicks, Instant(asked, "end", null).UtcTicks);
        if (end < start) throw new PromException("end lies before start");
        if (One(asked, "step") is not { } text || !PromParser.TryDuration(text, out var step)) throw new PromException("step is missing, or no duration above zero");
        var count = (end - start) / step.Ticks + 1;
        if (count > MostSteps) throw new PromException($"exceeded maximum resolution of {MostSteps} points per timeseries. Try decreasing the query resolution (?step=XX)");
        return [.. Enumerable.Range(0, (int)count).Select(i => start + i * step.Ticks)];
    }
}

/// <summary>Prometheus' envelope of an answer.</summary>
internal sealed record PromAnswer(string Status, object Data);

/// <summary>Prometheus' envelope of a refusal.</summary>
internal sealed record PromError(string Status, string ErrorType, string Error);
