namespace Ieum.Plan;

/// <summary>Moves of a plain job shop: within the blocks of the longest way.</summary>
/// <remarks>
/// Neighbourhood N7 (Zhang, Li, Guan and Rao 2007): an operation moves to either end of its block, the first and the last one also
/// inside. Feasible by the two tests of Balas and Vazacopoulos (1998), valued by their estimate: new heads and tails of the
/// operations between the old place and the new one, those outside taken as they are. A step then costs a hundredth of one with
/// exact values at 750 operations, and finds more in the same time.
/// </remarks>
internal sealed partial class TabuSearch
{
    /// <summary>Operations from which estimates pay. Small shops keep exact values: theirs cost little, and every place is open to them, also inside a block.</summary>
    private const int ByBlocksFrom = 100;

    private readonly int[] _newHead, _segment;

    private void ExamineBlocks(int length)
    {
        for (var (from, to) = (0, 0); from < length; from = to)
        {
            to = from + 1;
            while (to < length && _now.Next[_path[to - 1]] == _path[to]) to++;
            if (to - from < 2) continue;
            // The way begins and ends with the schedule: what stands first in its first block and last in its last one is no matter.
            var (front, back) = (from > 0, to < length);
            for (var i = from; i < to; i++)
            {
                if (back || i == from && front)
                    for (var j = i == from && front ? from + 1 : to - 1; j < to; j++)
                        if (j > i && (back || j < to - 1)) Later(i, j);
                // Neighbours that change places were looked at as a move later.
                if (front || i == to - 1 && back)
                    for (var j = i == to - 1 && back ? to - 2 : from; j >= from; j--)
                        if (j < i - 1 && (front || j > from)) Earlier(i, j);
            }
        }
    }

    private int JobHead(int v)
    {
        var k = _g.BeforeFrom[v];
        if (k == _g.BeforeFrom[v + 1]) return 0;
        var b = _g.Before[k];
        return _now.Head[b] + _now.Time[b];
    }

    private int JobTail(int v)
    {
        var k = _g.AfterFrom[v];
        if (k == _g.AfterFrom[v + 1]) return 0;
        var a = _g.After[k];
        return _now.Tail[a] + _now.Time[a];
    }

    /// <summary>The operation at place <paramref name="i"/> of the way goes right behind the one at <paramref name="j"/>.</summary>
    private void Later(int i, int j)
    {
        var (u, v) = (_path[i], _path[j]);
        if (_now.Time[v] + _now.Tail[v] < JobTail(u)) return;
        var tabu = false;
        var count = 0;
        for (var k = i + 1; k <= j; k++)
        {
            _segment[count++] = _path[k];
            tabu |= _tabuPair.Until(_path[k], u) > _iteration;
        }
        _segment[count++] = u;
        Weigh(u, v, count, _now.Previous[u], _now.Next[v], tabu);
    }

    /// <summary>The operation at place <paramref name="i"/> of the way goes right before the one at <paramref name="j"/>.</summary>
    private void Earlier(int i, int j)
    {
        var (v, u) = (_path[i], _path[j]);
        if (_now.Head[u] + _now.Time[u] < JobHead(v)) return;
        var tabu = false;
        var count = 0;
        _segment[count++] = v;
        for (var k = j; k < i; k++)
        {
            _segment[count++] = _path[k];
            tabu |= _tabuPair.Until(v, _path[k]) > _iteration;
        }
        Weigh(v, _now.Previous[u], count, _now.Previous[u], _now.Next[v], tabu);
    }

    private void Weigh(int operation, int after, int count, int before, int behind, bool tabu)
    {
        var at = before < 0 ? 0 : _now.Head[before] + _now.Time[before];
        for (var k = 0; k < count; k++)
        {
            var x = _segment[k];
            _newHead[k] = at = Math.Max(at, JobHead(x));
            at += _now.Time[x];
        }
        var tail = behind < 0 ? 0 : _now.Tail[behind] + _now.Time[behind];
        var value = 0;
        for (var k = count - 1; k >= 0; k--)
        {
            var x = _segment[k];
            tail = Math.Max(tail, JobTail(x)) + _now.Time[x];
            value = Math.Max(value, _newHead[k] + tail);
        }
        Consider(new Move { Operation = operation, Option = _g.OptionFrom[operation], After = after, Value = value, Through = value }, tabu && value >= _best.Makespan);
    }
}
