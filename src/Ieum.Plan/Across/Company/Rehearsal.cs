namespace Ieum.Plan.Across;

/// <summary>One company's side of a plan carried out on paper with true times: it goes on as far as parts have come.</summary>
internal sealed class Rehearsal
{
    private readonly Workbench _bench;
    private readonly SharedBook _orders;
    private readonly int[] _to, _wait;
    private readonly Stack<int> _ready = [];
    private readonly bool[] _came;
    private int _left;

    /// <param name="floor">Sequences of the company in its true times; owned from now on.</param>
    /// <param name="to">Per local shared task the company that does the order's next operation; −1 for itself or nobody.</param>
    public Rehearsal(Workbench bench, SharedBook orders, Shop floor, int[] to)
    {
        (_bench, _orders, Floor, _to) = (bench, orders, floor, to);
        _wait = new int[bench.Layout.Tasks];
        _came = new bool[_wait.Length];
        Floor.View = null;
        Floor.Promised = null;
        for (var t = 0; t < _wait.Length; t++)
        {
            if (Floor.Option[t] < 0) continue;
            _left++;
            _wait[t] = (Floor.Prev[t] >= 0 ? 1 : 0) + (Waits(t) || Inside(t) ? 1 : 0);
            if (_wait[t] == 0) _ready.Push(t);
        }
    }

    /// <summary>Sequences and, as far as it has gone, starts and ends; a part's arrival stands as its task's release.</summary>
    public Shop Floor { get; }
    public int[] To => _to;
    public bool Over => _left == 0;

    private bool Inside(int t) => _bench.Layout.Before[t] is >= 0 and var b && Floor.Option[b] >= 0;

    /// <summary>Whether its part comes from another company.</summary>
    public bool Waits(int t) => t < _bench.Shared && !_bench.Begins(t) && !Inside(t);

    /// <summary>A part has come, perhaps ahead of its turn.</summary>
    public void Arrive(int t, long time)
    {
        if (t < 0 || t >= _bench.Shared || Floor.Option[t] < 0 || !Waits(t) || _came[t]) return;
        (_came[t], Floor.Release[t]) = (true, time);
        if (--_wait[t] == 0) _ready.Push(t);
    }

    /// <summary>Goes on as far as it can; hands over what others wait for: their company, operation, arrival.</summary>
    public void GoOn(Action<int, int, long> handOver)
    {
        while (_ready.TryPop(out var t))
        {
            _left--;
            var ready = Inside(t) ? Floor.End[_bench.Layout.Before[t]] : Floor.Release[t];
            Floor.Arrival[t] = Floor.Release[t];
            Floor.Start[t] = Floor.Prev[t] >= 0 ? Math.Max(ready, Floor.End[Floor.Prev[t]]) : ready;
            Floor.End[t] = Floor.Start[t] + Floor.TimeOf(t);
            if (Floor.Next[t] >= 0 && --_wait[Floor.Next[t]] == 0) _ready.Push(Floor.Next[t]);
            if (Floor.After(t) is >= 0 and var a && --_wait[a] == 0) _ready.Push(a);
            if (t < _bench.Shared && _to[t] >= 0) handOver(_to[t], _bench.Wire[t] + 1, Floor.End[t] + _orders.Transport[_bench.Company][_to[t]]);
        }
    }

    /// <summary>What it costs here: lateness of the orders that end here and of own customers; and when the last shared order ends here.</summary>
    public (ulong Cost, long Last) Result()
    {
        var (cost, last) = (0L, 0L);
        for (var t = 0; t < _bench.Layout.Tasks; t++)
        {
            if (Floor.Option[t] < 0) continue;
            if (t >= _bench.Shared) cost += (long)Floor.CostOf(t, Floor.End[t]);
            else if (_orders.IsFirst[_bench.Wire[t] + 1])
            {
                var j = Array.BinarySearch(_orders.First, _bench.Wire[t] + 1) - 1;
                cost += _orders.Weight[j] * Math.Max(0, Floor.End[t] - _orders.Due[j]);
                last = Math.Max(last, Floor.End[t]);
            }
        }
        return ((ulong)cost, last);
    }

    /// <summary>
    /// The company's sequences improved by true times, with the arrivals of this rehearsal; what its ends mean outside is known from a look
    /// in blurred times, shifted so that it agrees with what was rehearsed.
    /// </summary>
    /// <param name="doubt">
    /// What the look says of customers outside is moved by up to ± this, anew each time: it is known in blurred times only, and
    /// trying it one way and another finds sequences that a single wrong guess would hide.
    /// </param>
    /// <param name="bound">Nobody is put before one that ended before its part came; then several companies may change at once without a circle.</param>
    public Shop Improved(Look look, int doubt, bool bound, int tries, Annealer annealer, ref Rng rng)
    {
        var shop = new Shop(_bench.Layout);
        shop.CopyFrom(Floor);
        var view = Outlooks.Of(look, _bench);
        var shift = new Dictionary<int, long>();
        for (var i = 0; i < look.Arrivals.Length; i += 3 + 2 * (int)look.Arrivals[i + 2])
        {
            if (_bench.Local(look.Arrivals[i]) is not (>= 0 and var t) || shop.Option[t] < 0) continue;
            var arrival = look.Arrivals[i + 1];
            for (var k = 0; k < view.LinkTo.Length; k++)
                if (view.LinkTo[k] == t && shop.Option[view.LinkFrom[k]] >= 0) arrival = Math.Max(arrival, shop.End[view.LinkFrom[k]] + view.LinkLag[k]);
            shift[t] = Floor.Release[t] - arrival;
            shop.Release[t] = Math.Max(0, look.Arrivals[i + 1] + shift[t]);
        }
        for (var k = 0; k < view.LinkTo.Length; k++)
            if (shift.TryGetValue(view.LinkTo[k], out var by)) view.LinkLag[k] += by;
        for (var r = 0; r < view.Rows; r++)
        {
            var by = (long)(doubt * (2 * rng.Unit() - 1));
            for (var k = view.RowStart[r]; k < view.RowStart[r + 1]; k++)
                if (view.RowLag[k] > 0) view.RowLag[k] += by;
        }
        shop.View = view;
        if (!shop.Retime())
        {
            shop.CopyFrom(Floor);
            return shop;
        }
        if (bound) shop.Promised = [.. Enumerable.Range(0, _bench.Layout.Tasks).Select(t => t < _bench.Shared && shop.Option[t] >= 0 ? (shop.Ready(t), shop.End[t]) : (long.MinValue, long.MaxValue))];
        var hot = 1 + shop.Cost() * 0.003;
        annealer.Improve(shop, ref rng, hot, hot * 0.02, i => i / (double)tries);
        // Arrivals are told anew in the next rehearsal.
        return shop;
    }
}
