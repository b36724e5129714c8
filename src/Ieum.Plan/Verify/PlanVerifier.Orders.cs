using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Orders: every step once, in order, on a machine that may do it, and the promise at the end.</summary>
internal sealed partial class PlanVerifier
{
    private void CheckOrder(Order order)
    {
        var promises = _plan.Promises.Where(p => p.Order == order.Id).ToArray();
        var mine = _plan.Operations.Where(p => p.Order == order.Id).ToArray();
        if (_plan.Unplanned.Contains(order.Id))
        {
            if (mine.Length > 0) Tell(PlanRules.OperationUnknown, $"Order '{order.Id}' is told as left out, yet {mine.Length} of its operations are planned.", order.Id);
            if (promises.Length > 0) Tell(PlanRules.WrongPromise, $"Order '{order.Id}' is told as left out, yet a finish is promised.", order.Id);
            return;
        }
        // Step by step: over = when the one before, waits and journey included, is done; exactly, because waits do not follow the minute.
        var walk = new OrderWalk { Over = order.Release, Pieces = order.Quantity };
        var way = mine.Length > 0 ? mine[0].Routing : _request.Parent?.Operations.FirstOrDefault(p => p.Order == order.Id)?.Routing ?? 0;
        if (mine.Any(p => p.Routing != way) || order.Routings.ElementAtOrDefault(way) is not { } routing)
        {
            Tell(PlanRules.OperationFields, $"Order '{order.Id}' mixes its routings or takes one that there is not.", order.Id);
            return;
        }
        foreach (var step in routing.Steps)
            switch (step)
            {
                case RoutingStep.Wait wait: walk.Over += WholeMinutesOrZero(wait.Duration); walk.Tail += WholeMinutesOrZero(wait.Duration); walk.Together = 0; break;
                case RoutingStep.Transport t: walk.By = t.Service; walk.Together = 0; break;
                case RoutingStep.Work work: CheckStep(order, work, walk); break;
            }
        var finish = Journey(walk.By, ((walk.LastOpen ?? walk.Last) ?? order.Release) + walk.Tail);
        if (promises.Length != 1 || promises[0].Finish != finish || promises[0].Due != order.Due)
            Tell(PlanRules.WrongPromise, $"Order '{order.Id}' finishes at {Show(finish)} and is due at {Show(order.Due)}; promised: "
                + $"{(promises.Length == 0 ? "nothing" : string.Join(", ", promises.Select(p => Show(p.Finish))))}.", order.Id);
    }

    private sealed class OrderWalk
    {
        public DateTimeOffset Over;
        public int Pieces;
        public DateTimeOffset? Last, LastOpen, Open;
        // The release holds until something was begun; from then on the material is there.
        public bool Fresh = true;
        public TimeSpan Tail;
        public string? By;
        // Pieces that the step before passes on together; then the next may begin before it ends, but not before it begins.
        public int Together;
        public DateTimeOffset? OpenStart;
    }

    private void CheckStep(Order order, RoutingStep.Work work, OrderWalk walk)
    {
        var id = OperationId.Of(order.Id, work.Number);
        var actual = Actual(id);
        var planned = _planned.GetValueOrDefault(id);
        if (actual is { Status: OperationStatus.Finished, Finished: { } finished })
        {
            if (planned is not null) Tell(PlanRules.OperationFinished, $"Operation '{id}' was finished at {Show(finished)} and is planned again.", order.Id);
            if (actual.Good > 0) walk.Pieces = Math.Min(walk.Pieces, actual.Good);
            (walk.Over, walk.Last, walk.Tail, walk.Fresh, walk.By, walk.Together) = (finished, finished, TimeSpan.Zero, false, null, 0);
            return;
        }
        if (planned is null) { Tell(PlanRules.OperationMissing, $"Operation '{id}' is not finished and not in the plan.", order.Id); return; }
        walk.Fresh &= !IsBegun(actual);
        var ready = walk.Open is { } o && o + walk.Tail > walk.Over ? o + walk.Tail : walk.Over;
        if (walk.Together > 0 && walk.OpenStart is { } begun) ready = begun;
        CheckOperation(order, work, planned, actual, walk.Pieces, Journey(walk.By, ready), walk.Fresh, walk.Together > 0);
        walk.OpenStart = planned.RunStart;
        walk.Together = work.Batch is null ? work.Transfer : 0;
        walk.Open = planned.End;
        walk.LastOpen = walk.LastOpen > planned.End ? walk.LastOpen : planned.End;
        (walk.Over, walk.Last, walk.Tail, walk.By) = (planned.End, planned.End, TimeSpan.Zero, null);
    }

    /// <summary>When goods that are ready at a time have arrived, read from the timetable of the week.</summary>
    private DateTimeOffset Journey(string? by, DateTimeOffset ready)
    {
        if (by is null || _request.Factory.Transport.FirstOrDefault(t => t.Id == by) is not { } service) return ready;
        var (first, arrives) = (DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
        var day = DateOnly.FromDateTime(ready.ToOffset(service.Offset).DateTime);
        // The nearest departure lies within a week and a day of an unbroken timetable; days without one may push it on by a year.
        for (var d = 0; d < 400 && first == DateTimeOffset.MaxValue; d++, day = day.AddDays(1))
            foreach (var x in service.Week.Where(x => x.Day == day.DayOfWeek && !service.NotOn.Contains(day)))
            {
                var leaves = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), service.Offset) + x.At;
                if (leaves - WholeMinutesOrZero(service.CutOff) >= ready && leaves < first) (first, arrives) = (leaves, leaves + WholeMinutesOrZero(x.Travel));
            }
        return arrives;
    }

    private void CheckOperation(Order order, RoutingStep.Work work, PlannedOperation p, OperationActual? actual, int pieces, DateTimeOffset ready, bool fresh, bool handed)
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
        if (_request.Locks.LastOrDefault(l => l.Operation == p.Operation) is { } locked)
        {
            if (locked.Machine is { } kept && kept != p.Machine && work.Options.Any(o => o.Machine == kept))
                Tell(PlanRules.MachineNotAllowed, $"Operation '{p.Operation}' is locked on '{kept}' and is planned on '{p.Machine}'.", order.Id);
            if (locked.Start > p.Start && p.Lock is not null)
                Tell(PlanRules.StartTooEarly, $"Operation '{p.Operation}' is locked to begin at {Show(locked.Start.Value)} and is planned at {Show(p.Start)}.", order.Id);
        }
        if (p.Start < _now)
            Tell(PlanRules.StartTooEarly, $"Operation '{p.Operation}' starts at {Show(p.Start)}, before {Show(_now)}.", order.Id);
        if (fresh && p.Start < order.Release)
            Tell(PlanRules.BeforeRelease, $"Operation '{p.Operation}' starts at {Show(p.Start)}; its order is released at {Show(order.Release)}.", order.Id);
        if ((handed ? p.RunStart : p.Start) < ready)
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
            foreach (var w in o.Routing.WorkSteps)
            {
                if (OperationId.Of(o.Id, w.Number) == id) return i;
                i++;
            }
        return -1;
    }
}
