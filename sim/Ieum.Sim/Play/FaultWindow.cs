namespace Ieum.Sim.Play;

/// <summary>Tells which fault is on now; one of a kind at a time, a later one replaces an earlier one.</summary>
internal sealed class FaultWindow(TimeProvider wire)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FaultKind, (Fault Fault, long Until)> _on = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Begin(Fault fault)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            _on[fault.Kind] = (fault, wire.GetUtcNow().UtcTicks + fault.Duration.Ticks);
            (waiting, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        waiting.TrySetResult();
    }

    public bool IsOn(FaultKind kind) => Left(kind) > TimeSpan.Zero;

    /// <summary>What is left of a fault; zero when it is off.</summary>
    public TimeSpan Left(FaultKind kind)
    {
        lock (_gate)
        {
            if (!_on.TryGetValue(kind, out var on)) return TimeSpan.Zero;
            var left = on.Until - wire.GetUtcNow().UtcTicks;
            if (left > 0) return TimeSpan.FromTicks(left);
            _on.Remove(kind);
            return TimeSpan.Zero;
        }
    }

    public TimeSpan Skew { get { lock (_gate) return _on.TryGetValue(FaultKind.Skew, out var on) && on.Until > wire.GetUtcNow().UtcTicks ? on.Fault.Skew : TimeSpan.Zero; } }

    /// <summary>Waits until neither of the kinds is on.</summary>
    public async Task WaitOverAsync(CancellationToken cancel, params FaultKind[] kinds)
    {
        while (kinds.Select(Left).Max() is var left && left > TimeSpan.Zero)
        {
            Task changed;
            lock (_gate) changed = _changed.Task;
            await Task.WhenAny(changed, Task.Delay(left, wire, cancel)).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
        }
    }
}
