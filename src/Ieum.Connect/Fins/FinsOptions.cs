using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Connect.Fins;

/// <summary>Options of one FINS connection. Endpoint: <c>host</c> or <c>host:port</c>, port 9600 by default.</summary>
internal sealed record FinsOptions
{
    public const int DefaultPort = 9600;

    public required PollOptions Poll { get; init; }

    /// <summary><c>network</c> (0-127), <c>node</c> (0-254), <c>unit</c> (0-255). Node 0, the default: over TCP what the controller says, over UDP the last number of its address.</summary>
    public required FinsPeer Controller { get; init; }

    /// <summary><c>own-node</c> (0-254). 0, the default: over TCP what the controller gives, over UDP the last number of the own address.</summary>
    public required byte OwnNode { get; init; }

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static FinsOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var isDatagram = read.Text("transport", "tcp") switch
        {
            "tcp" => false,
            "udp" => true,
            var other => throw read.Wrong("transport", other, "tcp, udp"),
        };
        var options = new FinsOptions
        {
            // Values of 32 bits stand low word first; texts high byte first.
            Poll = PollOptions.Read(settings, read, DefaultPort, word: RegisterOrder.Cdab, isDatagram: isDatagram),
            Controller = new((byte)read.Whole("network", 0, 0, 127), (byte)read.Whole("node", 0, 0, 254), (byte)read.Whole("unit", 0, 0, 255)),
            OwnNode = (byte)read.Whole("own-node", 0, 0, 254),
        };
        read.Finish();
        return options;
    }

    public FinsProtocol NewProtocol() => new(Controller, OwnNode, Poll.IsDatagram);
}
