using Ieum.Model;

namespace Ieum.Node.Cluster;

internal static partial class Log
{
    [LoggerMessage(9300, LogLevel.Warning, "The last hours of machine {Machine} cannot be read back; its ribbon begins now.")]
    public static partial void TwinPastUnreadable(ILogger log, Exception e, MachineId machine);
}
