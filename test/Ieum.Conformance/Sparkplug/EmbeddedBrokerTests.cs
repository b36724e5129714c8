using Ieum.Connect.Sparkplug;
using Ieum.Model;

namespace Ieum.Conformance.Sparkplug;

/// <summary>npm sparkplug-client as the edge node, our broker and host application on the other side.</summary>
public class EmbeddedBrokerTests
{
    [Fact]
    public async Task An_edge_node_is_born_sends_dies_by_force_and_comes_back()
    {
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press", ("role.program", "Program")));
        using (var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press"))
        {
            await edge.UntilAsync(l => l == "births");
            await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 1.5), Plant.Limit);
            edge.Say("data 2.5 -3.5 4.5");
            edge.Say("program O2000 형상가공");
            await sink.UntilAsync(_ => plant.Of(sink, "program").Any(s => s.Value.Text == "O2000 형상가공"), Plant.Limit);
            Assert.Equal([1.5, 2.5, -3.5, 4.5], plant.Of(sink, "load").Select(s => s.Value.Number));
            var signal = plant.Signals.Of(new("m")).Single(s => s.Signal.Id.Name == "load").Signal;
            Assert.Equal(("KWT", ValueKind.Real), (signal.Unit.Code, signal.Kind));
            Assert.Equal(LinkState.Connected, source.Health.Link);
            edge.Kill();
        }
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Quality == Quality.Stale), Plant.Limit);
        Assert.Equal(LinkState.Disconnected, source.Health.Link);
        var before = source.Health.Counters;
        Assert.Equal((6L, 0L), (before.Received, before.Rejected));   // load 1.5 2.5 −3.5 4.5, program twice
        Assert.Equal(2, before.Marks);

        using var again = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await again.UntilAsync(l => l == "births");
        await sink.UntilAsync(s => s.Gaps.Count > 0 && plant.Of(sink, "load").Last().Quality == Quality.Good, Plant.Limit);
        Assert.Equal(GapCause.Death, sink.Gaps.Single().Cause);
        Assert.Equal(1.5, plant.Of(sink, "load").Last().Value.Number);
        Assert.Equal((8L, 1L), (source.Health.Counters.Received, source.Health.Counters.Gaps));
    }

    [Fact]
    public async Task A_host_that_comes_later_asks_for_the_births_and_loses_nothing_it_could_have()
    {
        await using var plant = new Plant();
        var (_, other) = plant.Run(Plant.Connection("plant/other"));   // opens the broker
        Assert.Empty(other.Samples);
        using var watch = Counterpart.Script("mqtt", "sparkplug-watch.cjs", plant.Url, "spBv1.0/plant/DBIRTH/#");
        await watch.UntilAsync(l => l == "subscribed");
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await watch.UntilAsync(l => l.Contains("DBIRTH", StringComparison.Ordinal));   // the births went by unheard
        var late = new ConnectionSettings(new("late"), new("m"), "sparkplug", "plant/edge/press", Plant.Connection("x/y").Options);
        var (source, sink) = plant.Run(late);
        await edge.UntilAsync(l => l == "ncmd");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(), Plant.Limit);
        Assert.Equal(LinkState.Connected, source.Health.Link);
    }

    [Fact]
    public async Task Lost_messages_become_a_gap_and_one_rebirth_request()
    {
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press", ("reorder", "0.2")));
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await edge.UntilAsync(l => l == "births");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(), Plant.Limit);
        edge.Say("lose 3");
        edge.Say("data 9.5");
        await edge.UntilAsync(l => l == "ncmd");
        await sink.UntilAsync(s => s.Gaps.Count == 1, Plant.Limit);
        // Births took 0 and 1, so 2, 3 and 4 are missing.
        Assert.Equal((GapCause.SequenceSkip, "3 messages lost (seq 2 to 4)"), (sink.Gaps[0].Cause, sink.Gaps[0].Detail));
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 9.5), Plant.Limit);
        Assert.Contains(source.Health.Problems, p => p.Rule == SparkplugRules.SeqSkipped);
    }

    [Fact]
    public async Task A_plain_client_sees_the_retained_state_and_cannot_forge_it()
    {
        await using var plant = new Plant();
        var (_, sink) = plant.Run(Plant.Connection("plant/edge"));
        Assert.Empty(sink.Gaps);
        using var watch = Counterpart.Script("mqtt", "sparkplug-watch.cjs", plant.Url, "spBv1.0/STATE/#");
        var state = await watch.UntilAsync(l => l.Contains("STATE/house", StringComparison.Ordinal));
        Assert.Matches("^retained 1 spBv1.0/STATE/house \\{\"online\":true,\"timestamp\":\\d{13}\\}$", state);
        watch.Say("publish spBv1.0/STATE/house {\"online\":false,\"timestamp\":1}");
        await watch.UntilAsync(l => l == "published");
        using var second = Counterpart.Script("mqtt", "sparkplug-watch.cjs", plant.Url, "spBv1.0/STATE/#");
        Assert.Contains("\"online\":true", await second.UntilAsync(l => l.Contains("STATE/house", StringComparison.Ordinal)));
        await plant.StopAsync();
        Assert.Contains("\"online\":false", await watch.UntilAsync(l => l.Contains("\"online\":false", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_live_test_lists_the_signals_of_a_node_that_answers_and_names_the_one_that_does_not()
    {
        await using var plant = new Plant();
        var (_, sink) = plant.Run(Plant.Connection("plant/other"));
        Assert.Empty(sink.Samples);
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await edge.UntilAsync(l => l == "births");
        var good = await plant.Room.TestAsync(Plant.Connection("plant/edge/press"), TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(good.Ok, good.Message);
        Assert.Equal(["load", "program"], good.Signals.Select(s => s.Id.Name));
        var bad = await plant.Room.TestAsync(Plant.Connection("plant/nobody"), TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
        Assert.Equal((false, Ieum.Connect.ConnectRules.TestTimedOut), (bad.Ok, bad.Rule));
    }

    [Fact]
    public async Task A_silent_edge_node_with_an_open_socket_dies_by_keep_alive_and_is_born_again()
    {
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press"));
        await Plant.UntilAsync(() => plant.Broker.Port != 0);
        await using var cable = new Relay(plant.Broker.Port);
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", $"mqtt://127.0.0.1:{cable.Port}", "plant", "edge", "press");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(), Plant.Limit);
        cable.Cut();
        // Keep-alive 5 s, so the broker publishes the will after 7.5 s.
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Quality == Quality.Stale), Plant.Limit);
        Assert.Equal(LinkState.Disconnected, source.Health.Link);
        cable.Mend();
        await sink.UntilAsync(s => s.Gaps.Count == 1 && plant.Of(sink, "load").Last().Quality == Quality.Good, Plant.Limit);
        Assert.Equal(GapCause.Death, sink.Gaps[0].Cause);
        Assert.Equal(LinkState.Connected, source.Health.Link);
        Assert.Equal(2, source.Health.Counters.Received);   // load and program once; the second birth told nothing new
    }

    [Fact]
    public async Task A_sink_that_stands_still_slows_the_node_down_and_loses_nothing()
    {
        await using var plant = new Plant(o => o.IntakeQueue = 16);
        var gate = new GatedSink();
        var source = plant.Run(Plant.Connection("plant/edge/press"), gate);
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", plant.Url, "plant", "edge", "press");
        await edge.UntilAsync(l => l == "births");
        for (var i = 0; i < 40; i++) edge.Say("data " + string.Join(' ', Enumerable.Range(i * 1000, 1000)));
        // 16 batches of the lane and 16 messages of the intake are full long before 40,000 values.
        await gate.Blocked;
        gate.Open();
        await Plant.UntilAsync(() => source.Health.Counters.Received >= 40_002 && gate.Count >= 40_002);
        Assert.Equal((40_002L, 0L, 0L), (source.Health.Counters.Received, source.Health.Counters.Rejected, source.Health.Counters.Gaps));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_when_users_are_named()
    {
        await using var plant = new Plant(o => o.Users["edge"] = "비밀");
        plant.Run(Plant.Connection("plant/edge"));
        var (source, sink) = plant.Run(new(new("outside"), new("m"), "sparkplug", "plant/edge",
            Plant.Connection("x/y", ("broker", plant.Url), ("user", "edge"), ("password", "wrong")).Options));
        await Plant.UntilAsync(() => source.Health.Link == LinkState.Refused);
        Assert.Contains(source.Health.Problems, p => p.Rule == SparkplugRules.BrokerRefused);
        Assert.Empty(sink.Samples);
    }
}
