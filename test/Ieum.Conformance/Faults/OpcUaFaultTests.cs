namespace Ieum.Conformance.Faults;

/// <summary>The node's OPC UA source against the simulated machine with faults: every value is received, filled in from the machine's history, or known to be lost.</summary>
public sealed class OpcUaFaultTests
{
    private static Task<ReadMachine> StartAsync(string more = "") =>
        ReadMachine.StartAsync("opcua", more: more, options: [("sampling", "0"), ("publishing", "0.1"), ("queue", "10000"), ("security", "None")]);

    [Fact]
    public async Task Without_a_fault_everything_sent_is_received()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync(2000);
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Accounted(sim, machine);
        Assert.Equal((0, 0), (sim.Lost, sim.Unseen));
        Assert.Empty(machine.Sink.Gaps);
    }

    [Theory]
    [InlineData("silence", 1)]
    [InlineData("silence", 10)]
    [InlineData("garbage", 1)]
    public async Task With_a_history_nothing_is_missing_after_a_fault(string kind, double seconds)
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        await machine.FaultAsync(kind, seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => s.Sent + s.Unseen == s.Produced && Different(machine) == s.Sent);
        // A value that changed while nobody listened may come twice: as the present value and out of the history.
        Assert.Equal((sim.Sent, 0L, 0L), (Different(machine), machine.Counters.Rejected, sim.Lost));
        Assert.Equal(sim.Produced, sim.Sent + sim.Unseen);
    }

    [Theory]
    [InlineData("restart", 3)]
    [InlineData("overrun", 3)]
    public async Task Without_a_history_what_died_with_the_machine_is_counted_as_lost(string kind, double seconds)
    {
        await using var machine = await StartAsync("\"history\":0,");
        await machine.FurtherAsync();
        await machine.FaultAsync(kind, seconds);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Accounted(sim, machine);
        Assert.True(sim.Lost + sim.Unseen > 0, "the fault hit a machine that changed");
        Assert.NotEmpty(machine.Sink.Gaps);
    }

    private static long Different(ReadMachine machine) => machine.Sink.Samples.Select(s => (s.Signal, s.SourceTicks, s.Value, s.Quality)).Distinct().LongCount();

    private static bool AllRead(SimCounts s, ReadMachine machine) => s.Sent - s.Lost == machine.Counters.Received && s.Sent + s.Unseen == s.Produced;

    private static void Accounted(SimCounts sim, ReadMachine machine)
    {
        Assert.Equal((sim.Sent - sim.Lost, 0L), (machine.Counters.Received, machine.Counters.Rejected));
        Assert.Equal(sim.Produced, sim.Sent + sim.Unseen);
    }
}
