using System.Net;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>From samples to a finding in the inbox, an answer, the ledger, and a detector that remembers.</summary>
public sealed class AnomalyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A steady load, with a peak at minute <paramref name="peak"/>.</summary>
    private static SampleBatch Minutes(SignalNumber signal, int from, int to, int peak) => new(new("src"), new("MC1"), Enumerable.Range(from, to - from).Select(m =>
        new Sample(signal, Start.AddMinutes(m).UtcTicks, Start.AddMinutes(m).UtcTicks, SampleValue.Of(50 + Math.Sin(m * 0.7) + (m == peak ? 40 : 0)), Quality.Good)).ToArray());

    private static SignalNumber Register(RunningNode node, string name, SignalRole role) =>
        node.Services.GetRequiredService<ISignalDirectory>().Register(new(new(new("MC1"), name), Unit.One, ValueKind.Real, role));

    [Fact]
    public async Task A_peak_becomes_one_finding_and_its_answer_teaches_the_detector_and_closes_the_ledger()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        var watch = node.Services.GetRequiredService<AnomalyWatch>();
        var (load, other, counter) = (Register(node, "Xload", SignalRole.Load), Register(node, "Yload", SignalRole.Load), Register(node, "parts", SignalRole.PartCount));
        foreach (var signal in (SignalNumber[])[load, other, counter]) await watch.JudgeAsync(Minutes(signal, 0, 1000, peak: 900), Cancel);

        // Two axes peak in the same minute: one event, one finding. The counter is not watched.
        await node.SignInAsOwnerAsync();
        var finding = Assert.Single((await node.JsonAsync("/api/v1/anomalies")).EnumerateArray());
        Assert.Equal(("MC1", "Xload", "Range", 1), (finding.GetProperty("machine").GetString(), finding.GetProperty("signalName").GetString(), finding.GetProperty("kind").GetString(), finding.GetProperty("more").GetInt32()));
        Assert.Equal(Start.AddMinutes(901), finding.GetProperty("to").GetDateTimeOffset());
        Assert.Equal(901, finding.GetProperty("samples").GetInt32());
        Assert.Equal("signal-novelty", finding.GetProperty("model").GetString());

        var (number, entry) = (finding.GetProperty("number").GetInt64(), finding.GetProperty("entry").GetInt64());
        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync($"/api/v1/anomalies/{number}/answer", new { answer = "perhaps" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.PostAsync($"/api/v1/anomalies/{number}/answer", new { answer = "wrong" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await node.PostAsync($"/api/v1/anomalies/{number}/answer", new { answer = "right" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await node.PostAsync("/api/v1/anomalies/99/answer", new { answer = "right" })).StatusCode);
        var told = (await node.Services.GetRequiredService<ILoopDesk>().ListAsync(20, Cancel)).Single(e => e.Number == entry);
        Assert.Equal((AnomalyWatch.Loop, false, "owner", "wrong"), (told.Loop, told.Decision!.Accepted, told.Decision.By, told.Decision.Note));

        // Another peak of the same height is nothing new after "wrong", in a run that remembers.
        var kept = AnomalyMemory.Load(Path.Combine(node.Folder, "anomaly.bin"));
        Assert.Equal([load.Value, other.Value], kept.Select(k => k.Signal).Order());
        Assert.Equal(LiveSignal.StartSensitivity * 0.6, kept.Single(k => k.Signal == load.Value).Learned.SensitivityOf(AnomalyKind.Range), 9);
    }

    [Fact]
    public async Task A_decision_on_the_page_of_decisions_answers_the_finding_too()
    {
        await using var node = await RunningNode.StartAsync(LoopTests.Shop);
        await node.Services.GetRequiredService<AnomalyWatch>().JudgeAsync(Minutes(Register(node, "Xload", SignalRole.Load), 0, 1000, peak: 900), Cancel);
        var desk = node.Services.GetRequiredService<IAnomalyDesk>();
        var finding = Assert.Single(await desk.ListAsync(10, Cancel));
        var entry = await node.Services.GetRequiredService<ILoopDesk>().DecideAsync(finding.Entry, true, "kim", null, Cancel);
        Assert.True(entry.Receipt!.Done);
        var answered = Assert.Single(await desk.ListAsync(10, Cancel));
        Assert.Equal((AlarmAnswer.Right, "kim"), (answered.Answer, answered.By));
    }

    [Fact]
    public async Task What_was_learned_survives_a_restart()
    {
        string folder;
        await using (var node = await RunningNode.StartAsync(LoopTests.Shop))
        {
            folder = node.Folder;
            var batch = Minutes(Register(node, "Xload", SignalRole.Load), 0, 700, peak: -1);
            await node.Services.GetRequiredService<IMeasurementWriter>().AppendAsync(batch, Cancel);   // a signal is known for good with its first sample
            node.Services.GetRequiredService<AnomalyWatch>().Tell(batch);
        }
        await using (var node = await RunningNode.StartAsync(LoopTests.Shop, folder))
            node.Services.GetRequiredService<AnomalyWatch>().Tell(Minutes(Register(node, "Xload", SignalRole.Load), 700, 1000, peak: 900));
        await using (var node = await RunningNode.StartAsync(LoopTests.Shop, folder))
            Assert.Equal(901, Assert.Single(await node.Services.GetRequiredService<IAnomalyDesk>().ListAsync(10, Cancel)).Samples);
    }

    [Fact]
    public void What_waits_to_be_judged_is_bounded_by_samples_however_large_batches_are()
    {
        // Nothing runs that would judge: all that is told waits.
        var watch = new AnomalyWatch(null!, null!, null!, null!, Microsoft.Extensions.Options.Options.Create(new AnomalyOptions()), Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLogger<AnomalyWatch>.Instance);
        void Tell(int batches, int samples)
        {
            for (var i = 0; i < batches; i++) watch.Tell(new(new("s"), new("m"), new Sample[samples]));
        }
        Tell(100, 8192);
        Assert.Equal(32, watch.Backlog);   // 32 × 8,192 = 262,144
        Tell(1000, 1);
        Assert.Equal(256, watch.Backlog);
        Tell(1, 1_000_000);
        Assert.Equal(0, watch.Backlog);    // larger than all that may wait
    }

    [Fact]
    public void A_damaged_memory_gives_what_stands_before_the_damage()
    {
        var file = Path.Combine(Ieum.TestKit.Needs.Scratch, $"anomaly-{Guid.NewGuid():N}.bin");
        AnomalyMemory.Save(file, [(1, Start, new()), (2, Start, new())]);
        Assert.Equal([1, 2], AnomalyMemory.Load(file).Select(k => k.Signal));
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^100]);
        Assert.Equal([1], AnomalyMemory.Load(file).Select(k => k.Signal));
        File.WriteAllText(file, "not ours");
        Assert.Empty(AnomalyMemory.Load(file));
        Assert.Empty(AnomalyMemory.Load(file + ".none"));
    }

    [Fact]
    public void False_alarms_a_week_are_those_nobody_called_right_by_the_weeks_watched()
    {
        var now = Start.AddDays(60);
        AnomalyFinding F(double daysAgo, AlarmAnswer? answer) => new(1, new("MC1"), 1, "x", "", now.AddDays(-daysAgo), Start, Start, AnomalyKind.Range, 0.6, 1, 1, 1, "m", "1", 1, Answer: answer);
        AnomalyFinding[] findings = [F(1, AlarmAnswer.Wrong), F(2, AlarmAnswer.Right), F(3, null), F(20, AlarmAnswer.Known), F(40, AlarmAnswer.Wrong)];
        Assert.Equal(3 / 4.0, AnomalyWatch.FalsePerWeek(findings, Start, now)!.Value, 9);                    // three within 28 days
        Assert.Equal(2 / (3.5 / 7), AnomalyWatch.FalsePerWeek(findings, now.AddDays(-3.5), now)!.Value, 9);  // two within half a week
        Assert.Null(AnomalyWatch.FalsePerWeek(findings, now.AddHours(-23), now));
    }
}
