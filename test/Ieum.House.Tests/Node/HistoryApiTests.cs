using System.Globalization;
using System.Net;
using System.Text.Json;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>The past over HTTP: our own questions, and those that Grafana's Prometheus data source asks (as its requests look on the wire).</summary>
public sealed class HistoryApiTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private const long Epoch = 1_795_132_800;   // Start in seconds since 1970

    private static async Task<RunningNode> FilledAsync(string config = "{}")
    {
        var node = await RunningNode.StartAsync(config);
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        var (load, parts, mode) = (Register("Xload", ValueKind.Real), Register("parts", ValueKind.Integer), Register("mode", ValueKind.Text));
        List<Sample> samples = [];
        for (var i = 0; i < 3600; i += 10)
        {
            samples.Add(At(load, i, SampleValue.Of(i / 100.0)));
            samples.Add(At(parts, i, SampleValue.Of((long)(i / 20 % 100))));   // a counter that falls back to 0 at 2000 s
            if (i % 600 == 0) samples.Add(At(mode, i, SampleValue.Of(i % 1200 == 0 ? "ACTIVE" : "READY")));
        }
        samples.Add(At(load, 3600, SampleValue.None, Quality.Unavailable));
        await recorder.AppendAsync(new(new("B-MC1.test"), new("B-MC1"), samples.ToArray()), TestContext.Current.CancellationToken);
        return node;

        SignalNumber Register(string name, ValueKind kind) => recorder.Register(new(new(new("B-MC1"), name), Unit.One, kind));
        static Sample At(SignalNumber s, int seconds, SampleValue v, Quality q = Quality.Good) => new(s, Start.AddSeconds(seconds).UtcTicks, Start.AddSeconds(seconds).UtcTicks, v, q);
    }

    private static string Iso(int seconds) => Uri.EscapeDataString(Start.AddSeconds(seconds).ToString("o", CultureInfo.InvariantCulture));

    [Fact]
    public void The_tests_start_is_the_second_it_says() => Assert.Equal(Epoch, Start.ToUnixTimeSeconds());

    [Fact]
    public async Task Ranges_stream_line_by_line_with_limits_changes_and_quality()
    {
        await using var node = await FilledAsync();
        async Task<JsonElement[]> Lines(string query) => [.. (await (await node.GetAsync("/api/v1/history/" + query)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        var all = await Lines($"1/range.ndjson?from={Iso(0)}&to={Iso(4000)}");
        Assert.Equal(361, all.Length);
        Assert.Equal(0.1, all[1].GetProperty("v").GetDouble());
        Assert.Equal(JsonValueKind.Null, all[^1].GetProperty("v").ValueKind);
        Assert.Equal(360, (await Lines($"1/range.ndjson?from={Iso(0)}&to={Iso(4000)}&quality=uncertain")).Length);
        var limited = await Lines($"1/range.ndjson?from={Iso(0)}&to={Iso(4000)}&limit=5");
        Assert.Equal(6, limited.Length);
        Assert.True(limited[5].GetProperty("truncated").GetBoolean());
        Assert.Equal(180, (await Lines($"2/range.ndjson?from={Iso(0)}&to={Iso(4000)}&changes=true")).Length);   // 360 values, each twice
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/history/99/range.ndjson")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync($"/api/v1/history/1/range.ndjson?from={Iso(10)}&to={Iso(0)}")).StatusCode);
    }

    [Fact]
    public async Task As_of_states_buckets_with_gaps_and_several_signals_side_by_side()
    {
        await using var node = await FilledAsync();
        Assert.Equal(0.1, (await node.JsonAsync($"/api/v1/history/1/asof?at={Iso(19)}")).GetProperty("value").GetDouble());
        Assert.Equal(0.2, (await node.JsonAsync($"/api/v1/history/1/asof?at={Iso(20)}")).GetProperty("value").GetDouble());
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync($"/api/v1/history/1/asof?at={Iso(-1)}")).StatusCode);
        var states = (await node.JsonAsync($"/api/v1/history/3/states?from={Iso(0)}&to={Iso(3600)}")).EnumerateArray().ToDictionary(s => s.GetProperty("state").GetString()!, s => s.GetProperty("seconds").GetDouble());
        Assert.Equal(new() { ["ACTIVE"] = 1800.0, ["READY"] = 1800.0 }, states);
        // Two steps before the data, two with it: left out, shown empty, or held.
        Assert.Equal(2, (await node.JsonAsync($"/api/v1/history/1/buckets?from={Iso(-1200)}&to={Iso(1200)}&stepSeconds=600")).GetArrayLength());
        Assert.Equal(4, (await node.JsonAsync($"/api/v1/history/1/buckets?from={Iso(-1200)}&to={Iso(1200)}&stepSeconds=600&gaps=null")).GetArrayLength());
        Assert.Equal(6, (await node.JsonAsync($"/api/v1/history/3/buckets?from={Iso(0)}&to={Iso(3600)}&stepSeconds=600&gaps=previous")).GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync($"/api/v1/history/1/buckets?from={Iso(0)}&to={Iso(1200)}&gaps=maybe")).StatusCode);
        var rows = (await node.JsonAsync($"/api/v1/history/align?signals=1,3&from={Iso(595)}&to={Iso(615)}&stepSeconds=5")).GetProperty("rows").EnumerateArray().Select(r => r.ToString()).ToArray();
        Assert.Equal(["[\"2026-11-20T00:09:55Z\",5.9,\"ACTIVE\"]", "[\"2026-11-20T00:10:00Z\",6,\"READY\"]", "[\"2026-11-20T00:10:05Z\",6,\"READY\"]", "[\"2026-11-20T00:10:10Z\",6.1,\"READY\"]"], rows);
    }

    [Fact]
    public async Task Files_come_as_csv_parquet_and_arrow_and_only_the_owner_deletes()
    {
        var backups = Path.Combine(Ieum.TestKit.Needs.Scratch, $"backups-{Guid.NewGuid():N}");
        var now = TimeProvider.System.GetUtcNow();
        var backup = "ieum-" + now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);   // the next is due in a day, all but an hour
        Directory.CreateDirectory(Path.Combine(backups, backup));
        await using var node = await FilledAsync($$"""{ "Backup": { "Folder": {{JsonSerializer.Serialize(backups)}}, "At": "{{(int)now.AddHours(-1).TimeOfDay.TotalMinutes}} min" } }""");
        var csv = await node.GetAsync($"/api/v1/history/export.csv?machine=B-MC1&from={Iso(0)}&to={Iso(4000)}");
        Assert.Equal(1 + 361 + 360 + 6, (await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        var parquet = await (await node.GetAsync($"/api/v1/history/export.parquet?signals=1&from={Iso(0)}&to={Iso(4000)}")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("PAR1"u8.ToArray(), parquet[..4]);
        Assert.Equal("PAR1"u8.ToArray(), parquet[^4..]);
        Assert.Equal("application/vnd.apache.arrow.stream", (await node.GetAsync($"/api/v1/history/export.arrow?signals=1&from={Iso(0)}&to={Iso(4000)}")).Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync($"/api/v1/history/export.xls?signals=1")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await node.DeleteAsync($"/api/v1/history/1?from={Iso(0)}&to={Iso(100)}")).StatusCode);   // no reason
        var gone = JsonDocument.Parse(await (await node.DeleteAsync($"/api/v1/history/1?from={Iso(0)}&to={Iso(100)}&reason=agreement%20ended")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(10, gone.RootElement.GetProperty("samples").GetInt64());
        Assert.Equal([backup], gone.RootElement.GetProperty("backups").EnumerateArray().Select(b => b.GetString()));   // what was deleted is still in there, and that is told
        Assert.Equal("agreement ended", (await node.JsonAsync("/api/v1/history/deletions"))[0].GetProperty("reason").GetString());
    }

    private static async Task<JsonElement> Prom(RunningNode node, string path) => (await node.JsonAsync("/prometheus/api/v1/" + path)) is var answer
        && answer.GetProperty("status").GetString() == "success" ? answer.GetProperty("data") : throw new InvalidOperationException(answer.ToString());

    private static async Task<double> One(RunningNode node, string query, int at) => double.Parse(
        (await Prom(node, $"query?query={Uri.EscapeDataString(query)}&time={Epoch + at}")).GetProperty("result")[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);

    [Fact]
    public async Task Prometheus_questions_are_answered_as_their_language_defines_them()
    {
        await using var node = await FilledAsync();
        Assert.Equal(10, await One(node, "Xload", 1000));
        Assert.Equal(10.05, await One(node, "Xload{machine=~\"B-.*\"} + 0.05", 1000), 9);
        Assert.Equal(5, await One(node, "Xload offset 500s", 1000));
        Assert.Equal(8.55, await One(node, "avg_over_time(Xload[5m])", 1000), 9);       // 7.1, 7.2 … 10.0: (7.1 + 10) / 2
        Assert.Equal(0.01, await One(node, "rate(Xload[5m])", 1000), 9);
        // 80 at 1610 s … 99, then 0 … 10 at 2200 s: 19 + 0 + 10 in 590 s, carried on to the ends of the ten minutes.
        Assert.Equal(29 / 590.0, await One(node, "rate(parts[10m])", 2200), 9);
        Assert.Equal(2, await One(node, "count({machine=\"B-MC1\"})", 1000));           // texts have no number
        Assert.Equal(60, await One(node, "sum by (machine) ({machine=\"B-MC1\"})", 1000));
        Assert.Equal(-3, await One(node, "-(1 + 2)", 1000));
        Assert.Equal(0, (await Prom(node, $"query?query=Xload&time={Epoch + 3700}")).GetProperty("result").GetArrayLength());   // it said that it has no value
        Assert.Equal(0, (await Prom(node, $"query?query=parts&time={Epoch + 3890}")).GetProperty("result").GetArrayLength());   // older than five minutes
        Assert.Equal(1, (await Prom(node, $"query?query=parts&time={Epoch + 3890}&lookback_delta=1h")).GetProperty("result").GetArrayLength());
    }

    [Theory]
    [InlineData("Xload{", "expected")]
    [InlineData("rate(Xload)", "range")]
    [InlineData("histogram_quantile(Xload[5m])", "not known")]
    [InlineData("{machine=~\".*\"}", "matcher")]
    [InlineData("Xload[5x]", "duration")]
    [InlineData("", "missing")]
    public async Task What_is_not_understood_is_told_in_prometheus_words(string query, string why)
    {
        await using var node = await FilledAsync();
        var answer = await node.GetAsync($"/prometheus/api/v1/query?query={Uri.EscapeDataString(query)}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(("error", "bad_data"), (body.GetProperty("status").GetString(), body.GetProperty("errorType").GetString()));
        Assert.Contains(why, body.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grafanas_own_requests_are_answered_with_a_token_and_refused_without()
    {
        await using var node = await FilledAsync("""{"History":{"ReadToken":"a-token-of-enough-length"}}""");
#pragma warning disable RS0030 // a client without the session of the other
        using var grafana = new HttpClient { BaseAddress = new(node.Address.Url) };
#pragma warning restore RS0030
        async Task<HttpResponseMessage> Ask(string path, params (string, string)[] form) =>
            form.Length == 0 ? await grafana.GetAsync("/prometheus/api/v1/" + path, TestContext.Current.CancellationToken)
            : await grafana.PostAsync("/prometheus/api/v1/" + path, new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Item1, f.Item2))), TestContext.Current.CancellationToken);
        async Task<JsonElement> Data(HttpResponseMessage answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("data");
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask("query?query=1%2B1&time=4")).StatusCode);
        grafana.DefaultRequestHeaders.Authorization = new("Bearer", "a-token-of-wrong-length!");
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask("query?query=1%2B1&time=4")).StatusCode);
        grafana.DefaultRequestHeaders.Authorization = new("Bearer", "a-token-of-enough-length");
        // Save & test; the metric browser; a panel; a variable.
        Assert.Equal("2", (await Data(await Ask("query", ("query", "1+1"), ("time", "4")))).GetProperty("result")[0].GetProperty("value")[1].GetString());
        await Data(await Ask("status/buildinfo"));
        Assert.Equal(["Xload", "mode", "parts"], (await Data(await Ask($"label/__name__/values?start={Epoch}&end={Epoch + 3600}"))).EnumerateArray().Select(v => v.GetString()));
        Assert.Contains("machine", (await Data(await Ask("labels", ("start", $"{Epoch}"), ("end", $"{Epoch + 3600}")))).EnumerateArray().Select(v => v.GetString()));
        Assert.Equal("B-MC1", (await Data(await Ask("series", ("match[]", "Xload"), ("start", $"{Epoch}"), ("end", $"{Epoch + 3600}"))))[0].GetProperty("machine").GetString());
        var panel = (await Data(await Ask("query_range", ("query", "avg_over_time(Xload[1m])"), ("start", $"{Epoch}"), ("end", $"{Epoch + 3600}"), ("step", "60")))).GetProperty("result")[0];
        Assert.Equal(61, panel.GetProperty("values").GetArrayLength());
        Assert.Equal((double)Epoch, panel.GetProperty("values")[0][0].GetDouble());
        Assert.Equal(HttpStatusCode.BadRequest, (await Ask("query_range", ("query", "Xload"), ("start", "0"), ("end", $"{Epoch}"), ("step", "1"))).StatusCode);
        // The token reads the past and nothing else.
        Assert.Equal(HttpStatusCode.Unauthorized, (await grafana.GetAsync("/api/v1/machines", TestContext.Current.CancellationToken)).StatusCode);
    }
}
