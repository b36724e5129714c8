namespace Ieum.Plan;

/// <summary>Tabu search on a job shop's makespan: takes one critical operation out and puts it back where the longest way through it is shortest.</summary>
/// <remarks>
/// Neighbourhood after Mastrolilli and Gambardella (2000): with the operation taken out, heads and tails are exact, so the longest
/// way through it at any feasible place of any of its machines is known without trying. Same seed, same walk. One thread owns an
/// instance; nothing is allocated per move.
/// </remarks>
internal sealed class TabuSearch
{
    private readonly ShopGraph _g;
    private readonly ShopState _now, _best;
    private readonly Luck _luck;
    // Without operation v: heads of what may come after it, tails of what may come before it; else as in _now.
    private readonly int[] _head, _tail;
    private readonly int[] _firstEnds;
    private readonly int[] _path, _line;
    private readonly long[] _tabuMachine;
    private readonly TabuPairs _tabuPair;
    private long _iteration, _lastGain;
    private Move _bestMove, _luckyMove;
    private int _bestTies, _luckyTies;
    private bool _wandering;

    private struct Move
    {
        public int Operation, Option, After;
        public long Value, Through;
    }

    public TabuSearch(ShopGraph graph, int seed, ShopSchedule? start = null)
    {
        _g = graph;
        _luck = new(seed);
        (_now, _best) = (new(graph), new(graph));
        (_head, _tail, _firstEnds) = (new int[graph.Count], new int[graph.Count], new int[graph.Count + 1]);
        (_path, _line) = (new int[graph.Count], new int[graph.Count]);
        _tabuMachine = new long[graph.OptionMachine.Length];
        _tabuPair = new(graph.Count);
        if (start is null || !_now.Load(start)) ShopGreedy.Fill(graph, _now);
        _best.CopyFrom(_now);
    }

    public int Makespan => _best.Makespan;
    public long Iterations => _iteration;
    public ShopSchedule Best => _best.ToSchedule();

    /// <summary>Goes on from a schedule that somebody else found, if it is better than all found here.</summary>
    public void Offer(ShopSchedule foreign)
    {
        if (foreign.Makespan >= _best.Makespan) return;
        if (_now.Load(foreign) && _now.Makespan < _best.Makespan) _best.CopyFrom(_now);
        else _now.CopyFrom(_best);
        Forget();
    }

    /// <summary>Walks on for a number of steps.</summary>
    /// <param name="until">Asked every few hundred steps; true ends the walk early.</param>
    /// <param name="goal">Ends as soon as this makespan is reached: a known bound.</param>
    /// <returns>Whether a better schedule than before was found.</returns>
    public bool Run(long iterations, long goal, Func<bool>? until = null)
    {
        var before = _best.Makespan;
        var end = _iteration + iterations;
        while (_iteration < end && _best.Makespan > goal)
        {
            if ((_iteration & 255) == 0 && until?.Invoke() == true) break;
            Step();
        }
        return _best.Makespan < before;
    }

    private void Step()
    {
        _iteration++;
        if (_iteration - _lastGain > RestartAfter) { Restart(); return; }
        var length = CriticalPath();
        (_bestMove.Value, _luckyMove.Value) = (long.MaxValue, long.MaxValue);
        (_bestTies, _luckyTies) = (0, 0);
        Array.Copy(_now.Head, _head, _g.Count);
        Array.Copy(_now.Tail, _tail, _g.Count);
        var end = 0;
        for (var i = 0; i < _g.Count; i++)
        {
            var v = _now.Order[i];
            _firstEnds[i] = end;
            end = Math.Max(end, _now.Head[v] + _now.Time[v]);
        }
        for (var i = 0; i < length; i++)
        {
            var v = _path[i];
            // Alone in its block and without another machine: no place can be better.
            if (_g.OptionFrom[v + 1] - _g.OptionFrom[v] == 1 && (i == 0 || _now.Next[_path[i - 1]] != v) && (i == length - 1 || _now.Next[v] != _path[i + 1])) continue;
            Examine(v);
        }
        var move = _bestTies > 0 ? _bestMove : _luckyMove;
        if (_bestTies == 0 && _luckyTies == 0) { Restart(); return; }
        Apply(move, length);
        if (_now.Makespan < _best.Makespan)
        {
            _best.CopyFrom(_now);
            _lastGain = _iteration;
        }
    }

    private int RestartAfter => 2_000 + 10 * _g.Count;

    /// <summary>One longest way through the schedule, chosen at random where it forks.</summary>
    private int CriticalPath()
    {
        var (g, s) = (_g, _now);
        var (at, ways) = (-1, 0);
        for (var i = 0; i < g.Count; i++)
        {
            var v = s.Order[i];
            if (s.Head[v] > 0) { if (at >= 0) break; continue; }
            if (s.Time[v] + s.Tail[v] == s.Makespan && _luck.Next(++ways) == 0) at = v;
        }
        var length = 0;
        while (at >= 0)
        {
            _path[length++] = at;
            var end = s.Head[at] + s.Time[at];
            var (chosen, forks) = (-1, 0);
            var m = s.Next[at];
            if (m >= 0 && s.Head[m] == end + s.SetUp(at, m) && s.Head[m] + s.Time[m] + s.Tail[m] == s.Makespan) (chosen, forks) = (m, 1);
            for (var k = g.AfterFrom[at]; k < g.AfterFrom[at + 1]; k++)
            {
                var j = g.After[k];
                if (j != m && s.Head[j] == end && s.Head[j] + s.Time[j] + s.Tail[j] == s.Makespan && _luck.Next(++forks) == 0) chosen = j;
            }
            at = chosen;
        }
        return length;
    }

    /// <summary>Values every feasible place of operation <paramref name="v"/>.</summary>
    private void Examine(int v)
    {
        var (g, s) = (_g, _now);
        var (a, b) = (s.Previous[v], s.Next[v]);
        var place = s.Place[v];
        var rest = TakeOut(v, a, b, place);
        var (head, tail) = (0, 0);
        for (var k = g.BeforeFrom[v]; k < g.BeforeFrom[v + 1]; k++) head = Math.Max(head, _head[g.Before[k]] + s.Time[g.Before[k]]);
        for (var k = g.AfterFrom[v]; k < g.AfterFrom[v + 1]; k++) tail = Math.Max(tail, _tail[g.After[k]] + s.Time[g.After[k]]);
        for (var k = g.OptionFrom[v]; k < g.OptionFrom[v + 1]; k++) ExamineMachine(v, k, a, head, tail, rest);
        for (var i = place + 1; i < g.Count; i++) _head[s.Order[i]] = s.Head[s.Order[i]];
        for (var i = place - 1; i >= 0; i--) _tail[s.Order[i]] = s.Tail[s.Order[i]];
    }

    /// <summary>Heads and tails without <paramref name="v"/>.</summary>
    /// <returns>The makespan of the rest; the longest way that does not pass through it.</returns>
    private int TakeOut(int v, int a, int b, int place)
    {
        var (g, s) = (_g, _now);
        int[] order = s.Order, time = s.Time, previous = s.Previous, next = s.Next, head = _head, tail = _tail;
        var joint = a >= 0 && b >= 0 && g.SetUps is { } su ? su[s.Machine[v]][a * g.Count + b] : 0;
        var rest = _firstEnds[place];
        for (var i = place + 1; i < order.Length; i++)
        {
            var x = order[i];
            var h = 0;
            for (var k = g.BeforeFrom[x]; k < g.BeforeFrom[x + 1]; k++)
            {
                var p = g.Before[k];
                // Taken out of its machine only: the routing still leads through it, without the wait for the machine.
                var e = p == v ? HeadByRouting(v) + g.ShortestTime[v] : head[p] + time[p];
                if (e > h) h = e;
            }
            var m = previous[x];
            if (m == v) { if (a >= 0 && head[a] + time[a] + joint > h) h = head[a] + time[a] + joint; }
            else if (m >= 0)
            {
                var e = head[m] + time[m] + (g.SetUps is null ? 0 : s.SetUp(m, x));
                if (e > h) h = e;
            }
            head[x] = h;
            if (h + time[x] > rest) rest = h + time[x];
        }
        for (var i = place - 1; i >= 0; i--)
        {
            var x = order[i];
            var t = 0;
            for (var k = g.AfterFrom[x]; k < g.AfterFrom[x + 1]; k++)
            {
                var p = g.After[k];
                var e = p == v ? TailByRouting(v) + g.ShortestTime[v] : tail[p] + time[p];
                if (e > t) t = e;
            }
            var m = next[x];
            if (m == v) { if (b >= 0 && tail[b] + time[b] + joint > t) t = tail[b] + time[b] + joint; }
            else if (m >= 0)
            {
                var e = tail[m] + time[m] + (g.SetUps is null ? 0 : s.SetUp(x, m));
                if (e > t) t = e;
            }
            tail[x] = t;
        }
        return rest;
    }

    private int HeadByRouting(int v)
    {
        var h = 0;
        for (var k = _g.BeforeFrom[v]; k < _g.BeforeFrom[v + 1]; k++) h = Math.Max(h, _head[_g.Before[k]] + _now.Time[_g.Before[k]]);
        return h;
    }

    private int TailByRouting(int v)
    {
        var t = 0;
        for (var k = _g.AfterFrom[v]; k < _g.AfterFrom[v + 1]; k++) t = Math.Max(t, _tail[_g.After[k]] + _now.Time[_g.After[k]]);
        return t;
    }

    private void ExamineMachine(int v, int option, int oldPrevious, int head, int tail, int rest)
    {
        var (g, s) = (_g, _now);
        var (machine, time) = (g.OptionMachine[option], g.OptionTime[option]);
        var own = s.Machine[v] == machine;
        // Every place after those that v must follow and before those that must follow v.
        var (count, low, high) = (0, -1, 0);
        for (var x = s.First[machine]; x >= 0; x = s.Next[x])
        {
            if (x == v) continue;
            if (low < 0 && _head[x] + s.Time[x] > head) low = count;
            _line[count++] = x;
            if (_tail[x] + s.Time[x] > tail) high = count;
        }
        if (low < 0) low = count;
        var clear = low >= high;
        if (clear)
        {
            (low, high) = (high, low);
            // Nothing on the machine is in the way: all places are equal unless set-ups tell them apart.
            if (g.SetUps is null) low = high = low + _luck.Next(high - low + 1);
        }
        var tabuMachine = !own && _tabuMachine[option] > _iteration;
        for (var i = low; i <= high; i++)
        {
            var (before, after) = (i > 0 ? _line[i - 1] : -1, i < count ? _line[i] : -1);
            if (own && before == oldPrevious) continue;
            var (h, t) = (head, tail);
            if (before >= 0) h = Math.Max(h, _head[before] + s.Time[before] + (g.SetUps is { } su ? su[machine][before * g.Count + v] : 0));
            if (after >= 0) t = Math.Max(t, _tail[after] + s.Time[after] + (g.SetUps is { } su ? su[machine][v * g.Count + after] : 0));
            long through = h + time + t, value = Math.Max(through, rest);
            var tabu = own ? IsTabuHere(v, i, count, oldPrevious) : tabuMachine;
            Consider(new Move { Operation = v, Option = option, After = before, Value = value, Through = through }, tabu && value >= _best.Makespan);
        }
    }

    /// <summary>Whether the place undoes a recent swap of two operations of the machine.</summary>
    private bool IsTabuHere(int v, int place, int count, int oldPrevious)
    {
        var old = 0;
        if (oldPrevious >= 0)
            while (old < count && _line[old++] != oldPrevious) { }
        // Moved forward in time: those between now stand before v; moved back: v before them.
        for (var i = old; i < place; i++) if (_tabuPair.Until(_line[i], v) > _iteration) return true;
        for (var i = place; i < old; i++) if (_tabuPair.Until(v, _line[i]) > _iteration) return true;
        return false;
    }

    private void Consider(Move move, bool tabu)
    {
        if (tabu || _wandering)
        {
            // Something to do when everything is tabu: any of them, equally likely.
            if (_luck.Next(++_luckyTies) == 0) _luckyMove = move;
            return;
        }
        if (move.Value > _bestMove.Value || move.Value == _bestMove.Value && move.Through > _bestMove.Through) return;
        if (move.Value == _bestMove.Value && move.Through == _bestMove.Through) { if (_luck.Next(++_bestTies) != 0) return; }
        else _bestTies = 1;
        _bestMove = move;
    }

    private void Apply(Move move, int pathLength)
    {
        var (g, s, v) = (_g, _now, move.Operation);
        var (oldMachine, oldTime, oldPrevious) = (s.Machine[v], s.Time[v], s.Previous[v]);
        var machine = g.OptionMachine[move.Option];
        var options = g.OptionFrom[v + 1] - g.OptionFrom[v];
        if (machine != oldMachine)
        {
            var until = _iteration + pathLength + options + _luck.Next(pathLength + 1);
            for (var k = g.OptionFrom[v]; k < g.OptionFrom[v + 1]; k++) if (g.OptionMachine[k] == oldMachine) _tabuMachine[k] = until;
        }
        else
        {
            var until = _iteration + PairTenure + _luck.Next(PairTenure);
            if (!Between(s.Next[v], move.After, v, until, later: true)) Between(s.Previous[v], move.After, v, until, later: false);
        }
        s.Remove(v);
        s.Insert(v, machine, g.OptionTime[move.Option], move.After);
        if (s.Evaluate()) return;
        // Only operations without duration can close a circle: back to where it was.
        s.Remove(v);
        s.Insert(v, oldMachine, oldTime, oldPrevious);
        s.Evaluate();
    }

    private int PairTenure => 8 + _g.Count / Math.Max(1, 2 * _g.Machines);

    /// <summary>Forbids for a while the old order of <paramref name="v"/> against those it jumps over.</summary>
    private bool Between(int from, int after, int v, long until, bool later)
    {
        if (later)
        {
            // Moved later: it stood before each of them, up to the one it follows now.
            var found = false;
            for (var x = from; x >= 0 && !found; x = _now.Next[x]) found = x == after;
            if (!found) return false;
            for (var x = from; ; x = _now.Next[x])
            {
                _tabuPair.Forbid(v, x, until);
                if (x == after) return true;
            }
        }
        for (var x = from; x >= 0 && x != after; x = _now.Previous[x]) _tabuPair.Forbid(x, v, until);
        return true;
    }

    private void Restart()
    {
        _now.CopyFrom(_best);
        Forget();
        // A few random critical moves away from the best, so that the walk does not repeat itself.
        var kicks = 2 + _luck.Next(6);
        for (var i = 0; i < kicks; i++) Kick();
    }

    private void Forget()
    {
        Array.Clear(_tabuMachine);
        _tabuPair.Clear();
        _lastGain = _iteration;
    }

    private void Kick()
    {
        var length = CriticalPath();
        Array.Copy(_now.Head, _head, _g.Count);
        Array.Copy(_now.Tail, _tail, _g.Count);
        (_luckyTies, _wandering) = (0, true);
        Examine(_path[_luck.Next(length)]);
        _wandering = false;
        if (_luckyTies > 0) Apply(_luckyMove, length);
    }
}
