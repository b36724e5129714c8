using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Conformance.Modbus;

/// <summary>Against the Modbus TCP server of npm jsmodbus 5.0.0.</summary>
public sealed class JsModbusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly PointSettings[] Mixed =
    [
        new("count", "holding:0") { Type = "uint32" },
        new("torque", "holding:2") { Type = "float32:cdab" },
        new("temperature", "40005") { Type = "int16", Scale = 0.1, Unit = "CEL" },
        new("door", "holding:5.3"),
        new("program", "holding:10") { Type = "string(8)" },
        new("flow", "input:7"),
        new("lamp", "coil:9"),
        new("limit", "10011") { Type = "bool" },
    ];

    [Fact]
    public async Task All_four_tables_and_types_are_read_and_changes_follow()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        await rig.Server.AskAsync("set holding 0 1 2 59769 17142 65413 8");   // 0x00010002, E979 42F6, −123, bit 3
        await rig.Server.AskAsync("set holding 10 20273 12340 0 0");          // "O104"
        await rig.Server.AskAsync("set input 7 42");
        await rig.Server.AskAsync("set coil 9 1");
        await rig.Server.AskAsync("set discrete 10 1");
        rig.Read(Mixed);
        await rig.ValueAsync("count", "65538");
        await rig.ValueAsync("torque", "123.45600128173828");
        await rig.ValueAsync("temperature", "-12.3");
        await rig.ValueAsync("door", "true");
        await rig.ValueAsync("program", "O104");
        await rig.ValueAsync("flow", "42");
        await rig.ValueAsync("lamp", "true");
        await rig.ValueAsync("limit", "true");
        await rig.Server.AskAsync("set holding 4 250");
        await rig.ValueAsync("temperature", "25");
        Assert.Equal(new SourceCounters(9, 0, 0, 0), rig.Source.Health.Counters);
    }

    [Fact]
    public async Task What_is_written_stands_in_the_other_ones_memory()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        await rig.Server.AskAsync("set holding 5 41120");   // 0xA0A0
        rig.Read(Mixed);
        Assert.True((await rig.WriteAsync("count", SampleValue.Of(4_000_000_000L))).Done);      // function 16
        Assert.True((await rig.WriteAsync("temperature", SampleValue.Of(-12.3))).Done);         // function 6
        Assert.True((await rig.WriteAsync("lamp", SampleValue.Of(true))).Done);                 // function 5
        Assert.True((await rig.WriteAsync("door", SampleValue.Of(true))).Done);                 // one bit of a word
        Assert.True((await rig.WriteAsync("program", SampleValue.Of("O7"))).Done);
        Assert.Equal("61035 10240", await rig.Server.AskAsync("get holding 0 2"));              // 0xEE6B2800
        Assert.Equal("65413", await rig.Server.AskAsync("get holding 4 1"));
        Assert.Equal("41128", await rig.Server.AskAsync("get holding 5 1"));                    // the other bits stayed
        Assert.Equal("20279 0 0 0", await rig.Server.AskAsync("get holding 10 4"));
        Assert.Equal("0 1 0", await rig.Server.AskAsync("get coil 8 3"));
        Assert.Equal(SampleValue.Of(-12.3), (await rig.Source.Writer!.ReadBackAsync(new(new("m"), "temperature"), Cancel))!.Value.Value);
    }

    [Fact]
    public async Task What_must_not_be_written_is_refused_with_its_reason()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        rig.Read(Mixed);
        Assert.Equal(ModbusRules.ReadOnlyArea, (await rig.WriteAsync("flow", SampleValue.Of(1L))).Rule);
        Assert.Equal(PollRules.WriteDoesNotFit, (await rig.WriteAsync("temperature", SampleValue.Of(4_000))).Rule);   // 40,000 in tenths
        Assert.Equal(PollRules.WriteDoesNotFit, (await rig.WriteAsync("program", SampleValue.Of("O12345678"))).Rule);
        Assert.Equal(PollRules.WriteUnknownSignal, (await rig.WriteAsync("nowhere", SampleValue.Of(1L))).Rule);
        Assert.Equal("0", await rig.Server.AskAsync("get holding 4 1"));
    }

    [Fact]
    public async Task Several_coils_are_written_by_function_15()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        using var link = await rig.LinkAsync();
        var answer = await link.AskAsync(new(ModbusAddress.Area(1, ModbusTable.Coil), 3, 10, new byte[] { 1, 0, 1, 1, 0, 0, 1, 1, 1, 0 }), Cancel);
        Assert.Equal(AnswerKind.Done, answer.Kind);
        Assert.Equal("0 1 0 1 1 0 0 1 1 1 0 0", await rig.Server.AskAsync("get coil 2 12"));
    }

    [Fact]
    public async Task Registers_beyond_the_end_are_answered_short_and_only_they_are_marked()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        rig.Read(Enumerable.Range(90, 20).Select(i => new PointSettings($"r{i}", $"holding:{i}")));
        await rig.UntilAsync(s => s.Samples.Count == 20);
        Assert.Equal(10, rig.Sink.Samples.Count(s => s.Quality == Quality.Good));
        Assert.Equal(10, rig.Sink.Samples.Count(s => s.Quality == Quality.Unavailable));
        Assert.Equal(new SourceCounters(10, 0, 0, 0, 10), rig.Source.Health.Counters);
        Assert.Contains(rig.Source.Health.Problems, p => p.Rule == ModbusRules.AnswerShort);
        await rig.Server.AskAsync("set holding 99 7");
        await rig.ValueAsync("r99", "7");
    }

    [Fact]
    public async Task A_cut_is_one_gap_and_what_did_not_change_counts_once()
    {
        await using var rig = await ModbusRig.JsAsync(100);
        rig.Read(Mixed);
        await rig.UntilAsync(s => s.Samples.Count == 8);
        await rig.Server.AskAsync("cut");
        await rig.UntilAsync(s => s.Gaps.Count == 1);
        await rig.Server.AskAsync("set holding 4 1");
        await rig.ValueAsync("temperature", "0.1");
        Assert.Equal(new SourceCounters(9, 0, 0, 1), rig.Source.Health.Counters);
        Assert.Equal(1, rig.Source.Health.Reconnects);
        Assert.Equal(GapCause.Disconnected, rig.Sink.Gaps[0].Cause);
    }
}
