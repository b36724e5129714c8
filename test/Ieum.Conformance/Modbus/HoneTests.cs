using System.Collections.Immutable;
using System.Globalization;
using Ieum.Conformance.Sim;
using Ieum.Connect;
using Ieum.Connect.Modbus;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.Modbus;

/// <summary>The honing machine of the town on Modbus TCP: ordered work is seen as states, pieces and a program.</summary>
public sealed class HoneTests
{
    [Fact]
    public async Task Ordered_work_arrives_as_execution_program_and_pieces()
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"H","protocol":"modbus","source":{"generated":"hone","seed":3,"onlyWork":true}}""", speed: 600);
        var settings = new ConnectionSettings(new("h.modbus"), new("H"), "modbus", sim.Endpoint("H"), ImmutableDictionary<string, string>.Empty.Add("period", "0.02")) { Points = sim.Points("H") };
        var signals = new InMemorySignals();
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        var source = new ConnectRoom([new ModbusFactory(Clocks.Real, NullLoggerFactory.Instance)], Clocks.Real).Create(settings, signals);
        var running = source.RunAsync(sink, stop.Token);
        Assert.Equal(200, (await sim.PostAsync("/work", new { machine = "H", program = "O77", pieces = 3, cycleSeconds = 60 })).Status);

        await sink.UntilAsync(s => Values(s, "PartCountAct").Contains("3"), TimeSpan.FromMinutes(2));
        Assert.Contains("ACTIVE", Values(sink, "execution"));
        Assert.Contains("O77", Values(sink, "program"));
        Assert.Contains("AVAILABLE", Values(sink, "avail"));
        Assert.Contains("NORMAL||||", Values(sink, "system_cond"));
        Assert.All(Values(sink, "Sload").Where(v => v.Length > 0), v => Assert.InRange(double.Parse(v, CultureInfo.InvariantCulture), 0, 300));
        Assert.Equal(SignalRole.PartCount, signals.Of(new("H")).Single(s => s.Signal.Id.Name == "PartCountAct").Signal.Role);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        List<string> Values(CollectingSink from, string name)
        {
            var number = signals.Find(new SignalId(new("H"), name));
            return [.. from.Samples.Where(s => s.Signal == number).Select(s => s.Value.ToString())];
        }
    }
}
