using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>What a plan comes to, for people who compare plans.</summary>
/// <param name="Late">Orders that miss their due date.</param>
/// <param name="Tardiness">Lateness of all orders, each times its weight.</param>
/// <param name="Lead">Mean time from release to finish.</param>
/// <param name="Overtime">Working time bought.</param>
/// <param name="Cost">Of overtime and outside work, in the money of the goal; null where a price is not known.</param>
/// <param name="Moved">Operations of the plan before on another machine, outside, or more than an hour away.</param>
/// <param name="Shifted">Other operations of it that begin at another minute.</param>
/// <param name="Worse">Orders of it that are finished later.</param>
/// <param name="Utilisation">Planned work of the next seven days as a part of the working time of all machines, 0 to 1; overtime may bring it above.</param>
/// <param name="End">End of the last operation; now when there is none.</param>
public sealed record PlanFigures(int Orders, int Late, TimeSpan Tardiness, TimeSpan Lead, TimeSpan Overtime, double? Cost, int Moved, int Shifted, int Worse, double Utilisation, DateTimeOffset End)
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(7), Move = TimeSpan.FromHours(1);

    /// <param name="before">The plan that it is compared with; null counts nothing as moved.</param>
    /// <param name="outside">Price of outside work.</param>
    /// <param name="priced">Whether the prices of overtime are known.</param>
    public static PlanFigures Of(PlanRequest request, PlanVersion plan, PlanVersion? before, double outside = 0, bool priced = true)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(plan);
        var orders = request.Orders.DistinctBy(o => o.Id).ToDictionary(o => o.Id);
        var (tardiness, lead, known) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        foreach (var p in plan.Promises)
        {
            tardiness += p.Lateness * (orders.GetValueOrDefault(p.Order)?.Weight ?? 1);
            if (!orders.TryGetValue(p.Order, out var o)) continue;
            lead += p.Finish > o.Release ? p.Finish - o.Release : TimeSpan.Zero;
            known++;
        }
        var (moved, shifted) = Moves(request, plan, before);
        var was = before?.Promises.ToDictionary(p => p.Order, p => p.Finish);
        var next = new TimeRange(request.Now, request.Now + Window);
        var open = request.Calendars.Values.Aggregate(TimeSpan.Zero, (sum, c) => sum + c.WorkingDuration(next));
        return new(plan.Promises.Length, plan.Late.Count(), tardiness, known == 0 ? TimeSpan.Zero : lead / known,
            Trial.TimeOf(request, plan.Overtime), priced ? plan.Overtime.Sum(b => b.Cost) + outside : plan.Overtime.IsEmpty ? outside : null,
            moved, shifted, plan.Promises.Count(p => was is not null && was.TryGetValue(p.Order, out var f) && p.Finish - f > TimeSpan.FromMinutes(1)),
            open > TimeSpan.Zero ? plan.Operations.Aggregate(TimeSpan.Zero, (sum, o) => sum + Inside(o, next)) / open : 0,
            plan.Operations.Select(o => o.End).Append(request.Now).Max());
    }

    /// <summary>Work of an operation in a stretch, taken as even over its time.</summary>
    private static TimeSpan Inside(PlannedOperation o, TimeRange range) =>
        o.Range.Intersect(range) is { } part && o.End > o.Start ? o.Work * (part.Duration / (o.End - o.Start)) : TimeSpan.Zero;

    private static (int Moved, int Shifted) Moves(PlanRequest request, PlanVersion plan, PlanVersion? before)
    {
        if (before is null) return (0, 0);
        var now = plan.Operations.ToDictionary(o => o.Operation);
        var done = request.Actuals.Where(a => a.Status != OperationStatus.Waiting).Select(a => a.Operation).ToHashSet();
        var (moved, shifted) = (0, 0);
        foreach (var o in before.Operations)
        {
            if (done.Contains(o.Operation)) continue;
            if (!now.TryGetValue(o.Operation, out var n) || n.Machine != o.Machine || (n.Start - o.Start).Duration() > Move) moved++;
            else if (n.Start != o.Start) shifted++;
        }
        return (moved, shifted);
    }
}
