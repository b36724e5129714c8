using Ieum.Connect;
using Ieum.Connect.MtConnect;
using Ieum.Connect.Fins;
using Ieum.Connect.Shdr;
using Ieum.Connect.Slmp;
using Ieum.Model;
using Ieum.TestKit;
using Ieum.Tests.Connect.Shdr;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect;

public class ConnectBaseTests
{
    [Fact]
    public void Waits_double_from_a_fifth_of_a_second_to_five_seconds_and_are_shortened_by_a_fifth_at_most()
    {
        var policy = new ReconnectPolicy(new FakeTimeProvider());
        double[] longest = [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5];
        foreach (var seconds in longest) Assert.InRange(policy.Next().TotalSeconds, seconds * 0.8, seconds);
        policy.Succeeded();
        Assert.InRange(policy.Next().TotalSeconds, 0.16, 0.2);
    }

    [Fact]
    public void A_peer_that_returns_at_the_worst_moment_is_found_in_less_than_ten_seconds()
    {
        // It returns just after a try began that will time out; then the longest wait; then the next try finds it.
        var worst = ReconnectPolicy.ConnectLimit + ReconnectPolicy.LongestWait;
        Assert.True(worst < 10.Seconds, $"{worst}");
    }

    [Fact]
    public void Two_wrong_stamps_do_not_move_the_skew()
    {
        var clock = new FakeTimeProvider();
        var skew = new SkewEstimator(clock);
        var now = clock.GetUtcNow().UtcTicks;
        for (var i = 0; i < 30; i++) skew.Observe(now - TimeSpan.TicksPerSecond * (100 + i % 7), now);     // 100 s behind, delays of 0 to 6 s
        skew.Observe(now + TimeSpan.TicksPerHour, now);
        skew.Observe(now + TimeSpan.TicksPerHour, now);
        Assert.Equal(-100.Seconds, skew.Skew);
        Assert.False(skew.IsTolerable);
        Assert.False(skew.IsUncertain);
    }

    [Fact]
    public void A_skew_of_two_seconds_is_tolerated_and_a_tick_more_is_not()
    {
        var skew = new SkewEstimator(new FakeTimeProvider());
        Assert.Null(skew.Skew);
        for (var i = 0; i < 32; i++) skew.Observe(2 * TimeSpan.TicksPerSecond, 0);
        Assert.True(skew.IsTolerable);
        for (var i = 0; i < 32; i++) skew.Observe(2 * TimeSpan.TicksPerSecond + 1, 0);
        Assert.False(skew.IsTolerable);
    }

    [Fact]
    public async Task A_batch_is_due_at_a_thousand_samples_or_a_tenth_of_a_second_and_is_cut_at_a_thousand()
    {
        var wire = new FakeTimeProvider();
        using var sink = new CollectingSink();
        var batch = new SampleBatcher(ShdrHarness.SettingsFor("h:1"), sink, new(wire), wire);
        batch.Add(new Sample(new(1), 1, 1, SampleValue.Of(1.0), Quality.Good));
        wire.Advance(99.Milliseconds);
        Assert.False(batch.IsDue);
        wire.Advance(1.Milliseconds);
        Assert.True(batch.IsDue);
        for (var i = 1; i < 2500; i++) batch.Add(new Sample(new(1), i, 1, SampleValue.Of(1.0), Quality.Good));
        await batch.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1000, 1000, 500], sink.Batches.Select(b => b.Samples.Length));
        Assert.False(batch.IsDue);
    }

    [Fact]
    public async Task What_a_cancelled_flush_did_not_hand_over_goes_with_the_next_one_in_order_and_once()
    {
        var wire = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        var taken = new List<SampleBatch>();
        var batch = new SampleBatcher(ShdrHarness.SettingsFor("h:1"), new StoppedSink(taken, stop), new(wire), wire);
        batch.Add(new Gap(new("h"), new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), GapCause.Disconnected, null, "cut"));
        for (var i = 0; i < 2500; i++) batch.Add(new Sample(new(1), i, 1, SampleValue.Of(1.0), Quality.Good));
        batch.Place = "here";
        // The stop comes behind the first thousand, and once more before anything was taken.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch.FlushAsync(stop.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch.FlushAsync(stop.Token).AsTask());
        await batch.FlushAsync(CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => (long)i), taken.SelectMany(b => b.Samples.ToArray()).Select(s => s.SourceTicks));
        Assert.Equal([1, 0, 0], taken.Select(b => b.Gaps.Count));
        Assert.Equal([null, null, "here"], taken.Select(b => b.Place));
        Assert.False(batch.HasPending);
    }

    /// <summary>A queue whose owner is stopped after the first batch.</summary>
    private sealed class StoppedSink(List<SampleBatch> taken, CancellationTokenSource stop) : ISampleSink
    {
        public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            taken.Add(batch);
            stop.Cancel();
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public void Every_rule_has_a_text_and_an_id_of_its_own()
    {
        IReadOnlyDictionary<string, string>[] all = [ConnectRules.All, Ieum.Connect.PlainMqtt.MqttRules.All, Ieum.Connect.Manual.ManualRules.All, Ieum.Connect.Files.FilesRules.All, ShdrRules.All, MtConnectRules.All, SlmpRules.All, FinsRules.All];
        var ids = all.SelectMany(a => a.Keys).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var named = new[] { typeof(ConnectRules), typeof(Ieum.Connect.PlainMqtt.MqttRules), typeof(Ieum.Connect.Manual.ManualRules), typeof(Ieum.Connect.Files.FilesRules), typeof(ShdrRules), typeof(MtConnectRules), typeof(SlmpRules), typeof(FinsRules) }
            .SelectMany(t => t.GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)).ToHashSet();
        Assert.Equal(named.Order(), ids.Order());
        Assert.All(all.SelectMany(a => a.Values), text => Assert.EndsWith(".", text, StringComparison.Ordinal));
    }
}
