using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Api;

/// <param name="Release">When the material is there; now when left out.</param>
internal sealed record AskPromiseDto(string Item, int Quantity, DateTimeOffset? Release);

/// <param name="Way"><c>free</c>, <c>overtime</c> or <c>rush</c>.</param>
/// <param name="Order">Number of the order to be.</param>
/// <param name="Hours">How long a reservation holds; for an order left out.</param>
internal sealed record TakePromiseDto(PromiseWay Way, string Order, double? Hours);

internal sealed record ChangeDto(string Order, DateTimeOffset Before, DateTimeOffset After, DateTimeOffset Due, bool BecomesLate)
{
    public static ChangeDto Of(PromiseChange c) => new(c.Order.Value, c.Before, c.After, c.Due, c.BecomesLate);
}

/// <param name="OvertimeCost">Null where no price is known.</param>
internal sealed record OfferDto(PromiseWay Way, DateTimeOffset Finish, double OvertimeHours, double? OvertimeCost, ChangeDto[] Pushes, DateTimeOffset? CautiousFinish)
{
    public static OfferDto Of(PromiseOffer o) => new(o.Way, o.Finish, o.Overtime.TotalHours, o.OvertimeCost, [.. o.Pushes.Select(ChangeDto.Of)], o.Cautious);
}

internal sealed record QuoteDto(string Id, string Item, int Quantity, int Plan, double Seconds, OfferDto[] Offers, ConflictDto[] Conflicts)
{
    public static QuoteDto Of(PromiseQuote q) => new(q.Id, q.Item.Value, q.Quantity, q.Plan, q.Took.TotalSeconds, [.. q.Answer.Offers.Select(OfferDto.Of)], [.. q.Answer.Conflicts.Select(ConflictDto.Of)]);
}

internal sealed record ReservationDto(string Order, string Item, int Quantity, DateTimeOffset Promised, DateTimeOffset Until, string By)
{
    public static ReservationDto Of(Reservation r) => new(r.Order.Id.Value, r.Order.Item.Value, r.Order.Quantity, r.Order.Due, r.Until, r.By);
}

/// <param name="Finish">In the plan that is now in force.</param>
internal sealed record PromiseTakenDto(string Order, DateTimeOffset? Finish);

/// <param name="Cause"><c>begun</c>, <c>now</c>, <c>release</c>, <c>previous</c>, <c>busy</c>, <c>material</c> or <c>needs</c>.</param>
/// <param name="By">The operation that was waited for.</param>
internal sealed record BindingLinkDto(PlannedDto Operation, BindingCause Cause, DateTimeOffset Ready, string? By, string? What, double ClosedSeconds, double KeptSeconds, double PausedSeconds)
{
    public static BindingLinkDto Of(BindingLink l) => new(PlannedDto.Of(l.Operation), l.Cause, l.Ready, l.By?.Value, l.What, l.Closed.TotalSeconds, l.Kept.TotalSeconds, l.Paused.TotalSeconds);
}

internal sealed record LateOrderDto(string Order, DateTimeOffset Due, DateTimeOffset Finish, double LatenessSeconds, BindingLinkDto[] Chain)
{
    public static LateOrderDto Of(LateOrder l) => new(l.Promise.Order.Value, l.Promise.Due, l.Promise.Finish, l.Promise.Lateness.TotalSeconds, [.. l.Chain.Select(BindingLinkDto.Of)]);
}

/// <param name="Kind"><c>overtime</c>, <c>machine</c>, <c>swap</c>, <c>sooner</c>, <c>split</c> or <c>outside</c>.</param>
/// <param name="What">Material, person or order that would have to be there now; the subcontractor.</param>
internal sealed record FixDto(FixKind Kind, string? Operation, string? Machine, DateTimeOffset Finish, double GainSeconds, double OvertimeHours, double? OvertimeCost, ChangeDto[] Changes, string? What, double? OutsideCost)
{
    public static FixDto Of(PlanFix f) => new(f.Kind, f.Operation?.Value, f.Machine?.Value, f.Finish, f.Gain.TotalSeconds, f.Overtime.TotalHours, f.OvertimeCost, [.. f.Changes.Select(ChangeDto.Of)], f.What, f.OutsideCost);
}

/// <param name="Orders">Promises that cannot hold together; empty when they can.</param>
internal sealed record ClashDto(string[] Orders, bool Proved);
