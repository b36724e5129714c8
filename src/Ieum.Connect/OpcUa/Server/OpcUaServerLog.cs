using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Server;

internal static partial class OpcUaServerLog
{
    [LoggerMessage(1360, LogLevel.Information, "{Server}: OPC UA server listens on {Endpoint}.")]
    public static partial void Listens(ILogger log, string server, string endpoint);

    [LoggerMessage(1361, LogLevel.Warning, "{Server}: an OPC UA user from {Peer} was refused.")]
    public static partial void UserRefused(ILogger log, string server, string peer);

    [LoggerMessage(1362, LogLevel.Information, "{Server}: session '{Session}' timed out after {IdleSeconds} s without a request; its subscriptions wait for their lifetime.")]
    public static partial void SessionTimedOut(ILogger log, string server, string session, double idleSeconds);

    [LoggerMessage(1363, LogLevel.Error, "{Server}: unexpected fault in service {Service}; the client got BadInternalError.")]
    public static partial void Unexpected(ILogger log, string server, string service, Exception fault);

    [LoggerMessage(1364, LogLevel.Warning, "{Server}: an OPC UA client was refused. {Message} It lies among the rejected ones; trust it there if you know it.")]
    public static partial void CertificateRefused(ILogger log, string server, string message);
}
