using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Requests that are tried out, made from the one that was asked, and what comes of them.</summary>
internal static class Trial
{
    /// <summary>What the plan in force comes to with the facts of now, its order of work kept: all else is compared with it.</summary>
    public static PlanRequest Carried(PlanRequest request) => request with { KeepSequence = request.Parent is not null };

    public static Order With(Order o, DateTimeOffset due, int weight)
    {
        if (due < o.Release) due = o.Release;
        return new(o.Id, o.Routing, o.Quantity, o.Release, due, weight, o.IsPrivate, o.Lot, o.Deadline is { } d ? (d > due ? d : due) : null, o.Alternatives);
    }

    /// <summary>An order whose date does not matter; its work stays to be done.</summary>
    public static Order Relaxed(Order o, DateTimeOffset now) =>
        new(o.Id, o.Routing, o.Quantity, o.Release, (o.Release > now ? o.Release : now).AddDays(600), 1, o.IsPrivate, o.Lot, null, o.Alternatives);

    /// <summary>Finish of an order in a plan; null when it is not in it.</summary>
    public static DateTimeOffset? FinishOf(PlanVersion plan, OrderId order) => plan.Promises.FirstOrDefault(p => p.Order == order)?.Finish;

    /// <summary>Other orders whose finish differs by more than a minute, against the dates of the book.</summary>
    public static ImmutableArray<PromiseChange> Changes(PlanRequest request, PlanVersion before, PlanVersion after, OrderId but)
    {
        var was = before.Promises.ToDictionary(p => p.Order);
        var due = request.Orders.DistinctBy(o => o.Id).ToDictionary(o => o.Id, o => o.Due);
        return
        [
            .. after.Promises.Where(p => p.Order != but && was.ContainsKey(p.Order) && (p.Finish - was[p.Order].Finish).Duration() > TimeSpan.FromMinutes(1))
                .Select(p => new PromiseChange(p.Order, was[p.Order].Finish, p.Finish, due.GetValueOrDefault(p.Order, p.Due)))
                .OrderByDescending(c => c.After - c.Before),
        ];
    }

    /// <summary>Hours after the last shift of each working day on these machines, where the factory offers none itself.</summary>
    /// <returns>The request with the offers, and whether a price is known for all of them.</returns>
    public static (PlanRequest Request, bool Priced) OfferOvertime(PlanRequest request, IEnumerable<MachineId> machines, DateTimeOffset until, PlanOptions options)
    {
        var offers = request.Factory.Overtime.ToBuilder();
        var priced = true;
        var last = until > request.Now.AddDays(21) ? request.Now.AddDays(21) : until;
        foreach (var machine in machines.Distinct())
        {
            if (!request.Calendars.TryGetValue(machine, out var calendar)) continue;
            var known = request.Factory.Overtime.Where(o => o.Machine == machine).ToArray();
            var price = known.Length > 0 ? known[0].PricePerHour : options.OvertimePrice;
            priced &= price > 0;
            for (var day = DateOnly.FromDateTime(request.Now.ToOffset(calendar.Offset).DateTime); day <= DateOnly.FromDateTime(last.ToOffset(calendar.Offset).DateTime); day = day.AddDays(1))
            {
                if (calendar.ShiftsOn(day) is not [.., var shift]) continue;
                var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), calendar.Offset);
                var (from, to) = (midnight + shift.To, midnight + (shift.To + options.OvertimeHours < TimeSpan.FromDays(1) ? shift.To + options.OvertimeHours : TimeSpan.FromDays(1)));
                if (from < request.Now) from = midnight + TimeSpan.FromMinutes(Math.Ceiling((request.Now - midnight).TotalMinutes));
                if (to <= from || known.Any(o => o.Range.From < to && from < o.Range.To)) continue;
                // Without any price the search would buy what nobody needs.
                offers.Add(new(machine, new(from, to), price > 0 ? price : 1));
            }
        }
        return (request with { Factory = request.Factory with { Overtime = offers.ToImmutable() } }, priced);
    }

    /// <summary>Working time of bought overtime, from its cost and price.</summary>
    public static TimeSpan TimeOf(PlanRequest request, IEnumerable<BoughtOvertime> bought) => bought.Aggregate(TimeSpan.Zero, (sum, b) =>
        sum + (request.Factory.Overtime.FirstOrDefault(o => o.Machine == b.Machine && o.Range == b.Range) is { PricePerHour: > 0 } offer ? TimeSpan.FromHours(b.Cost / offer.PricePerHour) : b.Range.Duration));
}
