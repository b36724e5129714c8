using System.Collections.Immutable;
using System.Globalization;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.PlainMqtt;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.PlainMqtt;

/// <summary>npm mqtt as the retrofit box, mosquitto or our own broker in between.</summary>
public sealed class LampDayTests : IAsyncLifetime
{
    private const int Cycles = 40;
    private readonly CancellationTokenSource _stop = new();
    private readonly InMemorySignals _signals = new();
    private readonly int _port = Plant.FreePort();
    private readonly CollectingSink _sink = new();
    private EmbeddedBroker _broker = null!;
    private IMachineSource _source = null!;
    private Task _running = Task.CompletedTask;

    private string Url => $"mqtt://127.0.0.1:{_port}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _broker.DisposeAsync();
        _stop.Dispose();
        _sink.Dispose();
    }

    private MqttFactory Factory()
    {
        var options = new BrokerOptions { Port = _port };
        _broker = new(options, Clocks.Real.Wire, NullLogger<EmbeddedBroker>.Instance);
        return new(_broker, Options.Create(options), Clocks.Real, NullLoggerFactory.Instance);
    }

    private static ConnectionSettings Settings(string endpoint) => new(new("mc7.mqtt"), new("mc7"), "mqtt", endpoint,
        new Dictionary<string, string> { ["time"] = "ts", ["status"] = "shop/mc7/status" }.ToImmutableDictionary())
    {
        Points =
        [
            new("red", "shop/mc7/lamp#red") { Role = SignalRole.LampRed },
            new("amber", "shop/mc7/lamp#amber") { Role = SignalRole.LampAmber },
            new("green", "shop/mc7/lamp#green") { Role = SignalRole.LampGreen },
            new("current", "shop/mc7/clamp#a") { Role = SignalRole.Current, Unit = "AMP" },
            new("gauge/+", "shop/+/gauge") { Unit = "MMT" },
        ],
    };

    private void Run(string endpoint)
    {
        _source = Factory().Create(Settings(endpoint), _signals);
        _running = _source.RunAsync(_sink, _stop.Token);
    }

    private IReadOnlyList<Sample> Of(string name) =>
        _signals.Find(new SignalId(new("mc7"), name)) is { } number ? [.. _sink.Samples.Where(s => s.Signal == number)] : [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_day_of_lamp_clamp_and_gauge_arrives_whole_and_what_is_none_is_told(bool own)
    {
        using var mosquitto = own ? null : Mosquitto();
        Run(own ? "node" : Url);
        await Plant.UntilAsync(() => _source.Health.Link == LinkState.Connected);
        using var box = Counterpart.Script("mqtt", "mqtt-lamp-day.cjs", Url, Cycles.ToString(CultureInfo.InvariantCulture));
        var sent = long.Parse((await box.UntilAsync(l => l.StartsWith("sent ", StringComparison.Ordinal)))[5..], CultureInfo.InvariantCulture);
        await Plant.UntilAsync(() => _source.Health.Counters.Rejected == 1);
        await _sink.UntilAsync(s => s.Samples.Count == sent, Plant.Limit);

        var counters = _source.Health.Counters;
        Assert.Equal((sent + 1, 1L), (counters.Received, counters.Rejected));
        Assert.Equal(MqttRules.Unreadable, Assert.Single(_source.Health.Problems, p => p.Rule == MqttRules.Unreadable).Rule);
        Assert.Equal(3 * Cycles, Of("green").Count);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 8, 0, 30, TimeSpan.Zero), Of("green")[1].SourceTime);
        Assert.Equal(8.25, Of("current")[1].Value.Number);
        Assert.Equal([12.0, 12.001], Of("gauge/line1").Take(2).Select(s => s.Value.Number));

        // The box dies without a word: its will says so, and the last values are stale.
        box.Kill();
        await _sink.UntilAsync(_ => Of("green")[^1].Quality == Quality.Stale && Of("current")[^1].Quality == Quality.Stale, Plant.Limit);
        Assert.Equal(LinkState.Silent, _source.Health.Link);
        Assert.Equal(5, _source.Health.Counters.Marks);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flood_of_acknowledged_messages_arrives_whole_and_in_order(bool own)
    {
        const int messages = 5000;
        using var mosquitto = own ? null : Mosquitto();
        _source = Factory().Create(Settings(own ? "node" : Url) with { Points = [new("counter", "box/counter#v") { Type = "number" }] }, _signals);
        _running = _source.RunAsync(_sink, _stop.Token);
        await Plant.UntilAsync(() => _source.Health.Link == LinkState.Connected);
        using var box = Counterpart.Script("mqtt", "mqtt-flood.cjs", Url, messages.ToString(CultureInfo.InvariantCulture));
        await box.UntilAsync(l => l == "acknowledged");
        // What is acknowledged by the own broker is with the sink; of an outside one it may be still on its way.
        if (own) Assert.Equal(messages, _sink.Count);
        await _sink.UntilAsync(s => s.Count >= messages, Plant.Limit);
        Assert.Equal(Enumerable.Range(0, messages).Select(i => (double)i), _sink.Samples.Select(s => s.Value.Number));
        Assert.Equal((messages, 0L, 0L), (_source.Health.Counters.Received, _source.Health.Counters.Rejected, _source.Health.Counters.Gaps));
    }

    [Fact]
    public async Task A_retained_message_counts_once_however_often_the_broker_hands_it_over()
    {
        using var mosquitto = Mosquitto();
        using (var box = Counterpart.Script("mqtt", "mqtt-lamp-day.cjs", Url, "1"))
            await box.UntilAsync(l => l.StartsWith("sent ", StringComparison.Ordinal));
        Run(Url);
        // The last lamp of the day is kept by the broker; clamp and gauge were not retained.
        await _sink.UntilAsync(_ => Of("green").Count > 0, Plant.Limit);   // and, from the will that is kept too, its stale mark
        Assert.False(Of("green")[0].Value.Boolean);

        Assert.Equal(3, _source.Health.Counters.Received);

        // The next run knows from its place what was counted; a box that says nothing new gives it nothing.
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var place = _sink.Batches.Last(b => b.Place is not null).Place;
        using var stop = new CancellationTokenSource();
        using var sink = new CollectingSink();
        var again = new MqttFactory(_broker, Options.Create(new BrokerOptions { Port = _port }), Clocks.Real, NullLoggerFactory.Instance, new KnownPlace(place)).Create(Settings(Url), _signals);
        var running = again.RunAsync(sink, stop.Token);
        await Plant.UntilAsync(() => again.Health.Link == LinkState.Connected);
        using var news = Counterpart.Script("mqtt", "mqtt-lamp-day.cjs", Url, "1");
        await sink.UntilAsync(s => s.Samples.Any(x => x.Value.Number == 8.25), Plant.Limit);
        Assert.True(sink.Samples.First(x => x.Signal == _signals.Find(new SignalId(new("mc7"), "green"))).Value.Boolean);   // the new day's first lamp, not the kept one
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private sealed class KnownPlace(string? place) : IPlaces
    {
        public SourceMark? Find(SourceId source) => new(1, DateTimeOffset.UnixEpoch, place);
    }

    [Fact]
    public async Task Browsing_shows_what_was_heard_with_points_that_can_be_taken_over()
    {
        using var mosquitto = Mosquitto();
        using (var box = Counterpart.Script("mqtt", "mqtt-lamp-day.cjs", Url, "1"))
            await box.UntilAsync(l => l.StartsWith("sent ", StringComparison.Ordinal));
        var settings = Settings(Url) with { Points = [], Options = new Dictionary<string, string> { ["listen"] = "1" }.ToImmutableDictionary() };
        var answer = await ((IProtocolFactory)Factory()).BrowseAsync(settings, null, TestContext.Current.CancellationToken);
        Assert.True(answer.Ok, answer.Message);
        var green = Assert.Single(answer.Items, i => i.Address == "shop/mc7/lamp#green");
        Assert.Equal((SignalRole.LampGreen, "false"), (green.Point!.Role, green.Value));
    }

    private Counterpart Mosquitto()
    {
        var config = Path.Combine(Needs.Scratch, $"mosquitto-{_port}.conf");
        File.WriteAllText(config, $"listener {_port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n");
        return Counterpart.Program(Needs.Program("mosquitto", "apt-get install mosquitto"), "-c", config);
    }
}
