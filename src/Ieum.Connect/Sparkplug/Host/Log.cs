using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug.Host;

internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Information, "Sparkplug host '{HostId}' is online at {Broker}.")]
    public static partial void Online(ILogger log, string hostId, string broker);

    [LoggerMessage(1201, LogLevel.Warning, "Sparkplug host lost {Broker}: {Rule}: {Message}")]
    public static partial void Offline(ILogger log, string broker, string rule, string message);

    [LoggerMessage(1202, LogLevel.Information, "Asked {Group}/{Node} for a rebirth: {Reason}.")]
    public static partial void RebirthAsked(ILogger log, string group, string node, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "{Source}: {Rule} ({Count}): {Message}")]
    public static partial void Problem(ILogger log, string source, string rule, long count, string message);

    [LoggerMessage(1204, LogLevel.Information, "{Source}: link {State}.")]
    public static partial void Link(ILogger log, string source, string state);

    [LoggerMessage(1205, LogLevel.Warning, "{Source}: gap {From:O} to {To:O}, {Cause}: {Detail}.")]
    public static partial void Gap(ILogger log, string source, DateTimeOffset from, DateTimeOffset to, string cause, string detail);

    [LoggerMessage(1206, LogLevel.Error, "Sparkplug host at {Broker} met an unexpected fault and starts again.")]
    public static partial void Unexpected(ILogger log, Exception fault, string broker);

    [LoggerMessage(1207, LogLevel.Warning, "A publish to {Topic} failed: {Reason}")]
    public static partial void PublishFailed(ILogger log, string topic, string reason);
}
