namespace Ieum.Plan.Across;

/// <summary>
/// How a plan answers to arrivals: every finish is the latest of a few arrivals, each plus a lag, and of a time that no arrival moves.
/// It saves asking "and if it came an hour later?" once for every arrival and round.
/// </summary>
internal sealed class Reactions
{
    private const int None = int.MinValue / 2;
    private readonly Workbench _bench;
    private readonly int[] _entries;
    private int[] _lag = [];
    private readonly long[] _base;
    private int _count;

    public Reactions(Workbench bench)
    {
        _bench = bench;
        _entries = new int[bench.Wire.Length];
        _base = new long[bench.Wire.Length];
    }

    /// <summary>Follows a timed shop from the front to the back.</summary>
    public void Of(Shop shop)
    {
        var layout = _bench.Layout;
        var n = layout.Tasks;
        _count = 0;
        for (var t = 0; t < _bench.Shared; t++)
            if (shop.Option[t] >= 0 && !_bench.Begins(t) && !Inside(t)) _entries[_count++] = t;
        if (_lag.Length < n * _count) _lag = new int[n * _count];
        Array.Fill(_lag, None, 0, n * _count);
        for (var i = 0; i < _count; i++) _lag[_entries[i] * _count + i] = 0;
        foreach (var t in shop.Order)
        {
            var inside = Inside(t);
            _base[t] = inside ? 0 : t >= _bench.Shared || _bench.Begins(t) ? shop.Release[t] : 0;
            if (shop.Prev[t] >= 0) Take(t, shop.Prev[t]);
            if (inside) Take(t, layout.Before[t]);
            var time = shop.TimeOf(t);
            _base[t] += time;
            for (var i = 0; i < _count; i++)
                if (_lag[t * _count + i] >= 0) _lag[t * _count + i] += time;
        }

        bool Inside(int t) => layout.Before[t] is >= 0 and var b && shop.Option[b] >= 0;

        void Take(int t, int from)
        {
            if (_base[from] > _base[t]) _base[t] = _base[from];
            for (var i = 0; i < _count; i++)
                if (_lag[from * _count + i] > _lag[t * _count + i]) _lag[t * _count + i] = _lag[from * _count + i];
        }
    }

    /// <summary>A shared task's finish: op, time no arrival moves, count, then arrival's op and lag, ….</summary>
    public long[] Row(int t)
    {
        var count = 0;
        for (var i = 0; i < _count; i++)
            if (_lag[t * _count + i] >= 0) count++;
        var row = new long[3 + 2 * count];
        (row[0], row[1], row[2]) = (_bench.Wire[t], _base[t], count);
        var at = 3;
        for (var i = 0; i < _count; i++)
        {
            if (_lag[t * _count + i] < 0) continue;
            row[at++] = _bench.Wire[_entries[i]];
            row[at++] = _lag[t * _count + i];
        }
        return row;
    }

    /// <summary>
    /// Own customers: first what no arrival moves, weight × lateness; then per customer whom an arrival could make (more) late within
    /// a margin: weight, least lateness, count, arrival's op and the latest arrival that does no harm, ….
    /// </summary>
    /// <param name="margin">Arrivals so much later than in this plan are covered.</param>
    public long[] Own(Shop shop, long margin)
    {
        List<long> rows = [0];
        for (var t = _bench.Shared; t < _bench.Wire.Length; t++)
        {
            var weight = (long)shop.Weight[t];
            var least = Math.Max(0, _base[t] - shop.Limit[t]);
            var (at, count) = (rows.Count, 0);
            for (var i = 0; i < _count; i++)
            {
                if (_lag[t * _count + i] < 0) continue;
                var latest = shop.Limit[t] - _lag[t * _count + i];
                if (shop.Arrival[_entries[i]] + margin <= latest + least) continue;
                if (count++ == 0) rows.AddRange([weight, least, 0]);
                rows.Add(_bench.Wire[_entries[i]]);
                rows.Add(latest);
            }
            if (count == 0) rows[0] += weight * least;
            else rows[at + 2] = count;
        }
        return [.. rows];
    }
}
