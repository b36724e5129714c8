using Microsoft.Extensions.Logging;

namespace Ieum.Plan;

internal static partial class Log
{
    [LoggerMessage(EventId = 4000, Level = LogLevel.Information,
        Message = "Plan {Number}: {Operations} operations, {LateOrders} late orders, gap {Gap:P1}, {SolveMs} ms, {Solver}")]
    public static partial void Planned(ILogger log, int number, int operations, int lateOrders, double gap, long solveMs, string solver);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "No plan: {Rule}: {Reason}")]
    public static partial void Impossible(ILogger log, string rule, string reason);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "CP-SAT failed; the heuristic plan is used instead")]
    public static partial void SolverFailed(ILogger log, Exception error);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Error, Message = "The checker refused a plan made by {Solver}: {Rule}: {Reason}")]
    public static partial void Refused(ILogger log, string solver, string rule, string reason);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Information,
        Message = "'{Item}' on '{Machine}': measured {MeasuredSeconds:F1} s a piece from {Samples} cycles, nominal {NominalSeconds:F1} s, planned with {UsedSeconds:F1} s")]
    public static partial void TimeUsed(ILogger log, string item, string machine, double measuredSeconds, int samples, double nominalSeconds, double usedSeconds);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Debug, Message = "{Seconds:F2} s, step {Step}: late {Tardiness} weighted min, end {Makespan} min, by {Source}")]
    public static partial void Incumbent(ILogger log, double seconds, long step, long tardiness, long makespan, string source);

    [LoggerMessage(EventId = 4006, Level = LogLevel.Debug, Message = "Step {Step}: taken over from beside: {Schedule}")]
    public static partial void Exchange(ILogger log, long step, Layout schedule);
}
