using Ieum.Model;
using Ieum.Record;

namespace Ieum.Tests.Record;

/// <summary>Numbered batches: each is stored once and in order, however often it is handed over.</summary>
public sealed class MarkTestsOnSqlite() : MarkTests(postgres: false);

public sealed class MarkTestsOnPostgres() : MarkTests(postgres: true);

public abstract class MarkTests(bool postgres)
{
    private RecorderRig Rig(Action<RecordOptions>? configure = null) => new(configure, postgres);

    private static Task<StoreReceipt> Hand(RecorderRig rig, SignalNumber signal, long follows, long number, string? place = null) =>
        rig.Recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, new[] { RecorderRig.Sample(signal, number, SampleValue.Of(number)) })
        { Delivery = new(follows, number, RecorderRig.At(number).UtcTicks), Place = place }, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_batch_handed_over_again_is_answered_as_stored_and_not_stored_twice_also_after_a_restart()
    {
        await using var rig = Rig();
        var s = rig.Signal("counter");
        Assert.Null(rig.Recorder.MarkOf(RecorderRig.Source));
        await Hand(rig, s, 0, 1, "a");
        await Hand(rig, s, 1, 2);
        Assert.Equal(new(1, 0), await Hand(rig, s, 1, 2));
        Assert.Equal(new(2, RecorderRig.At(2), "a"), rig.Recorder.MarkOf(RecorderRig.Source));
        await rig.Reopen();
        Assert.Equal(new(2, RecorderRig.At(2), "a"), rig.Recorder.MarkOf(RecorderRig.Source));
        Assert.Equal(new(1, 0), await Hand(rig, s, 0, 1));
        Assert.Equal(new(1, 0), await Hand(rig, s, 2, 9, "b"));           // numbers may skip; what counts is whom they follow
        Assert.Equal(new(9, RecorderRig.At(9), "b"), rig.Recorder.MarkOf(RecorderRig.Source));
        Assert.Equal([1L, 2, 9], (await rig.Range(s)).Select(x => x.Value.Integer));
        Assert.Equal(1, rig.Recorder.Stored);
    }

    [Fact]
    public async Task A_batch_that_comes_before_one_it_follows_is_refused_and_leaves_no_trace()
    {
        await using var rig = Rig();
        var s = rig.Signal("counter");
        await Hand(rig, s, 0, 1);
        var refused = await Assert.ThrowsAsync<RecordException>(() => Hand(rig, s, 2, 3));
        Assert.Equal(RecordRules.OutOfOrder, refused.Rule);
        await Hand(rig, s, 1, 2);
        await Hand(rig, s, 2, 3);
        Assert.Equal([1L, 2, 3], (await rig.Range(s)).Select(x => x.Value.Integer));
    }

    [Fact]
    public async Task The_followers_of_a_batch_that_failed_do_not_overtake_it()
    {
        await using var rig = Rig(o => (o.CommitInterval, o.CommitSamples) = (1.Milliseconds, 1));
        var s = rig.Signal("counter");
        await Hand(rig, s, 0, 1);
        // The disk is full for as long as it takes to fail one group; then there is room, while the followers are on their way.
        rig.FillDisk(pages: 0);
        var text = SampleValue.Of(string.Concat(Enumerable.Range(0, 60_000).Select(i => (char)('a' + (i * 7919 % 26)))));
        var large = new SampleBatch(RecorderRig.Source, RecorderRig.Machine,
            Enumerable.Range(0, 20).Select(i => RecorderRig.Sample(s, 1.5, SampleValue.Of(text.Text + i))).ToArray()) { Delivery = new(1, 2, 0) };
        await Assert.ThrowsAsync<RecordException>(() => rig.Recorder.AppendAsync(large, TestContext.Current.CancellationToken));
        rig.FreeDisk();
        Assert.Equal(RecordRules.OutOfOrder, (await Assert.ThrowsAsync<RecordException>(() => Hand(rig, s, 2, 3))).Rule);
        Assert.Equal(new(20, 0), await rig.Recorder.AppendAsync(large, TestContext.Current.CancellationToken));
        await Hand(rig, s, 2, 3);
        Assert.Equal(22, (await rig.Range(s)).Count);
    }

    [Fact]
    public async Task A_batch_without_samples_still_moves_the_mark()
    {
        await using var rig = Rig();
        await rig.Recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, default) { Place = "p", Delivery = new(0, 1, 5) }, TestContext.Current.CancellationToken);
        Assert.Equal(new(1, new(5, TimeSpan.Zero), "p"), rig.Recorder.MarkOf(RecorderRig.Source));
    }

    [Fact]
    public async Task A_file_of_the_first_version_is_upgraded_and_keeps_everything()
    {
        await using var rig = Rig();
        var s = rig.Signal("counter");
        await rig.Append(RecorderRig.Sample(s, 1, SampleValue.Of(1L)));
        await rig.Reopen(() => rig.Sql("DROP TABLE mark; DROP TABLE rollup; DROP TABLE rolled; DROP TABLE stale; DROP TABLE deletion; DELETE FROM meta WHERE key = 'overwrites'; UPDATE meta SET value = '1' WHERE key = 'schema'"));
        await Hand(rig, s, 0, 1);
        Assert.Equal([1L, 1], (await rig.Range(s)).Select(x => x.Value.Integer));
        Assert.Equal(1, rig.Recorder.MarkOf(RecorderRig.Source)!.Number);
    }
}
