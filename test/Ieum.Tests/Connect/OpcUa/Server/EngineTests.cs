using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using static Ieum.Tests.Connect.OpcUa.Server.Harness;

namespace Ieum.Tests.Connect.OpcUa.Server;

public sealed class EngineTests : IDisposable
{
    private readonly Harness _house = new();
    private readonly Client _client;

    public EngineTests() => _client = _house.Open().Activate();

    public void Dispose() => _house.Dispose();

    private BrowseResult Browse(NodeId node, uint most = 0, BrowseDirection direction = BrowseDirection.Forward, NodeId type = default, uint classes = 0) =>
        _client.Ask<BrowseResponse>(new BrowseRequest
        {
            RequestHeader = _client.Header,
            RequestedMaxReferencesPerNode = most,
            NodesToBrowse = [new() { NodeId = node, BrowseDirection = direction, ReferenceTypeId = type, IncludeSubtypes = true, NodeClassMask = classes, ResultMask = 63 }],
        }).Results[0];

    private BrowseResult Next(byte[]? point, bool release = false) => _client.Ask<BrowseNextResponse>(
        new BrowseNextRequest { RequestHeader = _client.Header, ContinuationPoints = [point], ReleaseContinuationPoints = release }).Results[0];

    private DataValue Read(NodeId node, uint attribute = AttributeIds.Value, string? range = null) => _client.Ask<ReadResponse>(new ReadRequest
    {
        RequestHeader = _client.Header, TimestampsToReturn = TimestampsToReturn.Both, NodesToRead = [new() { NodeId = node, AttributeId = attribute, IndexRange = range }],
    }).Results[0];

    [Fact]
    public void A_browse_comes_in_pieces_that_together_are_whole()
    {
        for (var i = 0; i < 250; i++)
            _house.Space.Add(new VariableNode(new(1, $"v{i}"), new(1, $"V{i}"), new($"V{i}"), NodeIds.Double), _house.Folder.Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        var names = new List<string?>();
        var piece = Browse(_house.Folder.Id, most: 100, type: NodeIds.HierarchicalReferences);
        var pieces = 1;
        for (; piece.ContinuationPoint is not null; pieces++)
        {
            names.AddRange(piece.References.Select(r => r.BrowseName.Name));
            piece = Next(piece.ContinuationPoint);
        }
        names.AddRange(piece.References.Select(r => r.BrowseName.Name));
        Assert.Equal(["Load", "Program", "Axes", .. Enumerable.Range(0, 250).Select(i => $"V{i}")], names);
        Assert.Equal(3, pieces);
    }

    [Fact]
    public void A_continuation_point_is_good_once_and_there_are_only_so_many()
    {
        var first = Browse(NodeIds.Server, most: 1);
        Assert.NotNull(first.ContinuationPoint);
        Assert.True(Next(first.ContinuationPoint, release: true).StatusCode.IsGood);
        Assert.Equal(StatusCodes.BadContinuationPointInvalid, Next(first.ContinuationPoint).StatusCode);
        for (var i = 0; i < _house.Engine.Settings.Limits.MaxBrowseContinuationPoints; i++) Assert.True(Browse(NodeIds.Server, most: 1).StatusCode.IsGood);
        Assert.Equal(StatusCodes.BadNoContinuationPoints, Browse(NodeIds.Server, most: 1).StatusCode);
    }

    [Fact]
    public void A_browse_tells_class_type_and_direction()
    {
        var load = Browse(_house.Folder.Id, classes: (uint)NodeClass.Variable).References[0];
        Assert.Equal((new ExpandedNodeId(_house.Load.Id), NodeIds.HasComponent, true, NodeClass.Variable, new ExpandedNodeId(NodeIds.AnalogItemType)),
            (load.NodeId, load.ReferenceTypeId, load.IsForward, load.NodeClass, load.TypeDefinition));
        var up = Assert.Single(Browse(_house.Load.Id, direction: BrowseDirection.Inverse, type: NodeIds.HierarchicalReferences).References);
        Assert.Equal((new ExpandedNodeId(_house.Folder.Id), false), (up.NodeId, up.IsForward));
        Assert.Equal(StatusCodes.BadNodeIdUnknown, Browse(new(1, "nobody")).StatusCode);
        Assert.Equal(StatusCodes.BadReferenceTypeIdInvalid, Browse(_house.Folder.Id, type: NodeIds.Server).StatusCode);
    }

    [Fact]
    public void Everything_below_the_root_hangs_together()
    {
        var (seen, open) = (new HashSet<NodeId>(), new Queue<NodeId>([new NodeId(84)]));
        while (open.TryDequeue(out var id))
            if (seen.Add(id))
                foreach (var r in Browse(id, type: NodeIds.HierarchicalReferences).References) open.Enqueue(r.NodeId.Node);
        Assert.Equal(_house.Space.Count, seen.Count);
        Assert.All(seen, id => Assert.NotNull(_house.Space.Find(id)));
    }

    [Fact]
    public void A_path_of_names_is_followed_and_a_wrong_one_told()
    {
        var results = _client.Ask<TranslateBrowsePathsToNodeIdsResponse>(new TranslateBrowsePathsToNodeIdsRequest
        {
            RequestHeader = _client.Header,
            BrowsePaths = [Path(new(1, "Machine"), new(1, "Load")), Path(new(1, "Machine"), new QualifiedName("Load")), new() { StartingNode = new(1, "no") }],
        }).Results;
        Assert.Equal((_house.Load.Id, uint.MaxValue), (results[0].Targets[0].TargetId.Node, results[0].Targets[0].RemainingPathIndex));
        Assert.Equal([StatusCodes.Good, StatusCodes.BadNoMatch, StatusCodes.BadNodeIdUnknown], results.Select(r => r.StatusCode));

        static BrowsePath Path(params QualifiedName[] names) => new()
        {
            StartingNode = NodeIds.ObjectsFolder,
            RelativePath = new() { Elements = [.. names.Select(n => new RelativePathElement { ReferenceTypeId = NodeIds.HierarchicalReferences, IncludeSubtypes = true, TargetName = n })] },
        };
    }

    [Fact]
    public void Every_node_has_exactly_the_attributes_of_its_class()
    {
        Assert.Equal("Load", ((LocalizedText)Read(_house.Load.Id, AttributeIds.DisplayName).Value.Value!).Text);
        Assert.Equal(NodeIds.Double, Read(_house.Load.Id, AttributeIds.DataType).Value.Value);
        Assert.Equal((byte)7, Read(_house.Load.Id, AttributeIds.AccessLevel).Value.Value);   // read, write, history
        Assert.Equal((byte)1, Read(_house.Program.Id, AttributeIds.UserAccessLevel).Value.Value);
        Assert.Equal(true, Read(_house.Load.Id, AttributeIds.Historizing).Value.Value);
        Assert.Equal(StatusCodes.BadAttributeIdInvalid, Read(_house.Folder.Id).StatusCode);
        Assert.Equal(StatusCodes.BadAttributeIdInvalid, Read(_house.Load.Id, 99).StatusCode);
        Assert.Equal("OrganizedBy", ((LocalizedText)Read(NodeIds.Organizes, AttributeIds.InverseName).Value.Value!).Text);
        Assert.Equal(StatusCodes.BadNodeIdUnknown, Read(new(5, 5)).StatusCode);
        Assert.Equal(StatusCodes.BadWaitingForInitialData, Read(_house.Load.Id).StatusCode);
    }

    [Fact]
    public void A_vendor_structure_is_described_by_its_data_type()
    {
        var definition = new StructureDefinition { DefaultEncodingId = new(1, 2), Fields = [new() { Name = "Torque", DataType = NodeIds.Double, ValueRank = -1 }] };
        var type = new NodeId(1, 1);
        _house.Space.Add(new TypeNode(type, NodeClass.DataType, new(1, "Screwing"), new("Screwing")) { Definition = definition }, NodeIds.Structure, NodeIds.HasSubtype);
        Assert.Equal(definition, ((ExtensionObject)Read(type, AttributeIds.DataTypeDefinition).Value.Value!).Body);
        Assert.Equal(BuiltInType.ExtensionObject, _house.Space.BuiltInOf(type));
    }

    [Theory]
    [InlineData("0", new[] { 1.0 })]
    [InlineData("1:2", new[] { 2.0, 3 })]
    [InlineData("2:9", new[] { 3.0 })]
    public void A_part_of_an_array_is_read(string range, double[] expected)
    {
        _house.Axes.Set(Harness.At(Variant.OfArray(new[] { 1.0, 2, 3 })));
        Assert.Equal(expected, Read(_house.Axes.Id, range: range).Value.Value);
    }

    [Fact]
    public void A_part_of_a_matrix_or_a_text_is_read_and_a_part_that_is_not_there_told()
    {
        _house.Axes.Set(Harness.At(Variant.OfArray(new[] { 1.0, 2, 3, 4, 5, 6 }, 2, 3)));
        var part = Read(_house.Axes.Id, range: "0:1,1").Value;
        Assert.Equal(new[] { 2.0, 5 }, part.Value);
        Assert.Equal([2, 1], part.Dimensions!);
        _house.Program.Set(Harness.At(Variant.Of("O1234")));
        Assert.Equal("12", Read(_house.Program.Id, range: "1:2").Value.Value);
        Assert.Equal(StatusCodes.BadIndexRangeNoData, Read(_house.Program.Id, range: "9").StatusCode);
        Assert.Equal(StatusCodes.BadIndexRangeInvalid, Read(_house.Program.Id, range: "2:1").StatusCode);
    }

    [Fact]
    public void A_write_is_checked_before_it_is_taken()
    {
        Assert.Equal(StatusCodes.Good, Write(_house.Load.Id, Variant.Of(3.5)));
        Assert.Equal(3.5, Read(_house.Load.Id).Value.Value);
        Assert.Equal(StatusCodes.BadTypeMismatch, Write(_house.Load.Id, Variant.Of("3.5")));
        Assert.Equal(StatusCodes.BadTypeMismatch, Write(_house.Load.Id, Variant.OfArray(new[] { 1.0 })));
        Assert.Equal(StatusCodes.BadNotWritable, Write(_house.Program.Id, Variant.Of("x")));
        Assert.Equal(StatusCodes.BadNodeIdUnknown, Write(new(1, "no"), Variant.Of(1.0)));
        Assert.Equal(StatusCodes.BadNotWritable, Write(_house.Load.Id, Variant.Of("name"), AttributeIds.DisplayName));

        StatusCode Write(NodeId node, Variant value, uint attribute = AttributeIds.Value) => _client.Ask<WriteResponse>(new WriteRequest
        {
            RequestHeader = _client.Header, NodesToWrite = [new() { NodeId = node, AttributeId = attribute, Value = new(value) }],
        }).Results[0];
    }

    [Fact]
    public void A_user_who_may_only_look_writes_nothing()
    {
        using var house = new Harness(admit: _ => new("guest", CanWrite: false));
        var client = house.Open().Activate();
        Assert.Equal(StatusCodes.BadUserAccessDenied, client.Ask<WriteResponse>(new WriteRequest
        {
            RequestHeader = client.Header, NodesToWrite = [new() { NodeId = house.Load.Id, AttributeId = AttributeIds.Value, Value = new(Variant.Of(1.0)) }],
        }).Results[0]);
    }

    [Fact]
    public void A_method_is_called_with_arguments_that_fit()
    {
        var method = _house.Space.Add(new MethodNode(new(1, "add"), new(1, "Add"), new("Add"))
        {
            Inputs = [ServerObject.Argument("a", 11, -1), ServerObject.Argument("b", 11, -1)],
            Run = (c, _) => new(new MethodAnswer(StatusCodes.Good, Variant.Of(c.Inputs[0].Number + c.Inputs[1].Number))),
        }, _house.Folder.Id, NodeIds.HasComponent);
        var good = Call(_house.Folder.Id, Variant.Of(1.5), Variant.Of(2.0));
        Assert.Equal(3.5, good.OutputArguments[0].Value);
        Assert.Equal(StatusCodes.BadArgumentsMissing, Call(_house.Folder.Id, Variant.Of(1.0)).StatusCode);
        Assert.Equal(StatusCodes.BadTooManyArguments, Call(_house.Folder.Id, Variant.Of(1.0), Variant.Of(1.0), Variant.Of(1.0)).StatusCode);
        var wrong = Call(_house.Folder.Id, Variant.Of(1.0), Variant.Of("2"));
        Assert.Equal(StatusCodes.BadInvalidArgument, wrong.StatusCode);
        Assert.Equal([StatusCodes.Good, StatusCodes.BadTypeMismatch], wrong.InputArgumentResults);
        Assert.Equal(StatusCodes.BadMethodInvalid, Call(NodeIds.Server, Variant.Of(1.0), Variant.Of(1.0)).StatusCode);

        CallMethodResult Call(NodeId on, params Variant[] inputs) => _client.Ask<CallResponse>(new CallRequest
        {
            RequestHeader = _client.Header, MethodsToCall = [new() { ObjectId = on, MethodId = method.Id, InputArguments = inputs }],
        }).Results[0];
    }

    [Fact]
    public void A_request_without_a_session_or_over_another_channel_is_refused()
    {
        Assert.Equal(StatusCodes.BadSessionIdInvalid, _client.Refusal(new ReadRequest()));
        _client.Channel = _client.Channel with { Id = 99 };
        Assert.Equal(StatusCodes.BadSecureChannelIdInvalid, _client.Refusal(new ReadRequest { RequestHeader = _client.Header }));
        _client.Activate();   // a new channel takes the session over
        Assert.True(Read(NodeIds.Server, AttributeIds.NodeClass).StatusCode.IsGood);
        Assert.Equal(StatusCodes.BadSessionNotActivated, new Client(_house, 5) is var fresh ? fresh.Refusal(new ReadRequest { RequestHeader = fresh.Header }) : default);
    }

    [Fact]
    public void A_session_times_out_and_its_subscription_waits_to_be_taken_over()
    {
        var s = _client.Subscribe(interval: 1000, lifetime: 300);
        _house.Clock.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal(StatusCodes.BadSessionIdInvalid, _client.Refusal(new ReadRequest { RequestHeader = _client.Header }));
        var back = _house.Open(2).Activate();
        Assert.True(back.Ask<TransferSubscriptionsResponse>(new TransferSubscriptionsRequest { RequestHeader = back.Header, SubscriptionIds = [s] }).Results[0].StatusCode.IsGood);
        _house.Clock.Advance(TimeSpan.FromSeconds(400));
        Assert.Equal(0, _house.Engine.Subscriptions.Count);
    }

    [Fact]
    public void Sessions_are_bounded_and_one_that_never_logged_in_gives_way()
    {
        using var house = new Harness(new ServerLimits { MaxSessions = 2 });
        house.Open(1).Activate();
        var idle = house.Open(2);
        var third = house.Open(3).Activate();
        Assert.Equal(StatusCodes.BadSessionIdInvalid, idle.Refusal(new ReadRequest { RequestHeader = idle.Header }));
        Assert.Equal(StatusCodes.BadTooManySessions, third.Refusal(new CreateSessionRequest()));
    }

    [Fact]
    public void An_unknown_service_and_an_empty_list_are_refused_by_name()
    {
        Assert.Equal(StatusCodes.BadServiceUnsupported, _client.Refusal(new FindServersOnNetworkRequest { RequestHeader = _client.Header }));
        Assert.Equal(StatusCodes.BadNothingToDo, _client.Refusal(new ReadRequest { RequestHeader = _client.Header }));
    }

    [Fact]
    public void The_server_tells_its_limits_and_state()
    {
        Assert.Equal(1000u, Read(new(11705)).Value.Value);
        Assert.Equal(0, Read(new(2259)).Value.Value);
        Assert.Equal(["http://opcfoundation.org/UA/", "urn:test"], (string[])Read(new(2255)).Value.Value!);
        Assert.Equal(1u, Read(new(2277)).Value.Value);
    }
}
