using Ieum.Analyze;

namespace Ieum.Tests.Analyze;

/// <summary>The models that are fitted overnight: the shape of cycles, and how signals of a machine go together.</summary>
public sealed class NightlyModelTests
{
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A press stroke of 40 values: up in ten, hold, down; <paramref name="odd"/> cycles rise late but reach the same height.</summary>
    private static double[] Strokes(int seed, int cycles, params int[] odd)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, cycles * 40).Select(i =>
        {
            var (cycle, phase) = (i / 40, i % 40);
            var rise = odd.Contains(cycle) ? 16 : 6;
            return (phase < rise ? 0 : phase < rise + 10 ? (phase - rise) / 10.0 : phase < 30 ? 1 : 0) + 0.03 * Normal(random);
        })];
    }

    [Fact]
    public void The_period_of_a_cyclic_signal_is_found_and_noise_has_none()
    {
        Assert.Equal(40, ShapeModel.PeriodOf(Strokes(1, 60)));
        var random = new Random(2);
        Assert.Null(ShapeModel.PeriodOf([.. Enumerable.Range(0, 3000).Select(_ => Normal(random))]));
        Assert.Null(ShapeModel.PeriodOf(new double[3000]));
        Assert.Null(ShapeModel.PeriodOf([.. Enumerable.Range(0, 3000).Select(i => (double)i)]));   // a slope is smooth, not cyclic
        Assert.Null(ShapeModel.Fit(Strokes(1, 9)));                                                // fewer than ten periods
    }

    [Fact]
    public void A_late_rise_is_unusual_though_no_value_is_out_of_range()
    {
        var model = ShapeModel.Fit(Strokes(3, 100))!;
        Assert.Equal(40, model.Period);
        var found = model.Unusual(Strokes(4, 50, 20, 35));
        Assert.Equal(2, found.Length);
        Assert.InRange(found[0].From, 19 * 40, 21 * 40);
        Assert.InRange(found[1].From, 34 * 40, 36 * 40);
        Assert.Empty(model.Unusual(Strokes(5, 200)));
    }

    [Fact]
    public void A_window_with_a_gap_scores_nothing_and_a_wrong_length_is_refused()
    {
        var model = ShapeModel.Fit(Strokes(3, 100))!;
        var window = new double[40];
        window[7] = double.NaN;
        Assert.Equal(0, model.Score(window));
        Assert.Throws<ArgumentException>(() => model.Score(new double[39]));
    }

    /// <summary>Load follows feed; temperature is its own.</summary>
    private static List<double[]> Rows(int seed, int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var random = new Random(seed * 100_000 + i);
        var feed = i % 50 < 30 ? 200 + 20 * Normal(random) : 0;
        return new[] { feed, 5 + feed / 10 + Normal(random), 40 + 2 * Normal(random) };
    })];

    [Fact]
    public void Load_without_feed_is_unusual_though_each_alone_is_not()
    {
        var model = TogetherModel.Fit(Rows(1, 3000))!;
        Assert.True(model.Score([0, 25, 40]) >= 0.5);      // both values are daily bread, not together
        Assert.True(model.Score([200, 25, 40]) < 0.5);
        Assert.True(model.Score([0, 5, 40]) < 0.5);
        Assert.True(model.Score([200, 25, 80]) >= 0.5);
        Assert.True(Rows(2, 3000).Count(r => model.Score(r) >= 0.5) <= 1);
        Assert.Equal(3000, model.Rows);
    }

    [Fact]
    public void Too_little_to_learn_from_gives_no_model_and_the_same_rows_the_same_scores()
    {
        Assert.Null(TogetherModel.Fit(Rows(1, 499)));
        Assert.Null(TogetherModel.Fit([.. Enumerable.Repeat(new[] { 1.0, 2.0 }, 600)]));
        var (rows, probe) = (Rows(3, 1000), new[] { 100.0, 20, 41 });
        Assert.Equal(TogetherModel.Fit(rows)!.Score(probe), TogetherModel.Fit(rows)!.Score(probe));
        Assert.Equal(ShapeModel.Fit(Strokes(3, 30))!.Score(Strokes(4, 1)), ShapeModel.Fit(Strokes(3, 30))!.Score(Strokes(4, 1)));
        Assert.Equal(0, TogetherModel.Fit(rows)!.Score([double.NaN, 1, 1]));
        Assert.Throws<ArgumentException>(() => TogetherModel.Fit(rows)!.Score([1, 2]));
    }
}
