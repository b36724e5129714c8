using Ieum.Connect;
using Ieum.Connect.Shdr;
using Ieum.Model;

namespace Ieum.Conformance.Faults;

/// <summary>
/// The node's SHDR source against the simulated adapter with faults. Lines have no numbers: what the adapter made while nobody
/// could hear it was never sent, so received equals sent, and the gap says when and why the rest is missing.
/// </summary>
public sealed class ShdrFaultTests
{
    [Fact]
    public async Task After_silence_the_source_dials_again_and_the_gap_has_its_time_and_cause()
    {
        await using var machine = await ReadMachine.StartAsync("shdr");
        await machine.FurtherAsync();
        // Longer than two missed answers to PING (4 s), so that the source must give the connection up.
        var (fault, _) = await machine.FaultAsync("silence", 6);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == ShdrRules.Silent);
        Explained(sim, machine, fault, GapCause.Disconnected);
    }

    [Theory]
    [InlineData("restart", 1)]
    [InlineData("restart", 6)]   // long enough for the longest pause between two tries
    [InlineData("overrun", 1)]   // an adapter has no buffer; its nearest kin is a client that loses its connection for a while
    public async Task A_restart_is_one_gap_and_what_is_told_again_counts_once(string kind, double seconds)
    {
        await using var machine = await ReadMachine.StartAsync("shdr");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync(kind, seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
        Explained(sim, machine, fault, GapCause.Disconnected);
    }

    [Fact]
    public async Task Garbage_is_refused_line_by_line_and_the_connection_stays()
    {
        await using var machine = await ReadMachine.StartAsync("shdr");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("garbage", 1);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received - machine.Counters.Rejected);
        // One piece of garbage is two lines; both arrived, neither is a value.
        Assert.Equal(1, sim.Garbage);
        Assert.Equal(new SourceCounters(sim.Sent + 2, 2, 0, 1), machine.Counters);
        Assert.Equal(0, machine.Source.Health.Reconnects);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal(GapCause.Garbage, gap.Cause);
        Assert.InRange(gap.Range.From, fault.Begun, fault.Over);
        Assert.Equal(0, sim.Unseen);
    }

    [Fact]
    public async Task A_skewed_clock_is_told_and_loses_nothing()
    {
        await using var machine = await ReadMachine.StartAsync("shdr");
        await machine.FurtherAsync();
        // Old state in the first 2 s of a connection says nothing about the clock; 600 s is beyond tolerance (300 s) and limit (5 min).
        await machine.FaultAsync("skew", 5, skewSeconds: 600);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == ConnectRules.ClockSkew);
        Assert.Contains(machine.Sink.Samples, s => s.Quality == Quality.Uncertain);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
    }

    /// <summary>The difference between what the machine made and what came is what it made during the one gap.</summary>
    private static void Explained(SimCounts sim, ReadMachine machine, FaultSpan fault, GapCause cause)
    {
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((cause, null), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);
        Assert.Equal(sim.Produced, machine.Counters.Received + sim.Unseen);
        Assert.True(sim.Unseen > 0, "the fault hit a machine that spoke");
    }
}
