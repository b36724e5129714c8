namespace Ieum.Plan;

internal sealed partial class FactoryVerifier
{
    private void CheckUnits()
    {
        List<(int Unit, long From, long To, FactorySlot Slot)> held = [];
        foreach (var load in _plan.Slots.GroupBy(s => IsBatched(s) ? (Mode(s).Machine, s.Start, -1, -1) : (Mode(s).Machine, s.Start, s.Order, s.Operation)))
            foreach (var s in load)
            {
                // Lots of one load are looked after by the same people, who are there once.
                var first = s == load.First();
                var (needs, crew) = (Op(s).Needs, _p.Machines[Mode(s).Machine].Crew);
                if (s.Units.Length != needs.Length + (crew.IsEmpty ? 0 : 1)) { Tell($"{Name(s)} names {s.Units.Length} units for {needs.Length} needs"); continue; }
                for (var n = 0; n < needs.Length; n++)
                {
                    if (!needs[n].Units.Contains(s.Units[n])) Tell($"{Name(s)} takes unit {s.Units[n]} for '{needs[n].Name}', which it is not");
                    else if (first) held.Add((s.Units[n], needs[n].RunOnly ? s.RunStart : s.Start, s.End, s));
                }
                if (!s.Units.SequenceEqual(load.First().Units)) Tell($"{Name(s)} names other units than the load it is in");
                if (crew.IsEmpty) continue;
                if (s.RunStart == s.Start)
                {
                    if (s.Units[^1] != -1) Tell($"{Name(s)} names somebody for a set-up that there is not");
                    continue;
                }
                if (!crew.Contains(s.Units[^1])) Tell($"{Name(s)} is set up by nobody of the crew");
                else if (first && !needs.Where((n, k) => !n.RunOnly && s.Units[k] == s.Units[^1]).Any()) held.Add((s.Units[^1], s.Start, s.RunStart, s));
            }
        foreach (var unit in held.GroupBy(h => h.Unit))
        {
            var inOrder = unit.Where(h => h.From < h.To).OrderBy(h => h.From).ToArray();
            for (var i = 1; i < inOrder.Length; i++)
                if (inOrder[i].From < inOrder[i - 1].To)
                    Tell($"'{_p.Units[unit.Key].Id}' is at {Name(inOrder[i].Slot)} from {inOrder[i].From}, and at {Name(inOrder[i - 1].Slot)} until {inOrder[i - 1].To}");
        }
    }

    private void CheckMaterials()
    {
        for (var m = 0; m < _p.Materials.Length; m++)
        {
            var taken = 0.0;
            foreach (var s in _plan.Slots.Where(s => Op(s).Begun is null).OrderBy(s => s.Start))
            {
                taken += Op(s).Takes.Where(t => t.Material == m).Sum(t => t.Amount);
                var there = _p.Materials[m].Supplies.Where(x => x.Minute <= s.Start).Sum(x => x.Amount);
                if (taken > there + 1e-6 && Op(s).Takes.Any(t => t.Material == m)) Tell($"{Name(s)} brings the use of '{_p.Materials[m].Id}' to {taken} at {s.Start}; {there} have come in");
            }
        }
    }

    /// <summary>What lies in the frozen zone stays, unless it can no longer be done as it stood.</summary>
    private void CheckFrozen()
    {
        foreach (var old in _p.Standing.Where(s => s.Start >= 0 && s.Start < _p.FrozenUntil))
        {
            if (old.Routing >= _p.Orders[old.Order].Routings.Length || old.Operation >= _p.Orders[old.Order].Routings[old.Routing].Operations.Length) continue;
            // An order that takes another way has left its frozen work behind; that counts as moved too.
            var now = _at.TryGetValue((old.Order, old.Operation), out var same) && same.Routing == old.Routing ? same : null;
            if (Op(old).Begun is not null || Op(old).Done || _plan.Unplanned.Contains(old.Order) || now is not null && now with { Units = old.Units } == old) continue;
            var possible = old.Mode < Op(old).Modes.Length && Worked(Calendars(old, run: true), old.RunStart, old.End) == Work(old, _p.Orders[old.Order].Quantity)
                && !_plan.Slots.Any(s => s != now && (Mode(s).Machine == Mode(old).Machine || s.Units.Any(u => u >= 0 && old.Units.Contains(u))) && s.Start < old.End && old.Start < s.End)
                && Op(old).Takes.IsEmpty && old.Start >= Math.Max(_p.Orders[old.Order].Release, Math.Max(Op(old).Earliest, Op(old).Locked ?? 0))
                && IsSetUp(old, SetUp(old, _p.Machines[Mode(old).Machine], _plan.Slots.Where(s => s != now && Mode(s).Machine == Mode(old).Machine && s.End <= old.Start).MaxBy(s => (s.Start, s.End)) is { } before ? Op(before).Family : _p.Machines[Mode(old).Machine].Family))
                && _p.Orders[old.Order].Routings[old.Routing].Links.All(l => l.To != old.Operation || l.Transfer == 0 && IsKept(old, l.From)
                    && Travel(l, (_at.TryGetValue((old.Order, l.From), out var a) ? a.End : _p.Orders[old.Order].Routings[old.Routing].Operations[l.From].DoneAt) + l.MinWait) <= old.Start);
            if (possible && now is null) Tell($"{Name(old)} lies in the frozen zone at {old.Start}, and its order goes another way");
            else if (possible) Tell($"{Name(old)} lies in the frozen zone at {old.Start} and was moved to {now!.Start}");
        }
    }

    /// <summary>Whether the step before one of the frozen zone is past, under way, or where it stood: only then could the next stay.</summary>
    private bool IsKept(FactorySlot slot, int before)
    {
        var x = _p.Orders[slot.Order].Routings[slot.Routing].Operations[before];
        return x.Done || x.Begun is not null || _at.TryGetValue((slot.Order, before), out var now)
            && _p.Standing.Any(s => (s.Order, s.Routing, s.Operation, s.Mode, s.Start, s.End) == (now.Order, now.Routing, now.Operation, now.Mode, now.Start, now.End));
    }

    private void CheckScore()
    {
        var (tardiness, makespan, setUp, overtime) = (0.0, 0L, 0L, 0.0);
        foreach (var o in _plan.Slots.GroupBy(s => s.Order))
        {
            tardiness += _p.Orders[o.Key].Weight * Math.Max(0, Finish(o) - _p.Orders[o.Key].Due);
        }
        foreach (var load in _plan.Slots.GroupBy(s => IsBatched(s) ? (Mode(s).Machine, s.Start, -1, -1) : (Mode(s).Machine, s.Start, s.Order, s.Operation)))
        {
            var (s, machine) = (load.First(), load.Key.Machine);
            makespan = Math.Max(makespan, s.End);
            setUp += Worked([_open[machine]], s.Start, s.RunStart);
            // A minute of bought overtime that regular time covers anyway costs nothing.
            foreach (var k in _plan.Overtime.Where(x => x.Machine == machine))
            {
                var w = _p.Machines[machine].Overtime[k.Window];
                var (from, to) = (Math.Max(w.From, s.Start), Math.Min(w.To, s.End));
                if (from < to) overtime += w.Price * (to - from - Worked([[.. _p.Machines[machine].Open.Pieces.Select(x => (x.From, x.To))]], from, to));
            }
        }
        var told = _plan.Score;
        if (Math.Abs(told.Tardiness - tardiness) > 1e-3 || told.Makespan != makespan || told.SetUp != setUp || Math.Abs(told.OvertimeCost - overtime) > 1e-3)
            Tell($"the plan tells tardiness {told.Tardiness}, makespan {told.Makespan}, set-up {told.SetUp}, overtime {told.OvertimeCost}; it is {tardiness}, {makespan}, {setUp}, {overtime}");
        var (broken, changes) = (Broken(), Changes());
        if (told.BrokenDeadlines != broken || told.Changes != changes) Tell($"the plan tells {told.BrokenDeadlines} broken promises and {told.Changes} changes; there are {broken} and {changes}");
        var g = _p.Goal;
        var flow = _plan.Slots.GroupBy(s => s.Order).Sum(o => _p.Orders[o.Key].Weight * Finish(o));
        var total = g.Tardiness * tardiness + g.Makespan * makespan + g.SetUp * setUp + g.Overtime * overtime + g.Stability * changes + g.Flow * flow + Math.Max(1, g.Tardiness) * 144_000 * broken;
        if (Math.Abs(total - told.Total) > 1e-9 * Math.Abs(total) + 1e-3) Tell($"the plan tells a value of {told.Total}; it is {total}");
    }

    private long Finish(IGrouping<int, FactorySlot> order)
    {
        var routing = _p.Orders[order.Key].Routings[order.First().Routing];
        var there = Travel(routing.TailLane, order.Max(s => s.End) + routing.TailWait);
        return there == long.MaxValue / 4 ? _p.Horizon : there;
    }

    /// <summary>Orders that are not planned or end after their deadline, longest waits that are passed, and starts that people fixed and that do not hold.</summary>
    private int Broken() => _plan.Unplanned.Length
        + _plan.Slots.GroupBy(s => s.Order).Count(o => Finish(o) > _p.Orders[o.Key].Deadline)
        + _plan.Slots.Count(s => Op(s).Locked is { } wanted && Op(s).Begun is null && s.Start != wanted)
        + _plan.Slots.Sum(b => _p.Orders[b.Order].Routings[b.Routing].Links.Count(l => l.To == b.Operation && l.MaxWait is { } most && _at.TryGetValue((b.Order, l.From), out var a) && b.RunStart > a.End + most));

    /// <summary>Operations of the standing plan that now run on another machine, more than an hour away from where they stood, or not at all.</summary>
    private int Changes() => _p.Standing.Count(old => old.Routing < _p.Orders[old.Order].Routings.Length && old.Operation < _p.Orders[old.Order].Routings[old.Routing].Operations.Length
        && old.Mode < Op(old).Modes.Length && !Op(old).Done
        && (_at.TryGetValue((old.Order, old.Operation), out var now) && now.Routing == old.Routing
            ? Mode(now).Machine != Mode(old).Machine || now.Start > old.Start + 60 || now.Start < old.Start - 60
            : old.Start >= 0));

    // Calendars by plain lists of stretches.

    private List<List<(long From, long To)>> Calendars(FactorySlot s, bool run)
    {
        List<List<(long From, long To)>> all = [_open[Mode(s).Machine]];
        var needs = Op(s).Needs;
        for (var n = 0; n < needs.Length && n < s.Units.Length; n++)
            if (s.Units[n] >= 0 && s.Units[n] < _p.Units.Length && (run || !needs[n].RunOnly)) all.Add([.. _p.Units[s.Units[n]].Open.Pieces.Select(x => (x.From, x.To))]);
        if (!run && s.Units.Length > needs.Length && s.Units[^1] >= 0 && s.Units[^1] < _p.Units.Length) all.Add([.. _p.Units[s.Units[^1]].Open.Pieces.Select(x => (x.From, x.To))]);
        return all;
    }

    private static List<(long From, long To)> Union(IEnumerable<(long From, long To)> pieces)
    {
        List<(long From, long To)> made = [];
        foreach (var p in pieces.Where(p => p.From < p.To).Order())
            if (made.Count > 0 && made[^1].To >= p.From) made[^1] = (made[^1].From, Math.Max(made[^1].To, p.To));
            else made.Add(p);
        return made;
    }

    private static List<(long From, long To)> Common(List<List<(long From, long To)>> all, long from, long to)
    {
        List<(long From, long To)> common = [(from, to)];
        foreach (var calendar in all)
        {
            List<(long From, long To)> both = [];
            foreach (var c in common)
            {
                // Stretches stand in order and apart: the first that ends after the begin is found by halving.
                var (low, high) = (0, calendar.Count);
                while (low < high) { var middle = (low + high) / 2; if (calendar[middle].To > c.From) high = middle; else low = middle + 1; }
                for (; low < calendar.Count && calendar[low].From < c.To; low++) both.Add((Math.Max(c.From, calendar[low].From), Math.Min(c.To, calendar[low].To)));
            }
            common = both;
        }
        return common;
    }

    private static long Worked(List<List<(long From, long To)>> all, long from, long to) => to <= from ? 0 : Common(all, from, to).Sum(c => c.To - c.From);

    /// <summary>Minute of the clock at which so much work is done.</summary>
    private long After(List<List<(long From, long To)>> all, long from, long work)
    {
        if (work == 0) return from;
        foreach (var (a, b) in Common(all, from, _p.Horizon))
        {
            if (b - a >= work) return a + work;
            work -= b - a;
        }
        return long.MaxValue / 4;
    }
}
