using Ieum.Model;
using Ieum.Record;
using Ieum.Record.Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Record;

public sealed class CommitTests
{
    private static PendingBatch Batch(int samples) => new(new(RecorderRig.Source, RecorderRig.Machine, new Sample[samples]), new Sample[samples], []);

    [Fact]
    public async Task A_small_batch_after_a_write_waits_for_the_interval_and_not_longer()
    {
        var wire = new FakeTimeProvider();
        var folder = Path.Combine(Ieum.TestKit.Needs.Scratch, "record", Guid.NewGuid().ToString("N"));
        var options = new RecordOptions { Folder = folder, CommitInterval = TimeSpan.FromMilliseconds(200), CommitSamples = 1000 };
        await using (var recorder = Recorder.Open(options, new(TimeProvider.System, wire), NullLogger.Instance))
        {
            wire.Advance(1.Seconds);
            var s = recorder.Register(new(new(RecorderRig.Machine, "s"), Unit.One, ValueKind.Real));
            Task<StoreReceipt> Append(int count) => recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine,
                Enumerable.Range(0, count).Select(i => RecorderRig.Sample(s, i, SampleValue.Of(1.0))).ToArray()), CancellationToken.None);
            // The new signal is a write of its own, which may come before or with the first batch.
            var first = Append(1);
            while (!first.IsCompleted)
            {
                wire.Advance(200.Milliseconds);
                await Task.Yield();
            }
            wire.Advance(1.Seconds);
            await Append(1).WaitAsync(30.Seconds, TimeProvider.System, TestContext.Current.CancellationToken);   // after a quiet time: at once
            var second = Append(1);
            wire.Advance(199.Milliseconds);
            Assert.False(second.IsCompleted);
            // More than 1,000 samples are worth a write of their own, and take the small batch along; the clock stands still.
            var big = Append(1000);
            Assert.Equal(new(1, 0), await second.WaitAsync(30.Seconds, TimeProvider.System, TestContext.Current.CancellationToken));
            Assert.Equal(new(1000, 0), await big);
            var third = Append(1);
            while (!third.IsCompleted)
            {
                wire.Advance(200.Milliseconds);
                await Task.Yield();
            }
            Assert.Equal(new(1, 0), await third);
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_batch_that_somebody_waits_for_is_told_until_it_is_taken()
    {
        var queue = new CommitQueue(limit: 100, () => { });
        await queue.AddAsync(Batch(10), CancellationToken.None);
        Assert.False(queue.HasAwaited);
        await queue.AddAsync(new(new(RecorderRig.Source, RecorderRig.Machine, new Sample[5]) { IsAwaited = true }, new Sample[5], []), CancellationToken.None);
        queue.Take(10);
        Assert.True(queue.HasAwaited);
        queue.Take(10);
        Assert.False(queue.HasAwaited);
    }

    [Fact]
    public async Task Too_many_waiting_samples_make_callers_wait_in_their_order()
    {
        var queue = new CommitQueue(limit: 100, () => { });
        await queue.AddAsync(Batch(60), CancellationToken.None);
        var second = queue.AddAsync(Batch(50), CancellationToken.None).AsTask();   // 110 would be too many
        var third = queue.AddAsync(Batch(10), CancellationToken.None).AsTask();    // would fit, but is not let past the second
        Assert.False(second.IsCompleted || third.IsCompleted);
        Assert.Equal(60, queue.Samples);
        Assert.Single(queue.Take(1000));
        await Task.WhenAll(second, third);
        Assert.Equal(60, queue.Samples);
        Assert.Equal([50, 10], queue.Take(1000).Select(b => b.Accepted.Length));
    }

    [Fact]
    public async Task A_batch_larger_than_the_limit_goes_alone_and_a_cancelled_one_is_not_taken()
    {
        var queue = new CommitQueue(limit: 100, () => { });
        await queue.AddAsync(Batch(500), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var given = queue.AddAsync(Batch(1), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal([500], queue.Take(1000).Select(b => b.Accepted.Length));
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public async Task A_closed_recorder_says_so_to_those_who_wait()
    {
        var queue = new CommitQueue(limit: 100, () => { });
        await queue.AddAsync(Batch(100), CancellationToken.None);
        var waiting = queue.AddAsync(Batch(1), CancellationToken.None).AsTask();
        queue.Close();
        Assert.Equal(RecordRules.Closed, (await Assert.ThrowsAsync<RecordException>(() => waiting)).Rule);
        Assert.Single(queue.Take(1000));   // what stood in the queue is still written
    }

    [Fact]
    public async Task With_little_room_blocks_are_closed_early_and_nothing_is_lost()
    {
        await using var rig = new RecorderRig(o => { o.TailLimit = 10_000; o.BlockSamples = 900; });
        var signals = Enumerable.Range(0, 200).Select(i => rig.Signal($"s{i}")).ToArray();
        for (var t = 0; t < 300; t++)   // 200 signals with 300 samples each: no block is ever full
            await rig.Append([.. signals.Select(s => RecorderRig.Sample(s, t, SampleValue.Of((long)t)))]);
        Assert.InRange(rig.Recorder.Now.Open, 0, 30_000);
        foreach (var s in signals.Take(10)) Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), (await rig.Range(s)).Select(x => x.Value.Integer));
    }
}
