using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Until when an alternative can be chosen.</summary>
internal static class CutOffs
{
    /// <summary>
    /// Moved work is decided before it begins where the list has it (its set-up is then made there), and before its slack in the new place is used
    /// up; without slack every minute costs one, so until nothing is gained any more. A frozen zone comes before all of that.
    /// </summary>
    public static IEnumerable<CutOff> OfMoves(PlanRequest request, PlanVersion nothing, PlanVersion plan, IEnumerable<PlannedOperation> moves)
    {
        var zone = request.FrozenUntil is { } until && until > request.Now ? until - request.Now : TimeSpan.Zero;
        var there = nothing.Operations.ToDictionary(o => o.Operation);
        var (was, now) = (nothing.Promises.ToDictionary(p => p.Order, p => p.Finish), plan.Promises.ToDictionary(p => p.Order, p => p.Finish));
        foreach (var o in moves)
        {
            var gain = was.TryGetValue(o.Order, out var before) && now.TryGetValue(o.Order, out var after) && before > after ? before - after : TimeSpan.Zero;
            var last = o.Start + (o.Slack is { Ticks: > 0 } slack ? slack : gain);
            if (there.TryGetValue(o.Operation, out var n) && n.Start < last) last = n.Start;
            yield return new(last - zone, CutOffCause.Begins, o.Operation, o.Machine.Value);
        }
    }

    public static IEnumerable<CutOff> OfOvertime(IEnumerable<OvertimeOffer> bought, TimeSpan notice) =>
        bought.Select(b => new CutOff(b.Range.From - notice, CutOffCause.Overtime, null, b.Machine.Value));

    /// <summary>Goods that go to the customer by timetable earlier than without it: they must be ready for that departure.</summary>
    public static IEnumerable<CutOff> OfDepartures(PlanRequest request, PlanVersion nothing, PlanVersion plan)
    {
        var was = nothing.Promises.ToDictionary(p => p.Order, p => p.Finish);
        foreach (var p in plan.Promises)
        {
            if (!was.TryGetValue(p.Order, out var finish) || p.Finish >= finish || request.Orders.FirstOrDefault(o => o.Id == p.Order) is not { } order) continue;
            var last = plan.Operations.Where(o => o.Order == p.Order).MaxBy(o => o.End);
            var routing = order.Routings.ElementAtOrDefault(last?.Routing ?? 0);
            if (last is null || routing?.Steps[^1] is not RoutingStep.Transport t || request.Factory.Transport.FirstOrDefault(x => x.Id == t.Service) is not { } service) continue;
            if (Next(service, last.End) is var (leaves, _) && leaves - service.CutOff > request.Now) yield return new(leaves - service.CutOff, CutOffCause.Departure, last.Operation, service.Id);
        }
    }

    /// <summary>The first departure that goods ready at a time catch, and when they are there; null when none leaves within two weeks.</summary>
    public static (DateTimeOffset Leaves, DateTimeOffset There)? Next(TransportService service, DateTimeOffset ready)
    {
        var day = DateOnly.FromDateTime(ready.ToOffset(service.Offset).DateTime);
        (DateTimeOffset, DateTimeOffset)? next = null;
        for (var n = 0; n < 15 && next is null; n++, day = day.AddDays(1))
        {
            if (service.NotOn.Contains(day)) continue;
            foreach (var d in service.Week.Where(d => d.Day == day.DayOfWeek).OrderBy(d => d.At))
            {
                var leaves = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), service.Offset) + d.At;
                if (leaves - service.CutOff < ready) continue;
                next = (leaves, leaves + d.Travel);
                break;
            }
        }
        return next;
    }
}
