using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

/// <summary>What the host knows of one edge node, and what follows from the next message or the passing of time.</summary>
/// <remarks>
/// Pure: no clock, no socket. Every step gets the factory time (UTC ticks, for stamps) and the wire time (since any fixed
/// point, for limits), and tells its effects what to do. One thread at a time.
/// </remarks>
internal sealed partial class EdgeNodeSession
{
    private enum Phase { Unknown, Alive, Dead }

    private readonly SessionLimits _limits;
    private readonly ISessionEffects _effects;
    private readonly Dictionary<string, MetricScope> _devices = new(StringComparer.Ordinal);
    private Phase _phase;
    private ulong? _bdSeq;
    /// <summary>Messages were lost since the last birth, so an alias may have changed its meaning unseen.</summary>
    private bool _aliasesInDoubt;
    private long _lastReceiveTicks;
    /// <summary>Receipt of the last message that was acted on; where a hole begins.</summary>
    private long _lastAppliedTicks;

    public EdgeNodeSession(string group, string node, SessionLimits limits, ISessionEffects effects)
    {
        (Group, Node, _limits, _effects) = (group, node, limits, effects);
        NodeScope = new(null);
    }

    public string Group { get; }
    public string Node { get; }
    public MetricScope NodeScope { get; }
    public IEnumerable<MetricScope> Scopes => _devices.Values.Prepend(NodeScope);
    public bool IsAlive => _phase == Phase.Alive;

    /// <summary>Takes one message. The bytes may be reused afterwards.</summary>
    /// <param name="receiveTicks">Factory time of receipt, UTC ticks.</param>
    public void Take(MessageKind kind, string? device, ReadOnlySpan<byte> bytes, long receiveTicks, TimeSpan wire)
    {
        if (kind is MessageKind.NCommand or MessageKind.DCommand) return;
        Heard(wire, isBirth: kind is MessageKind.NBirth or MessageKind.DBirth);
        var scope = ScopeOf(device, out var known);
        if (!known)
        {
            _effects.Tell(NodeScope, SparkplugRules.TooManyMetrics, $"{Group}/{Node} has more than {_limits.MostDevices} devices; '{device}' was left out. Split the node.");
            return;
        }
        var sound = PayloadView.TryRead(bytes, out var payload, out var reason);
        if (sound && PayloadInflater.IsCompressed(payload))
        {
            sound = PayloadInflater.TryInflate(payload.Body, _limits.MostInflated, out var inflated, out reason)
                && PayloadView.TryRead(bytes = inflated, out payload, out reason);
        }
        if (!sound)
        {
            _effects.Tell(scope, SparkplugRules.PayloadUnreadable,
                $"{kind} of {Where(device)}: {reason}. Check the encoder of the edge node; the message was dropped.");
            Skipped(scope, _lastAppliedTicks == 0 ? receiveTicks : _lastAppliedTicks, receiveTicks, GapCause.Garbage, $"an unreadable {kind} of {bytes.Length} bytes: {reason}");
            if (kind is not (MessageKind.NBirth or MessageKind.NDeath)) _unread++;
            _lastReceiveTicks = receiveTicks;
            return;
        }
        switch (kind)
        {
            case MessageKind.NDeath: NodeDeath(payload, receiveTicks, wire); break;
            case MessageKind.NBirth: NodeBirth(payload, receiveTicks, wire); break;
            default: InSequence(kind, scope, payload, bytes, receiveTicks, wire); break;
        }
        _lastReceiveTicks = Math.Max(_lastReceiveTicks, receiveTicks);
    }

    /// <summary>Acts on a message whose turn it is.</summary>
    private void Apply(MessageKind kind, MetricScope scope, in PayloadView payload, long receiveTicks, TimeSpan wire)
    {
        switch (kind)
        {
            case MessageKind.DBirth: Birth(scope, payload, receiveTicks); break;
            case MessageKind.DDeath: Die(scope, GapCause.Death, DeathTicks(payload, receiveTicks), receiveTicks, "the edge node said so (DDEATH)"); break;
            default: Data(scope, payload, receiveTicks, wire); break;
        }
        _lastAppliedTicks = receiveTicks;
    }

    private void NodeBirth(in PayloadView payload, long receiveTicks, TimeSpan wire)
    {
        ReleaseHeld(wire);
        var bdSeq = BdSeqOf(payload);
        if (bdSeq is null)
            _effects.Tell(NodeScope, SparkplugRules.BdSeqMissing, $"NBIRTH of {Where(null)} has no bdSeq; its death can only be told by silence. Update the edge node.");
        if (_phase == Phase.Alive && bdSeq != _bdSeq)
        {
            var detail = $"the node began a new session (bdSeq {_bdSeq} → {bdSeq}) without a death message";
            foreach (var scope in Scopes) Die(scope, GapCause.PeerRestart, Math.Max(_lastReceiveTicks, 1), receiveTicks, detail);
        }
        // Devices are born anew after their node; until then their aliases mean nothing.
        foreach (var device in _devices.Values)
        {
            if (device.IsBorn) _effects.Link(device, LinkState.Connecting);
            device.IsBorn = false;
            device.BeginBirth();
        }
        (_phase, _bdSeq, _aliasesInDoubt) = (Phase.Alive, bdSeq, false);
        _expected = payload.HasSeq && payload.Seq <= 255 ? ((int)payload.Seq + 1) & 255 : -1;
        if (!payload.HasSeq || payload.Seq > 255) TellSeq(NodeScope, MessageKind.NBirth, payload);
        BirthArrived();
        Birth(NodeScope, payload, receiveTicks);
        _lastAppliedTicks = receiveTicks;
    }

    private void NodeDeath(in PayloadView payload, long receiveTicks, TimeSpan wire)
    {
        var bdSeq = BdSeqOf(payload);
        if (bdSeq is null || bdSeq != _bdSeq || _phase != Phase.Alive)
        {
            // A will of an earlier connection arrives after the new birth when a broker is slow to notice the old one.
            if (_phase == Phase.Alive)
                _effects.Tell(NodeScope, bdSeq is null ? SparkplugRules.BdSeqMissing : SparkplugRules.DeathNotCurrent,
                    $"NDEATH of {Where(null)} has bdSeq {bdSeq?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, the present session has {_bdSeq}; ignored. Harmless once after a fast restart; otherwise two nodes share one name.");
            return;
        }
        ReleaseHeld(wire);
        foreach (var scope in Scopes) Die(scope, GapCause.Death, receiveTicks, receiveTicks, $"the edge node died (NDEATH, bdSeq {bdSeq})");
        (_phase, _expected) = (Phase.Dead, -1);
    }

    /// <summary>The will is written at connect time, so an NDEATH has no useful time of its own; a DDEATH has.</summary>
    private long DeathTicks(in PayloadView payload, long receiveTicks) =>
        payload.HasTimestamp && MetricValues.TryTicks(payload.Timestamp, receiveTicks, out var sent) && sent >= _lastReceiveTicks - TimeSpan.TicksPerDay
            ? sent : receiveTicks;

    /// <summary>Marks everything of the scope as stale and opens its outage.</summary>
    private void Die(MetricScope scope, GapCause cause, long deathTicks, long receiveTicks, string detail)
    {
        if (!scope.IsBorn) return;
        scope.IsBorn = false;
        if (scope.OutageFrom is null)
            (scope.OutageFrom, scope.OutageCause, scope.OutageDetail) = (Math.Min(deathTicks, receiveTicks), cause, detail);
        foreach (var slot in scope.Slots)
        {
            if (!slot.HasLast || slot.IsMarkedStale) continue;
            slot.IsMarkedStale = true;
            if (slot.Signal.Value == 0) continue;
            // One tick after the value, when the peer's clock runs ahead of ours, so that the mark is the newest.
            var at = Math.Max(deathTicks, slot.LastSourceTicks + 1);
            _effects.Deliver(scope, new(slot.Signal, at, receiveTicks, slot.LastValue, Quality.Stale), SampleOrigin.Mark);
        }
        _effects.Link(scope, LinkState.Disconnected);
    }

    /// <summary>Ends the outage of a scope, if one is open, with a gap.</summary>
    private void EndOutage(MetricScope scope, long nowTicks)
    {
        if (scope.OutageFrom is not { } from) return;
        scope.OutageFrom = null;
        _effects.Gap(scope, RangeOf(from, nowTicks), scope.OutageCause, null, scope.OutageDetail);
    }

    private void Skipped(MetricScope scope, long from, long to, GapCause cause, string detail) =>
        _effects.Gap(scope, RangeOf(from, to), cause, null, detail);

    private static TimeRange RangeOf(long from, long to) =>
        new(new DateTimeOffset(from, TimeSpan.Zero), new DateTimeOffset(Math.Max(from, to), TimeSpan.Zero));

    /// <summary>The bdSeq metric; the last one when a library adds a second.</summary>
    private static ulong? BdSeqOf(in PayloadView payload)
    {
        ulong? found = null;
        var walk = payload.Metrics;
        while (walk.TryNext(out var bytes))
            if (MetricView.TryRead(bytes, out var m, out _) && m.Name.SequenceEqual("bdSeq"u8) && m.Kind is WireValue.Int or WireValue.Long)
                found = m.Bits;
        return found;
    }

    private MetricScope ScopeOf(string? device, out bool known)
    {
        known = true;
        if (device is null) return NodeScope;
        if (_devices.TryGetValue(device, out var scope)) return scope;
        if (_devices.Count >= _limits.MostDevices)
        {
            known = false;
            return NodeScope;
        }
        return _devices[device] = new(device);
    }

    private string Where(string? device) => device is null ? $"{Group}/{Node}" : $"{Group}/{Node}/{device}";
}
