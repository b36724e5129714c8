using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.PlainMqtt;

internal static partial class MqttLog
{
    [LoggerMessage(1700, LogLevel.Information, "{Source}: listening at {Broker}.")]
    public static partial void Listening(ILogger log, SourceId source, string broker);

    [LoggerMessage(1701, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1702, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, string detail);

    [LoggerMessage(1703, LogLevel.Error, "{Source}: unexpected fault in the MQTT source; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);
}
