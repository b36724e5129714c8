using System.Buffers;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Host;

internal sealed partial class SparkplugHost
{
    /// <summary>Where messages of one topic go; remembered, so that a topic is taken apart once.</summary>
    private sealed record Route(SparkplugTopic Topic, NodeDesk? Desk);

    private const int MostRoutes = 10_000;

    private readonly Dictionary<(string Group, string Node), NodeDesk> _desks = [];
    private readonly Dictionary<string, Route?> _routes = new(StringComparer.Ordinal);
    private readonly List<SparkplugLane> _lanes = [];
    private readonly List<SparkplugProbe> _probes = [];
    private bool _isUp;

    private async Task LoopAsync(CancellationToken cancel)
    {
        var lastTick = Wire;
        try
        {
            while (await _inbox.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
            {
                while (_inbox.Reader.TryRead(out var item))
                {
                    try
                    {
                        await HandleAsync(item, cancel).ConfigureAwait(false);
                        var wire = Wire;
                        if (wire - lastTick >= TickEvery)
                        {
                            lastTick = wire;
                            var now = Now;
                            if (_isUp) foreach (var desk in _desks.Values) desk.Session.Tick(now, wire);
                            await FlushAsync(cancel).ConfigureAwait(false);
                        }
                    }
                    catch (Exception fault) when (fault is not OperationCanceledException)
                    {
                        // A bug of ours in one message must not end the connection of every machine.
                        Log.Unexpected(_log, fault, _transport.Name);
                        foreach (var lane in _lanes) lane.Tell(ConnectRules.Unexpected, $"A message could not be handled: {fault.Message} Report this with the log.");
                    }
                    if (item.Kind == ItemKind.Message) ArrayPool<byte>.Shared.Return(item.Bytes);
                }
            }
        }
        finally
        {
            foreach (var lane in _lanes) lane.Complete();
        }
    }

    private async ValueTask HandleAsync(Item item, CancellationToken cancel)
    {
        switch (item.Kind)
        {
            case ItemKind.Message:
                if (Take(item)) await FlushAsync(cancel).ConfigureAwait(false);
                break;
            case ItemKind.TooLarge: RefuseLarge(item); break;
            case ItemKind.Tick: Volatile.Write(ref _tickWaits, 0); break;
            case ItemKind.LinkUp:
                _isUp = true;
                Log.Online(_log, _options.HostId, _transport.Name);
                foreach (var lane in _lanes) lane.Link(LinkState.Connecting);
                foreach (var desk in _desks.Values) desk.Session.LinkBack(Wire);
                foreach (var probe in _probes) AskRebirth(probe.Settings.Group, probe.Settings.Node, "a connection is tested");
                break;
            case ItemKind.LinkDown:
                Log.Offline(_log, _transport.Name, item.Text, (string)item.What!);
                if (_isUp) foreach (var desk in _desks.Values) desk.Session.LinkLost(item.ReceiveTicks);
                _isUp = false;
                foreach (var lane in _lanes)
                {
                    lane.Tell(item.Text, (string)item.What!);
                    lane.Link(item.Text is SparkplugRules.BrokerRefused or SparkplugRules.BrokerPortTaken ? LinkState.Refused : LinkState.Disconnected);
                }
                break;
            case ItemKind.Attach: await EnterAsync((SparkplugLane)item.What!, cancel).ConfigureAwait(false); break;
            case ItemKind.Detach:
                var (leaving, done) = ((SparkplugLane, TaskCompletionSource))item.What!;
                await LeaveAsync(leaving, cancel).ConfigureAwait(false);
                done.TrySetResult();
                break;
            case ItemKind.Probe:
                var probing = (SparkplugProbe)item.What!;
                _probes.Add(probing);
                await ListenAsync(cancel).ConfigureAwait(false);
                if (_isUp) AskRebirth(probing.Settings.Group, probing.Settings.Node, "a connection is tested");
                break;
            case ItemKind.Ask: await AnswerAsync((SparkplugAsk)item.What!, cancel).ConfigureAwait(false); break;
            case ItemKind.EndProbe:
                _probes.Remove((SparkplugProbe)item.What!);
                break;
        }
    }

    /// <returns>Whether a lane is due.</returns>
    private bool Take(in Item item)
    {
        if (RouteOf(item.Text) is not { } route) return false;
        foreach (var probe in _probes) probe.See(route.Topic, item.Bytes.AsSpan(0, item.Length));
        if (route.Desk is not { } desk) return false;
        desk.Session.Take(route.Topic.Kind, route.Topic.Device, item.Bytes.AsSpan(0, item.Length), item.ReceiveTicks, Wire);
        return desk.Settle();
    }

    private Route? RouteOf(string topic)
    {
        if (_routes.TryGetValue(topic, out var known))
        {
            if (known is null) TellTopic(topic);
            return known;
        }
        // A peer that invents topics must not fill the memory.
        if (_routes.Count >= MostRoutes) _routes.Clear();
        Route? route = null;
        if (SparkplugTopic.TryParse(topic, out var parsed)) route = new(parsed!, _desks.GetValueOrDefault((parsed!.Group, parsed.Node)));
        else TellTopic(topic);
        return _routes[topic] = route;
    }

    private void TellTopic(string topic)
    {
        var parts = topic.Split('/');
        if (parts.Length > 1 && parts[1] == "STATE") return;   // other hosts are none of our business
        foreach (var lane in _lanes)
            if (parts.Length > 1 && parts[1] == lane.Settings.Group && (parts.Length < 4 || parts[3] == lane.Settings.Node))
                lane.Tell(SparkplugRules.TopicWrong, $"Topic '{topic}' is none of Sparkplug B: expected spBv1.0/group/NBIRTH|NDATA|NDEATH/node or DBIRTH|DDATA|DDEATH with a device. Mend the edge node.");
    }

    private void RefuseLarge(in Item item)
    {
        if (RouteOf(item.Text) is not { Desk: { } desk } route) return;
        desk.LaneFor(route.Topic.Device)?.Tell(SparkplugRules.PayloadTooLarge,
            $"A {route.Topic.Kind} of {route.Topic.Group}/{route.Topic.Node} has {item.Length} bytes, the limit is {_options.MaxMessageBytes}. Split the message or raise Broker:MaxMessageBytes.");
    }

    private async ValueTask EnterAsync(SparkplugLane lane, CancellationToken cancel)
    {
        var key = (lane.Settings.Group, lane.Settings.Node);
        if (!_desks.TryGetValue(key, out var desk))
            desk = _desks[key] = new(lane.Settings, reason => AskRebirth(key.Group, key.Node, reason));
        if (!desk.TryAdd(lane))
        {
            lane.Tell(SparkplugRules.EndpointTaken, $"Another connection of this node already reads {key.Group}/{key.Node}/{lane.Settings.Device}. Remove one of the two.");
            lane.Link(LinkState.Refused);
            lane.Complete();
            return;
        }
        _lanes.Add(lane);
        _routes.Clear();
        lane.Link(_isUp ? LinkState.Connecting : LinkState.Disconnected);
        await ListenAsync(cancel).ConfigureAwait(false);
        if (_isUp) desk.Session.Attached(Wire);
    }

    private async ValueTask LeaveAsync(SparkplugLane lane, CancellationToken cancel)
    {
        if (!_lanes.Remove(lane)) return;
        var key = (lane.Settings.Group, lane.Settings.Node);
        if (_desks.TryGetValue(key, out var desk))
        {
            desk.Remove(lane, Now);
            if (desk.IsEmpty) _desks.Remove(key);
        }
        _routes.Clear();
        await lane.FlushAsync(cancel).ConfigureAwait(false);
        lane.Complete();
    }

    private async ValueTask ListenAsync(CancellationToken cancel)
    {
        try
        {
            await _transport.ListenAsync([.. _lanes.Select(l => l.Settings.Group).Concat(_probes.Select(p => p.Settings.Group)).Distinct()], cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // The connection broke in this moment; all groups are subscribed again when it is back.
            Log.PublishFailed(_log, "subscribe", e.Message);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancel)
    {
        for (var i = 0; i < _lanes.Count; i++)
            if (_lanes[i].IsDue) await _lanes[i].FlushAsync(cancel).ConfigureAwait(false);
    }
}
