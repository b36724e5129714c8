namespace Ieum.Connect.OpcUa.Client;

/// <summary>What a server says about itself: namespaces, limits, name, start. One per connection; read anew with each session.</summary>
internal sealed class ServerFacts
{
    /// <summary>Batches are bounded even when the server sets no limit, so that one answer stays far below the usual 16 MiB message.</summary>
    public BatchSize Read { get; } = new(1000);
    public BatchSize Write { get; } = new(500);
    public BatchSize Call { get; } = new(100);
    public BatchSize Browse { get; } = new(200);
    public BatchSize Translate { get; } = new(500);
    public BatchSize History { get; } = new(20);
    public BatchSize Items { get; } = new(1000);

    /// <summary>Monitored items of one subscription; the server's own limit where it tells one.</summary>
    public BatchSize ItemsPerSubscription { get; } = new(20_000);

    /// <summary>Notifications of one message: what fits into the messages of the line, less once the server could not send so many.</summary>
    public BatchSize Notifications { get; } = new(5000);

    public NamespaceTable Namespaces { get; } = new();
    public string Product { get; private set; } = "";
    public string Version { get; private set; } = "";
    public string Maker { get; private set; } = "";

    /// <summary>UTC ticks of the server's start; 0 when it does not tell. Another value than before: it was restarted.</summary>
    public long StartTicks { get; private set; }

    /// <summary>What its clock showed when the session began: UTC ticks, 0 when it does not tell.</summary>
    public long ClockTicks { get; private set; }

    public string Name => $"{(Product.Length > 0 ? Product : "OPC UA server")}{(Version.Length > 0 ? " " + Version : "")}{(Maker.Length > 0 ? $" ({Maker})" : "")}";

    /// <summary>Reads everything in one request; halves it where a server takes fewer nodes than that.</summary>
    /// <returns>False when the namespaces stand in another order than before.</returns>
    public async Task<bool> LoadAsync(IOpcUaServices services, CancellationToken cancel)
    {
        NodeId[] nodes =
        [
            NodeIds.Server_NamespaceArray, NodeIds.Server_ServerStatus_StartTime, NodeIds.Server_ServerStatus_BuildInfo_ProductName,
            NodeIds.Server_ServerStatus_BuildInfo_SoftwareVersion, NodeIds.Server_ServerStatus_BuildInfo_ManufacturerName,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead, NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall, NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall, NodeIds.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
            NodeIds.Server_ServerStatus_CurrentTime,
        ];
        var values = await services.ReadAsync(nodes, AttributeIds.Value, cancel).ConfigureAwait(false);
        if (values[0].Value.Value is not string[] { Length: > 0 } uris)
            throw new OpcUaException(values[0].StatusCode.IsBad ? values[0].StatusCode : StatusCodes.BadUnexpectedError, "The server does not tell its namespaces (node i=2255).");
        StartTicks = values[1].Value.Value is OpcTime start ? start.UtcTicks : 0;
        ClockTicks = values[^1].Value.Value is OpcTime time ? time.UtcTicks : 0;
        (Product, Version, Maker) = (Text(values[2]), Text(values[3]), Text(values[4]));
        BatchSize[] sizes = [Read, Write, Call, Browse, Translate, History, Items, ItemsPerSubscription];
        for (var i = 0; i < sizes.Length; i++)
            if (values[5 + i].Value.Value is uint limit) sizes[i].Told(limit);
        return Namespaces.Load(uris);

        static string Text(in DataValue value) => value.Value.Value switch { string s => s, LocalizedText l => l.Text ?? "", _ => "" };
    }
}
