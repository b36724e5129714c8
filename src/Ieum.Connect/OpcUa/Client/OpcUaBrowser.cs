using System.Runtime.CompilerServices;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>A part of the references of one node.</summary>
/// <param name="Index">Which of the nodes that were asked about.</param>
internal readonly record struct BrowsePage(int Index, StatusCode Status, ReferenceDescription[] References);

/// <summary>Follows references page by page (Part 4, 5.8.2 and 5.8.3). Holds one page per node at a time, whatever the size of the address space.</summary>
internal static class OpcUaBrowser
{
    /// <summary>References asked for per node and answer; servers cut earlier when they like.</summary>
    private const uint PageSize = 1000;

    /// <summary>The references of <paramref name="nodes"/> in pages. Stopping early gives the continuation points back to the server.</summary>
    public static async IAsyncEnumerable<BrowsePage> BrowseAsync(
        this IOpcUaServices services, IReadOnlyList<NodeId> nodes, NodeId referenceType, uint nodeClasses, [EnumeratorCancellation] CancellationToken cancel,
        BrowseDirection direction = BrowseDirection.Forward)
    {
        var open = new Queue<(int Index, byte[] Point)>();
        var retry = new Queue<int>();
        var done = 0;
        try
        {
            while (done < nodes.Count || open.Count > 0 || retry.Count > 0)
            {
                // Continuation points first: a server keeps only a few, and new ones are taken from the oldest (Part 4, 7.9).
                if (open.Count > 0)
                {
                    var points = Take(open, services.Facts.Browse.Most);
                    var next = await services.CallAsync<BrowseNextResponse>(
                        h => new BrowseNextRequest { RequestHeader = h, ContinuationPoints = [.. points.Select(p => p.Point)] }, cancel).ConfigureAwait(false);
                    for (var i = 0; i < Math.Min(points.Length, next.Results.Length); i++)
                        yield return Page(points[i].Index, next.Results[i], open);
                    continue;
                }
                var indexes = new List<int>();
                while (retry.Count > 0 && indexes.Count < services.Facts.Browse.Most) indexes.Add(retry.Dequeue());
                while (done < nodes.Count && indexes.Count < services.Facts.Browse.Most) indexes.Add(done++);
                BrowseResult[] results;
                try
                {
                    results = await BrowseOnceAsync(services, [.. indexes.Select(i => nodes[i])], referenceType, nodeClasses, direction, cancel).ConfigureAwait(false);
                }
                catch (OpcUaException refused) when (Batches.IsTooLarge(refused.Status) && services.Facts.Browse.Refused(indexes.Count))
                {
                    foreach (var i in indexes) retry.Enqueue(i);
                    continue;
                }
                for (var i = 0; i < Math.Min(indexes.Count, results.Length); i++)
                {
                    // No continuation point left in the server: this node waits until those that have one are through.
                    if (results[i].StatusCode == StatusCodes.BadNoContinuationPoints && indexes.Count > 1)
                    {
                        services.Facts.Browse.Refused(indexes.Count);
                        retry.Enqueue(indexes[i]);
                    }
                    else yield return Page(indexes[i], results[i], open);
                }
            }
        }
        finally
        {
            if (open.Count > 0) await ReleaseAsync(services, [.. open.Select(p => p.Point)], cancel).ConfigureAwait(false);
        }
    }

    /// <summary>All children of one node along hierarchical references, at most <paramref name="most"/>.</summary>
    public static async Task<List<ReferenceDescription>> ChildrenAsync(this IOpcUaServices services, NodeId node, int most, CancellationToken cancel)
    {
        var children = new List<ReferenceDescription>();
        await foreach (var page in services.BrowseAsync([node], NodeIds.HierarchicalReferences, 0, cancel).ConfigureAwait(false))
        {
            if (page.Status.IsBad) throw new OpcUaException(page.Status, "The server does not let the node be browsed.");
            children.AddRange(page.References.AsSpan(0, Math.Min(page.References.Length, most - children.Count)));
            if (children.Count >= most) break;
        }
        return children;
    }

    private static async Task<BrowseResult[]> BrowseOnceAsync(
        IOpcUaServices services, NodeId[] nodes, NodeId referenceType, uint nodeClasses, BrowseDirection direction, CancellationToken cancel) =>
        (await services.CallAsync<BrowseResponse>(h => new BrowseRequest
        {
            RequestHeader = h,
            RequestedMaxReferencesPerNode = PageSize,
            NodesToBrowse = [.. nodes.Select(n => new BrowseDescription
            {
                NodeId = n, BrowseDirection = direction, ReferenceTypeId = referenceType, IncludeSubtypes = true, NodeClassMask = nodeClasses, ResultMask = 63,
            })],
        }, cancel).ConfigureAwait(false)).Results;

    private static BrowsePage Page(int index, BrowseResult result, Queue<(int, byte[])> open)
    {
        if (result.ContinuationPoint is { Length: > 0 } point) open.Enqueue((index, point));
        return new(index, result.StatusCode, result.References);
    }

    private static async Task ReleaseAsync(IOpcUaServices services, byte[][] points, CancellationToken cancel)
    {
        try
        {
            await services.CallAsync<BrowseNextResponse>(h => new BrowseNextRequest { RequestHeader = h, ReleaseContinuationPoints = true, ContinuationPoints = points }, cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OpcUaException or OperationCanceledException)
        {
            // Courtesy only: the server takes them back by itself when the session ends.
        }
    }

    private static T[] Take<T>(Queue<T> queue, int most)
    {
        var items = new T[Math.Min(queue.Count, most)];
        for (var i = 0; i < items.Length; i++) items[i] = queue.Dequeue();
        return items;
    }
}
