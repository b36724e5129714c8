namespace Ieum.Connect.OpcUa.Server;

/// <summary>Call (OPC 10000-4, 5.12.2).</summary>
internal sealed class CallService(AddressSpace space, ServerLimits limits, TimeProvider clock)
{
    public async ValueTask<CallResponse> CallAsync(CallRequest request, ServerSession session, CancellationToken cancel)
    {
        ServiceRefusal.CheckCount(request.MethodsToCall.Length, limits.MaxNodesPerMethodCall);
        var results = new CallMethodResult[request.MethodsToCall.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = await CallAsync(request.MethodsToCall[i], session, cancel).ConfigureAwait(false);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = results };
    }

    private async ValueTask<CallMethodResult> CallAsync(CallMethodRequest call, ServerSession session, CancellationToken cancel)
    {
        if (space.Find(call.ObjectId) is not { } on) return new() { StatusCode = StatusCodes.BadNodeIdUnknown };
        if (space.Find(call.MethodId) is not MethodNode method) return new() { StatusCode = StatusCodes.BadMethodInvalid };
        if (space.References(on, 0, 1, r => r.Forward && r.Target == method.Id, out _).Count == 0) return new() { StatusCode = StatusCodes.BadMethodInvalid };
        var given = call.InputArguments;
        if (given.Length < method.Inputs.Length) return new() { StatusCode = StatusCodes.BadArgumentsMissing };
        if (given.Length > method.Inputs.Length) return new() { StatusCode = StatusCodes.BadTooManyArguments };
        StatusCode[] judged = [.. method.Inputs.Select((argument, i) => Fits(argument, given[i]) ? StatusCodes.Good : StatusCodes.BadTypeMismatch)];
        if (judged.Any(j => j != StatusCodes.Good)) return new() { StatusCode = StatusCodes.BadInvalidArgument, InputArgumentResults = judged };
        var answer = await method.Run(new(call.ObjectId, given, session), cancel).ConfigureAwait(false);
        return new() { StatusCode = answer.Status, InputArgumentResults = judged, OutputArguments = answer.Outputs };
    }

    private bool Fits(Argument argument, in Variant value) =>
        (space.BuiltInOf(argument.DataType) is 0 and var any && any == 0 || value.Type == space.BuiltInOf(argument.DataType))
        && (argument.ValueRank == -1 ? !value.IsArray : argument.ValueRank < -1 || value.IsArray);
}
