using System.Reflection;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>Gives the standard Server object its values: status, namespaces, limits, diagnostics (OPC 10000-5, 6.3).</summary>
internal static class ServerObject
{
    /// <summary>What the engine was built after (OPC 10000-7): the embedded server with the facets beyond it. Not certified.</summary>
    private static readonly string[] Profiles =
    [
        "http://opcfoundation.org/UA-Profile/Server/EmbeddedUA2017", "http://opcfoundation.org/UA-Profile/Server/HistoricalRawData",
        "http://opcfoundation.org/UA-Profile/Server/Methods",
    ];
    private static readonly string[] Locales = ["en"];

    public static void Fill(ServerEngine engine)
    {
        var (space, settings, limits, clock) = (engine.Space, engine.Settings, engine.Settings.Limits, engine.Clock);
        var version = typeof(ServerObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var build = new BuildInfo
        {
            ProductUri = settings.ProductUri,
            ManufacturerName = "Ieum",
            ProductName = settings.Name,
            SoftwareVersion = version,
            BuildNumber = version,
            BuildDate = engine.Started,
        };
        Live(2254, () => Variant.OfArray(new[] { settings.ApplicationUri }));
        Live(2255, () => Variant.OfArray(space.Namespaces.ToArray()));
        Live(2256, () => Variant.Of(new ServerStatusDataType { StartTime = engine.Started, CurrentTime = OpcClock.Now(clock), State = engine.State, BuildInfo = build }));
        Live(2257, () => Variant.Of(engine.Started));
        Live(2258, () => Variant.Of(OpcClock.Now(clock)));
        Live(2259, () => Variant.Of((int)engine.State));
        Live(2260, () => Variant.Of(build));
        Live(2261, () => Variant.Of(build.ProductName));
        Live(2262, () => Variant.Of(build.ProductUri));
        Live(2263, () => Variant.Of(build.ManufacturerName));
        Live(2264, () => Variant.Of(build.SoftwareVersion));
        Live(2265, () => Variant.Of(build.BuildNumber));
        Live(2266, () => Variant.Of(build.BuildDate));
        Live(2992, () => Variant.Of(0u));
        Live(2993, () => Variant.Of(default(LocalizedText)));
        Live(2267, () => Variant.Of((byte)255));
        Live(2994, () => Variant.Of(false));
        Live(2269, () => Variant.OfArray(Profiles));
        Live(2271, () => Variant.OfArray(Locales));
        Live(2272, () => Variant.Of(0.0));
        Live(2735, () => Variant.Of((ushort)limits.MaxBrowseContinuationPoints));
        Live(2736, () => Variant.Of((ushort)0));
        Live(2737, () => Variant.Of((ushort)limits.MaxHistoryContinuationPoints));
        Live(11702, () => Variant.Of(65_536u));
        Live(11703, () => Variant.Of(1_048_576u));
        Live(12911, () => Variant.Of(1_048_576u));
        Limit(11705, limits.MaxNodesPerRead);
        Limit(12165, limits.MaxNodesPerHistoryRead);
        Limit(11707, limits.MaxNodesPerWrite);
        Limit(11709, limits.MaxNodesPerMethodCall);
        Limit(11710, limits.MaxNodesPerBrowse);
        Limit(11711, limits.MaxNodesPerRegister);
        Limit(11712, limits.MaxNodesPerTranslate);
        Limit(11714, limits.MaxMonitoredItemsPerCall);
        Limit(24095, limits.MaxSessions);
        Limit(24096, limits.MaxSubscriptions);
        Limit(24097, limits.MaxMonitoredItems);
        Limit(24098, limits.MaxSubscriptionsPerSession);
        Limit(24104, limits.MaxMonitoredItemsPerSubscription);
        Limit(31916, limits.MaxQueueSize);
        Live(11193, () => Variant.Of(true));
        Live(11242, () => Variant.Of(false));
        Limit(11273, limits.MaxHistoryValues);
        Live(11274, () => Variant.Of(0u));
        Counter(2276, () => 0);
        Counter(2277, () => engine.Sessions.Active);
        Counter(2278, () => engine.Sessions.Created);
        Counter(2279, () => engine.Sessions.Rejected);
        Counter(3705, () => engine.Sessions.Rejected);
        Counter(2281, () => engine.Sessions.TimedOut);
        Counter(2282, () => 0);
        Counter(2284, () => engine.Subscriptions.All.Select(s => s.PublishingInterval).Distinct().Count());
        Counter(2285, () => engine.Subscriptions.Count);
        Counter(2286, () => engine.Subscriptions.Created);
        Counter(2287, () => engine.Sessions.Rejected);
        Counter(2288, () => engine.RejectedRequests);
        Live(2294, () => Variant.Of(true));
        Live(3709, () => Variant.Of((int)RedundancySupport.None));
        Live(15958, () => Variant.Of(space.Namespaces[0]));
        Live(15959, () => Variant.Of("1.05.03"));
        Live(15961, () => Variant.Of(true));
        Arguments(11492, 11493, [Argument("SubscriptionId", 7, -1)], 11494, [Argument("ServerHandles", 7, 1), Argument("ClientHandles", 7, 1)], GetMonitoredItems);
        Arguments(12873, 12874, [Argument("SubscriptionId", 7, -1)], 0, [], ResendData);

        void Live(uint id, Func<Variant> value)
        {
            if (space.Find(new NodeId(id)) is VariableNode node) node.Live = value;
        }
        void Limit(uint id, int value) => Live(id, () => Variant.Of((uint)value));
        void Counter(uint id, Func<long> value) => Live(id, () => Variant.Of((uint)value()));

        void Arguments(uint method, uint inputsAt, Argument[] inputs, uint outputsAt, Argument[] outputs, Func<MethodCall, CancellationToken, ValueTask<MethodAnswer>> run)
        {
            var node = (MethodNode)space.Find(new NodeId(method))!;
            (node.Inputs, node.Outputs, node.Run) = (inputs, outputs, run);
            Live(inputsAt, () => Structures(inputs));
            if (outputsAt != 0) Live(outputsAt, () => Structures(outputs));
        }

        ValueTask<MethodAnswer> GetMonitoredItems(MethodCall call, CancellationToken cancel)
        {
            if (SubscriptionService.Own(engine.Subscriptions, (uint)call.Inputs[0].Whole, call.Session) is not { } s) return new(new MethodAnswer(StatusCodes.BadSubscriptionIdInvalid));
            var items = s.Items;
            return new(new MethodAnswer(StatusCodes.Good, Variant.OfArray(items.Select(i => i.Id).ToArray()), Variant.OfArray(items.Select(i => i.ClientHandle).ToArray())));
        }

        ValueTask<MethodAnswer> ResendData(MethodCall call, CancellationToken cancel)
        {
            if (SubscriptionService.Own(engine.Subscriptions, (uint)call.Inputs[0].Whole, call.Session) is not { } s) return new(new MethodAnswer(StatusCodes.BadSubscriptionIdInvalid));
            SubscriptionService.Resend(s);
            return new(new MethodAnswer(StatusCodes.Good));
        }
    }

    /// <summary>Structures as the value of an array of them.</summary>
    public static Variant Structures(IEnumerable<IEncodable> structures) => Variant.OfArray(structures.Select(ExtensionObject.Of).ToArray());

    public static Argument Argument(string name, uint dataType, int rank, string description = "") =>
        new() { Name = name, DataType = new(dataType), ValueRank = rank, ArrayDimensions = rank > 0 ? new uint[rank] : [], Description = new(description) };
}
