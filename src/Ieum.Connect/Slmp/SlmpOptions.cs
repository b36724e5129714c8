using System.Globalization;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Connect.Slmp;

/// <summary>Options of one SLMP connection. Endpoint: <c>host</c> or <c>host:port</c>, port 5007 by default.</summary>
internal sealed record SlmpOptions
{
    /// <summary>Port many integrators open for MC protocol; the controller's Ethernet parameters decide.</summary>
    public const int DefaultPort = 5007;

    public required PollOptions Poll { get; init; }

    /// <summary><c>frame</c> (3e, 4e), <c>code</c> (binary, ascii) and <c>cpu</c> (q, l, iqr, iqf, fx). Default: 3e over TCP, 4e over UDP, binary, q.</summary>
    public required SlmpFraming Framing { get; init; }

    /// <summary><c>network</c> (0-239), <c>station</c> (0-255), <c>module-io</c> (four hexadecimal digits), <c>multidrop</c> (0-31). Default: the controller the cable ends at.</summary>
    public required SlmpRoute Route { get; init; }

    /// <summary>How long the addressed station may take, in 250 ms: the time-out, rounded up, so that the nearest station tells the silence of one behind it.</summary>
    public ushort Timer => (ushort)Math.Clamp(Math.Ceiling(Poll.Timeout.TotalMilliseconds / 250), 1, ushort.MaxValue);

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static SlmpOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var isDatagram = read.Text("transport", "tcp") switch
        {
            "tcp" => false,
            "udp" => true,
            var other => throw read.Wrong("transport", other, "tcp, udp"),
        };
        var frame = read.Text("frame", isDatagram ? "4e" : "3e").ToUpperInvariant() switch
        {
            "3E" => SlmpFrame.Frame3E,
            "4E" => SlmpFrame.Frame4E,
            var other => throw read.Wrong("frame", other, "3e, 4e"),
        };
        var isAscii = read.Text("code", "binary") switch
        {
            "binary" => false,
            "ascii" => true,
            var other => throw read.Wrong("code", other, "binary, ascii"),
        };
        var options = new SlmpOptions
        {
            // Values of 32 bits stand low word first, texts low byte first: that is how MELSEC counts.
            Poll = PollOptions.Read(settings, read, DefaultPort, word: RegisterOrder.Cdab, isDatagram: isDatagram) with { TextsAreSwapped = true },
            Framing = new(frame, isAscii, read.Choice("cpu", SlmpCpu.Q)),
            Route = new((byte)read.Whole("network", 0, 0, 239), (byte)read.Whole("station", 255, 0, 255), ModuleIo(read), (byte)read.Whole("multidrop", 0, 0, 31)),
        };
        read.Finish();
        return options;
    }

    public SlmpProtocol NewProtocol() => new(Framing, Route, Timer);

    private static ushort ModuleIo(OptionReader read)
    {
        var text = read.Text("module-io", "03FF");
        return text.Length <= 4 && ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var io)
            ? io : throw read.Wrong("module-io", text, "one to four hexadecimal digits such as 03FF (own CPU) or 03E0 (CPU 1)");
    }
}
