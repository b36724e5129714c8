namespace Ieum.Connect.OpcUa.Server;

/// <summary>HistoryRead of raw values (OPC 10000-11, 6.4.3); other histories are refused by name.</summary>
internal sealed class HistoryService(AddressSpace space, ServerLimits limits, TimeProvider clock)
{
    public async ValueTask<HistoryReadResponse> ReadAsync(HistoryReadRequest request, ServerSession session, CancellationToken cancel)
    {
        ServiceRefusal.CheckCount(request.NodesToRead.Length, limits.MaxNodesPerHistoryRead);
        if (request.TimestampsToReturn >= TimestampsToReturn.Neither) throw new ServiceRefusal(StatusCodes.BadTimestampsToReturnInvalid);
        if (request.HistoryReadDetails.Body is not ReadRawModifiedDetails details) throw new ServiceRefusal(StatusCodes.BadHistoryOperationUnsupported);
        if (details.IsReadModified) throw new ServiceRefusal(StatusCodes.BadHistoryOperationUnsupported);
        var results = new HistoryReadResult[request.NodesToRead.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = await ReadAsync(request, request.NodesToRead[i], details, session, cancel).ConfigureAwait(false);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = results };
    }

    private async ValueTask<HistoryReadResult> ReadAsync(
        HistoryReadRequest request, HistoryReadValueId wanted, ReadRawModifiedDetails details, ServerSession session, CancellationToken cancel)
    {
        HistoryPoint point;
        if (wanted.ContinuationPoint is { Length: > 0 })
        {
            if (session.Histories.Take(wanted.ContinuationPoint) is not { } kept || kept.Node.Id != wanted.NodeId)
                return new() { StatusCode = StatusCodes.BadContinuationPointInvalid };
            if (request.ReleaseContinuationPoints) return new();
            point = kept;
        }
        else
        {
            if (request.ReleaseContinuationPoints) return new();
            if (space.Find(wanted.NodeId) is not { } node) return new() { StatusCode = StatusCodes.BadNodeIdUnknown };
            if (node is not VariableNode { History: not null } variable) return new() { StatusCode = StatusCodes.BadHistoryOperationUnsupported };
            if (!NumericRange.TryParse(wanted.IndexRange, out var range)) return new() { StatusCode = StatusCodes.BadIndexRangeInvalid };
            if (Question(details) is not { } question) return new() { StatusCode = StatusCodes.BadInvalidTimestampArgument };
            point = new(variable, question, details.NumValuesPerNode == 0 ? long.MaxValue : details.NumValuesPerNode, range);
        }
        var page = await point.Node.History!.ReadAsync(point.Question, cancel).ConfigureAwait(false);
        var left = point.Left == long.MaxValue ? point.Left : point.Left - page.Values.Length;
        var result = new HistoryReadResult
        {
            StatusCode = page.Values.Length == 0 ? StatusCodes.GoodNoData : StatusCodes.Good,
            HistoryData = ExtensionObject.Of(new HistoryData
            {
                DataValues = [.. page.Values.Select(v => point.Range.Of(v).Stamped(request.TimestampsToReturn, clock))],
            }),
        };
        // With an end and a count, the rest is offered too; without an end the count is all that was asked for (6.4.3.2).
        var endless = details.StartTime.IsNone || details.EndTime.IsNone;
        if (page.Next is not { } next) return result;
        if (endless && left <= 0) return result;
        var more = point with { Left = left, Question = point.Question with { After = next } };
        return session.Histories.Keep(more) is { } token ? result with { ContinuationPoint = token, StatusCode = StatusCodes.GoodMoreData }
            : new() { StatusCode = StatusCodes.BadNoContinuationPoints };
    }

    /// <returns>Null when the times say nothing that can be asked.</returns>
    private HistoryQuestion? Question(ReadRawModifiedDetails d)
    {
        var count = d.NumValuesPerNode;
        var most = count == 0 ? limits.MaxHistoryValues : (int)Math.Min(count, (uint)limits.MaxHistoryValues);
        return (d.StartTime.IsNone, d.EndTime.IsNone) switch
        {
            (true, true) => null,
            (false, true) => count == 0 ? null : new(d.StartTime.UtcTicks, DateTime.MaxValue.Ticks, false, most, d.ReturnBounds),
            (true, false) => count == 0 ? null : new(d.EndTime.UtcTicks, 0, true, most, d.ReturnBounds),
            _ => new(d.StartTime.UtcTicks, d.EndTime.UtcTicks, d.StartTime.UtcTicks > d.EndTime.UtcTicks, most, d.ReturnBounds),
        };
    }
}
