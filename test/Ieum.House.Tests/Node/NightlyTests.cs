using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>The nightly look through the whole node: from a week of samples to findings in the inbox.</summary>
public sealed class NightlyTests
{
    private static readonly DateTimeOffset Night = new(2026, 11, 20, 17, 30, 0, TimeSpan.Zero);
    private const string Shop = """{ "Anomaly": { "Nightly": false }, "company": { "id": "shop", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "MC1" } ] } ] } ] } ] } }""";
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<(RunningNode Node, NightlyModels Models, IAnomalyDesk Inbox)> RigAsync(Func<int, int, int, double[]> values, params string[] names)
    {
        var node = await RunningNode.StartAsync(Shop, clocks: new(new FakeTimeProvider(Night), TimeProvider.System));
        var recorder = node.Services.GetRequiredService<IRecorder>();
        SignalNumber Register(string name, ValueKind kind, SignalRole role) => recorder.Register(new(new(new("MC1"), name), Unit.One, kind, role));
        var execution = Register("execution", ValueKind.Text, SignalRole.Execution);
        SignalNumber[] numbers = [.. names.Select(n => Register(n, ValueKind.Real, SignalRole.Load))];
        List<Sample> samples = [];
        // Eight days, of which the machine runs from 08:00 for two hours; else its load is nothing.
        for (var day = 0; day < 8; day++)
        {
            var from = new DateTimeOffset(Night.Date, TimeSpan.Zero).AddDays(day - 7).AddHours(8);
            samples.Add(Of(execution, from, SampleValue.Of("ACTIVE")));
            for (var second = 0; second < 7200; second++)
            {
                var row = values(day, second / 40, second % 40);
                for (var s = 0; s < numbers.Length; s++) samples.Add(Of(numbers[s], from.AddSeconds(second), SampleValue.Of(row[s])));
            }
            samples.Add(Of(execution, from.AddHours(2), SampleValue.Of("READY")));
            foreach (var n in numbers) samples.Add(Of(n, from.AddHours(2), SampleValue.Of(0.0)));
        }
        await recorder.AppendAsync(new(new("src"), new("MC1"), samples.ToArray()), Cancel);
        var models = new NightlyModels(recorder, node.Services.GetRequiredService<IAnalyst>(), node.Services.GetRequiredService<FactoryState>(), node.Services.GetRequiredService<AnomalyWatch>(),
            node.Services.GetRequiredService<AnomalyStore>(), node.Services.GetRequiredService<DocumentStore>(), Options.Create(new AnomalyOptions()), new(new FakeTimeProvider(Night), TimeProvider.System), NullLogger<NightlyModels>.Instance);
        return (node, models, node.Services.GetRequiredService<IAnomalyDesk>());

        static Sample Of(SignalNumber n, DateTimeOffset at, SampleValue v) => new(n, at.UtcTicks, at.UtcTicks, v, Quality.Good);
    }

    private static double Noise(int day, int cycle, int phase, int of) => ((day * 7919 + cycle * 104_729 + phase * 1299 + of * 31) * 2_654_435_761L % 1000 / 1000.0 - 0.5) * 0.06;

    [Fact]
    public async Task A_stroke_that_rises_late_last_day_is_a_finding_with_its_window_and_model_and_an_answer_quiets_it()
    {
        // A stroke of 40 s; that of the last day's 100th cycle rises ten seconds late and reaches the same height.
        var (node, models, inbox) = await RigAsync((day, cycle, phase) =>
        {
            var rise = day == 7 && cycle == 100 ? 16 : 6;
            return [(phase < rise ? 0 : phase < rise + 10 ? (phase - rise) / 10.0 : phase < 30 ? 1 : 0) + Noise(day, cycle, phase, 0)];
        }, "stroke");
        await using var _ = node;
        await models.LookAsync(Night, 0, Cancel);
        var finding = Assert.Single(await inbox.ListAsync(10, Cancel));
        Assert.Equal((AnomalyKind.Shape, "stroke", "shape-pca", "1"), (finding.Kind, finding.SignalName, finding.Model, finding.Version));
        var begin = new DateTimeOffset(Night.Date, TimeSpan.Zero).AddHours(8).AddSeconds(100 * 40);
        Assert.InRange(finding.From, begin.AddSeconds(-40), begin.AddSeconds(40));
        Assert.Equal(40.Seconds, finding.To - finding.From);
        Assert.True(finding.Samples > 1000 && finding.Confidence > 0.9 && finding.Score >= 0.5);
        Assert.Equal(AnomalyWatch.Loop, (await node.Services.GetRequiredService<ILoopDesk>().ListAsync(5, Cancel)).Single(e => e.Number == finding.Entry).Loop);
        // The same night looked at again tells the same; after "known" it is quiet at this time of the week.
        await inbox.AnswerAsync(finding.Number, AlarmAnswer.Known, "kim", Cancel);
        await models.LookAsync(Night, 0, Cancel);
        Assert.Single(await inbox.ListAsync(10, Cancel));
    }

    [Fact]
    public async Task Load_without_feed_is_a_finding_though_each_alone_is_usual()
    {
        // Feed and load follow each other from minute to minute; on the last day, minutes 60 to 63, the feed stands and the load stays.
        var (node, models, inbox) = await RigAsync((day, cycle, phase) =>
        {
            var minute = (cycle * 40 + phase) / 60;
            var feed = (minute * 37 + day * 11) % 10 < 6 ? 200 + (minute * 13 + day * 5) % 20 : 0.0;
            var load = 5 + feed / 10 + Noise(day, minute, 0, 1) * 10;
            return day == 7 && minute is >= 60 and < 64 ? [0, 25, 40] : [feed, load, 40 + Noise(day, minute, 0, 2) * 30];
        }, "feed", "load", "temperature");
        await using var _ = node;
        await models.LookAsync(Night, 0, Cancel);
        var finding = Assert.Single(await inbox.ListAsync(10, Cancel), f => f.Kind == AnomalyKind.Together);
        var hour = new DateTimeOffset(Night.Date, TimeSpan.Zero).AddHours(9);
        Assert.Equal((hour, hour.AddMinutes(4)), (finding.From, finding.To));
        Assert.Contains(finding.SignalName, new[] { "feed", "load" });
        Assert.Equal(("machine-mahalanobis", 840), (finding.Model, finding.Samples));   // seven days of two hours
    }

    [Fact]
    public void It_is_due_once_a_night_and_answers_move_what_is_asked()
    {
        Assert.Equal(Night, NightlyModels.Due(Night.AddDays(-1), new(17, 30, 0)));
        Assert.Equal(Night.AddDays(1), NightlyModels.Due(Night, new(17, 30, 0)));
        Assert.Equal(Night, NightlyModels.Due(Night.AddMinutes(-1), new(17, 30, 0)));
        AnomalyFinding F(long n, AlarmAnswer a) => new(n, new("MC1"), 1, "x", "", Night, Night, Night, AnomalyKind.Shape, 0.6, 1, 1, 1, "m", "1", 1, Answer: a);
        Assert.Equal(1, NightlyModels.ToleranceOf(new(1), AnomalyKind.Shape, []));
        Assert.Equal(1.25, NightlyModels.ToleranceOf(new(1), AnomalyKind.Shape, [F(1, AlarmAnswer.Wrong)]), 9);
        Assert.Equal(1, NightlyModels.ToleranceOf(new(1), AnomalyKind.Shape, [F(1, AlarmAnswer.Wrong), F(2, AlarmAnswer.Right)]), 9);   // 1.25 · 0.8
        Assert.Equal(4, NightlyModels.ToleranceOf(new(1), AnomalyKind.Shape, Enumerable.Range(1, 20).Select(n => F(n, AlarmAnswer.Wrong))), 9);
        Assert.Equal(1, NightlyModels.ToleranceOf(new(1), AnomalyKind.Together, [F(1, AlarmAnswer.Wrong)]));
    }
}
