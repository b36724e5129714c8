using Ieum.Model;

namespace Ieum.Node.Loop;

internal static partial class Log
{
    [LoggerMessage(9100, LogLevel.Critical, "Source {Source} ended by itself; it is run again.")]
    public static partial void SourceEnded(ILogger log, SourceId source);

    [LoggerMessage(9101, LogLevel.Critical, "Source {Source} failed; it is run again in {PauseSeconds} s.")]
    public static partial void SourceFailed(ILogger log, Exception e, SourceId source, double pauseSeconds);

    [LoggerMessage(9104, LogLevel.Error, "The twin of {Machine} did not take a batch; its picture may be old.")]
    public static partial void TwinFailed(ILogger log, Exception e, MachineId machine);

    [LoggerMessage(9105, LogLevel.Error, "Connection {Source} is not started: {Rule}: {Message}")]
    public static partial void ConnectionRefused(ILogger log, SourceId source, string rule, string message);

    [LoggerMessage(9120, LogLevel.Error, "The OPC UA door did not open: {Reason} Choose another OpcUaDoor:Port, or free this one; everything else runs.")]
    public static partial void DoorStaysShut(ILogger log, string reason);

    [LoggerMessage(9110, LogLevel.Information, "Plan {Number} is in force ({Reason}): {Late} late orders, solver {Solver}, {SolveMs} ms.")]
    public static partial void PlanInForce(ILogger log, int number, string reason, int late, string solver, long solveMs);

    [LoggerMessage(9111, LogLevel.Warning, "No new plan ({Reason}): {Why}")]
    public static partial void NoPlan(ILogger log, string reason, string why);

    [LoggerMessage(9118, LogLevel.Information, "Planning ({Reason}) was broken off because the node stops; the plan in force stays.")]
    public static partial void PlanningStopped(ILogger log, string reason);

    [LoggerMessage(9115, LogLevel.Information, "The reservation of {Order} made by {By} has run out; its capacity is free.")]
    public static partial void ReservationEnded(ILogger log, OrderId order, string by);

    [LoggerMessage(9116, LogLevel.Warning, "Nobody answered advice {Number} of loop '{Loop}' in time; it has expired.")]
    public static partial void AdviceExpired(ILogger log, long number, string loop);

    [LoggerMessage(9117, LogLevel.Warning, "Entry {Number} of the loop ledger was decided and had no receipt when the node ended; it was done: {Done}.")]
    public static partial void LoopRecovered(ILogger log, long number, bool done);

    [LoggerMessage(9141, LogLevel.Information, "{By} has seen that {Damaged} places of the record are damaged.")]
    public static partial void DamageSeen(ILogger log, string by, long damaged);

    [LoggerMessage(9112, LogLevel.Error, "The loop '{Loop}' failed in this turn; it goes on with the next.")]
    public static partial void TurnFailed(ILogger log, Exception e, string loop);

    [LoggerMessage(9113, LogLevel.Information, "A change of '{Operation}' by hand cannot be planned: {Why}")]
    public static partial void BoardRefused(ILogger log, string operation, string why);

    [LoggerMessage(9114, LogLevel.Information, "Table {Kind}: {Rows} rows, {Created} new, {Updated} changed, {LeftOut} left out, only checked: {Checked}.")]
    public static partial void TableTaken(ILogger log, string kind, int rows, int created, int updated, int leftOut, bool @checked);

    [LoggerMessage(9149, LogLevel.Information, "{Orders} waiting orders go by the new routing of their item; {By} said so.")]
    public static partial void OrdersFollow(ILogger log, int orders, string by);

    [LoggerMessage(9129, LogLevel.Error, "The run 'one factory' of {Town} broke off; the node goes on.")]
    public static partial void OneFactoryFailed(ILogger log, Exception e, string town);
}
