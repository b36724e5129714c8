using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>Places operations one after another, each as early as its machine, people, material and predecessors allow.</summary>
/// <remarks>
/// A machine goes on after what was placed on it before: no gap is filled, so the sequence alone decides and a set-up always has the
/// predecessor it is counted from. Operations tied by a maximum wait are placed together; the first is moved later until the last fits.
/// </remarks>
internal sealed class FactoryDecoder(FactoryLayout layout)
{
    /// <summary>Tries to bring an operation close enough to the next; more would only hide that they do not fit.</summary>
    private const int WaitTries = 60;

    private readonly FactoryProblem _p = layout.Problem;
    private readonly Dictionary<(int Machine, int A, int B), OpenTime> _together = [];
    private readonly OpenTime[] _open = [.. layout.Problem.Machines.Select(m => m.Open)];
    private readonly bool[] _bought = new bool[layout.WindowFrom[^1]];
    private readonly FactorySlot?[] _slots = new FactorySlot?[layout.Count];
    private readonly int[] _family = [.. layout.Problem.Machines.Select(m => Array.IndexOf(layout.Families, m.Family))];
    private HashSet<int> _left = [];
    private FactoryScore _score;
    private FactoryVector _v = FactoryVector.Plain(layout);
    private State _s = new(layout.Problem);

    public FactoryLayout Layout => layout;

    /// <summary>What placing changes, in one piece, so that a try can be taken back.</summary>
    private sealed class State(FactoryProblem p)
    {
        public long[] MachineFree = new long[p.Machines.Length];
        public int[] Family = new int[p.Machines.Length];
        public int[] Batch = [.. Enumerable.Repeat(-1, p.Machines.Length)];
        public int[] BatchLoad = new int[p.Machines.Length];
        public long[] UnitFree = new long[p.Units.Length];
        public double[] Taken = new double[p.Materials.Length];
        public List<int> Placed = [];

        public State Copy() => new(p)
        {
            MachineFree = [.. MachineFree], Family = [.. Family], Batch = [.. Batch], BatchLoad = [.. BatchLoad],
            UnitFree = [.. UnitFree], Taken = [.. Taken], Placed = [.. Placed],
        };
    }

    public FactoryPlan Decode(FactoryVector vector)
    {
        Score(vector);
        return Finish();
    }

    /// <summary>Places everything and says what it is worth; <see cref="Finish"/> then gives it as a plan.</summary>
    public FactoryScore Score(FactoryVector vector)
    {
        _left = [];
        while (!PlaceAll(vector))
        {
            // Something did not fit into the horizon: its order is left out whole, so that its parts block nobody.
        }
        return _score = FactoryScoring.Of(layout, _slots, _open, _left);
    }

    private bool PlaceAll(FactoryVector vector)
    {
        Begin(vector);
        foreach (var i in vector.Sequence)
            if (_slots[i] is null && !layout.Operations[i].Done && IsWanted(i) && !Place(i))
                return !_left.Add(layout.Places[i].Order);
        return true;
    }

    public bool IsWanted(int i) => _v.Routing[layout.Places[i].Order] == layout.Places[i].Routing && (_left.Count == 0 || !_left.Contains(layout.Places[i].Order));
    public bool IsPlaced(int i) => _slots[i] is not null;
    public FactorySlot? Slot(int i) => _slots[i];
    public long MachineFree(int machine) => _s.MachineFree[machine];
    public int FamilyOn(int machine) => _s.Family[machine];
    public void SetMode(int i, int mode) => _v.Mode[i] = mode;

    /// <summary>As <see cref="Begin"/>, with no order left out yet.</summary>
    public void Start(FactoryVector vector)
    {
        _left = [];
        Begin(vector);
    }

    /// <summary>Empty machines, then what is begun, then what is frozen.</summary>
    private void Begin(FactoryVector vector)
    {
        _v = vector;
        Array.Clear(_slots);
        _s = new(_p);
        for (var m = 0; m < _p.Machines.Length; m++)
        {
            _s.Family[m] = _family[m];
            BuyOvertime(m);
        }
        foreach (var i in layout.BegunInOrder)
            if (IsWanted(i))
            {
                _v.Mode[i] = layout.Operations[i].Begun!.Mode;
                Put(i, 0);
            }
        foreach (var i in layout.FrozenInOrder)
            if (IsWanted(i)) Freeze(i);
    }

    private void BuyOvertime(int m)
    {
        var (from, count) = (layout.WindowFrom[m], _p.Machines[m].Overtime.Length);
        if (count == 0 || _v.Overtime.AsSpan(from, count).SequenceEqual(_bought.AsSpan(from, count))) return;
        _v.Overtime.AsSpan(from, count).CopyTo(_bought.AsSpan(from, count));
        _open[m] = _p.Machines[m].Open.With(_p.Machines[m].Overtime.Where((_, k) => _bought[from + k]).Select(w => (w.From, w.To, w.Price)));
        foreach (var key in _together.Keys.Where(k => k.Machine == m).ToArray()) _together.Remove(key);
    }

    /// <summary>Keeps a standing slot as it is, when its machine can still work then; else it is planned anew with the others.</summary>
    private void Freeze(int i)
    {
        var slot = layout.Standing[i]!;
        var mode = layout.Operations[i].Modes[slot.Mode];
        var needs = layout.Operations[i].Needs;
        if (_s.Batch[mode.Machine] is >= 0 and var lead && _slots[lead] is { } load && (load.Start, load.RunStart, load.End) == (slot.Start, slot.RunStart, slot.End)
            && layout.Operations[lead].Recipe == layout.Operations[i].Recipe && _s.BatchLoad[mode.Machine] + layout.Operations[i].Load <= _p.Machines[mode.Machine].BatchCapacity
            && layout.Before[i].All(e => layout.Operations[e.From].Done || _slots[e.From] is not null) && ReadyOf(i) is { } there && there <= slot.Start)
        {
            (_slots[i], _v.Mode[i]) = (slot, slot.Mode);
            _s.BatchLoad[mode.Machine] += layout.Operations[i].Load;
            Take(i);
            return;
        }
        var open = Together(mode.Machine, slot.Units.Take(needs.Length));
        // Who is only needed for the run may come after the set-up.
        var crewed = Together(mode.Machine, slot.Units.Where((u, n) => u >= 0 && (n >= needs.Length || !needs[n].RunOnly)));
        var setUp = layout.SetUpOf(i, slot.Mode, _s.Family[mode.Machine]);
        var broken = slot.Start < _s.MachineFree[mode.Machine] || open.Worked(slot.RunStart, slot.End) != layout.WorkOf(i, slot.Mode)
            || setUp is null || setUp == 0 != (slot.RunStart == slot.Start) || crewed.Worked(slot.Start, slot.RunStart) < setUp
            || slot.Units.Length != needs.Length + (_p.Machines[mode.Machine].Crew.IsEmpty ? 0 : 1) || slot.RunStart < slot.Start || slot.End < slot.RunStart
            || slot.Units.Where((u, n) => u >= 0 && _s.UnitFree[u] > (n < needs.Length && needs[n].RunOnly ? slot.RunStart : slot.Start)).Any()
            || layout.Before[i].Any(e => !layout.Operations[e.From].Done && _slots[e.From] is null);
        if (broken || ReadyOf(i) is not { } ready || ready > slot.Start || Starved(i, slot, mode) > 0) return;
        _v.Mode[i] = slot.Mode;
        Commit(i, slot);
    }

    /// <summary>Places an operation and, before it, whatever it waits for.</summary>
    /// <returns>False when something of it does not fit into the horizon.</returns>
    public bool Place(int i)
    {
        // Tied by a maximum wait to one before: that one brings it along.
        foreach (var e in layout.Before[i])
            if (_slots[e.From] is null && !layout.Operations[e.From].Done && !Place(e.From)) return false;
        return _slots[i] is not null || PlaceTied(i, 0);
    }

    private bool PlaceTied(int i, long earliest)
    {
        var tied = layout.TiedAfter[i];
        if (tied.Length == 0) return Put(i, earliest);
        // What else the tied ones wait for must be there first.
        foreach (var e in tied)
            foreach (var other in layout.Before[e.To])
                if (other.From != i && _slots[other.From] is null && !layout.Operations[other.From].Done && !DependsOn(other.From, i) && !Place(other.From)) return false;
        if (_slots[i] is not null) return true;
        for (var attempt = 0; ; attempt++)
        {
            var (before, placed) = (_s.Copy(), _s.Placed.Count);
            if (!Put(i, earliest)) return false;
            long over = 0;
            foreach (var e in tied)
            {
                if (_slots[e.To] is null && (layout.Before[e.To].Any(b => _slots[b.From] is null && !layout.Operations[b.From].Done) || !PlaceTied(e.To, 0))) continue;
                if (_slots[e.To] is { } next) over = Math.Max(over, next.RunStart - _slots[i]!.End - e.Link.MaxWait!.Value);
            }
            if (over <= 0 || attempt == WaitTries || layout.Operations[i].Begun is not null) return true;
            earliest = Math.Max(_slots[i]!.Start + 1, _slots[i]!.Start + over);
            foreach (var x in _s.Placed.Skip(placed)) _slots[x] = null;
            _s = before;
        }
    }

    private bool DependsOn(int i, int other) => i == other || layout.Before[i].Any(e => DependsOn(e.From, other));

    /// <summary>Minute from which routing, release, transport and material let an operation start.</summary>
    public long? ReadyOf(int i)
    {
        var (o, _, _) = layout.Places[i];
        var operation = layout.Operations[i];
        if (operation.Begun is not null) return 0;
        var ready = Math.Max(Math.Max(0, _p.Orders[o].Release), Math.Max(operation.Earliest, operation.Locked ?? 0));
        if (_v.Held[i] && layout.Standing[i] is { } stood) ready = Math.Max(ready, stood.Start);
        foreach (var e in layout.Before[i])
        {
            if (e.Link.Transfer > 0 && !layout.Operations[e.From].Done) continue;
            var end = layout.Operations[e.From].Done ? layout.Operations[e.From].DoneAt : _slots[e.From]!.End;
            var there = end + e.Link.MinWait;
            if (e.Link.Lane >= 0)
            {
                if (_p.Lanes[e.Link.Lane].Arrival(there) is not { } arrival) return null;
                there = arrival;
            }
            ready = Math.Max(ready, there);
        }
        foreach (var (material, amount) in operation.Takes)
        {
            if (SuppliedAt(material, _s.Taken[material] + amount) is not { } at) return null;
            ready = Math.Max(ready, at);
        }
        return ready;
    }

    private long? SuppliedAt(int material, double amount)
    {
        var sum = 0.0;
        foreach (var (minute, more) in _p.Materials[material].Supplies)
            if ((sum += more) >= amount - 1e-9) return minute;
        return amount <= 1e-9 ? 0 : null;
    }

    private bool Put(int i, long earliest)
    {
        if (ReadyOf(i) is not { } ready) return false;
        earliest = Math.Max(earliest, ready);
        var operation = layout.Operations[i];
        var mode = operation.Modes[_v.Mode[i]];
        if (JoinBatch(i, mode, earliest)) return true;
        if (layout.SetUpOf(i, _v.Mode[i], _s.Family[mode.Machine]) is not { } setUp) return false;
        var work = layout.WorkOf(i, _v.Mode[i]);
        var at = Math.Max(earliest, _s.MachineFree[mode.Machine]);
        // Lots that trickle in may hold the start back; each push is at least a minute, and the last lot ends it.
        for (var push = 0; push < 200; push++)
        {
            if (Slot(i, mode, setUp, work, at) is not { } slot) return false;
            if (Starved(i, slot, mode) is not (> 0 and var late)) { Commit(i, slot); return true; }
            // Later by so much working time, not by the clock: a push over a break would lose the time before it.
            at = Together(mode.Machine, NeedsOf(i, slot)).Run(slot.Start, late) is var (_, later) ? Math.Max(slot.Start + 1, later) : slot.Start + late;
        }
        return false;
    }

    private FactorySlot? Slot(int i, FactoryMode mode, int setUp, long work, long at)
    {
        var operation = layout.Operations[i];
        var machine = _p.Machines[mode.Machine];
        var (order, routing, index) = layout.Places[i];
        if (operation.Needs.IsEmpty && machine.Crew.IsEmpty)
        {
            var alone = _open[mode.Machine];
            var (begin, end) = (at, at);
            if (setUp > 0)
            {
                if ((mode.Pauses ? alone.Run(at, setUp) : alone.RunWhole(at, setUp)) is not var (b, e)) return null;
                (begin, end) = (b, e);
            }
            if ((mode.Pauses ? alone.Run(end, work) : alone.RunWhole(end, work)) is not var (f, t)) return null;
            return new(order, routing, index, _v.Mode[i], setUp > 0 ? begin : f, f, t, []);
        }
        var units = new int[operation.Needs.Length + (machine.Crew.IsEmpty ? 0 : 1)];
        Array.Fill(units, -1);
        for (var n = 0; n < operation.Needs.Length; n++)
        {
            units[n] = Soonest(operation.Needs[n].Units, at, units.AsSpan(0, n));
            if (units[n] < 0) return null;
            if (!operation.Needs[n].RunOnly || setUp == 0) at = Math.Max(at, _s.UnitFree[units[n]]);
        }
        var (start, ready) = (at, at);
        if (setUp > 0)
        {
            if (!machine.Crew.IsEmpty)
            {
                // Who runs the machine may set it up too.
                if ((units[^1] = Soonest(machine.Crew, at, [])) < 0) return null;
                at = Math.Max(at, _s.UnitFree[units[^1]]);
            }
            var crewed = Together(mode.Machine, units.Where((u, n) => u >= 0 && (n >= operation.Needs.Length || !operation.Needs[n].RunOnly)));
            if ((mode.Pauses ? crewed.Run(at, setUp) : crewed.RunWhole(at, setUp)) is not var (s, e)) return null;
            (start, ready) = (s, e);
        }
        for (var n = 0; n < operation.Needs.Length; n++) ready = Math.Max(ready, _s.UnitFree[units[n]]);
        var open = Together(mode.Machine, units.Take(operation.Needs.Length));
        // What runs now may have been begun outside of working time; what is left of it waits for the shift.
        if ((mode.Pauses ? open.Run(ready, work) : open.RunWhole(ready, work)) is not var (from, to)) return null;
        return new(order, routing, index, _v.Mode[i], setUp > 0 ? start : from, from, to, [.. units]);
    }

    private int Soonest(ImmutableArray<int> candidates, long at, ReadOnlySpan<int> taken)
    {
        var (best, when) = (-1, long.MaxValue);
        foreach (var u in candidates)
        {
            if (taken.Contains(u)) continue;
            var free = _p.Units[u].Open.Next(Math.Max(at, _s.UnitFree[u])) ?? long.MaxValue;
            if (free < when) (best, when) = (u, free);
        }
        return best;
    }

    private OpenTime Together(int machine, IEnumerable<int> units)
    {
        var open = _open[machine];
        int[] all = [.. units];
        if (all.Length == 0) return open;
        if (all.Length > 2) return all.Aggregate(open, (o, u) => o.And(_p.Units[u].Open));
        var key = (machine, all[0], all.Length > 1 ? all[1] : -1);
        return _together.TryGetValue(key, out var known) ? known : _together[key] = all.Aggregate(open, (o, u) => o.And(_p.Units[u].Open));
    }

    /// <summary>By how many minutes of working time the start must move at least so that no transfer lot is waited for.</summary>
    private long Starved(int i, FactorySlot slot, FactoryMode mode)
    {
        long late = 0;
        foreach (var e in layout.Before[i])
        {
            if (e.Link.Transfer == 0 || layout.Operations[e.From].Done || layout.Operations[i].Begun is not null) continue;
            var before = _slots[e.From]!;
            var feeding = layout.Operations[e.From].Modes[before.Mode];
            var quantity = _p.Orders[slot.Order].Quantity;
            var (feed, eat) = (Together(feeding.Machine, NeedsOf(e.From, before)), Together(mode.Machine, NeedsOf(i, slot)));
            for (var begun = 0; begun < quantity; begun += e.Link.Transfer)
            {
                var lot = Math.Min(begun + e.Link.Transfer, quantity);
                var made = lot == quantity || layout.Operations[e.From].Begun is not null ? before.End : feed.Run(before.RunStart, (long)Math.Ceiling(feeding.PerPiece * lot - 1e-9))!.Value.End;
                var there = made + e.Link.MinWait;
                if (e.Link.Lane >= 0) there = _p.Lanes[e.Link.Lane].Arrival(there) ?? long.MaxValue / 4;
                var wanted = begun == 0 ? slot.RunStart : eat.Run(slot.RunStart, (long)Math.Floor(mode.PerPiece * begun + 1e-9))!.Value.End;
                if (there > wanted) late = Math.Max(late, Math.Max(1, eat.Worked(wanted, there)));
            }
        }
        return late;
    }

    private IEnumerable<int> NeedsOf(int i, FactorySlot slot) => slot.Units.Take(layout.Operations[i].Needs.Length);

    private bool JoinBatch(int i, FactoryMode mode, long earliest)
    {
        var (operation, machine) = (layout.Operations[i], _p.Machines[mode.Machine]);
        if (machine.BatchCapacity == 0 || operation.Recipe.Length == 0 || _s.Batch[mode.Machine] is not (>= 0 and var first)) return false;
        var (lead, slot) = (layout.Operations[first], _slots[first]!);
        if (lead.Recipe != operation.Recipe || lead.Family != operation.Family || _s.BatchLoad[mode.Machine] + operation.Load > machine.BatchCapacity || earliest > slot.Start
            || layout.WorkOf(first, slot.Mode) != layout.WorkOf(i, _v.Mode[i]) || lead.Begun is null != operation.Begun is null
            || !lead.Needs.Select(n => (n.Name, n.RunOnly)).SequenceEqual(operation.Needs.Select(n => (n.Name, n.RunOnly)))) return false;
        var (order, routing, index) = layout.Places[i];
        _slots[i] = slot with { Order = order, Routing = routing, Operation = index, Mode = _v.Mode[i] };
        _s.BatchLoad[mode.Machine] += operation.Load;
        Take(i);
        return true;
    }

    private void Commit(int i, FactorySlot slot)
    {
        var operation = layout.Operations[i];
        var machine = operation.Modes[slot.Mode].Machine;
        _slots[i] = slot;
        _s.MachineFree[machine] = slot.End;
        _s.Family[machine] = layout.FamilyOf[i];
        for (var n = 0; n < slot.Units.Length; n++)
            if (slot.Units[n] >= 0) _s.UnitFree[slot.Units[n]] = Math.Max(_s.UnitFree[slot.Units[n]], n < operation.Needs.Length ? slot.End : slot.RunStart);
        var batched = _p.Machines[machine].BatchCapacity > 0 && operation.Recipe.Length > 0;
        (_s.Batch[machine], _s.BatchLoad[machine]) = batched ? (i, operation.Load) : (-1, 0);
        Take(i);
    }

    private void Take(int i)
    {
        _s.Placed.Add(i);
        if (layout.Operations[i].Begun is not null) return;
        foreach (var (material, amount) in layout.Operations[i].Takes) _s.Taken[material] += amount;
    }

    /// <summary>What was placed last, as a plan.</summary>
    public FactoryPlan Finish()
    {
        var slots = _slots.OfType<FactorySlot>().Where(s => !_left.Contains(s.Order)).OrderBy(s => s.Start).ThenBy(s => s.Order).ThenBy(s => s.Operation).ToImmutableArray();
        var bought = from m in Enumerable.Range(0, _p.Machines.Length) from k in Enumerable.Range(0, _p.Machines[m].Overtime.Length) where _bought[layout.WindowFrom[m] + k] select (m, k);
        return new(slots, [.. bought], _score, [.. _left.Order()]);
    }
}
