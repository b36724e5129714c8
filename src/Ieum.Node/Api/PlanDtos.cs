using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Api;

internal sealed record OrderDto(string Id, string Item, int Quantity, DateTimeOffset Release, DateTimeOffset Due, int Weight, bool Private, string? Lot,
    DateTimeOffset? Promised, bool Late, OperationDto[] Operations)
{
    public static OrderDto Of(Order o, IPlanDesk desk)
    {
        var promise = desk.InForce?.Promises.FirstOrDefault(p => p.Order == o.Id);
        var actuals = desk.Actuals.ToDictionary(a => a.Operation);
        return new(o.Id.Value, o.Item.Value, o.Quantity, o.Release, o.Due, o.Weight, o.IsPrivate, o.Lot?.Value, promise?.Finish, promise?.IsLate ?? false,
            [.. o.Routing.Steps.OfType<RoutingStep.Work>().Select(s =>
            {
                var id = OperationId.Of(o.Id, s.Number);
                var a = actuals.GetValueOrDefault(id) ?? OperationActual.Waiting(id);
                return new OperationDto(id.Value, s.Number, s.Name, a.Status, a.Machine?.Value, a.Started, a.Finished, a.Good, a.Scrap);
            })]);
    }
}

internal sealed record OperationDto(string Id, int Step, string Name, OperationStatus Status, string? Machine, DateTimeOffset? Started, DateTimeOffset? Finished, int Good, int Scrap);

/// <summary>An order for an item whose routing the node knows.</summary>
internal sealed record NewOrderDto(string Id, string Item, int Quantity, DateTimeOffset Release, DateTimeOffset Due, int? Weight, bool? Private, string? Lot, DateTimeOffset? Deadline = null);

internal sealed record PlannedDto(string Operation, string Order, int Step, string Machine, int Quantity, DateTimeOffset Start, DateTimeOffset End, double SetUpSeconds, double WorkSeconds,
    DateTimeOffset RunStart, int Routing, string[] With, bool Locked, double? SlackSeconds)
{
    public static PlannedDto Of(PlannedOperation p) => new(p.Operation.Value, p.Order.Value, p.Step, p.Machine.Value, p.Quantity, p.Start, p.End, p.SetUp.TotalSeconds, p.Work.TotalSeconds,
        p.RunStart, p.Routing, [.. p.With.Where(w => w.Length > 0)], p.Lock is not null, p.Slack?.TotalSeconds);
}

internal sealed record PromiseDto(string Order, DateTimeOffset Finish, DateTimeOffset Due, double LatenessSeconds);

internal sealed record TimeUsedDto(string Machine, string Item, double NominalSeconds, double UsedSeconds, int? Samples);

internal sealed record PlanDto(int Number, int? Parent, DateTimeOffset Made, string Reason, bool Verified, string Solver, PlannedDto[] Operations, PromiseDto[] Promises, TimeUsedDto[] TimesUsed,
    BoughtOvertimeDto[] Overtime, PlanScore? Score, PlanBound? Bound, string[] Unplanned)
{
    public static PlanDto Of(PlanVersion p, IEnumerable<TimeUsed> times) => new(p.Number, p.Parent, p.Made, p.Reason, p.Verified, p.Solver,
        [.. p.Operations.Select(PlannedDto.Of)], [.. p.Promises.Select(x => new PromiseDto(x.Order.Value, x.Finish, x.Due, x.Lateness.TotalSeconds))],
        [.. times.Select(t => new TimeUsedDto(t.Machine.Value, t.Item.Value, t.Nominal.TotalSeconds, t.Used.TotalSeconds, t.Measured?.Samples))],
        [.. p.Overtime.Select(o => new BoughtOvertimeDto(o.Machine.Value, o.Range.From, o.Range.To, o.Cost))], p.Score, p.Bound, [.. p.Unplanned.Select(o => o.Value)]);
}

/// <summary>Overtime that the plan buys, with the cost of the minutes worked in it.</summary>
internal sealed record BoughtOvertimeDto(string Machine, DateTimeOffset From, DateTimeOffset To, double Cost);

internal sealed record PlanSummaryDto(int Number, int? Parent, DateTimeOffset Made, string Reason, bool Verified, string Solver, int Operations, int LateOrders)
{
    public static PlanSummaryDto Of(PlanVersion p) => new(p.Number, p.Parent, p.Made, p.Reason, p.Verified, p.Solver, p.Operations.Length, p.Late.Count());
}

/// <param name="Reason">One of the reasons of a plan; <c>asked</c> when left out.</param>
internal sealed record ReplanDto(string? Reason);

/// <param name="Outcome"><c>planned</c>, <c>impossible</c> or <c>outOfTime</c>.</param>
internal sealed record ReplanAnswerDto(string Outcome, int? Plan, double? Gap, int? LateOrders, ConflictDto[] Conflicts);

/// <param name="Message">What stands there and what to do, in the language that was asked for.</param>
/// <param name="Order">The order that is left out because of it.</param>
/// <param name="Detail">Which sentence of the rule it is; the same in every language.</param>
/// <param name="Arguments">What stands in that sentence.</param>
internal sealed record ConflictDto(string Rule, string Message, string? Order, string Row, string Field, string Detail, string[] Arguments)
{
    public static ConflictDto Of(PlanConflict c) => new(c.Rule, FindingWords.Detail(new(), c), c.Order?.Value, c.Row, c.Field, c.Detail, [.. c.Arguments]);
}

/// <param name="Lots">Lots that may be named when work on it is reported.</param>
internal sealed record DispatchDto(int PlanVersion, int Position, PlannedDto Operation, OperationStatus Status, int Good, int Scrap, LotDto[] Lots)
{
    public static DispatchDto Of(Dispatch d, IEnumerable<LotChoice> lots) => new(d.PlanVersion, d.Position, PlannedDto.Of(d.Operation), d.Actual.Status, d.Actual.Good, d.Actual.Scrap,
        [.. lots.Select(l => new LotDto(l.Lot.Value, l.IsCurrent, l.Coming, l.Good, l.Scrap))]);
}

/// <param name="Current">The one that is being worked on, or the first choice.</param>
/// <param name="Coming">Good pieces that the step before gave of it; null where nothing was counted there.</param>
internal sealed record LotDto(string Lot, bool Current, int? Coming, int Good, int Scrap);

/// <summary>A report from the shop floor.</summary>
/// <param name="Id">Made by the sender; the same id twice counts once.</param>
/// <param name="Event"><c>started</c>, <c>paused</c>, <c>resumed</c>, <c>lotFinished</c> (a lot is through, the operation goes on) or <c>finished</c> (with the pieces that no lot before counted).</param>
/// <param name="At">Factory time; now when left out.</param>
/// <param name="Reason">Of a pause: material, tool, breakdown, quality, meeting, other.</param>
/// <param name="Lot">The lot that it is about; left out: the one that is being worked on, at first the order's own.</param>
internal sealed record ShopEventDto(Guid Id, string Event, string Operation, string Machine, DateTimeOffset? At, string? Reason, int? Good, int? Scrap, string? Lot = null);

internal sealed record ShopAnswerDto(bool Accepted, string? Rule, string Message, OperationStatus Status, int Good, int Scrap);

internal sealed record LoopDto(long Number, string Loop, DateTimeOffset At, AutonomyLevel Level, string Finding, string Advice, string Model, double Confidence,
    LoopDecision? Decision, LoopReceipt? Receipt, LoopEffect? Effect,
    string? Machine, DateTimeOffset? From, DateTimeOffset? To, int? Samples, int? Plan, DateTimeOffset? ExpiresAt, DateTimeOffset? ActsAt,
    LoopExpectation? Expected, LoopActing? Acting, LoopUndo? Undo, LoopLevelChange? Change, string? Subject, LoopWay[] Ways)
{
    public static LoopDto Of(LoopEntry e) => new(e.Number, e.Loop, e.At, e.Level, e.Finding, e.Advice, e.Model, e.Confidence, e.Decision, e.Receipt, e.Effect,
        e.Machine?.Value, e.Window?.From, e.Window?.To, e.Samples, e.Plan, e.ExpiresAt, e.ActsAt, e.Expected, e.Acting, e.Undo, e.Change, e.Subject, [.. e.Ways.All]);
}

/// <param name="Benefits">Accepted advices with measured benefit since the level changed last.</param>
/// <param name="Needed">Of these for the next level.</param>
/// <param name="Changed">Entry of the ledger that changed the level last.</param>
internal sealed record LoopStandingDto(string Loop, AutonomyLevel Level, AutonomyLevel Start, AutonomyLevel Most, int Benefits, int Needed, long? Changed)
{
    public static LoopStandingDto Of(Ieum.Act.LoopStanding s) => new(s.Loop, s.Level, s.Start, s.Most, s.Benefits, s.Needed, s.Changed?.Number);
}

internal sealed record NoteDto(string? Note);

/// <param name="Way">Kind of the way that is taken, one of the advice's; the first when left out.</param>
internal sealed record DecisionDto(bool Accepted, string? Note, string? Way = null);

/// <param name="Most">How far the loop may rise: ask, actInsideLimits or actAndReport.</param>
internal sealed record AllowDto(AutonomyLevel Most);

/// <summary>Dispatches given out since the start, and how many of them were started or finished by somebody.</summary>
internal sealed record DispatchCountsDto(long Issued, long Acknowledged);
