using Ieum.Sim.Feeds;
using Ieum.Sim.Play;

namespace Ieum.Sim.MtConnect;

/// <summary>Accounts for an agent's observations over all its instances.</summary>
internal sealed class AgentTally
{
    private readonly Lock _gate = new();
    private ObservationBuffer? _delivering, _ended;
    private long _produced, _unseen, _lost, _garbage, _delivered, _down, _downSeen, _resent, _endedDelivered;
    private (long From, long To) _dropped;
    /// <summary>Sequences of the first picture of this instance, and the last number before which it was drawn.</summary>
    private (HashSet<long> Sequences, long Last)? _picture;
    private bool _seen, _endedSeen;

    /// <summary>Newest sequence of the present instance that was written to a client.</summary>
    public long Delivered { get { lock (_gate) return _delivered; } }

    public OutletCounts Counts(ObservationBuffer buffer)
    {
        lock (_gate)
        {
            // Values put back after a restart were counted when the machine first said them, or while the agent was down.
            var produced = _produced + buffer.Next - 1 + _down - _resent;
            var unseen = _unseen + _down - _downSeen + (_seen ? 0 : buffer.Next - 1);
            return new(produced, produced - unseen, unseen, _lost, _garbage, buffer.Unknown);
        }
    }

    /// <summary>A picture of the present state goes to a client. The first of an instance: what was overwritten before it, nobody has read yet.</summary>
    public void Pictured(ObservationBuffer buffer, in BufferSlice slice)
    {
        lock (_gate)
        {
            if (ReferenceEquals(buffer, _ended)) return;
            // What an overrun dropped and the picture still shows was not destroyed after all.
            foreach (var o in slice.Observations)
                if (o.Sequence > _dropped.From && o.Sequence < _dropped.To) _lost--;
            _dropped = default;
            if (_seen) return;
            _seen = true;
            _picture = ([.. slice.Observations.Select(o => o.Sequence)], slice.Last);
            _unseen += slice.Last - slice.Observations.Count;
        }
    }

    /// <summary>A client that had only the picture now reads the buffer from a number before it: what was overwritten is seen after all.</summary>
    public void ReadsFrom(ObservationBuffer buffer, long from)
    {
        lock (_gate)
        {
            if (_picture is not { } picture || ReferenceEquals(buffer, _ended)) return;
            _picture = null;
            if (from <= picture.Last) _unseen -= picture.Last - from + 1 - picture.Sequences.Count(s => s >= from);
        }
    }

    public void DeliveredUpTo(ObservationBuffer buffer, long sequence)
    {
        lock (_gate)
        {
            if (ReferenceEquals(buffer, _ended))
            {
                // A part that was under way when the instance ended arrived all the same.
                if (_endedSeen && sequence > _endedDelivered) (_lost, _endedDelivered) = (_lost - (sequence - _endedDelivered), sequence);
                return;
            }
            if (!ReferenceEquals(_delivering, buffer)) (_delivering, _delivered) = (buffer, 0);
            // A client that goes straight to /sample reads the whole buffer: nothing is unseen.
            _seen = true;
            _delivered = Math.Max(_delivered, sequence);
        }
    }

    /// <param name="first">The oldest number that is left.</param>
    public void Overrun(long first)
    {
        lock (_gate)
        {
            _lost += Math.Max(0, first - 1 - _delivered);
            _dropped = (_delivered, first);
        }
    }

    public void Garbage() { lock (_gate) _garbage++; }

    /// <summary>A change the machine made while its agent was down.</summary>
    public void WhileDown() { lock (_gate) _down++; }

    /// <summary>The agent is back and learns the present state from its machine.</summary>
    /// <param name="appended">Values put into the new buffer.</param>
    /// <param name="fresh">Those that came while the agent was down.</param>
    public void Restored(IReadOnlyList<FeedLine> appended, IReadOnlySet<FeedLine> fresh)
    {
        lock (_gate)
        {
            _resent += appended.Count;
            _downSeen += appended.Count(fresh.Contains);
            if (_ended is null || !_endedSeen) return;
            // What died undelivered with the old buffer but is still the present state reaches the client after all.
            var undelivered = _ended.From(_endedDelivered + 1).Select(o => (o.Item.Name, o.Ticks, o.Value)).ToHashSet();
            _lost -= appended.Count(l => undelivered.Contains((l.Item, l.Ticks, l.Value)));
        }
    }

    /// <summary>An instance ends: its undelivered observations are lost.</summary>
    public void Restarted(ObservationBuffer old)
    {
        lock (_gate)
        {
            _produced += old.Next - 1;
            if (_seen) _lost += Math.Max(0, old.Next - 1 - _delivered);
            else _unseen += old.Next - 1;
            (_ended, _endedDelivered, _endedSeen) = (old, _delivered, _seen);
            (_seen, _delivered, _picture, _dropped) = (false, 0, null, default);
        }
    }
}
