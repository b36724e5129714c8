using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>The holes that were not looked up in the history yet. Outlives connections: what a lost line left open is taken up on the next one.</summary>
internal sealed class HoleBook(SourceId source, Action<Gap> tell)
{
    private readonly Lock _gate = new();
    private readonly List<Hole> _open = [];

    public bool HasOpen { get { lock (_gate) return _open.Count > 0; } }

    /// <remarks>For the loop that delivers values alone.</remarks>
    public void Add(Hole hole)
    {
        if (hole.Parts.Count == 0) return;
        foreach (var part in hole.Parts) part.Point.Delivered?.Open();
        lock (_gate) _open.Add(hole);
    }

    public Hole? Next() { lock (_gate) return _open.Count > 0 ? _open[0] : null; }

    /// <summary>History was asked; what stays unknown becomes a gap.</summary>
    public Gap? Close(Hole hole, IReadOnlyList<OpcPoint> unknown, string why)
    {
        lock (_gate) _open.Remove(hole);
        return hole.Remains(source, unknown, why);
    }

    /// <summary>The source ends: nothing more will be looked up, and every hole is told.</summary>
    public void GiveUp()
    {
        while (Next() is { } hole)
            if (Close(hole, [.. hole.Parts.Select(p => p.Point)], "The connection ended before its history could be read.") is { } gap) tell(gap);
    }
}
