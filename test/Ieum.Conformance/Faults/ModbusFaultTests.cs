using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Conformance.Faults;

/// <summary>
/// The node's Modbus source against the simulated device with faults. Registers hold only the newest value: what was overwritten
/// before anybody read it was never sent, so received equals sent, and a gap says when nobody could read.
/// </summary>
public sealed class ModbusFaultTests
{
    /// <param name="timeout">Seconds. Long where a busy test machine must not be taken for a silent device: a missed answer is a gap.</param>
    internal static Task<ReadMachine> StartAsync(string more = "", string timeout = "0.5", params (string, string)[] options) =>
        ReadMachine.StartAsync("modbus", more: more, options: [("period", "0.02"), ("timeout", timeout), .. options]);

    [Theory]
    [InlineData("tcp")]
    [InlineData("rtu")]
    public async Task Without_a_fault_everything_sent_is_received(string framing)
    {
        await using var machine = await StartAsync($"\"framing\":\"{framing}\",", "10", ("framing", framing));
        await machine.FurtherAsync(1000);
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 0), machine.Counters);
        Assert.Equal(sim.Produced, sim.Sent + sim.Unseen);
        Assert.DoesNotContain(machine.Source.Health.Problems, p => p.Rule != PollRules.PeriodMissed);   // a busy test machine may be late
    }

    [Theory]
    [InlineData(0.3, 8)]   // one answer at most: the connection stands; one alone may hold no change, eight of them do
    [InlineData(4, 1)]     // the connection is made anew
    public async Task What_stood_in_answers_that_went_astray_lies_in_gaps_and_nowhere_else(double seconds, int faults)
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        for (var i = 0; i < faults; i++)
        {
            await machine.FaultAsync("astray", seconds);
            await machine.FurtherAsync();
        }
        // An answer under way counts as sent and not yet as received: it is waited for, so that only what went astray is missing.
        var told = await SaidInGapsAsync(machine);
        var sim = await machine.SettleAsync(s => s.Sent + s.Unseen == s.Produced && s.Sent - machine.Counters.Received <= told);
        var said = await SaidInGapsAsync(machine);
        Assert.NotEmpty(machine.Sink.Gaps);
        Assert.InRange(sim.Sent - machine.Counters.Received, 1, said);
        Assert.All(machine.Sink.Gaps, g => Assert.Equal((GapCause.Disconnected, null), (g.Cause, g.Lost)));
        TestContext.Current.SendDiagnosticMessage($"astray {seconds} s: {sim.Sent} sent, {machine.Counters.Received} received, {said} said in {machine.Sink.Gaps.Count} gaps");
    }

    private static async Task<long> SaidInGapsAsync(ReadMachine machine)
    {
        long said = 0;
        foreach (var gap in machine.Sink.Gaps) said += await machine.SaidAsync(gap.Range);
        return said;
    }

    [Theory]
    [InlineData("restart", 1)]
    [InlineData("restart", 6)]   // long enough for the longest pause between two tries
    [InlineData("overrun", 1)]
    public async Task A_restart_is_one_gap_and_what_is_told_again_counts_once(string kind, double seconds)
    {
        // A restart cuts the connection, so that no time-out is needed to see it, and a late answer is not a second gap.
        await using var machine = await StartAsync(timeout: "10");
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync(kind, seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Explained(sim, machine, fault);
    }

    [Fact]
    public async Task Garbage_ends_the_connection_not_the_source()
    {
        await using var machine = await StartAsync(timeout: "10");
        await machine.FurtherAsync();
        await machine.FaultAsync("garbage", 1);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Assert.Equal(1, sim.Garbage);
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == PollRules.NotTheProtocol);
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
    }

    /// <summary>No register waits for its reader any more, and what was read has arrived.</summary>
    internal static bool AllRead(SimCounts s, ReadMachine machine) => s.Sent + s.Unseen == s.Produced && s.Sent == machine.Counters.Received;

    /// <summary>The difference between what the machine made and what came is what was overwritten unread; the gap says when nobody could read.</summary>
    internal static void Explained(SimCounts sim, ReadMachine machine, FaultSpan fault)
    {
        Assert.Equal(new SourceCounters(sim.Sent, 0, 0, 1), machine.Counters);
        var gap = Assert.Single(machine.Sink.Gaps);
        Assert.Equal((GapCause.Disconnected, null), (gap.Cause, gap.Lost));
        GapTimes.Cover(gap, fault, machine);
        Assert.Equal(sim.Produced, machine.Counters.Received + sim.Unseen);
        Assert.True(sim.Unseen > 0, "the fault hit a machine that changed");
    }
}
