using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Connect;

/// <summary>From a socket to durable: a real node on one core, a flood from another process, until the store has acknowledged the last value.</summary>
/// <remarks>Budgets (budgets.json): 50,000 values a second for SHDR and for Sparkplug while the API answers, 400 MB at 2,000 signals, reconnected within 10 s.</remarks>
internal static class ConnectBench
{
    private const long Values = 2_000_000;
    private const int Signals = 2_000;

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        // One part alone while something is being made faster; figures that are committed are of all parts in one run.
        var only = Environment.GetEnvironmentVariable("IEUM_BENCH_ONLY");
        foreach (var (name, part) in new (string, Func<FigureSheet, CancellationToken, Task>)[]
            { ("shdr", ShdrAsync), ("sparkplug", SparkplugAsync), ("mqtt", MqttFlood.RunAsync), ("modbus", ModbusBench.RunAsync), ("memory", MemoryBench.RunAsync), ("reconnect", ReconnectAsync) })
            if (only is null || only == name) await part(sheet, cancel);
    }

    private static async Task ShdrAsync(FigureSheet sheet, CancellationToken cancel)
    {
        using var flood = new ShdrFlood(Signals, TimeProvider.System.GetUtcNow().AddHours(-6));
        using var load = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var since = Stopwatch.GetTimestamp();
        var sending = flood.RunAsync(Values, load.Token);
        await using var node = await NodeUnderTest.StartAsync(Config("shdr", $"127.0.0.1:{flood.Port}", 0), oneCore: true, cancel);
        await node.UntilAsync("received", 1, cancel);
        sheet.Add("coldStartToFirstValueSeconds", Stopwatch.GetElapsedTime(since).TotalSeconds);

        var first = await node.CountAsync("stored", cancel);
        var begun = Stopwatch.GetTimestamp();
        using var pages = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var page = node.PageP95Async(pages.Token);
        await node.UntilAsync("stored", Values, cancel);
        sheet.Add("shdrSamplesPerSecond", (Values - first) / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await pages.CancelAsync();
        sheet.Add("apiP95MsUnderShdrLoad", await page);
        sheet.Add("shdrLost", Values - await node.CountAsync("received", cancel));
        sheet.Add("memoryMb2000Signals", node.MemoryMb);
        await load.CancelAsync();
        await Quietly(sending);
    }

    private static async Task SparkplugAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var broker = FreePort();
        await using var node = await NodeUnderTest.StartAsync(Config("sparkplug", "bench/flood/machine", broker), oneCore: true, cancel);
        await using var flood = new SparkplugFlood(broker, "bench", "flood", "machine", Signals, TimeProvider.System.GetUtcNow().AddHours(-6));
        await flood.ConnectAsync(cancel);
        await node.UntilAsync("received", 1, cancel);

        var first = await node.CountAsync("stored", cancel);
        var begun = Stopwatch.GetTimestamp();
        using var pages = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var page = node.PageP95Async(pages.Token);
        await flood.RunAsync(Values, cancel);
        await node.UntilAsync("stored", flood.Sent, cancel);
        sheet.Add("sparkplugMetricsPerSecond", (flood.Sent - first) / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await pages.CancelAsync();
        sheet.Add("apiP95MsUnderSparkplugLoad", await page);
        sheet.Add("sparkplugLost", flood.Sent - await node.CountAsync("received", cancel));
    }

    /// <summary>Twenty times: the adapter drops the connection; how long until a value arrives again?</summary>
    private static async Task ReconnectAsync(FigureSheet sheet, CancellationToken cancel)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var node = await NodeUnderTest.StartAsync(Config("shdr", $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", 0), oneCore: false, cancel);
        var times = new List<double>();
        long cut = 0;
        for (var round = 0; round <= 20; round++)
        {
            using var client = await listener.AcceptTcpClientAsync(cancel);
            var stamp = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{stamp}|x|{round}\n"), cancel);
            if (round > 0) times.Add(Stopwatch.GetElapsedTime(cut).TotalMilliseconds);
            await node.UntilAsync("received", round + 1, cancel);
            cut = Stopwatch.GetTimestamp();
        }
        times.Sort();
        sheet.Add("reconnectP50Ms", times[times.Count / 2]);
        sheet.Add("reconnectMaxMs", times[^1]);
    }

    private static string Config(string protocol, string endpoint, int broker) =>
        BenchConfig.Of(new JsonObject { ["machine"] = "machine", ["protocol"] = protocol, ["endpoint"] = endpoint }, broker);

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The run is over; how the load ended is of no interest.
        }
    }
}
