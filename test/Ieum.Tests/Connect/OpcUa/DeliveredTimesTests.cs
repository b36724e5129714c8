using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public sealed class DeliveredTimesTests
{
    [Fact]
    public void What_history_brought_first_is_not_taken_again_when_it_comes_by_notification()
    {
        var times = new DeliveredTimes();
        Assert.True(times.Live(10));
        times.Open();
        foreach (var t in new[] { 20L, 30, 30, 40 }) times.History(t, newest: 10);   // read beside the living values, ahead of them
        Assert.False(times.Live(30));
        Assert.False(times.Live(30));   // two values of one instant came both
        Assert.True(times.Live(30));    // and this is a third
        Assert.False(times.Live(40));
        Assert.True(times.Live(50));
    }

    [Fact]
    public void History_behind_the_living_values_fills_a_hole_and_a_later_value_of_that_time_counts()
    {
        var times = new DeliveredTimes();
        Assert.True(times.Live(100));
        times.History(50, newest: 100);
        Assert.True(times.Has(50, before: 0));
        Assert.True(times.Live(50));    // a clock that was set back: the server says it anew
    }

    [Fact]
    public void What_was_ahead_is_forgotten_when_the_living_values_have_passed_it()
    {
        var times = new DeliveredTimes();
        times.History(20, newest: 10);   // before the subscription began: never comes by notification
        Assert.True(times.Live(30));
        Assert.True(times.Live(20));
    }
}
