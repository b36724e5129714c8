namespace Ieum.Plan;

/// <summary>Heads and tails of a schedule with one operation taken out of its machine, exact; only what the taking out changes is computed again.</summary>
/// <remarks>
/// The routing still leads through the operation, with its shortest time and without the wait for a machine. A walk asks this some twenty times
/// a step, and most operations feel nothing of one that is taken out.
/// </remarks>
internal sealed class ShopWithout(ShopGraph g, ShopState s)
{
    private readonly Side _heads = new(g.Count, g.BeforeFrom, g.Before, g.AfterFrom, g.After, 1), _tails = new(g.Count, g.AfterFrom, g.After, g.BeforeFrom, g.Before, -1);
    private readonly bool[] _touched = new bool[g.Count];

    /// <summary>Heads grow along the order of work, tails against it; all else about them is the same.</summary>
    /// <param name="backFrom">With <paramref name="back"/>: operations from which a value comes by the routing.</param>
    /// <param name="onFrom">With <paramref name="on"/>: operations to which it goes on.</param>
    /// <param name="step">1 along the order, -1 against it.</param>
    private sealed class Side(int count, int[] backFrom, int[] back, int[] onFrom, int[] on, int step)
    {
        public int[] Value { get; } = new int[count];
        public int[] Changed { get; } = new int[count];
        public int Count { get; set; }
        public int[] BackFrom => backFrom;
        public int[] Back => back;
        public int[] OnFrom => onFrom;
        public int[] On => on;
        public int Step => step;
    }

    /// <summary>Earliest starts; of operations behind the one taken out, without it.</summary>
    public int[] Head => _heads.Value;
    /// <summary>Longest ways to the end; of operations before the one taken out, without it.</summary>
    public int[] Tail => _tails.Value;

    /// <summary>Begins from the schedule as it is now.</summary>
    public void Load()
    {
        s.Head.CopyTo(Head, 0);
        s.Tail.CopyTo(Tail, 0);
    }

    /// <param name="ownHead">End of what operation <paramref name="v"/> waits for by its routing.</param>
    /// <param name="ownTail">Longest way behind it by its routing.</param>
    /// <returns>Makespan of the rest: the longest way that does not need <paramref name="v"/> on a machine.</returns>
    public int TakeOut(int v, int ownHead, int ownTail)
    {
        var (a, b) = (s.Previous[v], s.Next[v]);
        var joint = a >= 0 && b >= 0 && g.SetUps is { } su ? su[s.Machine[v]][a * g.Count + b] : 0;
        Spread(_heads, v, a, b, joint, ownHead + g.ShortestTime[v]);
        Spread(_tails, v, b, a, joint, ownTail + g.ShortestTime[v]);
        var (rest, head, time) = (0, Head, s.Time);
        foreach (var x in g.Last)
            if (x != v && head[x] + time[x] > rest) rest = head[x] + time[x];
        return rest;
    }

    public void PutBack()
    {
        PutBack(_heads, s.Head);
        PutBack(_tails, s.Tail);
    }

    private static void PutBack(Side side, int[] was)
    {
        for (var i = 0; i < side.Count; i++) side.Value[side.Changed[i]] = was[side.Changed[i]];
    }

    /// <param name="near">What stands before <paramref name="v"/> on its machine, as the side looks; its value goes straight to the one behind it.</param>
    /// <param name="far">What stands behind it.</param>
    private void Spread(Side side, int v, int near, int far, int joint, int passed)
    {
        int[] order = s.Order, time = s.Time, value = side.Value, changed = side.Changed;
        int[] backFrom = side.BackFrom, back = side.Back, onFrom = side.OnFrom, on = side.On;
        var step = side.Step;
        var (machineBack, machineOn) = step > 0 ? (s.Previous, s.Next) : (s.Next, s.Previous);
        var touched = _touched;
        var (open, count) = (0, 0);
        if (far >= 0) { touched[far] = true; open++; }
        for (var k = onFrom[v]; k < onFrom[v + 1]; k++)
            if (!touched[on[k]]) { touched[on[k]] = true; open++; }
        for (var i = s.Place[v] + step; open > 0; i += step)
        {
            var x = order[i];
            if (!touched[x]) continue;
            touched[x] = false;
            open--;
            var h = 0;
            for (var k = backFrom[x]; k < backFrom[x + 1]; k++)
            {
                var p = back[k];
                var e = p == v ? passed : value[p] + time[p];
                if (e > h) h = e;
            }
            var m = machineBack[x];
            if (m == v) { if (near >= 0 && value[near] + time[near] + joint > h) h = value[near] + time[near] + joint; }
            else if (m >= 0)
            {
                var e = value[m] + time[m] + (g.SetUps is null ? 0 : step > 0 ? s.SetUp(m, x) : s.SetUp(x, m));
                if (e > h) h = e;
            }
            if (h == value[x]) continue;
            value[x] = h;
            changed[count++] = x;
            for (var k = onFrom[x]; k < onFrom[x + 1]; k++)
                if (!touched[on[k]]) { touched[on[k]] = true; open++; }
            m = machineOn[x];
            if (m >= 0 && !touched[m]) { touched[m] = true; open++; }
        }
        side.Count = count;
    }
}
