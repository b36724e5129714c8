using Ieum.Model;

namespace Ieum.Connect;

/// <summary>A signal with its newest value, seen before anything was saved.</summary>
/// <param name="Newest">Null when none came while it was looked at.</param>
public sealed record PreviewValue(Signal Signal, Sample? Newest);

/// <param name="Problems">What the source had to say; empty when all is well.</param>
public sealed record PreviewAnswer(LinkState Link, IReadOnlyList<PreviewValue> Values, IReadOnlyList<SourceProblem> Problems);

/// <summary>Runs a source for a moment without keeping anything in the node.</summary>
internal sealed class PreviewRun : ISampleSink, ISignalDirectory
{
    private readonly Lock _gate = new();
    private readonly List<Signal> _signals = [];
    private readonly Dictionary<SignalId, int> _numbers = [];
    private readonly Dictionary<int, Sample> _newest = [];

    /// <param name="most">How long to look at most; it ends earlier when every signal has a value.</param>
    public static async Task<PreviewAnswer> RunAsync(Func<ISignalDirectory, IMachineSource> create, TimeSpan most, TimeProvider wire, CancellationToken cancel)
    {
        var run = new PreviewRun();
        await using var source = create(run);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = source.RunAsync(run, stop.Token);
        var began = wire.GetTimestamp();
        while (!run.IsComplete && !running.IsCompleted && wire.GetElapsedTime(began) < most) await Task.Delay(TimeSpan.FromMilliseconds(100), wire, cancel).ConfigureAwait(false);
        // Asked before the stop: afterwards every link is down.
        var health = source.Health;
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // That is how a source ends.
        }
        lock (run._gate)
            return new(health.Link, [.. run._signals.Select((s, i) => new PreviewValue(s, run._newest.TryGetValue(i + 1, out var v) ? v : null))], [.. health.Problems]);
    }

    private bool IsComplete { get { lock (_gate) return _signals.Count > 0 && _newest.Count == _signals.Count; } }

    public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
    {
        lock (_gate)
            foreach (ref readonly var s in batch.Samples.Span)
                if (!_newest.TryGetValue(s.Signal.Value, out var known) || s.SourceTicks >= known.SourceTicks) _newest[s.Signal.Value] = s;
        return ValueTask.CompletedTask;
    }

    public SignalNumber Register(Signal signal)
    {
        lock (_gate)
        {
            if (_numbers.TryGetValue(signal.Id, out var at))
            {
                _signals[at - 1] = signal;
                return new(at);
            }
            _signals.Add(signal);
            return new(_numbers[signal.Id] = _signals.Count);
        }
    }

    public Signal? Find(SignalNumber number) { lock (_gate) return number.Value >= 1 && number.Value <= _signals.Count ? _signals[number.Value - 1] : null; }
    public SignalNumber? Find(SignalId id) { lock (_gate) return _numbers.TryGetValue(id, out var n) ? new(n) : null; }
    public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) { lock (_gate) return [.. _signals.Select((s, i) => (new SignalNumber(i + 1), s)).Where(x => x.s.Id.Machine == machine)]; }
}
