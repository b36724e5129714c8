using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class TimelineTests
{
    private static StateSpan Span(DateTimeOffset from, DateTimeOffset to, MachineState state, string cause, MachineOverlay overlay = MachineOverlay.None) =>
        new(new(from, to), state, overlay, cause);

    private static async Task<StateSpan[]> Timeline(Floor floor, TimeRange range) =>
        [.. await floor.Analyst.TimelineAsync(Mc1, range, TestContext.Current.CancellationToken)];

    [Fact]
    public async Task A_timeline_has_no_holes_and_knows_what_held_before_it_began()
    {
        var floor = new Floor()
            .Executes(At(6), "READY").Alarms(At(6, 30), "Warning|210|||COOLANT LOW")
            .Executes(At(8, 10), "ACTIVE").Executes(At(9, 40), "FEED_HOLD").Executes(At(9, 41), "INTERRUPTED");
        Assert.Equal(
            [
                Span(At(8), At(8, 10), MachineState.Idle, "READY", MachineOverlay.Warning),
                Span(At(8, 10), At(9, 40), MachineState.Running, "ACTIVE", MachineOverlay.Warning),
                Span(At(9, 40), At(10), MachineState.Stopped, "FEED_HOLD", MachineOverlay.Warning),
            ],
            await Timeline(floor, Range(8, 10)));
    }

    [Fact]
    public async Task A_gap_is_unknown_until_the_machine_speaks_again()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE").Misses(At(8, 20), At(8, 30)).Executes(At(8, 32), "READY");
        Assert.Equal(
            [
                Span(At(8), At(8, 20), MachineState.Running, "ACTIVE"),
                Span(At(8, 20), At(8, 32), MachineState.Unknown, "Disconnected"),
                Span(At(8, 32), At(9), MachineState.Idle, "READY"),
            ],
            await Timeline(floor, Range(8, 9)));
    }

    [Fact]
    public async Task A_gap_before_the_range_still_leaves_its_begin_in_doubt()
    {
        var floor = new Floor().Executes(At(6), "ACTIVE").Misses(At(7), At(7, 5)).Executes(At(8, 30), "READY");
        Assert.Equal([MachineState.Unknown, MachineState.Idle], (await Timeline(floor, Range(8, 9))).Select(s => s.State));
    }

    [Fact]
    public async Task A_word_restated_after_the_gap_bridges_it()
    {
        // ACTIVE since 7:00 by the machine's own stamp, received again at 8:31: it never changed in between.
        var floor = new Floor().Executes(At(7), "ACTIVE").Misses(At(8, 20), At(8, 30))
            .Says(At(7), SignalRole.Execution, "ACTIVE", received: At(8, 31));
        Assert.Equal([Span(At(8), At(9), MachineState.Running, "ACTIVE")], await Timeline(floor, Range(8, 9)));
    }

    [Fact]
    public async Task The_future_is_unknown()
    {
        var floor = new Floor().Executes(At(7), "ACTIVE");
        floor.Clock.AdjustTime(At(8, 45));
        Assert.Equal(
            [Span(At(8), At(8, 45), MachineState.Running, "ACTIVE"), Span(At(8, 45), At(9), MachineState.Unknown, "")],
            await Timeline(floor, Range(8, 9)));
    }

    [Fact]
    public async Task A_machine_without_signals_is_unknown_all_the_time() =>
        Assert.Equal([Span(At(8), At(9), MachineState.Unknown, "")], await Timeline(new(), Range(8, 9)));

    [Fact]
    public async Task An_empty_range_has_no_stretches() => Assert.Empty(await Timeline(new Floor().Executes(At(7), "ACTIVE"), Range(8, 8)));
}
