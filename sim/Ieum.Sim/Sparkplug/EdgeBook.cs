using Ieum.Sim.Feeds;
using Ieum.Sim.Play;

namespace Ieum.Sim.Sparkplug;

/// <summary>What the node knows and still has to tell: the present value of every metric, and the changes in order.</summary>
/// <remarks>Safe for several threads: the player writes, the session takes.</remarks>
internal sealed class EdgeBook(DeviceMetrics metrics)
{
    /// <summary>Changes kept while they cannot be sent; the oldest go first, as on a box with little memory.</summary>
    public const int Capacity = 200_000;

    public DeviceMetrics Metrics { get; } = metrics;

    private readonly Lock _gate = new();
    private readonly MetricState?[] _present = new MetricState?[metrics.Count];
    private readonly Queue<MetricState> _queue = new();
    // Changes from before the latest birth: told as history, so that they are not taken for news.
    private readonly Queue<MetricState> _history = new();
    private long _produced, _sent, _ignored, _garbage;
    private bool _keeping;
    /// <summary>Taken and on its way: neither queued nor sent, and not lost either.</summary>
    private List<MetricState> _inHand = [];

    /// <summary>True while changes are queued: the node is born, or it stores for later. Otherwise only the present values are kept.</summary>
    public bool Keeping { get { lock (_gate) return _keeping; } set { lock (_gate) { (_keeping, _inHand) = (value, []); if (!value) { _queue.Clear(); _history.Clear(); } } } }

    public int Queued { get { lock (_gate) return _queue.Count + _history.Count; } }

    public OutletCounts Counts
    {
        get
        {
            lock (_gate)
            {
                var waiting = _queue.Count(s => !s.Sent) + _history.Count(s => !s.Sent) + _inHand.Count(s => !s.Sent) + _present.Count(s => s is { Sent: false } && !_keeping);
                return new(_produced, _sent, Math.Max(0, _produced - _sent - waiting), 0, _garbage, _ignored);
            }
        }
    }

    public void CountGarbage() { lock (_gate) _garbage++; }

    /// <summary>Report by exception: a value that is the present one already is no news.</summary>
    public void Write(IReadOnlyList<FeedLine> lines, long skew)
    {
        lock (_gate)
            foreach (var line in lines)
            {
                var metric = Metrics.IndexOf(line.Item);
                if (metric < 0) { _ignored++; continue; }
                if (_present[metric]?.Value == line.Value) continue;
                _produced++;
                var state = _present[metric] = new(metric, line.Ticks + skew, line.Value);
                if (!_keeping) continue;
                if (_queue.Count == Capacity) _queue.Dequeue();
                _queue.Enqueue(state);
            }
    }

    /// <summary>The present values for a birth; they count as sent by <see cref="Sent"/>. Changes are kept from this moment on.</summary>
    /// <param name="dropQueue">The birth tells all there is to tell: what is queued is older than it.</param>
    public MetricState?[] Present(bool dropQueue)
    {
        lock (_gate)
        {
            if (!dropQueue) foreach (var state in _queue) _history.Enqueue(state);
            _queue.Clear();
            (_keeping, _inHand) = (true, [.. _present.OfType<MetricState>()]);
            return [.. _present];
        }
    }

    /// <summary>Takes up to <paramref name="most"/> changes out of the queue, leaving out those a birth has told.</summary>
    /// <param name="historical">From before the latest birth, or since.</param>
    public List<MetricState> Take(int most, bool historical)
    {
        lock (_gate)
        {
            var queue = historical ? _history : _queue;
            var taken = new List<MetricState>(Math.Min(most, queue.Count));
            while (taken.Count < most && queue.TryDequeue(out var state))
                if (!state.Sent) taken.Add(state);
            return _inHand = taken;
        }
    }

    /// <summary>Gives back what was taken and could not be sent; it is told first the next time.</summary>
    public void Return(IEnumerable<MetricState> states)
    {
        lock (_gate)
        {
            MetricState[] later = [.. states, .. _queue];
            _inHand = [];
            _queue.Clear();
            foreach (var state in later) _queue.Enqueue(state);
        }
    }

    public void Sent(IEnumerable<MetricState?> states)
    {
        lock (_gate)
            foreach (var state in states)
            {
                if (state is null or { Sent: true }) continue;
                state.Sent = true;
                _sent++;
            }
    }
}
