using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Act;

internal static partial class Log
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Information, Message = "Plan {Number} is in force, {Operations} operations")]
    public static partial void InForce(ILogger log, int number, int operations);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "{Events} shop-floor reports read back, {LeftOut} left out because they cannot follow from the others")]
    public static partial void Replayed(ILogger log, int events, int leftOut);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Report refused: {Rule}: {Reason}")]
    public static partial void Refused(ILogger log, string rule, string reason);

    [LoggerMessage(EventId = 5100, Level = LogLevel.Information, Message = "Loop '{Loop}' entry {Number}: {Part}: {Text}")]
    public static partial void Ledger(ILogger log, string loop, long number, string part, string text);

    [LoggerMessage(EventId = 5200, Level = LogLevel.Information, Message = "Write {Number} of {Signal}: {State}: {What}")]
    public static partial void Written(ILogger log, long number, SignalId signal, WriteState state, string what);

    [LoggerMessage(EventId = 5201, Level = LogLevel.Error, Message = "The audit of writes cannot be kept; '{What}' was not carried out")]
    public static partial void AuditFailed(ILogger log, Exception e, string what);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Critical, Message = "Write {Number} ended as {State}, but its receipt could not be kept; the next start tells it as interrupted")]
    public static partial void ReceiptFailed(ILogger log, Exception e, long number, WriteState state);

    [LoggerMessage(EventId = 5203, Level = LogLevel.Error, Message = "The writer of {Signal} failed")]
    public static partial void WriterFailed(ILogger log, Exception e, SignalId signal);

    [LoggerMessage(EventId = 5204, Level = LogLevel.Error, Message = "Write {Number} does not stand in the loop ledger; the audit has it")]
    public static partial void LedgerFailed(ILogger log, Exception e, long number);

    [LoggerMessage(EventId = 5205, Level = LogLevel.Critical, Message = "The audit of writes was changed from outside: {What}")]
    public static partial void AuditBroken(ILogger log, string what);

    [LoggerMessage(EventId = 5206, Level = LogLevel.Warning, Message = "All writing is stopped by {By}: {Reason}")]
    public static partial void StopSet(ILogger log, string by, string reason);

    [LoggerMessage(EventId = 5207, Level = LogLevel.Warning, Message = "Writing is released by {By}: {Reason}")]
    public static partial void StopReleased(ILogger log, string by, string reason);

    [LoggerMessage(EventId = 5208, Level = LogLevel.Information, Message = "The list of what may be written: {Signal} changed by {By}, listed now: {Listed}")]
    public static partial void RuleSaved(ILogger log, SignalId signal, string by, bool listed);
}
