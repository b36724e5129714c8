using Ieum.Connect;
using Ieum.Connect.Sparkplug;
using Ieum.Model;

namespace Ieum.Conformance.Faults;

/// <summary>The node's Sparkplug source on its own broker against the simulated edge node with faults.</summary>
public sealed class SparkplugFaultTests
{
    [Fact]
    public async Task Silence_of_a_living_node_loses_nothing()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        await machine.FaultAsync("silence", 4);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        // The node kept what it measured and its sequence is unbroken: there is nothing to tell.
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
        Assert.Equal((0, 0), (sim.Unseen, machine.Source.Health.Reconnects));
    }

    [Theory]
    [InlineData("restart", 1)]
    [InlineData("restart", 6)]   // long enough for the longest pause between two tries
    [InlineData("overrun", 1)]   // a node has no buffer that others read: the same to it
    public async Task A_restart_is_a_death_and_a_birth_with_one_gap_between(string kind, double seconds)
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync(kind, seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        var counters = machine.Counters;
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1, counters.Marks), counters);
        Assert.Equal(counters.Received + counters.Marks, machine.Sink.Samples.Count);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((GapCause.Death, null), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);
        Assert.Equal(sim.Produced, counters.Received + sim.Unseen);
        Assert.True(sim.Unseen > 0, "the fault hit a machine that spoke");
    }

    [Fact]
    public async Task Garbage_is_a_gap_of_one_message_and_the_data_around_it_stay()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("garbage", 1);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(1, sim.Garbage);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == SparkplugRules.PayloadUnreadable);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal(GapCause.Garbage, gap.Cause);
        Assert.InRange(gap.Range.To, fault.Begun, fault.Over);
    }

    [Fact]
    public async Task A_skewed_clock_is_told_and_loses_nothing()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        await machine.FaultAsync("skew", 5, skewSeconds: 600);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == ConnectRules.ClockSkew);
        Assert.Contains(machine.Sink.Samples, s => s.Quality == Quality.Uncertain);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
    }

    /// <summary>One second of silence is a reason to ask, so that the test need not wait the usual half minute.</summary>
    private static Task<ReadMachine> StartAsync() => ReadMachine.StartAsync("sparkplug", options: ("silence", "1"));
}
