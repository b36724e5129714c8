using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Ui;

/// <summary>Why an operation stands where it stands, worked out from the plan alone.</summary>
/// <param name="Latest">Latest start that still keeps the due date, when everything after it keeps its length; null when it is too late already.</param>
public sealed record WhyThen(PlannedOperation Operation, Order? Order, OrderPromise? Promise, string CauseKey, object?[] CauseArgs, DateTimeOffset? Latest, TimeUsed? Time, MachineOption? Nominal)
{
    // Solvers leave small holes between operations; what ended within this time before the start is what it waited for.
    private static readonly TimeSpan Touching = TimeSpan.FromMinutes(1);

    public static WhyThen? Of(PlanVersion plan, OperationId id, IReadOnlyCollection<Order> orders, IReadOnlyCollection<TimeUsed> times, WorkCalendar calendar, Texts t)
    {
        if (plan.Operations.FirstOrDefault(o => o.Operation == id) is not { } op) return null;
        var order = orders.FirstOrDefault(o => o.Id == op.Order);
        var promise = plan.Promises.FirstOrDefault(p => p.Order == op.Order);
        var before = plan.Operations.Where(o => o.Order == op.Order && o.Step < op.Step).MaxBy(o => o.Step);
        var ahead = plan.Operations.Where(o => o.Machine == op.Machine && o.Operation != id && o.End <= op.Start).MaxBy(o => o.End);
        (string Key, object?[] Args) cause =
            ahead is not null && ahead.End >= op.Start - Touching && !(before is not null && before.End > ahead.End) ? ("plan.why.cause.machine", [ahead.Operation.Value, t.Stamp(ahead.End)])
            : before is not null && before.End >= op.Start - Touching ? ("plan.why.cause.step", [before.Step, t.Stamp(before.End)])
            : order is not null && order.Release >= op.Start - Touching ? ("plan.why.cause.release", [t.Stamp(order.Release)])
            : !calendar.IsWorking(op.Start - TimeSpan.FromTicks(1)) ? ("plan.why.cause.calendar", [])
            : ("plan.why.cause.chosen", []);
        var slack = promise is { IsLate: false } ? promise.Due - promise.Finish : (TimeSpan?)null;
        var nominal = order?.StepOf(op.Step, op.Routing)?.Options.FirstOrDefault(o => o.Machine == op.Machine);
        return new WhyThen(op, order, promise, cause.Key, cause.Args, op.Start + slack, times.FirstOrDefault(u => u.Machine == op.Machine && u.Item == order?.Item), nominal);
    }
}
