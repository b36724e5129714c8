using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>Companies that answer late, not at all, or come back.</summary>
public sealed class SilenceTests
{
    [Fact]
    public void An_answer_lost_twice_is_asked_for_again_and_changes_nothing_in_the_plan()
    {
        var instance = Town.Instance(2, jobs: 5);
        var (calm, a, _) = Town.Plan(instance, rounds: 60);
        var (shaken, b, _) = Town.Plan(instance, rounds: 60, between: (line, c) => c == 1 ? new Mute(line, call => call % 9 is 4 or 5) : line);
        Assert.Empty(shaken.Quarantined);
        Assert.True(shaken.Messages > calm.Messages, "nothing was lost: the test looked at nothing");
        Assert.Equal(a.Execute().Shared.AsEnumerable(), b.Execute().Shared);
    }

    [Fact]
    public void A_company_that_was_silent_for_a_while_is_planned_without_and_then_with_again()
    {
        var instance = Town.Instance(2, jobs: 6);
        var (negotiation, consortium, _) = Town.Plan(instance, rounds: 140, between: (line, c) => c == 1 ? new Mute(line, call => call is >= 5 and < 9) : line);
        Assert.Empty(negotiation.Quarantined);
        Assert.Equal([1], negotiation.Returned);
        var schedule = consortium.Execute();
        Assert.Empty(FedChecker.Check(instance, schedule));
        Assert.Contains(schedule.Shared, s => s.Company == 1);
    }

    [Fact]
    public void A_company_that_stays_silent_is_named_with_the_reason()
    {
        var (negotiation, _, _) = Town.Plan(Town.Instance(2, jobs: 4), rounds: 60, between: (line, c) => c == 2 ? new Mute(line, call => call >= 5) : line);
        Assert.Equal((2, "no answer in time"), (Assert.Single(negotiation.Quarantined).Key, negotiation.Quarantined[2]));
        Assert.Empty(negotiation.Returned);
    }

    [Fact]
    public void Where_nobody_is_left_there_is_no_plan_and_no_end_without_end()
    {
        var instance = Town.Instance(2, jobs: 4);
        var (negotiation, consortium, _) = Town.Plan(instance, rounds: 0, between: (line, _) => new Mute(line, call => call >= 2));
        Assert.Equal([0, 1, 2], negotiation.Quarantined.Keys);
        Assert.Equal(AcrossRules.NoPlan, Assert.Throws<AcrossException>(() => consortium.Execute()).Rule);
    }

    /// <summary>Does what it is asked, but some answers never arrive.</summary>
    private sealed class Mute(ICompanyLine honest, Predicate<int> lost) : ICompanyLine
    {
        private int _calls;

        public byte[]? Exchange(byte[] request)
        {
            var reply = honest.Exchange(request);
            return lost(_calls++) ? null : reply;
        }
    }
}
