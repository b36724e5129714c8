using Ieum.Model;
using Ieum.Plan;
using static Ieum.Tests.Plan.Shop;

namespace Ieum.Tests.Plan;

public sealed class LearnedTimesTests
{
    // 36 pieces at 100 s are 60 min; at 110 s they are 66 min.
    private static PlanRequest Of(MeasuredCycle measured, int steps = 1) => Request(At(2, 8),
        Order("A", 36, At(2, 8), At(2, 18), [.. Enumerable.Range(1, steps).Select(i => Work(i * 10, (Mc1, TimeSpan.Zero, 100.Seconds)))])) with { Measured = [measured] };

    private static MeasuredCycle Cycle(double seconds, double low, double high, int samples) =>
        new(Mc1, new("ITEM-A"), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(low), TimeSpan.FromSeconds(high), samples);

    [Fact]
    public async Task A_measured_time_replaces_the_nominal_one_and_both_are_shown()
    {
        var cycle = Cycle(110, 105, 115, 8);
        var outcome = await PlanAsync(Of(cycle));
        Assert.Equal(At(2, 9, 6), outcome.Find("A.10").End);
        var used = Assert.Single(outcome.TimesUsed);
        Assert.Equal((100.Seconds, 110.Seconds, cycle), (used.Nominal, used.Used, used.Measured));
    }

    [Theory]
    [InlineData(110, 99, 121, 8, true)]      // interval 22 s = 0.2 × 110 s, the widest allowed
    [InlineData(110, 98, 121, 8, false)]
    [InlineData(110, 105, 115, 7, false)]    // one cycle short
    [InlineData(50, 49, 51, 100, true)]      // half the nominal time
    [InlineData(49, 48, 50, 100, false)]
    [InlineData(300, 290, 310, 100, true)]   // three times of it
    [InlineData(301, 290, 310, 100, false)]
    [InlineData(110, 112, 115, 100, false)]  // a median outside its own interval is no measurement
    public async Task A_measured_time_is_used_only_when_it_is_sure_and_believable(double seconds, double low, double high, int samples, bool used)
    {
        var outcome = await PlanAsync(Of(Cycle(seconds, low, high, samples)));
        Assert.Equal(TimeSpan.FromSeconds(used ? seconds : 100), Assert.Single(outcome.TimesUsed).Used);
    }

    [Fact]
    public async Task A_mixture_of_two_steps_on_one_machine_is_not_used() =>
        Assert.Empty((await PlanAsync(Of(Cycle(110, 105, 115, 50), steps: 2))).TimesUsed);
}
