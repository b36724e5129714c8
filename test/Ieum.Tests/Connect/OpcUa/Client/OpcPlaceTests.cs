using Ieum.Connect.OpcUa.Client;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

public class OpcPlaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_place_is_read_as_it_was_written()
    {
        var place = new OpcPlace(42, [new(new(Start, Start.AddMinutes(1)), GapCause.Disconnected, true), new(new(Start.AddHours(1), Start.AddHours(1)), GapCause.SequenceSkip, false)]);
        var read = OpcPlace.Parse(place.ToString());
        Assert.Equal((42L, place.Open[0], place.Open[1], 2), (read.ServerStart, read.Open[0], read.Open[1], read.Open.Count));
        var boot = new BootTime("0e5c6f-1", -42);
        Assert.Equal(boot, OpcPlace.Parse(new OpcPlace(42, place.Open) { Boot = boot }.ToString()).Boot);
        Assert.Equal((7L, BootTime.None), (OpcPlace.Parse("opcua1 7").ServerStart, OpcPlace.Parse("opcua1 7").Boot));   // as an earlier version wrote it
        Assert.Equal((0L, 0), (OpcPlace.Parse("opcua1 0").ServerStart, OpcPlace.Parse("opcua1 0").Open.Count));
    }

    [Fact]
    public void Many_stretches_are_joined_and_none_is_left_out()
    {
        var place = new OpcPlace(1, [.. Enumerable.Range(0, 1000).Select(i => new OpenStretch(new(Start.AddMinutes(i), Start.AddMinutes(i + 0.5)), GapCause.Disconnected, i == 3))]);
        var text = place.ToString();
        var read = OpcPlace.Parse(text);
        Assert.InRange(text.Length, 1, 64 * 1024);
        Assert.Equal((OpcPlace.Most, Start, true), (read.Open.Count, read.Open[0].Range.From, read.Open[0].WasServerDown));
        Assert.All(place.Open, o => Assert.Contains(read.Open, r => r.Range.From <= o.Range.From && r.Range.To >= o.Range.To));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("mtconnect:0:5")]
    [InlineData("opcua1")]
    [InlineData("opcua1 -5")]
    [InlineData("opcua2 5")]
    [InlineData("opcua2 5 0:7-9")]
    [InlineData("opcua2 5 id/x 0:7-9")]
    [InlineData("opcua1 5 0:7")]
    [InlineData("opcua1 5 0:9-7")]
    [InlineData("opcua1 5 99:7-9")]
    [InlineData("opcua1 5 s:7-9")]
    [InlineData("opcua1 5 0:7-9223372036854775807")]
    public void A_place_of_somebody_else_says_nothing(string? text)
    {
        var read = OpcPlace.Parse(text);
        Assert.Equal((0L, 0), (read.ServerStart, read.Open.Count));
    }

    [Fact]
    public void Two_values_of_one_time_are_told_apart_and_each_comes_once()
    {
        var times = new DeliveredTimes();
        Assert.True(times.Live(new(10, 1)));
        times.Open();
        Assert.True(times.Has(new(10, 1), 10));
        Assert.False(times.Has(new(10, 2), 10));
        Assert.True(times.Has(new(9, 3), 10));
        times.Know(new(10, 2));
        Assert.True(times.Has(new(10, 2), 10));
    }
}
