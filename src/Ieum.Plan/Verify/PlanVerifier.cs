using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <param name="Rule">Broken rule, one of <see cref="PlanRules"/>.</param>
/// <param name="Message">Which operation or order, what was found, what was expected.</param>
internal sealed record PlanViolation(string Rule, string Message, OrderId? Order);

/// <summary>Checks a plan against the request it answers, from the request alone.</summary>
/// <remarks>Shares no code with problem builder or solver but the model of the domain, so one mistake does not hide in both.</remarks>
internal sealed class PlanVerifier
{
    private readonly PlanRequest _request;
    private readonly PlanVersion _plan;
    private readonly PlanOptions _options;
    private readonly ILookup<(MachineId, ItemId), TimeUsed> _used;
    private readonly Dictionary<OperationId, OperationActual> _actuals;
    private readonly Dictionary<OperationId, PlannedOperation> _planned = [];
    private readonly List<PlanViolation> _found = [];
    private readonly DateTimeOffset _now;

    private PlanVerifier(PlanRequest request, PlanVersion plan, ImmutableArray<TimeUsed> used, PlanOptions options)
    {
        (_request, _plan, _options) = (request, plan, options);
        _used = used.ToLookup(u => (u.Machine, u.Item));
        _actuals = request.Actuals.GroupBy(a => a.Operation).ToDictionary(g => g.Key, g => g.First());
        _now = UpToMinute(request.Now);
    }

    /// <returns>Everything wrong with the plan; empty when it may be shown.</returns>
    public static IReadOnlyList<PlanViolation> Check(PlanRequest request, PlanVersion plan, ImmutableArray<TimeUsed> used, PlanOptions options)
    {
        var v = new PlanVerifier(request, plan, used, options);
        v.CheckTimesUsed(used);
        v.CheckKnown();
        foreach (var order in request.Orders) v.CheckOrder(order);
        foreach (var machine in plan.Operations.GroupBy(o => o.Machine)) v.CheckMachine(machine.Key, [.. machine]);
        return v._found;
    }

    private void Tell(string rule, string message, OrderId? order = null) => _found.Add(new(rule, message, order));

    private static DateTimeOffset UpToMinute(DateTimeOffset t)
    {
        var down = t.ToUniversalTime().AddTicks(-(t.UtcTicks % TimeSpan.TicksPerMinute));
        return down == t ? down : down.AddMinutes(1);
    }

    private static string Show(DateTimeOffset t) => t.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static TimeSpan WholeMinutes(TimeSpan t) => TimeSpan.FromMinutes(Math.Max(1, (t.Ticks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute));

    private void CheckTimesUsed(ImmutableArray<TimeUsed> used)
    {
        foreach (var u in used.Where(u => u.Used != u.Nominal))
            if (u.Measured is not { } m || m.PerPiece != u.Used || m.Samples < _options.LearnSamples || !_request.Measured.Contains(m)
                || u.Used < u.Nominal * _options.LearnFastest || u.Used > u.Nominal * _options.LearnSlowest)
                Tell(PlanRules.WrongTimeUsed, $"'{u.Item}' on '{u.Machine}' was planned with {u.Used} a piece; nominal is {u.Nominal}, and no accepted measurement says so.");
    }

    private void CheckKnown()
    {
        var steps = _request.Orders.SelectMany(o => o.Routing.Steps.OfType<RoutingStep.Work>().Select(w => OperationId.Of(o.Id, w.Number))).ToHashSet();
        foreach (var p in _plan.Operations)
        {
            if (!_planned.TryAdd(p.Operation, p)) Tell(PlanRules.OperationTwice, $"Operation '{p.Operation}' stands twice in the plan.", p.Order);
            if (!steps.Contains(p.Operation)) Tell(PlanRules.OperationUnknown, $"Operation '{p.Operation}' belongs to no order of the request.", p.Order);
        }
        foreach (var extra in _plan.Promises.Where(x => _request.Orders.All(o => o.Id != x.Order)))
            Tell(PlanRules.WrongPromise, $"A finish is promised for '{extra.Order}', which is no order of the request.", extra.Order);
    }

    private OperationActual? Actual(OperationId id) => _actuals.GetValueOrDefault(id);
    private static bool IsBegun(OperationActual? a) => a is { Status: OperationStatus.Running or OperationStatus.Paused, Machine: not null, Started: not null };

    private void CheckOrder(Order order)
    {
        // When the step before, waits included, is over: exactly, because waits do not follow the minute.
        var over = order.Release;
        var pieces = order.Quantity;
        DateTimeOffset? last = null;
        DateTimeOffset? lastOpen = null;
        DateTimeOffset? open = null;
        // The release holds until something was begun; from then on the material is there.
        var fresh = true;
        var tail = TimeSpan.Zero;
        foreach (var step in order.Routing.Steps)
        {
            if (step is RoutingStep.Wait wait) { over += WholeMinutesOrZero(wait.Duration); tail += WholeMinutesOrZero(wait.Duration); continue; }
            var work = (RoutingStep.Work)step;
            var id = OperationId.Of(order.Id, work.Number);
            var actual = Actual(id);
            var planned = _planned.GetValueOrDefault(id);
            if (actual is { Status: OperationStatus.Finished, Finished: { } finished })
            {
                if (planned is not null) Tell(PlanRules.OperationFinished, $"Operation '{id}' was finished at {Show(finished)} and is planned again.", order.Id);
                if (actual.Good > 0) pieces = Math.Min(pieces, actual.Good);
                (over, last, tail, fresh) = (finished, finished, TimeSpan.Zero, false);
                continue;
            }
            if (planned is null) { Tell(PlanRules.OperationMissing, $"Operation '{id}' is not finished and not in the plan.", order.Id); continue; }
            fresh &= !IsBegun(actual);
            CheckOperation(order, work, planned, actual, pieces, open is { } o && o + tail > over ? o + tail : over, fresh);
            open = planned.End;
            lastOpen = lastOpen > planned.End ? lastOpen : planned.End;
            (over, last, tail) = (planned.End, planned.End, TimeSpan.Zero);
        }
        var finish = ((lastOpen ?? last) ?? order.Release) + tail;
        var promises = _plan.Promises.Where(p => p.Order == order.Id).ToArray();
        if (promises.Length != 1 || promises[0].Finish != finish || promises[0].Due != order.Due)
            Tell(PlanRules.WrongPromise, $"Order '{order.Id}' finishes at {Show(finish)} and is due at {Show(order.Due)}; promised: "
                + $"{(promises.Length == 0 ? "nothing" : string.Join(", ", promises.Select(p => Show(p.Finish))))}.", order.Id);
    }

    private static TimeSpan WholeMinutesOrZero(TimeSpan t) => t == TimeSpan.Zero ? t : WholeMinutes(t);

    private void CheckOperation(Order order, RoutingStep.Work work, PlannedOperation p, OperationActual? actual, int pieces, DateTimeOffset ready, bool fresh)
    {
        if (p.Order != order.Id || p.Step != work.Number || p.Quantity != pieces)
            Tell(PlanRules.OperationFields, $"Operation '{p.Operation}' is planned as order '{p.Order}', step {p.Step}, {p.Quantity} pieces; it is '{order.Id}', {work.Number}, {pieces}.", order.Id);
        if (IsBegun(actual))
        {
            if (p.Machine != actual!.Machine || actual.Status == OperationStatus.Running && IsFirstRunning(actual) && p.Start != (actual.Started < _now ? actual.Started : _now))
                Tell(PlanRules.RunningMoved, $"Operation '{p.Operation}' was begun on '{actual.Machine}' at {Show(actual.Started!.Value)} and is planned on '{p.Machine}' at {Show(p.Start)}.", order.Id);
            return;
        }
        if (work.Options.All(o => o.Machine != p.Machine))
            Tell(PlanRules.MachineNotAllowed, $"Operation '{p.Operation}' is planned on '{p.Machine}'; its routing allows {string.Join(", ", work.Options.Select(o => o.Machine))}.", order.Id);
        if (p.Start < _now)
            Tell(PlanRules.StartTooEarly, $"Operation '{p.Operation}' starts at {Show(p.Start)}, before {Show(_now)}.", order.Id);
        if (fresh && p.Start < order.Release)
            Tell(PlanRules.BeforeRelease, $"Operation '{p.Operation}' starts at {Show(p.Start)}; its order is released at {Show(order.Release)}.", order.Id);
        if (p.Start < ready)
            Tell(PlanRules.StepsOutOfOrder, $"Operation '{p.Operation}' starts at {Show(p.Start)}; the step before it and its wait are over at {Show(ready)}.", order.Id);
    }

    /// <summary>Of two operations reported as running on one machine the one begun first runs; the other can only be waiting on it.</summary>
    private bool IsFirstRunning(OperationActual a) => !_actuals.Values.Any(o => o.Status == OperationStatus.Running && o.Machine == a.Machine && o.Operation != a.Operation
        && IsOpenInRequest(o.Operation) && (o.Started < a.Started || o.Started == a.Started && Position(o.Operation) < Position(a.Operation)));

    private bool IsOpenInRequest(OperationId id) => Position(id) >= 0;

    private int Position(OperationId id)
    {
        var i = 0;
        foreach (var o in _request.Orders)
            foreach (var w in o.Routing.Steps.OfType<RoutingStep.Work>())
            {
                if (OperationId.Of(o.Id, w.Number) == id) return i;
                i++;
            }
        return -1;
    }

    private void CheckMachine(MachineId machine, PlannedOperation[] operations)
    {
        if (!_request.Calendars.TryGetValue(machine, out var calendar))
        {
            Tell(PlanRules.MachineNoCalendar, $"The plan uses machine '{machine}', which has no calendar.");
            return;
        }
        var walk = new CalendarWalk(calendar, [.. _request.Down.Where(d => d.Machine == machine).Select(d => d.Range)]);
        // What runs now holds the machine from now on; when it began is the past.
        (PlannedOperation P, DateTimeOffset From)[] inOrder = [.. operations.Select(p => (p, From: p.Start < _now && IsBegun(Actual(p.Operation)) ? _now : p.Start)).OrderBy(o => o.From)];
        var untouched = false;
        for (var i = 0; i < inOrder.Length; i++)
        {
            var (p, from) = inOrder[i];
            if (i > 0 && from < inOrder[i - 1].P.End)
                Tell(PlanRules.MachineOverlap, $"'{p.Operation}' begins on '{machine}' at {Show(from)}, before '{inOrder[i - 1].P.Operation}' ends at {Show(inOrder[i - 1].P.End)}.", p.Order);
            var begun = IsBegun(Actual(p.Operation));
            if (begun && untouched)
                Tell(PlanRules.RunningMoved, $"'{p.Operation}' was begun on '{machine}', but an operation that was not begun is planned before it.", p.Order);
            untouched |= !begun;
            CheckTimes(p, from, walk, i > 0 ? inOrder[i - 1].P : null);
        }
    }

    private void CheckTimes(PlannedOperation p, DateTimeOffset from, CalendarWalk walk, PlannedOperation? before)
    {
        var order = _request.Orders.FirstOrDefault(o => o.Id == p.Order);
        if (order?.Routing.Steps.OfType<RoutingStep.Work>().FirstOrDefault(w => w.Number == p.Step) is not { } work) return;
        var actual = Actual(p.Operation);
        var option = work.Options.FirstOrDefault(o => o.Machine == p.Machine) ?? (IsBegun(actual) ? work.Options.MaxBy(o => o.For(p.Quantity)) : null);
        if (option is null) return;
        var per = _used[(option.Machine, order.Item)].FirstOrDefault(u => u.Nominal == option.PerPiece)?.Used ?? option.PerPiece;
        var setUp = option.SetUp;
        if (_options.SkipSetUpOnSameItem && before is not null && !IsBegun(actual) && before.Step == p.Step
            && _request.Orders.FirstOrDefault(o => o.Id == before.Order)?.Item == order.Item) setUp = TimeSpan.Zero;
        var work0 = IsBegun(actual) ? Left(actual!, setUp, per, p.Quantity, walk) : setUp + per * p.Quantity;
        if (p.Work != WholeMinutes(work0) || p.SetUp != setUp)
            Tell(PlanRules.WrongDuration, $"'{p.Operation}' is planned with {p.Work} of work, {p.SetUp} of it set-up; it needs {WholeMinutes(work0)}, {setUp} of it set-up.", p.Order);

        if (p.End.Ticks % TimeSpan.TicksPerMinute != 0 || from.Ticks % TimeSpan.TicksPerMinute != 0 || p.End <= from || p.End - from > TimeSpan.FromDays(800))
        {
            Tell(PlanRules.WrongEnd, $"'{p.Operation}' is planned from {Show(p.Start)} to {Show(p.End)}; both must be whole minutes, in order.", p.Order);
            return;
        }
        // What runs now may run into the night; its working minutes are counted below.
        var startsInWork = walk.Works(from) || from == _now && IsBegun(actual);
        if (!startsInWork || !walk.Works(p.End.AddMinutes(-1)))
            Tell(PlanRules.OutsideCalendar, $"'{p.Operation}' is planned on '{p.Machine}' from {Show(p.Start)} to {Show(p.End)}; the machine does not work then.", p.Order);
        if (walk.Minutes(from, p.End) != (long)p.Work.TotalMinutes)
            Tell(PlanRules.WrongEnd, $"'{p.Operation}' ends at {Show(p.End)}, after {walk.Minutes(from, p.End)} min of working time; it was to have {p.Work.TotalMinutes:F0} min.", p.Order);
    }

    private TimeSpan Left(OperationActual a, TimeSpan setUp, TimeSpan per, int quantity, CalendarWalk walk)
    {
        var done = a.Good + a.Scrap;
        var left = done > 0 ? per * (quantity - done) : setUp + per * quantity - walk.Worked(a.Started!.Value, a.PausedSince ?? _request.Now, [.. a.Pauses ?? []]);
        return left < per ? per : left;
    }
}
