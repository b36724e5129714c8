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
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    public static Task RunAsync(FigureSheet sheet, CancellationToken cancel) =>
        MeasureAsync(sheet, "opcuaStore", 1_000, Setting("IEUM_BENCH_RATE", 60_000), Setting("IEUM_BENCH_SECONDS", 60), asking: false, cancel);

    /// <param name="name">What the figures' names begin with.</param>
    /// <param name="rate">Changed values a second over all signals.</param>
    /// <param name="asking">Pages and programs ask for history meanwhile, one question after the other.</param>
    public static async Task MeasureAsync(FigureSheet sheet, string name, int signals, int rate, int seconds, bool asking, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", "release", "ieum-sim.dll"));
        string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
        await using var sim = ChildProcess.Start("simulated server", program,
            ["load", "opcua", "--tags", Number(signals), "--rate", Number(rate), "--seconds", Number(seconds), "--wait", "--with-parent"], Path.Combine(folder, "sim.log"));
        var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
        var options = new JsonObject { ["security"] = "None", ["sampling"] = "0", ["publishing"] = "0.1", ["queue"] = "1000" };
        await using var node = await NodeUnderTest.StartAsync(BenchConfig.Of(new JsonObject
        {
            ["machine"] = "machine", ["protocol"] = "opcua", ["endpoint"] = ready["machines"]![0]!["endpoint"]!.GetValue<string>(), ["options"] = options,
            ["points"] = new JsonArray([.. Enumerable.Range(0, signals).Select(i => (JsonNode)new JsonObject { ["name"] = $"Tag{i}", ["address"] = $"ns=1;s=Tag{i}" })]),
        }), oneCore: false, cancel);
        await node.UntilAsync("stored", signals, cancel);

        var (looks, simulator, began) = (new List<(double Seconds, double Memory, long Stored)>(), new List<double>(), TimeProvider.System.GetTimestamp());
        var telling = sim.LineAsync(l => l.StartsWith('{'), cancel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var answers = asking ? AskAsync(node, signals, enough.Token) : Task.FromResult(0);
        for (var end = TimeSpan.FromSeconds(seconds); TimeProvider.System.GetElapsedTime(began) < end; await Task.Delay(Look, TimeProvider.System, cancel))
        {
            looks.Add((TimeProvider.System.GetElapsedTime(began).TotalSeconds, node.MemoryMb, await node.CountAsync("stored", cancel)));
            simulator.Add(sim.Memory / (1024.0 * 1024.0));
        }
        var report = JsonNode.Parse(await telling)!;
        var made = report["produced"]!.GetValue<long>() + signals;
        for (var since = TimeProvider.System.GetTimestamp(); await node.CountAsync("stored", cancel) < made && TimeProvider.System.GetElapsedTime(since) < Patience;)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);

        await enough.CancelAsync();
        if (asking) sheet.Add($"{name}Answers", await answers);
        var (first, last) = (looks[looks.Count / 6], looks[^1]);
        sheet.Add($"{name}Seconds", seconds);
        sheet.Add($"{name}OfferedPerSecond", rate);
        sheet.Add($"{name}ValuesPerSecond", (last.Stored - first.Stored) / (last.Seconds - first.Seconds));
        sheet.Add($"{name}Produced", made);
        sheet.Add($"{name}SkippedByServer", report["late"]!.GetValue<long>());
        sheet.Add($"{name}Received", await node.CountAsync("received", cancel));
        sheet.Add($"{name}Rows", await RowsAsync(node, cancel));
        sheet.Add($"{name}Gaps", await node.CountAsync("gaps", cancel));
        // A sixth of the time warms up; begin, middle and end are means of sixths.
        foreach (var (part, sixth) in new[] { ("Begin", 1), ("Middle", 3), ("End", 5) })
        {
            var (from, to) = (looks.Count * sixth / 6, looks.Count * (sixth + 1) / 6);
            sheet.Add($"{name}MemoryMb{part}", looks[from..to].Average(l => l.Memory));
        }
        sheet.Add($"{name}MemoryMbMost", node.PeakMemoryMb);
        sheet.Add($"{name}ServerMemoryMbMost", simulator.Max());
        sheet.Add($"{name}NodeCores", node.ProcessorSeconds / TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What people ask of a day that is under way: the newest values of all machines, pictures of sixteen signals, all of one signal.</summary>
    /// <returns>How many questions were answered.</returns>
    private static async Task<int> AskAsync(NodeUnderTest node, int signals, CancellationToken cancel)
    {
        const long Step = 60_000, Tile = 256 * Step;
        var (random, answers) = (new Random(20261128), 0);
        var numbers = (await node.Api.GetAsync("/api/v1/history/signals?machine=machine", cancel))!.AsArray().Select(s => s!["number"]!.GetValue<int>()).ToArray();
        if (numbers.Length < signals) throw new InvalidOperationException($"Of {signals} signals the node knows {numbers.Length}.");
        try
        {
            for (; ; answers += 3)
            {
                var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                await node.Api.GetAsync("/api/v1/machines", cancel);
                var picture = await node.Api.GetAsync($"/api/v1/explore/tiles?signals={string.Join(',', random.GetItems(numbers, 16))}&step={Step}&first={now / Tile - 1}&count=2", cancel);
                if (picture?["signals"]!.AsArray().Count != 16) throw new InvalidOperationException("A picture of sixteen signals was not given.");
                await node.LinesAsync($"/api/v1/history/{random.GetItems(numbers, 1)[0]}/range.ndjson?from={Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddHours(-1).ToString("O", CultureInfo.InvariantCulture))}", cancel);
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            return answers;   // the load is over
        }
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

    internal static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
