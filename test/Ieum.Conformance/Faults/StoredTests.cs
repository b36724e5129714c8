using System.Globalization;
using Ieum.Conformance.Sim;
using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.Faults;

/// <summary>From the machine to the disk and back: sent = received + lost, and received and marks = stored + rejected.</summary>
public sealed class StoredTests
{
    [Fact]
    public async Task A_machine_with_an_overrun_and_a_restart_stands_in_the_recorder_to_the_last_sample()
    {
        var folder = Path.Combine(Needs.Scratch, string.Create(CultureInfo.InvariantCulture, $"stored-{Guid.NewGuid():N}"));
        long stored;
        try
        {
            await using (var recorder = Recorder.Open(new() { Folder = folder }, Clocks.Real, NullLogger.Instance))
            await using (var machine = await ReadMachine.StartAsync("mtconnect", signals: recorder, keep: _ => recorder))
            {
                await machine.FurtherAsync();
                await machine.FaultAsync("overrun", 0.5);
                await machine.FurtherAsync();
                await machine.FaultAsync("restart", 0.5);
                await machine.FurtherAsync();
                var sim = await machine.SettleAsync(s => s.Sent == machine.Counters.Received + s.Lost);
                var counters = machine.Counters;
                // The source counts what the overrun dropped; what the restart destroyed only the agent knows.
                Assert.Equal(sim.Sent, counters.Received + sim.Lost);
                Assert.InRange(counters.Lost, 1, sim.Lost);
                Assert.Equal((2, 0), (counters.Gaps, counters.Rejected));
                Assert.Equal(counters.Received + counters.Marks, recorder.Stored + recorder.Rejected);
                Assert.Equal(0, recorder.Rejected);
                stored = recorder.Stored;
            }
            // After closing and opening anew every one of them is read back from the file, and so are the gaps.
            await using var reopened = Recorder.Open(new() { Folder = folder }, Clocks.Real, NullLogger.Instance);
            var all = new TimeRange(SimProcess.Start0800.AddDays(-1), SimProcess.Start0800.AddDays(2));
            long read = 0;
            foreach (var (number, _) in reopened.Of(new("m")))
                await foreach (var _ in reopened.RangeAsync(number, all, TestContext.Current.CancellationToken)) read++;
            Assert.Equal(stored, read);
            Assert.Equal([GapCause.BufferOverrun, GapCause.PeerRestart],
                (await reopened.GapsAsync(new("m.mtconnect"), all, TestContext.Current.CancellationToken)).Select(g => g.Cause));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
