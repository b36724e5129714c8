namespace Ieum.Plan.Across;

/// <summary>
/// Latest ends: for every task of a shop and every customer behind it (others' orders as the outlook tells, own orders, the end of all)
/// how late the task may end before that customer's order ends later than now, or than due.
/// </summary>
internal sealed class Tails(ShopLayout layout, int shared)
{
    private const long Never = long.MaxValue / 8;

    private long[] _late = [];
    private double[] _weight = [];
    private int _rows;

    /// <summary>From the back to the front over a shop that has just been timed.</summary>
    public void Of(Shop shop)
    {
        var view = shop.View;
        var n = layout.Tasks;
        var told = view?.Rows ?? 0;
        _rows = told + 1 + n - shared;
        if (_late.Length < _rows * n) _late = new long[_rows * n];
        if (_weight.Length < _rows) _weight = new double[_rows];
        Array.Fill(_late, Never, 0, _rows * n);
        _weight[told] = 1;
        if (view is not null)
        {
            var last = view.Last;
            for (var r = 0; r < told; r++)
            {
                _weight[r] = view.Weight[r];
                var end = view.EndOf(r, shop.End, shop.Option);
                if (r < view.Orders) last = Math.Max(last, end);
                var limit = Math.Max(end, view.Due[r]);
                for (var i = view.RowStart[r]; i < view.RowStart[r + 1]; i++) Least(view.RowTask[i], r, limit - view.RowLag[i]);
            }
            for (var r = 0; r < view.Orders; r++)
                for (var i = view.RowStart[r]; i < view.RowStart[r + 1]; i++) Least(view.RowTask[i], told, last - view.RowLag[i]);
        }
        for (var t = shared; t < n; t++)
        {
            _weight[told + 1 + t - shared] = shop.Weight[t];
            if (shop.Option[t] >= 0) Least(t, told + 1 + t - shared, Math.Max(shop.End[t], shop.Limit[t]));
        }
        var order = shop.Order;
        for (var i = order.Length - 1; i >= 0; i--)
        {
            var t = order[i];
            if (shop.Next[t] >= 0) Pull(shop, t, shop.Next[t], 0);
            if (shop.After(t) is >= 0 and var a) Pull(shop, t, a, 0);
            if (view is null) continue;
            for (var k = view.LinkStart[t]; k < view.LinkStart[t + 1]; k++)
                if (shop.Option[view.LinkTo[k]] >= 0) Pull(shop, t, view.LinkTo[k], view.LinkLag[k]);
        }

        void Least(int t, int row, long late)
        {
            ref var old = ref _late[t * _rows + row];
            if (late < old) old = late;
        }
    }

    private void Pull(Shop shop, int t, int behind, long lag)
    {
        var time = shop.End[behind] - shop.Start[behind] + lag;
        var (to, from) = (t * _rows, behind * _rows);
        for (var r = 0; r < _rows; r++)
            if (_late[from + r] - time < _late[to + r]) _late[to + r] = _late[from + r] - time;
    }

    /// <summary>What it costs all customers together when a task ends then, and nothing else moves but what it pushes.</summary>
    public double Harm(int t, long end)
    {
        var harm = 0.0;
        var at = t * _rows;
        for (var r = 0; r < _rows; r++)
            if (end > _late[at + r]) harm += (end - _late[at + r]) * _weight[r];
        return harm;
    }
}
