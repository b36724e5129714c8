namespace Ieum.Connect.OpcUa.Server;

/// <summary>The monitored item service set (OPC 10000-4, 5.13).</summary>
internal sealed class ItemService(AddressSpace space, SubscriptionTable table, ServerLimits limits, TimeProvider clock)
{
    public CreateMonitoredItemsResponse Create(CreateMonitoredItemsRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session);
        CheckStamps(r.TimestampsToReturn);
        ServiceRefusal.CheckCount(r.ItemsToCreate.Length, limits.MaxMonitoredItemsPerCall);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            Results = [.. r.ItemsToCreate.Select(i => Create(s, i, r.TimestampsToReturn, session))],
        };
    }

    public ModifyMonitoredItemsResponse Modify(ModifyMonitoredItemsRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session);
        CheckStamps(r.TimestampsToReturn);
        ServiceRefusal.CheckCount(r.ItemsToModify.Length, limits.MaxMonitoredItemsPerCall);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            Results = [.. r.ItemsToModify.Select(i => Modify(s, i, r.TimestampsToReturn))],
        };
    }

    public DeleteMonitoredItemsResponse Delete(DeleteMonitoredItemsRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session);
        ServiceRefusal.CheckCount(r.MonitoredItemIds.Length, limits.MaxMonitoredItemsPerCall);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            Results = [.. r.MonitoredItemIds.Select(id =>
            {
                if (s.Find(id) is not { } item || !s.Remove(item)) return StatusCodes.BadMonitoredItemIdInvalid;
                (item.Node as VariableNode)?.Unwatch(item);
                table.ReleaseItems(1);
                return StatusCodes.Good;
            })],
        };
    }

    public SetMonitoringModeResponse SetMode(SetMonitoringModeRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session);
        if (!Enum.IsDefined(r.MonitoringMode)) throw new ServiceRefusal(StatusCodes.BadMonitoringModeInvalid);
        ServiceRefusal.CheckCount(r.MonitoredItemIds.Length, limits.MaxMonitoredItemsPerCall);
        return new()
        {
            ResponseHeader = Fault.Header(r, StatusCodes.Good, clock),
            Results = [.. r.MonitoredItemIds.Select(id =>
            {
                if (s.Find(id) is not { } item) return StatusCodes.BadMonitoredItemIdInvalid;
                var wasOff = item.Mode == MonitoringMode.Disabled;
                s.Change(item, i =>
                {
                    i.Mode = r.MonitoringMode;
                    return i.Mode == MonitoringMode.Disabled ? i.Clear() : 0;
                });
                if (wasOff && item.Mode != MonitoringMode.Disabled) Tell(s, item, session);
                return StatusCodes.Good;
            })],
        };
    }

    public SetTriggeringResponse SetTriggering(SetTriggeringRequest r, ServerSession session)
    {
        var s = Own(r.SubscriptionId, session);
        if (r.LinksToAdd.Length + r.LinksToRemove.Length == 0) throw new ServiceRefusal(StatusCodes.BadNothingToDo);
        ServiceRefusal.CheckCount(r.LinksToAdd.Length + r.LinksToRemove.Length, limits.MaxMonitoredItemsPerCall);
        var trigger = s.Find(r.TriggeringItemId) ?? throw new ServiceRefusal(StatusCodes.BadMonitoredItemIdInvalid);
        var (removed, added) = (new StatusCode[r.LinksToRemove.Length], new StatusCode[r.LinksToAdd.Length]);
        s.Change(trigger, t =>
        {
            for (var i = 0; i < removed.Length; i++)
                removed[i] = t.Untrigger(r.LinksToRemove[i]) ? StatusCodes.Good : StatusCodes.BadMonitoredItemIdInvalid;
            for (var i = 0; i < added.Length; i++)
            {
                added[i] = StatusCodes.BadMonitoredItemIdInvalid;
                if (s.Find(r.LinksToAdd[i]) is not { } linked || linked == t) continue;
                t.Untrigger(linked.Id);
                t.Trigger(linked);
                added[i] = StatusCodes.Good;
            }
            return 0;
        });
        return new() { ResponseHeader = Fault.Header(r, StatusCodes.Good, clock), AddResults = added, RemoveResults = removed };
    }

    private MonitoredItemCreateResult Create(Subscription s, MonitoredItemCreateRequest wanted, TimestampsToReturn stamps, ServerSession session)
    {
        var at = wanted.ItemToMonitor;
        if (space.Find(at.NodeId) is not { } node) return Bad(StatusCodes.BadNodeIdUnknown);
        var ofValue = node is VariableNode && at.AttributeId == AttributeIds.Value;
        if (!ofValue && AttributeReader.Attribute(node, at.AttributeId, session.User) is null) return Bad(StatusCodes.BadAttributeIdInvalid);
        if (!NumericRange.TryParse(at.IndexRange, out var range)) return Bad(StatusCodes.BadIndexRangeInvalid);
        if (at.DataEncoding.Name is { Length: > 0 } encoding && encoding != "Default Binary") return Bad(StatusCodes.BadDataEncodingUnsupported);
        if (!Enum.IsDefined(wanted.MonitoringMode)) return Bad(StatusCodes.BadMonitoringModeInvalid);
        if (!TryFilter(node, ofValue, wanted.RequestedParameters.Filter, out var filter, out var refusal)) return Bad(refusal);
        if (!table.TryReserveItem()) return Bad(StatusCodes.BadTooManyMonitoredItems);
        var item = new MonitoredItem(table.NextItemId(), node, at.AttributeId, range, stamps, table.Book)
        {
            ClientHandle = wanted.RequestedParameters.ClientHandle,
            Mode = wanted.MonitoringMode,
            Filter = filter,
            Sampling = Sampling(wanted.RequestedParameters.SamplingInterval, s, node),
        };
        item.Resize(Size(wanted.RequestedParameters.QueueSize), wanted.RequestedParameters.DiscardOldest);
        if (!s.TryAdd(item))
        {
            table.ReleaseItems(1);
            return Bad(StatusCodes.BadTooManyMonitoredItems);
        }
        if (ofValue) ((VariableNode)node).Watch(item, s);
        else Tell(s, item, session);
        return new() { MonitoredItemId = item.Id, RevisedSamplingInterval = Milliseconds(item.Sampling), RevisedQueueSize = (uint)item.QueueSize };

        static MonitoredItemCreateResult Bad(StatusCode status) => new() { StatusCode = status };
    }

    private MonitoredItemModifyResult Modify(Subscription s, MonitoredItemModifyRequest wanted, TimestampsToReturn stamps)
    {
        if (s.Find(wanted.MonitoredItemId) is not { } item) return new() { StatusCode = StatusCodes.BadMonitoredItemIdInvalid };
        var p = wanted.RequestedParameters;
        if (!TryFilter(item.Node, item.Attribute == AttributeIds.Value, p.Filter, out var filter, out var refusal)) return new() { StatusCode = refusal };
        s.Change(item, i =>
        {
            (i.Stamps, i.ClientHandle, i.Filter, i.Sampling) = (stamps, p.ClientHandle, filter, Sampling(p.SamplingInterval, s, i.Node));
            i.Resize(Size(p.QueueSize), p.DiscardOldest);
            return 0;
        });
        return new() { RevisedSamplingInterval = Milliseconds(item.Sampling), RevisedQueueSize = (uint)item.QueueSize };
    }

    /// <summary>The first report of an attribute that is not followed by <see cref="VariableNode.Set"/>, or of an item switched on again.</summary>
    private void Tell(Subscription s, MonitoredItem item, ServerSession session)
    {
        if (item.Attribute == AttributeIds.Value && item.Node is VariableNode variable) variable.Resend(item, s);
        else if (item.Mode != MonitoringMode.Disabled && AttributeReader.Attribute(item.Node, item.Attribute, session.User) is { } value)
            s.Offer(item, item.Range.Of(new DataValue(value, StatusCodes.Good, default, OpcClock.Now(clock))), 0, force: true);
    }

    private bool TryFilter(Node node, bool ofValue, in ExtensionObject given, out DataFilter filter, out StatusCode refusal)
    {
        (filter, refusal) = (DataFilter.Default, StatusCodes.Good);
        if (given.IsNull) return true;
        if (given.Body is not DataChangeFilter f)
        {
            refusal = given.Body is EventFilter or AggregateFilter ? StatusCodes.BadMonitoredItemFilterUnsupported : StatusCodes.BadMonitoredItemFilterInvalid;
            return false;
        }
        if (!ofValue) return Refuse(StatusCodes.BadFilterNotAllowed, out refusal);
        if (!Enum.IsDefined(f.Trigger)) return Refuse(StatusCodes.BadMonitoredItemFilterInvalid, out refusal);
        if ((DeadbandType)f.DeadbandType == DeadbandType.None)
        {
            filter = new(f.Trigger, -1);
            return true;
        }
        var variable = (VariableNode)node;
        // BaseDataType and Number are abstract: the value itself shows whether it is one.
        if (!Numbers.HasNumbers(space.BuiltInOf(variable.DataType)) && !Numbers.HasNumbers(variable.Value.Value.Type)) return Refuse(StatusCodes.BadFilterNotAllowed, out refusal);
        if (!(f.DeadbandValue >= 0)) return Refuse(StatusCodes.BadDeadbandFilterInvalid, out refusal);
        switch ((DeadbandType)f.DeadbandType)
        {
            case DeadbandType.Absolute:
                filter = new(f.Trigger, f.DeadbandValue);
                return true;
            case DeadbandType.Percent when f.DeadbandValue > 100: return Refuse(StatusCodes.BadDeadbandFilterInvalid, out refusal);
            // A percentage of what? Only a range can tell (OPC 10000-8, 7.2).
            case DeadbandType.Percent when variable.Span is { } span:
                filter = new(f.Trigger, f.DeadbandValue / 100 * Math.Abs(span.High - span.Low));
                return true;
            case DeadbandType.Percent: return Refuse(StatusCodes.BadMonitoredItemFilterUnsupported, out refusal);
            default: return Refuse(StatusCodes.BadMonitoredItemFilterInvalid, out refusal);
        }

        static bool Refuse(StatusCode with, out StatusCode refusal)
        {
            refusal = with;
            return false;
        }
    }

    /// <summary>Ticks between samples: below zero means as often as is published, zero every change (OPC 10000-4, 5.13.1.2).</summary>
    private static long Sampling(double milliseconds, Subscription s, Node node)
    {
        if (!(milliseconds >= 0)) return s.PublishingInterval.Ticks;
        if (milliseconds == 0 && node is VariableNode { IsLive: true }) return s.PublishingInterval.Ticks;
        return (long)(Math.Min(milliseconds, 86_400_000) * TimeSpan.TicksPerMillisecond);
    }

    private int Size(uint wanted) => wanted <= 1 ? 1 : (int)Math.Clamp(wanted, (uint)limits.MinQueueSize, (uint)limits.MaxQueueSize);

    private static double Milliseconds(long ticks) => ticks / (double)TimeSpan.TicksPerMillisecond;

    private static void CheckStamps(TimestampsToReturn stamps)
    {
        if (stamps is < TimestampsToReturn.Source or > TimestampsToReturn.Neither) throw new ServiceRefusal(StatusCodes.BadTimestampsToReturnInvalid);
    }

    private Subscription Own(uint id, ServerSession session) =>
        SubscriptionService.Own(table, id, session) ?? throw new ServiceRefusal(StatusCodes.BadSubscriptionIdInvalid);
}
