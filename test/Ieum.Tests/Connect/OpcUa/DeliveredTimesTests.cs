using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public sealed class DeliveredTimesTests
{
    [Fact]
    public void What_history_brought_first_is_not_taken_again_when_it_comes_by_notification()
    {
        var times = new DeliveredTimes();
        Assert.True(times.Live(new(10, 1)));
        times.Open();
        foreach (var t in (Told[])[new(20, 1), new(30, 1), new(30, 2), new(40, 1)]) times.History(t, newest: 10);   // read beside the living values, ahead of them
        Assert.False(times.Live(new(30, 1)));
        Assert.False(times.Live(new(30, 2)));   // two values of one instant came both
        Assert.True(times.Live(new(30, 3)));    // and this is a third
        Assert.False(times.Live(new(40, 1)));
        Assert.True(times.Live(new(50, 1)));
    }

    [Fact]
    public void History_behind_the_living_values_fills_a_hole_and_a_later_value_of_that_time_counts()
    {
        var times = new DeliveredTimes();
        Assert.True(times.Live(new(100, 1)));
        times.History(new(50, 1), newest: 100);
        Assert.True(times.Has(new(50, 1), before: 0));
        Assert.True(times.Live(new(50, 1)));    // a clock that was set back: the server says it anew
    }

    [Fact]
    public void What_was_ahead_is_forgotten_when_the_living_values_have_passed_it()
    {
        var times = new DeliveredTimes();
        times.History(new(20, 1), newest: 10);   // before the subscription began: never comes by notification
        Assert.True(times.Live(new(30, 1)));
        Assert.True(times.Live(new(20, 1)));
    }
}
