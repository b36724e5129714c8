using System.Net.Sockets;

namespace Ieum.Connect;

/// <summary>Why a counterpart was not reached, told so that the reader knows where to look: at the name, the port, the cable, or the program that listens.</summary>
internal static class Reach
{
    public static (string Rule, string Message) Of(string endpoint, Exception fault) => ErrorOf(fault) switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => (ConnectRules.HostUnknown,
            $"'{endpoint}' names a host that nobody in this network knows. Check the spelling, or write its address, such as 192.168.0.20."),
        SocketError.ConnectionRefused => (ConnectRules.PortClosed,
            $"'{endpoint}': the computer is there, but nothing listens at this port. Check the port, and that the server is switched on at the machine."),
        _ => (ConnectRules.Unreachable, $"'{endpoint}' cannot be reached: {fault.Message.TrimEnd('.', ' ')}. Check power, cable, address and port."),
    };

    /// <summary>The socket's own word, however deep a client library wrapped it.</summary>
    private static SocketError? ErrorOf(Exception? fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
            if (at is SocketException socket) return socket.SocketErrorCode;
        return null;
    }
}
