using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Broker;

internal static partial class Log
{
    [LoggerMessage(1280, LogLevel.Information, "MQTT broker listens on {Address}:{Port}.")]
    public static partial void BrokerStarted(ILogger log, string address, int port);

    [LoggerMessage(1281, LogLevel.Information, "MQTT broker stopped.")]
    public static partial void BrokerStopped(ILogger log);

    [LoggerMessage(1282, LogLevel.Warning, "MQTT client {ClientId} with user '{User}' was refused: unknown user or wrong password.")]
    public static partial void ClientRefused(ILogger log, string clientId, string user);
}
