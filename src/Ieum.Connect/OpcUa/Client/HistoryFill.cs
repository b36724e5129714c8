using System.Threading.Channels;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Values of one point from the server's history.</summary>
internal readonly record struct FillBlock(HolePart Part, DataValue[] Values);

/// <summary>What history could not tell about a hole.</summary>
/// <param name="Unknown">The points whose history could not be read, and why the first of them could not.</param>
/// <param name="Cut">The points whose history begins after what was delivered before, with the time of its first value: UTC ticks by the server's clock.</param>
internal sealed record FillOutcome(IReadOnlyList<OpcPoint> Unknown, string Why, IReadOnlyList<(HolePart Part, long First)> Cut);

/// <summary>Reads the raw history of the points of a hole (Part 11, 6.4.3) and hands it over block by block.</summary>
internal static class HistoryFill
{
    public const uint ValuesPerAnswer = 1000;

    /// <summary>Clocks of server and node differ a little, and what stands exactly at the edge must not fall out; doubles are left out later.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>History of a slow server may take long; it is asked beside the living values.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>Points asked from times further apart than this go into requests of their own: each has one start.</summary>
    private static readonly TimeSpan SameStart = TimeSpan.FromSeconds(10);

    private static readonly OpcTime Beginning = OpcTime.Of(DateTimeOffset.UnixEpoch);

    private sealed record Ask(HolePart Part, long From, byte[]? Continuation);

    /// <param name="skew">Server clock minus node clock.</param>
    public static async Task<FillOutcome> RunAsync(
        IOpcUaServices services, Hole hole, TimeSpan skew, ChannelWriter<FillBlock> blocks, CancellationToken cancel, uint valuesPerAnswer = ValuesPerAnswer)
    {
        var unknown = hole.Parts.Where(p => !p.Point.HasHistory || p.Point.Node is null).Select(p => p.Point).ToList();
        var why = unknown.Count > 0 ? "The server keeps no history there." : "";
        var begin = (hole.Range.From + skew - Margin).UtcTicks;
        var open = new Queue<Ask>(hole.Parts.Where(p => p.Point is { HasHistory: true, Node: not null }).Select(p => new Ask(p, p.From > 0 ? p.From : begin, null)).OrderBy(a => a.From));
        var firsts = new List<(HolePart Part, long First)>();
        while (open.Count > 0)
        {
            var part = Next(open, services.Facts.History.Most);
            var details = new ReadRawModifiedDetails
            {
                StartTime = OpcTime.FromUtcTicks(part[0].From),
                EndTime = OpcTime.Of(hole.Range.To + skew + Margin),
                NumValuesPerNode = valuesPerAnswer,
                ReturnBounds = false,
            };
            HistoryReadResult[] results;
            try
            {
                results = await ReadAsync(services, details, part, cancel).ConfigureAwait(false);
            }
            catch (OpcUaException refused) when (Batches.IsTooLarge(refused.Status) && services.Facts.History.Refused(part.Length))
            {
                foreach (var p in part) open.Enqueue(p);
                continue;
            }
            catch (OpcUaException refused) when (refused.Status == StatusCodes.BadServiceUnsupported || refused.Status == StatusCodes.BadNotImplemented || refused.Status == StatusCodes.BadHistoryOperationUnsupported)
            {
                unknown.AddRange(part.Concat(open).Select(p => p.Part.Point));
                return new(unknown, "The server does not answer questions about history.", []);
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
                if (result.HistoryData.Body is HistoryData { DataValues: { Length: > 0 } values })
                {
                    if (part[i] is { Continuation: null, Part.Before: > 0 } && TicksOf(values[0]) is var first && first > part[i].Part.Before) firsts.Add((part[i].Part, first));
                    await blocks.WriteAsync(new(part[i].Part, values), cancel).ConfigureAwait(false);
                }
                if (result.ContinuationPoint is { Length: > 0 } point) open.Enqueue(part[i] with { Continuation = point });
            }
        }
        return new(unknown, why, hole.WasServerDown ? [] : await CutAsync(services, firsts, cancel).ConfigureAwait(false));
    }

    /// <summary>Source time, else server time.</summary>
    public static long TicksOf(in DataValue value) => value.SourceTimestamp.IsNone ? value.ServerTimestamp.UtcTicks : value.SourceTimestamp.UtcTicks;

    /// <summary>
    /// A short memory keeps the newest values only: when the first value that it told is newer than what was delivered before
    /// the hole, it must hold an older one too, or values between both may have been pushed out.
    /// </summary>
    private static async Task<IReadOnlyList<(HolePart Part, long First)>> CutAsync(IOpcUaServices services, List<(HolePart Part, long First)> firsts, CancellationToken cancel)
    {
        var cut = new List<(HolePart, long)>();
        foreach (var one in firsts)
        {
            // Backwards from what is known: one older value is enough (Part 11, 6.4.3.2).
            var details = new ReadRawModifiedDetails { StartTime = OpcTime.FromUtcTicks(one.Part.Before + 1), EndTime = Beginning, NumValuesPerNode = 1, ReturnBounds = false };
            var result = (await ReadAsync(services, details, [new(one.Part, 0, null)], cancel).ConfigureAwait(false)) is [var r, ..] ? r : new() { StatusCode = StatusCodes.BadUnknownResponse };
            if (result.HistoryData.Body is not HistoryData { DataValues: [var older, ..] } || TicksOf(older) > one.Part.Before) cut.Add(one);
            if (result.ContinuationPoint is { Length: > 0 } point) await ReleaseAsync(services, details, new(one.Part, 0, point), cancel).ConfigureAwait(false);
        }
        return cut;
    }

    /// <summary>As many as the server takes at once and that begin together.</summary>
    private static Ask[] Next(Queue<Ask> open, int most)
    {
        var part = new List<Ask> { open.Dequeue() };
        while (part.Count < most && open.TryPeek(out var next) && next.From >= part[0].From && next.From - part[0].From <= SameStart.Ticks) part.Add(open.Dequeue());
        return [.. part];
    }

    private static async Task<HistoryReadResult[]> ReadAsync(IOpcUaServices services, ReadRawModifiedDetails details, Ask[] asks, CancellationToken cancel, bool isRelease = false) =>
        (await services.CallAsync<HistoryReadResponse>(h => new HistoryReadRequest
        {
            RequestHeader = h,
            HistoryReadDetails = ExtensionObject.Of(details),
            TimestampsToReturn = TimestampsToReturn.Both,
            ReleaseContinuationPoints = isRelease,
            NodesToRead = [.. asks.Select(a => new HistoryReadValueId { NodeId = a.Part.Point.Node!.Value, ContinuationPoint = a.Continuation })],
        }, cancel, AnswerLimit).ConfigureAwait(false)).Results;

    private static async Task ReleaseAsync(IOpcUaServices services, ReadRawModifiedDetails details, Ask ask, CancellationToken cancel)
    {
        try
        {
            await ReadAsync(services, details, [ask], cancel, isRelease: true).ConfigureAwait(false);
        }
        catch (OpcUaException refused) when (!OpcUaLink.IsLine(refused.Status))
        {
            // Courtesy only: the server takes it back by itself when the session ends.
        }
    }
}
