using Ieum.Model;

namespace Ieum.Node.Telemetry;

/// <summary>
/// Has the oldest generation collected in the background when the heap grew by a quarter, and by <see cref="Growth"/>, since it last was. By itself the runtime lets it
/// double where the machine seems to have room; a node shares its small PC with other programs (docs/decisions/0035-memory-of-large-shops.md).
/// </summary>
internal sealed class MemoryKeeper(Clocks clocks) : BackgroundService
{
    private const long Growth = 32L << 20;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clocks.Wire);
        var (collections, after) = (0, 0L);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var (now, count) = (GC.GetTotalMemory(forceFullCollection: false), GC.CollectionCount(2));
                if (count != collections) (collections, after) = (count, now);   // what is left now counts, also where it lives and is more than before
                else if (now - after > Math.Max(Growth, after / 4)) GC.Collect(2, GCCollectionMode.Forced, blocking: false, compacting: false);
            }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }
}
