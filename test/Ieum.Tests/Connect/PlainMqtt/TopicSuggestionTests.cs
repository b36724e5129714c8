using System.Text;
using Ieum.Connect.PlainMqtt;
using Ieum.Model;

namespace Ieum.Tests.Connect.PlainMqtt;

/// <summary>What browsing offers for payloads as boxes of different makers send them.</summary>
public class TopicSuggestionTests
{
    private static readonly long Now = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero).UtcTicks;

    private static (Dictionary<string, BrowseItem> Items, List<string> Times) Of(string topic, string payload)
    {
        var times = new List<string>();
        return (TopicSuggestions.Of(topic, Encoding.UTF8.GetBytes(payload), Now, times).ToDictionary(i => i.Address), times);
    }

    [Theory]
    [InlineData("""{"green":true,"ts":1772438399000}""", "ts", "shop/lamp#green")]
    [InlineData("""{"Time":"2026-03-02T07:59:58Z","ENERGY":{"Power":230.5}}""", "Time", "shop/lamp#ENERGY.Power")]
    [InlineData("""{"meta":{"timestamp":1772437000},"v":1}""", "meta.timestamp", "shop/lamp#v")]
    [InlineData("""[{"n":"temp","v":21.5,"t":1772438000}]""", "[0].t", "shop/lamp#[0].v")]
    public void The_time_of_a_payload_is_shown_but_is_no_value(string payload, string time, string value)
    {
        var (items, times) = Of("shop/lamp", payload);
        Assert.Equal([time], times);
        Assert.Null(items[$"shop/lamp#{time}"].Point);
        Assert.NotNull(items[$"shop/lamp#{time}"].Value);
        Assert.NotNull(items[value].Point);
    }

    [Theory]
    [InlineData("""{"t":21.5}""")]                                     // a temperature
    [InlineData("""{"ts":12}""")]                                      // a box that counts since it was switched on
    [InlineData("""{"Time":"2026-03-02T17:00:00"}""")]                 // local time of Seoul or Tokyo without a zone: nine hours ahead
    [InlineData("""{"time":"08:00"}""")]
    [InlineData("""{"ts":null}""")]
    public void What_only_sounds_like_a_time_stays_a_value(string payload)
    {
        var (items, times) = Of("shop/box", payload);
        Assert.Empty(times);
        Assert.NotNull(Assert.Single(items.Values).Point);
    }

    [Fact]
    public void Roles_are_guessed_from_lamps_clamps_and_counters()
    {
        var (items, _) = Of("line1/mc7/lamp", """{"red":0,"amber":false,"green":true,"ts":1772438399000}""");
        Assert.Equal([SignalRole.LampRed, SignalRole.LampAmber, SignalRole.LampGreen], items.Values.Where(i => i.Point is not null).Select(i => i.Point!.Role));
        Assert.Equal(SignalRole.Current, Of("line1/mc7/clamp_current", "7.25").Items.Values.Single().Point!.Role);
        Assert.Equal(SignalRole.Current, Of("shop/mc7/clamp", """{"a":7.25}""").Items.Values.Single().Point!.Role);   // a clamp is no lamp
        Assert.Equal(SignalRole.PartCount, Of("line1/mc7/count", "118").Items.Values.Single().Point!.Role);
        Assert.Equal("MMT", Of("line1/gauge", "+012.345 mm\r\n").Items.Values.Single().Point!.Unit);
    }
}
