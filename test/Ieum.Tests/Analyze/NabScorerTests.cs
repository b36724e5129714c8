using Ieum.Bench.Analyze;

namespace Ieum.Tests.Analyze;

/// <summary>The scorer against cases worked by hand from the published rules.</summary>
public sealed class NabScorerTests
{
    // 100 rows: the first 15 count nothing; one window of ten rows, 50 to 59.
    private static readonly NabSeries OneWindow = new("hand", "", 100, [(50, 59)]);

    private static NabScorer Score(NabSeries series, params int[] detections)
    {
        var scores = new double[series.Rows];
        foreach (var d in detections) scores[d] = 1;
        var scorer = new NabScorer();
        scorer.Add(series, scores);
        return scorer;
    }

    // At the window's first row the place is −10/10: worth 1. A silent detector scores −1 and is shown as 0; perfect is 100.
    [Fact]
    public void Silence_is_zero_and_the_first_row_of_every_window_a_hundred()
    {
        Assert.Equal(0, Score(OneWindow).At(0.5, NabProfile.Standard), 9);
        Assert.Equal(100, Score(OneWindow, 50).At(0.5, NabProfile.Standard), 9);
        Assert.Equal(100, Score(OneWindow, 50, 53, 59).At(0.5, NabProfile.LowFalseNegatives), 9);   // only the earliest counts
    }

    // Last row of the window: place −1/10, σ = 2/(1 + e^−0.5) − 1 = 0.244919, by σ(−1) = 0.986614: 0.248242. Shown (0.248242 + 1)/2.
    [Fact]
    public void A_late_detection_is_worth_less() => Assert.Equal(62.412, Score(OneWindow, 59).At(0.5, NabProfile.Standard), 2);

    // Before any window a false alarm costs its full weight: −0.11, of 2: −5.5. In the low-FP profile −0.22: −11.
    [Fact]
    public void A_false_alarm_before_the_window_costs_its_full_weight()
    {
        Assert.Equal(-5.5, Score(OneWindow, 30).At(0.5, NabProfile.Standard), 9);
        Assert.Equal(-11, Score(OneWindow, 30).At(0.5, NabProfile.LowFalsePositives), 9);
        // Low FN: −0.11 − 2 against −2: −0.11 of 3.
        Assert.Equal(-0.11 / 3 * 100, Score(OneWindow, 30).At(0.5, NabProfile.LowFalseNegatives), 9);
    }

    // One row behind the window: place 1/9, σ = 2/(1 + e^(5/9)) − 1 = −0.270847: −0.029793 of 2.
    [Fact]
    public void Right_behind_the_window_a_false_alarm_costs_little() => Assert.Equal(-1.4897, Score(OneWindow, 60).At(0.5, NabProfile.Standard), 3);

    [Fact]
    public void The_probation_counts_nothing()
    {
        Assert.Equal(0, Score(OneWindow, 0, 5, 14).At(0.5, NabProfile.Standard), 9);
        Assert.Equal(-5.5, Score(OneWindow, 15).At(0.5, NabProfile.Standard), 9);
    }

    // Scores 0.9 at the window and 0.4 at a false alarm: the best threshold takes the first and leaves the second.
    [Fact]
    public void The_best_threshold_is_found_over_all_series_together()
    {
        var scores = new double[100];
        (scores[50], scores[30]) = (0.9, 0.4);
        var scorer = new NabScorer();
        scorer.Add(OneWindow, scores);
        scorer.Add(OneWindow with { Name = "other" }, scores);
        var (best, threshold) = scorer.Optimum(NabProfile.Standard);
        Assert.Equal((100, 0.9), (Math.Round(best, 9), threshold));
        Assert.Equal(94.5, scorer.At(0.4, NabProfile.Standard), 9);
    }
}
