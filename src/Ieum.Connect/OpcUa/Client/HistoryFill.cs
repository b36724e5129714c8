using System.Threading.Channels;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Values of one point from the server's history.</summary>
internal readonly record struct FillBlock(HolePart Part, DataValue[] Values);

/// <summary>Reads the raw history of the points of a hole (Part 11, 6.4.3) and hands it over block by block.</summary>
internal static class HistoryFill
{
    public const uint ValuesPerAnswer = 1000;

    /// <summary>Clocks of server and node differ a little, and what stands exactly at the edge must not fall out; doubles are left out later.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>History of a slow server may take long; it is asked beside the living values.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <param name="skew">Server clock minus node clock.</param>
    /// <returns>The points whose history could not be read, and why the first of them could not.</returns>
    public static async Task<(IReadOnlyList<OpcPoint> Unknown, string Why)> RunAsync(
        IOpcUaServices services, Hole hole, TimeSpan skew, ChannelWriter<FillBlock> blocks, CancellationToken cancel, uint valuesPerAnswer = ValuesPerAnswer)
    {
        var unknown = hole.Parts.Where(p => !p.Point.HasHistory || p.Point.Node is null).Select(p => p.Point).ToList();
        var why = unknown.Count > 0 ? "The server keeps no history there." : "";
        var open = new Queue<(HolePart Part, byte[]? Continuation)>(hole.Parts.Where(p => p.Point is { HasHistory: true, Node: not null }).Select(p => (p, (byte[]?)null)));
        var details = new ReadRawModifiedDetails
        {
            StartTime = OpcTime.Of(hole.Range.From + skew - Margin),
            EndTime = OpcTime.Of(hole.Range.To + skew + Margin),
            NumValuesPerNode = valuesPerAnswer,
            ReturnBounds = false,
        };
        while (open.Count > 0)
        {
            var part = new (HolePart Part, byte[]? Continuation)[Math.Min(open.Count, services.Facts.History.Most)];
            for (var i = 0; i < part.Length; i++) part[i] = open.Dequeue();
            HistoryReadResult[] results;
            try
            {
                results = (await services.CallAsync<HistoryReadResponse>(h => new HistoryReadRequest
                {
                    RequestHeader = h,
                    HistoryReadDetails = ExtensionObject.Of(details),
                    TimestampsToReturn = TimestampsToReturn.Both,
                    NodesToRead = [.. part.Select(p => new HistoryReadValueId { NodeId = p.Part.Point.Node!.Value, ContinuationPoint = p.Continuation })],
                }, cancel, AnswerLimit).ConfigureAwait(false)).Results;
            }
            catch (OpcUaException refused) when (Batches.IsTooLarge(refused.Status) && services.Facts.History.Refused(part.Length))
            {
                foreach (var p in part) open.Enqueue(p);
                continue;
            }
            catch (OpcUaException refused) when (refused.Status == StatusCodes.BadServiceUnsupported || refused.Status == StatusCodes.BadNotImplemented || refused.Status == StatusCodes.BadHistoryOperationUnsupported)
            {
                unknown.AddRange(part.Concat(open).Select(p => p.Part.Point));
                return (unknown, "The server does not answer questions about history.");
            }
            for (var i = 0; i < part.Length; i++)
            {
                var result = i < results.Length ? results[i] : new() { StatusCode = StatusCodes.BadUnknownResponse };
                if (result.StatusCode == StatusCodes.BadNoContinuationPoints && part.Length > 1)
                {
                    services.Facts.History.Refused(part.Length);
                    open.Enqueue(part[i]);
                    continue;
                }
                if (result.StatusCode.IsBad && result.StatusCode != StatusCodes.BadNoData)
                {
                    if (why.Length == 0) why = $"History of '{part[i].Part.Point.Settings.Name}': {result.StatusCode}.";
                    unknown.Add(part[i].Part.Point);
                    continue;
                }
                if (result.HistoryData.Body is HistoryData { DataValues: { Length: > 0 } values }) await blocks.WriteAsync(new(part[i].Part, values), cancel).ConfigureAwait(false);
                if (result.ContinuationPoint is { Length: > 0 } point) open.Enqueue((part[i].Part, point));
            }
        }
        return (unknown, why);
    }
}
