using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ieum.Bench.Harness;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;

namespace Ieum.Bench.Connect;

/// <summary>Reads of 100 registers, one answer awaited at a time as devices want it: our client, loopback, and a device that answers at once.</summary>
internal static class ModbusBench
{
    private const int Reads = 20_000;

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        using var device = new TcpListener(IPAddress.Loopback, 0);
        device.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var serving = ServeAsync(device, stop.Token);
        var options = new PollOptions { Host = "127.0.0.1", Port = ((IPEndPoint)device.LocalEndpoint).Port };
        using (var link = await RegisterLink.OpenAsync(options, new ModbusProtocol(1, ModbusFraming.Tcp), TimeProvider.System, cancel))
        {
            await AskAsync(link, Reads / 10, cancel);
            var begun = Stopwatch.GetTimestamp();
            await AskAsync(link, Reads, cancel);
            sheet.Add("modbusReads100PerSecond", Reads / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        await stop.CancelAsync();
        await serving;
    }

    private static async Task AskAsync(RegisterLink link, int times, CancellationToken cancel)
    {
        var request = new RegisterRequest(ModbusAddress.Area(1, ModbusTable.Holding), 0, 100);
        for (var i = 0; i < times; i++)
            if ((await link.AskAsync(request, cancel)).Kind != AnswerKind.Done) throw new InvalidOperationException("The device of the benchmark did not answer as it should.");
    }

    private static async Task ServeAsync(TcpListener device, CancellationToken cancel)
    {
        try
        {
            using var socket = await device.AcceptSocketAsync(cancel);
            socket.NoDelay = true;
            var asked = new byte[12];
            // Header of 203 further bytes, unit 1, function 3, 200 bytes of registers.
            byte[] answer = [0, 0, 0, 0, 0, 203, 1, 3, 200, .. new byte[200]];
            for (var filled = 0; ;)
            {
                var count = await socket.ReceiveAsync(asked.AsMemory(filled), cancel);
                if (count == 0) return;
                if ((filled += count) < asked.Length) continue;
                filled = 0;
                (answer[0], answer[1]) = (asked[0], asked[1]);
                await socket.SendAsync(answer, cancel);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException) { /* the client is done */ }
    }
}
