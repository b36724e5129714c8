using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Polling;

internal static partial class PollLog
{
    [LoggerMessage(1400, LogLevel.Information, "{Source}: connected to {Protocol} device {Endpoint}.")]
    public static partial void Connected(ILogger log, SourceId source, string protocol, string endpoint);

    [LoggerMessage(1401, LogLevel.Warning, "{Source}: lost {Endpoint}: {Reason}")]
    public static partial void Lost(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1402, LogLevel.Debug, "{Source}: {Endpoint} cannot be reached: {Reason}")]
    public static partial void Unreachable(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1403, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1404, LogLevel.Error, "{Source}: unexpected fault in the polled source; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);

    [LoggerMessage(1405, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, string detail);

    [LoggerMessage(1406, LogLevel.Information, "{Source}: {Points} points in {Blocks} reads.")]
    public static partial void Planned(ILogger log, SourceId source, int points, int blocks);

    [LoggerMessage(1407, LogLevel.Information, "{Source}: wrote {Signal}: {Answer}")]
    public static partial void Wrote(ILogger log, SourceId source, SignalId signal, string answer);
}
