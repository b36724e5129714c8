using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;
using Ieum.Node.Town;

namespace Ieum.Bench.Connect;

/// <summary>What a thousand signals more cost a node in resident memory: the same node with 100 and with 10,100 signals that change, per protocol.</summary>
/// <remarks>Both are looked at after the same time with the same number of values, so that what a node needs anyhow drops out. Budget: 100 MB for a thousand signals.</remarks>
internal static class MemoryBench
{
    private const int Few = 100, Many = 10_100;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        foreach (var (name, measure) in new (string, Func<int, CancellationToken, Task<double>>)[] { ("OpcUa", OpcUaAsync), ("Modbus", ModbusAsync), ("Sparkplug", SparkplugAsync) })
            sheet.Add($"memoryMbPer1000Signals{name}", (await measure(Many, cancel) - await measure(Few, cancel)) * 1000 / (Many - Few));
    }

    private static async Task<double> OpcUaAsync(int signals, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", "release", "ieum-sim.dll"));
        double memory;
        await using (var sim = ChildProcess.Start("simulated server", program, ["load", "opcua", "--tags", $"{signals}", "--rate", "1000", "--with-parent"], Path.Combine(folder, "sim.log")))
        {
            var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
            await using var node = await NodeUnderTest.StartAsync(BenchConfig.Of(new JsonObject
            {
                ["machine"] = "machine", ["protocol"] = "opcua", ["endpoint"] = ready["machines"]![0]!["endpoint"]!.GetValue<string>(), ["options"] = new JsonObject { ["security"] = "None" },
                ["points"] = Points(signals, i => $"ns=1;s=Tag{i}"),
            }), oneCore: false, cancel);
            memory = await SettledAsync(node, signals, cancel);
        }
        Directory.Delete(folder, recursive: true);
        return memory;
    }

    /// <summary>A device that answers every read of holding registers with registers that differ from the last ones.</summary>
    private static async Task<double> ModbusAsync(int signals, CancellationToken cancel)
    {
        using var device = new TcpListener(IPAddress.Loopback, 0);
        device.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var serving = ServeAsync(device, stop.Token);
        double memory;
        await using (var node = await NodeUnderTest.StartAsync(BenchConfig.Of(new JsonObject
        {
            ["machine"] = "machine", ["protocol"] = "modbus", ["endpoint"] = $"127.0.0.1:{((IPEndPoint)device.LocalEndpoint).Port}", ["options"] = new JsonObject { ["period"] = "10" },
            ["points"] = Points(signals, i => $"holding:{i}"),
        }), oneCore: false, cancel))
            memory = await SettledAsync(node, signals, cancel);
        await stop.CancelAsync();
        await serving;
        return memory;
    }

    private static async Task<double> SparkplugAsync(int signals, CancellationToken cancel)
    {
        var broker = ConnectBench.FreePort();
        await using var node = await NodeUnderTest.StartAsync(BenchConfig.Of(new JsonObject { ["machine"] = "machine", ["protocol"] = "sparkplug", ["endpoint"] = "bench/flood/machine" }, broker), oneCore: false, cancel);
        await using var flood = new SparkplugFlood(broker, "bench", "flood", "machine", signals, TimeProvider.System.GetUtcNow().AddHours(-6));
        await flood.ConnectAsync(cancel);
        return await SettledAsync(node, signals, cancel);
    }

    private static async Task<double> SettledAsync(NodeUnderTest node, int signals, CancellationToken cancel)
    {
        await node.UntilAsync("stored", signals, cancel);
        await Task.Delay(Settled, TimeProvider.System, cancel);
        return node.MemoryMb;
    }

    private static JsonArray Points(int signals, Func<int, string> address) =>
        new([.. Enumerable.Range(0, signals).Select(i => (JsonNode)new JsonObject { ["name"] = $"p{i}", ["address"] = address(i) })]);

    private static async Task ServeAsync(TcpListener device, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                using var client = await device.AcceptTcpClientAsync(cancel);
                await AnswerAsync(client.GetStream(), cancel);
            }
        }
        catch (OperationCanceledException) { /* the measurement is over */ }
    }

    private static async Task AnswerAsync(NetworkStream stream, CancellationToken cancel)
    {
        var asked = new byte[12];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(asked, cancel);
                var bytes = asked[11] * 2;
                byte[] answer = [asked[0], asked[1], 0, 0, 0, (byte)(3 + bytes), asked[6], asked[7], (byte)bytes, .. new byte[bytes]];
                await stream.WriteAsync(answer, cancel);
            }
        }
        catch (IOException) { /* the node dials again when it wants to */ }
    }
}
