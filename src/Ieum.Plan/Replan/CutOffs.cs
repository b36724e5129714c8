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
            // Breaks between are no time: what ends as late as it may begins as much earlier as its work takes by the calendar.
            if (LatestStart(request, o, o.End + (last - o.Start)) is var begin && begin < last) last = begin;
            if (there.TryGetValue(o.Operation, out var n) && n.Start < last) last = n.Start;
            yield return new(last - zone, CutOffCause.Begins, o.Operation, o.Machine.Value);
        }
    }

    public static IEnumerable<CutOff> OfOvertime(IEnumerable<OvertimeOffer> bought, TimeSpan notice) =>
        bought.Select(b => new CutOff(b.Range.From - notice, CutOffCause.Overtime, null, b.Machine.Value));

    /// <summary>
    /// Goods that catch an earlier truck or ferry than without it, between two steps or to the customer. The way is chosen while they still can be ready
    /// for that departure: before what it moves of the order must begin for it.
    /// </summary>
    public static IEnumerable<CutOff> OfDepartures(PlanRequest request, PlanVersion nothing, PlanVersion plan)
    {
        var zone = request.FrozenUntil is { } until && until > request.Now ? until - request.Now : TimeSpan.Zero;
        var there = nothing.Operations.ToDictionary(o => o.Operation);
        foreach (var mine in plan.Operations.GroupBy(o => o.Order))
        {
            if (request.Orders.FirstOrDefault(o => o.Id == mine.Key)?.Routings.ElementAtOrDefault(mine.First().Routing) is not { } routing) continue;
            foreach (var t in routing.Steps.OfType<RoutingStep.Transport>())
            {
                var before = mine.Where(o => o.Step < t.Number).OrderBy(o => o.Step).ToArray();
                if (before is not [.., var last] || !there.TryGetValue(last.Operation, out var without) || request.Factory.Transport.FirstOrDefault(x => x.Id == t.Service) is not { } service) continue;
                var wait = routing.Steps.TakeWhile(s => s.Number < t.Number).Where(s => s.Number > last.Step).OfType<RoutingStep.Wait>().Aggregate(TimeSpan.Zero, (sum, w) => sum + w.Duration);
                if (Next(service, last.End + wait) is not var (leaves, _) || Next(service, without.End + wait) is var (later, _) && later <= leaves) continue;
                var ready = leaves - service.CutOff - wait;
                // Backwards from the departure: how late each step may end, and so begin.
                foreach (var o in before.Reverse())
                {
                    if (ready < o.End) ready = o.End;   // they overlap by transfer lots; then it stands where it is
                    var begin = LatestStart(request, o, ready);
                    if (there.TryGetValue(o.Operation, out var n) && (n.Machine != o.Machine || n.Start > o.Start)) yield return new(begin - zone, CutOffCause.Departure, o.Operation, service.Id);
                    ready = begin;
                }
            }
        }
    }

    /// <summary>How late an operation may begin so that its work is done by a time, by its machine's calendar and standstills; never before it is planned to.</summary>
    private static DateTimeOffset LatestStart(PlanRequest request, PlannedOperation o, DateTimeOffset end)
    {
        if (end <= o.End || request.Calendars.GetValueOrDefault(o.Machine) is not { } calendar) return o.Start;
        var open = calendar.WorkingTime(new(o.Start, end)).SelectMany(w => Without(w, request.Down.Where(d => d.Machine == o.Machine).Select(d => d.Range))).OrderBy(w => w.From).ToArray();
        var work = open.Aggregate(TimeSpan.Zero, (sum, w) => sum + (w.Intersect(o.Range)?.Duration ?? TimeSpan.Zero));
        if (work == TimeSpan.Zero) return o.Start + (end - o.End);   // all of it by night in bought time
        for (var i = open.Length - 1; i >= 0; i--)
        {
            if (open[i].Duration >= work) return open[i].To - work;
            work -= open[i].Duration;
        }
        return o.Start;
    }

    private static IEnumerable<TimeRange> Without(TimeRange open, IEnumerable<TimeRange> down)
    {
        IEnumerable<TimeRange> left = [open];
        foreach (var d in down)
            left = left.SelectMany(r => r.Intersect(d) is not { } hit ? [r] : new[] { new TimeRange(r.From, hit.From), new TimeRange(hit.To, r.To) }.Where(x => x.Duration > TimeSpan.Zero)).ToArray();
        return left;
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
