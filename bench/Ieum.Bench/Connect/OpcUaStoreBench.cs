using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;
using Ieum.Node.Town;

namespace Ieum.Bench.Connect;

/// <summary>
/// Subscribed values of a simulated OPC UA server, a process of its own, into the durable store of a real node: a rate that is offered for a
/// minute, and at the end every row that the store gives back is counted. All three programs share the machine's cores.
/// </summary>
/// <remarks>Budget: 50,000 values a second on two cores, memory that does not grow. IEUM_BENCH_RATE and IEUM_BENCH_SECONDS set what is offered.</remarks>
internal static class OpcUaStoreBench
{
    private const int Signals = 1_000;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var rate = Setting("IEUM_BENCH_RATE", 60_000);
        var seconds = Setting("IEUM_BENCH_SECONDS", 60);
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", "release", "ieum-sim.dll"));
        string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
        await using var sim = ChildProcess.Start("simulated server", program,
            ["load", "opcua", "--tags", Number(Signals), "--rate", Number(rate), "--seconds", Number(seconds), "--wait", "--with-parent"], Path.Combine(folder, "sim.log"));
        var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
        var options = new JsonObject { ["security"] = "None", ["sampling"] = "0", ["publishing"] = "0.1", ["queue"] = "1000" };
        await using var node = await NodeUnderTest.StartAsync(BenchConfig.Of(new JsonObject
        {
            ["machine"] = "machine", ["protocol"] = "opcua", ["endpoint"] = ready["machines"]![0]!["endpoint"]!.GetValue<string>(), ["options"] = options,
            ["points"] = new JsonArray([.. Enumerable.Range(0, Signals).Select(i => (JsonNode)new JsonObject { ["name"] = $"Tag{i}", ["address"] = $"ns=1;s=Tag{i}" })]),
        }), oneCore: false, cancel);
        await node.UntilAsync("stored", Signals, cancel);

        var (looks, simulator, began) = (new List<(double Seconds, double Memory, long Stored)>(), new List<double>(), TimeProvider.System.GetTimestamp());
        var asking = sim.LineAsync(l => l.StartsWith('{'), cancel);
        for (var end = TimeSpan.FromSeconds(seconds); TimeProvider.System.GetElapsedTime(began) < end; await Task.Delay(Look, TimeProvider.System, cancel))
        {
            looks.Add((TimeProvider.System.GetElapsedTime(began).TotalSeconds, node.MemoryMb, await node.CountAsync("stored", cancel)));
            simulator.Add(sim.Memory / (1024.0 * 1024.0));
        }
        var report = JsonNode.Parse(await asking)!;
        var made = report["produced"]!.GetValue<long>() + Signals;
        for (var since = TimeProvider.System.GetTimestamp(); await node.CountAsync("stored", cancel) < made && TimeProvider.System.GetElapsedTime(since) < Patience;)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);

        var (first, last) = (looks[looks.Count / 6], looks[^1]);
        sheet.Add("opcuaStoreSeconds", seconds);
        sheet.Add("opcuaStoreOfferedPerSecond", rate);
        sheet.Add("opcuaStoreValuesPerSecond", (last.Stored - first.Stored) / (last.Seconds - first.Seconds));
        sheet.Add("opcuaStoreProduced", made);
        sheet.Add("opcuaStoreSkippedByServer", report["late"]!.GetValue<long>());
        sheet.Add("opcuaStoreReceived", await node.CountAsync("received", cancel));
        sheet.Add("opcuaStoreRows", await RowsAsync(node, cancel));
        sheet.Add("opcuaStoreGaps", await node.CountAsync("gaps", cancel));
        // A sixth of the time warms up; begin, middle and end are means of sixths.
        foreach (var (name, sixth) in new[] { ("Begin", 1), ("Middle", 3), ("End", 5) })
        {
            var (from, to) = (looks.Count * sixth / 6, looks.Count * (sixth + 1) / 6);
            sheet.Add($"opcuaStoreMemoryMb{name}", looks[from..to].Average(l => l.Memory));
        }
        sheet.Add("opcuaStoreMemoryMbMost", looks.Max(l => l.Memory));
        sheet.Add("opcuaStoreServerMemoryMbMost", simulator.Max());
        sheet.Add("opcuaStoreNodeCores", node.ProcessorSeconds / TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Every row that the node gives back when it is asked for all it has: what is counted is in the store, not in a counter.</summary>
    private static async Task<long> RowsAsync(NodeUnderTest node, CancellationToken cancel)
    {
        var rows = 0L;
        var from = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddHours(-6).ToString("O", CultureInfo.InvariantCulture));
        foreach (var signal in (await node.Api.GetAsync("/api/v1/history/signals?machine=machine", cancel))!.AsArray())
            rows += await node.LinesAsync($"/api/v1/history/{signal!["number"]}/range.ndjson?from={from}", cancel);
        return rows;
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
