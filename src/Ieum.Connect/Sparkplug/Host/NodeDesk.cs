using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>One edge node's session and the machines that listen to it.</summary>
/// <remarks>A device's data go to the connection that names the device, else to the one that names the node.</remarks>
internal sealed class NodeDesk : ISessionEffects
{
    private readonly List<SparkplugLane> _lanes = [];
    private readonly Action<string> _askRebirth;

    public NodeDesk(SparkplugSettings first, Action<string> askRebirth)
    {
        _askRebirth = askRebirth;
        Session = new(first.Group, first.Node, first.Limits, this);
    }

    public EdgeNodeSession Session { get; }
    public bool IsEmpty => _lanes.Count == 0;

    public bool TryAdd(SparkplugLane lane)
    {
        if (_lanes.Any(l => l.Settings.Device == lane.Settings.Device)) return false;
        _lanes.Add(lane);
        Forget();
        return true;
    }

    public void Remove(SparkplugLane lane, long nowTicks)
    {
        foreach (var scope in Session.Scopes) if (LaneOf(scope) == lane) Session.Close(scope, nowTicks);
        lane.Settle();
        _lanes.Remove(lane);
        Forget();
    }

    public SparkplugLane? LaneFor(string? device) =>
        _lanes.Find(l => l.Settings.Device == device) ?? _lanes.Find(l => l.Settings.Device is null);

    /// <summary>The metric that feeds a signal of the lane; null when none was announced.</summary>
    public (MetricScope Scope, MetricSlot Slot)? Find(SparkplugLane lane, SignalNumber signal)
    {
        foreach (var scope in Session.Scopes)
            if (LaneOf(scope) == lane)
                foreach (var slot in scope.Slots) if (slot.Signal == signal) return (scope, slot);
        return null;
    }

    /// <summary>Writes the counts of the last message into the health of each machine.</summary>
    /// <returns>Whether a lane is due.</returns>
    public bool Settle()
    {
        var due = false;
        foreach (var lane in _lanes)
        {
            lane.Settle();
            due |= lane.IsDue;
        }
        return due;
    }

    public void Announce(MetricScope scope, MetricSlot slot, in MetricView birth) => LaneOf(scope)?.Announce(scope, slot, birth);
    public void Deliver(MetricScope scope, in Sample sample, SampleOrigin origin) => LaneOf(scope)?.Add(sample, origin);
    public void Reject(MetricScope scope, string rule, long count, string message, long nowTicks) => LaneOf(scope)?.Reject(rule, count, message, nowTicks);

    /// <summary>What the node itself does wrong concerns every machine behind it, when no connection names the node.</summary>
    public void Tell(MetricScope scope, string rule, string message)
    {
        if (LaneOf(scope) is { } lane) lane.Tell(rule, message);
        else if (scope.Device is null)
            foreach (var each in _lanes) each.Tell(rule, message);
    }

    public void Gap(MetricScope scope, TimeRange range, GapCause cause, long? lost, string detail) => LaneOf(scope)?.Add(range, cause, lost, detail);
    public void Clock(MetricScope scope, long sentTicks, long receiveTicks) => LaneOf(scope)?.Clock(sentTicks, receiveTicks);
    public void AskRebirth(string reason) => _askRebirth(reason);

    public void Link(MetricScope scope, LinkState state)
    {
        if (LaneOf(scope) is { } lane && lane.Owns(scope)) lane.Link(state);
    }

    private SparkplugLane? LaneOf(MetricScope scope)
    {
        if (scope.Lane is SparkplugLane known) return known;
        var lane = LaneFor(scope.Device);
        scope.Lane = lane;
        return lane;
    }

    /// <summary>Who listens has changed: every signal is announced anew with the next birth.</summary>
    private void Forget()
    {
        foreach (var scope in Session.Scopes)
        {
            if (scope.Lane == LaneFor(scope.Device)) continue;
            scope.Lane = null;
            foreach (var slot in scope.Slots) (slot.Signal, slot.HasLast, slot.IsMarkedStale) = (default, false, false);
        }
    }
}
