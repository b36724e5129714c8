using Ieum.Model;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Model;

public sealed class ScenarioClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, 9.Hours);

    [Fact]
    public void A_real_minute_at_speed_120_is_two_hours_in_the_factory()
    {
        var real = new FakeTimeProvider();
        var clock = new ScenarioClock(Start, 120, real.GetUtcNow(), real);
        real.Advance(1.Minutes);
        Assert.Equal(Start + 2.Hours, clock.GetUtcNow());
        Assert.Equal(Start.Offset, clock.GetLocalNow().Offset);
    }

    [Fact]
    public void Two_processes_with_the_same_origin_agree()
    {
        var real = new FakeTimeProvider();
        var origin = real.GetUtcNow();
        var first = new ScenarioClock(Start, 60, origin, real);
        real.Advance(17.Seconds);
        var later = new ScenarioClock(Start, 60, origin, real);
        Assert.Equal(first.GetUtcNow(), later.GetUtcNow());
    }

    [Fact]
    public void A_timer_of_one_factory_minute_fires_after_half_a_second()
    {
        var real = new FakeTimeProvider();
        var clock = new ScenarioClock(Start, 120, real.GetUtcNow(), real);
        var fired = 0;
        using var timer = clock.CreateTimer(_ => fired++, null, 1.Minutes, 1.Minutes);
        real.Advance(499.Milliseconds);
        Assert.Equal(0, fired);
        real.Advance(1.Milliseconds);
        Assert.Equal(1, fired);
        real.Advance(500.Milliseconds);
        Assert.Equal(2, fired);
    }

    [Fact]
    public void Elapsed_time_is_factory_time()
    {
        var real = new FakeTimeProvider();
        var clock = new ScenarioClock(Start, 10, real.GetUtcNow(), real);
        var before = clock.GetTimestamp();
        real.Advance(6.Seconds);
        Assert.Equal(1.Minutes, clock.GetElapsedTime(before));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e6)]
    public void A_speed_that_makes_no_sense_is_refused(double speed) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScenarioClock(Start, speed, Start, new FakeTimeProvider()));
}
