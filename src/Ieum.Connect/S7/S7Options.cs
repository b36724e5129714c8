using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Connect.S7;

/// <summary>Options of one S7 connection. Endpoint: <c>host</c> or <c>host:port</c>, port 102 by default. The options of every polled protocol hold as well.</summary>
internal sealed record S7Options
{
    public const int DefaultPort = 102;
    public const ushort LocalAccessPoint = 0x0100;

    public required PollOptions Poll { get; init; }

    /// <summary><c>rack</c>: 0 to 7. Default 0.</summary>
    public int Rack { get; init; }

    /// <summary><c>slot</c>: 0 to 31. Default 1, right for S7-1200 and S7-1500; S7-300 has 2, S7-400 what its rack says.</summary>
    public int Slot { get; init; } = 1;

    /// <summary><c>kind</c>: kind of connection: <c>pg</c>, <c>op</c> or <c>basic</c> (default). CPUs keep a number of each.</summary>
    public int Kind { get; init; } = 3;

    /// <summary><c>pdu</c>: longest message asked for, 240 to 960 bytes. Default 960; the CPU may answer with less.</summary>
    public int PduLength { get; init; } = 960;

    public ushort RemoteAccessPoint => (ushort)(Kind << 8 | Rack << 5 | Slot);

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static S7Options Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var options = new S7Options
        {
            Poll = PollOptions.Read(settings, read, DefaultPort),
            Rack = read.Whole("rack", 0, 0, 7),
            Slot = read.Whole("slot", 1, 0, 31),
            Kind = read.Text("kind", "basic") switch
            {
                "pg" => 1,
                "op" => 2,
                "basic" => 3,
                var other => throw read.Wrong("kind", other, "pg, op, basic"),
            },
            PduLength = read.Whole("pdu", 960, 240, 960),
        };
        read.Finish();
        return options;
    }
}
