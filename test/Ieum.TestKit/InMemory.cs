using System.Collections.Concurrent;
using Ieum.Model;

namespace Ieum.TestKit;

/// <summary>A signal directory in memory, with the same promises as the recorder's.</summary>
public sealed class InMemorySignals : ISignalDirectory
{
    private readonly Lock _gate = new();
    private readonly List<Signal> _signals = [];
    private readonly Dictionary<SignalId, int> _numbers = [];

    public SignalNumber Register(Signal signal)
    {
        lock (_gate)
        {
            if (_numbers.TryGetValue(signal.Id, out var known))
            {
                _signals[known - 1] = signal;
                return new(known);
            }
            _signals.Add(signal);
            _numbers[signal.Id] = _signals.Count;
            return new(_signals.Count);
        }
    }

    public Signal? Find(SignalNumber number) { lock (_gate) return number.Value >= 1 && number.Value <= _signals.Count ? _signals[number.Value - 1] : null; }
    public SignalNumber? Find(SignalId id) { lock (_gate) return _numbers.TryGetValue(id, out var n) ? new(n) : null; }

    public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine)
    {
        lock (_gate) return [.. _signals.Select((s, i) => (new SignalNumber(i + 1), s)).Where(p => p.s.Id.Machine == machine)];
    }
}

/// <summary>A sink that keeps what it is given and lets a test wait for it.</summary>
public sealed class CollectingSink : ISampleSink, IDisposable
{
    private readonly ConcurrentQueue<SampleBatch> _batches = [];
    private readonly SemaphoreSlim _arrived = new(0);

    public void Dispose() => _arrived.Dispose();

    public IReadOnlyList<SampleBatch> Batches => [.. _batches];
    public IReadOnlyList<Sample> Samples => [.. _batches.SelectMany(b => b.Samples.ToArray())];

    /// <summary>Samples that have arrived, without copying them. A source counts a batch before it hands it over, so who waits for a count waits for this one.</summary>
    public int Count => _batches.Sum(b => b.Samples.Length);

    public IReadOnlyList<Gap> Gaps => [.. _batches.SelectMany(b => b.Gaps)];

    public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
    {
        _batches.Enqueue(batch);
        _arrived.Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until <paramref name="condition"/> holds, looking again at every batch and, because counters may follow their batch, ten times a second; fails after <paramref name="limit"/>.</summary>
    public async Task UntilAsync(Func<CollectingSink, bool> condition, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        try
        {
            while (!condition(this)) await _arrived.WaitAsync(TimeSpan.FromMilliseconds(100), stop.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not reached within {limit}: {_batches.Count} batches, {Samples.Count} samples, gaps: {string.Join("; ", Gaps)}");
        }
    }
}
