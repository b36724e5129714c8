using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Client;

internal static partial class OpcUaLog
{
    [LoggerMessage(1320, LogLevel.Information, "{Source}: connected to {Endpoint}: {Server}, {Security}, {Points} points.")]
    public static partial void Connected(ILogger log, SourceId source, string endpoint, string server, string security, int points);

    [LoggerMessage(1321, LogLevel.Warning, "{Source}: lost {Endpoint}: {Reason}")]
    public static partial void Lost(ILogger log, SourceId source, string endpoint, string reason);

    [LoggerMessage(1322, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1323, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, string detail);

    [LoggerMessage(1324, LogLevel.Error, "{Source}: unexpected fault in the OPC UA source; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);

    [LoggerMessage(1325, LogLevel.Information, "{Source}: {Endpoint} taken up again by {Rung} after {SilentMs} ms.")]
    public static partial void TakenUp(ILogger log, SourceId source, string endpoint, Rung rung, double silentMs);

    [LoggerMessage(1326, LogLevel.Information, "{Source}: {Samples} values of {Points} points filled in from history, {From} to {To}.")]
    public static partial void Filled(ILogger log, SourceId source, long samples, int points, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(1327, LogLevel.Debug, "{Source}: point {Point} cannot be watched: {Reason}")]
    public static partial void PointRefused(ILogger log, SourceId source, string point, string reason);

    [LoggerMessage(1328, LogLevel.Information, "{Source}: {Endpoint} could not be taken up by {Rung}: {Reason}")]
    public static partial void RungFailed(ILogger log, SourceId source, string endpoint, Rung rung, string reason);
}
