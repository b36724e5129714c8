namespace Ieum.Plan;

/// <summary>How a move is tried and made: the sequence stays one in which everything comes after what it waits for.</summary>
internal sealed partial class PlainTabu
{
    /// <summary>First place of the sequence that a move changes.</summary>
    private int _from;

    private int MachineOf(int task, int option) => _p.Tasks[task].Options[option].Machine;
    private int JobBefore(int task) => _p.Tasks[task].AfterPrevious ? task - 1 : -1;
    private int JobAfter(int task) => task + 1 < _p.Tasks.Length && _p.Tasks[task + 1] is { AfterPrevious: true } next && next.Job == _p.Tasks[task].Job ? task + 1 : -1;
    private long ReadyOf(int task) => _p.Tasks[task] is { AfterPrevious: true } t ? Math.Max(t.Ready, _end[task - 1] + t.WaitBefore) : _p.Tasks[task].Ready;
    private long Began(int task) => _place[task] - WorkOf(task, _before[task]);

    private long WorkOf(int task, int before)
    {
        var t = _p.Tasks[task];
        var o = t.Options[_option[task]];
        return _p.SkipSetUp && !t.IsHeld && before >= 0 && _p.Tasks[before].Family == t.Family ? o.WorkNoSetUp : o.Work;
    }

    private void Load(Layout layout)
    {
        for (var t = 0; t < _sequence.Length; t++) (_sequence[t], _option[t], _start[t]) = (t, layout.Option[t], layout.Start[t]);
        Array.Sort(_sequence, (a, b) => _start[a] != _start[b] ? _start[a].CompareTo(_start[b]) : a.CompareTo(b));
        Array.Fill(_last, -1);
        Array.Fill(_before, -1);
        Array.Fill(_after, -1);
        foreach (var t in _sequence)
        {
            var machine = MachineOf(t, _option[t]);
            if (_last[machine] is >= 0 and var b) (_before[t], _after[b]) = (b, t);
            _last[machine] = t;
        }
        Settle();
    }

    /// <summary>Places the whole sequence, and sorts it by begin: then whatever waits for something begins after that has ended.</summary>
    private void Settle()
    {
        _value = Placed(_sequence, 0);
        Array.Copy(_triedEnd, _end, _end.Length);
        Array.Copy(_triedPlace, _place, _place.Length);
        for (var t = 0; t < _start.Length; t++) _start[t] = _p.Machines[MachineOf(t, _option[t])].Axis.ClockOfStart(Began(t));
        for (var k = 1; k < _sequence.Length; k++)
        {
            var (task, to) = (_sequence[k], k);
            for (; to > 0 && _start[_sequence[to - 1]] > _start[task]; to--) _sequence[to] = _sequence[to - 1];
            _sequence[to] = task;
        }
        for (var k = 0; k < _sequence.Length; k++) _at[_sequence[k]] = k;
    }

    /// <returns>Value of the schedule after the move; infinite when it cannot be made.</returns>
    private double Try(Move m)
    {
        if (!Arrange(m)) return double.PositiveInfinity;
        var (option, back) = (_option[m.Task], _after[m.Task]);
        Link(m);
        Array.Copy(_end, _triedEnd, _end.Length);
        Array.Copy(_place, _triedPlace, _place.Length);
        var value = Placed(_trial, _from);
        Link(new(m.Task, option, back));
        return value;
    }

    /// <summary>Takes an operation out of its machine's row and puts it into another place; leaves the sequence as it is.</summary>
    private void Link(Move m)
    {
        var (before, after, from) = (_before[m.Task], _after[m.Task], MachineOf(m.Task, _option[m.Task]));
        if (before >= 0) _after[before] = after;
        if (after >= 0) _before[after] = before; else _last[from] = before;
        _option[m.Task] = m.Option;
        var to = MachineOf(m.Task, m.Option);
        var behind = m.Before >= 0 ? _before[m.Before] : _last[to];
        (_before[m.Task], _after[m.Task]) = (behind, m.Before);
        if (behind >= 0) _after[behind] = m.Task;
        if (m.Before >= 0) _before[m.Before] = m.Task; else _last[to] = m.Task;
    }

    /// <summary>Writes the sequence after a move into <see cref="_trial"/>.</summary>
    /// <returns>False when it would change nothing, or something could have to wait for itself.</returns>
    private bool Arrange(Move m)
    {
        var (i, q) = (m.Task, m.Before);
        if (q == i || m.Option == _option[i] && q == _after[i] || q >= 0 && _p.Tasks[q].IsHeld) return false;
        var r = q >= 0 ? _before[q] : _last[MachineOf(i, m.Option)];
        if (r == i) return false;
        var (a, b) = (JobBefore(i), JobAfter(i));
        // The same order comes back to this machine.
        if (q >= 0 && q == a || r >= 0 && r == b) return false;
        // After both, before both.
        var low = Math.Max(a >= 0 ? _at[a] : -1, r >= 0 ? _at[r] : -1);
        var high = Math.Min(b >= 0 ? _at[b] : int.MaxValue, q >= 0 ? _at[q] : int.MaxValue);
        var (anchor, partner) = (-1, -1);
        if (low < high)
        {
            if (_at[i] > low && _at[i] < high) anchor = _at[i] - 1;
            else anchor = _at[i] > high ? high - 1 : low;
        }
        // What waits for one that has not ended when the other begins cannot lie between them, so these two alone change their order.
        else if (q >= 0 && a >= 0 && low == _at[a] && high == _at[q]) { if (_start[a] >= _end[q]) return false; (anchor, partner) = (low, q); }
        else if (b >= 0 && r >= 0 && low == _at[r] && high == _at[b]) { if (_start[r] >= _end[b]) return false; (anchor, partner) = (low, b); }
        else return false;
        var first = Math.Min(_at[i], anchor + 1);
        var last = Math.Max(_at[i], anchor);
        if (partner >= 0) (first, last) = (Math.Min(first, _at[partner]), Math.Max(last, _at[partner]));
        Array.Copy(_sequence, _trial, _sequence.Length);
        _from = first;
        var to = first;
        if (anchor < first) Put(ref to, i, partner);
        for (var k = first; k <= last; k++)
        {
            if (_sequence[k] != i && _sequence[k] != partner) _trial[to++] = _sequence[k];
            if (k == anchor) Put(ref to, i, partner);
        }
        return true;
    }

    private void Put(ref int to, int task, int partner)
    {
        _trial[to++] = task;
        if (partner >= 0) _trial[to++] = partner;
    }

    /// <summary>Places a sequence from one of its places on; what lies before it stands in the tried times already.</summary>
    /// <returns>Value of the whole; infinite when it does not fit into the horizon.</returns>
    private double Placed(int[] sequence, int from)
    {
        for (var k = from; k < sequence.Length; k++)
        {
            var task = sequence[k];
            var t = _p.Tasks[task];
            var before = _before[task];
            var axis = _p.Machines[t.Options[_option[task]].Machine].Axis;
            var ready = t.AfterPrevious ? Math.Max(t.Ready, _triedEnd[task - 1] + t.WaitBefore) : t.Ready;
            var place = Math.Max(before >= 0 ? _triedPlace[before] : 0, axis.At(ready)) + WorkOf(task, before);
            if (place > axis.Capacity) return double.PositiveInfinity;
            (_triedPlace[task], _triedEnd[task]) = (place, axis.ClockOfEnd(place));
        }
        long late = 0, end = 0, flow = 0;
        for (var j = 0; j < _lastTasks.Length; j++)
        {
            var job = _p.Jobs[j];
            var finish = long.MinValue;
            foreach (var t in _lastTasks[j]) finish = Math.Max(finish, _triedEnd[t]);
            finish += job.TailWait;
            late += Math.Max(0, finish - job.Due) * job.Weight;
            end = Math.Max(end, finish);
            flow += finish * job.Weight;
        }
        return ValueOf(new(late, end, flow), _goal);
    }
}
