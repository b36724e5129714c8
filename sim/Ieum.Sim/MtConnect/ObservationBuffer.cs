using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.MtConnect;

/// <summary>The agent's sequence buffer: numbers every observation, keeps the newest, knows the present state.</summary>
/// <remarks>Safe for several threads. Sequence numbers begin at 1 with every instance.</remarks>
internal sealed class ObservationBuffer
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DataItem Item, int Index)> _items;
    private readonly Observation[] _ring;
    private StateBoard<Observation> _current = NewBoard();
    // State before the oldest observation of the ring: lets `at` go back as far as the ring does.
    private StateBoard<Observation> _before = NewBoard();
    private long _first = 1, _next = 1;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="sizePower">The buffer holds 2 to this power observations; 1 to 24.</param>
    public ObservationBuffer(DeviceDescription device, int sizePower, long instanceId, long ticks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizePower, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizePower, 24);
        _ring = new Observation[1 << sizePower];
        InstanceId = instanceId;
        _items = device.Items.Select((item, index) => (item, index)).ToDictionary(i => i.item.Name, i => (i.item, i.index), StringComparer.Ordinal);
        foreach (var item in device.Items)
            Append(new FeedLine(ticks, item.Name, item.IsCondition ? Conditions.Unavailable : FeedLine.Unavailable));
    }

    public long InstanceId { get; }
    public int Size => _ring.Length;
    public long First { get { lock (_gate) return _first; } }
    public long Next { get { lock (_gate) return _next; } }

    /// <summary>Lines whose item the device does not have; skipped, as an agent does.</summary>
    public long Unknown { get; private set; }

    /// <summary>Puts a line into the buffer unless it changes nothing (MTConnect part 1: a repeated value is not reported again).</summary>
    /// <returns>True when an observation was made.</returns>
    public bool Append(in FeedLine line)
    {
        lock (_gate)
        {
            if (!_items.TryGetValue(line.Item, out var known)) { Unknown++; return false; }
            var value = known.Item.IsCondition && !line.IsCondition ? Conditions.Unavailable : line.Value;
            if (_current.Holds(line.Item, value)) return false;
            var observation = new Observation(_next, known.Index, known.Item, line.Ticks, value);
            if (_next - _first == _ring.Length) Evict();
            _ring[_next % _ring.Length] = observation;
            _current.Apply(line.Item, observation);
            _next++;
        }
        return true;
    }

    /// <summary>Wakes the streams that wait for news; called once per batch of lines.</summary>
    public void Announce()
    {
        TaskCompletionSource waiting;
        lock (_gate) (waiting, _arrived) = (_arrived, new(TaskCreationOptions.RunContinuationsAsynchronously));
        waiting.TrySetResult();
    }

    /// <summary>Completes at the next <see cref="Announce"/>.</summary>
    public Task Arrival { get { lock (_gate) return _arrived.Task; } }

    /// <summary>Drops all but the newest observation, as if the buffer had been overrun.</summary>
    /// <returns>The new first sequence.</returns>
    public long Overrun()
    {
        lock (_gate)
        {
            while (_first < _next - 1) Evict();
            return _first;
        }
    }

    /// <summary>Up to <paramref name="count"/> observations of the wanted items from <paramref name="from"/> on.</summary>
    /// <param name="wanted">Indexes of items; null for all.</param>
    /// <returns>False when <paramref name="from"/> lies outside of the buffer.</returns>
    public bool TrySample(long from, int count, IReadOnlySet<int>? wanted, out BufferSlice slice)
    {
        lock (_gate)
        {
            if (from < _first || from > _next) { slice = new([], _first, _next - 1, _next, InstanceId); return false; }
            var found = new List<Observation>(Math.Min(count, 1024));
            var at = from;
            for (; at < _next && found.Count < count; at++)
            {
                var observation = _ring[at % _ring.Length];
                if (wanted is null || wanted.Contains(observation.ItemIndex)) found.Add(observation);
            }
            slice = new(found, _first, _next - 1, at, InstanceId);
            return true;
        }
    }

    /// <summary>Everything from <paramref name="from"/> on that is still in the ring.</summary>
    public IReadOnlyList<Observation> From(long from)
    {
        lock (_gate)
        {
            var found = new List<Observation>();
            for (var at = Math.Max(from, _first); at < _next; at++) found.Add(_ring[at % _ring.Length]);
            return found;
        }
    }

    /// <summary>The newest <paramref name="count"/> observations of the wanted items, in order (a negative count of the standard).</summary>
    public BufferSlice Newest(int count, IReadOnlySet<int>? wanted, long? from)
    {
        lock (_gate)
        {
            var found = new List<Observation>();
            var end = Math.Min(from ?? _next - 1, _next - 1);
            for (var at = end; at >= _first && found.Count < count; at--)
                if (_ring[at % _ring.Length] is var o && (wanted is null || wanted.Contains(o.ItemIndex))) found.Add(o);
            found.Reverse();
            return new(found, _first, _next - 1, found.Count > 0 ? found[0].Sequence : _next, InstanceId);
        }
    }

    /// <summary>The state now, or at a sequence that is still in the buffer.</summary>
    public bool TryCurrent(long? at, IReadOnlySet<int>? wanted, out BufferSlice slice)
    {
        lock (_gate)
        {
            slice = new([], _first, _next - 1, _next, InstanceId);
            var board = _current;
            if (at is { } sequence)
            {
                if (sequence < _first || sequence >= _next) return false;
                board = NewBoard();
                foreach (var o in _before.All) board.Apply(o.Item.Name, o);
                for (var s = _first; s <= sequence; s++) board.Apply(_ring[s % _ring.Length].Item.Name, _ring[s % _ring.Length]);
            }
            slice = slice with { Observations = [.. board.All.Where(o => wanted is null || wanted.Contains(o.ItemIndex))] };
            return true;
        }
    }

    private void Evict()
    {
        var oldest = _ring[_first % _ring.Length];
        _before.Apply(oldest.Item.Name, oldest);
        _first++;
    }

    private static StateBoard<Observation> NewBoard() => new(o => o.Value);
}
