namespace Ieum.Plan;

/// <summary>When something works: stretches of minutes since the origin, in order, apart from each other, each with a price.</summary>
/// <remarks>Immutable. Pieces that touch stay apart only where their price differs; work runs on across the seam.</remarks>
internal sealed class OpenTime
{
    private readonly long[] _from, _to, _before;
    private readonly double[] _price;

    private OpenTime(long[] from, long[] to, double[] price)
    {
        (_from, _to, _price) = (from, to, price);
        HasPrice = price.Any(p => p != 0);
        _before = new long[from.Length + 1];
        for (var i = 0; i < from.Length; i++) _before[i + 1] = _before[i] + to[i] - from[i];
    }

    /// <param name="pieces">Stretches with the extra price of a worked minute; 0 in regular time. Overlaps are joined, the cheaper one wins.</param>
    public static OpenTime Of(IEnumerable<(long From, long To, double Price)> pieces)
    {
        List<(long From, long To, double Price)> made = [];
        foreach (var p in pieces.Where(p => p.From < p.To).OrderBy(p => p.From).ThenBy(p => p.Price))
        {
            var at = p.From;
            if (made.Count > 0)
            {
                // Of what overlaps, the cheaper is kept whole and the dearer cut.
                var last = made[^1];
                if (last.To > at && last.Price > p.Price)
                {
                    made[^1] = (last.From, at, last.Price);
                    if (made[^1].From >= made[^1].To) made.RemoveAt(made.Count - 1);
                    made.Add(p);
                    if (last.To > p.To) made.Add((p.To, last.To, last.Price));
                    continue;
                }
                at = Math.Max(at, last.To);
            }
            if (at >= p.To) continue;
            if (made.Count > 0 && made[^1].To == at && made[^1].Price == p.Price) made[^1] = (made[^1].From, p.To, p.Price);
            else made.Add((at, p.To, p.Price));
        }
        return new([.. made.Select(m => m.From)], [.. made.Select(m => m.To)], [.. made.Select(m => m.Price)]);
    }

    public static OpenTime Always(long horizon) => Of([(0, horizon, 0)]);

    public IEnumerable<(long From, long To, double Price)> Pieces => Enumerable.Range(0, _from.Length).Select(i => (_from[i], _to[i], _price[i]));
    public long Total => _before[^1];
    /// <summary>Whether any of it costs more than regular time.</summary>
    public bool HasPrice { get; }
    public bool IsEmpty => _from.Length == 0;

    public OpenTime With(IEnumerable<(long From, long To, double Price)> more) => Of(Pieces.Concat(more));

    /// <summary>Without some stretches: maintenance, holidays.</summary>
    public OpenTime Without(IEnumerable<(long From, long To)> closed)
    {
        var stops = closed.Where(c => c.From < c.To).OrderBy(c => c.From).ToArray();
        List<(long, long, double)> left = [];
        foreach (var (from, to, price) in Pieces)
        {
            var at = from;
            foreach (var stop in stops)
            {
                if (stop.To <= at) continue;
                if (stop.From >= to) break;
                if (stop.From > at) left.Add((at, stop.From, price));
                at = Math.Max(at, stop.To);
            }
            if (at < to) left.Add((at, to, price));
        }
        return Of(left);
    }

    /// <summary>When both work; prices add up.</summary>
    public OpenTime And(OpenTime other)
    {
        List<(long, long, double)> both = [];
        for (int i = 0, k = 0; i < _from.Length && k < other._from.Length;)
        {
            var (from, to) = (Math.Max(_from[i], other._from[k]), Math.Min(_to[i], other._to[k]));
            if (from < to) both.Add((from, to, _price[i] + other._price[k]));
            if (_to[i] <= other._to[k]) i++; else k++;
        }
        return Of(both);
    }

    private int IndexOf(long minute)
    {
        var i = Array.BinarySearch(_from, minute);
        return i < 0 ? ~i - 1 : i;
    }

    /// <summary>First minute at or after <paramref name="minute"/> that is worked; null when there is none any more.</summary>
    public long? Next(long minute)
    {
        var i = IndexOf(minute);
        if (i >= 0 && minute < _to[i]) return minute;
        return i + 1 < _from.Length ? _from[i + 1] : null;
    }

    /// <summary>Where <paramref name="work"/> minutes end that begin at or after <paramref name="minute"/>, pausing where nobody works.</summary>
    public (long Start, long End)? Run(long minute, long work)
    {
        if (Next(minute) is not { } start) return null;
        if (work <= 0) return (start, start);
        var i = IndexOf(start);
        var place = _before[i] + start - _from[i] + work;
        if (place > _before[^1]) return null;
        var k = Array.BinarySearch(_before, place);
        k = k < 0 ? ~k - 1 : k - 1;
        return (start, _from[k] + place - _before[k]);
    }

    /// <summary>The latest minute at which <paramref name="work"/> minutes can begin that end at or before a minute; the first worked minute when there is not so much before it.</summary>
    public long Back(long minute, long work)
    {
        if (IsEmpty) return minute;
        var place = Math.Max(0, Place(minute) - work);
        var k = Array.BinarySearch(_before, place);
        k = Math.Min(k < 0 ? ~k - 1 : k, _from.Length - 1);
        return Math.Min(minute, _from[k] + place - _before[k]);
    }

    /// <summary>As <see cref="Run"/>, but in one piece: a started cut is not left alone over a break.</summary>
    public (long Start, long End)? RunWhole(long minute, long work)
    {
        for (var at = Next(minute); at is { } start;)
        {
            var i = IndexOf(start);
            var end = _to[i];
            while (i + 1 < _from.Length && _from[i + 1] == _to[i]) end = _to[++i];
            if (end - start >= work) return (start, start + work);
            at = i + 1 < _from.Length ? _from[i + 1] : null;
        }
        return null;
    }

    /// <summary>Minutes worked between two minutes of the clock.</summary>
    public long Worked(long from, long to) => to <= from ? 0 : Place(to) - Place(from);

    private long Place(long minute)
    {
        var i = IndexOf(minute);
        return i < 0 ? 0 : _before[i] + Math.Min(minute, _to[i]) - _from[i];
    }

    /// <summary>The extra cost of working from one minute of the clock to another.</summary>
    public double Cost(long from, long to)
    {
        var cost = 0.0;
        for (var i = Math.Max(0, IndexOf(from)); i < _from.Length && _from[i] < to; i++)
            if (_price[i] != 0) cost += _price[i] * Math.Max(0, Math.Min(to, _to[i]) - Math.Max(from, _from[i]));
        return cost;
    }
}
