using Ieum.Model;

namespace Ieum.Record.Ingest;

/// <summary>A batch on its way to the disk: what was accepted of it, what was refused, and who waits for it.</summary>
internal sealed class PendingBatch(SampleBatch batch, ReadOnlyMemory<Sample> accepted, IReadOnlyList<Rejection> rejections)
{
    private readonly TaskCompletionSource<StoreReceipt> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<Sample> Accepted => accepted;
    public IReadOnlyList<Rejection> Rejections => rejections;
    public IReadOnlyList<Gap> Gaps => batch.Gaps;
    public SourceId Source => batch.Source;
    public string? Place => batch.Place;
    public bool IsAwaited => batch.IsAwaited;
    public Delivery? Delivery => batch.Delivery;
    public int Rejected { get; } = rejections.Sum(r => r.Count);
    public Task<StoreReceipt> Done => _done.Task;

    public void Succeed() => _done.TrySetResult(new(accepted.Length, Rejected));
    public void Fail(Exception error) => _done.TrySetException(error);
}
