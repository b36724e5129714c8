namespace Ieum.Connect.OpcUa.Server;

/// <summary>Browse, BrowseNext, TranslateBrowsePathsToNodeIds, RegisterNodes (OPC 10000-4, 5.9).</summary>
internal sealed class BrowseService(AddressSpace space, ServerLimits limits, TimeProvider clock)
{
    public BrowseResponse Browse(BrowseRequest request, ServerSession session)
    {
        if (request.View is { ViewId: var view } && view != default) throw new ServiceRefusal(StatusCodes.BadViewIdUnknown);
        ServiceRefusal.CheckCount(request.NodesToBrowse.Length, limits.MaxNodesPerBrowse);
        var most = request.RequestedMaxReferencesPerNode == 0
            ? limits.MaxReferencesPerNode : (int)Math.Min(request.RequestedMaxReferencesPerNode, (uint)limits.MaxReferencesPerNode);
        var results = new BrowseResult[request.NodesToBrowse.Length];
        for (var i = 0; i < results.Length; i++) results[i] = Start(request.NodesToBrowse[i], most, session);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = results };
    }

    public BrowseNextResponse BrowseNext(BrowseNextRequest request, ServerSession session)
    {
        ServiceRefusal.CheckCount(request.ContinuationPoints.Length, limits.MaxNodesPerBrowse);
        var results = new BrowseResult[request.ContinuationPoints.Length];
        for (var i = 0; i < results.Length; i++)
        {
            if (session.Browses.Take(request.ContinuationPoints[i]) is not { } point) results[i] = new() { StatusCode = StatusCodes.BadContinuationPointInvalid };
            else results[i] = request.ReleaseContinuationPoints ? new() : Go(point, session);
        }
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = results };
    }

    public TranslateBrowsePathsToNodeIdsResponse Translate(TranslateBrowsePathsToNodeIdsRequest request)
    {
        ServiceRefusal.CheckCount(request.BrowsePaths.Length, limits.MaxNodesPerTranslate);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), Results = [.. request.BrowsePaths.Select(Follow)] };
    }

    public RegisterNodesResponse Register(RegisterNodesRequest request)
    {
        ServiceRefusal.CheckCount(request.NodesToRegister.Length, limits.MaxNodesPerRegister);
        // Every id is found by one look into a table already, so the alias of a node is its own id.
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock), RegisteredNodeIds = request.NodesToRegister };
    }

    public UnregisterNodesResponse Unregister(UnregisterNodesRequest request)
    {
        ServiceRefusal.CheckCount(request.NodesToUnregister.Length, limits.MaxNodesPerRegister);
        return new() { ResponseHeader = Fault.Header(request, StatusCodes.Good, clock) };
    }

    private BrowseResult Start(BrowseDescription wanted, int most, ServerSession session)
    {
        if (space.Find(wanted.NodeId) is not { } node) return new() { StatusCode = StatusCodes.BadNodeIdUnknown };
        if (wanted.BrowseDirection is < BrowseDirection.Forward or > BrowseDirection.Both) return new() { StatusCode = StatusCodes.BadBrowseDirectionInvalid };
        if (wanted.ReferenceTypeId != default && space.Find(wanted.ReferenceTypeId) is not { Class: NodeClass.ReferenceType })
            return new() { StatusCode = StatusCodes.BadReferenceTypeIdInvalid };
        return Go(new(node, wanted, most, 0), session);
    }

    private BrowseResult Go(BrowsePoint point, ServerSession session)
    {
        var (node, wanted, most, from) = point;
        var references = space.References(node, from, most, Wanted, out var next);
        var result = new BrowseResult { References = [.. references.Select(r => Describe(r, wanted.ResultMask))] };
        if (next < 0) return result;
        return session.Browses.Keep(point with { From = next }) is { } kept
            ? result with { ContinuationPoint = kept } : new() { StatusCode = StatusCodes.BadNoContinuationPoints };

        bool Wanted(Reference r) =>
            (wanted.BrowseDirection == BrowseDirection.Both || r.Forward == (wanted.BrowseDirection == BrowseDirection.Forward))
            && (wanted.ReferenceTypeId == default || r.Type == wanted.ReferenceTypeId
                || (wanted.IncludeSubtypes && space.IsSubtype(r.Type, wanted.ReferenceTypeId)))
            && (wanted.NodeClassMask == 0 || (space.Find(r.Target) is { } target && (wanted.NodeClassMask & (uint)target.Class) != 0));
    }

    private ReferenceDescription Describe(Reference r, uint mask)
    {
        var target = space.Find(r.Target);
        return new()
        {
            NodeId = new(r.Target),
            ReferenceTypeId = (mask & 1) != 0 ? r.Type : default,
            IsForward = (mask & 2) != 0 && r.Forward,
            NodeClass = (mask & 4) != 0 ? target?.Class ?? NodeClass.Unspecified : NodeClass.Unspecified,
            BrowseName = (mask & 8) != 0 ? target?.BrowseName ?? default : default,
            DisplayName = (mask & 16) != 0 ? target?.DisplayName ?? default : default,
            TypeDefinition = (mask & 32) != 0 && target is ObjectNode or VariableNode ? new(space.TypeOf(target)) : default,
        };
    }

    private BrowsePathResult Follow(BrowsePath path)
    {
        if (space.Find(path.StartingNode) is not { } start) return new() { StatusCode = StatusCodes.BadNodeIdUnknown };
        if (path.RelativePath.Elements is not { Length: > 0 } elements) return new() { StatusCode = StatusCodes.BadNothingToDo };
        List<Node> here = [start];
        foreach (var element in elements)
        {
            if (string.IsNullOrEmpty(element.TargetName.Name)) return new() { StatusCode = StatusCodes.BadBrowseNameInvalid };
            List<Node> next = [];
            foreach (var node in here)
                foreach (var r in space.References(node, 0, int.MaxValue, Leads, out _))
                    if (space.Find(r.Target) is { } target && target.BrowseName == element.TargetName) next.Add(target);
            if (next.Count == 0) return new() { StatusCode = StatusCodes.BadNoMatch };
            here = next;

            bool Leads(Reference r) => r.Forward != element.IsInverse && (element.ReferenceTypeId == default || r.Type == element.ReferenceTypeId
                || (element.IncludeSubtypes && space.IsSubtype(r.Type, element.ReferenceTypeId)));
        }
        // Nothing is left over of a path that was followed to its end (OPC 10000-4, 5.9.4.3).
        return new() { Targets = [.. here.Select(n => new BrowsePathTarget { TargetId = new(n.Id), RemainingPathIndex = uint.MaxValue })] };
    }
}
