namespace Ieum.Plan;

/// <summary>
/// Moves only what is hit: whatever can stay where it stands stays, the rest goes into the earliest gap that is long enough on any of its
/// machines, so that the new plan meets the standing one again as soon as it can (match-up scheduling, Bean and Birge 1986).
/// </summary>
/// <remarks>People, furnaces and lots that trickle in are only looked at roughly; the decoder that follows places exactly and pushes where it must.</remarks>
internal sealed class FactoryMatchUp
{
    private readonly FactoryLayout _layout;
    private readonly FactoryProblem _p;
    private readonly FactoryVector _v;
    private readonly OpenTime[] _open;
    private readonly List<(long Start, long End, int I)>[] _line;
    private readonly long[] _begun;
    private readonly (long Start, long End)?[] _at;
    private readonly double[] _taken;
    private readonly Dictionary<(int Machine, int A, int B), OpenTime> _together = [];

    private FactoryMatchUp(FactoryLayout layout)
    {
        (_layout, _p, _v) = (layout, layout.Problem, FactoryRepair.Carry(layout, hold: true));
        _open = [.. _p.Machines.Select((m, i) => m.Overtime.IsEmpty ? m.Open : m.Open.With(m.Overtime.Where((_, k) => _v.Overtime[layout.WindowFrom[i] + k]).Select(w => (w.From, w.To, w.Price))))];
        _line = [.. _p.Machines.Select(_ => new List<(long, long, int)>())];
        (_begun, _at, _taken) = (new long[_p.Machines.Length], new (long, long)?[layout.Count], new double[_p.Materials.Length]);
    }

    /// <param name="first">Operations that go where they can at once; what stands in their way makes room.</param>
    public static FactoryVector Of(FactoryLayout layout, IEnumerable<int>? first = null) => new FactoryMatchUp(layout).Build(first ?? []);

    private FactoryVector Build(IEnumerable<int> first)
    {
        foreach (var i in _layout.BegunInOrder.Where(Wanted))
        {
            var m = MachineOf(i, _layout.Operations[i].Begun!.Mode);
            var run = _open[m].Run(_begun[m], _layout.Operations[i].Begun!.Remaining) ?? (_begun[m], _p.Horizon);
            (_at[i], _begun[m]) = ((0, run.End), run.End);
        }
        var left = Enumerable.Range(0, _layout.Count).Where(i => Wanted(i) && _at[i] is null && !_layout.Operations[i].Done).ToList();
        foreach (var i in left)
            if (_layout.Standing[i] is { } s) _line[MachineOf(i, s.Mode)].Add((s.Start, s.End, i));
        foreach (var line in _line) line.Sort();
        foreach (var i in first)
            if (Wanted(i) && !_layout.Operations[i].Done) Place(i, ahead: true);
        // What stands goes in its order; what is new comes after it, the urgent first, and takes what is free.
        foreach (var i in left.OrderBy(i => _layout.Standing[i]?.Start ?? long.MaxValue).ThenBy(i => _p.Orders[_layout.Places[i].Order].Due - 1000 * _p.Orders[_layout.Places[i].Order].Weight).ThenBy(i => i)) Place(i);
        long Key(int i) => _at[i]?.Start ?? long.MaxValue;
        return _v with { Sequence = [.. Enumerable.Range(0, _layout.Count).OrderBy(Key).ThenBy(i => i)] };
    }

    private bool Wanted(int i) => _v.Routing[_layout.Places[i].Order] == _layout.Places[i].Routing;
    private int MachineOf(int i, int mode) => _layout.Operations[i].Modes[mode].Machine;

    private void Place(int i, bool ahead = false)
    {
        if (_at[i] is not null) return;
        foreach (var e in _layout.Before[i])
            if (!_layout.Operations[e.From].Done) Place(e.From);
        var ready = ReadyOf(i);
        if (_layout.Standing[i] is { } s)
        {
            if (!ahead && s.Start >= ready && Stands(i, s))
            {
                Keep(i, (s.Start, s.End));
                return;
            }
            _line[MachineOf(i, s.Mode)].RemoveAll(x => x.I == i);
        }
        var best = (Mode: _v.Mode[i], Start: _p.Horizon, End: long.MaxValue);
        for (var k = 0; k < _layout.Operations[i].Modes.Length; k++)
            if (Gap(i, k, Math.Max(ready, _begun[MachineOf(i, k)]), ahead) is { } gap && gap.End < best.End) best = (k, gap.Start, gap.End);
        (_v.Mode[i], _v.Held[i]) = (best.Mode, false);
        if (best.End == long.MaxValue) best.End = best.Start + 1;
        else
        {
            var line = _line[MachineOf(i, best.Mode)];
            var at = line.BinarySearch((best.Start, best.End, i));
            line.Insert(at < 0 ? ~at : at, (best.Start, best.End, i));
        }
        Keep(i, (best.Start, best.End));
    }

    private void Keep(int i, (long, long) at)
    {
        _at[i] = at;
        foreach (var (material, amount) in _layout.Operations[i].Takes) _taken[material] += amount;
    }

    /// <summary>Whether nothing but the steps before it has changed for a standing slot.</summary>
    private bool Stands(int i, FactorySlot s)
    {
        var m = MachineOf(i, s.Mode);
        if (s.Start < _begun[m]) return false;
        foreach (var (start, end, other) in _line[m])
        {
            if (start >= s.End) break;
            // Lots of one load lie over each other by right.
            if (other != i && end > s.Start && _at[other] is not null && !(_p.Machines[m].BatchCapacity > 0 && (start, end) == (s.Start, s.End))) return false;
        }
        var open = _open[m];
        var units = s.Units.Take(_layout.Operations[i].Needs.Length).Where(u => u >= 0).ToArray();
        if (units.Length > 0)
        {
            var key = (m, units[0], units.Length > 1 ? units[1] : -1);
            if (units.Length > 2 || !_together.TryGetValue(key, out open!))
            {
                open = units.Aggregate(_open[m], (o, u) => o.And(_p.Units[u].Open));
                if (units.Length <= 2) _together[key] = open;
            }
        }
        return open.Worked(s.RunStart, s.End) >= _layout.WorkOf(i, s.Mode);
    }

    private long ReadyOf(int i)
    {
        var x = _layout.Operations[i];
        var ready = Math.Max(Math.Max(0, _p.Orders[_layout.Places[i].Order].Release), Math.Max(x.Earliest, x.Locked ?? 0));
        foreach (var e in _layout.Before[i])
        {
            if (e.Link.Transfer > 0 && !_layout.Operations[e.From].Done)
            {
                // Lots that trickle in: as much later as what feeds it.
                var (now, was) = (_at[e.From]!.Value.Start, _layout.Standing[e.From]?.Start);
                ready = Math.Max(ready, was is { } w && _layout.Standing[i] is { } own ? own.Start + Math.Max(0, now - w) : now + 1);
                continue;
            }
            var there = (_layout.Operations[e.From].Done ? _layout.Operations[e.From].DoneAt : _at[e.From]!.Value.End) + e.Link.MinWait;
            ready = Math.Max(ready, e.Link.Lane < 0 ? there : _p.Lanes[e.Link.Lane].Arrival(there) ?? _p.Horizon);
        }
        foreach (var (material, amount) in x.Takes)
        {
            var (sum, at) = (0.0, _p.Horizon);
            foreach (var (minute, more) in _p.Materials[material].Supplies)
                if ((sum += more) >= _taken[material] + amount - 1e-9) { at = minute; break; }
            ready = Math.Max(ready, at);
        }
        return ready;
    }

    /// <summary>The first stretch of a machine that takes set-up and work without pushing what stands after it.</summary>
    /// <param name="ahead">What was not placed yet is no hindrance.</param>
    private (long Start, long End)? Gap(int i, int mode, long ready, bool ahead)
    {
        var m = MachineOf(i, mode);
        var (open, line, work) = (_open[m], _line[m], _layout.WorkOf(i, mode));
        var from = ready;
        var family = Array.IndexOf(_layout.Families, _p.Machines[m].Family);
        for (var at = 0; at <= line.Count; at++)
        {
            if (ahead && at < line.Count && _at[line[at].I] is null) continue;
            if (at < line.Count && line[at].Start < ready && line[at].End <= ready)
            {
                family = _layout.FamilyOf[line[at].I];
                continue;
            }
            if (_layout.SetUpOf(i, mode, family) is { } setUp && open.Run(Math.Max(from, ready), setUp + work) is var (start, end))
            {
                if (_layout.Operations[i].Modes[mode] is { Pauses: false } && open.RunWhole(end - work < start ? start : Math.Max(from, ready) + setUp, work) is var (_, whole)) end = Math.Max(end, whole);
                if (at == line.Count) return (start, end);
                var next = line[at];
                var more = Math.Max(0, (_layout.SetUpOf(next.I, Math.Min(_v.Mode[next.I], _layout.Operations[next.I].Modes.Length - 1), _layout.FamilyOf[i]) ?? 0)
                    - (_layout.SetUpOf(next.I, Math.Min(_v.Mode[next.I], _layout.Operations[next.I].Modes.Length - 1), family) ?? 0));
                if (end + more <= next.Start) return (start, end);
            }
            if (at == line.Count) break;
            from = Math.Max(from, line[at].End);
            family = _layout.FamilyOf[line[at].I];
        }
        return null;
    }
}
