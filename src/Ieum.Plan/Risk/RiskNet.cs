using Ieum.Model;

namespace Ieum.Plan;

/// <summary>A plan as a net of what waits for what, ready to be worked many times.</summary>
internal sealed class RiskNet
{
    /// <summary>Past this a plan is not followed by the calendar any more.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromDays(90);

    private readonly Node[] _nodes;
    private readonly Dictionary<OrderId, (int Last, long After)> _ends = [];

    /// <param name="From">Index of what it waits for.</param>
    /// <param name="Lag">Ticks between both, waits of the routing.</param>
    /// <param name="ByStart">It follows the begin of the other, not its end: lots passed on while the step before still works.</param>
    private readonly record struct Arc(int From, long Lag, bool ByStart, (long Ready, long There)[]? Journey);

    /// <param name="Start">Never before; planned start, or now for what is under way.</param>
    /// <param name="RunStart">The run never before: who runs it is there from then on.</param>
    /// <param name="Work">Ticks that vary with chance.</param>
    /// <param name="Machine">When its machine works; its set-up goes by that.</param>
    /// <param name="Run">When machine and people work; its run goes by that.</param>
    /// <param name="Spare">Ticks from where the run would be over by <paramref name="Run"/> to where it is over in the plan: what the plan gives away by whole minutes.</param>
    /// <param name="Shared">Index of an operation with which it shares a load of a furnace: what that takes, it takes.</param>
    private sealed record Node(PlannedOperation Operation, long Start, long RunStart, long SetUp, long Work, bool Unbroken, RiskClock Machine, RiskClock Run, long Spare, Arc[] Arcs, int Shared);

    public RiskNet(PlanRequest request, PlanVersion plan)
    {
        PlannedOperation[] operations = [.. plan.Operations.OrderBy(o => o.Start).ThenBy(o => o.End).ThenBy(o => o.Operation.Value, StringComparer.Ordinal)];
        var end = operations.Select(o => o.End).Append(request.Now).Max() + Beyond;
        var running = request.Actuals.Where(a => a.Status is OperationStatus.Running or OperationStatus.Paused).Select(a => a.Operation).ToHashSet();
        var orders = request.Orders.ToDictionary(o => o.Id);
        var begin = operations.Select(o => o.Start).Append(request.Now).Min();
        var clocks = operations.Select(o => o.Machine).Distinct().ToDictionary(m => m, m => ClockOf(request, plan, m, begin, end));
        var runs = new Dictionary<string, RiskClock>(StringComparer.Ordinal);
        var people = request.Factory.Resources.GroupBy(r => r.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var lastOn = new Dictionary<string, int>(StringComparer.Ordinal);
        var steps = new Dictionary<(OrderId, int), int>();
        _nodes = new Node[operations.Length];
        for (var i = 0; i < operations.Length; i++)
        {
            var o = operations[i];
            var step = orders.GetValueOrDefault(o.Order)?.StepOf(o.Step, o.Routing);
            List<Arc> arcs = [];
            var shared = -1;
            foreach (var name in Resources(o))
            {
                if (lastOn.TryGetValue(name, out var before))
                {
                    var b = operations[before];
                    if (step?.Batch is not null && b.Machine == o.Machine && b.Start == o.Start && b.End == o.End) shared = _nodes[before].Shared >= 0 ? _nodes[before].Shared : before;
                    // Where both overlap in the plan, one does not wait for the other's end.
                    else if (b.End <= o.Start) arcs.Add(new(before, 0, false, null));
                }
                lastOn[name] = i;
            }
            if (PreviousOf(orders.GetValueOrDefault(o.Order), o) is { } previous && steps.TryGetValue((o.Order, previous), out var p))
                arcs.Add(operations[p].End <= o.Start ? Behind(request, orders[o.Order], o, previous, p, operations[p].End, end) : new(p, (o.Start - operations[p].Start).Ticks, true, null));
            steps[(o.Order, o.Step)] = i;
            var under = running.Contains(o.Operation);
            // Of those named behind the needs of the step, somebody sets up and is not needed for the run.
            var named = o.With.IsDefaultOrEmpty ? [] : o.With.Take(step is null || step.Needs.IsDefaultOrEmpty ? 0 : step.Needs.Length).Where(people.ContainsKey).Order(StringComparer.Ordinal).ToArray();
            var key = string.Join('/', named.Prepend(o.Machine.Value));
            if (!runs.TryGetValue(key, out var run))
                run = runs[key] = named.Aggregate(clocks[o.Machine], (c, n) => c.And(OpenOf(people[n], begin, end)));
            _nodes[i] = NodeOf(o, under ? request.Now.UtcTicks : o.Start.UtcTicks, under, step?.Options.FirstOrDefault(x => x.Machine == o.Machine)?.Unbroken == true, clocks[o.Machine], run, [.. arcs], shared);
        }
        var last = operations.Select((o, i) => (o, i)).GroupBy(x => x.o.Order).ToDictionary(g => g.Key, g => g.MaxBy(x => x.o.End).i);
        foreach (var promise in plan.Promises)
            if (last.TryGetValue(promise.Order, out var l))
                // What follows the last work (a wait, a truck) follows it as it does in the plan.
                _ends[promise.Order] = (l, Math.Max(0, (promise.Finish - operations[l].End).Ticks));
    }

    /// <summary>An operation so that without chance it ends when the plan says; what is planned is checked, so the plan is the measure of this reckoning and not the other way round.</summary>
    private static Node NodeOf(PlannedOperation o, long from, bool under, bool unbroken, RiskClock machine, RiskClock run, Arc[] arcs, int shared)
    {
        var runStart = Math.Max(from, o.RunStart.UtcTicks);
        var setUp = under ? 0 : Math.Min(Math.Min(o.SetUp.Ticks, o.Work.Ticks), machine.Worked(from, runStart));
        var work = Math.Min(run.Worked(runStart, o.End.UtcTicks), Math.Max(0, o.Work.Ticks - setUp));
        // Work that no stretch of its people covers whole is not unbroken after all.
        unbroken &= run.Done(runStart, work, true) <= o.End.UtcTicks;
        return new(o, from, runStart, setUp, work, unbroken, machine, run, Math.Max(0, o.End.UtcTicks - run.Done(runStart, work, unbroken)), arcs, shared);
    }

    /// <summary>The arc from the step before, with the waits and the journey between; never later than the plan goes on, which counted whole minutes.</summary>
    private static Arc Behind(PlanRequest request, Order order, PlannedOperation o, int previous, int index, DateTimeOffset ended, DateTimeOffset to)
    {
        var room = (o.Start - ended).Ticks;
        Arc arc = new(index, Math.Min(room, WaitBetween(order, o, previous).Ticks), false, JourneyBetween(request, order, o, previous, ended, to));
        return arc.Journey is not null && Travelled(arc, ended.UtcTicks) > o.Start.UtcTicks ? new(index, room, false, null) : arc;
    }

    public bool Knows(OrderId order) => _ends.ContainsKey(order);

    /// <summary>Finish of every order in every run, in ticks UTC.</summary>
    public Dictionary<OrderId, long[]> Run(LotSpread spread, int runs, Luck luck)
    {
        var finishes = _ends.Keys.ToDictionary(o => o, _ => new long[runs]);
        var factors = _nodes.Select(n => spread.FactorsOf(n.Operation.Machine)).ToArray();
        var (begins, ends) = (new long[_nodes.Length], new long[_nodes.Length]);
        var told = _ends.Select(e => (Into: finishes[e.Key], At: e.Value.Last, Then: e.Value.After)).ToArray();
        for (var run = 0; run < runs; run++)
        {
            for (var i = 0; i < _nodes.Length; i++)
            {
                var n = _nodes[i];
                // Drawn for every operation in every run, so that an arc more or less does not change the luck of the others.
                var factor = LotSpread.Draw(factors[i], luck);
                var at = n.Start;
                foreach (var a in n.Arcs) at = Math.Max(at, After(a, begins, ends));
                if (n.Shared >= 0)
                {
                    // A load starts when its last lot is there; a lot that comes late makes the load end later for all, which those before have not waited for.
                    (begins[i], ends[i]) = (Math.Max(at, begins[n.Shared]), Math.Max(ends[n.Shared], at + (ends[n.Shared] - begins[n.Shared])));
                    continue;
                }
                // What is under way began when it began; only what is left of it is worked from now on.
                begins[i] = Math.Min(at, n.Operation.Start.UtcTicks < n.Start ? n.Operation.Start.UtcTicks : at);
                // A break may lie in the set-up of work that must not be broken, or behind it; not in its run.
                var ready = Math.Max(n.RunStart, n.SetUp > 0 ? n.Machine.Done(at, n.SetUp, false) : at);
                ends[i] = n.Run.Done(ready, (long)(n.Work * factor), n.Unbroken) + n.Spare;
            }
            foreach (var (into, at, then) in told) into[run] = ends[at] + then;
        }
        return finishes;
    }

    private static long After(in Arc a, long[] begins, long[] ends)
    {
        if (a.ByStart) return begins[a.From] + a.Lag;
        return Travelled(a, ends[a.From]);
    }

    private static long Travelled(in Arc a, long ended)
    {
        var ready = ended + a.Lag;
        if (a.Journey is not { } runs) return ready;
        foreach (var (latest, there) in runs)
            if (ready <= latest) return there;
        return runs.Length > 0 ? runs[^1].There + (ready - runs[^1].Ready) : ready;
    }

    private static IEnumerable<string> Resources(PlannedOperation o) => o.With.Where(w => w.Length > 0).Select(w => "r/" + w).Prepend("m/" + o.Machine.Value);

    private static int? PreviousOf(Order? order, PlannedOperation o) =>
        order?.Routings.ElementAtOrDefault(o.Routing)?.WorkSteps.TakeWhile(s => s.Number != o.Step).LastOrDefault()?.Number;

    private static IEnumerable<RoutingStep> Between(Order order, PlannedOperation o, int previous) =>
        order.Routings.ElementAt(o.Routing).Steps.SkipWhile(s => s.Number != previous).Skip(1).TakeWhile(s => s.Number != o.Step);

    private static TimeSpan WaitBetween(Order order, PlannedOperation o, int previous) =>
        Between(order, o, previous).OfType<RoutingStep.Wait>().Aggregate(TimeSpan.Zero, (sum, w) => sum + w.Duration);

    /// <summary>Latest instants at which goods are ready, and when they are there; in order. Null without a journey.</summary>
    private static (long, long)[]? JourneyBetween(PlanRequest request, Order order, PlannedOperation o, int previous, DateTimeOffset from, DateTimeOffset to)
    {
        if (Between(order, o, previous).OfType<RoutingStep.Transport>().FirstOrDefault() is not { } transport
            || request.Factory.Transport.FirstOrDefault(t => t.Id == transport.Service) is not { } s) return null;
        var runs = new List<(long Ready, long There)>();
        for (var day = DateOnly.FromDateTime(from.ToOffset(s.Offset).DateTime).AddDays(-1); day <= DateOnly.FromDateTime(to.ToOffset(s.Offset).DateTime); day = day.AddDays(1))
            foreach (var d in s.Week.Where(d => d.Day == day.DayOfWeek && !s.NotOn.Contains(day)))
            {
                var leaves = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), s.Offset) + d.At;
                runs.Add(((leaves - s.CutOff).UtcTicks, (leaves + d.Travel).UtcTicks));
            }
        return [.. runs.Order()];
    }

    private static RiskClock ClockOf(PlanRequest request, PlanVersion plan, MachineId machine, DateTimeOffset from, DateTimeOffset to)
    {
        if (!request.Calendars.TryGetValue(machine, out var calendar)) return new([(from.UtcTicks, to.UtcTicks)]);
        var closed = request.Down.Where(d => d.Machine == machine).Select(d => d.Range)
            .Concat(request.Factory.Maintenance.Where(m => m.Machine == machine).Select(m => m.Range)).OrderBy(r => r.From).ToArray();
        var open = calendar.WorkingTime(new(from, to)).Concat(plan.Overtime.Where(x => x.Machine == machine).Select(x => x.Range));
        return new(open.SelectMany(r => Without(r, closed)));
    }

    /// <summary>When a person, tool or fixture is there; null: whenever the machine works.</summary>
    private static IEnumerable<(long, long)>? OpenOf(SecondResource r, DateTimeOffset from, DateTimeOffset to)
    {
        if (r.Calendar is null && r.Absences.IsDefaultOrEmpty) return null;
        var there = r.Calendar?.WorkingTime(new(from, to)) ?? [new(from, to)];
        var away = r.Absences.IsDefaultOrEmpty ? [] : r.Absences.OrderBy(a => a.From).ToArray();
        return there.SelectMany(x => Without(x, away));
    }

    private static IEnumerable<(long, long)> Without(TimeRange whole, TimeRange[] holes)
    {
        var at = whole.From;
        foreach (var hole in holes)
        {
            if (hole.To <= at || hole.From >= whole.To) continue;
            if (hole.From > at) yield return (at.UtcTicks, hole.From.UtcTicks);
            at = hole.To;
        }
        if (at < whole.To) yield return (at.UtcTicks, whole.To.UtcTicks);
    }
}
