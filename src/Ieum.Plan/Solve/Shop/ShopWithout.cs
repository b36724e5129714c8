namespace Ieum.Plan;

/// <summary>Heads and tails of a schedule with one operation taken out of its machine, exact; only what the taking out changes is computed again.</summary>
/// <remarks>
/// The routing still leads through the operation, with its shortest time and without the wait for a machine. A walk asks this some twenty times
/// a step, and most operations feel nothing of one that is taken out.
/// </remarks>
internal sealed class ShopWithout(ShopGraph g, ShopState s)
{
    private readonly int[] _heads = new int[g.Count], _tails = new int[g.Count];
    private readonly bool[] _touched = new bool[g.Count];
    private int _headCount, _tailCount;

    /// <summary>Earliest starts; of operations behind the one taken out, without it.</summary>
    public int[] Head { get; } = new int[g.Count];
    /// <summary>Longest ways to the end; of operations before the one taken out, without it.</summary>
    public int[] Tail { get; } = new int[g.Count];

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
        Heads(v, a, b, joint, ownHead + g.ShortestTime[v]);
        Tails(v, a, b, joint, ownTail + g.ShortestTime[v]);
        var (rest, head, time) = (0, Head, s.Time);
        foreach (var x in g.Last)
            if (x != v && head[x] + time[x] > rest) rest = head[x] + time[x];
        return rest;
    }

    public void PutBack()
    {
        for (var i = 0; i < _headCount; i++) Head[_heads[i]] = s.Head[_heads[i]];
        for (var i = 0; i < _tailCount; i++) Tail[_tails[i]] = s.Tail[_tails[i]];
    }

    private void Heads(int v, int a, int b, int joint, int passed)
    {
        int[] order = s.Order, time = s.Time, previous = s.Previous, next = s.Next, head = Head;
        int[] beforeFrom = g.BeforeFrom, before = g.Before, afterFrom = g.AfterFrom, after = g.After;
        var touched = _touched;
        var (open, changed) = (0, 0);
        if (b >= 0) { touched[b] = true; open++; }
        for (var k = afterFrom[v]; k < afterFrom[v + 1]; k++)
            if (!touched[after[k]]) { touched[after[k]] = true; open++; }
        for (var i = s.Place[v] + 1; open > 0; i++)
        {
            var x = order[i];
            if (!touched[x]) continue;
            touched[x] = false;
            open--;
            var h = 0;
            for (var k = beforeFrom[x]; k < beforeFrom[x + 1]; k++)
            {
                var p = before[k];
                var e = p == v ? passed : head[p] + time[p];
                if (e > h) h = e;
            }
            var m = previous[x];
            if (m == v) { if (a >= 0 && head[a] + time[a] + joint > h) h = head[a] + time[a] + joint; }
            else if (m >= 0)
            {
                var e = head[m] + time[m] + (g.SetUps is null ? 0 : s.SetUp(m, x));
                if (e > h) h = e;
            }
            if (h == head[x]) continue;
            head[x] = h;
            _heads[changed++] = x;
            for (var k = afterFrom[x]; k < afterFrom[x + 1]; k++)
                if (!touched[after[k]]) { touched[after[k]] = true; open++; }
            m = next[x];
            if (m >= 0 && !touched[m]) { touched[m] = true; open++; }
        }
        _headCount = changed;
    }

    private void Tails(int v, int a, int b, int joint, int passed)
    {
        int[] order = s.Order, time = s.Time, previous = s.Previous, next = s.Next, tail = Tail;
        int[] beforeFrom = g.BeforeFrom, before = g.Before, afterFrom = g.AfterFrom, after = g.After;
        var touched = _touched;
        var (open, changed) = (0, 0);
        if (a >= 0) { touched[a] = true; open++; }
        for (var k = beforeFrom[v]; k < beforeFrom[v + 1]; k++)
            if (!touched[before[k]]) { touched[before[k]] = true; open++; }
        for (var i = s.Place[v] - 1; open > 0; i--)
        {
            var x = order[i];
            if (!touched[x]) continue;
            touched[x] = false;
            open--;
            var t = 0;
            for (var k = afterFrom[x]; k < afterFrom[x + 1]; k++)
            {
                var p = after[k];
                var e = p == v ? passed : tail[p] + time[p];
                if (e > t) t = e;
            }
            var m = next[x];
            if (m == v) { if (b >= 0 && tail[b] + time[b] + joint > t) t = tail[b] + time[b] + joint; }
            else if (m >= 0)
            {
                var e = tail[m] + time[m] + (g.SetUps is null ? 0 : s.SetUp(x, m));
                if (e > t) t = e;
            }
            if (t == tail[x]) continue;
            tail[x] = t;
            _tails[changed++] = x;
            for (var k = beforeFrom[x]; k < beforeFrom[x + 1]; k++)
                if (!touched[before[k]]) { touched[before[k]] = true; open++; }
            m = previous[x];
            if (m >= 0 && !touched[m]) { touched[m] = true; open++; }
        }
        _tailCount = changed;
    }
}
