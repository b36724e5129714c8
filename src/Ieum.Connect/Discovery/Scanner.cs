using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>How far a scan is.</summary>
/// <param name="Found">What was found since the last report.</param>
public readonly record struct ScanProgress(int Done, int Of, IReadOnlyList<ScanHit> Found);

/// <summary>Looks for counterparts: first whether a port is open at all, then whether what listens there speaks one of the protocols. Never writes.</summary>
internal sealed class Scanner(IReadOnlyCollection<IProtocolFactory> factories, TimeProvider wire)
{
    /// <summary>Machines in a workshop answer within milliseconds; a dead address costs this long.</summary>
    private static readonly TimeSpan OpenLimit = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan KnockLimit = TimeSpan.FromSeconds(4);

    /// <summary>Ports tried at once: enough for a network in seconds, few enough for a small switch.</summary>
    private const int AtOnce = 64;

    public async Task<IReadOnlyList<ScanHit>> ScanAsync(IReadOnlyList<AddressRange> ranges, string? protocol, IProgress<ScanProgress>? progress, CancellationToken cancel)
    {
        var asked = factories.Where(f => f.UsualPorts.Count > 0 && (protocol is null || f.Protocol == protocol)).ToList();
        List<(IPEndPoint At, List<IProtocolFactory> Who)> doors =
        [
            .. from range in ranges
               from address in range.Addresses
               from door in range.Port is { } port
                   ? [(Port: port, Who: asked)]
                   : asked.SelectMany(f => f.UsualPorts.Select(p => (Port: p, Factory: f))).GroupBy(x => x.Port).Select(g => (Port: g.Key, Who: g.Select(x => x.Factory).ToList()))
               select (new IPEndPoint(address, door.Port), door.Who),
        ];
        var hits = new ConcurrentQueue<ScanHit>();
        var done = 0;
        await Parallel.ForEachAsync(doors, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (door, stop) =>
        {
            var found = await IsOpenAsync(door.At, stop).ConfigureAwait(false) ? await KnockAsync(door.At, door.Who, stop).ConfigureAwait(false) : [];
            foreach (var hit in found) hits.Enqueue(hit);
            progress?.Report(new(Interlocked.Increment(ref done), doors.Count, found));
        }).ConfigureAwait(false);
        return [.. hits.OrderBy(h => h.Endpoint, StringComparer.Ordinal)];
    }

    private async Task<bool> IsOpenAsync(IPEndPoint at, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(OpenLimit, wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(at, both.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>One after the other: many controllers serve a single client.</summary>
    private async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, List<IProtocolFactory> who, CancellationToken cancel)
    {
        foreach (var factory in who)
        {
            using var limit = new CancellationTokenSource(KnockLimit, wire);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            try
            {
                if (await factory.KnockAsync(at, both.Token).ConfigureAwait(false) is { Count: > 0 } found) return found;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // It took the line and said nothing in this protocol; another may be its own.
            }
        }
        return [];
    }
}
