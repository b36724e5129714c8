using Ieum.Sim.Play;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim;

/// <summary>What the simulator says on standard error; event ids 8000-8999.</summary>
internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Information, "{Machine}: agent listens on {Endpoint}, schema {Schema}")]
    public static partial void AgentListens(ILogger log, string machine, string endpoint, string schema);

    [LoggerMessage(8002, LogLevel.Information, "{Machine}: adapter listens on {Endpoint}")]
    public static partial void AdapterListens(ILogger log, string machine, string endpoint);

    [LoggerMessage(8016, LogLevel.Information, "{Machine}: OPC UA server listens on {Endpoint}")]
    public static partial void ServerListens(ILogger log, string machine, string endpoint);

    [LoggerMessage(8003, LogLevel.Information, "{Machine}: client {Client} connected")]
    public static partial void ClientCame(ILogger log, string machine, string client);

    [LoggerMessage(8004, LogLevel.Information, "{Machine}: client gone: {Reason}")]
    public static partial void ClientGone(ILogger log, string machine, string reason);

    [LoggerMessage(8005, LogLevel.Warning, "{Machine}: fault {Kind} for {Seconds} s on request")]
    public static partial void FaultBegins(ILogger log, string machine, FaultKind kind, double seconds);

    [LoggerMessage(8006, LogLevel.Information, "{Machine}: work of {Pieces} x {Program}, cycle {CycleSeconds} s, not before {At}")]
    public static partial void WorkTaken(ILogger log, string machine, int pieces, string program, double cycleSeconds, DateTimeOffset at);

    [LoggerMessage(8007, LogLevel.Error, "{Machine}: stopped: {Reason}")]
    public static partial void MachineFailed(ILogger log, string machine, string reason);

    [LoggerMessage(8008, LogLevel.Information, "Control listens on {Endpoint}")]
    public static partial void ControlListens(ILogger log, string endpoint);

    [LoggerMessage(8009, LogLevel.Information, "{Machine}: edge node {Endpoint} goes to broker {Host}:{Port}")]
    public static partial void EdgeStarts(ILogger log, string machine, string endpoint, string host, int port);

    [LoggerMessage(8013, LogLevel.Information, "{Machine}: {Protocol} registers listen on {Endpoint}")]
    public static partial void RegistersListen(ILogger log, string machine, string protocol, string endpoint);

    [LoggerMessage(8010, LogLevel.Warning, "{Machine}: broker lost: {Reason}")]
    public static partial void EdgeLost(ILogger log, string machine, string reason);

    [LoggerMessage(8011, LogLevel.Information, "{Machine}: primary host {Host} is offline; data are kept")]
    public static partial void EdgeHostGone(ILogger log, string machine, string host);

    [LoggerMessage(8012, LogLevel.Warning, "{Machine}: STATE message cannot be read: {Reason}")]
    public static partial void EdgeStateUnreadable(ILogger log, string machine, string reason);
}
