namespace Ieum.Plan;

/// <summary>Tabu search on a job shop's makespan: takes one critical operation out and puts it back where the longest way through it is shortest.</summary>
/// <remarks>
/// Neighbourhood after Mastrolilli and Gambardella (2000): with the operation taken out, heads and tails are exact, so the longest
/// way through it at any feasible place of any of its machines is known without trying. In a plain job shop that costs more than it
/// gives: there the moves within the blocks of the longest way are estimated. Same seed, same walk. One thread owns an instance;
/// nothing is allocated per move.
/// </remarks>
internal sealed partial class TabuSearch
{
    /// <summary>Walks from dispatching rules before walks from what was found, and how many in a hundred of the latter begin beside the best instead of between two good ones.</summary>
    private const int Starts = 4, Beside = 33;

    private readonly ShopGraph _g;
    // _walk: the best since the walk began anew.
    private readonly ShopState _now, _walk, _best;
    private readonly Luck _luck;
    private readonly ShopWithout _without;
    private readonly ShopElite _elite;
    private readonly int[] _path, _line;
    private readonly long[] _tabuMachine;
    private readonly TabuPairs _tabuPair;
    private long _iteration, _lastGain;
    private int _walks;
    private Move _bestMove, _luckyMove;
    private int _bestTies, _luckyTies;
    private bool _wandering;
    private readonly bool _byBlocks;

    private struct Move
    {
        public int Operation, Option, After;
        public long Value, Through;
    }

    public TabuSearch(ShopGraph graph, int seed, ShopSchedule? start = null)
    {
        _g = graph;
        _luck = new(seed);
        (_now, _walk, _best) = (new(graph), new(graph), new(graph));
        (_without, _elite) = (new(graph, _now), new(graph, _luck));
        (_path, _line) = (new int[graph.Count], new int[graph.Count]);
        (_newHead, _segment) = (new int[graph.Count], new int[graph.Count]);
        _byBlocks = graph.IsPlain && graph.Count >= ByBlocksFrom;
        _tabuMachine = new long[graph.OptionMachine.Length];
        _tabuPair = new(graph.Count);
        if (start is null || !_now.Load(start)) ShopGreedy.Fill(graph, _now);
        _best.CopyFrom(_now);
        _walk.CopyFrom(_now);
    }

    public int Makespan => _best.Makespan;
    public long Iterations => _iteration;
    public ShopSchedule Best => _best.ToSchedule();

    /// <summary>Takes in a schedule that somebody else found, if it is better than all found here; the walk in hand goes on, later ones begin at it too.</summary>
    public void Offer(ShopSchedule foreign)
    {
        if (foreign.Makespan >= _best.Makespan) return;
        var given = new ShopState(_g);
        if (!given.Load(foreign) || given.Makespan >= _best.Makespan) return;
        _best.CopyFrom(given);
        _elite.Add(given);
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
        if (_byBlocks) ExamineBlocks(length);
        else
        {
            _without.Load();
            for (var i = 0; i < length; i++)
            {
                var v = _path[i];
                // Alone in its block and without another machine: no place can be better.
                if (_g.OptionFrom[v + 1] - _g.OptionFrom[v] == 1 && (i == 0 || _now.Next[_path[i - 1]] != v) && (i == length - 1 || _now.Next[v] != _path[i + 1])) continue;
                Examine(v);
            }
        }
        var move = _bestTies > 0 ? _bestMove : _luckyMove;
        if (_bestTies == 0 && _luckyTies == 0) { Restart(); return; }
        Apply(move, length);
        if (_now.Makespan >= _walk.Makespan) return;
        _walk.CopyFrom(_now);
        _lastGain = _iteration;
        if (_now.Makespan < _best.Makespan) _best.CopyFrom(_now);
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
        var (head, tail) = (0, 0);
        for (var k = g.BeforeFrom[v]; k < g.BeforeFrom[v + 1]; k++) head = Math.Max(head, s.Head[g.Before[k]] + s.Time[g.Before[k]]);
        for (var k = g.AfterFrom[v]; k < g.AfterFrom[v + 1]; k++) tail = Math.Max(tail, s.Tail[g.After[k]] + s.Time[g.After[k]]);
        var rest = _without.TakeOut(v, head, tail);
        for (var k = g.OptionFrom[v]; k < g.OptionFrom[v + 1]; k++) ExamineMachine(v, k, s.Previous[v], head, tail, rest);
        _without.PutBack();
    }

    private void ExamineMachine(int v, int option, int oldPrevious, int head, int tail, int rest)
    {
        var (g, s) = (_g, _now);
        int[] heads = _without.Head, tails = _without.Tail;
        var (machine, time) = (g.OptionMachine[option], g.OptionTime[option]);
        var own = s.Machine[v] == machine;
        // Every place after those that v must follow and before those that must follow v.
        var (count, low, high) = (0, -1, 0);
        for (var x = s.First[machine]; x >= 0; x = s.Next[x])
        {
            if (x == v) continue;
            if (low < 0 && heads[x] + s.Time[x] > head) low = count;
            _line[count++] = x;
            if (tails[x] + s.Time[x] > tail) high = count;
        }
        if (low < 0) low = count;
        var clear = low >= high;
        if (clear)
        {
            (low, high) = (high, low);
            // Nothing on the machine is in the way: all places are equal unless set-ups tell them apart.
            if (g.SetUps is null) low = high = low + _luck.Next(high - low + 1);
        }
        var (free, freeTo) = own ? Free(v, count, oldPrevious) : _tabuMachine[option] > _iteration ? (1, 0) : (0, count);
        for (var i = low; i <= high; i++)
        {
            var (before, after) = (i > 0 ? _line[i - 1] : -1, i < count ? _line[i] : -1);
            if (own && before == oldPrevious) continue;
            var (h, t) = (head, tail);
            if (before >= 0) h = Math.Max(h, heads[before] + s.Time[before] + (g.SetUps is { } su ? su[machine][before * g.Count + v] : 0));
            if (after >= 0) t = Math.Max(t, tails[after] + s.Time[after] + (g.SetUps is { } su ? su[machine][v * g.Count + after] : 0));
            long through = h + time + t, value = Math.Max(through, rest);
            Consider(new Move { Operation = v, Option = option, After = before, Value = value, Through = through }, (i < free || i > freeTo) && value >= _best.Makespan);
        }
    }

    /// <summary>The places from first to last that undo no recent swap of operation <paramref name="v"/> with another of its machine.</summary>
    private (int From, int To) Free(int v, int count, int oldPrevious)
    {
        var old = 0;
        if (oldPrevious >= 0)
            while (old < count && _line[old++] != oldPrevious) { }
        // Moved later, those between come to stand before v; moved earlier, v before them. One that is forbidden forbids all beyond it.
        var (from, to) = (old, old);
        while (to < count && _tabuPair.Until(_line[to], v) <= _iteration) to++;
        while (from > 0 && _tabuPair.Until(v, _line[from - 1]) <= _iteration) from--;
        return (from, to);
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

    /// <summary>In a classic job shop jobs per machine count, as Zhang et al. have it; elsewhere half the operations of a machine.</summary>
    private int PairTenure => _byBlocks ? 10 + _g.Count / (_g.Machines * _g.Machines) : 8 + _g.Count / Math.Max(1, 2 * _g.Machines);

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

    /// <summary>Ends a walk that finds nothing more and begins another: first from other rules, then between two good schedules or not far from the best.</summary>
    private void Restart()
    {
        _elite.Add(_walk);
        if (++_walks < Starts) ShopGreedy.Fill(_g, _now, _luck);
        else if (_elite.Count < 2 || _luck.Next(100) < Beside || !_elite.Between(_now))
        {
            _now.CopyFrom(_best);
            var kicks = 2 + _luck.Next(6);
            for (var i = 0; i < kicks; i++) Kick();
        }
        _walk.CopyFrom(_now);
        if (_now.Makespan < _best.Makespan) _best.CopyFrom(_now);
        Forget();
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
        _without.Load();
        (_luckyTies, _wandering) = (0, true);
        Examine(_path[_luck.Next(length)]);
        _wandering = false;
        if (_luckyTies > 0) Apply(_luckyMove, length);
    }
}
