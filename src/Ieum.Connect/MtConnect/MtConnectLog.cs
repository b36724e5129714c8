using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.MtConnect;

internal static partial class MtConnectLog
{
    [LoggerMessage(1100, LogLevel.Information, "{Source}: reading {Device} from {Endpoint}, instance {Instance}, from number {From}.")]
    public static partial void Reading(ILogger log, SourceId source, string device, string endpoint, long instance, long from);

    [LoggerMessage(1101, LogLevel.Warning, "{Source}: lost {Endpoint}: {Reason}")]
    public static partial void Lost(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1102, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1103, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}, lost {Lost}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, long? lost, string detail);

    [LoggerMessage(1104, LogLevel.Error, "{Source}: unexpected fault in the MTConnect source; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);
}
