using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Connect.Modbus;

internal enum ModbusFraming
{
    /// <summary>Modbus TCP: a header with a transaction number before each frame.</summary>
    Tcp = 0,
    /// <summary>Serial frames with a checksum, put through TCP by a simple converter.</summary>
    Rtu = 1,
}

/// <summary>Options of one Modbus connection. Endpoint: <c>host</c> or <c>host:port</c>, port 502 by default.</summary>
internal sealed record ModbusOptions
{
    public const int DefaultPort = 502;

    /// <summary>What all polled protocols share.</summary>
    public required PollOptions Poll { get; init; }

    /// <summary><c>unit</c>: unit number of points whose address names none, 0 to 255. Default 1.</summary>
    public int Unit { get; init; } = 1;

    /// <summary><c>framing</c>: <c>tcp</c> (default) or <c>rtu</c>, serial frames through TCP.</summary>
    public ModbusFraming Framing { get; init; }

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static ModbusOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var options = new ModbusOptions
        {
            Poll = PollOptions.Read(settings, read, DefaultPort),
            Unit = read.Whole("unit", 1, 0, 255),
            Framing = read.Choice("framing", ModbusFraming.Tcp),
        };
        read.Finish();
        return options;
    }
}
