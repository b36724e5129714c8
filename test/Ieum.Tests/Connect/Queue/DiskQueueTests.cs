using CsCheck;
using Ieum.Connect.Queue;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.Queue;

public class DiskQueueTests
{
    private enum Act { Append, Read, Acknowledge, Rewind, Kill }

    /// <summary>One queue and, beside it, the list it must behave like.</summary>
    private sealed class Twin(QueueFolder folder, long mostBytes = 1 << 30)
    {
        private DiskQueue _queue = folder.Open(0, mostBytes);
        private readonly Queue<QueuedBatch> _out = [];
        private long _number, _durable, _sample;

        public DiskQueue Disk => _queue;
        public List<long> Stored { get; } = [];
        public List<Gap> Gaps { get; } = [];
        public long Put => _sample;

        public void Do(Act act, int size)
        {
            switch (act)
            {
                case Act.Append:
                    var batch = Counted.Batch(folder.SignalNumber, _sample, size, $"place {_number + 1}");
                    while (!_queue.TryAppend(_number + 1, batch.Samples.Span[^1].ReceiveTicks, batch)) Assert.True(_queue.DropOldest(), "neither room nor anything to let go");
                    _number++;
                    _sample += size;
                    break;
                case Act.Read when _queue.Read() is { } read:
                    _out.Enqueue(read);
                    break;
                case Act.Acknowledge when _out.TryDequeue(out var done):
                    Stored.AddRange(Counted.Numbers(done.Content));
                    Gaps.AddRange(done.Content.Gaps);
                    _durable = done.Number;
                    _queue.Acknowledge(done);
                    break;
                case Act.Rewind when _out.TryPeek(out var first):
                    _queue.Rewind(first);
                    _out.Clear();
                    break;
                case Act.Kill:
                    Reopen();
                    break;
            }
        }

        /// <summary>What a killed process leaves: files as they are, nothing closed.</summary>
        public void Reopen(Action? between = null)
        {
            between?.Invoke();
            _queue = folder.Open(_durable, mostBytes);
            _out.Clear();
            _number = Math.Max(_durable, _queue.LastNumber);
        }

        public void Drain()
        {
            if (_out.TryPeek(out var first)) _queue.Rewind(first);
            _out.Clear();
            while (_queue.Read() is { } read)
            {
                _out.Enqueue(read);
                Do(Act.Acknowledge, 0);
            }
        }
    }

    [Fact]
    public void Whatever_is_read_given_up_and_killed_every_number_comes_out_once_and_in_order() =>
        Gen.Select(Gen.Frequency((4, Gen.Const(Act.Append)), (3, Gen.Const(Act.Read)), (2, Gen.Const(Act.Acknowledge)), (1, Gen.Const(Act.Rewind)), (1, Gen.Const(Act.Kill))), Gen.Int[1, 40])
            .Array[1, 60].Sample(acts =>
            {
                using var folder = new QueueFolder();
                var twin = new Twin(folder, mostBytes: 1 << 20);   // files of 64 KiB
                foreach (var (act, size) in acts) twin.Do(act, act == Act.Append && size > 35 ? size * 200 : size);
                twin.Drain();
                Assert.Equal(Enumerable.Range(0, (int)twin.Put).Select(i => (long)i), twin.Stored);
                Assert.Empty(twin.Gaps);
                Assert.True(twin.Disk.IsEmpty);
                Assert.Equal((0L, 0L, 0L), (twin.Disk.Bytes, twin.Disk.WaitingSamples, twin.Disk.Missing));
                Assert.Empty(folder.Files);
            }, iter: 150, threads: 1);

    [Fact]
    public void Damaged_bytes_cost_only_the_batches_they_hit_and_these_are_counted() =>
        Gen.Select(Gen.Int[5, 60].Array[3, 40], Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte[1, 255]).Array[1, 4]).Sample((sizes, hits) =>
        {
            using var folder = new QueueFolder();
            var twin = new Twin(folder, mostBytes: 1 << 20);
            foreach (var size in sizes) twin.Do(Act.Append, size * 60);
            twin.Reopen(() =>
            {
                foreach (var (which, where, flip) in hits)
                {
                    var file = folder.Files[(int)(which * folder.Files.Length * 0.999)];
                    var bytes = File.ReadAllBytes(file);
                    bytes[(int)(where * bytes.Length * 0.999)] ^= flip;
                    File.WriteAllBytes(file, bytes);
                }
            });
            // A damaged end looks like one that was being written: it is left out, and the source's own account covers it.
            var last = twin.Disk.IsEmpty ? 0 : twin.Disk.LastNumber;
            var expected = sizes.Take((int)last).Sum(s => s * 60L);
            twin.Drain();
            Assert.Equal(twin.Stored.Distinct().Order(), twin.Stored);
            Assert.All(twin.Gaps, g => Assert.Equal(GapCause.QueueDamaged, g.Cause));
            if (twin.Gaps.All(g => g.Lost is not null)) Assert.Equal(expected, twin.Stored.Count + twin.Gaps.Sum(g => g.Lost!.Value));
            else Assert.True(twin.Stored.Count < expected);
            Assert.True(twin.Disk.IsEmpty);
            if (twin.Gaps.Count > 0) Assert.NotEmpty(Directory.GetFiles(folder.Path, "*.damaged"));
        }, iter: 150, threads: 1);

    [Fact]
    public void A_last_record_cut_anywhere_is_left_out_and_all_before_it_are_there()
    {
        using var folder = new QueueFolder();
        using (var queue = folder.Open())
            for (var i = 0; i < 3; i++) Assert.True(queue.TryAppend(i + 1, i, Counted.Batch(folder.SignalNumber, i * 10, 10, $"p{i + 1}")));
        var file = Assert.Single(folder.Files);
        var whole = File.ReadAllBytes(file);
        var seen = new HashSet<int>();
        for (var length = whole.Length; length >= 0; length -= 7)
        {
            File.WriteAllBytes(file, whole[..length]);
            using var queue = folder.Open();
            var stored = new List<long>();
            while (queue.Read() is { } read) stored.AddRange(Counted.Numbers(read.Content));
            Assert.Equal(Enumerable.Range(0, stored.Count).Select(i => (long)i), stored);
            Assert.Equal(stored.Count / 10, queue.LastNumber);
            if (queue.LastNumber > 0) Assert.Equal($"p{queue.LastNumber}", queue.Newest!.Value.Place);
            seen.Add(stored.Count);
            foreach (var left in Directory.GetFiles(folder.Path)) File.Delete(left);
        }
        Assert.Equal([0, 10, 20, 30], seen.Order());
    }

    [Fact]
    public void A_full_queue_lets_its_oldest_files_go_and_says_how_many_samples_and_when_also_after_a_kill()
    {
        using var folder = new QueueFolder();
        var twin = new Twin(folder, mostBytes: 1 << 20);
        for (var i = 0; i < 400; i++) twin.Do(Act.Append, 1000);
        Assert.InRange(twin.Disk.Bytes, 1 << 18, 1 << 20);
        twin.Reopen();
        Assert.Equal(twin.Put, twin.Disk.Found);
        twin.Drain();
        var lost = twin.Gaps.Sum(g => g.Lost!.Value);
        Assert.InRange(lost, 1000, twin.Put - 1000);
        Assert.Equal(twin.Put, twin.Stored.Count + lost);
        Assert.Equal(lost, twin.Disk.Missing);
        // The newest are there, and every number that is not stands in the time of a gap.
        Assert.Equal(twin.Put - 1, twin.Stored[^1]);
        var missing = Enumerable.Range(0, (int)twin.Put).Select(i => (long)i).Except(twin.Stored);
        Assert.All(missing, n => Assert.Contains(twin.Gaps, g => g.Cause == GapCause.QueueFull && Counted.Start.AddSeconds(n + 0.01) >= g.Range.From && Counted.Start.AddSeconds(n) <= g.Range.To));
    }

    [Fact]
    public void A_queue_is_readable_by_a_node_whose_store_never_heard_of_its_signals()
    {
        using var folder = new QueueFolder();
        using (var queue = folder.Open()) Assert.True(queue.TryAppend(1, 0, Counted.Batch(folder.SignalNumber, 0, 5)));
        var signals = new Ieum.TestKit.InMemorySignals();
        signals.Register(new(new(Counted.Machine, "another"), Unit.One, ValueKind.Real));
        using var reopened = new DiskQueue(Counted.Source, folder.Path, new(1 << 30), signals, NullLogger.Instance);
        reopened.Begin(0);
        var read = reopened.Read()!;
        Assert.Equal("MC1/counter", signals.Find(read.Content.Samples.Span[0].Signal)!.Id.ToString());
        Assert.Equal(folder.Signals.Find(folder.SignalNumber), signals.Find(read.Content.Samples.Span[0].Signal));
        Assert.Equal([0L, 1, 2, 3, 4], Counted.Numbers(read.Content));
    }
}
