using Ieum.Connect.MtConnect;

namespace Ieum.Tests.Connect.MtConnect;

public class MtPresentTests
{
    private static MtObservation Value(long ticks, string? text, MtCategory category = MtCategory.Event) =>
        new("x", "Execution", category, 1, ticks, text, 0, text is null || text == "UNAVAILABLE" || text.StartsWith("UNAVAILABLE|", StringComparison.Ordinal), 0);

    private static MtPresent After(params MtObservation[] told)
    {
        var present = new MtPresent();
        foreach (var o in told) present.Remember(o);
        return present;
    }

    [Fact]
    public void Within_one_run_nothing_is_a_repetition_and_nothing_needs_a_mark()
    {
        var present = After(Value(10, "READY"), Value(20, "UNAVAILABLE"));
        Assert.False(present.IsRepeated(Value(10, "READY")));
        Assert.Null(present.HoldsAgainFrom(Value(10, "READY")));
    }

    [Fact]
    public void After_a_restart_the_value_of_the_former_run_is_known_and_holds_again_after_the_unavailable()
    {
        var present = After(Value(10, "READY"), Value(15, "ACTIVE"));
        present.RunEnded();
        present.Remember(Value(20, "UNAVAILABLE"));
        Assert.True(present.IsRepeated(Value(15, "ACTIVE")));
        Assert.False(present.IsRepeated(Value(10, "READY")));    // it did not hold any more
        Assert.False(present.IsRepeated(Value(15, "READY")));
        Assert.False(present.IsRepeated(Value(16, "ACTIVE")));
        Assert.Equal(21, present.HoldsAgainFrom(Value(15, "ACTIVE")));
        Assert.Equal(21, present.HoldsAgainFrom(Value(20, "ACTIVE")));
        Assert.Null(present.HoldsAgainFrom(Value(21, "ACTIVE")));   // newer: the history is right by itself
    }

    [Fact]
    public void After_news_the_marks_end()
    {
        var present = After(Value(10, "READY"));
        present.RunEnded();
        foreach (var o in new[] { Value(20, "UNAVAILABLE"), Value(25, "ACTIVE") }) present.Remember(o);
        Assert.Null(present.HoldsAgainFrom(Value(12, "READY")));
    }

    [Fact]
    public void A_second_restart_without_a_word_between_still_knows_the_first_run()
    {
        var present = After(Value(10, "READY"));
        present.RunEnded();
        present.RunEnded();
        Assert.True(present.IsRepeated(Value(10, "READY")));
    }

    [Fact]
    public void Of_a_condition_every_active_code_is_known_again()
    {
        static MtObservation Report(long ticks, string text) => Value(ticks, text, MtCategory.Condition);
        var present = After(Report(1, "NORMAL||||"), Report(2, "FAULT|A|||oil"), Report(3, "WARNING|B|||door"), Report(4, "FAULT|C|||air"), Report(5, "NORMAL|C|||"));
        present.RunEnded();
        Assert.True(present.IsRepeated(Report(2, "FAULT|A|||oil")));
        Assert.True(present.IsRepeated(Report(3, "WARNING|B|||door")));
        Assert.False(present.IsRepeated(Report(4, "FAULT|C|||air")));   // cleared by its NORMAL
        Assert.False(present.IsRepeated(Report(5, "NORMAL|C|||")));
        Assert.False(present.IsRepeated(Report(1, "NORMAL||||")));
    }
}
