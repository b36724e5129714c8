namespace Ieum.Plan.Across;

/// <summary>Simulated annealing over the sequences of a shop: moves one task to another place, perhaps another machine.</summary>
internal sealed class Annealer
{
    private readonly ShopLayout _layout;
    private readonly Shop _work, _best;
    private readonly int[] _hot;
    public long Tries { get; private set; }

    public Annealer(ShopLayout layout)
    {
        _layout = layout;
        (_work, _best) = (new(layout), new(layout));
        _hot = new int[layout.Tasks];
    }

    /// <summary>Improves <paramref name="shop"/> in place; the best state seen is left in it, never a worse one than given.</summary>
    /// <param name="goOn">Asked every 64 tries with their number so far, answers progress from 0 to 1; 1 ends.</param>
    public double Improve(Shop shop, ref Rng rng, double hot, double cold, Func<long, double> goOn)
    {
        _work.CopyFrom(shop);
        _best.CopyFrom(shop);
        var n = _layout.Tasks;
        if (n == 0 || !_work.Retime()) return double.MaxValue;
        var cost = _work.Cost();
        var best = cost;
        double heat = hot;
        for (long i = 0; ; i++)
        {
            if ((i & 63) == 0)
            {
                var progress = goOn(i);
                if (progress >= 1) break;
                heat = hot * Math.Pow(cold / hot, progress);
                Collect();
            }
            Tries++;
            var t = _hotCount > 0 && rng.Unit() < 0.5 ? _hot[rng.Below(_hotCount)] : rng.Below(n);
            if (_work.Option[t] < 0) continue;
            // The one in front on the machine is as good a handle as the late one itself.
            if (rng.Unit() < 0.3 && _work.Prev[t] >= 0) t = _work.Prev[t];
            var (oldOption, oldPrev, start) = (_work.Option[t], _work.Prev[t], _work.Start[t]);
            var options = _layout.Machine[t].Length;
            var option = options > 1 && rng.Unit() < 0.5 ? rng.Below(options) : oldOption;
            _work.Remove(t);
            var after = Near(t, option, start, ref rng);
            if (option == oldOption && after == oldPrev)
            {
                _work.Insert(t, oldOption, oldPrev);
                continue;
            }
            _work.Insert(t, option, after);
            var next = _work.KeepsPromises(_layout.Machine[t][option]) && _work.Retime() ? _work.Cost() : double.MaxValue;
            if (next <= cost || rng.Unit() < Math.Exp((cost - next) / heat))
            {
                cost = next;
                if (cost < best - 1e-9)
                {
                    best = cost;
                    _best.CopyFrom(_work);
                }
                continue;
            }
            _work.Remove(t);
            _work.Insert(t, oldOption, oldPrev);
            // The times are stale until the next move; places are chosen by old times meanwhile, which is near enough.
        }
        shop.CopyFrom(_best);
        shop.Retime();
        return best;
    }

    private int _hotCount;

    /// <summary>Tasks that somebody waits for who is late, or who is the last of all: half of all moves begin there or just before.</summary>
    private void Collect()
    {
        _hotCount = 0;
        for (var t = 0; t < _layout.Tasks; t++)
            if (_work.Option[t] >= 0 && _work.CostOf(t, _work.End[t]) > 0) Add(t);
        if (_work.View is not { } view) return;
        for (var r = 0; r < view.Rows; r++)
        {
            var end = view.EndOf(r, _work.End, _work.Option);
            if (end <= view.Due[r]) continue;
            for (var i = view.RowStart[r]; i < view.RowStart[r + 1]; i++)
                if (_work.Option[view.RowTask[i]] >= 0 && _work.End[view.RowTask[i]] + view.RowLag[i] == end) Add(view.RowTask[i]);
        }

        void Add(int t)
        {
            for (var u = t; u >= 0 && _hotCount < _hot.Length; u = _layout.Before[u])
                if (_work.Option[u] >= 0) _hot[_hotCount++] = u;
        }
    }

    private int Near(int t, int option, long start, ref Rng rng)
    {
        var machine = _layout.Machine[t][option];
        var after = -1;
        var next = _work.Head[machine];
        while (next >= 0 && _work.Start[next] < start) (after, next) = (next, _work.Next[next]);
        for (var shift = rng.Below(4); shift > 0; shift--)
        {
            if (rng.Unit() < 0.5)
            {
                if (after < 0) break;
                after = _work.Prev[after];
            }
            else
            {
                var n = after >= 0 ? _work.Next[after] : _work.Head[machine];
                if (n < 0) break;
                after = n;
            }
        }
        return after;
    }
}
