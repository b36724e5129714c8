namespace Ieum.Record.Ingest;

/// <summary>
/// Batches that wait for a write, from many sources to one writer. Counts samples, not batches, and lets callers
/// wait in order of arrival when there are too many: that wait is the back-pressure towards the machines.
/// </summary>
internal sealed class CommitQueue(int limit, Action arrived)
{
    private sealed record Waiter(PendingBatch Batch, TaskCompletionSource Admitted);

    private readonly Lock _gate = new();
    private readonly Queue<PendingBatch> _batches = [];
    private readonly LinkedList<Waiter> _waiters = [];
    private long _samples;
    private int _awaited;
    private bool _closed;

    public long Samples { get { lock (_gate) return _samples; } }
    /// <summary>Whether a sender stands still until something here is durable.</summary>
    public bool HasAwaited { get { lock (_gate) return _awaited > 0; } }
    public bool IsEmpty { get { lock (_gate) return _batches.Count == 0; } }

    /// <summary>Completes when the batch stands in the queue. A batch larger than the limit is let in alone.</summary>
    /// <exception cref="OperationCanceledException">Given up while waiting; the batch was not taken.</exception>
    public async ValueTask AddAsync(PendingBatch batch, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            ThrowIfClosed();
            if (_waiters.Count == 0 && Fits(batch))
            {
                Admit(batch);
                waiter = null!;
            }
            else
            {
                waiter = new(batch, new(TaskCreationOptions.RunContinuationsAsynchronously));
                _waiters.AddLast(waiter);
            }
        }
        if (waiter is null)
        {
            arrived();
            return;
        }
        await using var registration = cancel.Register(() =>
        {
            bool removed;
            lock (_gate) removed = _waiters.Remove(waiter);
            if (removed) waiter.Admitted.TrySetCanceled(cancel);
        });
        await waiter.Admitted.Task.ConfigureAwait(false);
    }

    /// <summary>Batches of up to <paramref name="most"/> samples together, at least one batch when any waits.</summary>
    public List<PendingBatch> Take(int most)
    {
        List<PendingBatch> taken = [];
        List<Waiter> admitted = [];
        lock (_gate)
        {
            var samples = 0;
            while (_batches.TryPeek(out var next) && (taken.Count == 0 || samples + next.Accepted.Length <= most))
            {
                taken.Add(_batches.Dequeue());
                if (next.IsAwaited) _awaited--;
                samples += next.Accepted.Length;
            }
            _samples -= samples;
            while (_waiters.First is { } first && Fits(first.Value.Batch))
            {
                _waiters.RemoveFirst();
                Admit(first.Value.Batch);
                admitted.Add(first.Value);
            }
        }
        foreach (var waiter in admitted) waiter.Admitted.TrySetResult();
        return taken;
    }

    /// <summary>Takes nothing more; what stands in the queue is still written, who waits before it is told.</summary>
    public void Close()
    {
        List<Waiter> refused;
        lock (_gate)
        {
            _closed = true;
            refused = [.. _waiters];
            _waiters.Clear();
        }
        foreach (var waiter in refused) waiter.Admitted.TrySetException(ClosedError());
        arrived();
    }

    private bool Fits(PendingBatch batch) => _samples == 0 || _samples + batch.Accepted.Length <= limit;

    private void Admit(PendingBatch batch)
    {
        _batches.Enqueue(batch);
        _samples += batch.Accepted.Length;
        if (batch.IsAwaited) _awaited++;
    }

    private void ThrowIfClosed()
    {
        if (_closed) throw ClosedError();
    }

    private static RecordException ClosedError() => new(RecordRules.Closed, "The recorder is closed; the batch was not stored. Hand it over again after the next start.");
}
