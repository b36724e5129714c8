using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>A job shop as a CP-SAT model inside the windows of a known schedule, which is its full hint.</summary>
internal sealed class CpShopModel
{
    private readonly ShopGraph _g;
    private readonly IntVar[] _start;
    private readonly BoolVar?[] _chosen;

    public CpModel Model { get; } = new();

    /// <summary>Models beyond these sizes are not searched in any useful time on two cores.</summary>
    public static bool IsWorthwhile(ShopGraph g) => g.OptionMachine.Length <= 40_000 && (g.SetUps is null || SetUpArcs(g) <= 60_000);

    private static long SetUpArcs(ShopGraph g) => g.OptionMachine.GroupBy(m => m).Sum(x => (long)x.Count() * (x.Count() + 1));

    /// <param name="known">A schedule of the instance; only better ones, and itself, are solutions of the model.</param>
    /// <param name="bound">Known lower bound of the makespan.</param>
    public CpShopModel(ShopGraph g, ShopSchedule known, long bound)
    {
        _g = g;
        var horizon = known.Makespan;
        _start = new IntVar[g.Count];
        _chosen = new BoolVar?[g.OptionMachine.Length];
        var end = new LinearExpr[g.Count];
        var onMachine = Enumerable.Range(0, g.Machines).Select(_ => new List<(IntervalVar Interval, int Operation, int Option)>()).ToArray();
        for (var i = 0; i < g.Count; i++)
        {
            var latest = Math.Max(known.Slots[i].Start, horizon - g.ShortestTail[i] - g.ShortestTime[i]);
            _start[i] = Model.NewIntVar(g.ShortestHead[i], latest, "");
            Model.AddHint(_start[i], known.Slots[i].Start);
            var options = Enumerable.Range(g.OptionFrom[i], g.OptionFrom[i + 1] - g.OptionFrom[i]).ToArray();
            var same = options.All(k => g.OptionTime[k] == g.OptionTime[options[0]]);
            if (same) end[i] = LinearExpr.Affine(_start[i], 1, g.OptionTime[options[0]]);
            else
            {
                var e = Model.NewIntVar(g.ShortestHead[i] + g.ShortestTime[i], Math.Max(known.Slots[i].End, horizon - g.ShortestTail[i]), "");
                Model.AddHint(e, known.Slots[i].End);
                end[i] = LinearExpr.Affine(e, 1, 0);
            }
            foreach (var k in options)
            {
                if (options.Length == 1)
                {
                    onMachine[g.OptionMachine[k]].Add((Model.NewFixedSizeIntervalVar(_start[i], g.OptionTime[k], ""), i, k));
                    continue;
                }
                var chosen = _chosen[k] = Model.NewBoolVar("");
                Model.AddHint(chosen, known.Slots[i].Machine == g.OptionMachine[k]);
                onMachine[g.OptionMachine[k]].Add((Model.NewOptionalIntervalVar(_start[i], LinearExpr.Constant(g.OptionTime[k]), end[i], chosen, ""), i, k));
            }
            if (options.Length > 1) Model.AddExactlyOne(options.Select(k => _chosen[k]!));
        }
        for (var i = 0; i < g.Count; i++)
            for (var k = g.BeforeFrom[i]; k < g.BeforeFrom[i + 1]; k++) Model.Add(end[g.Before[k]] <= _start[i]);
        var makespan = Model.NewIntVar(Math.Min(bound, horizon), horizon, "");
        Model.AddHint(makespan, horizon);
        for (var i = 0; i < g.Count; i++)
            if (g.AfterFrom[i] == g.AfterFrom[i + 1]) Model.Add(end[i] <= makespan);
        for (var m = 0; m < g.Machines; m++)
        {
            if (onMachine[m].Count == 0) continue;
            if (onMachine[m].Count > 1) Model.AddNoOverlap(onMachine[m].Select(x => x.Interval));
            Load(onMachine[m], makespan);
            if (g.SetUps is not null) SetUps(m, onMachine[m], end, known);
        }
        Model.Minimize(makespan);
    }

    /// <summary>No machine is done before it has done its load: redundant, but without it the bound of flexible shops is hopeless.</summary>
    private void Load(List<(IntervalVar Interval, int Operation, int Option)> here, IntVar makespan)
    {
        var head = here.Min(x => _g.ShortestHead[x.Operation]);
        var tail = here.Min(x => _g.ShortestTail[x.Operation]);
        var sure = here.Where(x => _chosen[x.Option] is null).Sum(x => (long)_g.OptionTime[x.Option]);
        // A machine that may stay empty has no first operation to wait for.
        if (here.All(x => _chosen[x.Option] is not null)) (head, tail) = (0, 0);
        var maybe = here.Where(x => _chosen[x.Option] is not null).Select(x => _chosen[x.Option]! * _g.OptionTime[x.Option]).ToArray();
        Model.Add(maybe.Length == 0 ? makespan >= head + sure + tail : LinearExpr.Sum(maybe) + (head + sure + tail) <= makespan);
    }

    /// <summary>Who follows whom on the machine, as a circle through a point outside; set-ups hang on its arcs.</summary>
    private void SetUps(int machine, List<(IntervalVar Interval, int Operation, int Option)> here, LinearExpr[] end, ShopSchedule known)
    {
        var circuit = Model.AddCircuit();
        var sequence = here.Where(x => known.Slots[x.Operation].Machine == machine)
            .OrderBy(x => known.Slots[x.Operation].Start).ThenBy(x => known.Slots[x.Operation].End).Select(x => x.Operation).ToArray();
        var next = Enumerable.Range(0, sequence.Length).ToDictionary(i => sequence[i], i => i + 1 < sequence.Length ? sequence[i + 1] : -1);
        var first = sequence.Length > 0 ? sequence[0] : -1;
        for (var a = 0; a < here.Count; a++)
        {
            var (_, i, option) = here[a];
            Arc(0, a + 1, first == i);
            Arc(a + 1, 0, next.TryGetValue(i, out var after) && after < 0);
            if (_chosen[option] is { } chosen) circuit.AddArc(a + 1, a + 1, chosen.Not());
            for (var b = 0; b < here.Count; b++)
            {
                if (a == b) continue;
                var j = here[b].Operation;
                var follows = Arc(a + 1, b + 1, next.GetValueOrDefault(i, -1) == j);
                Model.Add(end[i] + _g.SetUps![machine][i * _g.Count + j] <= _start[j]).OnlyEnforceIf(follows);
            }
        }
        // Nothing on the machine: the point outside is a circle of its own.
        var empty = Model.NewBoolVar("");
        Model.AddHint(empty, sequence.Length == 0);
        circuit.AddArc(0, 0, empty);
        foreach (var x in here)
            if (_chosen[x.Option] is { } c) Model.AddImplication(empty, c.Not());
            else Model.AddBoolAnd([empty.Not()]);

        BoolVar Arc(int from, int to, bool hint)
        {
            var arc = Model.NewBoolVar("");
            Model.AddHint(arc, hint);
            circuit.AddArc(from, to, arc);
            return arc;
        }
    }

    /// <summary>The schedule behind the values of all variables; starts may be later than needed.</summary>
    public ShopSchedule Read(long[] values)
    {
        var slots = new ShopSlot[_g.Count];
        for (var i = 0; i < _g.Count; i++)
            for (var k = _g.OptionFrom[i]; k < _g.OptionFrom[i + 1]; k++)
                if (_chosen[k] is null || values[_chosen[k]!.Index] != 0)
                    slots[i] = new(_g.OptionMachine[k], values[_start[i].Index], values[_start[i].Index] + _g.OptionTime[k]);
        return new([.. slots]);
    }
}
