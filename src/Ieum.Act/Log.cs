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
}
