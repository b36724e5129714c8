using System.Collections.Immutable;
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
        _intake = new(settings, MqttOptions.Read(settings), new InMemorySignals(), _health, _batch, _clock, NullLogger.Instance);
    }

    public void Dispose() => _sink.Dispose();

    private void Say(string payload, bool retained = false) => _intake.Take("box", Encoding.UTF8.GetBytes(payload), retained);

    private async Task<IReadOnlyList<Sample>> TakenAsync()
    {
        await _batch.FlushAsync(TestContext.Current.CancellationToken);
        return _sink.Samples;
    }

    [Fact]
    public async Task A_message_that_comes_twice_by_QoS_1_counts_once_and_the_same_value_at_another_time_counts()
    {
        Say("""{"a":1,"b":5,"ts":1772438399000}""");
        Say("""{"a":1,"b":5,"ts":1772438399000}""");
        Assert.Equal(2, (await TakenAsync()).Count);
        Say("""{"a":1,"b":6,"ts":1772438399000}""");   // the box corrected itself within one millisecond: that is no repetition of b
        Say("""{"a":1,"b":6,"ts":1772438399001}""");
        Assert.Equal([1, 5, 6, 1, 6], (await TakenAsync()).Select(s => s.Value.Number));
        Assert.Equal((5L, 0L), (_health.Health.Counters.Received, _health.Health.Counters.Rejected));
    }

    [Fact]
    public async Task Silence_makes_the_last_values_stale_once_and_its_end_is_a_gap_with_both_times()
    {
        var begun = _clock.GetUtcNow();
        Say("""{"a":1,"ts":1772438399000}""");
        _clock.Advance(600.Seconds + TimeSpan.FromTicks(1));
        _intake.Silent();
        _intake.Silent();
        var taken = await TakenAsync();
        Assert.Equal([Quality.Good, Quality.Stale], taken.Select(s => s.Quality));
        Assert.Equal((LinkState.Silent, 1L, 1L), (_health.Health.Link, _health.Health.Counters.Received, _health.Health.Counters.Marks));
        Assert.Equal((MqttRules.Silent, 1L), _health.Health.Problems.Where(p => p.Rule == MqttRules.Silent).Select(p => (p.Rule, p.Count)).Single());
        _clock.Advance(60.Seconds);
        var back = _clock.GetUtcNow();
        Say("""{"a":1,"ts":1772439059000}""");
        Assert.Equal(Quality.Good, (await TakenAsync())[^1].Quality);
        var gap = Assert.Single(_sink.Gaps);
        Assert.Equal((begun, back, GapCause.Disconnected, "silence"), (gap.Range.From, gap.Range.To, gap.Cause, gap.Detail));
        Assert.Equal(LinkState.Connected, _health.Health.Link);
    }
}
