using Ieum.Model;

namespace Ieum.Node.Telemetry;

/// <summary>
/// Has the oldest generation collected in the background when the heap grew by a quarter, and by <see cref="Growth"/>, since it last was. By itself the runtime lets it
/// double where the machine seems to have room; a node shares its small PC with other programs (docs/decisions/0035-memory-of-large-shops.md).
/// </summary>
internal sealed class MemoryKeeper(Clocks clocks, Heap heap) : BackgroundService
{
    public const long Growth = 32L << 20;
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private int _collections;
    private long _after;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clocks.Wire);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (IsDue(heap.Bytes(), heap.Collections())) heap.Collect();
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    /// <param name="bytes">What the heap holds now, dead or alive.</param>
    /// <param name="collections">How often the oldest generation was collected since the start.</param>
    internal bool IsDue(long bytes, int collections)
    {
        // What is left after a collection counts, also where it lives and is more than before: nothing is collected twice for the same memory.
        if (collections == _collections) return bytes - _after > Math.Max(Growth, _after / 4);
        (_collections, _after) = (collections, bytes);
        return false;
    }
}

/// <summary>The heap of a process, as far as <see cref="MemoryKeeper"/> has to do with it.</summary>
/// <param name="Bytes">What it holds.</param>
/// <param name="Collections">How often its oldest generation was collected.</param>
/// <param name="Collect">Asks for a collection of the oldest generation without waiting for it.</param>
internal sealed record Heap(Func<long> Bytes, Func<int> Collections, Action Collect)
{
    public static Heap OfThisProcess { get; } = new(() => GC.GetTotalMemory(forceFullCollection: false), () => GC.CollectionCount(2),
        () => GC.Collect(2, GCCollectionMode.Forced, blocking: false, compacting: false));
}
