namespace Ieum.Plan;

/// <summary>
/// The working time of one machine laid end to end: minute 0, 1, 2 … of work against the minutes of the clock.
/// </summary>
/// <remarks>
/// Work is interrupted by the calendar but not by other work, so on this axis every operation is one unbroken stretch
/// and two operations of a machine simply must not overlap. Minutes of the clock count from the origin of the problem;
/// only minutes that are worked completely are on the axis.
/// </remarks>
internal sealed class WorkAxis
{
    private readonly long[] _from, _to, _before;

    private WorkAxis(long[] from, long[] to)
    {
        (_from, _to) = (from, to);
        _before = new long[from.Length + 1];
        for (var i = 0; i < from.Length; i++) _before[i + 1] = _before[i] + to[i] - from[i];
    }

    public int Pieces => _from.Length;

    /// <summary>Minutes of work on the whole axis.</summary>
    public long Capacity => _before[^1];

    /// <param name="pieces">Stretches of work by the clock, in order; those that touch are joined.</param>
    public static WorkAxis Of(IEnumerable<(long From, long To)> pieces)
    {
        List<long> from = [], to = [];
        foreach (var (a, b) in pieces)
        {
            if (to.Count > 0 && to[^1] >= a) to[^1] = Math.Max(to[^1], b);
            else { from.Add(a); to.Add(b); }
        }
        return new WorkAxis([.. from], [.. to]);
    }

    /// <summary>Minutes of work before a minute of the clock: the place on the axis of the first work at or after it.</summary>
    public long At(long clock)
    {
        var i = Array.BinarySearch(_from, clock);
        if (i < 0) i = ~i - 1;
        return i < 0 ? 0 : _before[i] + Math.Min(clock, _to[i]) - _from[i];
    }

    /// <summary>The minute of the clock at which work that begins at <paramref name="place"/> begins.</summary>
    public long ClockOfStart(long place) => Clock(place);

    /// <summary>The minute of the clock at which work that ends at <paramref name="place"/> has ended; place 1 or more.</summary>
    public long ClockOfEnd(long place) => Clock(place - 1) + 1;

    /// <summary>Where on the axis clock time jumps, between two places, and by how much; in order.</summary>
    public IEnumerable<(long Place, long Jump)> Jumps(long low, long high)
    {
        var i = Array.BinarySearch(_before, low);
        for (i = i < 0 ? ~i : i + 1; i < _from.Length && _before[i] <= high; i++)
            yield return (_before[i], _from[i] - _to[i - 1]);
    }

    /// <summary>Working stretches by the clock that end after a minute, the first one cut there.</summary>
    public IEnumerable<(long From, long To)> PiecesFrom(long clock)
    {
        for (var i = 0; i < _from.Length; i++)
            if (_to[i] > clock) yield return (Math.Max(clock, _from[i]), _to[i]);
    }

    public bool SameAs(WorkAxis other) => _from.AsSpan().SequenceEqual(other._from) && _to.AsSpan().SequenceEqual(other._to);

    private long Clock(long place)
    {
        var i = Array.BinarySearch(_before, place);
        if (i < 0) i = ~i - 1;
        if (place < 0 || i >= _from.Length) throw new BeyondHorizonException();
        return _from[i] + place - _before[i];
    }

}

/// <summary>The work runs past the end of the axis; caught inside the room and told as an outcome.</summary>
internal sealed class BeyondHorizonException() : Exception("The work does not fit into the planning horizon.");
