using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>A problem that can be solved, with the orders that need no planning any more; or why there is none.</summary>
/// <param name="Settled">Finish of orders without an unfinished operation.</param>
internal sealed record BuiltProblem(
    PlanProblem Problem, ImmutableArray<OrderPromise> Settled, LearnedTimes Times, ImmutableArray<PlanConflict> Conflicts);

/// <summary>Turns a request into a <see cref="PlanProblem"/>.</summary>
internal sealed class ProblemBuilder
{
    /// <summary>Two years: longer than any order book of a workshop, short enough to lay out every shift.</summary>
    public const long Horizon = 731L * 24 * 60;

    private readonly PlanRequest _request;
    private readonly LearnedTimes _times;
    private readonly DateTimeOffset _origin;
    private readonly Dictionary<OperationId, OperationActual> _actuals = [];
    private readonly ImmutableArray<PlanConflict>.Builder _conflicts = ImmutableArray.CreateBuilder<PlanConflict>();
    private readonly SortedDictionary<MachineId, int> _machines = [];
    private readonly List<(MachineId Id, WorkCalendar Calendar, WorkAxis Axis)> _laid = [];
    private readonly Dictionary<(ItemId, int), int> _families = [];
    private readonly List<PlanTask> _tasks = [];
    private readonly List<PlanJob> _jobs = [];
    private readonly List<OrderPromise> _settled = [];

    private ProblemBuilder(PlanRequest request, PlanOptions options)
    {
        _request = request;
        _times = LearnedTimes.Of(request, options);
        _origin = CeilingToMinute(request.Now);
    }

    public static BuiltProblem Build(PlanRequest request, PlanOptions options)
    {
        var b = new ProblemBuilder(request, options);
        b.CheckIds();
        b.LayMachines();
        if (b._conflicts.Count == 0)
            foreach (var order in request.Orders) b.AddOrder(order);
        return new(b.Finish(options), [.. b._settled], b._times, b._conflicts.DrainToImmutable());
    }

    public static DateTimeOffset CeilingToMinute(DateTimeOffset t)
    {
        var utc = t.ToUniversalTime();
        return utc.AddTicks((TimeSpan.TicksPerMinute - utc.Ticks % TimeSpan.TicksPerMinute) % TimeSpan.TicksPerMinute);
    }

    private void Conflict(string rule, string message, OrderId? order = null) => _conflicts.Add(new(rule, message, order));

    private void CheckIds()
    {
        foreach (var twice in _request.Orders.GroupBy(o => o.Id).Where(g => g.Count() > 1))
            Conflict(PlanRules.OrderTwice, $"Order '{twice.Key}' stands {twice.Count()} times in the request; leave one.", twice.Key);
        foreach (var order in _request.Orders)
        {
            var waits = order.Routing.Steps.OfType<RoutingStep.Wait>().Sum(w => w.Duration.TotalMinutes);
            if ((order.Release - _origin).TotalMinutes + waits > Horizon || waits > Horizon)
                Conflict(PlanRules.DateOutOfRange, $"Order '{order.Id}' is released, or waits, more than two years after now; check its dates.", order.Id);
        }
        foreach (var a in _request.Actuals)
            if (!_actuals.TryAdd(a.Operation, a) && _actuals[a.Operation] != a)
                Conflict(PlanRules.ActualTwice, $"Two reports tell different things about operation '{a.Operation}'; keep the newest.");
    }

    private OperationActual ActualOf(Order order, int step)
    {
        var id = OperationId.Of(order.Id, step);
        return _actuals.TryGetValue(id, out var a) ? a : OperationActual.Waiting(id);
    }

    private void LayMachines()
    {
        foreach (var order in _request.Orders)
            foreach (var work in order.Routing.Steps.OfType<RoutingStep.Work>())
            {
                var actual = ActualOf(order, work.Number);
                if (actual.Status == OperationStatus.Finished) continue;
                IEnumerable<MachineId> named = IsHeld(actual) ? [actual.Machine!.Value] : work.Options.Select(o => o.Machine);
                foreach (var machine in named)
                {
                    if (_machines.ContainsKey(machine)) continue;
                    if (_request.Calendars.ContainsKey(machine)) _machines[machine] = 0;
                    else if (!_conflicts.Any(c => c.Rule == PlanRules.MachineNoCalendar && c.Message.Contains($"'{machine}'", StringComparison.Ordinal)))
                        Conflict(PlanRules.MachineNoCalendar,
                            $"Step {work.Number} '{work.Name}' of order '{order.Id}' names machine '{machine}', which has no calendar; add the machine or correct the routing.", order.Id);
                }
            }
        foreach (var id in _machines.Keys.ToArray())
        {
            _machines[id] = _laid.Count;
            var calendar = _request.Calendars[id];
            _laid.Add((id, calendar, WorkAxis.Of(calendar, DownOf(id), _origin, Horizon)));
        }
    }

    private IEnumerable<TimeRange> DownOf(MachineId machine) => _request.Down.Where(d => d.Machine == machine).Select(d => d.Range);

    private static bool IsHeld(OperationActual a) =>
        a.Status is OperationStatus.Running or OperationStatus.Paused && a is { Machine: not null, Started: not null };

    private void AddOrder(Order order)
    {
        var first = _tasks.Count;
        // Minute at which the finished part of the order, waits included, is over.
        var ready = Minute(order.Release);
        long wait = 0;
        // Whether an unfinished step came before, and whether it was the step just before.
        var (open, lastOpen) = (false, false);
        var pieces = order.Quantity;
        DateTimeOffset? finished = null;
        foreach (var step in order.Routing.Steps)
        {
            if (step is RoutingStep.Wait w) { wait += WorkAxis.Ceiling(w.Duration); continue; }
            var work = (RoutingStep.Work)step;
            var actual = ActualOf(order, work.Number);
            if (actual is { Status: OperationStatus.Finished, Finished: { } end })
            {
                // Later steps get only what came out good; a step that gave nothing good leaves the quantity to a person.
                if (actual.Good > 0) pieces = Math.Min(pieces, actual.Good);
                (ready, wait, finished, lastOpen) = (Minute(end), 0, end, false);
                continue;
            }
            var task = IsHeld(actual)
                ? Held(order, work, actual, pieces)
                : Waiting(order, work, pieces, lastOpen ? ready : ready + wait, open ? wait : 0, open);
            if (task is null) return;
            _tasks.Add(task);
            // Work that was begun before its release has shown that the material is there.
            if (task.IsHeld) ready = 0;
            (open, lastOpen, wait) = (true, true, 0);
        }
        if (open)
            _jobs.Add(new(order, first, _tasks.Count - first, Math.Clamp(WorkAxis.Floor(order.Due - _origin), -10 * Horizon, 10 * Horizon), order.Weight, wait));
        else
            _settled.Add(new(order.Id, (finished ?? order.Release) + TimeSpan.FromMinutes(wait), order.Due));
    }

    private long Minute(DateTimeOffset t) => WorkAxis.Ceiling(t - _origin);

    private PlanTask? Waiting(Order order, RoutingStep.Work work, int pieces, long ready, long waitBefore, bool afterPrevious)
    {
        var options = ImmutableArray.CreateBuilder<TaskOption>();
        foreach (var o in work.Options)
        {
            var machine = _machines[o.Machine];
            var run = _times.PerPiece(order.Item, o) * pieces;
            var minutes = Math.Max(1, WorkAxis.Ceiling(o.SetUp + run));
            // A machine that is down for good cannot be chosen, but others may still do the step.
            if (_laid[machine].Axis.Capacity - _laid[machine].Axis.At(Math.Max(0, ready)) < minutes) continue;
            options.Add(new(machine, o.SetUp, minutes, Math.Max(1, WorkAxis.Ceiling(run))));
        }
        if (options.Count == 0)
        {
            Conflict(PlanRules.MachineNeverWorks,
                $"Step {work.Number} '{work.Name}' of order '{order.Id}': {string.Join(", ", work.Options.Select(o => $"'{o.Machine}'"))} {(work.Options.Length == 1 ? "has" : "have")} "
                + "no working time enough for it within two years; check calendar and down times.", order.Id);
            return null;
        }
        return new(OperationId.Of(order.Id, work.Number), _jobs.Count, work.Number, pieces, Math.Max(0, ready), waitBefore, afterPrevious,
            Family(order, work), options.DrainToImmutable(), null, false);
    }

    private PlanTask? Held(Order order, RoutingStep.Work work, OperationActual actual, int pieces)
    {
        var machine = _machines[actual.Machine!.Value];
        // Begun on a machine that the routing does not name: the slowest known time is the honest guess.
        var option = work.Options.FirstOrDefault(o => o.Machine == actual.Machine) ?? work.Options.MaxBy(o => o.For(pieces))!;
        var per = _times.PerPiece(order.Item, option);
        var done = actual.Good + actual.Scrap;
        var left = done > 0
            ? per * (pieces - done)
            : option.SetUp + per * pieces - Worked(actual, _laid[machine].Calendar);
        // Past its time and still not finished: at least the piece on the machine is to come.
        var minutes = Math.Max(1, WorkAxis.Ceiling(left > per ? left : per));
        if (_laid[machine].Axis.Capacity < minutes)
        {
            Conflict(PlanRules.MachineNeverWorks,
                $"Operation '{actual.Operation}' was begun on '{actual.Machine}', which has no working time left for it within two years; check calendar and down times.", order.Id);
            return null;
        }
        return new(actual.Operation, _jobs.Count, work.Number, pieces, 0, 0, false, Family(order, work),
            [new(machine, option.SetUp, minutes, minutes)], actual.Started, actual.Status == OperationStatus.Running);
    }

    /// <summary>Working time since the start, without pauses and down times.</summary>
    private TimeSpan Worked(OperationActual a, WorkCalendar calendar)
    {
        var (from, to) = (a.Started!.Value, a.PausedSince ?? _request.Now);
        if (to <= from) return TimeSpan.Zero;
        var stops = DownOf(a.Machine!.Value).Concat(a.Pauses ?? []).OrderBy(r => r.From).ToArray();
        var worked = TimeSpan.Zero;
        foreach (var piece in calendar.WorkingTime(new TimeRange(from, to)))
        {
            var at = piece.From;
            foreach (var stop in stops)
            {
                if (stop.To <= at) continue;
                if (stop.From >= piece.To) break;
                if (stop.From > at) worked += stop.From - at;
                at = stop.To;
            }
            if (at < piece.To) worked += piece.To - at;
        }
        return worked;
    }

    private int Family(Order order, RoutingStep.Work work)
    {
        if (_families.TryGetValue((order.Item, work.Number), out var known)) return known;
        return _families[(order.Item, work.Number)] = _families.Count;
    }

    private PlanProblem Finish(PlanOptions options)
    {
        List<WorkAxis> axes = [];
        var machines = ImmutableArray.CreateBuilder<PlanMachine>();
        for (var m = 0; m < _laid.Count; m++)
        {
            var (id, calendar, axis) = _laid[m];
            var known = axes.FindIndex(a => a.SameAs(axis));
            if (known < 0) { known = axes.Count; axes.Add(axis); }
            // The running one goes on first, then the paused ones in the order in which they were begun.
            var held = Enumerable.Range(0, _tasks.Count).Where(t => _tasks[t].IsHeld && _tasks[t].Options[0].Machine == m)
                .OrderByDescending(t => _tasks[t].IsRunning).ThenBy(t => _tasks[t].HeldSince).ThenBy(t => t);
            machines.Add(new(id, known, axes[known], calendar.Offset, [.. held]));
        }
        return new(_origin, machines.DrainToImmutable(), [.. _jobs], [.. _tasks], options.SkipSetUpOnSameItem);
    }
}
