using Ieum.Model;

namespace Ieum.Act;

/// <summary>How far an operation is behind the plan in force.</summary>
internal static class Lateness
{
    /// <summary>
    /// Waiting: time since its planned start. Begun: the larger of time past its planned end, and what a late start and
    /// pauses since the plan was made have cost. Zero when it is on time or finished.
    /// </summary>
    public static TimeSpan Of(PlanVersion plan, PlannedOperation planned, OperationActual actual, DateTimeOffset now)
    {
        var by = actual.Status switch
        {
            OperationStatus.Waiting => now - planned.Start,
            OperationStatus.Finished => TimeSpan.Zero,
            _ => Larger(now - planned.End, LateStart(planned, actual) + Paused(plan, actual, now)),
        };
        return Larger(by, TimeSpan.Zero);
    }

    private static TimeSpan LateStart(PlannedOperation planned, OperationActual actual) =>
        actual.Started is { } started ? Larger(started - planned.Start, TimeSpan.Zero) : TimeSpan.Zero;

    /// <summary>Pauses after the plan was made; it knows the ones before.</summary>
    private static TimeSpan Paused(PlanVersion plan, OperationActual actual, DateTimeOffset now)
    {
        var sum = TimeSpan.Zero;
        foreach (var pause in actual.Pauses ?? []) sum += Larger(pause.To - Later(pause.From, plan.Made), TimeSpan.Zero);
        if (actual.PausedSince is { } since) sum += Larger(now - Later(since, plan.Made), TimeSpan.Zero);
        return sum;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
    private static TimeSpan Larger(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
