using System.Net;
using System.Text.Json;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>What the history explorer asks the node.</summary>
public sealed class ExploreApiTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private const string Shop = """{ "company": { "id": "B", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "B-MC1" } ] } ] } ] } ] } }""";

    /// <summary>Three days: a load every ten seconds, execution that turns every six hours, a gap of one hour on the second day. Now is the end of the third.</summary>
    private static async Task<RunningNode> FilledAsync()
    {
        var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Start.AddDays(3)), TimeProvider.System));
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        var load = recorder.Register(new(new(new("B-MC1"), "Xload"), Unit.Percent, ValueKind.Real, SignalRole.Load));
        var execution = recorder.Register(new(new(new("B-MC1"), "execution"), Unit.One, ValueKind.Text, SignalRole.Execution));
        List<Sample> samples = [];
        for (var i = 0; i < 3 * 8640; i++) samples.Add(At(load, i * 10, SampleValue.Of(i % 100 / 2.0)));
        for (var i = 0; i < 12; i++) samples.Add(At(execution, i * 21_600, SampleValue.Of(i % 2 == 0 ? "ACTIVE" : "READY")));
        await recorder.AppendAsync(new(new("B-MC1.test"), new("B-MC1"), samples.ToArray()), TestContext.Current.CancellationToken);
        return node;

        static Sample At(SignalNumber s, int seconds, SampleValue v) => new(s, Start.AddSeconds(seconds).UtcTicks, Start.AddSeconds(seconds).UtcTicks, v, Quality.Good);
    }

    [Theory]
    [InlineData(60_000, 6)]        // a minute: six samples
    [InlineData(3_600_000, 360)]   // an hour, of ready sums where they are
    public async Task A_tile_holds_the_same_sums_as_the_samples(long step, int each)
    {
        await using var node = await FilledAsync();
        var (width, at) = (step * 256, Start.ToUnixTimeMilliseconds());
        var first = at / width;
        var answer = await node.JsonAsync($"/api/v1/explore/tiles?signals=1&step={step}&first={first}&count=2");
        Assert.Equal(Start.AddDays(3).ToUnixTimeMilliseconds(), answer.GetProperty("now").GetInt64());
        var tiles = answer.GetProperty("signals")[0].GetProperty("tiles").EnumerateArray().ToArray();
        Assert.Equal(2, tiles.Length);
        var seen = 0;
        for (var t = 0; t < 2; t++)
            for (var k = 0; k < tiles[t].GetProperty("i").GetArrayLength(); k++)
            {
                var begin = (first + t) * width + tiles[t].GetProperty("i")[k].GetInt64() * step;
                var from = (int)((begin - at) / 10_000);   // number of the first sample of the step
                var values = Enumerable.Range(from, each).Select(i => i % 100 / 2.0).ToArray();
                Assert.Equal(values.Average(), tiles[t].GetProperty("a")[k].GetDouble(), 9);
                Assert.Equal((values.Min(), values.Max(), values[^1], each, 0), (tiles[t].GetProperty("lo")[k].GetDouble(), tiles[t].GetProperty("hi")[k].GetDouble(),
                    tiles[t].GetProperty("l")[k].GetDouble(), tiles[t].GetProperty("c")[k].GetInt32(), tiles[t].GetProperty("b")[k].GetInt32()));
                seen++;
            }
        Assert.True(seen is > 0 and <= 512, $"{seen} steps");
    }

    [Fact]
    public async Task States_come_in_stretches_over_a_day_and_as_shares_over_more()
    {
        await using var node = await FilledAsync();
        var from = Start.ToUnixTimeMilliseconds();
        var day = await node.JsonAsync($"/api/v1/explore/states?machine=B-MC1&from={from}&to={from + 86_400_000}");
        Assert.Equal(["running", "idle", "running", "idle"], day.GetProperty("spans").EnumerateArray().Select(s => s[2].GetString()));
        JsonElement days;
        do days = await node.JsonAsync($"/api/v1/explore/states?machine=B-MC1&from={from}&to={from + 3 * 86_400_000L}");
        while (days.GetProperty("pending").GetInt32() > 0);   // asking again counts on
        var shares = days.GetProperty("shares").EnumerateArray().ToArray();
        Assert.Equal(72, shares.Length);                     // by the hour
        Assert.Equal((1.0, 0.0), (shares[5][2].GetDouble(), shares[5][3].GetDouble()));
        Assert.Equal((0.0, 1.0), (shares[6][2].GetDouble(), shares[6][3].GetDouble()));
        do days = await node.JsonAsync($"/api/v1/explore/states?machine=B-MC1&from={from - 60 * 86_400_000L}&to={from + 3 * 86_400_000L}");
        while (days.GetProperty("pending").GetInt32() > 0);
        shares = [.. days.GetProperty("shares").EnumerateArray()];
        Assert.Equal(63, shares.Length);                     // by the day
        Assert.Equal((0.5, 0.5, 1.0), (shares[^1][2].GetDouble(), shares[^1][3].GetDouble(), shares[0][8].GetDouble()));   // before the first sample nothing is known
    }

    [Fact]
    public async Task Marks_are_answered_and_wrong_questions_are_refused_with_what_is_right()
    {
        await using var node = await FilledAsync();
        var from = Start.ToUnixTimeMilliseconds();
        var marks = await node.JsonAsync($"/api/v1/explore/marks?machine=B-MC1&from={from}&to={from + 86_400_000}");
        Assert.Equal((0, 0), (marks.GetProperty("left").GetInt32(), marks.GetProperty("alarms").GetArrayLength()));
        foreach (var (query, status) in new[]
        {
            ("tiles?signals=9&step=1000&first=0&count=1", HttpStatusCode.NotFound), ("tiles?signals=1&step=0&first=0&count=1", HttpStatusCode.BadRequest),
            ("tiles?signals=1&step=1000&first=0&count=33", HttpStatusCode.BadRequest), ("tiles?signals=1&step=2592000000&first=9223372036854775807&count=1", HttpStatusCode.BadRequest),
            ("tiles?signals=1&step=1000&first=-1&count=1", HttpStatusCode.BadRequest), ("tiles?step=1000&first=0&count=1", HttpStatusCode.BadRequest),
            ("states?machine=nobody&from=0&to=1", HttpStatusCode.NotFound), ("marks?machine=B-MC1&from=5&to=1", HttpStatusCode.BadRequest),
            ($"marks?machine=B-MC1&from=0&to={long.MaxValue}", HttpStatusCode.BadRequest),
        })
            Assert.Equal((query, status), (query, (await node.GetAsync("/api/v1/explore/" + query)).StatusCode));
    }
}
