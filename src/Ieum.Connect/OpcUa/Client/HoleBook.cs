using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>The holes that were not looked up in the history yet. Outlives connections: what a lost line left open is taken up on the next one; and, by its <see cref="Place"/>, the node.</summary>
/// <param name="boot">The node's clock now; null: it is not kept.</param>
internal sealed class HoleBook(SourceId source, Action<Gap> tell, Func<BootTime>? boot = null)
{
    private readonly Lock _gate = new();
    private readonly List<Hole> _open = [], _unsettled = [];
    private string? _led;
    private long? _serverStart;

    public bool HasOpen { get { lock (_gate) return _open.Count > 0; } }

    /// <summary>A connection stands: from now on there is a place to go on from.</summary>
    /// <param name="serverStart">When the server was started: UTC ticks, 0 when it does not tell.</param>
    public void Stand(long serverStart) { lock (_gate) _serverStart = serverStart; }

    /// <remarks>For the loop that delivers values alone.</remarks>
    public void Add(Hole hole)
    {
        if (hole.Parts.Count == 0) return;
        foreach (var part in hole.Parts) part.Point.Delivered?.Open();
        lock (_gate)
        {
            _open.Add(hole);
            _unsettled.Add(hole);
            _led = null;
        }
    }

    public Hole? Next() { lock (_gate) return _open.Count > 0 ? _open[0] : null; }

    /// <summary>History was asked; what stays unknown becomes a gap.</summary>
    public IReadOnlyList<Gap> Close(Hole hole, FillOutcome outcome, TimeSpan skew)
    {
        lock (_gate) _open.RemoveAll(h => ReferenceEquals(h, hole));
        return [.. hole.Remains(source, outcome, skew)];
    }

    /// <summary>Everything history had to say and every gap was handed over: what was closed need not be known after a restart.</summary>
    public void Settle() { lock (_gate) _unsettled.RemoveAll(u => !_open.Exists(o => ReferenceEquals(o, u))); }

    /// <summary>What must be known after a restart of the node; null before the first connection stood.</summary>
    /// <param name="mustLead">Whether it must be handed over ahead of the samples that wait: a hole was opened since.</param>
    public string? Place(out bool mustLead)
    {
        lock (_gate)
        {
            mustLead = false;
            if (_serverStart is not { } start) return null;
            var place = new OpcPlace(start, [.. _unsettled.Select(h => new OpenStretch(h.Range, h.Cause, h.WasServerDown))]) { Boot = boot?.Invoke() ?? BootTime.None }.ToString();
            mustLead = _led is null && _unsettled.Count > 0;
            _led = place;
            return place;
        }
    }

    /// <summary>The source ends: nothing more will be looked up, and every hole is told.</summary>
    public void GiveUp()
    {
        while (Next() is { } hole)
            foreach (var gap in Close(hole, new([.. hole.Parts.Select(p => p.Point)], "The connection ended before its history could be read.", []), TimeSpan.Zero)) tell(gap);
        Settle();
    }
}
