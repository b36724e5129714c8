using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Ieum.Tests.Record;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>A node that was away: what the history of the server has is read once, what nobody has is told.</summary>
public sealed class ResumeTests : IAsyncDisposable
{
    private readonly RecorderRig _store = new();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task What_the_server_recorded_while_the_node_was_away_is_read_once_and_the_rest_is_a_gap()
    {
        await using var bench = await StartAsync(new());
        for (var i = 1; i <= 20; i++) bench.Set(0, i);
        bench.Set(1, 7);
        await bench.UntilValueAsync(0, 20);
        await bench.UntilValueAsync(1, 7);
        var past = await KeepAsync(bench);
        for (var i = 21; i <= 2500; i++) bench.Set(0, i);
        bench.Set(1, 8);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 2499);
        bench.Set(0, 2501);
        await bench.UntilValueAsync(0, 2501);
        await bench.UntilValueAsync(1, 8);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0, "a gap");
        Assert.Equal(Numbers(21, 2501), bench.Values(0).Order());
        Assert.Equal([8.0], bench.Values(1));
        Assert.Empty(bench.Values(2));   // unchanged: told again by the server, but no news
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.NodeDown, gap.Cause);
        Assert.Contains("2 of 3 points: s1, s2", gap.Detail, StringComparison.Ordinal);
        Assert.True(gap.Range.From <= past.Places.Find(default)!.Through && gap.Range.To > past.Places.Find(default)!.Through, gap.ToString());
    }

    [Fact]
    public async Task A_kill_while_history_was_still_asked_leaves_the_stretch_to_the_next_run()
    {
        await using var bench = await StartAsync(new(signals: 1));
        await bench.UntilValueAsync(0, 0);
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        for (var i = 1; i <= 50; i++) bench.Set(0, i);
        await bench.EndSessionAsync(deleteSubscriptions: true);
        // The history does not answer; meanwhile newer values come, and they are stored.
        var held = new TaskCompletionSource();
        bench.Late = answer => answer is HistoryReadResponse ? held.Task : Task.CompletedTask;
        bench.Mend();
        await bench.UntilValueAsync(0, 50);
        bench.Set(0, 51);
        await bench.UntilValueAsync(0, 51);
        await Bench.UntilAsync(() => bench.Sink.Batches.Any(b => b.Samples.Span is [.., var last] && last.Value.Number == 51));
        var past = await KeepAsync(bench, killed: held.SetResult);
        bench.Set(0, 52);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 49);
        await bench.UntilValueAsync(0, 52);
        Assert.Equal([.. Numbers(1, 49), 52.0], bench.Values(0).Order());
        Assert.Empty(bench.Sink.Gaps);
    }

    [Fact]
    public async Task A_history_that_is_too_short_is_told_with_the_stretch_it_does_not_hold()
    {
        await using var bench = await StartAsync(new(signals: 1) { HistorySize = 10 });
        await bench.UntilValueAsync(0, 0);
        var past = await KeepAsync(bench);
        for (var i = 1; i <= 30; i++)
        {
            bench.Set(0, i);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);   // each its own time
        }
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 30);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0, "a gap");
        Assert.Equal(Numbers(21, 30), bench.Values(0).Order());
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.BufferOverrun, gap.Cause);
        var first = bench.Sink.Samples.Min(s => s.SourceTicks);
        Assert.Equal(first, gap.Range.To.UtcTicks, TimeSpan.TicksPerSecond * 2);   // by the clock of the node, which is that of this server
    }

    [Fact]
    public async Task A_server_that_was_restarted_meanwhile_is_told_as_such()
    {
        await using var bench = await StartAsync(new(signals: 1));
        await bench.UntilValueAsync(0, 0);
        var past = await KeepAsync(bench);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);   // another start time than the first run
        bench.Restart();
        bench.Set(0, 9);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 9);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0, "a gap");
        Assert.Equal(GapCause.PeerRestart, Assert.Single(bench.Sink.Gaps).Cause);
    }

    [Fact]
    public async Task Parts_of_arrays_and_repeated_values_are_not_told_twice()
    {
        await using var bench = await StartAsync(new(signals: 1, options: ("heartbeat", "1")));
        bench.Furnish = engine => engine.Space.Add(new VariableNode(new(bench.Index, "axes"), new(bench.Index, "Axes"), new("Axes"), NodeIds.Double) { ValueRank = 1, ArrayDimensions = [3], History = new HistoryRing(100, null) },
            engine.Space.Find(new NodeId(bench.Index, "machine"))!.Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        await bench.StopAsync();
        bench.Furnish(bench.Engine);
        bench.Points = [.. bench.Points, new("axes", "nsu=urn:bench:machine;s=axes")];
        SetAxes(1, 2, 3);
        await bench.StartAgainAsync(null!);
        // A value that stands is repeated with the time of the node.
        await Bench.UntilAsync(() => bench.Values(0).Length > 1 && Axis(0).Length > 1, "a heartbeat");
        var past = await KeepAsync(bench);
        for (var i = 1; i <= 5; i++) bench.Set(0, i);
        SetAxes(4, 5, 6);
        SetAxes(7, 8, 9);
        await bench.StartAgainAsync(past);
        await Bench.UntilAsync(() => bench.Values(0).Distinct().Count() == 5 && Axis(2).Contains(9) && Axis(2).Contains(6), "everything");
        // Heartbeats may have repeated the newest; the others stand once.
        Assert.Equal(Numbers(1, 4), bench.Values(0).Where(v => v < 5).Order());
        Assert.Equal([5.0], Axis(1).Where(v => v < 8));
        Assert.DoesNotContain(1.0, Axis(0));

        double[] Axis(int i)
        {
            var number = bench.Signals.Find(new SignalId(new("press"), $"axes[{i}]"));
            return [.. bench.Sink.Samples.Where(s => s.Signal == number).Select(s => s.Value.Number)];
        }
        void SetAxes(params double[] values)
        {
            var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
            ((VariableNode)bench.Engine.Space.Find(new NodeId(bench.Index, "axes"))!).Set(new(Variant.OfArray(values), StatusCodes.Good, at, at));
        }
    }

    [Fact]
    public async Task A_text_that_stands_since_before_is_not_told_again()
    {
        await using var bench = await StartAsync(new(signals: 1));
        await bench.StopAsync();
        var node = (VariableNode)bench.Engine.Space.Add(new VariableNode(new(bench.Index, "mode"), new(bench.Index, "Mode"), new("Mode"), NodeIds.String) { History = new HistoryRing(100, null) },
            bench.Engine.Space.Find(new NodeId(bench.Index, "machine"))!.Id, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        bench.Points = [.. bench.Points, new("mode", "nsu=urn:bench:machine;s=mode")];
        Set("자동", -20);
        await bench.StartAgainAsync(null!);
        await Bench.UntilAsync(() => Modes().Length > 0, "the mode");
        // Stamped before what was told already: the newest by its time is not what stands.
        Set("수동", -30);
        await Bench.UntilAsync(() => Modes().Length > 1, "the other mode");
        var past = await KeepAsync(bench);
        bench.Set(0, 1);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 1);
        bench.Set(0, 2);
        await bench.UntilValueAsync(0, 2);
        Assert.Empty(Modes());

        void Set(string text, double minutes)
        {
            var at = OpcTime.Of(TimeProvider.System.GetUtcNow().AddMinutes(minutes));
            node.Set(new(Variant.Of(text), StatusCodes.Good, at, at));
        }
        string?[] Modes() => [.. bench.Sink.Samples.Where(s => s.Signal == bench.Signals.Find(new SignalId(new("press"), "mode"))).Select(s => s.Value.Text)];
    }

    [Fact]
    public async Task A_server_whose_clock_was_set_back_while_the_node_was_away_leaves_a_gap()
    {
        await using var bench = await StartAsync(new(signals: 1));
        bench.Set(0, 1, TimeProvider.System.GetUtcNow().AddMinutes(3));
        await bench.UntilValueAsync(0, 1);
        var past = await KeepAsync(bench);
        // Stamped before what is recorded, and replaced: the history behind the last recorded time does not hold it.
        bench.Set(0, 2);
        bench.Set(0, 3);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 3);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0, "a gap");
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.NodeDown, gap.Cause);
        Assert.Contains("clock of the server was set back", gap.Detail, StringComparison.Ordinal);
        Assert.True(gap.Range.From <= past.Places.Find(default)!.Through && gap.Range.To > past.Places.Find(default)!.Through, gap.ToString());
    }

    [Fact]
    public async Task A_node_whose_own_clock_was_set_forward_while_it_was_away_tells_no_gap()
    {
        await using var bench = await StartAsync(new(signals: 1) { Past = new(new Known(null, Task.CompletedTask), _store.Recorder) { Boot = static () => new("this", 0) } });
        bench.Set(0, 1);
        await bench.UntilValueAsync(0, 1);
        var past = await KeepAsync(bench);
        bench.Set(0, 2);
        bench.NodeClock = new SetClock(TimeSpan.FromMinutes(3));
        await bench.StartAgainAsync(past with { Boot = static () => new("this", TimeSpan.FromMinutes(3).Ticks) });
        await bench.UntilValueAsync(0, 2);
        bench.Set(0, 3);
        await bench.UntilValueAsync(0, 3);
        Assert.Equal([2.0, 3.0], bench.Values(0));
        Assert.Empty(bench.Sink.Gaps);
    }

    [Theory]
    [InlineData("this", -3, "was set back by 180 s")]   // both clocks were set back, so that they agree as before
    [InlineData("other", 0, "")]   // started anew meanwhile: nothing is known of the node's clock, and as the clocks agree nothing is told
    public async Task A_server_and_a_node_that_were_set_back_together_are_found_by_the_time_since_the_start_of_the_computer(string boot, int minutes, string told)
    {
        var ahead = new SetClock(TimeSpan.FromMinutes(3));
        await using var bench = await StartAsync(new(signals: 1) { NodeClock = ahead, Past = new(new Known(null, Task.CompletedTask), _store.Recorder) { Boot = static () => new("this", 0) } });
        bench.Set(0, 1, ahead.GetUtcNow());
        await bench.UntilValueAsync(0, 1);
        var past = await KeepAsync(bench);
        bench.Set(0, 2);
        bench.Set(0, 3);
        bench.NodeClock = TimeProvider.System;
        await bench.StartAgainAsync(past with { Boot = () => new(boot, TimeSpan.FromMinutes(minutes).Ticks) });
        await bench.UntilValueAsync(0, 3);
        if (told.Length == 0) Assert.DoesNotContain(bench.Sink.Gaps, g => g.Detail.Contains("set back", StringComparison.Ordinal));
        else await Bench.UntilAsync(() => bench.Sink.Gaps.Any(g => g.Cause == GapCause.NodeDown && g.Detail.Contains(told, StringComparison.Ordinal)), "a gap");
    }

    /// <summary>A killed run closes nothing: its session and subscription live on in the server, and nobody fetches what they hold.</summary>
    [Fact]
    public async Task The_subscription_of_a_killed_run_is_left_to_its_end_and_what_it_held_is_read_from_the_history_or_told()
    {
        await using var bench = await StartAsync(new());
        bench.Set(0, 1);
        bench.Set(1, 1);
        await bench.UntilValueAsync(0, 1);
        await bench.UntilValueAsync(1, 1);
        bench.Refuse = request => request is CloseSessionRequest ? StatusCodes.BadConnectionClosed : null;
        var past = await KeepAsync(bench);
        var orphan = bench.Engine.Subscriptions.All.Single();
        for (var i = 2; i <= 30; i++) bench.Set(0, i);
        bench.Set(1, 2);
        await bench.StartAgainAsync(past);
        await bench.UntilValueAsync(0, 30);
        await bench.UntilValueAsync(1, 2);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0, "a gap");
        Assert.Contains(orphan, bench.Engine.Subscriptions.All);
        Assert.Equal(2, bench.Engine.Subscriptions.All.Count());
        Assert.Equal(Numbers(2, 30), bench.Values(0).Order());
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.NodeDown, gap.Cause);
        Assert.Contains("2 of 3 points: s1, s2", gap.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_takes_nothing_does_not_keep_the_machine_unread()
    {
        await using var bench = await StartAsync(new(signals: 1));
        await bench.UntilValueAsync(0, 0);
        var past = await KeepAsync(bench);
        bench.Set(0, 3);
        await bench.StartAgainAsync(past with { Places = new Known(past.Places.Find(default)!, Task.FromException(new TimeoutException())) });
        await bench.UntilValueAsync(0, 3);
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.NodeDown, gap.Cause);
        Assert.Contains("queue", gap.Detail, StringComparison.Ordinal);
    }

    private async Task<Bench> StartAsync(Bench bench)
    {
        bench.Signals = _store.Recorder;
        return await bench.StartAsync();
    }

    /// <summary>Stops the source and keeps in the store what it had handed over.</summary>
    /// <param name="killed">What it hands over from here on is lost.</param>
    private async Task<OpcUaPast> KeepAsync(Bench bench, Action? killed = null)
    {
        var batches = bench.Sink.Batches;
        killed?.Invoke();
        await bench.StopAsync();
        if (killed is null) batches = bench.Sink.Batches;
        foreach (var b in batches)
            if (!b.Samples.IsEmpty) await _store.Recorder.AppendAsync(b, TestContext.Current.CancellationToken);
        var through = batches.Where(b => !b.Samples.IsEmpty).Max(b => b.Samples.Span[^1].ReceiveTime);
        return new(new Known(new(1, through, batches.Last(b => b.Place is not null).Place), Task.CompletedTask), _store.Recorder);
    }

    private static IEnumerable<double> Numbers(int first, int last) => Enumerable.Range(first, last - first + 1).Select(i => (double)i);

    /// <summary>A clock that was set.</summary>
    private sealed class SetClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    private sealed class Known(SourceMark? mark, Task settled) : IPlaces
    {
        public SourceMark? Find(SourceId source) => mark;
        public Task SettledAsync(SourceId source) => settled;
    }
}
