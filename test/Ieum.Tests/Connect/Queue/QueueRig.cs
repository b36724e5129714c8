using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Tests.Connect.Queue;

/// <summary>Counted sequences: the value of every sample is its number, so that what is missing, doubled or out of order shows.</summary>
internal static class Counted
{
    public static readonly SourceId Source = new("MC1.test");
    public static readonly MachineId Machine = new("MC1");
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public static SampleBatch Batch(SignalNumber signal, long first, int count, string? place = null) => new(Source, Machine,
        Enumerable.Range(0, count).Select(i => new Sample(signal, Start.AddSeconds(first + i).UtcTicks, Start.AddSeconds(first + i + 0.01).UtcTicks, SampleValue.Of(first + i), Quality.Good)).ToArray())
    { Place = place };

    public static IEnumerable<long> Numbers(SampleBatch batch) => batch.Samples.ToArray().Select(s => s.Value.Integer);
}

/// <summary>A folder for a queue that can be left as a killed node leaves it and opened again.</summary>
internal sealed class QueueFolder : IDisposable
{
    public QueueFolder() => SignalNumber = Signals.Register(new(new(Counted.Machine, "counter"), Unit.Piece, ValueKind.Integer, SignalRole.PartCount, "한글"));

    public string Path { get; } = System.IO.Path.Combine(Needs.Scratch, "queue", Guid.NewGuid().ToString("N"));
    public InMemorySignals Signals { get; } = new();
    public SignalNumber SignalNumber { get; }

    public DiskQueue Open(long durable = 0, long mostBytes = 1 << 30)
    {
        var queue = new DiskQueue(Counted.Source, Path, new(mostBytes), Signals, NullLogger.Instance);
        queue.Begin(durable);
        return queue;
    }

    public QueueRoom Room(IMeasurementWriter store, Action<QueueOptions>? configure = null, ISignalDirectory? signals = null)
    {
        var options = new QueueOptions { Folder = Path, SpillAfter = 200.Milliseconds, FlushEvery = 50.Milliseconds };
        configure?.Invoke(options);
        return new(Options.Create(options), store, signals ?? Signals, Clocks.Real, NullLogger<QueueRoom>.Instance);
    }

    public static LaneSettings Lane(bool resumes = true, Func<bool>? listening = null) =>
        new(Counted.Source, Counted.Machine, resumes, listening ?? (static () => false), static _ => Task.CompletedTask) { MemoryBatches = 16, DrainLimit = 5.Seconds };

    public string[] Files => Directory.Exists(Path) ? [.. Directory.GetFiles(Path, "*.queue", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}

/// <summary>A store that takes numbered batches once and in order, as the recorder does, and can be told to refuse or to hang.</summary>
internal sealed class FickleStore : IMeasurementWriter
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;
    private SourceMark? _mark;

    public bool Refuses { get; set; }
    public List<long> Numbers { get; } = [];
    public List<Gap> Gaps { get; } = [];
    public int Doubles { get; private set; }
    public int Tries { get; private set; }
    public long Count { get { lock (_gate) return Numbers.Count; } }

    public void Hang() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public void LetGo() => _held?.TrySetResult();

    public SourceMark? MarkOf(SourceId source) { lock (_gate) return _mark; }

    public async Task<StoreReceipt> AppendAsync(SampleBatch batch, CancellationToken cancel)
    {
        Tries++;
        if (_held is { } held) await held.Task;
        lock (_gate)
        {
            if (Refuses) throw new IOException("No space left on device");
            var d = batch.Delivery!;
            if (d.Number <= (_mark?.Number ?? 0)) Doubles++;
            else if (d.Follows != (_mark?.Number ?? 0)) throw new InvalidOperationException($"{d.Number} follows {d.Follows}, newest is {_mark?.Number}");
            else
            {
                _mark = new(d.Number, new(d.ThroughTicks, TimeSpan.Zero), batch.Place ?? _mark?.Place);
                Numbers.AddRange(Counted.Numbers(batch));
                Gaps.AddRange(batch.Gaps);
            }
        }
        return new(batch.Samples.Length, 0);
    }
}
