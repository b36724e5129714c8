using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Plan;

/// <summary>Checks a plan of a factory from the problem alone; walks calendars, sequences and stocks by itself and shares no code with the decoder.</summary>
internal sealed partial class FactoryVerifier
{
    private readonly FactoryProblem _p;
    private readonly FactoryPlan _plan;
    private readonly List<string> _found = [];
    private readonly Dictionary<(int, int), FactorySlot> _at = [];
    private readonly List<(long From, long To)>[] _open;

    private FactoryVerifier(FactoryProblem problem, FactoryPlan plan)
    {
        (_p, _plan) = (problem, plan);
        _open = [.. problem.Machines.Select((m, i) => Union(m.Open.Pieces.Select(x => (x.From, x.To))
            .Concat(m.Overtime.Where((_, k) => plan.Overtime.Contains((i, k))).Select(w => (w.From, w.To)))))];
    }

    /// <returns>What is wrong, in words; empty when the plan holds.</returns>
    public static IReadOnlyList<string> Faults(FactoryProblem problem, FactoryPlan plan)
    {
        var v = new FactoryVerifier(problem, plan);
        for (var o = 0; o < problem.Orders.Length; o++) v.CheckOrder(o);
        if (v._found.Count > 0) return v._found;
        for (var m = 0; m < problem.Machines.Length; m++) v.CheckMachine(m);
        v.CheckUnits();
        v.CheckMaterials();
        v.CheckFrozen();
        v.CheckScore();
        return v._found;
    }

    private void Tell(FormattableString what) => _found.Add(what.ToString(CultureInfo.InvariantCulture));
    private FactoryOperation Op(FactorySlot s) => _p.Orders[s.Order].Routings[s.Routing].Operations[s.Operation];
    private FactoryMode Mode(FactorySlot s) => Op(s).Modes[s.Mode];
    private string Name(FactorySlot s) => $"order {_p.Orders[s.Order].Id}, step {Op(s).Number}";
    private bool IsBatched(FactorySlot s) => _p.Machines[Mode(s).Machine].BatchCapacity > 0 && Op(s).Recipe.Length > 0;

    private long Work(FactorySlot s, double pieces) => Op(s).Begun?.Remaining
        ?? (long)Math.Ceiling(Op(s).Recipe.Length > 0 ? Mode(s).PerPiece : Mode(s).PerPiece * pieces - 1e-9);

    private void CheckOrder(int o)
    {
        var order = _p.Orders[o];
        var mine = _plan.Slots.Where(s => s.Order == o).ToArray();
        if (_plan.Unplanned.Contains(o))
        {
            if (mine.Length > 0) Tell($"order {order.Id} is told as not planned, yet {mine.Length} operations are");
            return;
        }
        if (mine.Select(s => s.Routing).Distinct().Count() > 1) { Tell($"order {order.Id} mixes routings"); return; }
        var r = mine.Length > 0 ? mine[0].Routing : 0;
        if (r < 0 || r >= order.Routings.Length) { Tell($"order {order.Id} takes routing {r}, which there is not"); return; }
        var operations = order.Routings[r].Operations;
        if (mine.Length == 0 && order.Routings.Any(x => x.Operations.All(y => y.Done))) return;
        for (var k = 0; k < operations.Length; k++)
        {
            var count = mine.Count(s => s.Operation == k);
            if (count != (operations[k].Done ? 0 : 1)) Tell($"order {order.Id}, step {operations[k].Number} stands {count} times in the plan");
        }
        if (mine.Any(s => s.Operation < 0 || s.Operation >= operations.Length || s.Mode < 0 || s.Mode >= operations[s.Operation].Modes.Length)) { Tell($"order {order.Id} names an operation or mode that there is not"); return; }
        if (_found.Count > 0) return;
        foreach (var s in mine)
        {
            _at[(o, s.Operation)] = s;
            if (Op(s).Begun is { } begun && begun.Mode != s.Mode) Tell($"{Name(s)} was begun on another machine");
            if (s.Start < 0 || s.RunStart < s.Start || s.End < s.RunStart) Tell($"{Name(s)} runs from {s.Start} over {s.RunStart} to {s.End}");
            if (Op(s).Begun is null && (s.Start < Op(s).Earliest || s.Start < (Op(s).Locked ?? 0)))
                Tell($"{Name(s)} starts at {s.Start}; it must not before {Math.Max(Op(s).Earliest, Op(s).Locked ?? 0)}");
            if (Op(s).Begun is null && s.Start < order.Release) Tell($"{Name(s)} starts at {s.Start}, before the release at {order.Release}");
        }
        foreach (var l in order.Routings[r].Links) CheckLink(o, operations, l);
    }

    private void CheckLink(int o, ImmutableArray<FactoryOperation> operations, FactoryLink l)
    {
        if (operations[l.To].Done || !_at.TryGetValue((o, l.To), out var b) || operations[l.To].Begun is not null) return;
        var a = _at.GetValueOrDefault((o, l.From));
        if (l.Transfer > 0 && a is not null)
        {
            // Lot by lot: each must have arrived when its turn comes.
            var quantity = _p.Orders[o].Quantity;
            for (var done = 0; done < quantity; done += l.Transfer)
            {
                var lot = Math.Min(quantity, done + l.Transfer);
                var made = lot == quantity || Op(a).Begun is not null ? a.End : After(Calendars(a, run: true), a.RunStart, Work(a, lot));
                var there = Travel(l, made + l.MinWait);
                var turn = done == 0 ? b.RunStart : After(Calendars(b, run: true), b.RunStart, (long)Math.Floor(Mode(b).PerPiece * done + 1e-9));
                if (turn < there) Tell($"{Name(b)} takes up piece {done} at {turn}; it is there at {there}");
            }
            return;
        }
        var end = a?.End ?? operations[l.From].DoneAt;
        var ready = Travel(l, end + l.MinWait);
        if (b.Start < ready) Tell($"{Name(b)} starts at {b.Start}; step {operations[l.From].Number}, wait and transport are over at {ready}");
    }

    private long Travel(FactoryLink l, long ready) => Travel(l.Lane, ready);

    private long Travel(int by, long ready)
    {
        if (by < 0) return ready;
        var lane = _p.Lanes[by];
        for (var k = 0; k < lane.Departures.Length; k++)
            if (lane.Departures[k] - lane.CutOff >= ready) return lane.Arrivals.Length > k ? lane.Arrivals[k] : lane.Departures[k] + lane.Travel;
        return long.MaxValue / 4;
    }

    private void CheckMachine(int m)
    {
        var machine = _p.Machines[m];
        var family = machine.Family;
        // Lots of one load stand in the plan with the same times; between loads nothing overlaps.
        var loads = _plan.Slots.Where(s => Mode(s).Machine == m).GroupBy(s => IsBatched(s) ? (s.Start, s.RunStart, s.End, -1, -1) : (s.Start, s.RunStart, s.End, s.Order, s.Operation))
            .OrderBy(g => g.Key.Start).ThenBy(g => g.Key.End).ThenBy(g => Op(g.First()).Begun is null).Select(g => g.ToArray()).ToArray();
        for (var i = 0; i < loads.Length; i++)
        {
            var s = loads[i][0];
            if (i > 0 && s.Start < loads[i - 1][0].End) Tell($"on '{machine.Id}' {Name(s)} starts at {s.Start}, before {Name(loads[i - 1][0])} ends at {loads[i - 1][0].End}");
            if (loads[i].Length > 1)
            {
                if (loads[i].Select(x => (Op(x).Recipe, Op(x).Family)).Distinct().Count() > 1) Tell($"'{machine.Id}' holds different recipes at {s.Start}");
                if (loads[i].Sum(x => Op(x).Load) > machine.BatchCapacity) Tell($"'{machine.Id}' holds {loads[i].Sum(x => Op(x).Load)} at {s.Start}; its capacity is {machine.BatchCapacity}");
            }
            // A load is set up once: as one of its lots asks for.
            if (!loads[i].Any(x => IsSetUp(x, SetUp(x, machine, family))))
                Tell($"{Name(s)} is set up for {Worked(Calendars(s, run: false), s.Start, s.RunStart)} min on '{machine.Id}' after family '{family}'; it needs {SetUp(s, machine, family)?.ToString(CultureInfo.InvariantCulture) ?? "what is not in the matrix"}");
            if (i > 0 && Op(s).Begun is { } goesOn && (Op(loads[i - 1][0]).Begun is not { } other || other.Rank > goesOn.Rank))
                Tell($"{Name(s)} was begun on '{machine.Id}' and goes on only after {Name(loads[i - 1][0])}");
            foreach (var x in loads[i]) CheckWork(x);
            family = Op(s).Family;
        }
    }

    /// <summary>The set-up may be over some time before the run: people or the piece of working time may be waited for.</summary>
    private bool IsSetUp(FactorySlot s, int? minutes) => minutes switch
    {
        null => false,
        0 => s.Start == s.RunStart,
        { } m when Mode(s).Pauses => Worked(Calendars(s, run: false), s.Start, s.RunStart) >= m,
        { } m => Union(Common(Calendars(s, run: false), s.Start, s.RunStart)).Any(c => c.To - c.From >= m),
    };

    private int? SetUp(FactorySlot s, FactoryMachine machine, string family)
    {
        var x = Op(s);
        if (x.Begun is not null) return 0;
        if (machine.Matrix < 0) return x.Family.Length > 0 && x.Family == family ? 0 : Mode(s).SetUp;
        var matrix = _p.Matrices[machine.Matrix];
        var (a, b) = (matrix.Families.IndexOf(family), matrix.Families.IndexOf(x.Family));
        if (a < 0 || b < 0) return x.Family.Length > 0 && x.Family == family ? 0 : Mode(s).SetUp;
        return matrix.Minutes[a * matrix.Families.Length + b] < 0 ? null : matrix.Minutes[a * matrix.Families.Length + b];
    }

    private void CheckWork(FactorySlot s)
    {
        var work = Work(s, _p.Orders[s.Order].Quantity);
        var worked = Worked(Calendars(s, run: true), s.RunStart, s.End);
        if (worked != work) Tell($"{Name(s)} is worked on for {worked} min from {s.RunStart} to {s.End}; it needs {work}");
        if (!Mode(s).Pauses && s.End - s.RunStart != work) Tell($"{Name(s)} must be done in one piece and is interrupted between {s.RunStart} and {s.End}");
        if (work > 0 && Worked(Calendars(s, run: true), s.End - 1, s.End) == 0) Tell($"{Name(s)} ends at {s.End}, when nobody works");
    }
}
