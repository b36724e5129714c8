using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.Queue;

public class StoreLaneTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var pulse = new PeriodicTimer(5.Milliseconds);
        while (!condition()) await pulse.WaitForNextTickAsync(limit.Token);
    }

    private static async Task PutAsync(IStoreLane lane, SignalNumber signal, int from, int batches, int size = 3)
    {
        for (var i = 0; i < batches; i++) await lane.WriteAsync(Counted.Batch(signal, from + i * size, size), TestContext.Current.CancellationToken);
    }

    private static void AllOnce(FickleStore store, long count) => Assert.Equal(Enumerable.Range(0, (int)count).Select(i => (long)i), store.Numbers);

    [Fact]
    public async Task While_the_store_takes_what_it_gets_nothing_touches_the_disk()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store);
        var lane = room.Open(QueueFolder.Lane());
        await PutAsync(lane, folder.SignalNumber, 0, 500);
        await UntilAsync(() => store.Count == 1500);
        Assert.Empty(folder.Files);
        await lane.DisposeAsync();
        AllOnce(store, 1500);
        Assert.Equal((1500L, 0L, 0L, 0), (lane.Counters.Stored, lane.Counters.Dropped, lane.Counters.Restored, lane.Counters.Waiting));
    }

    [Fact]
    public async Task A_store_that_refuses_lets_everything_go_to_the_disk_and_gets_it_in_order_when_it_is_back()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store);
        var lane = room.Open(QueueFolder.Lane());
        await PutAsync(lane, folder.SignalNumber, 0, 50);
        await UntilAsync(() => store.Count == 150);
        store.Refuses = true;
        await PutAsync(lane, folder.SignalNumber, 150, 500);
        await UntilAsync(() => lane.Counters is { Waiting: 0, WaitingSamples: 1500 });
        Assert.Contains("No space", lane.Counters.Trouble, StringComparison.Ordinal);
        Assert.Equal(150, store.Count);
        store.Refuses = false;
        await PutAsync(lane, folder.SignalNumber, 1650, 100);
        await UntilAsync(() => lane.Counters.Stored == 1950);
        await UntilAsync(() => folder.Files.Length == 0);
        Assert.Null(lane.Counters.Trouble);
        // And the direct way is open again.
        await PutAsync(lane, folder.SignalNumber, 1950, 10);
        await UntilAsync(() => store.Count == 1980);
        Assert.Empty(folder.Files);
        await lane.DisposeAsync();
        AllOnce(store, 1980);
    }

    [Fact]
    public async Task A_store_that_hangs_and_then_takes_what_was_given_up_has_each_number_once()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store);
        var lane = room.Open(QueueFolder.Lane());
        store.Hang();
        await PutAsync(lane, folder.SignalNumber, 0, 200);
        await UntilAsync(() => lane.Counters is { Waiting: 0, WaitingSamples: 600 });   // it never answered, and yet everything is safe
        store.LetGo();
        await UntilAsync(() => lane.Counters.Stored == 600);
        await lane.DisposeAsync();
        AllOnce(store, 600);
        Assert.InRange(store.Doubles, 1, 16);   // the first hand-overs came through after all
    }

    [Fact]
    public async Task What_the_store_did_not_take_before_an_orderly_stop_is_stored_first_after_the_next_start()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore { Refuses = true };
        using (var room = folder.Room(store))
        {
            var lane = room.Open(QueueFolder.Lane());
            await lane.WriteAsync(Counted.Batch(folder.SignalNumber, 0, 90, "here"), TestContext.Current.CancellationToken);
            await PutAsync(lane, folder.SignalNumber, 90, 10);
            await lane.DisposeAsync();
            Assert.Equal(0, lane.Counters.Waiting);
        }
        Assert.NotEmpty(folder.Files);
        store.Refuses = false;
        using (var room = folder.Room(store))
        {
            Assert.Equal([Counted.Source], room.Left);
            var lane = room.Open(QueueFolder.Lane());
            Assert.Equal("here", lane.Newest!.Place);
            await PutAsync(lane, folder.SignalNumber, 120, 10);
            await lane.Drained.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
            await lane.DisposeAsync();
            var c = lane.Counters;
            Assert.Equal((120L, 150L), (c.Restored, c.Stored));
        }
        AllOnce(store, 150);
        Assert.Equal("here", store.MarkOf(Counted.Source)!.Place);
    }

    [Fact]
    public async Task A_full_queue_makes_the_source_wait_and_loses_nothing()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore { Refuses = true };
        using var room = folder.Room(store, o => o.MaxBytes = 1 << 20);
        var lane = room.Open(QueueFolder.Lane());
        var writing = PutAsync(lane, folder.SignalNumber, 0, 400, 1000);
        await UntilAsync(() => lane.Counters.Waiting >= 16 + 8 && room.Bytes > 900_000);
        Assert.False(writing.IsCompleted);
        Assert.InRange(room.Bytes, 1 << 19, 1 << 20);
        store.Refuses = false;
        await writing;
        await UntilAsync(() => lane.Counters.Stored == 400_000);
        await lane.DisposeAsync();
        AllOnce(store, 400_000);
        Assert.Empty(store.Gaps);
    }

    [Fact]
    public async Task Where_the_settings_say_so_the_oldest_goes_as_counted_gaps_and_the_source_never_waits()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore { Refuses = true };
        using var room = folder.Room(store, o => (o.MaxBytes, o.WhenFull) = (1 << 20, WhenQueueFull.DropOldest));
        var lane = room.Open(QueueFolder.Lane());
        await PutAsync(lane, folder.SignalNumber, 0, 800, 1000);
        store.Refuses = false;
        await UntilAsync(() => lane.Counters is { Waiting: 0, WaitingSamples: 0, Stored: > 0 });
        await lane.DisposeAsync();
        var lost = store.Gaps.Where(g => g.Cause == GapCause.QueueFull).Sum(g => g.Lost!.Value);
        Assert.InRange(lost, 1, 800_000);
        Assert.Equal(800_000, store.Numbers.Count + lost);
        Assert.Equal((store.Numbers.Count, lost, 799_999L), (lane.Counters.Stored, lane.Counters.Dropped, store.Numbers[^1]));
        Assert.Equal(store.Numbers.Distinct().Order(), store.Numbers);
    }

    [Fact]
    public async Task The_time_without_a_node_is_a_gap_of_a_source_that_cannot_read_afterwards()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store);
        var lane = room.Open(QueueFolder.Lane(resumes: false));
        await PutAsync(lane, folder.SignalNumber, 0, 1);
        await lane.DisposeAsync();
        Assert.Empty(store.Gaps);                                        // the first start of all has nothing to miss
        lane = room.Open(QueueFolder.Lane(resumes: false));
        await PutAsync(lane, folder.SignalNumber, 600, 1);
        await lane.DisposeAsync();
        var gap = Assert.Single(store.Gaps);
        Assert.Equal((GapCause.NodeDown, null), (gap.Cause, gap.Lost));
        // From a second before the last durable value, for what was under way, to the first value heard.
        Assert.Equal((Counted.Start.AddSeconds(2.01 - 1), Counted.Start.AddSeconds(600.01)), (gap.Range.From, gap.Range.To));
        lane = room.Open(QueueFolder.Lane(resumes: false, listening: () => true));
        await UntilAsync(() => store.Gaps.Count == 2);                   // a machine that is heard and says nothing ends it too
        await lane.DisposeAsync();
        Assert.Equal(Counted.Start.AddSeconds(602.01 - 1), store.Gaps[1].Range.From);
    }

    [Fact]
    public async Task A_clock_set_back_between_two_runs_leaves_a_gap_that_says_so()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store);
        var lane = room.Open(QueueFolder.Lane(resumes: false));
        await PutAsync(lane, folder.SignalNumber, 3600, 1);
        await lane.DisposeAsync();
        lane = room.Open(QueueFolder.Lane(resumes: false));
        await PutAsync(lane, folder.SignalNumber, 0, 1);
        await lane.DisposeAsync();
        Assert.Equal((Counted.Start.AddSeconds(0.01), Counted.Start.AddSeconds(3602.01 - 1)), (store.Gaps[0].Range.From, store.Gaps[0].Range.To));
        Assert.Contains("clock was set back", store.Gaps[0].Detail, StringComparison.Ordinal);
        Assert.Equal(Counted.Start.AddSeconds(2.01), store.MarkOf(Counted.Source)!.Through);   // and the account goes on by the clock there is
    }

    /// <summary>Eight hours at ten values a second against the recorder itself, whose disk is full all that time.</summary>
    [Fact]
    public async Task Eight_hours_of_a_full_disk_are_stored_to_the_last_number_when_there_is_room_again()
    {
        const int Hours = 8, PerSecond = 10;
        using var folder = new QueueFolder();
        var data = Path.Combine(Needs.Scratch, "queue", Guid.NewGuid().ToString("N"));
        await using (var recorder = Recorder.Open(new() { Folder = data, CommitInterval = 5.Milliseconds }, Clocks.Real, NullLogger.Instance))
        {
            var signal = recorder.Register(new(new(Counted.Machine, "counter"), Unit.Piece, ValueKind.Integer));
            using var room = folder.Room(recorder, signals: recorder);
            var lane = room.Open(QueueFolder.Lane());
            await PutAsync(lane, signal, 0, 1, 10);
            await UntilAsync(() => lane.Counters.Stored == 10);
            recorder.LimitPages(recorder.Pages());
            // The last page still has room for a little; a text of twenty pages has none.
            var text = new Sample(signal, Counted.Start.UtcTicks, Counted.Start.UtcTicks, SampleValue.Of(string.Concat(Enumerable.Range(0, 60_000).Select(i => (char)(i * 7919 % 50_000 + 32)))), Quality.Good);
            await lane.WriteAsync(new(Counted.Source, Counted.Machine, Enumerable.Repeat(text, 20).ToArray()), TestContext.Current.CancellationToken);
            await UntilAsync(() => lane.Counters.Trouble is not null);
            for (var second = 0; second < Hours * 3600; second++)
                await lane.WriteAsync(Counted.Batch(signal, 10 + second * PerSecond, PerSecond), TestContext.Current.CancellationToken);
            await UntilAsync(() => lane.Counters.Waiting == 0);
            Assert.Equal(10, lane.Counters.Stored);
            recorder.LimitPages(int.MaxValue - 1);
            await UntilAsync(() => lane.Counters.WaitingSamples == 0);
            await lane.DisposeAsync();
            Assert.Equal(10 + 20 + Hours * 3600 * PerSecond, lane.Counters.Stored);
            var read = new List<long>();
            await foreach (var s in recorder.RangeAsync(signal, new(Counted.Start, Counted.Start.AddDays(9)), TestContext.Current.CancellationToken))
                if (s.Value.Kind == ValueKind.Integer) read.Add(s.Value.Integer);
            Assert.Equal(Enumerable.Range(0, 10 + Hours * 3600 * PerSecond).Select(i => (long)i), read);
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_by_name()
    {
        using var folder = new QueueFolder();
        using var room = folder.Room(new FickleStore());
        Assert.Equal(QueueRules.FolderInUse, Assert.Throws<QueueException>(() => folder.Room(new FickleStore())).Rule);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task What_was_handed_over_is_told_as_kept_when_the_store_or_the_disk_has_it_and_not_before()
    {
        using var folder = new QueueFolder();
        var store = new FickleStore();
        using var room = folder.Room(store, o => o.SpillAfter = 1.Hours);   // a store that is only slow leaves the disk alone
        var lane = room.Open(QueueFolder.Lane());
        Assert.True(lane.KeptAsync().IsCompletedSuccessfully);
        store.Hang();
        await PutAsync(lane, folder.SignalNumber, 0, 3);
        var first = lane.KeptAsync();
        await UntilAsync(() => store.Tries > 0);
        Assert.False(first.IsCompleted);
        store.LetGo();
        await first.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(9, store.Count);
        // A store that refuses: the disk has it, and says so when it was forced.
        store.Refuses = true;
        await PutAsync(lane, folder.SignalNumber, 9, 5);
        var second = lane.KeptAsync();
        await second.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal((9L, 15L), (store.Count, lane.Counters.WaitingSamples));
        store.Refuses = false;
        await UntilAsync(() => store.Count == 24);
        await lane.DisposeAsync();
        AllOnce(store, 24);
        Assert.True(lane.KeptAsync().IsCompletedSuccessfully);
    }
}
