using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Reads out of a plan what each operation waited for last. Uses the plan, the calendars and the routings only, so it explains plans of any origin.</summary>
internal sealed class BindingChain
{
    // Plans count whole minutes, waits and journeys are rounded up.
    private static readonly TimeSpan Touching = TimeSpan.FromMinutes(1);
    private readonly PlanRequest _request;
    private readonly PlanVersion _plan;
    private readonly MachineHours _hours;
    private readonly Dictionary<OrderId, Order> _orders;
    private readonly Dictionary<OperationId, OperationActual> _actuals;
    private readonly Dictionary<OperationId, PlannedOperation> _planned;
    private readonly ILookup<MachineId, PlannedOperation> _on;

    public BindingChain(PlanRequest request, PlanVersion plan)
    {
        (_request, _plan, _hours) = (request, plan, new(request, plan));
        _orders = request.Orders.DistinctBy(o => o.Id).ToDictionary(o => o.Id);
        _actuals = request.Actuals.DistinctBy(a => a.Operation).ToDictionary(a => a.Operation);
        _planned = plan.Operations.ToDictionary(o => o.Operation);
        _on = plan.Operations.OrderBy(o => o.Start).ToLookup(o => o.Machine);
    }

    public ImmutableArray<BindingLink> From(OperationId operation)
    {
        var chain = ImmutableArray.CreateBuilder<BindingLink>();
        var seen = new HashSet<OperationId>();
        for (OperationId? at = operation; at is { } id && seen.Add(id) && _planned.TryGetValue(id, out var o);)
        {
            var link = Of(o);
            chain.Add(link);
            at = link.By;
        }
        return chain.ToImmutable();
    }

    private BindingLink Of(PlannedOperation o)
    {
        var paused = o.End - o.Start - _hours.Working(o.Machine, o.Start, o.End);
        if (_actuals.TryGetValue(o.Operation, out var a) && a.Status != OperationStatus.Waiting) return new(o, BindingCause.Begun, o.Start, null, null) { Paused = paused };
        // Of several that end together the first named binds: what another order does is changed more easily than one's own step before.
        var (cause, ready, by, what) = Reasons(o).Where(r => r.Ready <= o.Start + Touching).MaxBy(r => (r.Ready, -(int)r.Cause));
        if (ready > o.Start) ready = o.Start;
        var kept = _hours.Working(o.Machine, ready, o.Start);
        return new(o, cause, ready, by, what) { Kept = kept, Closed = o.Start - ready - kept, Paused = paused };
    }

    private IEnumerable<(BindingCause Cause, DateTimeOffset Ready, OperationId? By, string? What)> Reasons(PlannedOperation o)
    {
        yield return (BindingCause.Now, _request.Now < o.Start ? _request.Now : o.Start, null, null);
        var ahead = _on[o.Machine].Where(x => x.Start < o.Start && x.Operation != o.Operation).MaxBy(x => x.End);
        if (ahead is not null) yield return (BindingCause.Busy, ahead.End, ahead.Operation, null);
        foreach (var id in o.With.Where(w => w.Length > 0))
        {
            var other = _plan.Operations.Where(x => x.Operation != o.Operation && x.Start < o.Start && x.With.Contains(id) && x.End <= o.RunStart).MaxBy(x => x.End);
            if (other is not null) yield return (BindingCause.Needs, other.End, other.Operation, id);
            foreach (var away in _request.Factory.Resources.Where(r => r.Id == id).SelectMany(r => r.Absences))
                if (away.To <= o.Start + Touching) yield return (BindingCause.Needs, away.To, null, id);
        }
        if (!_orders.TryGetValue(o.Order, out var order)) yield break;
        yield return (BindingCause.Release, order.Release, null, null);
        if (Before(order, o) is { } before) yield return before;
        foreach (var take in order.StepOf(o.Step, o.Routing)?.Takes ?? [])
            if (Arrival(take.Item, o) is { } there) yield return (BindingCause.Material, there, null, take.Item.Value);
    }

    private (BindingCause, DateTimeOffset, OperationId?, string?)? Before(Order order, PlannedOperation o)
    {
        var steps = order.Routings.ElementAt(o.Routing).Steps;
        var here = steps.IndexOf(steps.First(s => s is RoutingStep.Work && s.Number == o.Step));
        for (var k = here - 1; k >= 0; k--)
        {
            if (steps[k] is not RoutingStep.Work work) continue;
            var id = OperationId.Of(order.Id, work.Number);
            var ended = _planned.TryGetValue(id, out var p) ? p.End : _actuals.GetValueOrDefault(id)?.Finished;
            if (ended is not { } at) return null;
            // Handed on in parts: it waits for the first of them, which the plan does not show.
            if (work.Transfer > 0 && at > o.Start) return (BindingCause.Previous, o.Start, p?.Operation, null);
            for (var j = k + 1; j < here; j++)
                at = steps[j] switch { RoutingStep.Wait w => at + w.Duration, RoutingStep.Transport t => Journey(t.Service, at), _ => at };
            return (BindingCause.Previous, at, p?.Operation, null);
        }
        return null;
    }

    /// <summary>When goods that are ready at <paramref name="at"/> are there by a timetable.</summary>
    private DateTimeOffset Journey(string service, DateTimeOffset at)
    {
        if (_request.Factory.Transport.FirstOrDefault(t => t.Id == service) is not { } t) return at;
        var ready = (at + t.CutOff).ToOffset(t.Offset);
        for (var day = DateOnly.FromDateTime(ready.DateTime); day <= DateOnly.FromDateTime(ready.DateTime.AddDays(60)); day = day.AddDays(1))
        {
            if (t.NotOn.Contains(day)) continue;
            var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), t.Offset);
            var next = t.Week.Where(d => d.Day == day.DayOfWeek && midnight + d.At >= ready).OrderBy(d => d.At).FirstOrDefault();
            if (next is not null) return midnight + next.At + next.Travel;
        }
        return at;
    }

    /// <summary>When enough of a material has come in for this operation and all that begin before it; null when it is there already.</summary>
    private DateTimeOffset? Arrival(ItemId item, PlannedOperation o)
    {
        if (_request.Factory.Materials.FirstOrDefault(m => m.Item == item) is not { } stock) return null;
        var needed = _plan.Operations.Where(x => x.Start < o.Start || x.Operation == o.Operation).Where(x => _orders.ContainsKey(x.Order))
            .Sum(x => (_orders[x.Order].StepOf(x.Step, x.Routing)?.Takes ?? []).Where(t => t.Item == item).Sum(t => t.PerPiece * x.Quantity));
        var there = stock.OnHand;
        if (there >= needed - 1e-9) return null;
        foreach (var s in stock.Arrivals.OrderBy(s => s.At))
            if ((there += s.Amount) >= needed - 1e-9) return s.At;
        return null;
    }
}
