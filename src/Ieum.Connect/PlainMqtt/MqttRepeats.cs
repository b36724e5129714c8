using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What a source may ask about its own past: whether everything of an earlier run is recorded, and what was.</summary>
internal sealed record MqttPast(IPlaces Places, IMeasurementHistory History);

/// <summary>Tells what came before from what is new: a message whose acknowledgement was lost, or not given yet, is sent again.</summary>
/// <remarks>
/// Two rules. A message that says so itself (DUP) and has the packet identifier, topic and payload of one taken in this run is
/// that one: whoever sends again uses the same identifier (MQTT 5.0, 4.4). A value that is no newer than the newest of its
/// signal, by a time of its own, is one that is recorded with the same time and value. The second needs no DUP, which not
/// every client sets, and holds over restarts. A message without a time of its own, sent again to another run, counts twice.
/// </remarks>
internal sealed class MqttRepeats(SourceId source, MqttPast? past, TimeProvider wire)
{
    /// <summary>What an earlier run left in the queue must be stored before the record can tell. A store that takes nothing must not keep the box unheard.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    private readonly record struct Newest(long Ticks, bool IsRecorded);

    private readonly RecentHashes _messages = new(), _values = new();
    private readonly Dictionary<SignalNumber, Newest> _newest = [];
    private bool _settled;

    /// <summary>Whether the message was taken before; otherwise it is remembered.</summary>
    public bool IsTaken(in FeedItem item, ulong topic, ulong payload)
    {
        if (item.Packet == 0) return false;
        var key = Mix(Mix(topic, payload), item.Packet);
        if (item.IsRepeat && _messages.Contains(key)) return true;
        _messages.Add(key);
        return false;
    }

    /// <summary>Whether a value with a time of its own was taken before, by this run or an earlier one; otherwise it is remembered.</summary>
    public async ValueTask<bool> IsTakenAsync(SignalNumber signal, long ticks, SampleValue value, bool isRepeat, CancellationToken cancel)
    {
        if (!_newest.TryGetValue(signal, out var newest))
            newest = past?.History.Last(signal) is { } last ? new(last.SourceTicks, true) : new(long.MinValue, false);
        var key = Mix(Mix((ulong)signal.Value, (ulong)ticks), HashOf(value));
        // At the newest time itself a box may have changed its mind: what the loop remembers of it decides, not the record.
        if (ticks < newest.Ticks || (ticks == newest.Ticks && (isRepeat || newest.IsRecorded)))
            if (_values.Contains(key) || await IsRecordedAsync(signal, ticks, value, cancel).ConfigureAwait(false)) return true;
        _values.Add(key);
        _newest[signal] = ticks > newest.Ticks ? new(ticks, false) : newest;
        return false;
    }

    private async ValueTask<bool> IsRecordedAsync(SignalNumber signal, long ticks, SampleValue value, CancellationToken cancel)
    {
        if (past is null) return false;
        if (!_settled)
        {
            _settled = true;
            await past.Places.SettledAsync(source).WaitAsync(SettleLimit, wire, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // A stop does not end the look: what is in hand is decided first.
        await foreach (var s in past.History.RangeAsync(signal, new(new(ticks, TimeSpan.Zero), new(ticks + 1, TimeSpan.Zero)), CancellationToken.None).ConfigureAwait(false))
            if (s.Value == value || (s.Value.Figure is { } recorded && recorded == value.Figure)) return true;
        return false;
    }

    private static ulong HashOf(in SampleValue value)
    {
        var hash = Mix((ulong)value.Kind, (ulong)value.Bits);
        foreach (var c in value.Text ?? "") hash = Mix(hash, c);
        return hash;
    }

    private static ulong Mix(ulong a, ulong b)
    {
        var x = (a ^ System.Numerics.BitOperations.RotateLeft(b, 29)) * 0x9E37_79B9_7F4A_7C15;
        return (x ^ (x >> 32)) + b;
    }

    /// <summary>The last few thousand hashes: more than a sender can have under way without an acknowledgement.</summary>
    private sealed class RecentHashes
    {
        private const int Most = 4096;
        private readonly HashSet<ulong> _set = [];
        private readonly Queue<ulong> _order = [];

        public bool Contains(ulong hash) => _set.Contains(hash);

        public void Add(ulong hash)
        {
            if (!_set.Add(hash)) return;
            _order.Enqueue(hash);
            if (_order.Count > Most) _set.Remove(_order.Dequeue());
        }
    }
}
