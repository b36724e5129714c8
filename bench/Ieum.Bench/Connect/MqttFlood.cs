using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Ieum.Bench.Connect;

/// <summary>Boxes on plain MQTT with QoS 1: one value with its time in a message, as many under way as a broker takes, each acknowledged when it is durable.</summary>
internal static class MqttFlood
{
    private const int Window = 400;

    /// <summary>A part of the messages tries the benchmark out; figures that count are of all of them.</summary>
    private static readonly int Messages = (int)(100_000 * double.Parse(Environment.GetEnvironmentVariable("IEUM_BENCH_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture));

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var own = ConnectBench.FreePort();
        await OnceAsync(sheet, "mqttValuesPerSecond", "node", own, own, cancel);
        if (ProgramOf("mosquitto") is not { } mosquitto) return;
        var outside = ConnectBench.FreePort();
        var config = Path.GetTempFileName();
        // Its bound on what waits is lifted: a broker that lets messages go would not be a loss of the node.
        await File.WriteAllTextAsync(config, $"listener {outside} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n", cancel);
        using var broker = Process.Start(new ProcessStartInfo(mosquitto, ["-c", config]) { RedirectStandardError = true })!;
        try
        {
            await OnceAsync(sheet, "mqttOutsideValuesPerSecond", $"mqtt://127.0.0.1:{outside}", outside, 0, cancel);
        }
        finally
        {
            broker.Kill();
            File.Delete(config);
        }
    }

    private static async Task OnceAsync(FigureSheet sheet, string figure, string endpoint, int port, int ownPort, CancellationToken cancel)
    {
        var connection = new JsonObject
        {
            ["machine"] = "machine", ["protocol"] = "mqtt", ["endpoint"] = endpoint, ["options"] = new JsonObject { ["time"] = "t" },
            ["points"] = new JsonArray(new JsonObject { ["name"] = "value", ["address"] = "box/value#v", ["type"] = "number" }),
        };
        await using var node = await NodeUnderTest.StartAsync(BenchConfig.Of(connection, ownPort), oneCore: true, cancel);
        using var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("flood").Build();
        while (!client.IsConnected)
        {
            try
            {
                await client.ConnectAsync(options, cancel);
            }
            catch (MqttCommunicationException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
        }
        // The first is heard by a node that listens; an outside broker knows its session from then on.
        var start = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        for (var first = true; await node.CountAsync("stored", cancel) == 0; first = false) await SendAsync(client, first ? start : ++start, 0, cancel);
        // What was said to find that out arrives first.
        long before = -1;
        while (before != (before = await node.CountAsync("received", cancel)) || before != await node.CountAsync("stored", cancel)) await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
        using var window = new SemaphoreSlim(Window);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 1; i <= Messages; i++)
        {
            await window.WaitAsync(cancel);
            _ = SendAsync(client, start + i, i, cancel).ContinueWith(_ => window.Release(), cancel, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        for (var i = 0; i < Window; i++) await window.WaitAsync(cancel);
        sheet.Add(figure.Replace("Values", "Acknowledged", StringComparison.Ordinal), Messages / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await node.UntilAsync("stored", before + Messages, cancel);
        sheet.Add(figure, Messages / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        sheet.Add(figure.Replace("ValuesPerSecond", "Lost", StringComparison.Ordinal), before + Messages - await node.CountAsync("received", cancel));
    }

    private static Task<MqttClientPublishResult> SendAsync(IMqttClient client, long at, int value, CancellationToken cancel) => client.PublishAsync(new()
    {
        Topic = "box/value", Payload = new(Encoding.UTF8.GetBytes($"{{\"v\":{value},\"t\":{at}}}")), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    }, cancel);

    private static string? ProgramOf(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(p => Path.Combine(p, name)).FirstOrDefault(File.Exists);
}
