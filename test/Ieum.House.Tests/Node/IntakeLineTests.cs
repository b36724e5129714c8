using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Loop;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

public sealed class IntakeLineTests : IDisposable
{
    private readonly string _folder = Path.Combine(Needs.Scratch, $"line-{Guid.NewGuid():N}");
    private readonly List<QueueRoom> _rooms = [];

    private QueueRoom Queue(Store store, Clocks? clocks = null)
    {
        var signals = new InMemorySignals();
        signals.Register(new(new(Machine, "counter"), Unit.One, ValueKind.Integer));
        _rooms.Add(new(Options.Create(new QueueOptions { Folder = _folder }), store, signals, clocks ?? Clocks.Real, NullLogger<QueueRoom>.Instance));
        return _rooms[^1];
    }

    public void Dispose()
    {
        foreach (var room in _rooms) room.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private static readonly SourceId Source = new("MC1.test");
    private static readonly MachineId Machine = new("MC1");

    private static SampleBatch Batch(int first, int count) => new(Source, Machine,
        Enumerable.Range(first, count).Select(i => new Sample(new(1), i, i, SampleValue.Of((long)i), Quality.Good)).ToArray());

    [Fact]
    public async Task Everything_that_was_queued_is_stored_before_the_line_is_gone_in_order()
    {
        var (store, twin) = (new Store(), new Twin());
        var source = new Script(async (sink, cancel) =>
        {
            for (var i = 0; i < 1000; i++) await sink.WriteAsync(Batch(i * 3, 3), cancel);
        });
        var line = new IntakeLine(source, Queue(store), twin, new(), Clocks.Real, NullLogger.Instance);
        line.Start();
        await source.Done;
        await line.DisposeAsync();

        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (long)i), store.Samples.Select(s => s.SourceTicks));
        Assert.Equal(3000, line.Way.Stored);
        Assert.Equal(3000, twin.Samples);
        Assert.True(source.Disposed);
    }

    [Fact]
    public async Task Small_batches_that_wait_are_joined_into_one_write()
    {
        var store = new Store(hold: true);
        var source = new Script(async (sink, cancel) =>
        {
            for (var i = 0; i < 100; i++) await sink.WriteAsync(Batch(i, 1), cancel);
        });
        var line = new IntakeLine(source, Queue(store), new Twin(hold: source.Done), new() { BatchSamples = 64 }, Clocks.Real, NullLogger.Instance);
        line.Start();
        await source.Done;
        store.LetGo();
        await line.DisposeAsync();

        // The first may be alone; what queued up behind it comes in writes of at most 64.
        Assert.Equal(100, store.Samples.Count);
        Assert.InRange(store.Writes, 2, 4);
        Assert.InRange(store.Largest, 2, 64);
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_and_nothing_is_lost()
    {
        var wire = new FakeTimeProvider();
        var store = new Store(failures: 3);
        var source = new Script((sink, cancel) => sink.WriteAsync(Batch(0, 5), cancel).AsTask());
        var line = new IntakeLine(source, Queue(store, new(wire, wire)), new Twin(), new(), new(wire, wire), NullLogger.Instance);
        line.Start();
        await source.Done;
        while (store.Samples.IsEmpty)
        {
            await store.Tried.WaitAsync(TestContext.Current.CancellationToken);
            while (store.Samples.IsEmpty && store.Tried.CurrentCount == 0)
            {
                wire.Advance(1.Seconds);
                await Task.Yield();
            }
        }
        Assert.Equal(5, store.Samples.Count);
        await line.DisposeAsync();
        Assert.Equal(5, line.Way.Stored);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_makes_the_source_wait_only_until_the_disk_takes_it()
    {
        var wire = new FakeTimeProvider();
        var store = new Store(hold: true);
        var written = 0;
        var source = new Script(async (sink, cancel) =>
        {
            for (var i = 0; i < 200; i++)
            {
                await sink.WriteAsync(Batch(i, 64), cancel);
                Interlocked.Increment(ref written);
            }
        });
        var line = new IntakeLine(source, Queue(store, new(wire, wire)), new Twin(), new() { QueueBatches = 16, BatchSamples = 64, WritesUnderWay = 2 }, new(wire, wire), NullLogger.Instance);
        line.Start();
        await store.Tried.WaitAsync(TestContext.Current.CancellationToken);
        await store.Tried.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(source.Done.IsCompleted);
        Assert.InRange(Volatile.Read(ref written), 0, 16 + 2 + 2);   // the queue, two writes, one taken, one handed over
        while (!source.Done.IsCompleted)
        {
            wire.Advance(1.Seconds);
            await Task.Yield();
        }
        Assert.True(line.Way.Bytes > 0);
        store.LetGo();
        while (line.Way.Stored < 200 * 64)
        {
            wire.Advance(1.Seconds);
            await Task.Yield();
        }
        await line.DisposeAsync();
        Assert.Equal(200 * 64, line.Way.Stored);
    }

    private sealed class Store(bool hold = false, int failures = 0) : IMeasurementWriter
    {
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _failures = failures;
        public ConcurrentQueue<Sample> Samples { get; } = [];
        public SemaphoreSlim Tried { get; } = new(0);
        public int Writes { get; private set; }
        public int Largest { get; private set; }
        public void LetGo() => _go.TrySetResult();

        public async Task<StoreReceipt> AppendAsync(SampleBatch batch, CancellationToken cancel)
        {
            Tried.Release();
            if (Interlocked.Decrement(ref _failures) >= 0) throw new IOException("No space left on device");
            (Writes, Largest) = (Writes + 1, Math.Max(Largest, batch.Samples.Length));
            foreach (var s in batch.Samples.ToArray()) Samples.Enqueue(s);
            if (hold) await _go.Task.WaitAsync(cancel);
            return new(batch.Samples.Length, 0);
        }
    }

    private sealed class Twin(Task? hold = null) : IMachineTwin
    {
        public int Samples { get; private set; }
        public async Task IngestAsync(SampleBatch batch)
        {
            if (hold is not null) await hold;
            Samples += batch.Samples.Length;
        }
        public ValueTask<TwinView> ViewAsync() => throw new NotSupportedException();
        public Task PassAsync(DateTimeOffset now) => throw new NotSupportedException();
    }

    /// <summary>A source that does what it is told, then waits to be stopped.</summary>
    private sealed class Script(Func<ISampleSink, CancellationToken, Task> act) : IMachineSource
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Task Done => _done.Task;
        public bool Disposed { get; private set; }
        public ConnectionSettings Settings { get; } = new(Source, Machine, "test", "", ImmutableDictionary<string, string>.Empty);
        public SourceHealth Health { get; } = new(LinkState.Connected, default, null, default, null, 0, []);

        public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
        {
            await act(sink, cancel);
            _done.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
