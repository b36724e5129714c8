namespace Ieum.Plan;

/// <summary>Tabu search over the plain part of a factory: along the chains that make orders late, operations change places or machines.</summary>
/// <remarks>
/// A step tries the moves of those chains exactly, by placing what comes after them again, and takes the best that is not forbidden, or that
/// beats all before. Flat arrays, no allocation in a step. One thread; the same seed, steps and offers walk the same way.
/// </remarks>
internal sealed partial class PlainTabu
{
    /// <summary>Moves tried in a step at most; of more a random part.</summary>
    private const int Most = 48;

    /// <summary>Steps without a better schedule after which the walk begins anew beside the best.</summary>
    private const int Patience = 2_000;

    private readonly PlanProblem _p;
    private readonly Decoder _decoder;
    private readonly FactoryGoal _goal;
    private readonly Luck _luck;
    private readonly int[] _option, _before, _after, _last, _seen;
    private int[] _sequence, _trial;
    private readonly int[] _at;
    private readonly long[] _start;
    /// <summary>End by the clock and on the axis of the machine; each of the standing schedule and of the one that is tried.</summary>
    private readonly long[] _end, _place, _triedEnd, _triedPlace;
    private readonly int[][] _lastTasks;
    private readonly TabuPairs _pairs;
    private readonly long[][] _optionUntil;
    private readonly List<Move> _moves = [];
    private int _stamp;
    private long _idle;
    private double _value, _tried;

    /// <summary>An operation goes, on one of its machines, before another one; before none (-1) is the end of that machine.</summary>
    private readonly record struct Move(int Task, int Option, int Before);

    /// <param name="start">Where the walk begins; begun tasks stay as they lie there.</param>
    public PlainTabu(PlanProblem problem, FactoryGoal goal, Layout start, int seed)
    {
        (_p, _decoder, _goal, _luck) = (problem, new Decoder(problem), goal, new Luck(seed));
        var n = problem.Tasks.Length;
        (_option, _before, _after, _seen, _sequence, _trial, _at) = (new int[n], new int[n], new int[n], new int[n], new int[n], new int[n], new int[n]);
        (_start, _end, _place, _triedEnd, _triedPlace) = (new long[n], new long[n], new long[n], new long[n], new long[n]);
        _last = new int[problem.Machines.Length];
        _lastTasks = [.. problem.Jobs.Select(j => Enumerable.Range(j.First, j.Count).Where(t => t + 1 == j.First + j.Count || !problem.Tasks[t + 1].AfterPrevious).ToArray())];
        _pairs = new(n);
        _optionUntil = [.. problem.Tasks.Select(t => new long[t.Options.Length])];
        Best = start;
        BestValue = ValueOf(start.Score, goal);
        Load(start);
    }

    public long Steps { get; private set; }
    public Layout Best { get; private set; }
    public double BestValue { get; private set; }

    /// <summary>The schedule that the walk is at, as anybody would place its sequence, with the value that the walk reckoned for it when it was tried and when it was made.</summary>
    public (Layout Layout, double Tried, double Made) Standing => (_decoder.Decode(_decoder.SequenceOf(_option, _start)), _tried, _value);

    /// <summary>Weight of a schedule in the goal of the factory.</summary>
    public static double ValueOf(Score s, FactoryGoal goal) => goal.Tardiness * s.Tardiness + goal.Makespan * s.Makespan + goal.Flow * s.Flow;

    /// <summary>Walks on.</summary>
    /// <param name="until">Asked before every step; true ends the walk.</param>
    public void Run(long steps, Func<bool>? until = null)
    {
        for (var end = Steps + steps; Steps < end && until?.Invoke() != true; Steps++) Step();
    }

    /// <summary>A schedule that somebody else found; the walk goes on from there when it is better than all it knows.</summary>
    public bool Offer(Layout layout)
    {
        var value = ValueOf(layout.Score, _goal);
        if (value >= BestValue - 1e-9) return false;
        (Best, BestValue, _idle) = (layout, value, 0);
        Load(layout);
        return true;
    }

    private void Step()
    {
        if (++_idle > Patience) Restart();
        Collect();
        if (_moves.Count == 0) { Restart(); Collect(); }
        for (var k = Math.Min(_moves.Count, Most) - 1; k >= 0 && _moves.Count > Most; k--)
        {
            var other = k + _luck.Next(_moves.Count - k);
            (_moves[k], _moves[other]) = (_moves[other], _moves[k]);
        }
        var (best, bestValue, forced, forcedValue) = (default(Move?), double.PositiveInfinity, default(Move?), double.PositiveInfinity);
        for (var k = 0; k < Math.Min(_moves.Count, Most); k++)
        {
            var value = Try(_moves[k]);
            if (double.IsPositiveInfinity(value)) continue;
            // Equal moves by chance, so that a plateau is walked over and not along one edge.
            if (IsForbidden(_moves[k]) && value >= BestValue - 1e-9) { if (value < forcedValue) (forced, forcedValue) = (_moves[k], value); }
            else if (value < bestValue || value == bestValue && _luck.Next(2) == 0) (best, bestValue) = (_moves[k], value);
        }
        _tried = best is null ? forcedValue : bestValue;
        if ((best ?? forced) is { } chosen) Make(chosen);
        else _idle = Patience;
        if (_value >= BestValue - 1e-9) return;
        Keep();
    }

    private void Keep()
    {
        var layout = _decoder.Decode(_decoder.SequenceOf(_option, _start));
        (Best, BestValue, _idle) = (layout, ValueOf(layout.Score, _goal), 0);
    }

    /// <summary>Begins anew: the best schedule with a few of its critical moves made blindly.</summary>
    private void Restart()
    {
        Load(Best);
        _idle = 0;
        _pairs.Clear();
        foreach (var o in _optionUntil) Array.Clear(o);
        for (var kick = 3 + _luck.Next(8); kick > 0; kick--)
        {
            Collect();
            if (_moves.Count == 0) return;
            var move = _moves[_luck.Next(_moves.Count)];
            if (!double.IsPositiveInfinity(Try(move))) Make(move);
        }
    }

    private bool IsForbidden(Move m)
    {
        if (_optionUntil[m.Task][m.Option] > Steps) return true;
        if (m.Option != _option[m.Task]) return false;
        if (m.Before >= 0 && _at[m.Before] < _at[m.Task]) return _pairs.Until(m.Task, m.Before) > Steps;
        return (m.Before >= 0 ? _before[m.Before] : _last[MachineOf(m.Task, m.Option)]) is >= 0 and var behind && _pairs.Until(behind, m.Task) > Steps;
    }

    private void Make(Move m)
    {
        var tenure = Steps + 8 + _luck.Next(8 + _p.Jobs.Length / 2);
        if (m.Option != _option[m.Task]) _optionUntil[m.Task][_option[m.Task]] = tenure;
        else if (m.Before >= 0 && _at[m.Before] < _at[m.Task])
        {
            _pairs.Forbid(m.Before, m.Task, tenure);
            if (_before[m.Task] >= 0) _pairs.Forbid(_before[m.Task], m.Task, tenure);
        }
        else
        {
            if (_after[m.Task] >= 0) _pairs.Forbid(m.Task, _after[m.Task], tenure);
            if ((m.Before >= 0 ? _before[m.Before] : _last[MachineOf(m.Task, m.Option)]) is >= 0 and var behind) _pairs.Forbid(m.Task, behind, tenure);
        }
        Arrange(m);
        Link(m);
        (_sequence, _trial) = (_trial, _sequence);
        Settle();
    }

    /// <summary>Moves along the chain that each late order hangs on; where none is late, along the chain to the last end.</summary>
    private void Collect()
    {
        _moves.Clear();
        _stamp++;
        var (late, last, lastEnd) = (false, -1, long.MinValue);
        for (var j = 0; j < _lastTasks.Length; j++)
        {
            var (task, finish) = (-1, long.MinValue);
            foreach (var t in _lastTasks[j]) if (_end[t] > finish) (task, finish) = (t, _end[t]);
            finish += _p.Jobs[j].TailWait;
            if (finish > lastEnd) (last, lastEnd) = (task, finish);
            if (finish <= _p.Jobs[j].Due || _goal.Tardiness <= 0) continue;
            late = true;
            Follow(task);
        }
        if (_goal.Makespan > 0 && (!late || _luck.Next(8) == 0)) Follow(last);
    }

    private void Follow(int task)
    {
        while (task >= 0 && _seen[task] != _stamp && !_p.Tasks[task].IsHeld)
        {
            _seen[task] = _stamp;
            var (t, before) = (_p.Tasks[task], _before[task]);
            var axis = _p.Machines[t.Options[_option[task]].Machine].Axis;
            var ready = ReadyOf(task);
            var at = axis.At(ready);
            var free = before < 0 ? -1 : _place[before];
            var machine = free > at || free == at && before >= 0 && (!t.AfterPrevious || _luck.Next(2) == 0);
            if (machine && !_p.Tasks[before].IsHeld)
            {
                _moves.Add(new(task, _option[task], before));
                // The first of those that lie without a gap before it: to go ahead of all of them, or to put that one behind.
                var first = before;
                while (_before[first] is >= 0 and var b && !_p.Tasks[b].IsHeld && Began(first) == _place[b]) first = b;
                if (first != before)
                {
                    _moves.Add(new(task, _option[task], first));
                    _moves.Add(new(first, _option[first], _after[task]));
                }
            }
            for (var o = 0; o < t.Options.Length; o++)
                if (o != _option[task]) Elsewhere(task, o, ready);
            task = machine ? before : t.AfterPrevious ? task - 1 : -1;
        }
    }

    /// <summary>Where on another machine an operation could go: before the first that begins once it is ready, or one earlier.</summary>
    private void Elsewhere(int task, int option, long ready)
    {
        var (next, x) = (-1, _last[MachineOf(task, option)]);
        while (x >= 0 && _start[x] >= ready && !_p.Tasks[x].IsHeld) (next, x) = (x, _before[x]);
        _moves.Add(new(task, option, next));
        if (x >= 0 && _end[x] > ready && !_p.Tasks[x].IsHeld) _moves.Add(new(task, option, x));
        if (next >= 0 && _luck.Next(2) == 0) _moves.Add(new(task, option, _after[next]));
    }
}
