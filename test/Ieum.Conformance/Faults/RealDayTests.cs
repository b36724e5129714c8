using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ieum.Conformance.Sim;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.MtConnect;
using Ieum.Connect.Shdr;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.Faults;

/// <summary>24 hours of a real machining centre through each protocol as fast as the node reads: everything sent is received.</summary>
public sealed class RealDayTests
{
    [Theory]
    [InlineData("shdr")]
    [InlineData("mtconnect")]
    [InlineData("sparkplug")]
    public async Task A_real_day_is_received_to_the_last_value(string protocol)
    {
        var day = Needs.Shared("data/machine-recordings/raw/Mazak01-20161206-20161207.txt.gz");
        var cancel = TestContext.Current.CancellationToken;
        var broker = new BrokerOptions { Port = Plant.FreePort(), HostId = "house" };
        await using var embedded = new EmbeddedBroker(broker, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);
        var hosts = new SparkplugHosts(embedded, Options.Create(broker), Clocks.Real, NullLoggerFactory.Instance);
        var room = new ConnectRoom([new MtConnectFactory(Clocks.Real, NullLoggerFactory.Instance), new ShdrFactory(Clocks.Real, NullLoggerFactory.Instance),
            new SparkplugFactory(hosts, Clocks.Real, NullLogger<SparkplugSource>.Instance)], Clocks.Real);
        // Two days back, so that the day lies in the past to its end.
        using var replay = SimProcess.StartWithLog("replay", day, "--protocol", protocol, "--port", "0", "--speed", "max", "--json",
            "--broker", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{broker.Port}"), "--start", TimeProvider.System.GetUtcNow().AddDays(-2).ToString("o", CultureInfo.InvariantCulture));
        var endpoint = await ReadyAsync(replay.StandardError, cancel);
        var rest = replay.StandardError.ReadToEndAsync(cancel);

        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        var source = room.Create(new(new("m.replay"), new("m"), protocol, endpoint, ImmutableDictionary<string, string>.Empty), new InMemorySignals());
        var running = source.RunAsync(sink, stop.Token);
        var report = JsonDocument.Parse(await replay.StandardOutput.ReadToEndAsync(cancel)).RootElement;
        await replay.WaitForExitAsync(cancel);
        await rest;
        var sent = report.GetProperty("sent").GetInt64();
        await sink.UntilAsync(s => source.Health.Counters is var c && c.Received >= sent && s.Count >= c.Received + c.Marks, TimeSpan.FromMinutes(5));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await source.DisposeAsync();

        var counters = source.Health.Counters;
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
            $"{protocol}: sent {sent}, received {counters.Received}, in {report.GetProperty("seconds").GetDouble():0.0} s"));
        Assert.Equal(92_026, report.GetProperty("lines").GetInt64());   // zcat | wc -l
        Assert.Equal((sent, 0, 0), (counters.Received, counters.Rejected, counters.Lost));
        Assert.Equal(counters.Received + counters.Marks, sink.Samples.Count);
    }

    private static async Task<string> ReadyAsync(StreamReader log, CancellationToken cancel)
    {
        while (await log.ReadLineAsync(cancel) is { } line)
            if (line.StartsWith("{\"ready\":true", StringComparison.Ordinal)) return JsonDocument.Parse(line).RootElement.GetProperty("endpoint").GetString()!;
        throw new InvalidOperationException("The replay ended before it was ready.");
    }
}
