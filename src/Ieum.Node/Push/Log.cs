namespace Ieum.Node.Push;

internal static partial class Log
{
    [LoggerMessage(9130, LogLevel.Warning, "The push service {Host} answered {Status} to a message for {User}.")]
    public static partial void PushRefused(ILogger log, string host, int status, string user);

    [LoggerMessage(9131, LogLevel.Warning, "The push service {Host} cannot be reached: {Reason}")]
    public static partial void PushUnreachable(ILogger log, string host, string reason);
}
