using System.Collections.Immutable;
using System.Globalization;
using Ieum.Conformance.Faults;
using Ieum.Conformance.Sim;
using Ieum.Connect;
using Ieum.Connect.Fins;
using Ieum.Connect.Slmp;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.Slmp;

/// <summary>
/// The node's own source against a simulated machine behind a Mitsubishi or an Omron controller, in a process of its own.
/// Registers keep only the newest value: what was overwritten between two reads was never sent. Received equals sent.
/// </summary>
public sealed class SlmpFaultTests
{
    // Against hanging only.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("slmp", "")]
    [InlineData("slmp", "frame=4e code=ascii")]
    [InlineData("slmp", "cpu=iqr")]
    [InlineData("fins", "")]
    public async Task Every_value_the_machine_sent_is_received_also_over_faults(string protocol, string options)
    {
        await using var sim = await SimProcess.RunAsync($$$"""{"id":"M","protocol":"{{{protocol}}}","waitForClient":true,"source":{"generated":"hone","seed":3}}""", speed: 600);
        var clocks = Clocks.Real;
        var room = new ConnectRoom([new SlmpFactory(clocks, NullLoggerFactory.Instance), new FinsFactory(clocks, NullLoggerFactory.Instance)], clocks);
        var settings = new ConnectionSettings(new("m"), new("m"), protocol, sim.Endpoint("M"),
            options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("period=0.05").Append("timeout=0.5").Select(o => o.Split('=')).ToImmutableDictionary(o => o[0], o => o[1]))
        {
            Points = sim.Points("M"),
        };
        Assert.True(settings.Points.Length > 10);
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        await using var source = room.Create(settings, new InMemorySignals());
        var running = source.RunAsync(sink, stop.Token);
        long Received() => source.Health.Counters.Received;
        async Task FurtherAsync(int samples)
        {
            var wanted = Received() + samples;
            await sink.UntilAsync(_ => Received() >= wanted, Limit);
        }

        await FurtherAsync(100);
        foreach (var (kind, seconds) in new[] { ("restart", 1.0), ("silence", 3.0), ("garbage", 1.0) })
        {
            Assert.Equal(200, (await sim.PostAsync("/fault", new { machine = "M", kind, seconds, skewSeconds = 0 })).Status);
            await sink.UntilAsync(s => s.Gaps.Count > 0 && source.Health.Link == LinkState.Connected, Limit);
            await FurtherAsync(100);
        }
        Assert.Equal(200, (await sim.PostAsync("/stop", new { })).Status);
        var until = TimeProvider.System.GetTimestamp();
        var counts = SimCounts.Of(await sim.StatusAsync("M"));
        // What never comes to agree is left to the assertions.
        while (!(counts.Sent == Received() && counts.Sent + counts.Unseen == counts.Produced) && TimeProvider.System.GetElapsedTime(until) < TimeSpan.FromSeconds(30))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            counts = SimCounts.Of(await sim.StatusAsync("M"));
        }
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal((counts.Sent, 0L), (Received(), source.Health.Counters.Rejected));
        Assert.Equal(counts.Produced, counts.Sent + counts.Unseen);
        Assert.Equal(sink.Samples.Count, Received() + source.Health.Counters.Marks);
        Assert.True(sink.Gaps.Count >= 2, "the restart and the silence");
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{protocol} {options}: produced {counts.Produced}, sent {counts.Sent}, received {Received()}, gaps {sink.Gaps.Count}"));
    }
}
