using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug.Edge;

internal static partial class Log
{
    [LoggerMessage(1220, LogLevel.Information, "Edge node {Group}/{Node} is online at {Broker} with {Devices} devices, session {BdSeq}.")]
    public static partial void Online(ILogger log, string group, string node, string broker, int devices, int bdSeq);

    [LoggerMessage(1221, LogLevel.Information, "Edge node {Group}/{Node} waits for its primary host '{Host}'; what is measured meanwhile is told later.")]
    public static partial void Waiting(ILogger log, string group, string node, string host);

    [LoggerMessage(1222, LogLevel.Warning, "Edge node {Group}/{Node} lost {Broker}: {Message}")]
    public static partial void Lost(ILogger log, string group, string node, string broker, string message);

    [LoggerMessage(1223, LogLevel.Warning, "Command refused: {What}: {Why}.")]
    public static partial void Refused(ILogger log, string what, string why);

    [LoggerMessage(1224, LogLevel.Information, "Command done: {Signal} = {Value}: {Message}")]
    public static partial void Written(ILogger log, string signal, string value, string message);

    [LoggerMessage(1225, LogLevel.Warning, "{Signal}: the recorder does not have what is to be told from {From:O} to {To:O}; given up.")]
    public static partial void GivenUp(ILogger log, string signal, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(1226, LogLevel.Error, "The edge node met an unexpected fault and connects again.")]
    public static partial void Unexpected(ILogger log, Exception fault);

    [LoggerMessage(1227, LogLevel.Warning, "The STATE of '{Host}' says nothing: {Why}.")]
    public static partial void StateUnreadable(ILogger log, string host, string why);
}
