using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Connect;

/// <summary>Seventy-two hours of recorded machines through a real node at speed: does memory, do handles grow, and does the account close?</summary>
/// <remarks>
/// Recordings of the reference data (IEUM_SHARED) over MTConnect, SHDR and Sparkplug. The first sixth warms up; begin, middle and end are the
/// means of the looks in the second, the fourth and the last sixth, so that a collection that has just run does not decide. IEUM_BENCH_SPEED sets the speed.
/// </remarks>
internal static class ReplayBench
{
    private const double Hours = 72;
    private static readonly (string Protocol, string Prefix)[] Players = [("mtconnect", "Mazak01"), ("shdr", "GFAgie01"), ("sparkplug", "Mazak01")];

    private readonly record struct Look(double MemoryMb, int Handles, int Threads, double DiskMb, long Stored);

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var speed = double.Parse(Environment.GetEnvironmentVariable("IEUM_BENCH_SPEED") ?? "540", CultureInfo.InvariantCulture);
        var shared = Path.GetFullPath(Environment.GetEnvironmentVariable("IEUM_SHARED") ?? Path.Combine("..", "shared"));
        string FolderOf(string prefix) => Directory.EnumerateFiles(Path.Combine(shared, "data"), prefix + "*.txt*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(f => Path.GetDirectoryName(f)!).FirstOrDefault() ?? throw new InvalidOperationException($"No recording {prefix}*.txt[.gz] below '{shared}'; set IEUM_SHARED.");
        await using var shop = await BenchShop.StartAsync([.. Players.Select(p => new BenchMachine(p.Protocol,
            new JsonObject { ["recordings"] = FolderOf(p.Prefix), ["prefix"] = p.Prefix, ["from"] = "first-run" }))], speed, cancel);
        var sixths = Enumerable.Range(0, 6).Select(_ => new List<Look>()).ToArray();
        var end = shop.Clock.Start.AddHours(Hours);
        while (shop.Clock.GetUtcNow() is var now && now < end)
        {
            if (now > shop.Clock.Start) sixths[Math.Min(5, (int)((now - shop.Clock.Start) / TimeSpan.FromHours(Hours / 6)))].Add(await LookAsync(shop, cancel));
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancel);
        }
        foreach (var (name, looks) in new[] { ("Begin", sixths[1]), ("Middle", sixths[3]), ("End", sixths[5]) })
        {
            sheet.Add($"replayMemoryMb{name}", looks.Average(l => l.MemoryMb));
            sheet.Add($"replayHandles{name}", looks.Average(l => l.Handles));
            sheet.Add($"replayThreads{name}", looks.Average(l => l.Threads));
            sheet.Add($"replayDiskMb{name}", looks[^1].DiskMb);
            sheet.Add($"replayStored{name}", looks[^1].Stored);
        }
        sheet.Add("replayMemoryMbMost", sixths.SelectMany(s => s).Max(l => l.MemoryMb));
        await SettleAsync(sheet, shop, cancel);
        sheet.Add("replayHours", Hours);
        sheet.Add("replaySpeed", speed);
    }

    /// <summary>The machines stop; then what they sent and what the node has must come to agree.</summary>
    private static async Task SettleAsync(FigureSheet sheet, BenchShop shop, CancellationToken cancel)
    {
        await shop.Machines.PostAsync("/stop", [], cancel);
        var (sent, received, stored, lost, rejected, before) = (0L, 0L, 0L, 0L, 0L, -1L);
        for (var still = 0; still < 10; await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancel))
        {
            var status = await shop.Machines.GetAsync("/status", cancel);
            var sources = await shop.SourcesAsync(cancel);
            sent = status!["machines"]!.AsArray().Sum(m => m!["sent"]!.GetValue<long>());
            (received, lost, rejected) = (Sum("received"), Sum("lost"), Sum("rejected"));
            stored = Sum("stored") - Sum("marks");
            still = stored == before ? still + 1 : 0;
            before = stored;

            long Sum(string counter) => sources.Sum(s => s![counter]!.GetValue<long>());
        }
        sheet.Add("replaySent", sent);
        sheet.Add("replayStored", stored);
        sheet.Add("replayLost", lost);
        sheet.Add("replayUnexplained", Math.Abs(sent - received - lost) + Math.Abs(received - stored - rejected));
    }

    private static async Task<Look> LookAsync(BenchShop shop, CancellationToken cancel)
    {
        using var node = Process.GetProcessById(shop.Node.ProcessId);
        var stored = (await shop.SourcesAsync(cancel)).Sum(s => s!["stored"]!.GetValue<long>());
        return new(node.WorkingSet64 / (1024.0 * 1024.0), HandlesOf(node), node.Threads.Count, shop.Node.DataBytes / (1024.0 * 1024.0), stored);
    }

    private static int HandlesOf(Process node) => OperatingSystem.IsLinux() ? Directory.GetFiles($"/proc/{node.Id.ToString(CultureInfo.InvariantCulture)}/fd").Length : node.HandleCount;
}
