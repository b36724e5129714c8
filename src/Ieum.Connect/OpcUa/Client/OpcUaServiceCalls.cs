namespace Ieum.Connect.OpcUa.Client;

/// <summary>The attribute, view and method services in batches that the server takes (Part 4, 5.9, 5.11, 5.12).</summary>
internal static class OpcUaServiceCalls
{
    public static Task<DataValue[]> ReadAsync(this IOpcUaServices services, IReadOnlyList<NodeId> nodes, uint attribute, CancellationToken cancel) =>
        services.ReadAsync([.. nodes.Select(n => new ReadValueId { NodeId = n, AttributeId = attribute })], TimestampsToReturn.Both, cancel);

    /// <summary>Reads attributes, newest values. A bad node is a bad status at its place, never an exception.</summary>
    public static Task<DataValue[]> ReadAsync(this IOpcUaServices services, IReadOnlyList<ReadValueId> what, TimestampsToReturn timestamps, CancellationToken cancel) =>
        Batches.RunAsync(what, services.Facts.Read, async part => (await services.CallAsync<ReadResponse>(
            h => new ReadRequest { RequestHeader = h, MaxAge = 0, TimestampsToReturn = timestamps, NodesToRead = part }, cancel).ConfigureAwait(false)).Results);

    public static Task<StatusCode[]> WriteAsync(this IOpcUaServices services, IReadOnlyList<WriteValue> what, CancellationToken cancel) =>
        Batches.RunAsync(what, services.Facts.Write, async part => (await services.CallAsync<WriteResponse>(
            h => new WriteRequest { RequestHeader = h, NodesToWrite = part }, cancel).ConfigureAwait(false)).Results);

    public static Task<CallMethodResult[]> CallMethodsAsync(this IOpcUaServices services, IReadOnlyList<CallMethodRequest> what, CancellationToken cancel) =>
        Batches.RunAsync(what, services.Facts.Call, async part => (await services.CallAsync<CallResponse>(
            h => new CallRequest { RequestHeader = h, MethodsToCall = part }, cancel).ConfigureAwait(false)).Results);

    public static Task<BrowsePathResult[]> TranslateAsync(this IOpcUaServices services, IReadOnlyList<BrowsePath> what, CancellationToken cancel) =>
        Batches.RunAsync(what, services.Facts.Translate, async part => (await services.CallAsync<TranslateBrowsePathsToNodeIdsResponse>(
            h => new TranslateBrowsePathsToNodeIdsRequest { RequestHeader = h, BrowsePaths = part }, cancel).ConfigureAwait(false)).Results);

    /// <summary>Registers nodes for many reads (Part 4, 5.8.5); the server may answer shorter ids. They hold for this session.</summary>
    public static Task<NodeId[]> RegisterAsync(this IOpcUaServices services, IReadOnlyList<NodeId> nodes, CancellationToken cancel) =>
        Batches.RunAsync(nodes, services.Facts.Read, async part => (await services.CallAsync<RegisterNodesResponse>(
            h => new RegisterNodesRequest { RequestHeader = h, NodesToRegister = part }, cancel).ConfigureAwait(false)).RegisteredNodeIds);

    public static Task UnregisterAsync(this IOpcUaServices services, IReadOnlyList<NodeId> nodes, CancellationToken cancel) =>
        Batches.RunAsync<NodeId, bool>(nodes, services.Facts.Read, async part =>
        {
            await services.CallAsync<UnregisterNodesResponse>(h => new UnregisterNodesRequest { RequestHeader = h, NodesToUnregister = part }, cancel).ConfigureAwait(false);
            return new bool[part.Length];
        });
}
