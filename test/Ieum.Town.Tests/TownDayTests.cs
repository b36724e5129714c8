using System.Diagnostics;
using System.Text.Json.Nodes;
using Ieum.TestKit;

namespace Ieum.Town.Tests;

/// <summary>Alone on the machine: at speed 600 a second that other tests take from it is ten minutes of the town's day.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TownDayAlone : ICollectionFixture<TownDay>
{
    public const string Name = "the town's day";
}

/// <summary>The town as a newcomer starts it: real processes, real sockets, one working day.</summary>
[Collection(TownDayAlone.Name)]
public sealed class TownDayTests(TownDay day)
{
    [Fact]
    public void Every_machine_of_both_companies_is_connected_over_its_own_protocol()
    {
        Assert.Equal(["B", "D"], day.Report["companies"]!.AsArray().Select(c => Text(c!, "id")));
        Assert.Equal(["B-HON modbus", "B-L1 mtconnect", "B-MC1 mtconnect", "B-MC2 sparkplug", "D-BENCH manual", "D-CL1 opcua", "D-GAUGE mqtt", "D-OD1 slmp"],
            day.Machines.Select(m => $"{Text(m, "id")} {Text(m, "protocol")}").Order());
        Assert.All(day.Machines, m => Assert.True(m["connected"]!.GetValue<bool>(), m.ToJsonString()));
    }

    [Fact]
    public void Every_value_that_was_sent_is_stored_or_accounted_for()
    {
        Assert.All(day.Machines, m =>
        {
            Assert.True(Count(m, "sent") > 0, m.ToJsonString());
            Assert.True(Count(m, "sent") == Count(m, "received") + Count(m, "lost"), m.ToJsonString());
            Assert.True(Count(m, "received") == Count(m, "stored") + Count(m, "rejected"), m.ToJsonString());
        });
    }

    [Fact]
    public void The_states_of_a_machine_fill_the_day()
    {
        // 08:00 to 18:00 are 36,000 s; the report is read a moment later, at the town's speed.
        Assert.All(day.Machines, m => Assert.InRange(m["states"]!.AsObject().Sum(s => s.Value!.GetValue<double>()), 35_900, 46_000));
        var lathe = day.Machines.Single(m => Text(m, "id") == "B-L1");
        Assert.True(lathe["states"]!["running"]!.GetValue<double>() > 3_600, lathe.ToJsonString());   // ten hours of own work wait for it
    }

    [Fact]
    public void The_plan_is_verified_and_work_was_given_out_and_taken()
    {
        Assert.True(day.Report["plan"]!["verified"]!.GetValue<bool>());
        Assert.True(day.Report["plan"]!["makespanHours"]!.GetValue<double>() > 0);
        Assert.True(day.Report["dispatches"]!["issued"]!.GetValue<long>() >= 4, day.Report.ToJsonString());
        Assert.True(day.Report["dispatches"]!["acknowledged"]!.GetValue<long>() >= 2, day.Report.ToJsonString());
    }

    /// <summary>
    /// At 10:20 the control of machining centre 1 says over MTConnect that its spindle is gone. The node advises, a person at
    /// the planner's desk says yes, work goes to the other machine, and before the day ends it is measured what that was worth.
    /// </summary>
    [Fact]
    public void One_loop_is_closed_from_the_fault_on_the_wire_to_its_measured_effect()
    {
        var loop = day.Report["loops"]!.AsArray().Single(l => Text(l!, "id") == "breakdown")!;
        Assert.True(Count(loop, "advice") >= 1, loop.ToJsonString());
        Assert.True(Count(loop, "accepted") >= 1, loop.ToJsonString());
        Assert.Equal("tardiness h", Text(loop, "measure"));
        Assert.True(Count(loop, "orders") >= 1, loop.ToJsonString());
        Assert.True(loop["effect"]!.GetValue<double>() < 0, loop.ToJsonString());   // fewer hours late than without it
        Assert.Equal(2, Count(loop, "level"));   // one good deed lifts no loop
        var centre = day.Machines.Single(m => Text(m, "id") == "B-MC1");
        // It stands from 10:20 to the end of the day at 18:00, and had worked for two hours before.
        Assert.InRange(centre["states"]!["stopped"]!.GetValue<double>(), 20_000, 46_000);
    }

    [Fact]
    public void The_report_has_the_shape_that_others_read()
    {
        string[] keys = ["scenario", "seed", "startedSeconds", "peakMemoryMb", "companies", "plan", "dispatches", "loops", "acceptance", "wire"];
        Assert.Empty(keys.Except(day.Report.AsObject().Select(p => p.Key)));
        Assert.Null(day.Report["wire"]);
        Assert.Empty(day.Report["acceptance"]!.AsArray());
        Assert.True(day.Report["startedSeconds"]!.GetValue<double>() > 0);
    }

    private static string Text(JsonNode n, string key) => n[key]!.GetValue<string>();
    private static long Count(JsonNode n, string key) => n[key]!.GetValue<long>();
}

/// <summary>One headless day, played once for all tests: ten hours at speed 600, about a minute.</summary>
public sealed class TownDay : IAsyncLifetime
{
    public JsonNode Report { get; private set; } = null!;
    public IReadOnlyList<JsonNode> Machines => [.. Report["companies"]!.AsArray().SelectMany(c => c!["machines"]!.AsArray()).Select(m => m!)];

    public async ValueTask InitializeAsync()
    {
        var folder = Path.Combine(Needs.Scratch, "town-day");
        var file = Path.Combine(folder, "report.json");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments = [Path.Combine(Needs.Repository, ".build", "bin", "Ieum.Node", "release", "ieum.dll"),
            "town", "--headless", "--speed", "600", "--data", Path.Combine(folder, "data"), "--report", file];
        foreach (var a in arguments) start.ArgumentList.Add(a);
        using var town = Process.Start(start)!;
        var said = town.StandardError.ReadToEndAsync();
        var answered = town.StandardOutput.ReadToEndAsync();
        await town.WaitForExitAsync();
        Assert.True(town.ExitCode == 0, $"The town ended with code {town.ExitCode}: {await said} {await answered}");
        Report = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
