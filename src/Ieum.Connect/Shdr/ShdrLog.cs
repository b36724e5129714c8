using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Shdr;

internal static partial class ShdrLog
{
    [LoggerMessage(1150, LogLevel.Information, "{Source}: connected to SHDR adapter {Endpoint}.")]
    public static partial void Connected(ILogger log, SourceId source, string endpoint);

    [LoggerMessage(1151, LogLevel.Warning, "{Source}: lost SHDR adapter {Endpoint}: {Reason}")]
    public static partial void Lost(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1152, LogLevel.Debug, "{Source}: SHDR adapter {Endpoint} cannot be reached: {Reason}")]
    public static partial void Unreachable(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1153, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1154, LogLevel.Error, "{Source}: unexpected fault in the SHDR source; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);

    [LoggerMessage(1155, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, string detail);
}
