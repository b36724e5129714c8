namespace Ieum.Connect.OpcUa.Server;

/// <summary>Read and Write (OPC 10000-4, 5.11.2 and 5.11.4).</summary>
internal sealed class ReadWriteService(AddressSpace space, AttributeReader reader, ServerLimits limits, TimeProvider clock)
{
    /// <summary>Elements of one written value at most.</summary>
    private const int MaxWrittenArray = 65_536;

    /// <summary>Bit of ReturnDiagnostics: additional information per operation (OPC 10000-4, 7.32).</summary>
    private const uint OperationText = 0x80;

    public ReadResponse Read(ReadRequest request, ServerSession session)
    {
        if (request.MaxAge < 0) throw new ServiceRefusal(StatusCodes.BadMaxAgeInvalid);
        if (request.TimestampsToReturn > TimestampsToReturn.Neither) throw new ServiceRefusal(StatusCodes.BadTimestampsToReturnInvalid);
        ServiceRefusal.CheckCount(request.NodesToRead.Length, limits.MaxNodesPerRead);
        var results = new DataValue[request.NodesToRead.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = reader.Read(request.NodesToRead[i], request.TimestampsToReturn, session.User);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = results };
    }

    public async ValueTask<WriteResponse> WriteAsync(WriteRequest request, ServerSession session, CancellationToken cancel)
    {
        ServiceRefusal.CheckCount(request.NodesToWrite.Length, limits.MaxNodesPerWrite);
        var verdicts = new WriteVerdict[request.NodesToWrite.Length];
        for (var i = 0; i < verdicts.Length; i++)
            verdicts[i] = await WriteAsync(request.NodesToWrite[i], session.User, cancel).ConfigureAwait(false);
        var told = (request.RequestHeader.ReturnDiagnostics & OperationText) != 0 && verdicts.Any(v => v.Text is not null);
        return new()
        {
            ResponseHeader = Fault.Header(request, StatusCodes.Good, clock),
            Results = [.. verdicts.Select(v => v.Status)],
            DiagnosticInfos = told ? [.. verdicts.Select(v => v.Text is null ? null : new DiagnosticInfo { AdditionalInfo = v.Text })] : [],
        };
    }

    private async ValueTask<WriteVerdict> WriteAsync(WriteValue write, UaUser user, CancellationToken cancel)
    {
        if (space.Find(write.NodeId) is not { } node) return new(StatusCodes.BadNodeIdUnknown);
        if (AttributeReader.Attribute(node, write.AttributeId, user) is null && !(node is VariableNode && write.AttributeId == AttributeIds.Value))
            return new(StatusCodes.BadAttributeIdInvalid);
        if (node is not VariableNode variable || write.AttributeId != AttributeIds.Value || variable.OnWrite is not { } taker)
            return new(StatusCodes.BadNotWritable, $"{node} cannot be written.");
        if (!user.CanWrite) return new(StatusCodes.BadUserAccessDenied, "This user may look, not write.");
        if (!NumericRange.TryParse(write.IndexRange, out var range)) return new(StatusCodes.BadIndexRangeInvalid);
        if (!range.IsAll) return new(StatusCodes.BadWriteNotSupported);
        var value = write.Value.Value;
        if (value.IsArray ? variable.ValueRank is -1 : variable.ValueRank >= 0) return new(StatusCodes.BadTypeMismatch);
        if (value.Elements?.Length > MaxWrittenArray) return new(StatusCodes.BadOutOfRange);
        var wanted = space.BuiltInOf(variable.DataType);
        if (wanted != 0 && value.Type != wanted) return new(StatusCodes.BadTypeMismatch);
        return await taker(new(variable, write.Value, user), cancel).ConfigureAwait(false);
    }
}
