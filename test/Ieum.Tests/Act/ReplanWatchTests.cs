using Ieum.Act;
using Ieum.Model;
using static Ieum.Tests.Act.Floor;

namespace Ieum.Tests.Act;

public sealed class ReplanWatchTests
{
    private static readonly ActOptions Options = new();

    private static LateOperation Late(OperationId id, TimeSpan by) =>
        new(FirstPlan.Operations.Single(o => o.Operation == id), OperationActual.Waiting(id), by);

    private static ReplanLook Look(DateTimeOffset now, params LateOperation[] late) => new(now, 1, At(8), late, []);

    [Fact]
    public void A_late_operation_is_told_with_its_figures()
    {
        var (advices, _) = ReplanWatch.Look(Look(At(9), Late(A10, 30.Minutes), Late(B10, 20.Minutes)), ReplanMemory.Empty, Options);
        var advice = Assert.Single(advices);
        Assert.Equal(("replan", "late-operation"), (advice.Loop, advice.PlanReason));
        Assert.Equal("finding-late|2|A.10|B-MC1|30", advice.Finding.ToString());
        Assert.Equal(0.75, advice.Confidence);   // 1 − 0.5 × 15 / 30
    }

    [Fact]
    public void The_tolerance_itself_is_not_late() =>
        Assert.Empty(ReplanWatch.Look(Look(At(9), Late(A10, 15.Minutes)), ReplanMemory.Empty, Options).Advices);

    [Fact]
    public void A_new_plan_is_given_time_before_it_is_called_late()
    {
        Assert.Empty(ReplanWatch.Look(Look(At(8, 14), Late(A10, 1.Hours)), ReplanMemory.Empty, Options).Advices);
        Assert.Single(ReplanWatch.Look(Look(At(8, 15), Late(A10, 1.Hours)), ReplanMemory.Empty, Options).Advices);
    }

    [Fact]
    public void Nothing_is_told_twice_until_it_is_twice_as_bad()
    {
        var (_, memory) = ReplanWatch.Look(Look(At(9), Late(A10, 30.Minutes)), ReplanMemory.Empty, Options);
        Assert.Empty(ReplanWatch.Look(Look(At(9, 30), Late(A10, 60.Minutes)), memory, Options).Advices);
        Assert.Single(ReplanWatch.Look(Look(At(9, 31), Late(A10, 61.Minutes)), memory, Options).Advices);
        // Another operation is news at once, but not within the interval.
        Assert.Empty(ReplanWatch.Look(Look(At(9, 14), Late(B10, 20.Minutes)), memory, Options).Advices);
        Assert.Single(ReplanWatch.Look(Look(At(9, 15), Late(B10, 20.Minutes)), memory, Options).Advices);
        // In a new plan the same operation is news.
        Assert.Single(ReplanWatch.Look(Look(At(9, 30), Late(A10, 30.Minutes)) with { Plan = 2 }, memory, Options).Advices);
    }

    private static TimeDrift Drift(double measured, double low, double high, double planned, int samples = 20) => new(
        new(Mc1, new("BODY"), TimeSpan.FromSeconds(measured), TimeSpan.FromSeconds(low), TimeSpan.FromSeconds(high), samples), TimeSpan.FromSeconds(planned));

    private static ReplanLook Look(params TimeDrift[] drifts) => new(At(9), 1, At(8), [], drifts);

    [Fact]
    public void A_measured_time_that_differs_for_sure_is_told_with_both_figures()
    {
        var advice = Assert.Single(ReplanWatch.Look(Look(Drift(110, 108, 112, 100)), ReplanMemory.Empty, Options).Advices);
        Assert.Equal(("learned-time", "learned-time"), (advice.Loop, advice.PlanReason));
        Assert.Equal("finding-drift|BODY|B-MC1|110|20|100|10", advice.Finding.ToString());
        Assert.Equal(0.99, advice.Confidence);   // 1 − 0.05 × 2 / 10
        Assert.Equal(110.Seconds, Assert.Single(advice.Learn).PerPiece);
    }

    [Theory]
    [InlineData(104, 103, 105, 100, 20)]   // 4 % is less than 5 %
    [InlineData(110, 99, 121, 100, 20)]    // 100 s lies inside the interval
    [InlineData(110, 108, 112, 100, 7)]    // too few cycles
    [InlineData(110, 108, 112, 0, 20)]     // nothing was planned
    public void A_difference_that_may_be_chance_is_not_told(double measured, double low, double high, double planned, int samples) =>
        Assert.Empty(ReplanWatch.Look(Look(Drift(measured, low, high, planned, samples)), ReplanMemory.Empty, Options).Advices);

    [Fact]
    public void A_declined_time_is_told_again_only_when_it_has_moved_on()
    {
        var (_, memory) = ReplanWatch.Look(Look(Drift(110, 108, 112, 100)), ReplanMemory.Empty, Options);
        Assert.Empty(ReplanWatch.Look(Look(Drift(112, 110, 114, 100)) with { Now = At(12) }, memory, Options).Advices);
        Assert.Single(ReplanWatch.Look(Look(Drift(116, 114, 118, 100)) with { Now = At(12) }, memory, Options).Advices);   // 6 / 110 = 5.5 %
    }
}
