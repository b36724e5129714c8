using System.Net;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Conformance.Modbus;

/// <summary>Against the server of pymodbus 3.0: exceptions as the standard has them, several units, serial framing.</summary>
public sealed class PyModbusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private static IEnumerable<PointSettings> Row(int from, int count, string unit = "") =>
        Enumerable.Range(from, count).Select(i => new PointSettings($"r{i}{unit}", $"holding:{i}{unit}"));

    [Theory]
    [InlineData(ModbusTable.Holding, 200, 1, ModbusRules.IllegalAddress)]
    [InlineData(ModbusTable.Holding, 199, 2, ModbusRules.IllegalAddress)]
    [InlineData(ModbusTable.Holding, 50, 1, ModbusRules.IllegalAddress)]
    [InlineData(ModbusTable.Input, 300, 1, ModbusRules.IllegalAddress)]
    [InlineData(ModbusTable.Coil, 201, 1, ModbusRules.IllegalAddress)]
    [InlineData(ModbusTable.Holding, 0, 126, ModbusRules.IllegalValue)]
    [InlineData(ModbusTable.Coil, 0, 2001, ModbusRules.IllegalValue)]
    public async Task Exceptions_arrive_as_the_rule_they_are(object table, int start, int count, string rule)
    {
        await using var rig = await ModbusRig.PyAsync();
        using var link = await rig.LinkAsync();
        var answer = await link.AskAsync(new(ModbusAddress.Area(1, (ModbusTable)table), start, count), Cancel);
        Assert.Equal(AnswerKind.Refused, answer.Kind);
        Assert.Equal(rule, answer.Refusal!.Rule);
    }

    [Fact]
    public async Task A_bad_register_in_the_middle_stops_nobody_but_itself()
    {
        await using var rig = await ModbusRig.PyAsync();
        rig.Read(Row(0, 100));
        await rig.UntilAsync(s => s.Samples.Count == 100);
        Assert.Equal(new SourceCounters(99, 0, 0, 0, 1), rig.Source.Health.Counters);
        Assert.Equal(Quality.Unavailable, rig.Newest("r50")!.Value.Quality);
        await rig.Server.AskAsync("set 1 holding 51 7");
        await rig.ValueAsync("r51", "7");
        Assert.Contains("'r50' at holding:50", Assert.Single(rig.Source.Health.Problems, p => p.Rule == ModbusRules.IllegalAddress).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("silent", PollRules.DeviceSilent)]
    [InlineData("gateway", ModbusRules.GatewayNoAnswer)]
    public async Task A_dead_unit_among_living_ones_is_told_and_the_others_go_on(string missing, string rule)
    {
        await using var rig = await ModbusRig.PyAsync(missing: missing);
        rig.Read([.. Row(0, 3, "@2"), .. Row(0, 3), .. Row(0, 3, "@3")]);
        await rig.UntilAsync(s => s.Samples.Count >= 9);
        await rig.Server.AskAsync("set 1 holding 1 11");
        await rig.ValueAsync("r1", "11");
        await rig.Server.AskAsync("set 3 holding 1 33");
        await rig.ValueAsync("r1@3", "33");
        Assert.Equal(Quality.Unavailable, rig.Newest("r1@2")!.Value.Quality);
        Assert.Contains(rig.Source.Health.Problems, p => p.Rule == rule);
        Assert.Equal(LinkState.Connected, rig.Source.Health.Link);
        Assert.Equal(new SourceCounters(8, 0, 0, 0, 3), rig.Source.Health.Counters);
        Assert.Equal(0, rig.Source.Health.Reconnects);
    }

    [Fact]
    public async Task Serial_frames_through_TCP_are_read_and_written_and_a_dead_unit_does_not_confuse_them()
    {
        await using var rig = await ModbusRig.PyAsync("rtu");
        rig.Read([.. Row(0, 10), new("lamp", "coil:4"), new("n", "holding:20@3") { Type = "int32" }, new("dead", "holding:0@9")], ("framing", "rtu"));
        await rig.UntilAsync(s => s.Samples.Count >= 13);
        Assert.True((await rig.WriteAsync("r3", SampleValue.Of(3L))).Done);
        Assert.True((await rig.WriteAsync("n", SampleValue.Of(-2L))).Done);
        Assert.True((await rig.WriteAsync("lamp", SampleValue.Of(true))).Done);
        await rig.ValueAsync("r3", "3");
        await rig.ValueAsync("n", "-2");
        await rig.ValueAsync("lamp", "true");
        Assert.Equal("65535 65534", await rig.Server.AskAsync("get 3 holding 20 2"));
        Assert.Equal("3", await rig.Server.AskAsync("get 1 holding 3 1"));
        Assert.Equal("1", await rig.Server.AskAsync("get 1 coil 4 1"));
    }

    [Fact]
    public async Task After_a_power_cut_the_source_is_back_by_itself_and_the_gap_has_its_time()
    {
        await using var rig = await ModbusRig.PyAsync();
        rig.Read(Row(0, 5));
        await rig.UntilAsync(s => s.Samples.Count == 5);
        var cut = TimeProvider.System.GetUtcNow();
        await rig.PowerCutAsync();
        await rig.UntilAsync(s => s.Gaps.Count == 1);
        await rig.Server.AskAsync("set 1 holding 2 9");
        await rig.ValueAsync("r2", "9");
        var gap = rig.Sink.Gaps[0];
        Assert.Equal((GapCause.Disconnected, null), (gap.Cause, gap.Lost));
        Assert.InRange(gap.Range.From, cut.AddSeconds(-1), cut.AddSeconds(1));
        Assert.Equal(new SourceCounters(6, 0, 0, 1), rig.Source.Health.Counters);
    }

    [Fact]
    public async Task One_register_per_request_and_a_small_block_are_kept()
    {
        await using var rig = await ModbusRig.PyAsync();
        rig.Read(Row(0, 30), ("one-register", "true"));
        await rig.UntilAsync(s => s.Samples.Count == 30);
        Assert.Equal(30, ((PolledSource)rig.Source).Session.Blocks);
    }

    [Fact]
    public async Task A_test_reads_every_point_once_and_says_what_it_found()
    {
        await using var rig = await ModbusRig.PyAsync();
        await rig.Server.AskAsync("set 1 holding 0 21");
        var fine = await rig.Factory.TestAsync(rig.Settings(Row(0, 3)), Cancel);
        Assert.True(fine.Ok, fine.Message);
        Assert.Equal(3, fine.Signals.Count);
        Assert.Contains("r0 = 21", fine.Message, StringComparison.Ordinal);
        var broken = await rig.Factory.TestAsync(rig.Settings(Row(49, 3)), Cancel);
        Assert.Equal((false, ModbusRules.IllegalAddress), (broken.Ok, broken.Rule));
        Assert.Contains("2 of 3 points", broken.Message, StringComparison.Ordinal);
        var none = await rig.Factory.TestAsync(rig.Settings([], ("unit", "7"), ("timeout", "0.2")), Cancel);
        Assert.Equal((false, PollRules.DeviceSilent), (none.Ok, none.Rule));
    }

    [Fact]
    public async Task A_knock_finds_the_device_and_browsing_shows_what_answers()
    {
        await using var rig = await ModbusRig.PyAsync();
        var hit = Assert.Single(await rig.Factory.KnockAsync(new(IPAddress.Loopback, rig.Port), Cancel));
        Assert.Equal(("modbus", "1"), (hit.Protocol, hit.Options["unit"]));
        var top = await rig.Factory.BrowseAsync(rig.Settings([]), null, Cancel);
        Assert.Equal(["holding:0", "input:0", "coil:0", "discrete:0"], top.Items.Select(i => i.Address));
        await rig.Server.AskAsync("set 1 holding 7 70");
        var page = await rig.Factory.BrowseAsync(rig.Settings([]), "holding:0", Cancel);
        Assert.Equal(99, page.Items.Count(i => i.Point is not null));   // 100 less the hole at 50
        Assert.Equal("70", page.Items.Single(i => i.Address == "holding:7").Value);
        Assert.True(page.Items[^1] is { HasChildren: true, Address: "holding:100" });
        var beyond = await rig.Factory.BrowseAsync(rig.Settings([]), "holding:500", Cancel);
        Assert.Equal(ModbusRules.IllegalAddress, beyond.Rule);
        var preview = await rig.Factory.TestAsync(rig.Settings(page.Items.Where(i => i.Point is not null).Select(i => i.Point!)), Cancel);
        Assert.True(preview.Ok, preview.Message);
    }

    [Fact]
    public async Task Somebody_else_at_the_port_is_not_taken_for_a_device()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(Cancel);
            await client.GetStream().ReadExactlyAsync(new byte[12], Cancel);
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Cancel);
        }, Cancel);
        var factory = new ModbusFactory(Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        Assert.Empty(await factory.KnockAsync((IPEndPoint)listener.LocalEndpoint, Cancel));
        await answering;
    }
}
