using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;
using static Ieum.Conformance.Faults.ModbusFaultTests;

namespace Ieum.Conformance.Faults;

/// <summary>What a Modbus source makes of answers that do not come in time: an answer may take half a second here, so nobody else runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class ModbusSilenceTests
{
    [Fact]
    public async Task Silence_is_noticed_by_its_time_outs_and_is_one_gap()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        var (fault, _) = await machine.FaultAsync("silence", 4);
        await machine.FurtherAsync();
        var sim = await machine.SettleAsync(s => AllRead(s, machine));
        Assert.Contains(machine.Source.Health.Problems, p => p.Rule == PollRules.DeviceSilent);
        Explained(sim, machine, fault);
    }

    [Fact]
    public async Task A_setpoint_is_written_and_read_back_in_its_unit()
    {
        await using var machine = await StartAsync();
        await machine.FurtherAsync();
        var signal = new SignalId(new("m"), "target_override");
        var answer = await machine.Source.Writer!.WriteAsync(signal, SampleValue.Of(87.5), TestContext.Current.CancellationToken);
        Assert.True(answer.Done, answer.Message);
        Assert.Equal(SampleValue.Of(87.5), (await machine.Source.Writer.ReadBackAsync(signal, TestContext.Current.CancellationToken))!.Value.Value);
        // What is not meant to be written is refused by the machine itself.
        Assert.Equal(ModbusRules.IllegalAddress, (await machine.Source.Writer.WriteAsync(new(new("m"), "PartCountAct"), SampleValue.Of(1L), TestContext.Current.CancellationToken)).Rule);
        // The read-back was the first to see the new value, so it is the writer's; the poll brings it as a sample as well.
        await machine.FurtherAsync();
        Assert.Contains(machine.Sink.Samples, s => s.Value == SampleValue.Of(87.5));
    }
}
