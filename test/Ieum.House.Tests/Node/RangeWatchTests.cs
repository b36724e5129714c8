using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.TestKit;

namespace Ieum.House.Tests.Node;

/// <summary>Values outside the range of their point are told; nothing else happens to them.</summary>
public sealed class RangeWatchTests
{
    private static readonly long Eight = new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero).UtcTicks;

    private static ConnectionSettings Settings(ValueRange? range) => new(new("PR1.opcua"), new("PR1"), "opcua", "opc.tcp://x", ImmutableDictionary<string, string>.Empty)
    {
        Points = [new("load", "ns=1;s=load") { Range = range }, new("speed", "ns=1;s=speed")],
    };

    private static Sample At(SignalNumber signal, SampleValue value, Quality quality = Quality.Good) => new(signal, Eight, Eight, value, quality);

    [Fact]
    public void A_value_outside_is_told_with_point_value_and_range_and_counted()
    {
        var signals = new InMemorySignals();
        var watch = RangeWatch.Of(Settings(new(0, 100)), signals)!;
        var load = signals.Register(new(new(new("PR1"), "load"), Unit.Percent, ValueKind.Real));   // registered after the line was opened, as sources do
        var speed = signals.Register(new(new(new("PR1"), "speed"), Unit.Percent, ValueKind.Real));
        // The ends belong to the range; what has no range, no number, or is called bad by its source says nothing.
        watch.Look([At(load, SampleValue.Of(0.0)), At(load, SampleValue.Of(100L)), At(speed, SampleValue.Of(9e9)), At(load, SampleValue.Of("n/a")), At(load, SampleValue.Of(500.0), Quality.Bad)]);
        Assert.Empty(watch.Problems);
        watch.Look([At(load, SampleValue.Of(100.5)), At(load, SampleValue.Of(-1L))]);
        var outside = Assert.Single(watch.Problems);
        Assert.Equal((ConnectRules.OutsideRange, 2L, true), (outside.Rule, outside.Count, outside.Message.Contains("PR1/load (ns=1;s=load) was -1, outside 0 to 100", StringComparison.Ordinal)));
        // A division by zero in a controller is no value beyond a limit: it is told as what it is, beside the other.
        watch.Look([At(load, SampleValue.Of(double.NaN)), At(load, SampleValue.Of(double.NegativeInfinity), Quality.Uncertain), At(load, SampleValue.Of(double.NaN), Quality.Bad)]);
        Assert.Equal([(ConnectRules.OutsideRange, 2L), (ConnectRules.NotANumber, 2L)], watch.Problems.Select(p => (p.Rule, p.Count)));
        Assert.Contains("PR1/load (ns=1;s=load) was -Infinity", watch.Problems[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_range_nothing_is_looked_at() => Assert.Null(RangeWatch.Of(Settings(null), new InMemorySignals()));

    [Theory]
    [InlineData("""{ "low": 10, "high": 0 }""", "$.connections[0].points[0].range")]
    [InlineData("""{ "low": 10 }""", "$.connections[0].points[0].range.high")]
    [InlineData("""{ "low": "0", "high": 10 }""", "$.connections[0].points[0].range.low")]
    public void A_range_that_cannot_be_is_refused_with_its_place(string range, string path) => Assert.Contains(Assert.Throws<ConfigException>(() => ConnectionFile.Read("x.json",
        $$"""{ "ieum": "connection", "version": 1, "connection": { "machine": "A", "protocol": "opcua", "endpoint": "e", "points": [ { "name": "n", "address": "a", "range": {{range}} } ] } }""")).Problems, p => p.Path == path);
}
