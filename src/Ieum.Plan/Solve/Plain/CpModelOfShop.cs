using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>The shop as a CP-SAT model: machines on their own axis of working time, joined by the clock.</summary>
/// <remarks>
/// On its axis a machine's calendar vanishes, so an operation is one interval and a machine one no-overlap row. The clock
/// is needed only where two axes, a wait or a due date meet: there it is the place on the axis plus the breaks passed,
/// one literal per break. Begins are bounded from above and ends from below, so every solution can be placed as it is.
/// </remarks>
internal sealed class CpModelOfShop
{
    private readonly PlanProblem _p;
    private readonly Windows _w;
    private readonly Layout _known;
    private readonly Group[][] _groups;
    private readonly IntVar?[] _start, _end;
    private readonly List<IntervalVar>[] _onMachine;

    public CpModel Model { get; } = new();

    /// <summary>One task on one axis.</summary>
    /// <param name="Present">Whether one of its options was chosen; null when there is no choice of axis.</param>
    private sealed record Group(WorkAxis Axis, IntVar Place, IntVar End, long Low, long High, long EndLow, long EndHigh, ILiteral? Present, List<Choice> Choices);

    /// <param name="Chosen">Null when there is no choice.</param>
    /// <param name="Size">Minutes of work; a variable where a set-up may be left out.</param>
    internal sealed record Choice(int Task, int Option, BoolVar? Chosen, IntVar Place, IntVar End, IntVar? Size, TaskOption Data);

    public CpModelOfShop(PlanProblem problem, Windows windows, Layout known)
    {
        (_p, _w, _known) = (problem, windows, known);
        _groups = new Group[problem.Tasks.Length][];
        _start = new IntVar?[problem.Tasks.Length];
        _end = new IntVar?[problem.Tasks.Length];
        _onMachine = [.. problem.Machines.Select(_ => new List<IntervalVar>())];
        var families = FamiliesMet();
        for (var t = 0; t < problem.Tasks.Length; t++) AddTask(t, families);
        foreach (var intervals in _onMachine.Where(i => i.Count > 1)) Model.AddNoOverlap(intervals);
        for (var t = 0; t < problem.Tasks.Length; t++)
            if (problem.Tasks[t] is { AfterPrevious: true, IsHeld: false } && !problem.Tasks[t - 1].IsHeld) AddOrder(t - 1, t);
        if (problem.SkipSetUp) CpSetUps.Add(Model, problem, known, [.. AllChoices()], families);
    }

    public IEnumerable<Choice> AllChoices() => _groups.Where(g => g is not null).SelectMany(g => g).SelectMany(g => g.Choices);

    /// <summary>Whether a task may follow one of its own family on a machine, so that its set-up may vanish.</summary>
    private HashSet<(int Machine, int Family)> FamiliesMet() => !_p.SkipSetUp ? [] :
        [.. _p.Tasks.SelectMany(t => t.Options.Select(o => (o.Machine, t.Family))).GroupBy(k => k).Where(g => g.Count() > 1).Select(g => g.Key)];

    private void AddTask(int t, HashSet<(int, int)> families)
    {
        var task = _p.Tasks[t];
        if (task.IsHeld)
        {
            _onMachine[task.Options[0].Machine].Add(Model.NewFixedSizeIntervalVar(Model.NewConstant(_known.Place[t]), _known.Work[t], $"held{t}"));
            return;
        }
        var fitting = task.Options.Select((o, i) => (Option: o, Index: i))
            .Where(o => Low(t, o.Option) + MayBe(o.Option) <= High(t, o.Option)).ToArray();
        var several = fitting.Length > 1;
        List<Group> groups = [];
        List<BoolVar> all = [];
        foreach (var axis in fitting.GroupBy(o => _p.Machines[o.Option.Machine].AxisIndex))
        {
            var shortest = axis.Min(o => MayBe(o.Option));
            var (low, endHigh) = (Low(t, axis.First().Option), High(t, axis.First().Option));
            var place = Model.NewIntVar(low, endHigh - shortest, $"s{t}.{axis.Key}");
            var end = Model.NewIntVar(low + shortest, endHigh, $"e{t}.{axis.Key}");
            Hint(place, end, t, axis.Key, low, shortest);
            List<Choice> choices = [];
            foreach (var (option, index) in axis)
            {
                var chosen = several ? Model.NewBoolVar($"x{t}.{index}") : null;
                if (chosen is not null) { Model.AddHint(chosen, _known.Option[t] == index); all.Add(chosen); }
                IntVar? size = null;
                if (families.Contains((option.Machine, task.Family)) && MayBe(option) < option.Work)
                {
                    size = Model.NewIntVar(MayBe(option), option.Work, $"d{t}.{index}");
                    Model.AddHint(size, _known.Option[t] == index ? _known.Work[t] : option.Work);
                }
                LinearExpr duration = size is not null ? LinearExpr.Affine(size, 1, 0) : LinearExpr.Constant(option.Work);
                _onMachine[option.Machine].Add(chosen is null
                    ? Model.NewIntervalVar(place, duration, end, $"i{t}.{index}")
                    : Model.NewOptionalIntervalVar(place, duration, end, chosen, $"i{t}.{index}"));
                choices.Add(new(t, index, chosen, place, end, size, option));
            }
            groups.Add(new(_p.Machines[axis.First().Option.Machine].Axis, place, end, low, endHigh - shortest, low + shortest, endHigh, null, choices));
        }
        if (several) Model.AddExactlyOne(all);
        _groups[t] = groups.Count == 1 ? [.. groups] : [.. groups.Select(g => g with { Present = PresenceOf(t, g) })];
    }

    private BoolVar PresenceOf(int t, Group g)
    {
        if (g.Choices.Count == 1) return g.Choices[0].Chosen!;
        var present = Model.NewBoolVar($"p{t}");
        Model.Add(LinearExpr.Sum(g.Choices.Select(c => c.Chosen!)) == present);
        Model.AddHint(present, g.Choices.Any(c => c.Option == _known.Option[t]));
        return present;
    }

    private void Hint(IntVar place, IntVar end, int t, int axis, long low, long shortest)
    {
        var here = _p.Machines[_p.Tasks[t].Options[_known.Option[t]].Machine].AxisIndex == axis;
        Model.AddHint(place, here ? _known.Place[t] : low);
        Model.AddHint(end, here ? _known.Place[t] + _known.Work[t] : low + shortest);
    }

    private long Low(int t, TaskOption o) => _p.Machines[o.Machine].Axis.At(_w.EarliestStart[t]);
    private long High(int t, TaskOption o) => _p.Machines[o.Machine].Axis.At(_w.LatestEnd[t]);
    private long MayBe(TaskOption o) => Windows.Shortest(_p, o);

    /// <summary>Task <paramref name="b"/> starts after task <paramref name="a"/> and the wait between them.</summary>
    private void AddOrder(int a, int b)
    {
        var wait = _p.Tasks[b].WaitBefore;
        if (wait == 0 && _groups[a] is [var x] && _groups[b] is [var y] && ReferenceEquals(x.Axis, y.Axis))
            Model.Add(x.End <= y.Place);
        else
            Model.Add(ClockEnd(a) + wait <= ClockStart(b));
    }

    /// <summary>A lower bound of nothing but the truth: at least the end of the task by the clock.</summary>
    public LinearExpr ClockEnd(int t)
    {
        if (_p.Tasks[t].IsHeld) return LinearExpr.Constant(_known.End[t]);
        if (_end[t] is { } known) return known;
        var end = _end[t] = Model.NewIntVar(0, Math.Max(0, _w.LatestEnd[t]), $"E{t}");
        Model.AddHint(end, _known.End[t]);
        foreach (var g in _groups[t])
            Enforce(Model.Add(end >= EndByClock(g.Axis, g.End, g.EndLow, g.EndHigh, Hinted(t, g, atEnd: true))), g.Present);
        return end;
    }

    private IntVar ClockStart(int t)
    {
        if (_start[t] is { } known) return known;
        var start = _start[t] = Model.NewIntVar(_w.EarliestStart[t], _w.LatestStart[t], $"S{t}");
        Model.AddHint(start, _known.Start[t]);
        foreach (var g in _groups[t])
        {
            var clock = g.Place + (g.Axis.ClockOfStart(g.Low) - g.Low);
            BoolVar? before = null;
            foreach (var (place, jump) in g.Axis.Jumps(g.Low, g.High))
            {
                var passed = Model.NewBoolVar($"a{t}.{place}");
                Model.AddHint(passed, Hinted(t, g, atEnd: false) >= place);
                Model.Add(g.Place >= place).OnlyEnforceIf(passed);
                if (before is not null) Model.AddImplication(passed, before);
                before = passed;
                clock += jump * passed;
            }
            Enforce(Model.Add(start <= clock), g.Present);
        }
        return start;
    }

    /// <summary>The clock at the end of a place on an axis, never less than the truth.</summary>
    public LinearExpr EndByClock(WorkAxis axis, IntVar end, long low, long high, long hinted)
    {
        var clock = end + (axis.ClockOfEnd(low) - low);
        BoolVar? before = null;
        foreach (var (place, jump) in axis.Jumps(low - 1, high - 1))
        {
            var passed = Model.NewBoolVar($"b{place}");
            Model.AddHint(passed, hinted > place);
            Model.Add(end <= place).OnlyEnforceIf(passed.Not());
            if (before is not null) Model.AddImplication(passed, before);
            before = passed;
            clock += jump * passed;
        }
        return clock;
    }

    private long Hinted(int t, Group g, bool atEnd)
    {
        var here = g.Choices.Any(c => c.Option == _known.Option[t]);
        return atEnd ? here ? _known.Place[t] + _known.Work[t] : g.EndLow : here ? _known.Place[t] : g.Low;
    }

    private static void Enforce(Constraint c, ILiteral? present)
    {
        if (present is not null) c.OnlyEnforceIf(present);
    }

    /// <summary>Which option, and which begin by the clock, a solution gives every task.</summary>
    public (int[] Option, long[] Start) Read(CpAnswer answer)
    {
        var (option, start) = (new int[_p.Tasks.Length], new long[_p.Tasks.Length]);
        foreach (var c in AllChoices().Where(c => c.Chosen is null || answer.IsTrue(c.Chosen)))
            (option[c.Task], start[c.Task]) = (c.Option, _p.Machines[c.Data.Machine].Axis.ClockOfStart(answer.Value(c.Place)));
        return (option, start);
    }
}
