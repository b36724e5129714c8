using Ieum.Connect;
using Ieum.Connect.MtConnect;
using Ieum.Model;

namespace Ieum.Conformance.Faults;

/// <summary>The node's MTConnect source against the simulated agent with faults: sent = received + lost, to the last value.</summary>
public sealed class MtConnectFaultTests
{
    [Fact]
    public async Task A_day_without_faults_is_received_as_it_was_sent()
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync(2000);
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
        Assert.Equal(0, sim.Lost);
        Assert.Equal(sim.Sent, machine.Sink.Samples.Count);
    }

    [Fact]
    public async Task After_silence_everything_in_the_buffer_comes_and_the_gap_says_that_nothing_is_lost()
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync();
        // Longer than two heartbeats and a half second (4.5 s), so that the source must give the connection up.
        var (fault, _) = await machine.FaultAsync("silence", 6);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == MtConnectRules.Silent);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((GapCause.Disconnected, 0L), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]   // long enough for the longest pause between two tries
    public async Task A_restart_loses_what_was_in_its_buffer_and_no_value_counts_twice(double seconds)
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("restart", seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent - s.Lost == machine.Counters.Received);
        // Only the machine knows how many values its dead buffer took with it; the source tells when and why.
        Assert.Equal(sim.Sent, machine.Counters.Received + sim.Lost);
        Assert.Equal((0, 0, 1), (machine.Counters.Rejected, machine.Counters.Lost, machine.Counters.Gaps));
        // Values told once more end the UNAVAILABLE of the new run; they are marks, so that nothing is counted a second time.
        Assert.Equal(machine.Counters.Received + machine.Counters.Marks, machine.Sink.Samples.Count);
        Assert.InRange(machine.Counters.Marks, 1, 100);
        Assert.DoesNotContain(machine.Sink.Samples.GroupBy(s => s.Signal).Select(g => g.OrderBy(s => s.SourceTicks).Last()), s => s.Quality == Quality.Unavailable && Spoke(s.Signal));
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((GapCause.PeerRestart, null), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);

        bool Spoke(SignalNumber signal) => machine.Sink.Samples.Any(s => s.Signal == signal && s.Quality == Quality.Good && s.ReceiveTime < fault.Begun);
    }

    [Fact]
    public async Task An_overrun_is_counted_to_the_value()
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("overrun", 1);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received + machine.Counters.Lost);
        var counters = machine.Counters;
        Assert.Equal(sim.Sent, counters.Received + counters.Lost);
        Assert.Equal(sim.Lost, counters.Lost);
        Assert.True(counters.Lost > 0, "the fault hit a machine that spoke");
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((GapCause.BufferOverrun, counters.Lost), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);
    }

    [Fact]
    public async Task Garbage_is_told_and_nothing_behind_it_is_lost()
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("garbage", 1);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.InRange(sim.Garbage, 1, 100);
        Assert.Equal((sim.Sent, 0, 0), (machine.Counters.Received, machine.Counters.Rejected, machine.Counters.Lost));
        Assert.Equal(sim.Garbage, machine.Source.Health.Problems.Single(p => p.Rule == MtConnectRules.XmlUnreadable).Count);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal(0, gap.Lost);
        GapTimes.Cover(gap, fault, machine);
    }

    [Fact]
    public async Task A_skewed_clock_is_told_and_loses_nothing()
    {
        await using var machine = await ReadMachine.StartAsync("mtconnect");
        await machine.FurtherAsync();
        // 600 s is beyond the tolerance at this speed (300 s) and beyond the limit of use (5 min).
        await machine.FaultAsync("skew", 5, skewSeconds: 600);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == ConnectRules.ClockSkew);
        Assert.Contains(machine.Sink.Samples, s => s.Quality == Quality.Uncertain);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
    }
}
