using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

internal sealed partial class EdgeNodeSession
{
    private readonly record struct Held(MessageKind Kind, MetricScope Scope, byte[] Bytes, long ReceiveTicks);

    private readonly Dictionary<int, Held> _held = [];
    private readonly HashSet<int> _givenUp = [];
    private long _heldBytes;
    private TimeSpan _holeSince;
    /// <summary>Unreadable messages since the last good one: each may or may not have used up a number, and has its gap already.</summary>
    private int _unread;
    /// <summary>The next sequence number, 0 to 255; −1 while there is none to expect.</summary>
    private int _expected = -1;

    private void InSequence(
        MessageKind kind, MetricScope scope, in PayloadView payload, ReadOnlySpan<byte> bytes, long receiveTicks, TimeSpan wire)
    {
        if (_phase != Phase.Alive)
        {
            Unborn(kind, scope, payload, receiveTicks, wire);
            return;
        }
        if (!payload.HasSeq || payload.Seq > 255)
        {
            TellSeq(scope, kind, payload);
            Apply(kind, scope, payload, receiveTicks, wire);
            return;
        }
        var seq = (int)payload.Seq;
        if (_expected < 0 || (_held.Count == 0 && ((seq - _expected) & 255) <= _unread)) _expected = seq;
        _unread = 0;
        // Distance ahead on the circle of 256: 0 is the awaited one, below 128 is early, the rest came late or twice.
        var ahead = (seq - _expected) & 255;
        if (ahead == 0)
        {
            _expected = (seq + 1) & 255;
            if (_givenUp.Count > 0) _givenUp.Remove(seq);
            Apply(kind, scope, payload, receiveTicks, wire);
            ApplyHeld(wire);
        }
        else if (ahead >= 128)
        {
            if (_givenUp.Remove(seq)) Apply(kind, scope, payload, receiveTicks, wire);
            else _effects.Tell(scope, SparkplugRules.MessageTwice, $"{kind} {seq} of {Where(scope.Device)} arrived a second time and was dropped. Check for two subscriptions or two nodes of one name.");
        }
        else
        {
            if (_held.Count == 0) _holeSince = wire;
            if (!_held.TryAdd(seq, new(kind, scope, bytes.ToArray(), receiveTicks)))
            {
                _effects.Tell(scope, SparkplugRules.MessageTwice, $"{kind} {seq} of {Where(scope.Device)} arrived a second time and was dropped. Check for two subscriptions or two nodes of one name.");
                return;
            }
            _heldBytes += bytes.Length;
            if (_heldBytes > _limits.MostHeldBytes) ReleaseHeld(wire);
        }
    }

    /// <summary>Works off the held messages that follow without a hole.</summary>
    private void ApplyHeld(TimeSpan wire)
    {
        while (_held.Remove(_expected, out var next))
        {
            _expected = (_expected + 1) & 255;
            _heldBytes -= next.Bytes.Length;
            if (PayloadView.TryRead(next.Bytes, out var payload, out _)) Apply(next.Kind, next.Scope, payload, next.ReceiveTicks, wire);
        }
        _holeSince = wire;
    }

    /// <summary>Waits no longer: the missing numbers are lost, what was held is worked off, and the node is asked for its births.</summary>
    private void ReleaseHeld(TimeSpan wire)
    {
        while (_held.Count > 0)
        {
            var missing = 0;
            while (!_held.ContainsKey((_expected + missing) & 255)) missing++;
            var (from, to) = (_expected, (_expected + missing - 1) & 255);
            for (var i = 0; i < missing; i++) _givenUp.Add((_expected + i) & 255);
            _expected = (_expected + missing) & 255;
            var until = _held[_expected].ReceiveTicks;
            var detail = $"{missing} message{(missing == 1 ? "" : "s")} lost (seq {from} to {to})";
            _effects.Tell(NodeScope, SparkplugRules.SeqSkipped, $"{Where(null)}: {detail}. Check the network and the broker's queues; a rebirth was asked for.");
            foreach (var scope in Scopes) if (scope.IsBorn) Skipped(scope, Math.Min(_lastAppliedTicks, until), until, GapCause.SequenceSkip, detail);
            // One of them may have been a birth that gave an alias a new meaning.
            _aliasesInDoubt = true;
            ApplyHeld(wire);
            WantRebirth(detail, wire);
        }
    }

    private void Unborn(MessageKind kind, MetricScope scope, in PayloadView payload, long receiveTicks, TimeSpan wire)
    {
        if (kind is MessageKind.DDeath) return;
        if (kind is MessageKind.DData or MessageKind.NData && payload.MetricCount > 0)
            _effects.Reject(scope, SparkplugRules.DataBeforeBirth, payload.MetricCount,
                $"{kind} of {Where(scope.Device)} came before a birth; its {payload.MetricCount} values were not filed and a rebirth was asked for.", receiveTicks);
        WantRebirth($"{kind} came before a birth", wire);
        _lastReceiveTicks = receiveTicks;
    }

    private void TellSeq(MetricScope scope, MessageKind kind, in PayloadView payload) => _effects.Tell(
        scope, payload.HasSeq ? SparkplugRules.SeqWrong : SparkplugRules.SeqMissing, payload.HasSeq
            ? $"{kind} of {Where(scope.Device)} has the sequence number {payload.Seq}; 0 to 255 are allowed. Losses cannot be seen until this is mended."
            : $"{kind} of {Where(scope.Device)} has no sequence number. Losses cannot be seen until this is mended.");
}
