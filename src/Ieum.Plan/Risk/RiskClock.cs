namespace Ieum.Plan;

/// <summary>When a machine works, in ticks UTC; laid out once and asked half a million times.</summary>
internal sealed class RiskClock
{
    private readonly long[] _from, _to;
    private int _hint;

    /// <param name="open">In order, apart from each other.</param>
    public RiskClock(IEnumerable<(long From, long To)> open)
    {
        List<long> from = [], to = [];
        foreach (var (a, b) in open.Where(o => o.From < o.To).OrderBy(o => o.From))
        {
            if (to.Count > 0 && a <= to[^1]) to[^1] = Math.Max(to[^1], b);
            else { from.Add(a); to.Add(b); }
        }
        (_from, _to) = ([.. from], [.. to]);
    }

    /// <summary>The time that lies in this clock and in other stretches too; null other stretches take nothing away.</summary>
    public RiskClock And(IEnumerable<(long From, long To)>? others)
    {
        if (others is null) return this;
        var other = new RiskClock(others);
        List<(long, long)> both = [];
        for (var (i, k) = (0, 0); i < _from.Length && k < other._from.Length;)
        {
            both.Add((Math.Max(_from[i], other._from[k]), Math.Min(_to[i], other._to[k])));
            if (_to[i] <= other._to[k]) i++; else k++;
        }
        return new(both);
    }

    /// <summary>Ticks of work between two instants.</summary>
    public long Worked(long from, long to)
    {
        long sum = 0;
        for (var i = IndexFrom(from); i < _from.Length && _from[i] < to; i++) sum += Math.Max(0, Math.Min(to, _to[i]) - Math.Max(from, _from[i]));
        return sum;
    }

    /// <summary>When work of so many ticks that may begin at <paramref name="at"/> is done. Past the last stretch it goes on without breaks: that far out a plan is late whatever happens.</summary>
    public long Done(long at, long work, bool unbroken)
    {
        for (var i = IndexFrom(at); i < _from.Length; i++)
        {
            var begin = Math.Max(at, _from[i]);
            var room = _to[i] - begin;
            if (work <= room) return begin + work;
            if (!unbroken) work -= room;
        }
        return Math.Max(at, _to.Length > 0 ? _to[^1] : at) + work;
    }

    /// <summary>First stretch that ends after an instant. The runs ask for much the same places, so the last one is a good guess.</summary>
    private int IndexFrom(long at)
    {
        var i = _hint;
        if (i < _to.Length && _to[i] > at && (i == 0 || _to[i - 1] <= at)) return i;
        i = Array.BinarySearch(_to, at);
        return _hint = i < 0 ? ~i : i + 1;
    }
}
