using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Connect.Xgt;

/// <summary>Options of one XGT FEnet connection. Endpoint: <c>host</c> or <c>host:port</c>, port 2004 by default. The options of every polled protocol hold as well.</summary>
internal sealed record XgtOptions
{
    public const int DefaultPort = 2004;

    public required PollOptions Poll { get; init; }

    /// <summary><c>cpu</c>: xgk (default), xgi, xgr, xgb, xgb-iec.</summary>
    public XgtCpu Cpu { get; init; } = XgtCpu.Xgk;

    /// <summary>Bytes of one continuous read or write: 1,400, or 512 on XGB modules.</summary>
    public int MostBytes => Cpu is XgtCpu.XgbMk or XgtCpu.XgbIec ? 512 : 1_400;

    /// <exception cref="ConnectionSettingsException">Endpoint or option wrong or unknown.</exception>
    public static XgtOptions Read(ConnectionSettings settings)
    {
        var read = new OptionReader(settings);
        var datagram = read.Flag("udp", false);
        var options = new XgtOptions
        {
            // The CPU keeps the low word of a long value first.
            Poll = PollOptions.Read(settings, read, datagram ? DefaultPort + 1 : DefaultPort, word: RegisterOrder.Cdab, isDatagram: datagram),
            Cpu = read.Text("cpu", "xgk") switch
            {
                "xgk" => XgtCpu.Xgk,
                "xgi" => XgtCpu.Xgi,
                "xgr" => XgtCpu.Xgr,
                "xgb" => XgtCpu.XgbMk,
                "xgb-iec" => XgtCpu.XgbIec,
                var other => throw read.Wrong("cpu", other, "xgk, xgi, xgr, xgb, xgb-iec"),
            },
        };
        read.Finish();
        return options;
    }
}
