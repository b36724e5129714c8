using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Conformance.Sparkplug;

/// <summary>mosquitto as the broker, npm sparkplug-client as the edge node, our host application as a client.</summary>
public class OutsideBrokerTests
{
    private static Counterpart Mosquitto(int port)
    {
        var config = Path.Combine(Needs.Scratch, $"mosquitto-{port}.conf");
        File.WriteAllText(config, $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n");
        return Counterpart.Program(Needs.Program("mosquitto", "apt-get install mosquitto"), "-c", config);
    }

    [Fact]
    public async Task Machine_and_state_work_and_survive_a_restart_of_the_broker()
    {
        var port = Plant.FreePort();
        var url = $"mqtt://127.0.0.1:{port}";
        await using var plant = new Plant();
        var first = Mosquitto(port);
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press", ("broker", url)));
        using var watch = Counterpart.Script("mqtt", "sparkplug-watch.cjs", url, "spBv1.0/STATE/#");
        Assert.Contains("\"online\":true", await watch.UntilAsync(l => l.Contains("STATE/house", StringComparison.Ordinal)));
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", url, "plant", "edge", "press");
        await edge.UntilAsync(l => l == "births");
        edge.Say("data 2.5");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 2.5), Plant.Limit);

        first.Kill();
        first.Dispose();
        await Plant.UntilAsync(() => source.Health.Link == LinkState.Disconnected);
        using var second = Mosquitto(port);
        await edge.UntilAsync(l => l == "births");
        await sink.UntilAsync(s => s.Gaps.Count > 0, Plant.Limit);
        Assert.Equal(GapCause.Disconnected, sink.Gaps[0].Cause);
        Assert.Equal(LinkState.Connected, source.Health.Link);
        Assert.Equal(1, source.Health.Reconnects);
        edge.Say("data 7.5");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 7.5), Plant.Limit);
        // 1.5 and program at birth, 2.5, 7.5; the births after the restart repeat what was known.
        Assert.Equal(4, source.Health.Counters.Received);
    }

    [Fact]
    public async Task A_cable_cut_with_open_sockets_is_seen_and_healed_within_ten_seconds_each()
    {
        var port = Plant.FreePort();
        using var broker = Mosquitto(port);
        await using var cable = new Relay(port);
        await using var plant = new Plant();
        var (source, sink) = plant.Run(Plant.Connection("plant/edge/press", ("broker", $"mqtt://127.0.0.1:{cable.Port}")));
        using var edge = Counterpart.Script("sparkplug-client", "sparkplug-edge.cjs", $"mqtt://127.0.0.1:{port}", "plant", "edge", "press");
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(), Plant.Limit);
        await edge.UntilAsync(l => l == "births");

        cable.Cut();
        await Plant.UntilAsync(() => source.Health.Link == LinkState.Disconnected);
        edge.Say("data 5.5 6.5");   // nobody hears these; the birth tells the last of them
        await edge.UntilAsync(l => l == "done data");
        cable.Mend();
        await sink.UntilAsync(_ => plant.Of(sink, "load").Any(s => s.Value.Number == 6.5), Plant.Limit);
        await sink.UntilAsync(s => s.Gaps.Count == 1, Plant.Limit);
        Assert.Equal(GapCause.Disconnected, sink.Gaps[0].Cause);
    }

    [Fact]
    public async Task A_forged_offline_state_is_answered_with_the_truth()
    {
        var port = Plant.FreePort();
        var url = $"mqtt://127.0.0.1:{port}";
        using var broker = Mosquitto(port);
        await using var plant = new Plant();
        plant.Run(Plant.Connection("plant/edge/press", ("broker", url)));
        using var watch = Counterpart.Script("mqtt", "sparkplug-watch.cjs", url, "spBv1.0/STATE/#");
        var birth = await watch.UntilAsync(l => l.Contains("\"online\":true", StringComparison.Ordinal));
        watch.Say("publish spBv1.0/STATE/house {\"online\":false,\"timestamp\":1}");
        await watch.UntilAsync(l => l.Contains("\"online\":false", StringComparison.Ordinal));
        var answer = await watch.UntilAsync(l => l.Contains("\"online\":true", StringComparison.Ordinal));
        Assert.Equal(birth[birth.IndexOf('{', StringComparison.Ordinal)..], answer[answer.IndexOf('{', StringComparison.Ordinal)..]);
        await plant.StopAsync();
        await watch.UntilAsync(l => l.Contains("\"online\":false", StringComparison.Ordinal));
    }
}
