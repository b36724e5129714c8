using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>What is still to be told: fresh values in order, and for everything else, by signal, the stretch of time to be read back from the recorder.</summary>
/// <remarks>Safe for several threads. Memory is bounded: 65,536 fresh values, one stretch per signal, and what was told in the last seconds.</remarks>
internal sealed class EdgeBacklog(TimeProvider wire)
{
    public const int MostFresh = 65_536;

    /// <summary>A broken cable shows after a keep-alive and its answer; what was written into it meanwhile is told again.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(20);

    /// <summary>A stretch that the recorder does not have for so long is given up: it refused the values.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="From">UTC ticks of the oldest untold value; <paramref name="To"/> of the newest, both included.</param>
    public readonly record struct Stretch(long From, long To, long Since);

    private readonly Lock _gate = new();
    private readonly Queue<Sample> _fresh = new();
    private readonly Dictionary<SignalNumber, Stretch> _behind = [];
    private readonly Queue<(long At, SignalNumber Signal, long Ticks)> _told = new();
    private bool _open;

    public int Behind { get { lock (_gate) return _behind.Count; } }
    public bool HasFresh { get { lock (_gate) return _fresh.Count > 0; } }

    /// <summary>Newest time told as fresh; null before the first. Signals with a stretch that waits are behind it: see <see cref="Owed"/>.</summary>
    public long? Through { get; private set; }

    /// <summary>Since when something of a signal waits, whatever newer was told meanwhile.</summary>
    public IReadOnlyDictionary<SignalNumber, long> Owed() { lock (_gate) return _behind.ToDictionary(p => p.Key, p => p.Value.From); }

    /// <summary>Takes fresh values: into the queue while the node is born, else, or when it is full, as stretches.</summary>
    public void Add(ReadOnlySpan<Sample> samples)
    {
        lock (_gate)
            foreach (ref readonly var s in samples)
                if (_open && _fresh.Count < MostFresh) _fresh.Enqueue(s);
                else Mark(s.Signal, s.SourceTicks, s.SourceTicks);
    }

    /// <summary>The node is born: fresh values are queued from now on.</summary>
    public void Open() { lock (_gate) _open = true; }

    /// <summary>The session is over. What waits, and what may have been lost on the way, is told later.</summary>
    /// <param name="orderly">Nothing was lost on the way.</param>
    public void Close(bool orderly)
    {
        lock (_gate)
        {
            _open = false;
            while (_fresh.TryDequeue(out var s)) Mark(s.Signal, s.SourceTicks, s.SourceTicks);
            var now = wire.GetTimestamp();
            while (_told.TryDequeue(out var t))
                if (!orderly && wire.GetElapsedTime(t.At, now) < Doubt) Mark(t.Signal, t.Ticks, t.Ticks);
        }
    }

    /// <summary>Nothing is owed any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _fresh.Clear();
            _behind.Clear();
            _told.Clear();
            (_open, Through) = (false, null);
        }
    }

    /// <summary>UTC ticks of the oldest value that waits to be told as history; null: none.</summary>
    public long? Oldest { get { lock (_gate) return _behind.Count == 0 ? null : _behind.Values.Min(s => s.From); } }

    public List<Sample> TakeFresh(int most)
    {
        lock (_gate)
        {
            var taken = new List<Sample>(Math.Min(most, _fresh.Count));
            while (taken.Count < most && _fresh.TryDequeue(out var s)) taken.Add(s);
            return taken;
        }
    }

    public void Told(IReadOnlyList<Sample> samples)
    {
        lock (_gate)
        {
            var now = wire.GetTimestamp();
            foreach (var s in samples)
            {
                _told.Enqueue((now, s.Signal, s.SourceTicks));
                Through = Math.Max(Through ?? 0, s.SourceTicks);
            }
            while (_told.Count > 4 * MostFresh || (_told.TryPeek(out var oldest) && wire.GetElapsedTime(oldest.At, now) > Doubt)) _told.Dequeue();
        }
    }

    public void Later(IEnumerable<Sample> samples) { lock (_gate) foreach (var s in samples) Mark(s.Signal, s.SourceTicks, s.SourceTicks); }

    /// <summary>Everything of the signal from one instant to another is to be told later.</summary>
    public void Later(SignalNumber signal, long from, long to) { lock (_gate) Mark(signal, from, to); }

    public IReadOnlyList<(SignalNumber Signal, Stretch Stretch)> Stretches() { lock (_gate) return [.. _behind.Select(p => (p.Key, p.Value))]; }

    /// <summary>The stretch was read, and told up to <paramref name="through"/>; null: nothing of it was found.</summary>
    /// <returns>False when its rest was given up.</returns>
    public bool Advance(SignalNumber signal, in Stretch read, long? through)
    {
        lock (_gate)
        {
            // Something older came meanwhile: the whole is told again rather than losing that.
            if (!_behind.TryGetValue(signal, out var s) || s.From < read.From) return true;
            if (through >= s.To) _behind.Remove(signal);
            else if (through is { } t) _behind[signal] = new(t + 1, s.To, wire.GetTimestamp());
            else if (wire.GetElapsedTime(s.Since) > Patience) return !_behind.Remove(signal);
            return true;
        }
    }

    private void Mark(SignalNumber signal, long from, long to) => _behind[signal] = _behind.TryGetValue(signal, out var known)
        ? new(Math.Min(known.From, from), Math.Max(known.To, to), known.Since) : new(from, to, wire.GetTimestamp());
}
