using System.Globalization;
using Ieum.TestKit;

namespace Ieum.Town.Tests.Loss;

/// <summary>The clock of the computer a real node runs on jumps two hours forth and two hours back, as when a battery is empty or a person sets it.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"clock-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_node_whose_clock_jumps_two_hours_either_way_stores_every_number_once()
    {
        var library = Directory.Exists("/usr/lib") ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) : null;
        Needs.That(library is not null, "libfaketime (apt-get install libfaketime)");
        var (port, ledger, offset) = (Doomed.FreePort(), Path.Combine(_folder, "counter.ledger"), Path.Combine(_folder, "offset"));
        await SetAsync("+0");
        using var adapter = new Doomed(Needs.Node("counting-adapter.cjs", port.ToString(CultureInfo.InvariantCulture), ledger));
        Assert.Equal("listening", await adapter.FirstLineAsync());
        using var node = new DoomedNode(_folder, KillTests.Config(("count", "shdr", $"127.0.0.1:{port}", null)), new Dictionary<string, string>
        {
            // Only the clock of the day jumps: what measures durations goes on, as on a real computer.
            ["LD_PRELOAD"] = library!, ["FAKETIME_TIMESTAMP_FILE"] = offset, ["FAKETIME_CACHE_DURATION"] = "1", ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", ["DONT_FAKE_MONOTONIC"] = "1",
        });
        await node.StartAsync();
        await MoreAsync();
        foreach (var jump in new[] { 2, -2, 0 })
        {
            await SetAsync(string.Create(CultureInfo.InvariantCulture, $"{jump:+0;-0;+0}h"));
            var now = TimeProvider.System.GetUtcNow().AddHours(jump);
            await node.UntilClockAsync(t => (t - now).Duration() < TimeSpan.FromMinutes(30));
            await MoreAsync();
        }
        adapter.Kill();
        await node.UntilAsync("count.shdr", s => s["link"]!.ToString() is "disconnected" && s["waiting"]!.GetValue<long>() == 0);
        await node.StopAsync();

        var made = Ledger.Made(ledger);
        var stored = await Ledger.ReadAsync(node.Data, "count", "count.shdr", "counter");
        // The last lines before the kill may not have left the adapter; everything before it is there.
        var last = stored.Samples.Max(s => (long)s.Value.Number);
        Assert.InRange(last, made[^1].Number - 100, made[^1].Number);
        Ledger.Settle([.. made.Where(m => m.Number <= last)], stored, everything: true);
        Assert.Contains(stored.Samples, s => s.ReceiveTime - s.SourceTime > TimeSpan.FromHours(1));
        Assert.Contains(stored.Samples, s => s.SourceTime - s.ReceiveTime > TimeSpan.FromHours(1));
        TestContext.Current.SendDiagnosticMessage($"node's clock 2 h forth, 4 h back, 2 h forth: {last + 1} made, all stored once, {stored.Gaps.Count} gaps ({string.Join(", ", stored.Gaps.Select(g => g.Cause))})");

        // Written beside and moved over: the library never reads half a file.
        async Task SetAsync(string text)
        {
            await File.WriteAllTextAsync(offset + ".new", text + "\n", TestContext.Current.CancellationToken);
            File.Move(offset + ".new", offset, overwrite: true);
        }

        async Task MoreAsync()
        {
            long? from = null;
            await node.UntilAsync("count.shdr", s => s["stored"]!.GetValue<long>() is var n && n >= (from ??= n) + 500 && s["link"]!.ToString() == "connected");
        }
    }
}
