using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.PlainMqtt;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.PlainMqtt;

/// <summary>What becomes of messages that come twice, and of a box that says nothing more.</summary>
public sealed class MqttIntakeTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
    private readonly CollectingSink _sink = new();
    private readonly SourceHealthTracker _health;
    private readonly SampleBatcher _batch;
    private readonly MqttIntake _intake;

    public MqttIntakeTests()
    {
        var settings = new ConnectionSettings(new("m.mqtt"), new("m"), "mqtt", "node", new Dictionary<string, string> { ["time"] = "ts", ["silence"] = "600" }.ToImmutableDictionary())
        {
            Points = [new("a", "box#a"), new("b", "box#b")],
        };
        _health = new(_clock);
        _batch = new(settings, _sink, _health, _clock);
        _intake = new(settings, MqttOptions.Read(settings), new InMemorySignals(), _health, _batch, new(settings.Source, null, _clock), _clock, NullLogger.Instance);
    }

    public void Dispose() => _sink.Dispose();

    private ValueTask SayAsync(string payload) => _intake.TakeAsync(new("box", Encoding.UTF8.GetBytes(payload), false, null, ""), TestContext.Current.CancellationToken);

    private async Task<IReadOnlyList<Sample>> TakenAsync()
    {
        await _batch.FlushAsync(TestContext.Current.CancellationToken);
        return _sink.Samples;
    }

    [Fact]
    public async Task A_message_that_comes_twice_by_QoS_1_counts_once_and_the_same_value_at_another_time_counts()
    {
        await SayAsync("""{"a":1,"b":5,"ts":1772438399000}""");
        await SayAsync("""{"a":1,"b":5,"ts":1772438399000}""");
        Assert.Equal(2, (await TakenAsync()).Count);
        await SayAsync("""{"a":1,"b":6,"ts":1772438399000}""");   // the box corrected itself within one millisecond: that is no repetition of b
        await SayAsync("""{"a":1,"b":6,"ts":1772438399001}""");
        Assert.Equal([1, 5, 6, 1, 6], (await TakenAsync()).Select(s => s.Value.Number));
        Assert.Equal((5L, 0L), (_health.Health.Counters.Received, _health.Health.Counters.Rejected));
    }

    [Fact]
    public async Task Silence_makes_the_last_values_stale_once_and_its_end_is_a_gap_with_both_times()
    {
        var begun = _clock.GetUtcNow();
        await SayAsync("""{"a":1,"ts":1772438399000}""");
        _clock.Advance(600.Seconds + TimeSpan.FromTicks(1));
        _intake.Silent();
        _intake.Silent();
        var taken = await TakenAsync();
        Assert.Equal([Quality.Good, Quality.Stale], taken.Select(s => s.Quality));
        Assert.Equal((LinkState.Silent, 1L, 1L), (_health.Health.Link, _health.Health.Counters.Received, _health.Health.Counters.Marks));
        Assert.Equal((MqttRules.Silent, 1L), _health.Health.Problems.Where(p => p.Rule == MqttRules.Silent).Select(p => (p.Rule, p.Count)).Single());
        _clock.Advance(60.Seconds);
        var back = _clock.GetUtcNow();
        await SayAsync("""{"a":1,"ts":1772439059000}""");
        Assert.Equal(Quality.Good, (await TakenAsync())[^1].Quality);
        var gap = Assert.Single(_sink.Gaps);
        Assert.Equal((begun, back, GapCause.Disconnected, "silence"), (gap.Range.From, gap.Range.To, gap.Cause, gap.Detail));
        Assert.Equal(LinkState.Connected, _health.Health.Link);
    }

    [Fact]
    public async Task A_message_that_is_sent_again_by_its_packet_identifier_counts_once_and_another_with_the_same_words_counts()
    {
        async Task SendAsync(string payload, ushort packet, bool isRepeat) => await _intake.TakeAsync(
            new("box", Encoding.UTF8.GetBytes(payload), false, null, "") { Packet = packet, IsRepeat = isRepeat }, TestContext.Current.CancellationToken);
        await SendAsync("""{"a":1}""", 7, false);
        await SendAsync("""{"a":1}""", 8, false);   // two pulses, and no time of their own
        await SendAsync("""{"a":1}""", 7, true);
        await SendAsync("""{"a":1}""", 8, true);
        await SendAsync("""{"a":1}""", 9, true);    // marked as sent before, and yet it never arrived
        Assert.Equal((3, 3L), ((await TakenAsync()).Count, _health.Health.Counters.Received));
    }

    [Fact]
    public async Task A_run_of_values_that_is_sent_again_counts_once_without_any_mark_and_late_ones_that_are_new_count()
    {
        string[] run = ["""{"a":5,"ts":1772438399000}""", """{"a":6,"ts":1772438399100}""", """{"a":5,"ts":1772438399200}"""];
        foreach (var said in run) await SayAsync(said);
        foreach (var said in run) await SayAsync(said);
        await SayAsync("""{"a":7,"ts":1772438399050}""");
        await SayAsync("""{"a":6,"ts":1772438399000}""");
        Assert.Equal([5, 6, 5, 7, 6], (await TakenAsync()).Select(s => s.Value.Number));
        Assert.Equal(5, _health.Health.Counters.Received);
    }

    [Fact]
    public async Task A_clock_at_the_end_of_all_time_is_told_and_ends_nothing()
    {
        var settings = new ConnectionSettings(new("m.mqtt"), new("m"), "mqtt", "node", new Dictionary<string, string> { ["time"] = "ts" }.ToImmutableDictionary()) { Points = [new("a", "box#a")] };
        var past = new MqttPast(DispatchProxy.Create<IPlaces, EmptyPast>(), DispatchProxy.Create<IMeasurementHistory, EmptyPast>());
        var intake = new MqttIntake(settings, MqttOptions.Read(settings), new InMemorySignals(), _health, _batch, new(settings.Source, past, _clock), _clock, NullLogger.Instance);
        foreach (var (value, packet) in new[] { (5, (ushort)1), (6, (ushort)2) })
            await intake.TakeAsync(new("box", Encoding.UTF8.GetBytes($$"""{"a":{{value}},"ts":"9999-12-31T23:59:59.9999999Z"}"""), false, null, "") { Packet = packet, IsRepeat = true }, TestContext.Current.CancellationToken);
        var taken = await TakenAsync();
        Assert.Equal([(5.0, Quality.Uncertain), (6.0, Quality.Uncertain)], taken.Select(s => (s.Value.Number, s.Quality)));
        Assert.Equal(_clock.GetUtcNow().UtcTicks, taken[1].SourceTicks);
        Assert.Contains(_health.Health.Problems, p => p.Rule == MqttRules.TimeUnreadable);
    }

    /// <summary>A record that holds nothing.</summary>
    public class EmptyPast : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
        {
            nameof(IPlaces.SettledAsync) => Task.CompletedTask,
            nameof(IMeasurementHistory.RangeAsync) => AsyncEnumerable.Empty<Sample>(),
            _ => null,
        };
    }
}
