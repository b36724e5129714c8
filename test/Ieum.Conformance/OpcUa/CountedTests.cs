using System.Globalization;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.OpcUa;

/// <summary>A server by others that counts: each number is received once, or its moment lies in a gap with time and cause.</summary>
/// <remarks>With IEUM_NIGHTLY=1 the server is restarted twenty times.</remarks>
public sealed class CountedTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static int Rounds => Environment.GetEnvironmentVariable("IEUM_NIGHTLY") == "1" ? 20 : 2;

    [Fact]
    public async Task A_server_killed_again_and_again_misses_only_what_its_gaps_say()
    {
        var (pki, ledger) = (NodeOpcUa.NewFolder(), Path.Combine(NodeOpcUa.NewFolder(), "ledger"));
        var server = await NodeOpcUa.StartAsync(null, $"--pki={pki}", $"--count={ledger}");
        var settings = server.Settings([NodeOpcUa.Point("counter"), NodeOpcUa.Point("plain")], ("publishing", "0.1"), ("sampling", "0"), ("security", "none"));
        var signals = new InMemorySignals();
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        await using var source = new OpcUaSource(settings, OpcUaOptions.Read(settings), server.Dialer, signals, Clocks.Real, NullLogger.Instance);
        var running = source.RunAsync(sink, stop.Token);
        var first = server;
        for (var round = 0; round <= Rounds; round++)
        {
            var had = sink.Count;
            await sink.UntilAsync(s => s.Count > had + 40, Limit);
            if (round == Rounds) break;
            server.Kill();
            server = await NodeOpcUa.StartAsync(null, $"--pki={pki}", $"--port={server.Port}", $"--count={ledger}");
            await sink.UntilAsync(_ => source.Health.Link == LinkState.Connected, Limit);
        }
        server.Kill();
        await sink.UntilAsync(_ => source.Health.Link != LinkState.Connected, Limit);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        first.Dispose();
        server.Dispose();

        var made = File.ReadLines(ledger).Select(l => l.Split(' ')).Where(p => p.Length == 2)
            .Select(p => (Number: long.Parse(p[0], CultureInfo.InvariantCulture), At: DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(p[1], CultureInfo.InvariantCulture)))).ToList();
        Assert.Contains(sink.Gaps, g => g.Cause == GapCause.PeerRestart);
        foreach (var name in (string[])["counter", "plain"])
        {
            var number = signals.Find(new SignalId(new("m"), name));
            var got = sink.Samples.Where(s => s.Signal == number && s.Value.Number >= 0).Select(s => (long)s.Value.Number).ToList();
            Assert.Empty(got.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"{g.Key} came {g.Count()} times"));
            var from = got.Min();
            var missing = made.Where(m => m.Number >= from).ExceptBy(got, m => m.Number).ToList();
            var unexplained = missing.Where(m => !sink.Gaps.Any(g => m.At >= g.Range.From && m.At <= g.Range.To)).ToList();
            Assert.True(unexplained.Count == 0, $"{name}: {unexplained.Count} unexplained: {string.Join(", ", unexplained.Select(u => $"{u.Number} {u.At:HH:mm:ss.fff}"))}; gaps {string.Join("; ", sink.Gaps.Select(g => $"{g.Cause} {g.Range.From:HH:mm:ss.fff}-{g.Range.To:HH:mm:ss.fff}"))}");
            TestContext.Current.SendDiagnosticMessage($"{Rounds} restarts, {name}: {made.Count} made, {got.Count} received once, {missing.Count} in {sink.Gaps.Count} gaps, 0 unexplained");
        }
    }
}
